"""What a record holds, counted batch by batch: from it follows what can be said of the judge and what cannot."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from judgebench.judges.partitions import Partitions


class Holdings:
    """Counts over the verdicts of a recording."""

    def __init__(self) -> None:
        self._items = Partitions(1)
        self._verdicts = Counter[str | None]()
        self._orders = Counter[str | None]()
        self._filled = Counter[str]()

    def add(self, batch: Mapping[str, Sequence[Any]]) -> None:
        """Count a batch of verdicts, given by field."""
        self._items.extend(map(hash, batch["item_id"]))
        self._verdicts.update(batch["verdict"])
        self._orders.update(batch["order"])
        for name in ("gold", "p_a", "score_a", "score_b", "target"):
            values = batch[name]
            self._filled[name] += len(values) - values.count(None)
        self._filled["repeat"] += len(batch["repeat"]) - batch["repeat"].count(0)

    def counts(self) -> dict[str, int]:
        """The counts that every manifest has."""
        verdicts = self._verdicts
        return {
            "items": sum(np.unique(part).size for part in self._items.parts()),
            "trials": verdicts.total(),
            "missing": verdicts["error"],
            "no_verdict": verdicts["invalid"] + verdicts["refused"],
        }

    def to_dict(self) -> dict[str, Any]:
        """How many verdicts come with what; `order` by which response was shown first."""
        return {
            "verdict": dict(sorted((name or "none", count) for name, count in self._verdicts.items())),
            "order": {
                name: self._orders[key] for name, key in (("ab", "ab"), ("ba", "ba"), ("unknown", None))
            },
            "gold": self._filled["gold"],
            "reruns": self._filled["repeat"],
            "changed": self._filled["target"],
            "probabilities": self._filled["p_a"],
            "scores": max(self._filled["score_a"], self._filled["score_b"]),
        }
