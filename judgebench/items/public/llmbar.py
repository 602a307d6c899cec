"""LLMBar's upstream layout: a `dataset.json` for each of five subsets, a list of pairs with label 1 or 2."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Final, Literal

from judgebench.errors import InputError
from judgebench.items.model import Gold, Item
from judgebench.items.public.base import PublicSource, one_of
from judgebench.items.source_rows import SourceRow, read_objects

Subset = Literal["natural", "neighbor", "gptinst", "gptout", "manual"]

LAYOUT: Final = "LLMBar's upstream layout: Natural/dataset.json and Adversarial/*/dataset.json"
_FOLDERS: Final[dict[str, str]] = {
    "natural": "Natural",
    "neighbor": "Adversarial/Neighbor",
    "gptinst": "Adversarial/GPTInst",
    "gptout": "Adversarial/GPTOut",
    "manual": "Adversarial/Manual",
}
_ROOTS: Final = (".", "LLMBar", "Dataset/LLMBar")
_DATASET: Final = "dataset.json"
_LABELS: Final[dict[str, Gold]] = {"1": "a", "2": "b"}


@dataclass(frozen=True)
class LlmBar(PublicSource):
    """LLMBar: pairs where one response follows the instruction and the other may look better.

    Attributes:
        subsets: Only these of natural, neighbor, gptinst, gptout, manual; all where None.
    """

    name: ClassVar[str] = "llmbar"
    subsets: tuple[Subset, ...] | None = None

    def load(self) -> list[Item]:
        """The pairs of the repository, of its folder `LLMBar`, or of the one subset that the path names."""
        path = self.located()
        files = _files(path)
        for subset in self.subsets or ():
            if subset not in files:
                raise InputError(f"no subset {subset!r} here", file=path, expected=LAYOUT)
        return [
            item for name, file in files.items() if name in (self.subsets or files) for item in pairs(file)
        ]


def _files(path: Path) -> dict[str, Path]:
    """The files by subset."""
    if path.is_file():
        return {path.parent.name.lower(): path}
    if (path / _DATASET).is_file():
        return {path.name.lower(): path / _DATASET}
    for root in _ROOTS:
        found = {name: path / root / folder / _DATASET for name, folder in _FOLDERS.items()}
        found = {name: file for name, file in found.items() if file.is_file()}
        if found:
            return found
    message = "no dataset.json of LLMBar" if path.exists() else "no such file or folder"
    raise InputError(message, file=path, expected=LAYOUT)


def pairs(file: Path) -> list[Item]:
    """The pairs of a `dataset.json`; the folder it lies in is the subset.

    Raises:
        InputError: The file is missing or not in the layout.
    """
    subset = file.resolve().parent.name.lower()
    rows = read_objects(file, expected=LAYOUT, kind="set of pairs")
    return [_item(row, subset, index) for index, row in enumerate(rows)]


def _item(row: SourceRow, subset: str, index: int) -> Item:
    source = f"llmbar-{subset}"
    return Item(
        id=f"{source}/{index:03d}",
        prompt=row.text("input"),
        response_a=row.text("output_1"),
        response_b=row.text("output_2"),
        gold=one_of(row, "label", _LABELS),
        category=subset,
        source=source,
    )
