"""`judgebench route`: which items a human should look at."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from judgebench.cli.options import MitigationName, ProtocolName, RunDir

WRITTEN = "routing.csv"


def route(
    directory: RunDir,
    top: Annotated[int, typer.Option("--top", min=1, metavar="N", help="Items shown.")] = 20,
    protocol: ProtocolName = None,
    mitigation: MitigationName = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help=f"Where all items go. Default: DIR/{WRITTEN}."),
    ] = None,
) -> None:
    """Rank the items by how much the verdict depends on what must not matter."""
    from judgebench.analysis.routing import route as route_items
    from judgebench.analysis.selection import one_way
    from judgebench.audit import load, settings_of
    from judgebench.cli.show import show_table
    from judgebench.report.routing import kept_table, routing_csv, routing_table
    from judgebench.run.manifest import write_text

    run = load(directory)
    chosen = one_way(run.judgments(), protocol, mitigation)
    found = route_items(chosen, level=settings_of(run.manifest).level)
    show_table(routing_table(found, top))
    if (kept := kept_table(found)) is not None:
        show_table(kept)
    path = out or directory / WRITTEN
    write_text(path, routing_csv(found))
    typer.echo(f"every item: {path}")
