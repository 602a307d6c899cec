"""Which columns fit on a line: a column is shown whole or not at all, so that no digit is ever cut."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich.cells import cell_len

__all__ = ["fitting", "in_blocks", "taken", "widths"]

_WORDS: Final = 14  # a column of words may be folded to so many characters


def widths(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[int]:
    """Of each column the width that shows all of it; a cell of several lines is as wide as its longest."""
    columns = zip(heads, *rows, strict=True)
    return [
        max(cell_len(line) for cell in column for line in (cell or " ").split("\n")) for column in columns
    ]


def fitting(
    sizes: Sequence[int], room: int, gap: int, spare: Sequence[Sequence[int]], told: Sequence[int]
) -> list[int]:
    """The columns that fit, in order; the groups of `spare` are left out one by one until they do.

    Args:
        sizes: The width of each column.
        room: Characters on a line.
        gap: Characters between two columns.
        spare: Groups of columns that belong together, the least needed first.
        told: The columns that tell something.
    """
    shown = list(told)
    for group in spare:
        if taken(sizes, shown, gap) <= room:
            break
        shown = [i for i in shown if i not in group]
    return shown


def in_blocks(sizes: Sequence[int], left: Sequence[int], room: int, gap: int) -> list[list[int]]:
    """All columns in blocks that fit, each with the first column; columns of words count with what they can fold to."""
    least = [min(size, _WORDS) if i in left else size for i, size in enumerate(sizes)]
    blocks = [[0]]
    for i in range(1, len(sizes)):
        if len(blocks[-1]) > 1 and taken(least, [*blocks[-1], i], gap) > room:
            blocks.append([0])
        blocks[-1].append(i)
    return blocks


def taken(sizes: Sequence[int], shown: Sequence[int], gap: int) -> int:
    """Characters that some columns take, with the gaps between them."""
    return sum(sizes[i] for i in shown) + gap * (len(shown) - 1)
