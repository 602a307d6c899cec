"""Layouts: which items a protocol shows, in which orders, and what is drawn for it."""

from collections import Counter
from dataclasses import replace
from itertools import pairwise

import pytest

from judgebench.items import Item
from judgebench.suite import SuiteSpec
from judgebench.suite.layout import Layout, balanced_square, jointly

SPEC = SuiteSpec.model_validate({"suite": "s", "items": [{"source": "bank"}], "perturbations": ["position"]})
LETTERS = "abcdefgh"


def item(count: int = 2, name: str = "i", **more: str) -> Item:
    texts = {f"response_{letter}": f"text {letter}" for letter in LETTERS[:count]}
    return Item(**{"id": name, "prompt": f"prompt {name}", **texts, **more})  # type: ignore[arg-type]


@pytest.mark.parametrize("size", range(2, 9))
def test_a_balanced_square_has_each_letter_in_each_place_and_after_each_other_as_often(size: int) -> None:
    letters = LETTERS[:size]
    rows = balanced_square(letters)
    assert len(rows) == (2 * size if size % 2 else size)
    assert all(sorted(row) == list(letters) for row in rows)
    for place in range(size):
        assert len(set(Counter(row[place] for row in rows).values())) == 1
    neighbours = Counter(pair for row in rows for pair in pairwise(row))
    assert len(neighbours) == size * (size - 1)
    assert len(set(neighbours.values())) == 1


def test_a_pair_is_shown_in_the_orders_of_the_suite() -> None:
    assert Layout().orders_of(SPEC, item()) == ("ab", "ba")
    assert Layout().orders_of(SPEC.model_copy(update={"orders": "ba"}), item()) == ("ba",)
    assert Layout("single").orders_of(SPEC, item()) == ("a", "b")
    assert Layout("single").orders_with(SPEC, item(), "b") == ("b",)


def test_a_list_is_shown_in_a_drawn_order_and_its_reverse() -> None:
    one, other = Layout("list").orders_of(SPEC, item(4))
    assert one == other[::-1]
    assert Layout("list", orders="given").orders_of(SPEC, item(4)) == ("abcd", "dcba")
    assert Layout("list").orders_of(SPEC, item(4)) == (one, other)
    first = Counter(Layout("list").orders_of(SPEC, item(4, str(n)))[0][0] for n in range(400))
    assert set(first) == set("abcd")
    assert min(first.values()) > 70


@pytest.mark.parametrize(
    ("layout", "count", "reference", "fits"),
    [
        (Layout(), 2, None, True),
        (Layout(), 3, None, False),
        (Layout("single"), 3, None, False),
        (Layout("list", 3), 2, None, False),
        (Layout("list", 3), 3, None, True),
        (Layout("list", 2), 2, None, True),
        (Layout(reference=True), 2, None, False),
        (Layout(reference=True), 2, "r", True),
    ],
)
def test_a_layout_fits_items_with_as_many_responses(
    layout: Layout, count: int, reference: str | None, *, fits: bool
) -> None:
    assert layout.fits(replace(item(count), reference=reference)) == fits


def test_a_joint_item_takes_the_other_response_from_an_item_with_the_same_gold() -> None:
    items = [item(2, str(n), gold="ab"[n % 2]) for n in range(10)]
    for one in items:
        found = jointly(one, items, 0)
        assert found is not None
        both, prompt = found
        partner = next(other for other in items if other.prompt == prompt)
        assert partner.id != one.id
        assert both.gold == one.gold == partner.gold
        assert (both.id, both.response_a, both.response_b) == (one.id, one.response_a, partner.response_b)
    assert jointly(items[0], items[:1], 0) is None
    alone = jointly(items[0], items[:2], 0)
    assert alone is not None
    assert alone[0].gold is None
