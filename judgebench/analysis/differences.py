"""The same effect measured twice on the same items, and the difference, item by item."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from judgebench.analysis.estimates import estimated
from judgebench.analysis.measurement import Measurement
from judgebench.analysis.panels import Experiment, Floats, Ints
from judgebench.analysis.settings import Settings
from judgebench.stats import Estimate, paired_effect

_BOUNDS: Final = {"difference": 2.0, "proportion": 1.0}
"""How far two item-level values can lie apart: differences span [-1, 1], proportions [0, 1]."""

Measured = tuple[Measurement, Experiment]


@dataclass(frozen=True, slots=True)
class Difference:
    """An effect minus the same one measured otherwise, on the items that have both.

    Attributes:
        items: Ids of the items that have a value in both.
        value: The difference of each, before scaling, shape (items,).
        cluster: The cluster of each, shape (items,).
        n_missing: Items that were asked in both and lack a complete value in one.
        scale: From the value to the reported unit.
        bound: How far a value can lie from 0.
    """

    items: tuple[str, ...]
    value: Floats
    cluster: Ints
    n_missing: int
    scale: float
    bound: float

    def estimate(self, settings: Settings) -> Estimate | None:
        """The mean over items with its interval by CT; None where no item has a value."""
        if not self.items:
            return None
        rows = np.arange(self.value.size)
        return paired_effect(
            self.value, rows, self.cluster, scale=self.scale, level=settings.level, bound=self.bound
        )

    def columns(self, settings: Settings) -> dict[str, Any]:
        """The columns of an effect from its estimate to its bounds, of which there are none."""
        return {
            "unit": "probability",
            **estimated(self.estimate(settings), settings),
            "n_missing": self.n_missing,
            "bound_low": math.nan,
            "bound_high": math.nan,
        }


def difference(one: Measured, two: Measured) -> Difference:
    """The first minus the second."""
    m, data = one
    means, others = item_means(*one), item_means(*two)
    items = [item for item in means if item in others]
    known = [item for item in items if not math.isnan(means[item] - others[item])]
    cluster_of: Mapping[str, int] = dict(zip(map(str, data.items), data.cluster.tolist(), strict=True))
    return Difference(
        items=tuple(known),
        value=np.array([means[item] - others[item] for item in known], dtype=np.float64),
        cluster=np.array([cluster_of[item] for item in known], dtype=np.int64),
        n_missing=len(items) - len(known),
        scale=m.scale,
        bound=_BOUNDS[m.kind],
    )


def item_means(m: Measurement, data: Experiment) -> dict[str, float]:
    """Each asked item's mean over its complete rows, NaN where there is none."""
    seen = ~np.isnan(m.quantity.value)
    sums = np.bincount(m.item[seen], m.quantity.value[seen], minlength=data.items.size)
    counts = np.bincount(m.item[seen], minlength=data.items.size)
    return {
        str(data.items[i]): float(sums[i] / counts[i]) if counts[i] else math.nan for i in np.unique(m.item)
    }
