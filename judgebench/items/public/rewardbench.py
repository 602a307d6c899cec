"""RewardBench's upstream layout: rows of prompt, chosen and rejected, with subset, id and both models."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from judgebench.errors import InputError, nearest
from judgebench.items.model import Item
from judgebench.items.public.base import PublicSource, Sides, first_file, placed
from judgebench.items.source_rows import SourceRow, distinct, read_table, storable

LAYOUT: Final = "RewardBench's rows: prompt, chosen, rejected, subset and id"
SUITE: Final = "rewardbench"


@dataclass(frozen=True)
class RewardBench(PublicSource):
    """RewardBench: a chosen and a rejected response to each prompt, in 23 subsets.

    Attributes:
        subsets: Only these subsets; all where None.
        sides: `upstream` makes the chosen response a always, as an import has it.
    """

    name: ClassVar[str] = "rewardbench"
    subsets: tuple[str, ...] | None = None
    sides: Sides = "balanced"

    def load(self) -> list[Item]:
        """The pairs of a Parquet, JSONL, JSON or CSV file, or of the split `filtered` in a folder."""
        file = first_file(self.located(), "filtered-*.parquet", "data/filtered-*.parquet", expected=LAYOUT)
        rows = read_table(file, expected=LAYOUT, kind="set of pairs")
        known = sorted({row.text("subset") for row in rows})
        for subset in self.subsets or ():
            if subset not in known:
                raise InputError(
                    f"RewardBench has no subset {subset!r} here",
                    expected=f"one of {', '.join(known)}",
                    suggestion=nearest(subset, known),
                )
        chosen = [row for row in rows if self.subsets is None or row.text("subset") in self.subsets]
        items = [_pair(row, name_of(row, number)) for number, row in enumerate(chosen)]
        distinct([item.id for item in items], chosen, "id")
        return placed(items, self.sides)


def name_of(row: SourceRow, number: int) -> str:
    """The id of a row: by subset and id, or by its number where it has no id."""
    subset, name = row.text_or_none("subset"), row.text_or_none("id")
    return "/".join((SUITE, *([subset] if subset else []), name or f"{number:04d}"))


def _pair(row: SourceRow, name: str) -> Item:
    item = pair(row, name)
    if item is None:
        raise row.wrong("chosen", "the text of the better response, beside prompt and rejected")
    return item


def pair(row: SourceRow, name: str) -> Item | None:
    """The pair of a row, the chosen response first; None where the texts cannot be told apart."""
    texts = _texts(row)
    if texts is None:
        return None
    prompt, chosen, rejected = texts
    return Item(
        id=name,
        prompt=prompt,
        response_a=chosen,
        response_b=rejected,
        gold="a",
        category=row.text_or_none("subset"),
        source=SUITE,
        author_a=row.text_or_none("chosen_model"),
        author_b=row.text_or_none("rejected_model"),
    )


def _texts(row: SourceRow) -> tuple[str, str, str] | None:
    """The prompt and both responses; None where they cannot be told apart."""
    if isinstance(row.values.get("text_chosen"), list):
        (prompt, chosen), (other, rejected) = (_turns(row, key) for key in ("text_chosen", "text_rejected"))
        if prompt != other:
            raise row.fault(
                "text_rejected", "the two conversations differ before their last turn", "one prompt"
            )
        return prompt, chosen, rejected
    if isinstance(row.values.get("chosen"), str) and row.values.get("prompt") is not None:
        return _prompt(row), row.text("chosen"), row.text("rejected")
    return None


def _prompt(row: SourceRow) -> str:
    prompt = row.values["prompt"]
    return _spoken(row, "prompt", prompt) if isinstance(prompt, list) else row.text("prompt")


def _turns(row: SourceRow, key: str) -> tuple[str, str]:
    """What was said before the last turn, and the last turn."""
    turns = row.values.get(key)
    if not (isinstance(turns, list) and len(turns) > 1):
        raise row.wrong(key, "a list of turns, the last one the response")
    return _spoken(row, key, turns[:-1]), _spoken(row, key, turns[-1:])


def _spoken(row: SourceRow, key: str, turns: Sequence[Any]) -> str:
    """One turn as it is; of several, who says what."""
    for turn in turns:
        if not (isinstance(turn, dict) and storable(turn.get("content")) and storable(turn.get("role"))):
            raise row.wrong(key, "turns with role and content")
    if len(turns) == 1:
        return str(turns[0]["content"])
    return "\n\n".join(f"{turn['role']}: {turn['content']}" for turn in turns)
