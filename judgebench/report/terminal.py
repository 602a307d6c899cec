"""The table in the terminal: one a judge, and one that puts several judges side by side.

The text holds no control sequence but the colours that are asked for: what others wrote is cleaned first.
"""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from typing import Final, TextIO

from rich.cells import cell_len
from rich.console import Console
from rich.rule import Rule
from rich.table import Table as Grid
from rich.text import Text

from judgebench.report import formats
from judgebench.report.checks import warnings_of
from judgebench.report.effects import Line, lines_of
from judgebench.report.facts import headline, instrument_lines
from judgebench.report.forest_bar import Scale, axis, bar, scale_for
from judgebench.report.labels import DECISIONS
from judgebench.report.model import Audit
from judgebench.report.tables import Row, Table, beside_table, comparison_table, main_table
from judgebench.report.text import clean, clean_block, shorten

__all__ = ["render_table", "render_terminal", "wants_colour"]

_STYLES: Final = {
    "biased": "bold red",
    "negligible": "cyan",
    "equivalent": "green",
    "inconclusive": "yellow",
    "": "",
}
_WIDE: Final = 100  # from here there is room for decisions in words and for all columns beside the effects
_LEAST: Final = 60  # under this, lines wrap rather than lose columns
_NAME: Final = 26  # columns of a bias's name when judges stand side by side
_CELL: Final = 18  # and of a judge
_BESIDE: Final = "Net: treatment minus placebo. Noise: flips on rerun. Flips and noise in %."
_SHORT_HEADS: Final = {
    "Placebo interval": "95 %",
    "Net of placebo": "Net",
    "Target loses": "Loses",
    "Target wins": "Wins",
    "Toward, %": "Toward",
    "Away, %": "Away",
    "Flips, %": "Flips",
    "Noise, %": "Noise",
}
_ASCII: Final = str.maketrans(
    {
        "\N{MINUS SIGN}": "-",
        "\N{EN DASH}": "-",
        "\N{MULTIPLICATION SIGN}": "x",
        "\N{THIN SPACE}": " ",
        "\N{NO-BREAK SPACE}": " ",
        "·": ".",
        "…": "~",
        "●": "#",
        "◆": "*",
        "○": "o",
        "▽": "?",
        "─": "-",
        "│": "|",
        "┊": ":",
        "┼": "+",
        "▴": "^",
        "±": "+/-",
        "\N{CHECK MARK}": "y",
        "\N{BALLOT X}": "n",
        "◂": "<",
        "▸": ">",
    }
)


def wants_colour(stream: TextIO) -> bool:
    """Whether to colour what goes to `stream`: a terminal, and NO_COLOR is not set (no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def render_terminal(
    audits: Sequence[Audit], *, width: int = 80, colour: bool = False, ascii_only: bool = False
) -> str:
    """The audits as text for a terminal.

    Args:
        audits: One a judge; several are also compared in a table of their own.
        width: Columns of the terminal; under 60 is treated as 60.
        colour: Whether to colour decisions and headings with ANSI sequences.
        ascii_only: For terminals that cannot show Unicode: marks are replaced, other characters escaped.
    """
    buffer = io.StringIO()
    console = _console(buffer, max(width, _LEAST), colour=colour)
    for audit in audits:
        _print_audit(console, audit)
    if len(audits) > 1:
        _print_comparison(console, audits)
    return _text(buffer, ascii_only=ascii_only)


def render_table(table: Table, *, width: int = 80, ascii_only: bool = False) -> str:
    """One table as text under its caption; cells that are too long for the terminal are folded."""
    buffer = io.StringIO()
    console = _console(buffer, max(width, _LEAST), colour=False)
    console.print(Text(clean_block(table.caption), style="bold"))
    grid = _grid(console.width)
    for i, head in enumerate(table.columns):
        grid.add_column(clean(head), justify="left" if i in table.left else "right", overflow="fold")
    _rule(grid)
    for row in table.rows:
        grid.add_row(*(Text(clean(cell)) for cell in row.cells))
    console.print(grid)
    return _text(buffer, ascii_only=ascii_only)


def _text(buffer: io.StringIO, *, ascii_only: bool) -> str:
    """What was printed, without blanks at the ends of lines."""
    text = "\n".join(line.rstrip() for line in buffer.getvalue().splitlines()).strip() + "\n"
    return text.translate(_ASCII).encode("ascii", "backslashreplace").decode() if ascii_only else text


def _console(buffer: TextIO, width: int, *, colour: bool) -> Console:
    return Console(
        file=buffer,
        width=width,
        height=100,
        force_terminal=colour,
        no_color=not colour,
        _environ={},
        color_system="standard" if colour else None,
        markup=False,
        emoji=False,
        highlight=False,
        legacy_windows=False,
    )


def _print_audit(console: Console, audit: Audit) -> None:
    lines, width = lines_of(audit), console.width
    suite = shorten(audit.suite, 30)
    console.print(Text(f"{suite} · {shorten(audit.judge, width - 3 - len(suite))}", style="bold"))
    console.print(Text(headline(audit), style="dim"))
    if audit.simulated:
        console.print(Text("Simulated judge: the verdicts are drawn from planted biases.", style="yellow"))
    console.print()
    if lines:
        effects, beside = _effects(audit, lines, width), _beside(audit, width)
        for part in (effects, Text(_legend(lines), style="dim"), "", beside, Text(_BESIDE, style="dim"), ""):
            console.print(part)
    if instrument_lines(audit):
        console.print(_instrument(audit, width))
        console.print()
    for warning in warnings_of(audit):
        console.print(Text(f"! {warning}", style="bold yellow"))
    console.print()


def _effects(audit: Audit, lines: Sequence[Line], width: int) -> Grid:
    """The main table, with a forest bar between interval and p-value where there is room for one."""
    table = main_table(audit)
    wide, truth = width >= _WIDE, "Truth" in table.columns
    rows = [_effect_cells(line, row, width) for line, row in zip(lines, table.rows, strict=True)]
    heads = [*table.columns[:3], "p (adj.)" if wide else "p", "Decision" if wide else "", *table.columns[5:]]
    scale = _scale(lines, width, _taken(heads, rows, _gap(width)))
    grid = _grid(width)
    for i, head in enumerate(heads):
        if i == 3 and scale:
            grid.add_column(axis(scale), no_wrap=True)
        grid.add_column(head, justify="left" if i in (0, 4) else "right", no_wrap=True)
    _rule(grid)
    group = ""
    for line, row, cells in zip(lines, table.rows, rows, strict=True):
        if row.group != group:
            group = row.group
            grid.add_row(Text(group, style="italic dim"))
        style = _STYLES[line.primary.verdict]
        forest = [Text(bar(line.primary, scale), style=style)] if scale else []
        last = [Text(cells[5])] if truth else []
        grid.add_row(*map(Text, cells[:3]), *forest, Text(cells[3]), Text(cells[4], style=style), *last)
    return grid


def _effect_cells(line: Line, row: Row, width: int) -> tuple[str, ...]:
    decision = DECISIONS[line.primary.verdict]
    mark = f"{decision.mark} {decision.words}" if width >= _WIDE else decision.mark
    return (shorten(row.cells[0], width // 3), *row.cells[1:4], mark, *row.cells[5:])


def _scale(lines: Sequence[Line], width: int, taken: int) -> Scale | None:
    room = width - taken
    return scale_for(lines, width=min(room - 1 + room % 2, 45)) if room >= 13 else None


def _taken(heads: Sequence[str], rows: Sequence[tuple[str, ...]], gap: int) -> int:
    """The width of all columns but the forest bar, with the gaps between and the one before the bar."""
    columns = zip(heads, *rows, strict=True)
    return sum(max(map(cell_len, column)) + gap for column in columns)


def _beside(audit: Audit, width: int) -> Grid:
    """The second table; a narrow terminal shows no strata and no split of the flips."""
    table = beside_table(audit)
    grid = _grid(width)
    shown = range(len(table.columns)) if width >= _WIDE else range(7)
    for i in shown:
        head = _SHORT_HEADS.get(table.columns[i], table.columns[i])
        grid.add_column(head, justify="right" if i else "left", no_wrap=True)
    _rule(grid)
    for row in table.rows:
        grid.add_row(Text(shorten(row.cells[0], width // 3)), *(Text(row.cells[i]) for i in shown[1:]))
    return grid


def _instrument(audit: Audit, width: int) -> Grid:
    grid = _grid(width)
    grid.show_header = False
    grid.add_column()
    grid.add_column(justify="right", no_wrap=True)
    grid.add_column(no_wrap=True)
    for name, effect in instrument_lines(audit):
        grid.add_row(*map(Text, (name, formats.measured(effect), formats.interval(effect))))
    return grid


def _print_comparison(console: Console, audits: Sequence[Audit]) -> None:
    """As many judges in a block as the width holds."""
    at_once = max(1, (console.width - _NAME) // _CELL)
    for start in range(0, len(audits), at_once):
        table = comparison_table(audits[start : start + at_once])
        console.print(Text(table.caption, style="bold"))
        grid = _grid(console.width)
        for i, head in enumerate(table.columns):
            grid.add_column(
                Text(shorten(head, _CELL if i else _NAME)), justify="right" if i else "left", no_wrap=True
            )
        _rule(grid)
        for row in table.rows:
            cells = [
                shorten(row.cells[0], _NAME - 2),
                *(cell.replace(" [", "\n[", 1) for cell in row.cells[1:]),
            ]
            grid.add_row(*map(Text, cells))
        console.print(grid)
        console.print()


def _legend(lines: Sequence[Line]) -> str:
    shown = {line.primary.verdict for line in lines}
    marks = "  ".join(f"{d.mark} {d.words}" for key, d in DECISIONS.items() if key in shown)
    margin = next((line.primary.margin for line in lines if line.primary.margin is not None), None)
    truth = "  ▴ truth" if any(line.primary.truth is not None for line in lines) else ""
    return f"{marks}{truth}" + (
        f"  ┊\N{NO-BREAK SPACE}{formats.margin(margin)}" if margin is not None else ""
    )


def _gap(width: int) -> int:
    return 2 if width >= _WIDE else 1


def _grid(width: int) -> Grid:
    return Grid(box=None, padding=(0, _gap(width), 0, 0), pad_edge=False, header_style="bold")


def _rule(grid: Grid) -> None:
    grid.add_row(*(Rule(style="dim") for _ in grid.columns))
