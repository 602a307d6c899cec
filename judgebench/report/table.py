"""A table as text in cells: every output renders these, so no two of them can disagree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from judgebench.errors import InputError, nearest
from judgebench.report.effects import Effect

__all__ = ["Row", "Table", "known", "with_columns", "with_companions"]

_COMPANIONS = {
    "effect": ("interval",),
    "flips": ("noise",),
    "robustness": ("robustness_interval", "consistency", "consistency_interval"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """A row of cells.

    Attributes:
        cells: The text of each.
        group: Rows of one group stand together under its name.
        effects: What the figures in the cells are from.
    """

    cells: tuple[str, ...]
    group: str = ""
    effects: tuple[Effect, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """A table of text. The first column names the row and is aligned left.

    Attributes:
        name: Short name, for files and references.
        caption: What the table shows, in one line.
        columns: Heads, one a column.
        rows: The rows, with as many cells as there are columns.
        left: Indices of the columns of words; the others hold numbers and are aligned right.
        keys: Names by which columns are chosen, one a column; empty where none can be.
        spans: Heads above the heads, each with the number of columns after the first that it spans.
        notes: What must be said of the cells, a sentence each.
    """

    name: str
    caption: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    left: tuple[int, ...] = (0,)
    keys: tuple[str, ...] = ()
    spans: tuple[tuple[str, int], ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def flat_columns(self) -> tuple[str, ...]:
        """The heads where nothing can stand above them: each with the head that spans it."""
        above = [name for name, width in self.spans for _ in range(width)]
        if not above:
            return self.columns
        rest = (
            f"{name}: {head}" if head else name for name, head in zip(above, self.columns[1:], strict=True)
        )
        return (self.columns[0], *rest)


def with_columns(table: Table, wanted: Sequence[str]) -> Table:
    """The table with only the columns that are named, in that order, and their intervals.

    Raises:
        InputError: It has no column of such a name.
    """
    chosen = [table.keys.index(name) for name in with_companions(wanted, table.keys)]
    return replace(
        table,
        columns=tuple(table.columns[i] for i in chosen),
        rows=tuple(replace(row, cells=tuple(row.cells[i] for i in chosen)) for row in table.rows),
        left=tuple(place for place, i in enumerate(chosen) if i in table.left),
        keys=tuple(table.keys[i] for i in chosen),
    )


def with_companions(wanted: Sequence[str], there: Sequence[str]) -> tuple[str, ...]:
    """The wanted columns, each followed by what it must not stand without: an interval, a noise floor.

    Raises:
        InputError: There is no column of such a name.
    """
    found: list[str] = []
    for name in wanted:
        beside = _COMPANIONS.get(name, (f"{known(name, there, 'column')}_interval",))
        found += [name, *(other for other in beside if other in there and other not in wanted)]
    return tuple(dict.fromkeys(found))


def known(name: str, names: Sequence[str], what: str) -> str:
    """The name, if it is one of those there are.

    Raises:
        InputError: It is none of them.
    """
    if name not in names:
        raise InputError(
            f"there is no {what} {name!r}",
            expected=f"one of {', '.join(names)}",
            suggestion=nearest(name, list(names)),
        )
    return name
