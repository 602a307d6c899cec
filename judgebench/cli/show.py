"""Audits on the terminal, as wide and as colourful as it is."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from judgebench.report.model import Audit
    from judgebench.report.table import Table


def show(audits: Sequence[Audit]) -> None:
    """Print the tables of one judge, or of several with a comparison."""
    from judgebench.report.terminal import render_terminal, wants_colour

    colour = wants_colour(sys.stdout)
    typer.echo(render_terminal(audits, width=_width(), colour=colour, ascii_only=_ascii_only()))


def show_table(table: Table) -> None:
    """Print one table."""
    from judgebench.report.terminal import render_table

    typer.echo(render_table(table, width=_width(), ascii_only=_ascii_only()))


def _width() -> int:
    return shutil.get_terminal_size((100, 24)).columns


def _ascii_only() -> bool:
    return not (sys.stdout.encoding or "").lower().replace("-", "").startswith("utf")
