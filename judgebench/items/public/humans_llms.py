"""The layout of "Humans or LLMs as the Judge?": a file of pairs as they are, and one a perturbation.

In each perturbed file one of the two answers was changed: it got a factual error, a gender bias, a made-up reference or
rich content. An error and a gender bias make an answer worse, so gold is the one that was left alone; a reference and
rich content should not matter, and nobody judged the plain pairs, so there is no gold.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Final, Literal

from judgebench.errors import InputError
from judgebench.items.model import Gold, Item
from judgebench.items.public.base import PublicSource, Sides, placed
from judgebench.items.source_rows import SourceRow, distinct, read_lines

Perturbed = Literal["raw", "factual_error", "gender", "reference", "rich_content"]

_FILES: Final = ("raw", "factual_error", "gender", "reference", "rich_content")
_HARMFUL: Final = ("factual_error", "gender")
_LAYOUT: Final = (
    "raw.json, factual_error.json, gender.json, reference.json and rich_content.json, a line a pair"
)
_ANSWERS: Final = ("answer1", "answer2")


@dataclass(frozen=True)
class HumansLlms(PublicSource):
    """Answers of GPT-4, one of each pair with an error, a gender bias, a fake reference or rich content.

    Attributes:
        perturbations: Only these files, of raw, factual_error, gender, reference, rich_content; all where None.
        sides: `upstream` leaves the answers in their places; the changed one is always the first in `gender`.
    """

    name: ClassVar[str] = "humans_llms"
    perturbations: tuple[Perturbed, ...] | None = None
    sides: Sides = "balanced"

    def load(self) -> list[Item]:
        """The pairs of a file, or of the files in a folder; the category is the perturbation."""
        path = self.located()
        wanted = self.perturbations or _FILES
        files = [path / f"{name}.json" for name in wanted] if path.is_dir() else [path]
        items = [item for file in files for item in _pairs(file)]
        return placed(items, self.sides)


def _pairs(file: Path) -> Iterator[Item]:
    if file.stem not in _FILES:
        raise InputError("the name of the file is none of the set's", file=file, expected=_LAYOUT)
    rows = read_lines(file, expected=_LAYOUT, kind="set of pairs")
    distinct([row.text("question_id") for row in rows], rows, "question_id")
    for row in rows:
        yield _item(row, file.stem)


def _item(row: SourceRow, perturbation: str) -> Item:
    one, two = (_answer(row, key) for key in _ANSWERS)
    author = row.text_or_none("model_id")
    changed = ["perturb_prompt" in answer for answer in (one, two)]
    if perturbation != "raw" and sum(changed) != 1:
        raise row.wrong("answers", "one of the two with a perturb_prompt")
    gold: Gold | None = None
    if perturbation in _HARMFUL:
        gold = "b" if changed[0] else "a"
    authors = [f"{author}+{perturbation}" if altered and author else author for altered in changed]
    return Item(
        id=f"humans_llms/{row.text('question_id')}",
        prompt=row.text("prompt"),
        response_a=str(one["answer"]),
        response_b=str(two["answer"]),
        gold=gold,
        category=perturbation,
        source="humans_llms",
        author_a=authors[0],
        author_b=authors[1],
    )


def _answer(row: SourceRow, key: str) -> Mapping[str, Any]:
    answers = row.values.get("answers")
    answer = answers.get(key) if isinstance(answers, dict) else None
    if not isinstance(answer, dict):
        raise row.wrong("answers", "answer1 and answer2, each with its answer")
    row.storable("answers", answer.get("answer"), f"a text as the answer of {key}")
    return answer
