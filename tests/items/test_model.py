"""The item: its responses by letter, and what an item file holds of it."""

from dataclasses import replace

import pytest

from judgebench.items import Item
from judgebench.items.model import PAIR_KEYS, votes_of
from judgebench.items.public.base import swapped

PAIR = Item("1", "p", "one", "two", gold="b")
QUESTION = Item("2", "p", "one", "two", gold="d", response_c="three", response_d="")


def test_responses_are_found_by_their_letters() -> None:
    assert (PAIR.letters, PAIR.responses) == (("a", "b"), ("one", "two"))
    assert (QUESTION.letters, QUESTION.responses) == (("a", "b", "c", "d"), ("one", "two", "three", ""))
    assert [QUESTION.response(letter) for letter in QUESTION.letters] == list(QUESTION.responses)


def test_votes_are_written_by_verdict_and_only_where_there_are_any() -> None:
    asked = replace(PAIR, gold_votes=votes_of({"b": 2, "a": 1}))
    assert asked.to_dict()["gold_votes"] == {"a": 1, "b": 2}
    assert "gold_votes" not in PAIR.to_dict()


def test_a_pair_that_changes_sides_takes_its_votes_with_it() -> None:
    asked = replace(PAIR, gold_votes=votes_of({"b": 2, "a": 1, "tie": 4}))
    assert swapped(asked).gold_votes == (("a", 2), ("b", 1), ("tie", 4))
    assert swapped(PAIR).gold_votes is None


def test_a_letter_without_a_response_is_an_error() -> None:
    with pytest.raises(KeyError, match="c"):
        PAIR.response("c")


def test_a_pair_is_written_without_keys_for_further_responses() -> None:
    assert tuple(PAIR.to_dict()) == PAIR_KEYS
    assert set(QUESTION.to_dict()) == {*PAIR_KEYS, "response_c", "response_d"}
