"""The item: the unit that is judged, perturbed and counted."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from itertools import pairwise
from typing import Any, Final, Literal, get_args

Side = Literal["a", "b"]
"""A response of a pair."""
Letter = Literal["a", "b", "c", "d", "e", "f", "g", "h"]
"""A response of any item."""
Gold = Literal["a", "b", "c", "d", "e", "f", "g", "h", "tie"]

AttributeValue = bool | int | float | str
"""A number, a word, or whether a thing is there."""

LETTERS: Final[tuple[Letter, ...]] = get_args(Letter)
LONE_SURROGATE: Final = re.compile("[\ud800-\udfff]")
"""Half of a surrogate pair: JSON and YAML can spell it, but no text that is sent or stored can hold it."""


@dataclass(frozen=True, slots=True)
class Item:
    """A prompt with two responses, or with more: the options of a multiple-choice question, a list to rank.

    Attributes:
        id: Unique within a suite.
        prompt: What was asked of the two responders.
        response_a: One response; `a` names it wherever it is shown.
        response_b: The other.
        gold: Which is the best, or `tie`; None where nobody knows.
        category: Kind of task, for strata.
        source: Where it comes from, for clusters.
        author_a: Who wrote response_a, for self-preference.
        author_b: Who wrote response_b.
        reference: A correct answer, for reference-guided judging.
        response_c: The third response, where there is one; so on up to the eighth, without a gap.
        attributes: Of each response what is known of it by name, such as a price, for choices from lists.
        gold_votes: How many people said which verdict, or which share of them; None where nobody was asked.
    """

    id: str
    prompt: str
    response_a: str
    response_b: str
    gold: Gold | None = None
    category: str | None = None
    source: str | None = None
    author_a: str | None = None
    author_b: str | None = None
    reference: str | None = None
    response_c: str | None = None
    response_d: str | None = None
    response_e: str | None = None
    response_f: str | None = None
    response_g: str | None = None
    response_h: str | None = None
    gold_votes: tuple[tuple[Gold, float], ...] | None = None
    attributes: tuple[tuple[Letter, tuple[tuple[str, AttributeValue], ...]], ...] | None = None

    @property
    def responses(self) -> tuple[str, ...]:
        """All responses, in the order of their letters."""
        return tuple(text for letter in LETTERS if (text := getattr(self, f"response_{letter}")) is not None)

    @property
    def letters(self) -> tuple[Letter, ...]:
        """The letters of the responses."""
        return LETTERS[: len(self.responses)]

    @property
    def authors(self) -> tuple[str | None, str | None]:
        """Who wrote the two responses."""
        return self.author_a, self.author_b

    def response(self, letter: Letter) -> str:
        """The response of that letter.

        Raises:
            KeyError: The item has none.
        """
        text: str | None = getattr(self, f"response_{letter}")
        if text is None:
            raise KeyError(letter)
        return text

    def to_dict(self) -> dict[str, Any]:
        """The item as the item file holds it; there are no keys for further responses and votes that it has not."""
        values = ((key, getattr(self, key)) for key in ITEM_KEYS)
        found = {key: value for key, value in values if key in PAIR_KEYS or value is not None}
        if self.gold_votes is not None:
            found[VOTES] = dict(self.gold_votes)
        if self.attributes is not None:
            found[ATTRIBUTES] = {letter: dict(own) for letter, own in self.attributes}
        return found


ITEM_KEYS: Final = tuple(f.name for f in fields(Item))
FURTHER_RESPONSES: Final = tuple(f"response_{letter}" for letter in LETTERS[2:])
VOTES: Final = "gold_votes"
ATTRIBUTES: Final = "attributes"
PAIR_KEYS: Final = tuple(key for key in ITEM_KEYS if key not in {*FURTHER_RESPONSES, VOTES, ATTRIBUTES})
"""The keys of an item with two responses; all are texts."""
REQUIRED_KEYS: Final = ("id", "prompt", "response_a", "response_b")


def gold_values(row: Mapping[str, Any]) -> tuple[str, ...]:
    """What gold may be, besides null: a letter that has a response, or a tie."""
    return (*(letter for letter in LETTERS if row.get(f"response_{letter}") is not None), "tie")


def fault_of(row: Mapping[str, Any]) -> tuple[str, str] | None:
    """What keeps a row from being an item: (key, what is wrong), or None."""
    for key in REQUIRED_KEYS:
        if row.get(key) is None:
            return key, f"{key!r} is missing"
    for key, value in row.items():
        if key in {VOTES, ATTRIBUTES}:
            continue
        if value is not None and not isinstance(value, str):
            return key, f"{key!r} is {type(value).__name__} {str(value)[:40]!r}, not text"
        if value is not None and LONE_SURROGATE.search(value):
            return key, f"{key!r} holds half of a surrogate pair, which is no character"
    if not str(row["id"]).strip():
        return "id", "'id' is empty"
    return _gap(row) or _bad_gold(row) or _bad_votes(row) or _bad_attributes(row)


def _gap(row: Mapping[str, Any]) -> tuple[str, str] | None:
    """A further response whose forerunner is missing."""
    for before, key in pairwise(("response_b", *FURTHER_RESPONSES)):
        if row.get(key) is not None and row.get(before) is None:
            return key, f"there is {key!r}, but no {before!r}"
    return None


def _bad_gold(row: Mapping[str, Any]) -> tuple[str, str] | None:
    gold = row.get("gold")
    if gold is None or gold in gold_values(row):
        return None
    absent = f", but there is no 'response_{gold}'" if gold in LETTERS else ""
    return "gold", f"'gold' is {gold!r}{absent}"


def votes_of(found: Mapping[Gold, float]) -> tuple[tuple[Gold, float], ...]:
    """Votes as an item keeps them, in the order of the verdicts."""
    return tuple(sorted(found.items()))


def _bad_votes(row: Mapping[str, Any]) -> tuple[str, str] | None:
    """Votes that are no numbers by verdict, or none at all."""
    votes = row.get(VOTES)
    if votes is None:
        return None
    if not isinstance(votes, Mapping):
        return VOTES, f"{VOTES!r} is {type(votes).__name__} {str(votes)[:40]!r}, not votes by verdict"
    for gold, count in votes.items():
        if gold not in gold_values(row):
            return VOTES, f"{VOTES!r} has votes for {str(gold)[:40]!r}"
        if isinstance(count, bool) or not isinstance(count, int | float) or not 0 <= count < math.inf:
            return VOTES, f"{VOTES!r} has {str(count)[:40]!r} votes for {gold!r}"
    return None if sum(votes.values()) > 0 else (VOTES, f"{VOTES!r} holds no vote")


def attributes_of(
    found: Mapping[Letter, Mapping[str, AttributeValue]],
) -> tuple[tuple[Letter, tuple[tuple[str, AttributeValue], ...]], ...]:
    """Attributes as an item keeps them, in the order of the letters and of the names."""
    return tuple((letter, tuple(sorted(own.items()))) for letter, own in sorted(found.items()))


def _bad_attributes(row: Mapping[str, Any]) -> tuple[str, str] | None:
    """Attributes that are no values by name and letter."""
    found = row.get(ATTRIBUTES)
    if found is None:
        return None
    if not isinstance(found, Mapping):
        return (
            ATTRIBUTES,
            f"{ATTRIBUTES!r} is {type(found).__name__} {str(found)[:40]!r}, not values by response",
        )
    for letter, own in found.items():
        if letter not in LETTERS or row.get(f"response_{letter}") is None:
            return ATTRIBUTES, f"{ATTRIBUTES!r} speaks of {str(letter)[:40]!r}, which is no response"
        if not isinstance(own, Mapping):
            return ATTRIBUTES, f"{ATTRIBUTES!r} of {letter!r} is {type(own).__name__} {str(own)[:40]!r}"
        for name, value in own.items():
            if not _is_value(value):
                return (
                    ATTRIBUTES,
                    f"the attribute {name!r} of {letter!r} is {type(value).__name__} {str(value)[:40]!r}",
                )
    return None


def _is_value(value: object) -> bool:
    if isinstance(value, str):
        return LONE_SURROGATE.search(value) is None
    return isinstance(value, bool | int) or (isinstance(value, float) and math.isfinite(value))
