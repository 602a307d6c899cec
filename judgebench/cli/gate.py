"""`judgebench gate`: fail a build when a bias is worse than it may be."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from judgebench.cli.options import RunDir


class FailOn(StrEnum):
    """The decisions at which the gate fails."""

    biased = "biased"
    inconclusive = "inconclusive"


def gate(
    directory: RunDir,
    max_bias: Annotated[
        float | None,
        typer.Option(
            "--max-bias", min=0.0, max=1.0, help="The margin, in probability. Default: the suite's."
        ),
    ] = None,
    fail_on: Annotated[
        FailOn, typer.Option("--fail-on", help="`inconclusive` also fails where equivalence was not shown.")
    ] = FailOn.biased,
    junit: Annotated[
        Path | None, typer.Option("--junit", metavar="FILE", help="Write a JUnit XML report there.")
    ] = None,
    summary: Annotated[
        Path | None,
        typer.Option(
            "--summary",
            metavar="FILE",
            envvar="GITHUB_STEP_SUMMARY",
            help="Append a Markdown table to that file.",
        ),
    ] = None,
) -> None:
    """Exit with 4 if a bias is worse than the margin."""
    from judgebench.analysis.gate import gate_rows
    from judgebench.audit import load, settings_of
    from judgebench.errors import GateFailed
    from judgebench.report.gate import gate_junit, gate_lines, gate_summary
    from judgebench.run.manifest import append_text, write_text

    run = load(directory)
    rows = gate_rows(run.effects(), settings_of(run.manifest), max_bias)
    failing = {"biased"} if fail_on is FailOn.biased else {"biased", "inconclusive"}
    names = {"suite": str(run.manifest["suite"]), "judge": str(run.manifest.get("judge", "unknown"))}
    typer.echo("\n".join(gate_lines(rows, failing)))
    if junit is not None:
        write_text(junit, gate_junit(rows, failing, **names))
    if summary is not None:
        append_text(summary, gate_summary(rows, failing, **names))
    failed = [row.perturbation for row in rows if row.decision in failing]
    if failed:
        raise GateFailed(f"{len(failed)} of {len(rows)} biases fail the gate: {', '.join(failed)}")
