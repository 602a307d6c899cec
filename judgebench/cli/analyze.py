"""`judgebench analyze`: estimate the effects of run directories again; nothing is asked."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from judgebench.cli.options import RunDirs
from judgebench.errors import InputError


def analyze(
    directories: RunDirs,
    margin: Annotated[
        float | None, typer.Option("--margin", help="The margin, in probability. Default: the plan's.")
    ] = None,
    alpha: Annotated[
        float | None, typer.Option("--alpha", help="The family-wise error rate. Default: the plan's.")
    ] = None,
    level: Annotated[
        float | None, typer.Option("--level", help="The level of the intervals. Default: the plan's.")
    ] = None,
    split: Annotated[
        str | None,
        typer.Option(
            "--order-split",
            metavar="half|zero",
            help="What a verdict on own responses counts that changes with the order. Default: the plan's.",
        ),
    ] = None,
) -> None:
    """Estimate effects from the judgments in run directories, and write them and the reports there."""
    from judgebench.audit import analyze as analyze_run
    from judgebench.audit import audit_of
    from judgebench.cli.show import show
    from judgebench.report.write import write_reports

    if split not in {None, "half", "zero"}:
        raise InputError(f"--order-split is {split!r}", expected="half or zero")
    counted: Literal["half", "zero"] | None = (
        "zero" if split == "zero" else "half" if split == "half" else None
    )
    runs = [
        analyze_run(directory, margin=margin, alpha=alpha, level=level, split=counted)
        for directory in directories
    ]
    audits = [audit_of(run) for run in runs]
    for directory, audit in zip(directories, audits, strict=True):
        write_reports(directory, [audit])
    show(audits)
