"""The table in the terminal: one a judge, and one that puts several judges side by side.

The text holds no control sequence but the colours that are asked for: what others wrote is cleaned first.
"""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, TextIO

from rich.cells import cell_len
from rich.console import Console
from rich.rule import Rule
from rich.table import Table as Grid
from rich.text import Text

from judgebench.report import formats
from judgebench.report.checks import warnings_of
from judgebench.report.design_tables import choice_table, factorial_table
from judgebench.report.effects import Line, lines_of
from judgebench.report.facts import headline, instrument_lines
from judgebench.report.fit import fitting, in_blocks, taken, widths
from judgebench.report.forest_bar import Scale, axis, bar, scale_for
from judgebench.report.labels import DECISIONS
from judgebench.report.mitigation_table import mitigation_table
from judgebench.report.model import Audit
from judgebench.report.table import Row, Table, with_columns
from judgebench.report.tables import beside_table, comparison_table, main_table
from judgebench.report.text import clean, clean_block, shorten

__all__ = ["render_table", "render_terminal", "wants_colour"]

_STYLES: Final = {
    "biased": "bold red",
    "negligible": "cyan",
    "equivalent": "green",
    "inconclusive": "yellow",
    "": "",
}
_WIDE: Final = 100  # from here there is room for decisions in words
_LEAST: Final = 60  # under this, lines wrap rather than lose columns
_NAME: Final = 26  # columns of a bias's name when judges stand side by side
_CELL: Final = 18  # and of a judge's name, where its figures need no more
_SHORTEST: Final = 8  # what is left of a name at least
_SPARE: Final = (
    ("toward", "away"),
    ("loses", "wins"),
    ("placebo", "placebo_interval"),
    ("net",),
    ("excess",),
)
_NET: Final = "Net: treatment minus placebo. "
_BESIDE: Final = "Noise: flips on rerun. Flips and noise in %."
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
    """One table as text under its caption, in blocks of columns where it is too wide; only words are folded."""
    buffer = io.StringIO()
    console = _console(buffer, max(width, _LEAST), colour=False)
    console.print(Text(clean_block(table.caption), style="bold"))
    heads = [clean(head) for head in table.flat_columns]
    rows = [[clean(cell) for cell in row.cells] for row in table.rows]
    sizes = widths(heads, rows)
    gap = 2 if taken(sizes, range(len(sizes)), 2) <= console.width else 1
    for i, block in enumerate(in_blocks(sizes, table.left, console.width, gap)):
        if i:
            console.print()
        console.print(_block(heads, rows, block, table.left, gap))
    return _text(buffer, ascii_only=ascii_only)


def _block(
    heads: Sequence[str], rows: Sequence[Sequence[str]], shown: Sequence[int], left: Sequence[int], gap: int
) -> Grid:
    """Some columns of a table; words are folded where they must be, numbers never."""
    grid = _grid(gap)
    for i in shown:
        words = i in left
        grid.add_column(
            Text(heads[i]), justify="left" if words else "right", overflow="fold", no_wrap=not words
        )
    _rule(grid)
    for row in rows:
        grid.add_row(*(Text(row[i]) for i in shown))
    return grid


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
        for part in (_effects(audit, lines, width), Text(_legend(lines), style="dim"), ""):
            console.print(part)
    if any(line.beside for line in lines):
        note = f"{_NET if any(line.net for line in lines) else ''}{_BESIDE}"
        for part in (_beside(audit, width), Text(note, style="dim"), ""):
            console.print(part)
    for table in (factorial_table(audit), choice_table(audit), _removed(audit)):
        if table.rows:
            _print_grouped(console, table)
    if instrument_lines(audit):
        console.print(_instrument(audit))
        console.print()
    for warning in warnings_of(audit):
        console.print(Text(f"! {warning}", style="bold yellow"))
    console.print()


def _effects(audit: Audit, lines: Sequence[Line], width: int) -> Grid:
    """The main table, with a forest bar between interval and p-value where there is room for one."""
    table = main_table(audit)
    wide, truth = width >= _WIDE, "Truth" in table.columns
    gap = 2 if wide else 1
    heads = [*table.columns[:3], "p (adj.)" if wide else "p", "Decision" if wide else "", *table.columns[5:]]
    rows = [_effect_cells(line, row, wide=wide) for line, row in zip(lines, table.rows, strict=True)]
    named = _named(lines, heads, rows, width, gap)
    sizes = widths(heads, named.rows)
    sizes[0] = max(sizes[0], *map(cell_len, named.headings))
    scale = _scale(lines, width, taken(sizes, range(len(sizes)), gap) + 2 * gap)
    grid = _grid(gap)
    for i, head in enumerate(heads):
        if i == 3 and scale:
            grid.add_column(axis(scale), no_wrap=True)
        grid.add_column(head, justify="left" if i in (0, 4) else "right", no_wrap=True)
    _rule(grid)
    group = head = ""
    for line, row, heading, cells in zip(lines, table.rows, named.headings, named.rows, strict=True):
        if row.group != group:
            group = row.group
            grid.add_row(Text(group, style="italic dim"))
        if heading != head:
            head = heading
            grid.add_row(Text(head))
        style = _STYLES[line.primary.verdict]
        forest = [Text(bar(line.primary, scale), style=style)] if scale else []
        last = [Text(cells[5])] if truth else []
        grid.add_row(*map(Text, cells[:3]), *forest, Text(cells[3]), Text(cells[4], style=style), *last)
    return grid


def _effect_cells(line: Line, row: Row, *, wide: bool) -> tuple[str, ...]:
    decision = DECISIONS[line.primary.verdict]
    mark = f"{decision.mark} {decision.words}" if wide else decision.mark
    return (*row.cells[:4], mark, *row.cells[5:])


@dataclass(frozen=True, slots=True)
class _Named:
    """Rows whose names fit, and by row the heading above it; an empty one is none."""

    rows: list[tuple[str, ...]]
    headings: list[str]


def _named(
    lines: Sequence[Line], heads: Sequence[str], rows: Sequence[tuple[str, ...]], width: int, gap: int
) -> _Named:
    """The rows with names that leave the other columns the room that they need.

    Where the whole name of a line has no room, the lines of its bias stand under the bias's name, each named by what
    sets it apart.
    """
    others = widths(heads, rows)[1:]
    room = max(min(2 * width // 5, width - sum(others) - gap * len(others)), _SHORTEST)
    parts = [formats.line_parts(line) for line in lines]
    long = {head for row, (head, _) in zip(rows, parts, strict=True) if cell_len(row[0]) > room}
    return _Named(
        [
            (f"  {shorten(rest or 'pairwise', room - 2)}" if head in long else row[0], *row[1:])
            for row, (head, rest) in zip(rows, parts, strict=True)
        ],
        [shorten(head, room) if head in long else "" for head, _ in parts],
    )


def _scale(lines: Sequence[Line], width: int, used: int) -> Scale | None:
    room = width - used
    return scale_for(lines, width=min(room - 1 + room % 2, 45)) if room >= 13 else None


def _beside(audit: Audit, width: int) -> Grid:
    """The second table: closer together, and without strata and split of the flips, where the terminal is narrow."""
    table = beside_table(audit)
    heads = [_SHORT_HEADS.get(head, head) for head in table.columns]
    lines = [line for line in lines_of(audit) if line.beside]
    told = [
        i for i in range(len(heads)) if i == 0 or any(row.cells[i] != formats.ABSENT for row in table.rows)
    ]
    sizes = widths(heads, [(shorten(row.cells[0], width // 3), *row.cells[1:]) for row in table.rows])
    gap = 2 if taken(sizes, told, 2) <= width else 1
    spare = [[table.keys.index(key) for key in group] for group in _SPARE]
    shown = fitting(sizes, width, gap, spare, told)
    chosen = [tuple(row.cells[i] for i in shown) for row in table.rows]
    named = _named(lines, [heads[i] for i in shown], chosen, width, gap)
    grid = _grid(gap)
    for place, i in enumerate(shown):
        grid.add_column(heads[i], justify="right" if place else "left", no_wrap=True)
    _rule(grid)
    heading = ""
    for row, above in zip(named.rows, named.headings, strict=True):
        if above != heading:
            heading = above
            grid.add_row(Text(heading))
        grid.add_row(*map(Text, row))
    return grid


def _removed(audit: Audit) -> Table:
    """What each mitigation removes and what it does to the accuracy; the effects themselves stand above it."""
    whole = mitigation_table([audit])
    told = [key for key in ("mitigation", "removed", "change") if key in whole.keys]
    kept = tuple(row for row in whole.rows if row.cells[0] != "none")
    return replace(
        with_columns(replace(whole, rows=kept), told), caption="What mitigations remove, in points"
    )


def _print_grouped(console: Console, table: Table) -> None:
    """A table of a design under its caption, each group of rows under its name; in blocks where it is too wide."""
    room = 2 * console.width // 5
    rows: list[tuple[str, ...]] = []
    group = ""
    for row in table.rows:
        if row.group != group:
            group = row.group
            rows.append((shorten(group, room), *[""] * (len(row.cells) - 1)))
        rows.append((f"  {shorten(row.cells[0], room - 2)}", *row.cells[1:]))
    sizes = widths(table.columns, rows)
    gap = 2 if taken(sizes, range(len(sizes)), 2) <= console.width else 1
    console.print(Text(table.caption, style="bold"))
    for block in in_blocks(sizes, (), console.width, gap):
        console.print(_block(table.columns, rows, block, (0,), gap))
        console.print()


def _instrument(audit: Audit) -> Grid:
    grid = _grid(2)
    grid.show_header = False
    grid.add_column()
    grid.add_column(justify="right", no_wrap=True)
    grid.add_column(no_wrap=True)
    for name, effect in instrument_lines(audit):
        grid.add_row(*map(Text, (name, formats.measured(effect), formats.interval(effect))))
    return grid


def _print_comparison(console: Console, audits: Sequence[Audit]) -> None:
    """As many judges in a block as the width holds."""
    table = comparison_table(audits)
    rows = [
        [shorten(row.cells[0], _NAME - 2), *(cell.replace(" [", "\n[", 1) for cell in row.cells[1:])]
        for row in table.rows
    ]
    bare = widths([""] * len(table.columns), rows)
    heads = [shorten(head, max(size, _CELL)) for head, size in zip(table.columns, bare, strict=True)]
    for block in in_blocks(widths(heads, rows), (), console.width, 2):
        console.print(Text(table.caption, style="bold"))
        console.print(_block(heads, rows, block, (0,), 2))
        console.print()


def _legend(lines: Sequence[Line]) -> str:
    shown = {line.primary.verdict for line in lines}
    marks = "  ".join(f"{d.mark} {d.words}" for key, d in DECISIONS.items() if key in shown)
    margins = formats.margins(line.primary for line in lines)
    truth = "  ▴ truth" if any(line.primary.truth is not None for line in lines) else ""
    return f"{marks}{truth}" + (f"  ┊\N{NO-BREAK SPACE}{margins}" if margins else "")


def _grid(gap: int) -> Grid:
    return Grid(box=None, padding=(0, gap, 0, 0), pad_edge=False, header_style="bold")


def _rule(grid: Grid) -> None:
    grid.add_row(*(Rule(style="dim") for _ in grid.columns))
