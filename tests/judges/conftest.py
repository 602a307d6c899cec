from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web
from sdk_schemas import check_reply, check_request

from judgebench.judges.base import Judge, Request, Sampling, Subject
from judgebench.judges.factory import open_judge
from judgebench.judges.keys import request_key
from judgebench.protocols.messages import Message, OutputContract

KEY = "sk-known-0123456789abcdef"
PROVIDERS = ("openai", "anthropic", "vllm")


def completion(text: str | None = "Because. [[A]]", **changes: Any) -> dict[str, Any]:
    """A chat completion that the SDK's own schema accepts."""
    message = {"role": "assistant", "content": text, "refusal": None, **changes.pop("message", {})}
    reply = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1_700_000_000,
        "model": "served-model-1",
        "system_fingerprint": "fp_1",
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}],
        "usage": {
            "prompt_tokens": 100,
            "completion_tokens": 20,
            "total_tokens": 120,
            "prompt_tokens_details": {"cached_tokens": 64},
            "completion_tokens_details": {"reasoning_tokens": 16},
        },
    }
    reply["choices"][0]["logprobs"] = changes.pop("logprobs", None)
    reply["choices"][0]["finish_reason"] = changes.pop("finish_reason", "stop")
    reply.update(changes)
    return check_reply("vllm", reply)


def anthropic_message(text: str = "Because. [[A]]", **changes: Any) -> dict[str, Any]:
    """A message that the SDK's own schema accepts."""
    reply = {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "served-model-1",
        "content": [{"type": "text", "text": text, "citations": None}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": {
            "input_tokens": 30,
            "cache_read_input_tokens": 64,
            "cache_creation_input_tokens": 6,
            "output_tokens": 20,
            "output_tokens_details": {"thinking_tokens": 16},
        },
        **changes,
    }
    return check_reply("anthropic", reply)


@dataclass
class Answer:
    """What the fake provider does with one request."""

    body: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    fault: str = ""


@dataclass
class FakeProvider:
    """Both wire forms on one real socket; `plan(n, body)` says what becomes of the n-th request, from 0."""

    plan: Callable[[int, dict[str, Any]], Answer]
    url: str = ""
    bodies: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    faults: list[AssertionError] = field(default_factory=list)

    def check(self, path: str, body: dict[str, Any]) -> None:
        """Hold a request against the schemas of the SDKs; what does not fit fails the test when the fake ends."""
        try:
            check_request("anthropic" if path.endswith("/messages") else "vllm", body)
        except AssertionError as fault:
            self.faults.append(fault)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        self.check(request.path, body)
        number = len(self.bodies)
        self.bodies.append(body)
        self.headers.append({name.lower(): value for name, value in request.headers.items()})
        self.paths.append(request.path)
        answer = self.plan(number, body)
        if answer.fault == "hang":
            await asyncio.sleep(30)
        if answer.fault == "reset" and request.transport is not None:
            request.transport.abort()
        found = answer.body
        if found is None:
            found = anthropic_message() if request.path.endswith("/messages") else completion()
        text = found if isinstance(found, str) else json.dumps(found)
        if answer.fault == "truncated":
            text = text[: len(text) // 2]
        return web.Response(
            text=text, status=answer.status, headers=answer.headers, content_type="application/json"
        )

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[FakeProvider]:
        application = web.Application()
        application.router.add_post("/{tail:.*}", self.handle)
        runner = web.AppRunner(application, handler_cancellation=True, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
        try:
            yield self
        finally:
            await runner.cleanup()
        if self.faults:
            raise self.faults[0]


@pytest.fixture
def fake() -> Callable[..., FakeProvider]:
    """Make a fake provider from a plan, or one that always answers as told."""

    def make(plan: Callable[[int, dict[str, Any]], Answer] | Answer | None = None) -> FakeProvider:
        if callable(plan):
            return FakeProvider(plan)
        return FakeProvider(lambda _number, _body: plan or Answer())

    return make


@pytest.fixture
def answer() -> type[Answer]:
    return Answer


@pytest.fixture
def replies() -> dict[str, Callable[..., dict[str, Any]]]:
    """The maker of valid replies of each wire form."""
    return {"openai": completion, "vllm": completion, "anthropic": anthropic_message}


@pytest.fixture
def known_key(monkeypatch: pytest.MonkeyPatch) -> str:
    for variable in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "VLLM_API_KEY"):
        monkeypatch.setenv(variable, KEY)
    for variable in ("OPENAI_BASE_URL", "ANTHROPIC_BASE_URL"):
        monkeypatch.delenv(variable, raising=False)
    return KEY


@pytest.fixture(params=PROVIDERS)
def provider(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def make_judge() -> Callable[..., Judge]:
    def make(provider: str, server: FakeProvider, options: str = "", model: str = "some-model") -> Judge:
        return open_judge(f"{provider}/{model}{options}", base_url=server.url)

    return make


@pytest.fixture
def make_request() -> Callable[..., Request]:
    def make(
        text: str = "Which is better?",
        *,
        sampling: Sampling | None = None,
        labels: tuple[str, ...] = ("A", "B", "C"),
        replicate: int = 0,
        contract: OutputContract | None = None,
        **subject: Any,
    ) -> Request:
        messages = (Message("system", "You are a judge."), Message("user", text))
        contract = contract or OutputContract("pairwise", labels)
        about = Subject(**{"item_id": "i1", "gold": "a", "order": "ab", **subject})
        key = request_key({"provider": "test"}, messages, {}, contract, replicate)
        return Request(key, messages, sampling or Sampling(max_tokens=64), contract, replicate, about)

    return make
