"""What simulated authors write, what a rewrite leaves of it, and what a simulated judge makes of both."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judgebench.judges.base import Request, Sampling, Subject
from judgebench.judges.sim_hands import apart, mark_in, rewritten, says_the_same, written
from judgebench.protocols import Message, OutputContract

HANDS = st.integers(0, 9)
MERITS = st.floats(-5, 5)


def asked(text: str) -> Request:
    chat = (Message("user", text),)
    return Request("0" * 64, chat, Sampling(), OutputContract("rewrite", ()), 0, Subject("", None, "ab"))


def in_one_style(text: str) -> str:
    return rewritten(asked(f"Rewrite.\n\n<text>\n{text}\n</text>"))


def same(one: str, two: str) -> bool:
    return says_the_same(asked(f"<one>\n{one}\n</one>\n\n<two>\n{two}\n</two>\n\nThe same?"))


@given(HANDS, MERITS)
def test_a_rewrite_takes_the_hand_away_and_leaves_merit_and_views(hand: int, merit: float) -> None:
    text = written(hand, merit, "0" * 64)
    before, after = mark_in(text), mark_in(in_one_style(text))
    assert before is not None
    assert after is not None
    assert (before.in_hand, after.in_hand) == (True, False)
    assert (before.author, before.merit) == (after.author, after.merit) == (hand, round(merit, 4))
    assert in_one_style(in_one_style(text)) == in_one_style(text)


@given(HANDS, MERITS)
def test_a_check_finds_the_content_kept_by_a_rewrite_and_lost_where_the_merit_is_another(
    hand: int, merit: float
) -> None:
    text = written(hand, merit, "0" * 64)
    assert same(text, in_one_style(text))
    assert not same(text, in_one_style(written(hand, merit + 1, "0" * 64)))


@given(st.tuples(HANDS, MERITS), st.tuples(HANDS, MERITS), HANDS)
def test_what_sets_two_responses_apart_turns_round_with_them(
    one: tuple[int, float], two: tuple[int, float], judge: int
) -> None:
    first, second = (written(*response, "0" * 64) for response in (one, two))
    there, back = apart(first, second, judge), apart(second, first, judge)
    assert there is not None
    assert back is not None
    assert (there.merit, there.hand, there.views) == pytest.approx((-back.merit, -back.hand, -back.views))


def test_in_one_style_views_are_told_apart_and_hands_are_not() -> None:
    own, other = (in_one_style(written(hand, 0.0, "0" * 64)) for hand in (1, 2))
    found = apart(own, other, 1)
    assert found is not None
    assert (found.hand, found.views) == (0, 1)


def test_responses_that_nobody_simulated_have_no_marks() -> None:
    assert mark_in("(merit high)") is None
    assert apart("It is so.", written(1, 0.0, "0" * 64), 1) is None
    assert same("It is so.", "It is so.")
