"""`judgebench report`: the tables of one or more run directories, side by side."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from judgebench.cli.options import RunDirs


class Format(StrEnum):
    """What a report is written as."""

    html = "html"
    latex = "latex"
    markdown = "markdown"
    csv = "csv"


def report(
    directories: RunDirs,
    form: Annotated[Format, typer.Option("--format", help="What to write.")] = Format.markdown,
    table: Annotated[
        str | None,
        typer.Option(
            "--table",
            metavar="NAME",
            help="One table alone: main, beside, category, dose, mitigation, position, accuracy, self_preference "
            "or full.",
        ),
    ] = None,
    columns: Annotated[
        str | None,
        typer.Option(
            "--columns", metavar="NAME,...", help="Its columns, by name, in that order; see docs/reports.md."
        ),
    ] = None,
    stars: Annotated[
        bool, typer.Option("--stars", help="Stars for adjusted p-values under .05, .01 and .001.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Where to. Default: standard output.")
    ] = None,
) -> None:
    """Write the report of one or more run directories."""
    from judgebench.audit import audit_of, load
    from judgebench.report.choose import Wanted
    from judgebench.report.write import render
    from judgebench.run.manifest import write_text

    audits = [audit_of(load(directory)) for directory in directories]
    wanted = None
    if table is not None or columns is not None or stars:
        names = None if columns is None else tuple(name.strip() for name in columns.split(","))
        wanted = Wanted(table or "main", names, stars)
    text = render(form.value, audits, wanted)
    if out is None:
        typer.echo(text)
    else:
        write_text(out, text)
        typer.echo(f"wrote {out}", err=True)
