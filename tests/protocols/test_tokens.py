"""Label probabilities are read at the verdict's place: variants summed, the rest seen as mass that is missing."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judgebench.protocols.messages import OutputContract
from judgebench.protocols.reading import Reading, read_logprobs
from judgebench.protocols.tokens import (
    LabelProbabilities,
    TokenLogprobs,
    label_probabilities,
    verdict_place,
    verdict_tokens,
)

LABEL = OutputContract("label", ("A", "B", "C"), top_logprobs=20)
MARK = OutputContract("pairwise", ("A", "B", "C"), top_logprobs=20)


def token(text: str, **alternatives: float) -> TokenLogprobs:
    return TokenLogprobs.of(text, -9999.0, [(name, math.log(p)) for name, p in alternatives.items()])


def plain(*texts: str) -> list[TokenLogprobs]:
    return [TokenLogprobs.of(text, 0.0, []) for text in texts]


def read(tokens: list[TokenLogprobs], contract: OutputContract = LABEL, **told: object) -> Reading:
    kept = verdict_tokens(tokens, contract)
    return read_logprobs(kept, contract, **{"min_mass": 0.5, "text": "", **told})  # type: ignore[arg-type]


def test_variants_of_a_label_are_summed() -> None:
    found = label_probabilities(
        TokenLogprobs.of(
            "A", -9.0, [("A", math.log(0.3)), (" A", math.log(0.2)), ("a", math.log(0.1)), ("B", math.log(0.2)),
                        ("An", math.log(0.1)), ("[A", math.log(0.05))]
        ),
        LABEL.labels,
    )  # fmt: skip
    assert found is not None
    assert (found.first, found.second, found.tie, found.mass) == pytest.approx(
        (0.65 / 0.85, 0.2 / 0.85, 0, 0.85), abs=1e-5
    )


def test_case_tells_labels_apart_where_it_must() -> None:
    found = label_probabilities(token("I", I=0.5, i=0.25), ("I", "i"))
    assert found is not None
    assert (found.first, found.second) == pytest.approx((2 / 3, 1 / 3), abs=1e-5)


def test_what_a_mask_rules_out_counts_for_nothing() -> None:
    assert TokenLogprobs.of("A", 0.0, [("A", 0.0), ("B", -9999.0), ("C", -math.inf)]).top == (("A", 0.0),)


def test_the_token_that_was_drawn_is_among_its_alternatives() -> None:
    assert TokenLogprobs.of("Z", -5.0, [("A", -0.1)]).top == (("A", -0.1), ("Z", -5.0))


@pytest.mark.parametrize(
    "lead", [[], ["\n\n"], [" ", "**"], ["<think>", "A", " no", "</think>", "\n"], ["A</think>"]]
)
def test_the_place_of_a_bare_label_is_after_thinking_and_white_space(lead: list[str]) -> None:
    kept = verdict_tokens([*plain(*lead), token("B", A=0.2, B=0.7), *plain(".", "A")], LABEL)
    place = verdict_place(kept, LABEL)
    assert place is not None
    assert [found.token for found in kept][place] == "B"
    assert kept[-1] == kept[place]


def test_thinking_that_never_ends_has_no_verdict() -> None:
    tokens = plain("<think>", "A", "B")
    assert verdict_tokens(tokens, LABEL) == ()
    assert read(tokens, truncated=True) == Reading("invalid", "truncated")


@pytest.mark.parametrize("end", [["[[", "B", "]]"], ["[", "[B", "]", "]"], ["[[B]]"], [" [[", "B]", "]\n"]])
def test_the_place_in_a_mark_is_that_of_the_last_label(end: list[str]) -> None:
    tokens = plain("[[", "A", "]]", " is", " worse", *end, " Done")
    kept = verdict_tokens(tokens, MARK)
    place = verdict_place(kept, MARK)
    assert place is not None
    assert "B" in kept[place].token
    assert "".join(found.token for found in kept).strip() == "[[B]]"


def test_the_verdict_is_the_likeliest_label_whatever_was_drawn() -> None:
    found = read([token("B", A=0.6, B=0.3, C=0.05)])
    assert (found.outcome, found.reason) == ("first", "")
    assert found.probabilities is not None
    assert found.probabilities.mass == pytest.approx(0.95, abs=1e-5)


@pytest.mark.parametrize("labels", [("A", "B"), ("A", "B", "C")])
def test_equal_probabilities_favour_no_side(labels: tuple[str, ...]) -> None:
    contract = OutputContract("label", labels, top_logprobs=20)
    assert read([token("A", A=0.4, B=0.4, C=0.1)], contract).outcome == "tie"


def test_low_mass_is_no_verdict_and_the_probabilities_are_kept() -> None:
    found = read([token("Both", Both=0.6, A=0.3, B=0.1)])
    assert (found.outcome, found.reason) == ("invalid", "low mass")
    assert found.probabilities is not None
    assert found.probabilities.mass == pytest.approx(0.4, abs=1e-5)
    assert read([token("Both", Both=0.6, A=0.3, B=0.1)], min_mass=0.35).outcome == "first"


def test_labels_that_are_not_among_the_alternatives_are_low_mass() -> None:
    assert read([token("Both", Both=0.9)]) == Reading("invalid", "low mass")


def test_a_refusal_is_told_apart() -> None:
    refusal = "I cannot help with that."
    assert read([token("I", I=0.9, A=0.05)], text=refusal).outcome == "refused"
    assert read([token("I", I=0.3, A=0.6)], text=refusal).outcome == "first"
    assert read([token("A", A=0.9)], refused=True) == Reading("refused", "refusal")


def test_a_reply_without_log_probabilities_has_no_verdict() -> None:
    assert read([], text="A") == Reading("invalid", "no logprobs")


@given(
    st.lists(st.floats(1e-6, 1), min_size=3, max_size=3),
    st.just(0.0) | st.floats(1e-6, 5),
    st.permutations(["A", "B", "C", "x"]),
)
def test_probabilities_sum_to_one_and_the_mass_is_what_the_labels_hold(
    weights: list[float], other: float, order: list[str]
) -> None:
    total = sum(weights) + other
    shares = dict(zip("ABC", (w / total for w in weights), strict=True)) | (
        {"x": other / total} if other else {}
    )
    found = label_probabilities(
        token("A", **{name: shares[name] for name in order if name in shares}), ("A", "B", "C")
    )
    assert found is not None
    assert found.first + found.second + found.tie == pytest.approx(1)
    assert found.mass == pytest.approx(1 - other / total, rel=1e-4, abs=1e-5)
    assert found.first / found.second == pytest.approx(weights[0] / weights[1], rel=1e-4)


@given(st.lists(st.text(st.sampled_from("AB[]C \n<think>/"), max_size=6), max_size=12))
def test_any_tokens_are_read_without_a_fault_and_the_same_after_trimming(texts: list[str]) -> None:
    tokens = [token(text, A=0.5, B=0.3) for text in texts]
    for contract in (LABEL, MARK):
        kept = verdict_tokens(tokens, contract)
        assert verdict_tokens(kept, contract) == kept
        found = read(tokens, contract)
        assert found.outcome in {"first", "invalid"}
        assert isinstance(found.probabilities, LabelProbabilities | None)
