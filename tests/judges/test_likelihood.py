"""How likely a text is to a model: what is read from a server's answer, and what a simulated judge says."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from judgebench.judges.base import JudgeFault, Request, Sampling, Subject
from judgebench.judges.factory import open_judge
from judgebench.judges.keys import request_key
from judgebench.judges.likelihood import (
    LIKELIHOOD,
    Likelihood,
    likelihood_in,
    read_prompt_logprobs,
    read_tokens,
)
from judgebench.protocols.messages import Message


def body(told: Any) -> bytes:
    return json.dumps({"model": "m", "choices": [{"text": "x", "prompt_logprobs": told}]}).encode()


def test_the_tokens_of_the_text_alone_are_counted() -> None:
    told = [
        None,
        {"5": {"logprob": -9.0}},
        {"7": {"logprob": -1.5}, "1": {"logprob": -0.1}},
        {"8": {"logprob": -2.5}},
    ]
    reply = read_prompt_logprobs(body(told), {}, [7, 8])
    assert likelihood_in(reply) == Likelihood(4.0, 2)
    assert likelihood_in(reply).per_token == 2.0
    assert (reply.usage.prompt, reply.served_model) == (4, "m")


def test_a_text_that_the_model_rules_out_has_no_figure() -> None:
    ruled_out = b'{"model": "m", "choices": [{"prompt_logprobs": [null, {"7": {"logprob": -Infinity}}]}]}'
    reply = read_prompt_logprobs(ruled_out, {}, [7])
    assert likelihood_in(reply).per_token is None


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        (None, "fatal"),
        ([None, {"7": {"logprob": -1.5}}], "malformed"),
        ([None, {"6": {"logprob": -1.5}}, {"8": {"logprob": -1.5}}], "malformed"),
        ([None, {"7": {}}, {"8": {"logprob": -1.5}}], "malformed"),
        ("x", "malformed"),
    ],
)
def test_what_is_no_likelihood_is_a_fault(told: Any, kind: str) -> None:
    with pytest.raises(JudgeFault) as found:
        read_prompt_logprobs(body(told), {}, [7, 8])
    assert found.value.kind == kind


@pytest.mark.parametrize("said", [b'{"count": 3}', b'{"tokens": ["a"]}', b"[1]"])
def test_what_holds_no_tokens_is_a_fault(said: bytes) -> None:
    with pytest.raises(JudgeFault, match=r"no tokens|not a JSON object"):
        read_tokens(said)


def said(spec: str, *texts: str) -> list[float | None]:
    async def scenario() -> list[float | None]:
        async with open_judge(spec) as judge:
            found = []
            for text in texts:
                messages = (Message("user", "?"), Message("assistant", text))
                key = request_key(judge.identity, messages, {}, LIKELIHOOD, 0)
                asked = Request(key, messages, Sampling(0.0, 1), LIKELIHOOD, 0, Subject("", None, "ab"))
                found.append(likelihood_in(await judge.ask(asked)).per_token)
            return found

    return asyncio.run(scenario())


def test_a_simulated_judge_is_surprised_less_by_its_own_hand_as_planted() -> None:
    texts = "Hm.\n\n(hand 1, merit +0.5000)", "Hm.\n\n(hand 2, merit +0.5000)", ""
    own, other, nothing = said("sim/null?hand=1&habit=0.4", *texts)
    plain_own, plain_other, _ = said("sim/null?hand=1", *texts)
    assert own == pytest.approx((plain_own or 0) - 0.4)
    assert other == plain_other
    assert nothing is None


@pytest.mark.parametrize("spec", ["openai/gpt-5-mini", "anthropic/claude", "reward/m"])
def test_judges_that_say_nothing_of_a_prompt_declare_it(spec: str) -> None:
    assert not open_judge(spec).capabilities.prompt_logprobs


@pytest.mark.parametrize("spec", ["transformers/m", "vllm/m", "sim/null"])
def test_judges_that_say_it_declare_it(spec: str) -> None:
    assert open_judge(spec).capabilities.prompt_logprobs
