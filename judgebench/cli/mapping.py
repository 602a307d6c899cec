"""The options of the commands that read somebody's log: its format, and what its columns and values stand for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from judgebench.cli.options import OutDir

if TYPE_CHECKING:
    from judgebench.judges.columns import Columns


class Frame(StrEnum):
    """What a verdict is about."""

    item = "item"
    displayed = "displayed"


@dataclass(frozen=True, slots=True)
class Log:
    """A log as the options describe it.

    Attributes:
        path: The file or folder.
        form: The name of its format.
        out: The run directory, or where there are several judges their folder; None for the default.
        columns: What columns and values stand for, where the user says it.
    """

    path: Path
    form: str
    out: Path | None
    columns: Columns | None


def complete_format(incomplete: str) -> list[str]:
    """Formats that begin so, for tab completion."""
    from judgebench.run.imports import importers

    return [name for name in importers.names() if name.startswith(incomplete)]


LogPath = Annotated[
    Path, typer.Argument(metavar="PATH", help="The file or folder to read.", show_default=False)
]
Form = Annotated[
    str | None,
    typer.Option(
        "--format",
        metavar="F",
        help="See `judgebench list formats`.",
        autocompletion=complete_format,
        show_default="detected",
    ),
]
Maps = Annotated[
    list[str] | None,
    typer.Option(
        "--map",
        metavar="NAME=COLUMN",
        help="Which column holds item_id, verdict, order, gold, ...; for lm-eval and inspect, which score is "
        "the grade, and which the gold. May be given more than once.",
    ),
]
MapValues = Annotated[
    list[str] | None,
    typer.Option(
        "--map-values",
        metavar="[NAME:]VALUE=MEANING,...",
        help="What values stand for, of the verdict unless a NAME says otherwise: A=a,B=b,C=tie or "
        "order:1=ab,2=ba. May be given more than once.",
    ),
]
VerdictFrame = Annotated[
    Frame | None,
    typer.Option(
        "--frame",
        help="Whether a verdict a is about the item's response_a, or about the response displayed first. "
        "Gold and texts are always the item's.",
        show_default="item",
    ),
]
JudgeName = Annotated[
    str | None,
    typer.Option("--judge", metavar="NAME", help="The judge of all rows, where no column says it."),
]


def reads_log(command: Callable[[Log], None]) -> Callable[..., None]:
    """A command that takes a log, with the options by which the user describes it."""

    def described(
        path: LogPath,
        form: Form = None,
        out: OutDir = None,
        maps: Maps = None,
        map_values: MapValues = None,
        frame: VerdictFrame = None,
        judge: JudgeName = None,
    ) -> None:
        from judgebench.run.imports import detect

        columns = _columns(maps, map_values, frame, judge)
        command(Log(path, form or ("mapped" if columns else detect(path)), out, columns))

    described.__doc__ = command.__doc__
    return described


def _columns(
    maps: list[str] | None, values: list[str] | None, frame: Frame | None, judge: str | None
) -> Columns | None:
    """What the options say; None where none is given."""
    if not (maps or values or frame or judge):
        return None
    from judgebench.run.imports import columns_of

    return columns_of(maps or (), values or (), frame=(frame or Frame.item).value, judge=judge)
