"""`judgebench report`: the tables, figures and methods of one or more run directories, side by side."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from judgebench.cli.options import RunDirs
from judgebench.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from judgebench.report.choose import Wanted
    from judgebench.report.model import Audit


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
            help="One table alone: main, beside, category, dose, mitigation, position, accuracy, self_preference, "
            "self_recognition or full.",
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
    methods: Annotated[
        bool, typer.Option("--methods", help="The methods paragraph alone, as text or LaTeX.")
    ] = False,
    figures: Annotated[
        Path | None,
        typer.Option("--figures", metavar="FOLDER", help="Write the figures there, and no report."),
    ] = None,
    style: Annotated[
        Path | None,
        typer.Option("--style", metavar="FILE", help="A matplotlib style sheet, laid over the figures' own."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Where to. Default: standard output.")
    ] = None,
) -> None:
    """Write the report of one or more run directories, one table of it, its methods paragraph or its figures."""
    from judgebench.audit import audit_of, load
    from judgebench.report.write import render
    from judgebench.run.manifest import write_text

    wanted = _wanted(table, columns, stars=stars)
    _one_thing(
        table=wanted is not None, methods=methods, figures=figures is not None, style=style is not None
    )
    audits = [audit_of(load(directory)) for directory in directories]
    if figures is not None:
        _figures(audits, figures, style)
        return
    text = _methods(form, audits, out) if methods else render(form.value, audits, wanted)
    if out is None:
        typer.echo(text)
    else:
        write_text(out, text)
        typer.echo(f"wrote {out}", err=True)


def _one_thing(*, table: bool, methods: bool, figures: bool, style: bool) -> None:
    """Options that would not do anything together are refused."""
    if table + methods + figures > 1:
        raise InputError(
            "a table, the methods paragraph and the figures are written one at a time",
            expected="one of --table (with --columns, --stars), --methods and --figures",
        )
    if style and not figures:
        raise InputError("--style is for figures", expected="--figures FOLDER with it")


def _wanted(table: str | None, columns: str | None, *, stars: bool) -> Wanted | None:
    """The one table that is asked for; None where it is the whole report."""
    from judgebench.report.choose import Wanted

    if table is None and columns is None and not stars:
        return None
    names = None if columns is None else tuple(name.strip() for name in columns.split(","))
    return Wanted(table or "main", names, stars)


def _methods(form: Format, audits: Sequence[Audit], out: Path | None) -> str:
    """The methods paragraph; its references go beside the file that it is written to."""
    from judgebench.report.methods import methods_files
    from judgebench.run.manifest import write_text

    names = {Format.markdown: "methods.txt", Format.latex: "methods.tex"}
    if form not in names:
        raise InputError(f"there is no methods paragraph as {form}", expected="--format markdown or latex")
    files = methods_files(audits)
    if out is not None:
        write_text(out.with_name("references.bib"), files["references.bib"])
    return files[names[form]]


def _figures(audits: Sequence[Audit], folder: Path, style: Path | None) -> None:
    from judgebench.report.figures import SUFFIXES
    from judgebench.report.write import write_figures

    written = write_figures(folder, audits, suffixes=SUFFIXES, style=style)
    if not written:
        raise InputError("there is nothing to draw", expected="runs with effects that are shares")
    for path in written:
        typer.echo(f"wrote {path}", err=True)
