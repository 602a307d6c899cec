"""RM-Bench's upstream layout: three chosen and three rejected responses a prompt, in three styles.

The styles are concise, detailed, and detailed with markdown. Every chosen response is compared with every rejected one,
so a prompt makes nine pairs; a pair is hard where the rejected response has the fancier style.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final, Literal

from judgebench.items.model import Item
from judgebench.items.public.base import PublicSource, Sides, first_file, placed
from judgebench.items.source_rows import SourceRow, distinct, read_objects

Level = Literal["hard", "normal", "easy"]

LAYOUT: Final = "RM-Bench's total_dataset.json: id, prompt, chosen and rejected, three styles each"
STYLES: Final = ("concise", "plain", "markdown")
PAIRS: Final = tuple((i, j) for i in range(len(STYLES)) for j in range(len(STYLES)))


@dataclass(frozen=True)
class RmBench(PublicSource):
    """RM-Bench: subtle errors in three styles; the source is the prompt, so cluster by source.

    Attributes:
        levels: Only these of hard, normal, easy; all where None.
        sides: `upstream` makes the chosen response a always, as an import has it.
    """

    name: ClassVar[str] = "rm_bench"
    levels: tuple[Level, ...] | None = None
    sides: Sides = "balanced"

    def load(self) -> list[Item]:
        """The pairs of a file, or of `total_dataset.json` in the folder or repository."""
        names = ("total_dataset.json", "data/total_dataset.json")
        rows = read_objects(
            first_file(self.located(), *names, expected=LAYOUT), expected=LAYOUT, kind="set of pairs"
        )
        distinct([prompt_id(row) for row in rows], rows, "id")
        items = [item for row in rows for item in pairs(row)]
        return placed(
            [item for item in items if item.category in (self.levels or (item.category,))], self.sides
        )


def prompt_id(row: SourceRow) -> str:
    """What names the prompt of a row: its domain and id."""
    domain = row.text_or_none("domain")
    return "/".join(("rm-bench", *([domain] if domain else []), row.text("id")))


def level(chosen: int, rejected: int) -> Level:
    """How hard a pair is, by the places of its styles."""
    if chosen == rejected:
        return "normal"
    return "hard" if chosen < rejected else "easy"


def pairs(row: SourceRow) -> list[Item]:
    """The nine pairs of a row, the chosen response first.

    Raises:
        InputError: The row is not in the layout.
    """
    prompt, source = row.text("prompt"), prompt_id(row)
    chosen, rejected = row.texts("chosen", len(STYLES)), row.texts("rejected", len(STYLES))
    return [
        Item(
            id=f"{source}/{STYLES[i]}-{STYLES[j]}",
            prompt=prompt,
            response_a=chosen[i],
            response_b=rejected[j],
            gold="a",
            category=level(i, j),
            source=source,
        )
        for i, j in PAIRS
    ]
