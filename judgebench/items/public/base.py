"""What the sources of public sets share: where the set lies, and which side its better responses stand on."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar, Final, Literal

from judgebench.errors import InputError
from judgebench.items.cache import fetched
from judgebench.items.model import Gold, Item, Side, votes_of
from judgebench.items.source_rows import SourceRow
from judgebench.items.sources import ItemSource

Sides = Literal["balanced", "upstream"]

_OTHER: Final[dict[Side, Side]] = {"a": "b", "b": "a"}
_SWAPPED: Final[dict[Gold, Gold]] = {"a": "b", "b": "a"}


@dataclass(frozen=True)
class PublicSource(ItemSource):
    """A set in its publisher's layout.

    Attributes:
        name: Its name, also that under which `judgebench data fetch` keeps it.
        path: Where it lies; the fetched copy where None.
    """

    path_options: ClassVar[tuple[str, ...]] = ("path",)
    name: ClassVar[str]
    path: Path | None = None

    def located(self) -> Path:
        """Where the set lies.

        Raises:
            InputError: No path is given, and the set was not fetched.
        """
        return self.path if self.path is not None else fetched(self.name)


def balanced(items: Iterable[Item]) -> list[Item]:
    """The pairs with gold on either side in turn, in the order of a hash of their ids; others as they are.

    Many sets put the better response first always, so that its side would say which one it is.
    """
    found = list(items)
    decided = sorted((item.id for item in found if item.gold in _OTHER), key=_hash)
    wanted: dict[str, Gold] = {name: "b" if place % 2 else "a" for place, name in enumerate(decided)}
    return [swapped(item) if wanted.get(item.id, item.gold) != item.gold else item for item in found]


def swapped(item: Item) -> Item:
    """The pair with its responses, and all that is said of them, in each other's place."""
    gold: Gold | None = _OTHER[item.gold] if item.gold == "a" or item.gold == "b" else item.gold  # noqa: PLR1714  # mypy narrows this form alone
    votes = item.gold_votes
    return replace(
        item,
        response_a=item.response_b,
        response_b=item.response_a,
        author_a=item.author_b,
        author_b=item.author_a,
        gold=gold,
        gold_votes=votes and votes_of({_SWAPPED.get(verdict, verdict): count for verdict, count in votes}),
    )


def _hash(name: str) -> str:
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()


def placed(items: Iterable[Item], sides: Sides) -> list[Item]:
    """The pairs with their sides as the suite wants them."""
    return balanced(items) if sides == "balanced" else list(items)


def one_of(row: SourceRow, key: str, meanings: dict[str, Gold]) -> Gold:
    """What a value out of few stands for.

    Raises:
        InputError: It is none of them.
    """
    value = row.text(key)
    if value not in meanings:
        raise row.wrong(key, f"one of {', '.join(meanings)}")
    return meanings[value]


def first_file(path: Path, *patterns: str, expected: str) -> Path:
    """The file itself, or the first in a folder that one of the patterns finds.

    Raises:
        InputError: There is none.
    """
    if not path.is_dir():
        return path
    for pattern in patterns:
        for found in sorted(path.glob(pattern)):
            return found
    raise InputError("the folder does not hold the set", file=path, expected=expected)
