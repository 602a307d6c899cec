"""Judging by a stated criterion that anyone can check: does the judge follow it, also where it turns the verdict?"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from judgebench.items import Gold, Item
from judgebench.protocols.pairwise import Pairwise

_MARKUP: Final = re.compile(r"^\s*(?:[-*+]|\d+[.)]|#{1,6}|\|)\s|\*\*|```", re.MULTILINE)


def _words(text: str) -> int:
    return len(text.split())


def _markup(text: str) -> int:
    return len(_MARKUP.findall(text))


def _digits(text: str) -> int:
    return sum(character.isdigit() for character in text)


_RULES: Final[Mapping[str, tuple[str, Callable[[str], int], int]]] = {
    "shorter": ("the response with fewer words is the better one", _words, -1),
    "longer": ("the response with more words is the better one", _words, 1),
    "plainer": ("the response with less formatting (lists, headings, bold, tables) is the better one", _markup, -1),
    "formatted": ("the response with more formatting (lists, headings, bold, tables) is the better one", _markup, 1),
    "fewer_digits": ("the response with fewer digits in it is the better one", _digits, -1),
    "more_digits": ("the response with more digits in it is the better one", _digits, 1),
}  # fmt: skip
OPPOSITES: Final = (("shorter", "longer"), ("plainer", "formatted"), ("fewer_digits", "more_digits"))
"""Criteria that must bring opposite verdicts, unless they call a tie."""


class Criterion(Pairwise):
    """Pairwise by one criterion, counted from the responses; each is an arm, `criterion@shorter`, with gold of its own.

    Args:
        criterion: The criterion of this arm.
        options: The options of `pairwise`.
    """

    name = "criterion"
    summary = "pairwise by a stated criterion and by its opposite: is it followed?"
    several = ("criterion",)

    def __init__(self, *, criterion: str = "shorter", **options: Any) -> None:
        super().__init__(**options)
        if criterion not in _RULES:
            raise ValueError(f"{criterion!r} is none of the criteria {', '.join(_RULES)}")
        self._criterion = criterion

    @classmethod
    def arms(cls, options: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """One for each criterion: those that are named, or shorter and longer."""
        wanted = options.get("criterion", ["shorter", "longer"])
        for ending, given in super().arms(options):
            for name in [wanted] if isinstance(wanted, str) else wanted:
                yield f"@{name}{ending}", {**given, "criterion": name}

    def placeholders(self) -> Mapping[str, str]:
        """The criterion, in words."""
        return {"criterion": _RULES[self._criterion][0]}

    def gold(self, item: Item) -> Gold | None:
        """Which response the criterion makes the better one."""
        _, count, sign = _RULES[self._criterion]
        lead = sign * (count(item.response_a) - count(item.response_b))
        return "a" if lead > 0 else "b" if lead < 0 else "tie"
