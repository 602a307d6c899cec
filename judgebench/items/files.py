"""Items from files: JSONL, CSV and Parquet, with faults told by line and column."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from judgebench.errors import InputError, nearest
from judgebench.items.model import (
    ATTRIBUTES,
    ITEM_KEYS,
    REQUIRED_KEYS,
    VOTES,
    Item,
    attributes_of,
    fault_of,
    gold_values,
    votes_of,
)
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
    row = {**row, VOTES: _mapping(row.get(VOTES)), ATTRIBUTES: _mapping(row.get(ATTRIBUTES))}
    fault = fault_of(row)
    if fault:
        key, message = fault
        found, golds = row.get(key), gold_values(row)
        known = ", ".join(golds)
        raise InputError(
            message,
            file=path,
            line=line,
            column=column_of(text, key),
            expected={
                "gold": f"one of {known} or null",
                VOTES: f'the votes for each of {known}, such as {{"a": 7, "b": 3}}',
                ATTRIBUTES: 'by response and name numbers, words, true or false, such as {"a": {"price": 3.5}}',
            }.get(key, "text"),
            suggestion=nearest(found, golds) if key == "gold" and isinstance(found, str) else None,
        )
    votes, attributes = row.pop(VOTES), row.pop(ATTRIBUTES)
    return Item(
        **row,
        gold_votes=None if votes is None else votes_of(votes),
        attributes=None if attributes is None else attributes_of(attributes),
    )


def _mapping(found: Any) -> Any:
    """A mapping as JSON has it: a cell of a CSV file holds its text, and Parquet names every key in each row."""
    if isinstance(found, str):
        try:
            return json.loads(found)
        except (ValueError, RecursionError):
            return found
    if not isinstance(found, dict):
        return found
    kept = {key: _mapping(value) if isinstance(value, dict) else value for key, value in found.items()}
    return {key: value for key, value in kept.items() if value is not None} or None
