"""The items that need a human, as a table, a file, and what they say of the judge."""

from __future__ import annotations

from typing import Final

import pandas as pd

from judgebench.analysis.routing import Routing
from judgebench.report import formats
from judgebench.report.csv import csv_text
from judgebench.report.table import Row, Table
from judgebench.report.text import shorten

__all__ = ["kept_table", "routing_csv", "routing_table"]

_FILE: Final = (
    "rank", "item_id", "category", "unreliability", "conf_low", "conf_high", "ways", "missing", "by_order", "verdict",
    "gold",
)  # fmt: skip


_LIMITS: Final = ("conf_low", "conf_high")


def routing_table(found: Routing, top: int) -> Table:
    """The `top` least reliable items: how often the verdict is not the usual one, and how often the order turns it."""
    columns = (
        "Item",
        "Category",
        "Other verdicts, %",
        "Interval",
        "Ways",
        "By order, %",
        "Missing",
        "Verdict",
    )
    rows = tuple(Row(_cells(item)) for _, item in found.items.head(top).iterrows())
    caption = f"The {len(rows)} least reliable of {len(found.items)} items"
    return Table("routing", caption, columns, rows, left=(0, 1, 7))


def kept_table(found: Routing) -> Table | None:
    """How right the judge is on the items it keeps when the least reliable go to humans; None without gold."""
    if not found.kept:
        return None
    apart = found.separation
    told = (
        f"; an item that it gets wrong ranks above one that it gets right in {formats.percent(apart.estimate)} of "
        f"pairs [{formats.percent(apart.conf_low)}, {formats.percent(apart.conf_high)}]"
        if apart
        else ""
    )
    rows = tuple(
        Row((
            formats.percent(share, 0),
            formats.count(accuracy.n_items),
            formats.percent(accuracy.estimate),
            f"[{formats.percent(accuracy.conf_low)}, {formats.percent(accuracy.conf_high)}]",
        ))
        for share, accuracy in found.kept
    )  # fmt: skip
    columns = ("Judge keeps", "Items", "Usual verdict = gold", "Interval")
    return Table("kept", f"Agreement with gold on the most reliable items{told}", columns, rows)


def routing_csv(found: Routing) -> str:
    """All items in order, the least reliable first."""
    table = found.items.assign(rank=range(1, len(found.items) + 1))[list(_FILE)]
    values = table.astype(object).where(table.notna(), None)
    return csv_text(_FILE, values.itertuples(index=False))


def _cells(item: pd.Series) -> tuple[str, ...]:
    order, low, high = item["by_order"], *(formats.quantity(100 * item[k], signed=False) for k in _LIMITS)
    return (
        shorten(item["item_id"], 30),
        _text(item["category"]),
        formats.quantity(100 * item["unreliability"], signed=False),
        f"[{low}, {high}]",
        formats.count(item["ways"]),
        formats.ABSENT if pd.isna(order) else formats.quantity(100 * order, signed=False),
        formats.count(item["missing"]),
        _text(item["verdict"]),
    )


def _text(value: object) -> str:
    return shorten(value, 20) if isinstance(value, str) and value else formats.ABSENT
