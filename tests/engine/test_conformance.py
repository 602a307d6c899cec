"""The same questions to the stand-in and to the real vLLM, so that the two cannot drift apart."""

from __future__ import annotations

import asyncio
import json
import urllib.request
from typing import Any

import pytest

from judgebench.judges.base import Judge, JudgeFault, Reply, Request, Sampling, Subject
from judgebench.judges.factory import open_judge
from judgebench.judges.keys import request_key
from judgebench.judges.likelihood import LIKELIHOOD, Likelihood, likelihood_in
from judgebench.protocols.messages import Message, OutputContract
from judgebench.protocols.tokens import label_probabilities

TEXT = OutputContract("pairwise", ("A", "B", "C"))
LOGPROB = OutputContract("label", ("A", "B", "C"), top_logprobs=20)
ODD = OutputContract("label", ("heron-71", "basalt-38"), constrained=True)


def question(
    text: str = "Which is better?", contract: OutputContract = TEXT, *, max_tokens: int = 4, replicate: int = 0,
    temperature: float = 0.0,
) -> Request:  # fmt: skip
    messages = (Message("system", "You are a judge."), Message("user", text))
    key = request_key({"provider": "test"}, messages, {}, contract, replicate)
    sampling = Sampling(max_tokens=max_tokens, temperature=temperature)
    return Request(key, messages, sampling, contract, replicate, Subject("i", "a", "ab"))


def ask(spec: str, address: str, *requests: Request) -> list[Any]:
    async def scenario() -> list[Any]:
        judge: Judge = open_judge(spec, base_url=address)
        async with judge:
            return await asyncio.gather(*map(judge.ask, requests), return_exceptions=True)

    return asyncio.run(scenario())


def answer(address: str, request: Request, spec: str = "vllm/tiny") -> Reply:
    (reply,) = ask(spec, address, request)
    assert isinstance(reply, Reply), reply
    return reply


def measured(text: str) -> Request:
    messages = (Message("user", "What is it?"), Message("assistant", text))
    key = request_key({"provider": "test"}, messages, {}, LIKELIHOOD, 0)
    return Request(key, messages, Sampling(0.0, 1), LIKELIHOOD, 0, Subject("", None, "ab"))


@pytest.mark.parametrize("spec", ["vllm/tiny", "openai/tiny"])
def test_a_reply_comes_with_the_served_model_and_its_tokens(engine: str, spec: str) -> None:
    reply = answer(engine, question(max_tokens=4), spec)
    assert reply.served_model == "tiny"
    assert reply.usage.completion == 4
    assert reply.usage.prompt > 4


def test_a_reply_that_is_cut_says_so(engine: str) -> None:
    assert answer(engine, question(max_tokens=2)).finish == "length"


def test_a_choice_constraint_takes_effect(engine: str) -> None:
    reply = answer(engine, question(contract=ODD, max_tokens=32))
    assert reply.text in ODD.labels
    assert reply.finish == "stop"


@pytest.mark.parametrize("spec", ["vllm/tiny", "openai/tiny"])
def test_log_probabilities_of_the_labels_come_back(engine: str, spec: str) -> None:
    reply = answer(engine, question(contract=LOGPROB, max_tokens=1), spec)
    (token,) = reply.logprobs
    assert len(token.top) >= 20
    found = label_probabilities(token, LOGPROB.labels)
    assert found is not None
    assert 0.5 < found.mass < 1


def test_the_likeliest_label_is_what_is_said_at_temperature_0(engine: str) -> None:
    reply = answer(engine, question(contract=LOGPROB, max_tokens=1))
    assert reply.text == reply.logprobs[0].top[0][0]


def test_the_removed_guided_choice_is_ignored_and_structured_outputs_is_not(engine: str) -> None:
    def said(**more: Any) -> str:
        body = {"model": "tiny", "messages": [{"role": "user", "content": "x"}], "max_tokens": 12, **more}
        call = urllib.request.Request(  # noqa: S310  # our own address
            f"{engine}/chat/completions", json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(call) as response:  # noqa: S310
            return str(json.loads(response.read())["choices"][0]["message"]["content"])

    assert said(guided_choice=list(ODD.labels)) not in ODD.labels
    assert said(structured_outputs={"choice": list(ODD.labels)}) in ODD.labels


@pytest.mark.parametrize("provider", ["vllm", "openai", "anthropic"])
def test_an_unknown_model_is_a_fatal_404(engine: str, provider: str) -> None:
    (fault,) = ask(f"{provider}/other", engine, question())
    assert isinstance(fault, JudgeFault), fault
    assert (fault.kind, fault.status) == ("fatal", 404)


@pytest.mark.parametrize("spec", ["vllm/tiny", "openai/tiny"])
def test_a_prompt_beyond_the_context_is_a_fatal_400(engine: str, spec: str) -> None:
    (fault,) = ask(spec, engine, question("word " * 4000))
    assert isinstance(fault, JudgeFault)
    assert (fault.kind, fault.status) == ("fatal", 400)
    assert "context length" in str(fault)


def test_how_likely_a_text_is_grows_with_each_of_its_tokens(engine: str) -> None:
    one, two, nothing = (
        likelihood_in(answer(engine, measured(text))) for text in ("a cat", "a cat sat there", "")
    )
    assert 0 < one.nats < two.nats
    assert 0 < one.tokens < two.tokens
    assert two.per_token == two.nats / two.tokens
    assert nothing == Likelihood(0.0, 0)
    assert nothing.per_token is None


def test_a_text_beyond_the_context_has_no_likelihood(engine: str) -> None:
    (fault,) = ask("vllm/tiny", engine, measured("word " * 4000))
    assert isinstance(fault, JudgeFault)
    assert (fault.kind, fault.status) == ("fatal", 400)


def test_a_server_that_says_nothing_of_prompts_is_told_apart_from_one_that_fails(serve: Any) -> None:
    (fault,) = ask("vllm/tiny", serve(prompt_logprobs=False), measured("a cat"))
    assert isinstance(fault, JudgeFault)
    assert (fault.kind, str(fault)) == ("fatal", "the server gives no log probabilities of a prompt")


def test_the_endpoint_lists_its_models(engine: str) -> None:
    async def scenario() -> list[str]:
        async with open_judge("vllm/tiny", base_url=engine) as judge:
            return await judge.models()

    assert asyncio.run(scenario()) == ["tiny"]


def test_the_sdk_of_anthropic_is_answered_on_messages(engine: str) -> None:
    reply = answer(engine, question(max_tokens=3), "anthropic/tiny")
    assert (reply.finish, reply.served_model, reply.usage.completion) == ("length", "tiny", 3)
    assert reply.text


def test_what_is_drawn_has_the_frequencies_that_the_log_probabilities_say(engine: str) -> None:
    times = 400
    known = label_probabilities(
        answer(engine, question(contract=LOGPROB, max_tokens=1)).logprobs[0], LOGPROB.labels
    )
    assert known is not None
    drawn = ask(
        "vllm/tiny", engine, *[question(max_tokens=1, temperature=1.0, replicate=n) for n in range(times)]
    )
    for label, shared in zip("ABC", (known.first, known.second, known.tie), strict=True):
        p = shared * known.mass
        share = sum(reply.text.strip() == label for reply in drawn) / times
        # five standard errors: once in two million runs by chance
        assert abs(share - p) < 5 * (p * (1 - p) / times) ** 0.5 + 1e-3
