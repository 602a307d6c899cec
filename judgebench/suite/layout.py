"""Layouts: what of an item a protocol shows at a time, and in which orders."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Final, Literal

from judgebench.items import Item, Letter
from judgebench.suite.schema import SuiteSpec

Shows = Literal["pair", "single", "list", "joint", "pairs"]
ListOrders = Literal["drawn", "given", "latin"]

PAIR_ORDERS: Final = ("ab", "ba")


@dataclass(frozen=True, slots=True)
class Layout:
    """What of an item a protocol shows at a time.

    An order is the letters of the responses as they are shown, first the first: `ab` and `ba` for a pair, `cadb` for
    a list of four, `a` where the response a stands alone.

    Attributes:
        shows: `pair`: the responses of an item that has two; `pairs`: every two responses of an item that has more;
            `single`: one response of an item that has two; `list`: all responses of any item; `joint`: the response a
            of one pair beside the response b of another, each with its own prompt.
        at_least: How many responses an item of a list must have.
        orders: Of a list: `drawn` for each item at random by the suite's seed; `given` by the item file; both may come
            reversed too. `latin`: a balanced Latin square about the drawn order.
        reference: Whether only items with a reference answer can be shown.
    """

    shows: Shows = "pair"
    at_least: int = 2
    orders: ListOrders = "drawn"
    reference: bool = False

    def fits(self, item: Item) -> bool:
        """Whether the item can be shown."""
        if self.reference and item.reference is None:
            return False
        count = len(item.responses)
        return count >= self.at_least if self.shows in {"list", "pairs"} else count == 2

    def orders_of(self, spec: SuiteSpec, item: Item) -> tuple[str, ...]:
        """The orders in which the item is shown as it is."""
        if self.shows == "single":
            return item.letters
        if self.shows == "pairs":
            pairs = ("".join(pair) for pair in combinations(item.letters, 2))
            return tuple(order for pair in pairs for order in _of_two(pair, spec))
        if self.shows != "list":
            return _of_two("ab", spec)
        base = "".join(item.letters)
        if self.orders != "given":
            base = _shuffled(base, spec.seed, item)
        return balanced_square(base) if self.orders == "latin" else _of_two(base, spec)

    def orders_with(self, spec: SuiteSpec, item: Item, target: Letter) -> tuple[str, ...]:
        """The orders in which the item is shown with one response changed: alone, no other one shows the change."""
        if self.shows == "single":
            return (target,)
        return tuple(order for order in self.orders_of(spec, item) if target in order)


def _of_two(base: str, spec: SuiteSpec) -> tuple[str, ...]:
    both = (base, base[::-1])
    return both if spec.orders == "both" else (both[PAIR_ORDERS.index(spec.orders)],)


def _shuffled(letters: str, seed: int, item: Item) -> str:
    drawn = list(letters)
    _stream("order", seed, item).shuffle(drawn)
    return "".join(drawn)


def _stream(what: str, seed: int, item: Item) -> random.Random:
    """A random stream of the item's own."""
    name = f"{seed}\x1f{what}\x1f{item.id}".encode("utf-8", "surrogatepass")
    return random.Random(hashlib.sha256(name).digest())  # noqa: S311  # a design, not a secret


def balanced_square(letters: str) -> tuple[str, ...]:
    """Orders in which each letter stands in each place as often, and right after each other one as often.

    Williams (1949), Australian Journal of Scientific Research A2: n orders of an even number of letters, 2n of an odd.
    """
    size = len(letters)
    places = [0]
    for step in range(1, size):
        places.append((places[-1] + (step if step % 2 else -step)) % size)
    rows = ["".join(letters[(place + shift) % size] for place in places) for shift in range(size)]
    if size % 2:
        rows += [row[::-1] for row in rows]
    return tuple(rows)


def jointly(item: Item, items: Sequence[Item], seed: int) -> tuple[Item, str] | None:
    """The item with the response b of another in place of its own, and what that one answers.

    The other one is drawn among the pairs whose gold is the same, so that gold still says which response serves its own
    request better; where none has the same, gold is unknown. None where there is no other pair.
    """
    others = [other for other in items if other.id != item.id and len(other.responses) == 2]
    alike = [other for other in others if other.gold == item.gold]
    if not others:
        return None
    partner = _stream("joint", seed, item).choice(alike or others)
    gold = item.gold if alike else None
    both = replace(
        item,
        response_b=partner.response_b,
        author_b=partner.author_b,
        gold=gold,
        gold_votes=None,
        attributes=None,
        reference=None,
    )
    return both, partner.prompt
