"""Numbers of any amount in little memory: set aside on disk by a hash, and taken back a part at a time."""

from __future__ import annotations

import tempfile
import weakref
from array import array
from collections.abc import Iterable, Iterator
from typing import Final

import numpy as np
import numpy.typing as npt

Hashes = npt.NDArray[np.int64]

_PARTS: Final = 256
_HELD: Final = 2**16
"""Rows in memory before they are written."""


class Partitions:
    """Rows of integers in parts, all rows with the same first number in one part; the file goes with the object.

    A part holds about one row in 256, so that what has to be compared with one another never is all that there is.

    Args:
        width: Numbers in a row; the first should be a hash.
    """

    def __init__(self, width: int) -> None:
        self._width = width
        self._held = array("q")
        self._file = tempfile.TemporaryFile()  # noqa: SIM115  # open as long as the rows are in use
        weakref.finalize(self, self._file.close)
        self._places: list[list[tuple[int, int]]] = [[] for _ in range(_PARTS)]

    def extend(self, numbers: Iterable[int]) -> None:
        """Take the numbers of one row or more, one after the other."""
        self._held.extend(numbers)
        if len(self._held) >= _HELD * self._width:
            self._write()

    def parts(self) -> Iterator[Hashes]:
        """The rows part by part, shape (rows, width), within a part in the order in which they came."""
        self._write()
        for places in self._places:
            if places:
                yield np.concatenate([self._read(*place) for place in places])

    def _read(self, start: int, size: int) -> Hashes:
        self._file.seek(start)
        return np.frombuffer(self._file.read(size), dtype=np.int64).reshape(-1, self._width)

    def _write(self) -> None:
        if not self._held:
            return
        rows = np.frombuffer(self._held, dtype=np.int64).reshape(-1, self._width)
        part = rows[:, 0] % _PARTS
        ordered = rows[np.argsort(part, kind="stable")]
        start = self._file.seek(0, 2)
        self._file.write(ordered.tobytes())
        for code, count in enumerate(np.bincount(part, minlength=_PARTS).tolist()):
            if count:
                size = count * self._width * rows.itemsize
                self._places[code].append((start, size))
                start += size
        self._held = array("q")
