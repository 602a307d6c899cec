"""`judgebench compare`: two judges, or two versions of one, on the same items."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from judgebench.audit import Run


def compare(
    first: Annotated[Path, typer.Argument(metavar="DIR", help="A run directory.", show_default=False)],
    second: Annotated[
        Path | None, typer.Argument(metavar="[DIR]", help="The one to compare it with.", show_default=False)
    ] = None,
    mitigations: Annotated[
        str | None,
        typer.Option("--mitigations", metavar="ONE,TWO", help="Compare two mitigations of the first run."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Also write every row there, as CSV.")
    ] = None,
) -> None:
    """Show the differences of two judges' effects, paired on the items: first minus second.

    The two may be judges, versions of one, or dates of one: how often the verdict on an unchanged item differs is told
    beside how often either differs from itself.
    """
    from judgebench.analysis.authors import by_prompt, read_authored
    from judgebench.analysis.compare import compare as compare_judgments
    from judgebench.analysis.compare import compare_mitigations
    from judgebench.audit import load, settings_of
    from judgebench.cli.show import show_table
    from judgebench.errors import InputError
    from judgebench.report.comparing import differences_table
    from judgebench.report.csv import render_csv
    from judgebench.report.model import Audit
    from judgebench.run.manifest import write_text

    if (second is None) == (mitigations is None):
        raise InputError(
            "there must be one thing to compare with",
            expected="a second run directory, or --mitigations ONE,TWO",
        )
    one = load(first)
    planned, authored = settings_of(one.manifest), read_authored(one.path)
    judgments, settings = by_prompt(one.judgments(), authored, planned)
    if second is None:
        names = _two(mitigations or "")
        table = compare_mitigations(judgments, *names, settings)
        caption = f"{one.manifest.get('judge')}: {names[0]} minus {names[1]}, in points"
    else:
        two = load(second)
        others, _ = by_prompt(two.judgments(), authored, planned)
        table = compare_judgments(judgments, others, settings)
        caption = f"{_dated(one)}\nminus {_dated(two)}, in points"
    show_table(differences_table(table, caption))
    if out is not None:
        write_text(out, render_csv([Audit(table, {"suite": one.manifest["suite"]})]))
        typer.echo(f"wrote {out}", err=True)


def _two(names: str) -> tuple[str, str]:
    from judgebench.errors import InputError

    one, comma, two = (part.strip() for part in names.partition(","))
    if not (one and comma and two) or "," in two:
        raise InputError(f"--mitigations is {names!r}", expected="two names with a comma between")
    return one, two


def _dated(run: Run) -> str:
    """Which model was served when: what tells two runs of one judge apart."""
    served = run.manifest.get("served_model")
    when = run.manifest.get("started_at") or "date unknown"
    return f"{run.manifest.get('judge')} ({when}{f', served {served}' if served else ''})"
