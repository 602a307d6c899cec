"""Every provider that asks over HTTP, against a fake that the SDKs' own schemas vouch for."""

from __future__ import annotations

import asyncio
import logging
import sys
import traceback
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from anthropic.types.message_create_params import MessageCreateParamsNonStreaming
from openai.types.chat.completion_create_params import CompletionCreateParamsNonStreaming
from pydantic import TypeAdapter

from judgebench.errors import InputError
from judgebench.judges.base import Judge, JudgeFault, Reply, Request, Sampling, Usage
from judgebench.judges.factory import open_judge
from judgebench.protocols import Message

Fake = Callable[..., Any]
MakeJudge = Callable[..., Judge]
MakeRequest = Callable[..., Request]

SCHEMAS = {
    "openai": CompletionCreateParamsNonStreaming,
    "vllm": CompletionCreateParamsNonStreaming,
    "anthropic": MessageCreateParamsNonStreaming,
}


@pytest.fixture
def exchange(
    provider: str, fake: Fake, make_judge: MakeJudge, make_request: MakeRequest, known_key: str
) -> Callable[..., tuple[Reply, Any]]:
    """Send one request to a fake that does as told, and give the reply and the fake."""

    def run(told: Any = None, *, options: str = "", request: Request | None = None) -> tuple[Reply, Any]:
        async def scenario() -> tuple[Reply, Any]:
            async with fake(told).running() as server, make_judge(provider, server, options) as judge:
                return await judge.ask(request or make_request()), server

        return asyncio.run(scenario())

    return run


def test_what_is_sent_meets_the_schema_of_the_sdk(provider: str, exchange: Any) -> None:
    _, server = exchange()
    body = server.bodies[0]
    TypeAdapter(SCHEMAS[provider]).validate_python(body, strict=False)
    assert set(body) <= SCHEMAS[provider].__required_keys__ | SCHEMAS[provider].__optional_keys__


def test_what_is_sent_is_the_chat_the_model_and_the_effective_parameters(
    provider: str, exchange: Any, make_judge: MakeJudge, make_request: MakeRequest
) -> None:
    request = make_request()
    _, server = exchange()
    body = server.bodies[0]
    user = {"role": "user", "content": "Which is better?"}
    system = {"role": "system", "content": "You are a judge."}
    if provider == "anthropic":
        assert (body.pop("system"), body.pop("messages")) == (system["content"], [user])
    else:
        assert body.pop("messages") == [system, user]
    assert body.pop("model") == "some-model"
    assert body == dict(make_judge(provider, server).effective(request.sampling))


def test_the_right_endpoint_is_asked_with_the_key(provider: str, exchange: Any, known_key: str) -> None:
    _, server = exchange()
    if provider == "anthropic":
        assert server.paths == ["/v1/messages"]
        # which of the two headers it goes in is the SDK's affair, and has changed
        assert known_key in server.headers[0].get("x-api-key", server.headers[0].get("authorization", ""))
    else:
        assert server.paths == ["/v1/chat/completions"]
        assert server.headers[0]["authorization"] == f"Bearer {known_key}"


def test_a_reply_comes_with_its_tokens_and_model(provider: str, exchange: Any, answer: Any) -> None:
    reply, _ = exchange(answer(headers={"x-request-id": "req_1", "request-id": "req_1", "x-other": "1"}))
    assert reply.text == "Because. [[A]]"
    assert reply.finish == "stop"
    assert reply.usage == Usage(100, 20, cached=64, reasoning=16, written=6 if provider == "anthropic" else 0)
    assert reply.served_model == "served-model-1"
    assert set(reply.headers) == {"x-request-id", "request-id"}


@pytest.mark.parametrize(
    ("status", "kind"),
    [(429, "rate_limit"), (529, "overloaded"), (500, "transient"), (400, "fatal"), (401, "fatal")],
)
def test_a_refused_request_is_sent_once_and_becomes_a_fault(
    provider: str, fake: Fake, answer: Any, make_judge: MakeJudge, make_request: MakeRequest, known_key: str,
    status: int, kind: str,
) -> None:  # fmt: skip
    told = answer(body={"error": {"type": "x", "message": "no"}}, status=status, headers={"retry-after": "3"})

    async def scenario() -> tuple[JudgeFault, int]:
        async with fake(told).running() as server, make_judge(provider, server) as judge:
            with pytest.raises(JudgeFault) as caught:
                await judge.ask(make_request())
            return caught.value, len(server.bodies)

    fault, sent = asyncio.run(scenario())
    assert (fault.kind, fault.status, fault.retry_after, sent) == (kind, status, 3.0, 1)


@pytest.mark.parametrize(
    ("how", "kind"),
    [("reset", "transient"), ("truncated", "malformed"), ("hang", "timeout"), ("empty", "malformed")],
)
def test_a_broken_exchange_becomes_a_fault_that_can_be_retried(
    exchange: Any, answer: Any, how: str, kind: str
) -> None:
    told = answer(body={"object": "nothing"}) if how == "empty" else answer(fault=how)
    with pytest.raises(JudgeFault) as caught:
        exchange(told, options="?timeout=0.2")
    assert (caught.value.kind, caught.value.retriable) == (kind, True)


@pytest.mark.parametrize("told", ["401", "429", "reset", "truncated", "hang"])
def test_a_key_shows_nowhere_whatever_fails(
    provider: str, fake: Fake, answer: Any, make_judge: MakeJudge, make_request: MakeRequest, known_key: str,
    told: str, caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    caplog.set_level(logging.DEBUG)
    message = {"error": {"type": "x", "message": f"Incorrect API key provided: {known_key}"}}
    plan = answer(body=message, status=int(told)) if told.isdigit() else answer(fault=told)

    async def scenario() -> str:
        async with fake(plan).running() as server, make_judge(provider, server, "?timeout=0.2") as judge:
            try:
                await judge.ask(make_request())
            except JudgeFault as fault:
                shown = [repr(fault), *traceback.format_exception(fault)]
                return "".join([*shown, repr(judge), judge.spec, repr(judge.identity), repr(vars(judge))])
            return ""

    shown = asyncio.run(scenario())
    assert "JudgeFault" in shown
    assert known_key not in shown
    assert known_key not in caplog.text


def test_a_server_of_the_users_own_needs_no_key(
    provider: str,
    fake: Fake,
    make_judge: MakeJudge,
    make_request: MakeRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for variable in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "VLLM_API_KEY"):
        monkeypatch.delenv(variable, raising=False)

    async def scenario() -> dict[str, str]:
        async with fake().running() as server, make_judge(provider, server) as judge:
            await judge.ask(make_request())
            return server.headers[0]

    sent = asyncio.run(scenario()).get("authorization")
    assert sent == (None if provider == "vllm" else "Bearer EMPTY")


@pytest.mark.parametrize("name", ["openai", "anthropic"])
def test_the_provider_itself_needs_a_key(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    variable = f"{name.upper()}_API_KEY"
    monkeypatch.delenv(variable, raising=False)
    monkeypatch.delenv(f"{name.upper()}_BASE_URL", raising=False)

    async def scenario() -> None:
        async with open_judge(f"{name}/some-model"):
            pass

    with pytest.raises(InputError, match=variable):
        asyncio.run(scenario())


def test_unknown_options_are_refused_with_the_nearest_name(provider: str) -> None:
    with pytest.raises(InputError, match="did you mean 'timeout'"):
        open_judge(f"{provider}/some-model?timout=3", base_url="http://127.0.0.1:1")


@pytest.mark.parametrize("value", ["0", "-1", "nan", "soon"])
def test_a_timeout_is_a_positive_number(provider: str, value: str) -> None:
    with pytest.raises(InputError, match="timeout"):
        open_judge(f"{provider}/some-model?timeout={value}", base_url="http://127.0.0.1:1")


@pytest.mark.parametrize(
    "model", ["o1", "o3-mini", "o4-mini-2025-04-16", "gpt-5-mini", "gpt-5.2", "org/gpt-5"]
)
def test_models_that_reason_are_sent_no_temperature(model: str) -> None:
    judge = open_judge(f"openai/{model}?reasoning_effort=low")
    sent = judge.effective(Sampling(temperature=0.0, max_tokens=99, top_p=0.9, seed=5))
    assert sent == {"max_completion_tokens": 99, "reasoning_effort": "low", "seed": 5}


@pytest.mark.parametrize(
    "model", ["gpt-4o", "gpt-4.1-mini", "gpt-5-chat-latest", "my-o3", "gpt-5?reasoning=false"]
)
def test_other_models_are_sent_the_temperature(model: str) -> None:
    sent = open_judge(f"openai/{model}").effective(Sampling(temperature=0.0, max_tokens=99))
    assert sent == {"temperature": 0.0, "max_tokens": 99}


def test_anthropic_says_that_no_sampling_parameter_is_sent() -> None:
    sent = open_judge("anthropic/some-model").effective(Sampling(temperature=0.0, max_tokens=99, seed=1))
    assert sent == {"max_tokens": 99}


@pytest.mark.parametrize("tail", ["", "/", "/v1", "/v1/", "/v1/chat/completions"])
def test_a_vllm_address_may_end_in_v1_or_not(tail: str) -> None:
    judge = open_judge("vllm/Qwen/Qwen2.5-7B", base_url=f"http://127.0.0.1:8000{tail}")
    assert judge.identity["endpoint"] == "http://127.0.0.1:8000/v1"


def test_vllm_without_an_address_and_without_vllm_says_what_to_install_or_pass(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "vllm", None)

    async def scenario() -> None:
        async with open_judge("vllm/Qwen/Qwen2.5-7B"):
            pass

    with pytest.raises(InputError, match=r"judgebench\[vllm\].*--base-url"):
        asyncio.run(scenario())


@pytest.mark.parametrize(
    ("said", "finish"),
    [("end_turn", "stop"), ("max_tokens", "length"), ("refusal", "refusal"), ("pause_turn", "other")],
)
def test_anthropic_stop_reasons_are_told(
    fake: Fake, answer: Any, replies: Any, make_judge: MakeJudge, make_request: MakeRequest, known_key: str,
    said: str, finish: str,
) -> None:  # fmt: skip
    thinking = {"type": "thinking", "thinking": "Hm. [[B]]", "signature": "s"}
    text = {"type": "text", "text": "[[A]]", "citations": None}
    body = replies["anthropic"](stop_reason=said, content=[thinking, text])

    async def scenario() -> Reply:
        async with fake(answer(body=body)).running() as server, make_judge("anthropic", server) as judge:
            return await judge.ask(make_request())

    reply = asyncio.run(scenario())
    assert (reply.finish, reply.text, reply.thinking) == (finish, "[[A]]", "Hm. [[B]]")


def test_anthropic_is_told_where_that_ends_which_others_share(
    fake: Fake, replies: Any, answer: Any, make_judge: MakeJudge, make_request: MakeRequest, known_key: str
) -> None:
    usage = {
        "input_tokens": 5,
        "output_tokens": 2,
        "cache_read_input_tokens": 7,
        "cache_creation_input_tokens": 11,
    }
    plain = make_request("Shared. Own.")
    marked = replace(plain, messages=(plain.messages[0], Message("user", "Shared. Own.", shared=8)))
    assert marked == plain

    async def scenario() -> tuple[Reply, Any]:
        told = answer(body=replies["anthropic"](usage=usage))
        async with fake(told).running() as server, make_judge("anthropic", server) as judge:
            return await judge.ask(marked), server.bodies[0]

    reply, body = asyncio.run(scenario())
    TypeAdapter(SCHEMAS["anthropic"]).validate_python(body, strict=False)
    shared, own = body["messages"][0]["content"]
    assert shared == {"type": "text", "text": "Shared. ", "cache_control": {"type": "ephemeral"}}
    assert own == {"type": "text", "text": "Own."}
    assert reply.usage == Usage(prompt=23, completion=2, cached=7, written=11)
