"""The batch services of OpenAI and Anthropic on a real socket, with every fault that a batch can have.

Every request is checked, and every reply made, by the schemas of the SDKs (`sdk_schemas`).
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from aiohttp import web
from sdk_schemas import check_line, check_reply, check_request

Fate = str
"""`ok`, `expired`, `canceled`, `missing` (no line at all), or the HTTP status of an error."""


def completion(text: str) -> dict[str, Any]:
    body = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "served-1",
        "choices": [
            {
                "index": 0,
                "finish_reason": "stop",
                "logprobs": None,
                "message": {"role": "assistant", "content": text, "refusal": None},
            }
        ],
        "usage": {"prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100},
    }
    return check_reply("openai", body)


def message(text: str) -> dict[str, Any]:
    body = {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "served-1",
        "content": [{"type": "text", "text": text, "citations": None}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": {"input_tokens": 1000, "output_tokens": 100},
    }
    return check_reply("anthropic", body)


@dataclass
class Held:
    """A batch at the provider."""

    name: str
    created: float
    requests: dict[str, dict[str, Any]]
    metadata: dict[str, str] | None = None
    polls: int = 0
    fates: dict[str, Fate] = field(default_factory=dict)


@dataclass
class BatchProvider:
    """Both services at once.

    Attributes:
        fate: What becomes of a request: (its text, how often it was handed in, this time included) to a fate.
        ends_after: Looks at a batch that find it unfinished.
        text: The answer to a request, by its text.
        strangers: Whether results of someone else stand among ours.
        cut: How many downloads end in the middle of a line.
        refuse: (method, path's end) to the statuses of the next such calls; 0 breaks the connection off after the call
            has taken effect.
        refuse_batch: The (code, message) with which the next batches of OpenAI fail as a whole.
    """

    fate: Callable[[str, int], Fate] = lambda _text, _times: "ok"
    ends_after: int = 0
    text: Callable[[str], str] = lambda _text: "Because. [[A]]"
    strangers: bool = False
    cut: int = 0
    refuse: dict[tuple[str, str], list[int]] = field(default_factory=dict)
    refuse_batch: list[tuple[str, str]] = field(default_factory=list)
    url: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    batches: dict[str, Held] = field(default_factory=dict)
    times: dict[str, int] = field(default_factory=dict)
    online: list[str] = field(default_factory=list)
    created: threading.Event = field(default_factory=threading.Event)
    polled: threading.Event = field(default_factory=threading.Event)
    failed: dict[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def sizes(self) -> list[int]:
        return [len(held.requests) for held in self.batches.values()]

    def application(self) -> web.Application:
        app = web.Application(client_max_size=2**28, middlewares=[self.faults])
        app.add_routes(
            [
                web.post("/v1/files", self.upload),
                web.get("/v1/files/{name}/content", self.download),
                web.post("/v1/batches", self.openai_create),
                web.get("/v1/batches", self.openai_list),
                web.get("/v1/batches/{name}", self.openai_state),
                web.post("/v1/chat/completions", self.openai_online),
                web.post("/v1/messages/batches", self.anthropic_create),
                web.get("/v1/messages/batches", self.anthropic_list),
                web.get("/v1/messages/batches/{name}", self.anthropic_state),
                web.get("/v1/messages/batches/{name}/results", self.anthropic_results),
                web.post("/v1/messages", self.anthropic_online),
            ]
        )
        return app

    @contextlib.contextmanager
    def running(self) -> Iterator[BatchProvider]:
        loop = asyncio.new_event_loop()
        runner = web.AppRunner(self.application(), shutdown_timeout=0.1)

        async def start() -> None:
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            self.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"

        loop.run_until_complete(start())
        thread = threading.Thread(target=loop.run_forever, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(10)
            loop.call_soon_threadsafe(loop.stop)
            thread.join(10)
            loop.close()

    @web.middleware
    async def faults(self, request: web.Request, handler: Any) -> web.StreamResponse:
        for (method, end), statuses in self.refuse.items():
            if request.method == method and request.path.endswith(end) and statuses:
                status = statuses.pop(0)
                if status == 0:
                    await handler(request)
                    assert request.transport is not None
                    request.transport.abort()
                    return web.Response()
                return web.json_response({"error": {"type": "x", "message": f"told {status}"}}, status=status)
        return await handler(request)

    # what both do

    def hold(self, prefix: str, requests: dict[str, dict[str, Any]], metadata: dict[str, str] | None) -> Held:
        held = Held(f"{prefix}_{len(self.batches) + 1}", time.time(), requests, metadata)
        for name, body in requests.items():
            assert len(name) <= 64
            self.times[name] = self.times.get(name, 0) + 1
            held.fates[name] = self.fate(prompt(body), self.times[name])
        self.batches[held.name] = held
        self.created.set()
        return held

    def has_ended(self, held: Held) -> bool:
        return held.polls > self.ends_after

    def listed(self, prefix: str) -> list[Held]:
        return [held for name, held in reversed(self.batches.items()) if name.startswith(prefix)]

    def lines(self, rows: list[dict[str, Any]]) -> bytes:
        """Results, the last request's first; a download may be cut in the middle of its last line."""
        body = b"".join(json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in reversed(rows))
        if self.cut and rows:
            self.cut -= 1
            return body[:-20]
        return body

    # OpenAI

    async def upload(self, request: web.Request) -> web.Response:
        form = await request.post()
        assert form["purpose"] == "batch"
        content = form["file"].file.read()  # type: ignore[union-attr]
        assert len(content) <= 200_000_000
        name = f"file-{len(self.files) + 1}"
        self.files[name] = content
        body = {
            "id": name, "object": "file", "bytes": len(content), "created_at": int(time.time()),
            "filename": "x.jsonl", "purpose": "batch", "status": "processed",
        }  # fmt: skip
        return web.json_response(check_reply("openai file", body))

    async def openai_create(self, request: web.Request) -> web.Response:
        body = await request.json()
        check_request("openai batch", body)
        lines = [json.loads(line) for line in self.files[body["input_file_id"]].splitlines()]
        for line in lines:
            check_line(line)
        requests = {line["custom_id"]: line["body"] for line in lines}
        assert len(requests) == len(lines) <= 50_000
        held = self.hold("batch", requests, body.get("metadata"))
        if self.refuse_batch:
            self.failed[held.name] = self.refuse_batch.pop(0)
        return web.json_response(self.openai_batch(held))

    async def openai_state(self, request: web.Request) -> web.Response:
        held = self.batches[request.match_info["name"]]
        held.polls += 1
        self.polled.set()
        return web.json_response(self.openai_batch(held))

    async def openai_list(self, request: web.Request) -> web.Response:
        found = [self.openai_batch(held) for held in self.listed("batch_")]
        return web.json_response({"object": "list", "data": found, "has_more": False})

    def openai_batch(self, held: Held) -> dict[str, Any]:
        good = [n for n, fate in held.fates.items() if fate == "ok"]
        bad = [n for n, fate in held.fates.items() if fate not in {"ok", "missing"}]
        body: dict[str, Any] = {
            "id": held.name, "object": "batch", "completion_window": "24h", "created_at": int(held.created),
            "endpoint": "/v1/chat/completions", "input_file_id": "file-1", "status": "in_progress",
            "metadata": held.metadata,
            "request_counts": {"total": len(held.requests), "completed": 0, "failed": 0},
        }  # fmt: skip
        if held.name in self.failed:
            code, told = self.failed[held.name]
            body |= {
                "status": "failed",
                "errors": {"object": "list", "data": [{"code": code, "message": told}]},
            }
        elif self.has_ended(held):
            body["status"] = "expired" if "expired" in held.fates.values() else "completed"
            body["request_counts"] |= {"completed": len(good), "failed": len(bad)}
            if good:
                body["output_file_id"] = f"{held.name}-output"
            if bad:
                body["error_file_id"] = f"{held.name}-error"
        return check_reply("openai batch", body)

    async def download(self, request: web.Request) -> web.Response:
        name, _, which = request.match_info["name"].rpartition("-")
        held = self.batches[name]
        rows = [
            self.openai_line(key, held) for key, fate in held.fates.items()
            if fate != "missing" and (fate == "ok") == (which == "output")
        ]  # fmt: skip
        if self.strangers:
            rows.append({**rows[0], "custom_id": "f" * 64})
        return web.Response(body=self.lines(rows))

    def openai_line(self, key: str, held: Held) -> dict[str, Any]:
        fate = held.fates[key]
        row: dict[str, Any] = {"id": "batch_req_1", "custom_id": key, "response": None, "error": None}
        if fate in {"expired", "canceled"}:
            row["error"] = {"code": f"batch_{fate}", "message": "This request could not be executed in time."}
        elif fate == "ok":
            answer = completion(self.text(prompt(held.requests[key])))
            row["response"] = {"status_code": 200, "request_id": "req_1", "body": answer}
        else:
            error = {"error": {"message": f"told {fate}", "type": "x", "param": None, "code": None}}
            row["response"] = {"status_code": int(fate), "request_id": "req_1", "body": error}
        return row

    async def openai_online(self, request: web.Request) -> web.Response:
        body = await request.json()
        check_request("openai", body)
        self.online.append(prompt(body))
        return web.json_response(completion(self.text(prompt(body))))

    # Anthropic

    async def anthropic_create(self, request: web.Request) -> web.Response:
        body = await request.json()
        check_request("anthropic batch", body)
        assert len(await request.read()) <= 256_000_000
        requests = {row["custom_id"]: row["params"] for row in body["requests"]}
        assert len(requests) == len(body["requests"]) <= 100_000
        assert all(len(key) <= 64 and key.isalnum() for key in requests)
        return web.json_response(self.anthropic_batch(self.hold("msgbatch", requests, None)))

    async def anthropic_state(self, request: web.Request) -> web.Response:
        held = self.batches[request.match_info["name"]]
        held.polls += 1
        self.polled.set()
        return web.json_response(self.anthropic_batch(held))

    async def anthropic_list(self, request: web.Request) -> web.Response:
        found = [self.anthropic_batch(held) for held in self.listed("msgbatch")]
        return web.json_response({"data": found, "has_more": False, "first_id": None, "last_id": None})

    def anthropic_batch(self, held: Held) -> dict[str, Any]:
        ended = self.has_ended(held)
        fates = list(held.fates.values())
        named = {
            "succeeded": fates.count("ok"),
            "expired": fates.count("expired"),
            "canceled": fates.count("canceled"),
        }
        counts = {**named, "errored": len(fates) - sum(named.values()), "processing": 0}
        if not ended:
            counts = {**dict.fromkeys(counts, 0), "processing": len(fates)}
        created = datetime.fromtimestamp(held.created, UTC)
        body = {
            "id": held.name, "type": "message_batch", "created_at": created.isoformat(),
            "expires_at": created.replace(year=created.year + 1).isoformat(),
            "processing_status": "ended" if ended else "in_progress", "request_counts": counts,
            "ended_at": created.isoformat() if ended else None, "archived_at": None, "cancel_initiated_at": None,
            "results_url": f"{self.url}/messages/batches/{held.name}/results" if ended else None,
        }  # fmt: skip
        return check_reply("anthropic batch", body)

    async def anthropic_results(self, request: web.Request) -> web.Response:
        held = self.batches[request.match_info["name"]]
        rows = [self.anthropic_line(key, held) for key, fate in held.fates.items() if fate != "missing"]
        if self.strangers:
            rows.append({**rows[0], "custom_id": "f" * 64})
        return web.Response(body=self.lines(rows))

    def anthropic_line(self, key: str, held: Held) -> dict[str, Any]:
        fate = held.fates[key]
        result: dict[str, Any] = {"type": fate}
        if fate == "ok":
            result = {"type": "succeeded", "message": message(self.text(prompt(held.requests[key])))}
        elif fate.isdigit():
            kind = {"400": "invalid_request_error", "500": "api_error", "529": "overloaded_error"}[fate]
            error = {"type": kind, "message": f"told {fate}"}
            result = {"type": "errored", "error": {"type": "error", "request_id": None, "error": error}}
        return check_reply("anthropic result", {"custom_id": key, "result": result})

    async def anthropic_online(self, request: web.Request) -> web.Response:
        body = await request.json()
        check_request("anthropic", body)
        self.online.append(prompt(body))
        return web.json_response(message(self.text(prompt(body))))


def prompt(body: dict[str, Any]) -> str:
    """The last message of a request."""
    return str(body["messages"][-1]["content"])
