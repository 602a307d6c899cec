"""The item: its responses by letter, and what an item file holds of it."""

import pytest

from judgebench.items import Item
from judgebench.items.model import PAIR_KEYS

PAIR = Item("1", "p", "one", "two", gold="b")
QUESTION = Item("2", "p", "one", "two", gold="d", response_c="three", response_d="")


def test_responses_are_found_by_their_letters() -> None:
    assert (PAIR.letters, PAIR.responses) == (("a", "b"), ("one", "two"))
    assert (QUESTION.letters, QUESTION.responses) == (("a", "b", "c", "d"), ("one", "two", "three", ""))
    assert [QUESTION.response(letter) for letter in QUESTION.letters] == list(QUESTION.responses)


def test_a_letter_without_a_response_is_an_error() -> None:
    with pytest.raises(KeyError, match="c"):
        PAIR.response("c")


def test_a_pair_is_written_without_keys_for_further_responses() -> None:
    assert tuple(PAIR.to_dict()) == PAIR_KEYS
    assert set(QUESTION.to_dict()) == {*PAIR_KEYS, "response_c", "response_d"}
