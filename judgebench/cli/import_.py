"""`judgebench import`: recorded judgments into a run directory."""

from __future__ import annotations

import typer

from judgebench.cli.mapping import Log, reads_log


@reads_log
def import_(log: Log) -> None:
    """Import recorded judgments; several judges in one file go to a directory each."""
    from judgebench.audit import import_recordings

    for done in import_recordings(log.path, log.form, log.out, log.columns):
        counts = done.manifest["counts"]
        typer.echo(
            f"{done.manifest['judge']}: {counts['items']} items, {counts['trials']} verdicts -> {done.path}"
        )
        for name, figure in done.manifest["published"].items():
            same = (
                "reproduced" if figure["stated"] == figure["found"] else f"NOT reproduced: {figure['found']}"
            )
            typer.echo(f"  published {name} {figure['stated']}: {same}")
    typer.echo("next: judgebench analyze DIR")
