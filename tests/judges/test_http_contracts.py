"""What a contract asks for, over HTTP: the SDKs' own schemas accept it, and what comes back is kept as it must be."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Callable
from typing import Any

import pytest
from anthropic.types.message_create_params import MessageCreateParamsNonStreaming
from openai.types.chat.completion_create_params import CompletionCreateParamsNonStreaming
from pydantic import TypeAdapter

from judgebench.judges.base import JudgeFault, Reply
from judgebench.judges.chat import read_completion
from judgebench.judges.factory import open_judge
from judgebench.protocols.messages import OutputContract
from judgebench.protocols.reading import Reading, read_choice
from judgebench.protocols.tokens import TokenLogprobs

LOGPROB = OutputContract("label", ("A", "B", "C"), top_logprobs=20)
HELD = OutputContract("label", ("A", "B"), constrained=True)


def entry(token: str, logprob: float, *others: tuple[str, float]) -> dict[str, Any]:
    def one(text: str, value: float) -> dict[str, Any]:
        return {"token": text, "logprob": value, "bytes": list(text.encode())}

    return one(token, logprob) | {"top_logprobs": [one(text, value) for text, value in others]}


@pytest.fixture
def exchange(
    fake: Callable[..., Any], make_judge: Callable[..., Any], make_request: Callable[..., Any], known_key: str
) -> Callable[..., tuple[Reply, dict[str, Any]]]:
    def run(provider: str, contract: OutputContract, told: Any = None) -> tuple[Reply, dict[str, Any]]:
        async def scenario() -> tuple[Reply, dict[str, Any]]:
            async with fake(told).running() as server, make_judge(provider, server) as judge:
                reply = await judge.ask(make_request(contract=contract))
                return reply, server.bodies[0]

        return asyncio.run(scenario())

    return run


@pytest.mark.parametrize("name", ["openai", "vllm"])
def test_log_probabilities_are_asked_for_and_those_at_the_verdict_kept(
    name: str, exchange: Any, answer: Any, replies: Any
) -> None:
    content = [
        entry("\n", -0.1, ("\n", -0.1), ("A", -3.0)),
        entry("A", -0.25, ("A", -0.25), ("B", -2.0), (" a", -9999.0)),
        entry(" is", -0.5, (" is", -0.5)),
    ]
    body = replies[name]("\nA is", logprobs={"content": content, "refusal": None})
    reply, sent = exchange(name, LOGPROB, answer(body=body))
    TypeAdapter(CompletionCreateParamsNonStreaming).validate_python(sent, strict=False)
    assert (sent["logprobs"], sent["top_logprobs"]) == (True, 20)
    assert "structured_outputs" not in sent
    assert reply.logprobs[-1] == TokenLogprobs("A", (("A", -0.25), ("B", -2.0)))
    assert len(reply.logprobs) == 2


def test_openai_is_held_to_the_labels_by_a_strict_schema(exchange: Any, answer: Any, replies: Any) -> None:
    reply, sent = exchange("openai", HELD, answer(body=replies["openai"]('{"verdict": "B"}')))
    TypeAdapter(CompletionCreateParamsNonStreaming).validate_python(sent, strict=False)
    asked = sent["response_format"]["json_schema"]
    assert asked["strict"] is True
    assert asked["schema"]["properties"]["verdict"]["enum"] == ["A", "B"]
    assert read_choice(reply.text, HELD.labels) == Reading("second")


def test_vllm_is_held_to_the_labels_by_a_choice(exchange: Any, answer: Any, replies: Any) -> None:
    reply, sent = exchange("vllm", HELD, answer(body=replies["vllm"]("B")))
    assert sent["structured_outputs"] == {"choice": ["A", "B"]}
    assert read_choice(reply.text, HELD.labels) == Reading("second")


def test_anthropic_is_held_to_the_labels_by_a_tool_that_it_must_use(
    exchange: Any, answer: Any, replies: Any
) -> None:
    used = {"type": "tool_use", "id": "t1", "name": "verdict", "input": {"verdict": "B"}, "caller": None}
    body = replies["anthropic"](content=[used], stop_reason="tool_use")
    reply, sent = exchange("anthropic", HELD, answer(body=body))
    TypeAdapter(MessageCreateParamsNonStreaming).validate_python(sent, strict=False)
    assert sent["tool_choice"] == {"type": "tool", "name": sent["tools"][0]["name"]}
    assert (reply.finish, read_choice(reply.text, HELD.labels)) == ("stop", Reading("second"))


def test_nothing_more_is_asked_where_the_text_is_the_verdict(provider: str, exchange: Any) -> None:
    _, sent = exchange(provider, OutputContract("pairwise", ("A", "B", "C")))
    assert not {"logprobs", "top_logprobs", "response_format", "structured_outputs", "tools"} & set(sent)


def test_a_reply_without_log_probabilities_is_a_reply(replies: Any) -> None:
    for found in (None, {"content": None, "refusal": None}):
        assert read_completion(json.dumps(replies["vllm"]("A", logprobs=found)), {}, LOGPROB).logprobs == ()


@pytest.mark.parametrize("found", [{"content": [3]}, {"content": [{"token": "A"}]}, [1], {"content": 3}])
def test_broken_log_probabilities_are_malformed(replies: Any, found: Any) -> None:
    body = replies["vllm"]("A")
    body["choices"][0]["logprobs"] = found
    with pytest.raises(JudgeFault) as caught:
        read_completion(json.dumps(body), {}, LOGPROB)
    assert caught.value.kind == "malformed"


def test_negative_infinity_in_a_body_is_read(replies: Any) -> None:
    content = [entry("A", 0.0, ("A", 0.0), ("B", -math.inf))]
    body = json.dumps(replies["vllm"]("A")).replace(
        '"logprobs": null', '"logprobs": ' + json.dumps({"content": content})
    )
    assert read_completion(body, {}, LOGPROB).logprobs[0].top == (("A", 0.0),)


def test_models_that_reason_declare_no_log_probabilities() -> None:
    assert not open_judge("openai/gpt-5-mini").capabilities.logprobs
    assert open_judge("openai/gpt-4.1-mini").capabilities.logprobs
    assert not open_judge("anthropic/claude-haiku-4-5").capabilities.logprobs
