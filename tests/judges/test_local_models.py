"""Models in this process, as far as they can be told without loading one; the rest is in tests/engine."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from typing import Any

import pytest

from judgebench.errors import InputError
from judgebench.judges.base import JudgeFault, Request
from judgebench.judges.factory import open_judge
from judgebench.perturb import Stimulus
from judgebench.protocols.messages import OutputContract
from judgebench.protocols.pairwise import Pairwise
from judgebench.protocols.tokens import label_probabilities, verdict_place

MakeRequest = Callable[..., Request]
LOCAL = ("transformers", "reward")


@pytest.fixture
def pair(make_request: MakeRequest) -> Callable[..., Request]:
    """A pairwise request in the form that a protocol with these options asks for."""

    def make(**options: Any) -> Request:
        protocol = Pairwise(**options)
        asked = make_request(contract=protocol.contract)
        messages = protocol.render(Stimulus("2 + 2?\n[Request]", "four", "five"), "ba")
        return Request(asked.key, messages, asked.sampling, asked.contract, 0, asked.subject)

    return make


@pytest.mark.parametrize("provider", LOCAL)
def test_what_must_be_installed_is_told(provider: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)

    async def scenario() -> None:
        async with open_judge(f"{provider}/some/model"):
            pass

    with pytest.raises(InputError, match=r"judgebench\[transformers\]"):
        asyncio.run(scenario())


@pytest.mark.parametrize("provider", LOCAL)
def test_an_address_has_no_place(provider: str) -> None:
    with pytest.raises(InputError, match="asks no server"):
        open_judge(f"{provider}/m", base_url="http://127.0.0.1:1")


@pytest.mark.parametrize("option", ["batch=0", "batch=x", "dtyp=x", "margin=-1", "margin=nan"])
def test_options_are_checked(option: str) -> None:
    with pytest.raises(InputError, match=option.partition("=")[0]):
        open_judge(f"reward/m?{option}")


def test_what_makes_another_judge_is_in_its_identity() -> None:
    assert open_judge("transformers/m?batch=4&device=cpu").identity == open_judge("transformers/m").identity
    assert open_judge("transformers/m?revision=abc").identity != open_judge("transformers/m").identity
    assert open_judge("reward/m?margin=0.5").identity != open_judge("reward/m").identity


@pytest.mark.parametrize("provider", LOCAL)
def test_they_answer_together_what_is_asked_at_once_and_need_no_network(provider: str) -> None:
    can = open_judge(f"{provider}/m").capabilities
    assert (can.gathers, can.network, can.logprobs) == (True, False, True)


@pytest.mark.parametrize(
    ("first", "second", "margin", "verdict"),
    [(1.0, 0.5, 0, "A"), (0.5, 1.0, 0, "B"), (1.0, 1.0, 0, "C"), (1.0, 0.5, 0.5, "C"), (1.0, 0.5, 0.4, "A")],
)
def test_a_reward_models_verdict_is_the_difference_of_its_scores(
    pair: Any, first: float, second: float, margin: float, verdict: str
) -> None:
    judge: Any = open_judge(f"reward/m?margin={margin}")
    reply = judge._reply(pair(), first, second, 30)
    assert reply.text == f"Scores: {first:g} and {second:g}.\n\n[[{verdict}]]"
    assert reply.usage.prompt == 30
    assert judge._reply(pair(verdict="constrained"), first, second, 30).text == verdict


def test_without_a_tie_on_offer_equal_scores_have_no_favourite(pair: Any) -> None:
    judge: Any = open_judge("reward/m")
    assert judge._reply(pair(tie=False), 1.0, 1.0, 30).text == "Scores: 1 and 1.\n\n"
    reply = judge._reply(pair(verdict="logprob", tie=False), 1.0, 1.0, 30)
    found = label_probabilities(reply.logprobs[0], ("A", "B"))
    assert found is not None
    assert (found.first, found.second, found.mass) == pytest.approx((0.5, 0.5, 1.0), abs=1e-5)


@pytest.mark.parametrize("options", [{"tie": False}, {"tie": True}, {"tie": False, "reasoning": "before"}])
@pytest.mark.parametrize("difference", [-800.0, -2.0, 0.3, 800.0])
def test_a_reward_models_probabilities_are_those_of_bradley_and_terry(
    pair: Any, options: dict[str, Any], difference: float
) -> None:
    judge: Any = open_judge("reward/m")
    request = pair(verdict="logprob", **options)
    reply = judge._reply(request, difference, 0.0, 30)
    place = verdict_place(reply.logprobs, request.contract)
    assert place is not None
    found = label_probabilities(reply.logprobs[place], request.contract.labels)
    assert found is not None
    odds = 2.718281828459045**-difference if difference > -700 else float("inf")
    assert found.first == pytest.approx(1 / (1 + odds), abs=1e-5)
    assert found.tie == 0


def test_a_reward_model_is_given_the_request_and_each_response_alone(pair: Any) -> None:
    judge: Any = open_judge("reward/m")
    assert judge.chats(pair()) == [
        [{"role": "user", "content": "2 + 2?\n[Request]"}, {"role": "assistant", "content": text}]
        for text in ("five", "four")
    ]


def test_a_prompt_that_shows_no_pair_is_refused_by_a_reward_model(make_request: MakeRequest) -> None:
    judge: Any = open_judge("reward/m")
    with pytest.raises(JudgeFault, match="scores pairs"):
        judge.chats(make_request("no pair here"))


def test_labels_of_more_than_one_token_cannot_be_masked() -> None:
    class Tokenizer:
        def encode(self, text: str, *, add_special_tokens: bool) -> list[int]:
            assert not add_special_tokens
            return list(map(ord, text))

    judge: Any = open_judge("transformers/m")
    judge._tokenizer = Tokenizer()
    assert judge._label_tokens(OutputContract("label", ("A", "B"), constrained=True)) == [65, 66]
    with pytest.raises(JudgeFault, match="one token each"):
        judge._label_tokens(OutputContract("label", ("yes", "no"), constrained=True))
