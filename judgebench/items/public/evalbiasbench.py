"""EvalBiasBench's upstream layout: `biasbench.json`, an object that holds a list of pairs for each of six biases."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import ClassVar, Final

from judgebench.items.model import Gold, Item
from judgebench.items.public.base import PublicSource, Sides, first_file, one_of, placed
from judgebench.items.source_rows import SourceRow, read_groups

_LAYOUT: Final = (
    "EvalBiasBench's biasbench.json: lists of pairs with bias, instruction, response1, response2, label"
)
_LABELS: Final[dict[str, Gold]] = {"1": "a", "2": "b"}
_CATEGORIES: Final = {
    "length bias": "length",
    "concreteness": "concreteness",
    "empty reference": "empty_reference",
    "content_continuation": "continuation",
    "nested_instruction": "nested_instruction",
    "familiar knowledge preference bias": "familiar_knowledge",
}
"""Upstream's names to those of the bias catalogue."""


@dataclass(frozen=True)
class EvalBiasBench(PublicSource):
    """EvalBiasBench: pairs that tempt a judge into one of six biases; the category names it.

    Attributes:
        sides: `upstream` leaves the better response where it always stands, first.
    """

    name: ClassVar[str] = "evalbiasbench"
    sides: Sides = "balanced"

    def load(self) -> list[Item]:
        """The pairs of the file, or of the one in the repository."""
        file = first_file(
            self.located(), "biasbench.json", "evalbiasbench/biasbench.json", "data/evalbiasbench/biasbench.json",
            expected=_LAYOUT,
        )  # fmt: skip
        counts = Counter[str]()
        items = []
        for row in read_groups(file, expected=_LAYOUT, kind="set of pairs"):
            category = _category(row)
            items.append(_item(row, category, counts[category]))
            counts[category] += 1
        return placed(items, self.sides)


def _category(row: SourceRow) -> str:
    bias = row.text("bias")
    if bias not in _CATEGORIES:
        raise row.wrong("bias", f"one of {', '.join(_CATEGORIES)}")
    return _CATEGORIES[bias]


def _item(row: SourceRow, category: str, index: int) -> Item:
    return Item(
        id=f"evalbiasbench/{category}/{index:03d}",
        prompt=row.text("instruction"),
        response_a=row.text("response1"),
        response_b=row.text("response2"),
        gold=one_of(row, "label", _LABELS),
        category=category,
        source="evalbiasbench",
    )
