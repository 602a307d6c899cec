"""Items from files: JSONL, CSV and Parquet, with faults told by line and column."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from judgebench.errors import InputError, nearest
from judgebench.items.model import ITEM_KEYS, REQUIRED_KEYS, Item, fault_of, gold_values
from judgebench.items.rows import Row, column_of, read_rows, unknown_key


def read_item_file(path: Path) -> list[Item]:
    """Read the items of a file; its ending tells the format (.jsonl, .csv, .parquet).

    In CSV an empty cell of an optional column says that nothing is known.

    Raises:
        InputError: The file is missing, empty or of another format, or a row is no valid item of its own id.
    """
    items = list(_items(path, read_rows(path, kind="item file", known=ITEM_KEYS, filled=REQUIRED_KEYS)))
    if not items:
        raise InputError("the item file is empty", file=path, expected="at least one item")
    return items


def _items(path: Path, rows: Iterable[Row]) -> Iterator[Item]:
    seen: dict[str, int] = {}
    for line, text, row in rows:
        item = _item(path, line, text, row)
        if item.id in seen:
            raise InputError(
                f"the id {item.id!r} comes twice; first in line {seen[item.id]}",
                file=path,
                line=line,
                column=column_of(text, "id"),
                expected="a different id for every item",
            )
        seen[item.id] = line
        yield item


def _item(path: Path, line: int, text: str, row: dict[str, Any]) -> Item:
    for key in row:
        if key not in ITEM_KEYS:
            raise unknown_key(path, line, column_of(text, key), key, ITEM_KEYS)
    fault = fault_of(row)
    if fault:
        key, message = fault
        found, golds = row.get(key), gold_values(row)
        raise InputError(
            message,
            file=path,
            line=line,
            column=column_of(text, key),
            expected=f"one of {', '.join(golds)} or null" if key == "gold" else "text",
            suggestion=nearest(found, golds) if key == "gold" and isinstance(found, str) else None,
        )
    return Item(**row)
