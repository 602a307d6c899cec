"""Neutral texts of a wanted length: what a placebo says in the place of a cue."""

from __future__ import annotations

import itertools
import random
from functools import cache
from typing import Final

SHORTEST: Final = 11
"""The fewest characters that a neutral text comes within 10 % of."""

_SENTENCES: Final = (
    "This text is shown as it was saved.",
    "The lines are wrapped at the window's edge.",
    "Nothing was cut from this page.",
    "The page is set in one column.",
    "A plain font is used throughout.",
    "The margins are the usual ones.",
    "The text was stored in an ordinary file, with its line breaks kept where they were typed.",
    "Spacing follows the standard setting of the editor.",
    "It was copied over in one piece on a weekday.",
    "The background of the page is white and the letters are black.",
    "The file carries a number in place of a name, as all files in the folder do.",
    "Shown in full.",
    "Kept as it came.",
    "Stored in a folder.",
    "Set in one plain column.",
    "Saved once.",
)


@cache
def _by_length() -> tuple[tuple[int, tuple[str, ...]], ...]:
    """All sets of one to three sentences, with the length of their text."""
    sets = itertools.chain.from_iterable(itertools.combinations(_SENTENCES, k) for k in (1, 2, 3))
    return tuple((len(" ".join(chosen)), chosen) for chosen in sets)


def neutral_text(length: int, rng: random.Random) -> str:
    """A text without any claim, within 10 % of `length` characters from 11 on.

    The stream chooses among those that fit; a text longer than three sentences takes several choices.
    """
    parts: list[str] = []
    longest = max(size for size, _ in _by_length())
    while length > longest:
        chosen = _fitting(min(length - 12, longest - 60), rng)
        parts.append(chosen)
        length -= len(chosen) + 1
    parts.append(_fitting(length, rng))
    return " ".join(parts)


def _fitting(length: int, rng: random.Random) -> str:
    best = min(abs(size - length) for size, _ in _by_length())
    slack = max(best, length // 20)
    chosen = list(rng.choice([c for size, c in _by_length() if abs(size - length) <= slack]))
    rng.shuffle(chosen)
    return " ".join(chosen)
