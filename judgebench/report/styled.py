"""A table as a pandas Styler: what a notebook shows, and HTML to be put into a page.

A Styler and not a great_tables object: pandas is needed anyway and jinja2 with it, so that nothing new is installed.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import pandas as pd
from pandas.io.formats.style import Styler

from judgebench.report.table import Table
from judgebench.report.text import clean

__all__ = ["styled"]


def styled(table: Table, notes: Sequence[str] = ()) -> Styler:
    """The table with its caption, its notes and aligned cells; what others wrote in it stays text.

    The frame behind it (`Styler.data`) holds the cells as they are printed, with the name of each group in a first
    column where there are groups; numbers to calculate with are in `Run.effects()`.
    """
    grouped = any(row.group for row in table.rows)
    cells = [[*([row.group] if grouped else []), *row.cells] for row in table.rows]
    frame = pd.DataFrame([[clean(cell) for cell in row] for row in cells], dtype=object)
    frame.columns = _index(_heads(table, grouped=grouped))
    left = {i + grouped for i in table.left} | {0}
    said = [
        escape(clean(table.caption)),
        *([f"<small>{escape(clean(' '.join(notes)))}</small>"] if notes else []),
    ]
    style = frame.style.hide(axis="index").set_caption("<br>".join(said)).format(escape="html")
    style = style.format_index(escape="html", axis=1)
    for i, column in enumerate(frame.columns):
        side = "left" if i in left else "right"
        style = style.set_properties(subset=[column], **{"text-align": side})
    return style


def _heads(table: Table, *, grouped: bool) -> list[tuple[str, str]]:
    """What stands above each column, in two levels; an interval's head says of what it is, so that none comes twice."""
    above = ["", *(clean(name) for name, width in table.spans for _ in range(width))]
    above += [""] * (len(table.columns) - len(above))
    heads = [("", "")] if grouped else []
    before = ""
    for over, column in zip(above, map(clean, table.columns), strict=True):
        head = f"{before} interval" if column == "Interval" else column
        before = before if column == "Interval" or not column else column
        while (over, head) in heads:
            head += " "  # not seen, and only where two judges have one name
        heads.append((over, head))
    return heads


def _index(heads: list[tuple[str, str]]) -> pd.Index:
    if any(over for over, _ in heads):
        return pd.MultiIndex.from_tuples(heads)
    return pd.Index([head for _, head in heads])
