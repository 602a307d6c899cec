"""Trials that come twice and items with two golds, found in a file of any length in little memory."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from judgebench.judges.columns import TidyRow
from judgebench.judges.partitions import Hashes, Partitions

Trial = tuple[str | int | None, ...]
"""(item, judge, order, perturbation, arm, target, repeat)."""


class Contradictions:
    """Hashes of what rows say, by which those that may contradict others are found.

    A hash that comes twice is a suspicion: the file is then read again, and what made it is compared in full.
    """

    def __init__(self) -> None:
        self._rows = Partitions(
            3
        )  # the item, so that its rows meet in one part, the trial, the item with its gold
        self._trials, self._items = set[int](), set[int]()

    def add(self, trial: Trial, item_id: str, gold: str | None) -> None:
        """Take note of a row."""
        self._rows.extend((hash(item_id), hash(trial), hash((item_id, gold))))

    def suspected(self) -> bool:
        """Whether some trial may come twice, or some item may have two golds."""
        for rows in self._rows.parts():
            items, trials, golds = rows.T
            self._trials.update(_repeated(trials).tolist())
            _, first = np.unique(golds, return_index=True)
            self._items.update(_repeated(items[first]).tolist())
        return bool(self._trials or self._items)

    def refuse(self, rows: Iterable[tuple[TidyRow, Trial, str | None]]) -> None:
        """Raise for the first suspected row that contradicts one before it, if there is one.

        Args:
            rows: The rows that were noted, again, each with its trial and its item's gold.

        Raises:
            InputError: There is one.
        """
        seen, golds = set[Trial](), dict[str, str | None]()
        for row, trial, gold in rows:
            item_id = str(trial[0])
            if hash(trial) in self._trials:
                if trial in seen:
                    raise row.fault(
                        "item_id",
                        f"the trial {item_id!r} in order {trial[2]} comes twice",
                        "each trial of a judge once; number repeats in the column repeat",
                    )
                seen.add(trial)
            if hash(item_id) in self._items and golds.setdefault(item_id, gold) != gold:
                raise row.fault("gold", f"the item {item_id!r} had another gold before", "one gold an item")


def _repeated(hashes: Hashes) -> Hashes:
    """The values that come more than once."""
    ordered = np.sort(hashes)
    return np.unique(ordered[1:][ordered[1:] == ordered[:-1]])
