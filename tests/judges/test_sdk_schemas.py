"""All that our judges can send is valid by the SDKs' own types, and the checks that say so can fail."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from batch_provider import completion, message
from sdk_schemas import check_line, check_reply, check_request

from judgebench.judges.anthropic import AnthropicJudge
from judgebench.judges.base import Request, Sampling
from judgebench.judges.factory import open_judge
from judgebench.judges.openai import OpenAIJudge
from judgebench.protocols.messages import OutputContract

MakeRequest = Callable[..., Request]

LABELS = ("A", "B", "C")
CONTRACTS = (
    OutputContract("pairwise", LABELS),
    OutputContract("pairwise", LABELS, top_logprobs=20),
    OutputContract("label", LABELS, top_logprobs=5),
    OutputContract("label", LABELS, constrained=True),
)
SAMPLINGS = [
    Sampling(temperature, 64, top_p, seed, effort)
    for temperature, top_p, seed, effort in itertools.product(
        (None, 0.0, 1.5), (None, 0.9), (None, 7), (None, "low", "none")
    )
]
OPENAI = (
    "gpt-4o",
    "gpt-5-mini",
    "gpt-5-mini?reasoning_effort=low",
    "o3?reasoning_effort=high",
    "x?reasoning=true",
)


def asked(make_request: MakeRequest) -> Iterator[Request]:
    for contract, sampling in itertools.product(CONTRACTS, SAMPLINGS):
        yield replace(make_request(sampling=sampling), contract=contract)


@pytest.mark.parametrize("model", OPENAI)
def test_whatever_the_suite_asks_for_openai_is_sent_what_its_sdk_allows(
    model: str, make_request: MakeRequest, known_key: str
) -> None:
    judge = open_judge(f"openai/{model}")
    assert isinstance(judge, OpenAIJudge)

    async def entries() -> list[bytes]:
        async with judge:
            return [judge.batches().entry(request) for request in asked(make_request)]

    for request, entry in zip(asked(make_request), asyncio.run(entries()), strict=True):
        check_request("openai", judge.body(request))
        line = json.loads(entry)
        check_line(line)
        assert line["body"] == judge.body(request)
        assert line["custom_id"] == request.key


@pytest.mark.parametrize("options", ["", "?thinking=adaptive", "?thinking=1024&reasoning_effort=max"])
def test_whatever_the_suite_asks_for_anthropic_is_sent_what_its_sdk_allows(
    options: str, make_request: MakeRequest, known_key: str
) -> None:
    judge = open_judge(f"anthropic/some-model{options}")
    assert isinstance(judge, AnthropicJudge)

    async def entries() -> list[bytes]:
        async with judge:
            return [judge.batches().entry(request) for request in asked(make_request)]

    found = [json.loads(entry) for entry in asyncio.run(entries())]
    for request, entry in zip(asked(make_request), found, strict=True):
        check_request("anthropic", judge.body(request))
        assert entry == {"custom_id": request.key, "params": judge.body(request)}
    check_request("anthropic batch", {"requests": found})


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("openai", {"temperatur": 0.0}),
        ("openai", {"temperature": "hot"}),
        ("openai", {"messages": [{"role": "judge", "content": "x"}]}),
        ("openai", {"messages": [{"role": "user", "content": "x", "weight": 1, "colour": 2}]}),
        ("openai", {"structured_outputs": {"choice": ["A"]}}),
        ("openai", {"response_format": {"type": "json_schema"}}),
        ("anthropic", {"seed": 1}),
        ("anthropic", {"tools": [{"name": "verdict"}]}),
        ("anthropic", {"max_tokens": None}),
    ],
)
def test_a_request_that_the_sdk_does_not_allow_is_found(kind: str, change: dict[str, Any]) -> None:
    body = {"model": "m", "messages": [{"role": "user", "content": "x"}], "max_tokens": 5}
    check_request(kind, body)
    with pytest.raises(AssertionError):
        check_request(kind, {**body, **change})


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("openai", {"object": "completion"}),
        ("openai", {"created": "now"}),
        ("openai", {"usage": {"prompt_tokens": 1}}),
        ("openai", {"cost": 1}),
        ("anthropic", {"stop_reason": "stop"}),
        ("anthropic", {"content": [{"type": "text"}]}),
    ],
)
def test_a_reply_that_the_sdk_does_not_know_is_found(kind: str, change: dict[str, Any]) -> None:
    reply = {"openai": completion, "anthropic": message}[kind]("[[A]]")
    with pytest.raises((AssertionError, ValueError)):
        check_reply(kind, {**reply, **change})
