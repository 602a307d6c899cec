"""JudgeBench's upstream layout: a JSONL file of pairs for each response model, with label A>B or B>A."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Final

from judgebench.errors import InputError, nearest
from judgebench.items.model import Gold, Item
from judgebench.items.public.base import PublicSource, one_of
from judgebench.items.source_rows import SourceRow, distinct, read_objects

LAYOUT: Final = (
    "a file of JudgeBench's data, a line a pair with pair_id, question, response_A, response_B and label"
)
_LABELS: Final[dict[str, Gold]] = {"A>B": "a", "B>A": "b", "A=B": "tie"}
_FILES: Final = "dataset=judgebench,response_model=*.jsonl"


@dataclass(frozen=True)
class JudgeBenchPairs(PublicSource):
    """JudgeBench: two answers of one model to a hard question, exactly one of them right.

    Attributes:
        response_model: Only the pairs that this model wrote; all where None.
    """

    name: ClassVar[str] = "judgebench"
    response_model: str | None = None

    def load(self) -> list[Item]:
        """The pairs of a file, or of all files in the folder or repository."""
        path = self.located()
        files = _files(path)
        rows = [row for file in files for row in read_objects(file, expected=LAYOUT, kind="set of pairs")]
        models = sorted({row.text("response_model") for row in rows})
        if self.response_model is not None and self.response_model not in models:
            raise InputError(
                f"no pairs by {self.response_model!r}",
                expected=f"one of {', '.join(models)}",
                suggestion=nearest(self.response_model, models),
            )
        chosen = [row for row in rows if self.response_model in (None, row.text("response_model"))]
        items = [pair(row) for row in chosen]
        distinct([item.id for item in items], chosen, "pair_id")
        return items


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    found = sorted(path.glob(_FILES)) or sorted(path.glob(f"data/{_FILES}"))
    if not found:
        raise InputError("no pairs of JudgeBench in the folder", file=path, expected=LAYOUT)
    return found


def pair(row: SourceRow) -> Item:
    """The pair of a row.

    Raises:
        InputError: The row is not in the layout.
    """
    author = row.text("response_model")
    return Item(
        id=row.text("pair_id"),
        prompt=row.text("question"),
        response_a=row.text("response_A"),
        response_b=row.text("response_B"),
        gold=gold_of(row),
        category=category_of(row),
        source=row.text("source"),
        author_a=author,
        author_b=author,
    )


def category_of(row: SourceRow) -> str:
    """Upstream reports the subjects of MMLU-Pro as one."""
    source = row.text("source")
    return "mmlu-pro" if source.startswith("mmlu-pro") else source


def gold_of(row: SourceRow) -> Gold:
    """The label, in the item's frame."""
    return one_of(row, "label", _LABELS)
