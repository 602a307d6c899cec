"""The ways in which the pairwise protocol takes its verdict, and what each of them asks of the judge."""

from __future__ import annotations

import math
from typing import Any

import pytest

from judgebench.perturb import Stimulus
from judgebench.protocols.messages import OutputContract
from judgebench.protocols.pairwise import Pairwise
from judgebench.protocols.reading import Reading, read_choice
from judgebench.protocols.tokens import TokenLogprobs

LABELS = ("A", "B", "C")


def tail(protocol: Pairwise) -> str:
    return protocol.render(Stimulus("p", "a", "b"), "ab")[1].content.rpartition("Which response is better? ")[
        2
    ]


def test_the_default_prompt_and_contract_stay_as_they_were() -> None:
    assert Pairwise().contract.document() == {"form": "pairwise", "labels": LABELS}
    assert tail(Pairwise()) == (
        "Explain your decision briefly, then end your reply with your verdict on a line of its own: "
        "[[A]] if response A is better, [[B]] if response B is better, [[C]] if they are equally good."
    )


@pytest.mark.parametrize(
    ("options", "form", "logprobs", "constrained"),
    [
        ({"verdict": "logprob"}, "label", 20, False),
        ({"verdict": "logprob", "reasoning": "before"}, "pairwise", 20, False),
        ({"verdict": "constrained"}, "label", 0, True),
        ({"reasoning": "none"}, "pairwise", 0, False),
    ],
)
def test_the_contract_says_what_is_wanted(
    options: dict[str, Any], form: str, logprobs: int, constrained: bool
) -> None:
    contract = Pairwise(**options).contract
    assert contract == OutputContract(form, LABELS, logprobs, constrained)
    assert OutputContract.of(contract.document()) == contract


def test_a_bare_verdict_is_asked_for_without_brackets_and_without_reasons() -> None:
    asked = tail(Pairwise(verdict="logprob", tie=False))
    assert asked == (
        "Do not explain. Reply with your verdict and nothing else: "
        "A if response A is better, B if response B is better."
    )


@pytest.mark.parametrize(
    "options",
    [
        {"min_mass": 0},
        {"min_mass": 1.5},
        {"verdict": "constrained", "reasoning": "before"},
        {"verdict": "logprob", "reasoning": "after"},
        {"verdict": "logprob", "reasoning": "before", "labels": "numbers"},
    ],
)
def test_options_that_make_no_sense_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"min_mass|reasoning|letters"):
        Pairwise(**options)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A", Reading("first")),
        (" C\n", Reading("tie")),
        ('{"verdict": "B"}', Reading("second")),
        ("<think>A</think>B", Reading("second")),
        ('{"verdict": "D"}', Reading("invalid", "unknown label")),
        ('{"verdict": ["A"]}', Reading("invalid", "unknown label")),
        ('{"verdict": "A", "sure": false}', Reading("invalid", "unknown label")),
        ('{"verdict": "A"', Reading("invalid", "unknown label")),
        ("A is better", Reading("invalid", "unknown label")),
        ("", Reading("invalid", "unknown label")),
        ("I cannot compare these.", Reading("refused", "refusal")),
    ],
)
def test_a_reply_held_to_the_labels_is_one_of_them_or_no_verdict(text: str, expected: Reading) -> None:
    assert read_choice(text, LABELS) == expected


def test_a_choice_that_was_cut_or_refused_says_so() -> None:
    assert read_choice('{"verd', LABELS, truncated=True) == Reading("invalid", "truncated")
    assert read_choice("A", LABELS, truncated=True) == Reading("first")
    assert read_choice("A", LABELS, refused=True) == Reading("refused", "refusal")


def test_the_threshold_of_the_mass_is_an_option() -> None:
    tokens = (TokenLogprobs("A", (("x", math.log(0.7)), ("A", math.log(0.3)))),)
    for least, outcome in ((0.2, "first"), (0.4, "invalid")):
        protocol = Pairwise(verdict="logprob", min_mass=least)
        assert protocol.read_tokens(tokens, "A", truncated=False, refused=False).outcome == outcome
