"""The tidy format of recorded verdicts: a recording for each judge in a file."""

from __future__ import annotations

from pathlib import Path

from judgebench.items.lines import lacking
from judgebench.judges.columns import REQUIRED
from judgebench.judges.tidy import read_tidy
from judgebench.run.imports.base import Importer, Recording


def read(path: Path) -> list[Recording]:
    """The recordings in a tidy file, one a judge, in the order of their first rows.

    Raises:
        InputError: The file is broken; see `judgebench.judges.tidy.read_tidy`.
    """
    frame = "as given: the tidy format is in the item's frame"
    return [
        Recording(path.stem, f"recorded/{judge}", found.verdicts, frame)
        for judge, found in read_tidy(path).items()
    ]


def misfit(path: Path) -> str | None:
    """Why a path is not a tidy file, at a glance."""
    return lacking(path, REQUIRED)


tidy = Importer(
    "tidy", "a row a verdict: item_id, judge, order, verdict; JSONL, CSV or Parquet", read, misfit
)
