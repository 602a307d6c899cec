"""Anthropic's Message Batches: the requests in one body, the results as one stream of lines."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Final

from judgebench.judges.base import FaultKind, JudgeFault, Reply, Request
from judgebench.judges.batches import BatchLimits, BatchResult, BatchService, BatchState
from judgebench.judges.http import scrub, sdk_fault
from judgebench.protocols.messages import OutputContract

_CLOCKS_DIFFER_S: Final = 300.0
_KINDS: Final[Mapping[str, FaultKind]] = {
    "api_error": "transient",
    "timeout_error": "timeout",
    "overloaded_error": "overloaded",
    "rate_limit_error": "rate_limit",
}


class AnthropicBatches(BatchService):
    """The Message Batches API through the official SDK."""

    limits = BatchLimits(requests=100_000, size=256_000_000)

    def entry(self, request: Request) -> bytes:
        """An element of the list of requests; a key has the 64 characters that an id may have."""
        entry = {"custom_id": request.key, "params": self._body(request)}
        return json.dumps(entry, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")

    def read(self, result: BatchResult, contract: OutputContract) -> Reply:
        """The reply in the message of a line."""
        if isinstance(result.outcome, JudgeFault):
            raise result.outcome
        return self._read(result.outcome, {}, contract)

    async def submit(self, entries: Sequence[bytes], mark: str) -> str:
        """Hand the requests in; the API has no place for a mark."""
        del mark
        try:
            batch = await self._client.messages.batches.create(
                requests=[json.loads(entry) for entry in entries]
            )
        except self._sdk.AnthropicError as error:
            raise self._fault(error) from None
        return str(batch.id)

    async def find(self, mark: str, *, since: float, size: int, known: frozenset[str]) -> str | None:
        """A batch of that time and size which no one accounts for.

        Should it be another's, its results bear ids that are not ours: they are passed over, and what was looked for
        is asked again.
        """
        del mark
        try:
            async for batch in self._client.messages.batches.list(limit=100):
                if batch.created_at.timestamp() < since - _CLOCKS_DIFFER_S:
                    break
                counts = batch.request_counts
                held = (
                    counts.processing + counts.succeeded + counts.errored + counts.canceled + counts.expired
                )
                if held == size and batch.id not in known:
                    return str(batch.id)
        except self._sdk.AnthropicError as error:
            raise self._fault(error) from None
        return None

    async def state(self, batch: str) -> BatchState:
        """How the batch is getting on; the counts stay 0 until it has ended."""
        try:
            found = await self._client.messages.batches.retrieve(batch)
        except self._sdk.AnthropicError as error:
            raise self._fault(error) from None
        counts = found.request_counts
        done = counts.succeeded + counts.errored + counts.canceled + counts.expired
        return BatchState(found.processing_status == "ended", done)

    async def results(self, batch: str) -> AsyncIterator[BatchResult]:
        """The lines of the results, read here: the SDK's own reader ends at the first line that is cut short."""
        try:
            async with self._client.messages.batches.with_streaming_response.results(batch) as response:
                async for line in _lines(response.iter_bytes()):
                    yield self._result(line)
        except self._sdk.AnthropicError as error:
            raise self._fault(error) from None

    def _result(self, line: bytes) -> BatchResult:
        try:
            found = json.loads(line)
            key, result = str(found["custom_id"]), found["result"]
            kind = result["type"]
        except (ValueError, KeyError, TypeError):
            return BatchResult(None, JudgeFault("malformed", "a line of the results cannot be read"))
        if kind == "succeeded":
            return BatchResult(key, json.dumps(result.get("message")).encode())
        return BatchResult(key, self._failure(kind, result))

    def _failure(self, kind: str, result: Mapping[str, Any]) -> JudgeFault:
        """Why a request has no message: what expired or was cancelled can be asked again, a bad request cannot."""
        if kind != "errored":
            return JudgeFault("transient", f"the request {kind} in its batch")
        response = result.get("error")
        error = response.get("error") if isinstance(response, dict) else None
        told = error if isinstance(error, dict) else {}
        text = scrub(f"{told.get('type')}: {told.get('message')}", self._client.api_key)
        return JudgeFault(_KINDS.get(str(told.get("type")), "fatal"), text)

    def _fault(self, error: Exception) -> JudgeFault:
        return sdk_fault(self._sdk, error, self._client.api_key)


async def _lines(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Lines that are not empty; only a newline ends one, for a text may hold any other separator."""
    rest = b""
    async for chunk in chunks:
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            if line.strip():
                yield line
    if rest.strip():
        yield rest
