"""Attributes of responses as columns of a design."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from judgebench.analysis.item_facts import ItemAttributes
from judgebench.analysis.panels import Experiment, Floats, Ints
from judgebench.items.model import AttributeValue


@dataclass(frozen=True, slots=True)
class AttributeColumn:
    """A column: the attribute's name, and what its coefficient compares."""

    name: str
    contrast: str


def attribute_columns(
    data: Experiment, item: Ints, letter: Ints, attributes: ItemAttributes
) -> tuple[list[AttributeColumn], Floats]:
    """The columns of the attributes that any of the items has, and their values.

    Args:
        data: The experiment, for its items and letters.
        item: Item codes, shape (rows,).
        letter: Place of each row's response among the letters, shape (rows,).
        attributes: Those of the items' responses.

    Returns:
        The columns, and their values of shape (rows, columns), NaN where a response lacks the attribute.
    """
    known = [attributes.get(str(name), {}) for name in data.items]
    names = sorted({name for own in known for values in own.values() for name in values})
    columns: list[AttributeColumn] = []
    values: list[Floats] = []
    for name in names:
        table = [[own.get(x, {}).get(name) for x in data.letters] for own in known]
        for column, coded in _coded(name, table):
            columns.append(column)
            values.append(coded[item, letter])
    return columns, np.column_stack(values) if values else np.empty((item.size, 0))


def _coded(
    name: str, table: Sequence[Sequence[AttributeValue | None]]
) -> Iterator[tuple[AttributeColumn, Floats]]:
    """Numbers as they are, true and false as 1 and 0, words as dummies against the first in the alphabet."""
    said = {value for row in table for value in row if value is not None}
    if all(isinstance(value, bool) for value in said):
        yield AttributeColumn(name, "there against not"), _numbers(table)
    elif all(not isinstance(value, str) for value in said):
        yield AttributeColumn(name, "one more"), _numbers(table)
    else:
        base, *others = sorted(map(str, said))
        for level in others:
            dummies = [[None if value is None else str(value) == level for value in row] for row in table]
            yield AttributeColumn(name, f"{level} against {base}"), _numbers(dummies)


def _numbers(table: Sequence[Sequence[AttributeValue | None]]) -> Floats:
    return np.array([[np.nan if value is None else float(value) for value in row] for row in table])
