"""`judgebench correct`: what the measured biases do to a leaderboard."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from judgebench.cli.options import MitigationName, ProtocolName


def correct(
    win_rates: Annotated[
        Path,
        typer.Argument(
            metavar="WINRATES",
            help="CSV, JSONL or Parquet: a row a model or a comparison.",
            show_default=False,
        ),
    ],
    audit: Annotated[
        Path, typer.Option("--audit", metavar="DIR", help="The run directory of the judge's audit.")
    ],
    protocol: ProtocolName = None,
    mitigation: MitigationName = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Also write the table there, as CSV.")
    ] = None,
) -> None:
    """Take the biases that an audit measured out of a leaderboard's win rates and ranks."""
    from judgebench.analysis.leaderboard import correct as correct_board
    from judgebench.analysis.leaderboard_files import read_board
    from judgebench.analysis.selection import one_way
    from judgebench.audit import load, settings_of
    from judgebench.cli.show import show_table
    from judgebench.report.leaderboard import leaderboard_csv, leaderboard_table
    from judgebench.run.manifest import write_text

    run = load(audit)
    level = settings_of(run.manifest).level
    board = read_board(win_rates, level=level)
    effects = one_way(run.effects(), protocol, mitigation)
    found = correct_board(board.standings, effects, board.exposures, level=level)
    show_table(leaderboard_table(found))
    typer.echo(
        "The effects are those on the audit's items; the correction is right so far as these are alike."
    )
    if out is not None:
        write_text(out, leaderboard_csv(found))
        typer.echo(f"wrote {out}", err=True)
