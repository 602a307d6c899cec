"""Verdicts are read from the declared form alone; everything else is an outcome of its own."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from judgebench.protocols import protocols
from judgebench.protocols.reading import CONFIDENCE, Reading, read_confident, read_label, strip_thinking

LABELS = ("A", "B", "C")
REPLIES: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("replies.yaml").read_text("utf-8"))


def test_the_table_holds_replies_of_every_outcome() -> None:
    assert len(REPLIES) >= 60
    assert {r["outcome"] for r in REPLIES} == {"first", "second", "tie", "invalid", "refused"}
    assert {r.get("reason", "") for r in REPLIES} == {"", "no mark", "unknown label", "truncated", "refusal"}


@pytest.mark.parametrize("reply", REPLIES, ids=lambda r: r["text"][:40] or "empty")
def test_a_reply_is_read_as_the_table_says(reply: dict[str, Any]) -> None:
    found = read_label(
        reply["text"],
        tuple(reply.get("labels", LABELS)),
        truncated=reply.get("truncated", False),
        refused=reply.get("refused", False),
    )
    assert found == Reading(reply["outcome"], reply.get("reason", ""))


WITHOUT_MARK = st.text().filter(lambda text: not any(f"[[{c}]]" in text for c in map(chr, range(65, 91))))
NOISE = st.text(st.sampled_from(list("[]ABCab ")), max_size=12).filter(
    lambda text: not any(f"[[{label}]]" in text for label in LABELS)
)


@given(text=WITHOUT_MARK | NOISE, truncated=st.booleans(), refused=st.booleans())
def test_a_text_without_a_mark_is_never_a_verdict(*, text: str, truncated: bool, refused: bool) -> None:
    found = read_label(text, LABELS, truncated=truncated, refused=refused)
    assert found.outcome in {"invalid", "refused"}
    assert found.reason


@given(text=st.text() | NOISE, truncated=st.booleans())
def test_a_mark_at_the_end_is_always_the_verdict(*, text: str, truncated: bool) -> None:
    assert read_label(f"{text}[[B]]", LABELS, truncated=truncated) == Reading("second")


@given(st.text(max_size=10), st.text(max_size=10), st.sampled_from(LABELS))
def test_thinking_never_decides(thinking: str, answer: str, label: str) -> None:
    bare = read_label(f"{answer}[[A]]", LABELS)
    assert (
        read_label(f"<think>{thinking}[[{label}]]</think>{answer}[[A]]", LABELS) == bare == Reading("first")
    )


@pytest.mark.parametrize(
    ("text", "answer", "thinking"),
    [
        ("plain", "plain", ""),
        ("<think>t</think>answer", "answer", "<think>t</think>"),
        ("t</think>answer", "answer", "t"),
        ("<think>cut short", "", "cut short"),
        ("a<think>t</think>b<think>cut", "ab", "<think>t</think>cut"),
    ],
)
def test_thinking_is_parted_from_the_answer(text: str, answer: str, thinking: str) -> None:
    assert strip_thinking(text) == (answer, thinking)


@pytest.mark.parametrize("name", sorted({*protocols.names()} - {"file"}))
@pytest.mark.parametrize(
    "text", ["", "<think>Say [[A]] or [[7]]:\nclarity: [[4]]\ninstruction: [[4]]\n", "Hm. <think>[[B]]"]
)
def test_a_reply_that_was_cut_in_its_thinking_is_truncated_and_never_a_verdict(name: str, text: str) -> None:
    found = protocols.get(name)().read(text, truncated=True, refused=False)
    assert (found.outcome, found.reason) == ("invalid", "truncated")


@pytest.mark.parametrize(
    ("text", "cut", "outcome", "said"),
    [
        ("Because.\n[[A]] confidence: 80", False, "first", 0.8),
        ("[[B]] Confidence: 100 %", False, "second", 1.0),
        ("**[[C]]** **confidence:** 5%.", False, "tie", 0.05),
        ("[[A]] confidence: 90\nNo: [[B]] confidence: 60", False, "second", 0.6),
        ("[[A]]", False, "invalid", "no confidence"),
        ("confidence: 80 [[A]]", False, "invalid", "no confidence"),
        ("[[A]] confidence: 101", False, "invalid", "no confidence"),
        ("[[A]] confidence: 0.8", False, "invalid", "no confidence"),
        ("[[A]] confidence: high", False, "invalid", "no confidence"),
        ("[[A]]\nconfidence: 80", False, "invalid", "no confidence"),
        ("<think>[[A]] confidence: 80</think>", False, "invalid", "no mark"),
        ("[[D]] confidence: 80", False, "invalid", "unknown label"),
        ("[[A]] confidence: 8", True, "invalid", "truncated"),
        ("[[A]]", True, "invalid", "truncated"),
        ("I cannot judge this.", False, "refused", "refusal"),
    ],
)
def test_a_verdict_with_a_confidence_has_it_right_after_its_mark(
    text: str, cut: object, outcome: str, said: object
) -> None:
    found = read_confident(text, LABELS, truncated=bool(cut))
    assert found.outcome == outcome
    assert (dict(found.scores).get(CONFIDENCE) or found.reason) == said


def test_a_confidence_that_was_to_come_first_stays_where_the_reasons_were_cut() -> None:
    found = read_confident("[[A]] confidence: 70\nThe first resp", LABELS, truncated=True, leading=True)
    assert (found.outcome, found.scores) == ("first", ((CONFIDENCE, 0.7),))


@given(text=WITHOUT_MARK | NOISE, said=st.integers(0, 100))
def test_whatever_comes_before_the_last_line_has_the_confidence_that_it_states(text: str, said: int) -> None:
    found = read_confident(f"{text}\n[[B]] confidence: {said}", LABELS)
    assert (found.outcome, found.scores) == ("second", ((CONFIDENCE, said / 100),))
