"""OpenAI's Batch API: a file of requests, a job, and two files of results."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from typing import Any, Final

from judgebench.judges.base import FaultKind, JudgeFault, Reply, Request
from judgebench.judges.batches import BatchLimits, BatchResult, BatchService, BatchState
from judgebench.judges.http import scrub, sdk_fault, status_fault
from judgebench.protocols.messages import OutputContract

ENDPOINT: Final = "/v1/chat/completions"
_MARK: Final = "judgebench"
_ENDED: Final = frozenset({"completed", "expired", "cancelled", "failed"})
_CLOCKS_DIFFER_S: Final = 300.0
_NOT_ITS_TURN: Final = frozenset({"batch_expired", "batch_cancelled"})


class OpenAIBatches(BatchService):
    """The Batch API through the official SDK."""

    limits = BatchLimits(requests=50_000, size=200_000_000)

    def entry(self, request: Request) -> bytes:
        """A line of the input file."""
        line = {"custom_id": request.key, "method": "POST", "url": ENDPOINT, "body": self._body(request)}
        return json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")

    def read(self, result: BatchResult, contract: OutputContract) -> Reply:
        """The reply in the completion of a line of the output file."""
        if isinstance(result.outcome, JudgeFault):
            raise result.outcome
        headers = {"x-request-id": result.request_id} if result.request_id else {}
        return self._read(result.outcome, headers, contract)

    async def submit(self, entries: Sequence[bytes], mark: str) -> str:
        """Upload the lines and start a job on them."""
        try:
            file = await self._client.files.create(
                file=(f"{mark}.jsonl", b"\n".join([*entries, b""]), "application/jsonl"), purpose="batch"
            )
            batch = await self._client.batches.create(
                input_file_id=file.id, endpoint=ENDPOINT, completion_window="24h", metadata={_MARK: mark}
            )
        except self._sdk.OpenAIError as error:
            raise self._fault(error) from None
        return str(batch.id)

    async def find(self, mark: str, *, since: float, size: int, known: frozenset[str]) -> str | None:
        """The batch that carries the mark."""
        del size, known
        try:
            async for batch in self._client.batches.list(limit=100):
                if (batch.metadata or {}).get(_MARK) == mark:
                    return str(batch.id)
                if batch.created_at < since - _CLOCKS_DIFFER_S:
                    break
        except self._sdk.OpenAIError as error:
            raise self._fault(error) from None
        return None

    async def state(self, batch: str) -> BatchState:
        """How the job is getting on; one that failed says why."""
        found = await self._retrieve(batch)
        counts = found.request_counts
        done = counts.completed + counts.failed if counts else 0
        if found.status != "failed":
            return BatchState(found.status in _ENDED, done)
        errors = (found.errors.data if found.errors else None) or []
        told = (
            "; ".join(str(error.message or error.code) for error in errors) or "the provider does not say why"
        )
        crowded = any(error.code == "token_limit_exceeded" for error in errors)
        return BatchState(ended=True, problem=scrub(told, self._client.api_key), smaller=crowded)

    async def results(self, batch: str) -> AsyncIterator[BatchResult]:
        """The lines of the output file, then those of the error file; a job may have either, both or none."""
        found = await self._retrieve(batch)
        for file in filter(None, (found.output_file_id, found.error_file_id)):
            try:
                content = await self._client.files.content(file)
                body = await content.aread()
            except self._sdk.OpenAIError as error:
                raise self._fault(error) from None
            for line in body.split(b"\n"):  # a text may hold any other separator
                if line.strip():
                    yield self._result(line)

    async def _retrieve(self, batch: str) -> Any:
        try:
            return await self._client.batches.retrieve(batch)
        except self._sdk.OpenAIError as error:
            raise self._fault(error) from None

    def _result(self, line: bytes) -> BatchResult:
        try:
            found = json.loads(line)
            key, response, error = str(found["custom_id"]), found.get("response"), found.get("error")
        except (ValueError, KeyError, TypeError, AttributeError):
            return BatchResult(None, JudgeFault("malformed", "a line of the results cannot be read"))
        if isinstance(response, dict) and isinstance(status := response.get("status_code"), int):
            body, name = json.dumps(response.get("body")), response.get("request_id")
            if status == 200:
                return BatchResult(key, body.encode(), str(name) if name else None)
            return BatchResult(key, status_fault(status, {}, body, self._client.api_key))
        return BatchResult(key, self._error(error))

    def _error(self, error: Any) -> JudgeFault:
        """Why a request was not answered; the batch may have ended before its turn came."""
        code, message = (
            (error.get("code"), error.get("message")) if isinstance(error, dict) else (None, error)
        )
        kind: FaultKind = "transient" if code in _NOT_ITS_TURN else "malformed"
        return JudgeFault(kind, scrub(f"{code}: {message}", self._client.api_key))

    def _fault(self, error: Exception) -> JudgeFault:
        return sdk_fault(self._sdk, error, self._client.api_key)
