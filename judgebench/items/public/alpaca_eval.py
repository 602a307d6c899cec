"""AlpacaEval's upstream layouts: `model_outputs.json` of a model and of a reference, or `annotations.json`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Final

from judgebench.errors import InputError
from judgebench.items.model import Item
from judgebench.items.public.base import PublicSource, first_file
from judgebench.items.source_rows import SourceRow, read_objects, suite_of

LAYOUT: Final = "AlpacaEval's model_outputs.json, or annotations.json with output_1 and output_2"
_OUTPUTS: Final = "model_outputs.json"
_SET: Final = "alpaca_eval"


@dataclass(frozen=True)
class AlpacaEval(PublicSource):
    """AlpacaEval: a reference model's output (a) against a model's (b); nobody knows which is better, so no gold.

    Attributes:
        reference: The reference model's `model_outputs.json`; without it the path must be annotations with both texts.
    """

    path_options: ClassVar[tuple[str, ...]] = ("path", "reference")
    name: ClassVar[str] = _SET
    reference: Path | None = None

    def load(self) -> list[Item]:
        """The pairs, in the order of the model's file."""
        located = self.located()
        fetched_reference = located / "reference" / _OUTPUTS
        reference = self.reference if self.reference or not fetched_reference.is_file() else fetched_reference
        file = first_file(located, _OUTPUTS, "annotations.json", expected=LAYOUT)
        rows = read_objects(file, expected=LAYOUT, kind="file of outputs")
        if "output_1" in rows[0].values:
            return pairs(rows)
        if reference is None:
            raise InputError(
                "the outputs of one model, and no reference to compare them with",
                file=file,
                expected="reference: the model_outputs.json of another model",
            )
        return _joined(rows, first_file(reference, _OUTPUTS, expected=LAYOUT))


def _joined(rows: Sequence[SourceRow], reference: Path) -> list[Item]:
    """Both models' outputs on the same instructions; one that comes twice is met in the order of the files."""
    others = _numbered(read_objects(reference, expected=LAYOUT, kind="file of outputs"))
    suite = suite_of(_SET, *sorted({row.text("generator") for row in rows}))
    items = []
    for number, (key, row) in enumerate(_numbered(rows).items()):
        if key not in others:
            raise row.fault(
                "instruction", "the reference has no output on this instruction", f"one in {reference}"
            )
        items.append(_outputs(row, others[key], f"{suite}/{number:03d}"))
    return items


def _numbered(rows: Sequence[SourceRow]) -> dict[tuple[str, int], SourceRow]:
    times = Counter[str]()
    found = {}
    for row in rows:
        instruction = row.text("instruction")
        found[instruction, times[instruction]] = row
        times[instruction] += 1
    return found


def _outputs(row: SourceRow, reference: SourceRow, name: str) -> Item:
    return Item(
        id=name,
        prompt=row.text("instruction"),
        response_a=reference.text("output"),
        response_b=row.text("output"),
        category=row.text_or_none("dataset"),
        source=_SET,
        author_a=reference.text_or_none("generator"),
        author_b=row.text_or_none("generator"),
    )


def suite_name(rows: Sequence[SourceRow]) -> str:
    """A name for the annotations of a model."""
    return suite_of(_SET, *sorted({row.text("generator_2") for row in rows}))


def pairs(rows: Sequence[SourceRow]) -> list[Item]:
    """The pairs of annotations: output_1, the reference, is a, and output_2, the model, is b.

    Raises:
        InputError: A row is not in the layout.
    """
    suite = suite_name(rows)
    return [_annotated(row, f"{suite}/{number:03d}") for number, row in enumerate(rows)]


def _annotated(row: SourceRow, name: str) -> Item:
    return Item(
        id=name,
        prompt=row.text("instruction"),
        response_a=row.text("output_1"),
        response_b=row.text("output_2"),
        category=row.text_or_none("dataset"),
        source=_SET,
        author_a=row.text_or_none("generator_1"),
        author_b=row.text_or_none("generator_2"),
    )
