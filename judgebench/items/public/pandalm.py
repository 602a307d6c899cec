"""PandaLM's upstream layout: `testset-v1.json`, pairs with the votes of three annotators."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import ClassVar, Final

from judgebench.items.model import Gold, Item, votes_of
from judgebench.items.public.base import PublicSource, first_file
from judgebench.items.source_rows import SourceRow, read_objects

LAYOUT: Final = (
    "PandaLM's testset-v1.json: instruction, input, response1, response2, annotator1 to annotator3"
)
TESTSET: Final = "testset-v1.json"
RESPONSES: Final = ("response1", "response2")
_ANNOTATORS: Final = ("annotator1", "annotator2", "annotator3")
SIDES: Final[dict[int, Gold]] = {0: "tie", 1: "a", 2: "b"}


@dataclass(frozen=True)
class PandaLm(PublicSource):
    """PandaLM's test set: answers of small models; gold is what at least two of three people say."""

    name: ClassVar[str] = "pandalm"

    def load(self) -> list[Item]:
        """The pairs of the file, or of the one in the folder or repository."""
        file = first_file(self.located(), TESTSET, f"data/{TESTSET}", expected=LAYOUT)
        return [pair(row) for row in read_objects(file, expected=LAYOUT, kind="set of pairs")]


def pair(row: SourceRow) -> Item:
    """The pair of a row.

    Raises:
        InputError: The row is not in the layout.
    """
    given = row.text_or_none("input")
    author_a, _, author_b = (row.text_or_none("cmp_key") or "").partition("_")
    return Item(
        id=f"pandalm/{row.text('idx').zfill(3)}",
        prompt=row.text("instruction") + (f"\n\n{given}" if given else ""),
        response_a=_response(row, "response1"),
        response_b=_response(row, "response2"),
        gold=_gold(row),
        gold_votes=votes_of(Counter(_votes(row))),
        category=row.text_or_none("motivation_app"),
        source="pandalm",
        author_a=author_a or None,
        author_b=author_b or None,
    )


def _response(row: SourceRow, key: str) -> str:
    """A response; the file holds some as the truth value true, which upstream's own code shows as True."""
    value = row.values.get(key)
    return str(value) if isinstance(value, bool) else row.text(key)


def _votes(row: SourceRow) -> list[Gold]:
    for key in _ANNOTATORS:
        if type(row.values.get(key)) is not int or row.values[key] not in SIDES:
            raise row.wrong(key, "0, 1 or 2")
    return [SIDES[row.values[key]] for key in _ANNOTATORS]


def _gold(row: SourceRow) -> Gold | None:
    """What at least two annotators say; None where all three differ."""
    votes = _votes(row)
    return None if len(set(votes)) == len(votes) else majority(row)


def majority(row: SourceRow) -> Gold:
    """Upstream's gold: the first annotator decides where all three differ."""
    return Counter(_votes(row)).most_common(1)[0][0]
