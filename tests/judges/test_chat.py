from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from judgebench.judges.base import JudgeFault, Usage
from judgebench.judges.chat import read_completion
from judgebench.protocols.messages import OutputContract

TEXT = OutputContract("pairwise", ("A", "B", "C"))
Replies = dict[str, Callable[..., dict[str, Any]]]


def test_a_completion_gives_text_tokens_model_and_fingerprint(replies: Replies) -> None:
    reply = read_completion(
        json.dumps(replies["openai"]()), {"x-request-id": "r1", "set-cookie": "secret"}, TEXT
    )
    assert reply.text == "Because. [[A]]"
    assert reply.usage == Usage(prompt=100, completion=20, cached=64, reasoning=16)
    assert (reply.served_model, reply.fingerprint, reply.finish) == ("served-model-1", "fp_1", "stop")
    assert dict(reply.headers) == {"x-request-id": "r1"}


@pytest.mark.parametrize(
    ("said", "finish"),
    [("stop", "stop"), ("length", "length"), ("content_filter", "refusal"), ("tool_calls", "other")],
)
def test_the_finish_reason_is_told(replies: Replies, said: str, finish: str) -> None:
    assert read_completion(json.dumps(replies["openai"](finish_reason=said)), {}, TEXT).finish == finish


def test_a_refusal_field_is_a_refusal_with_its_text(replies: Replies) -> None:
    body = replies["openai"](None, message={"refusal": "I will not."})
    reply = read_completion(json.dumps(body), {}, TEXT)
    assert (reply.text, reply.finish) == ("I will not.", "refusal")


@pytest.mark.parametrize("name", ["reasoning_content", "reasoning"])
def test_reasoning_that_comes_apart_is_thinking(replies: Replies, name: str) -> None:
    reply = read_completion(json.dumps(replies["vllm"](message={name: "Hm. [[B]]"})), {}, TEXT)
    assert (reply.text, reply.thinking) == ("Because. [[A]]", "Hm. [[B]]")


def test_an_answer_cut_in_its_thinking_is_empty_and_not_malformed(replies: Replies) -> None:
    body = replies["vllm"](None, message={"reasoning_content": "Hm"}, finish_reason="length")
    reply = read_completion(json.dumps(body), {}, TEXT)
    assert (reply.text, reply.finish, reply.thinking) == ("", "length", "Hm")


def test_usage_may_be_missing(replies: Replies) -> None:
    assert read_completion(json.dumps(replies["vllm"](usage=None)), {}, TEXT).usage == Usage()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b'{"choices": [{"mess',
        b"[]",
        b"null",
        b'{"error": "x"}',
        b'{"choices": []}',
        b'{"choices": [{}]}',
        b'{"choices": [{"message": {}}]}',
        b'{"choices": [{"message": {"content": 3}}]}',
        b'{"choices": {"0": 1}}',
        b"\xff\xfe",
    ],
)
def test_a_body_without_a_message_is_malformed(body: bytes) -> None:
    with pytest.raises(JudgeFault) as caught:
        read_completion(body, {}, TEXT)
    assert caught.value.kind == "malformed"
    assert caught.value.retriable
