"""The same effect measured twice on the same items, and the difference, item by item."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from judgebench.analysis.estimates import estimated
from judgebench.analysis.measurement import Measurement
from judgebench.analysis.panels import Experiment, Floats, Ints
from judgebench.analysis.settings import Settings
from judgebench.stats import Estimate, paired_effect, worst_case_bounds

_BOUNDS: Final = {"difference": 2.0, "proportion": 1.0}
"""How far two item-level values can lie apart: differences span [-1, 1], proportions [0, 1]."""

Measured = tuple[Measurement, Experiment]


@dataclass(frozen=True, slots=True)
class Range:
    """The differences of all items that were asked in both, each of shape (items,).

    Attributes:
        value: NaN where a verdict is missing.
        low: The least that it could be.
        high: The most.
        cluster: The item's cluster.
    """

    value: Floats
    low: Floats
    high: Floats
    cluster: Ints

    def limits(self, scale: float, bound: float, level: float) -> tuple[float, float]:
        """The interval that holds whatever the missing verdicts are."""
        items = np.arange(self.value.size)
        found = worst_case_bounds(
            self.value, self.low, self.high, items, self.cluster, scale=scale, bound=bound, level=level
        )
        return found.conf_low, found.conf_high


@dataclass(frozen=True, slots=True)
class Difference:
    """An effect minus the same one measured otherwise, on the items that have both.

    Attributes:
        items: Ids of the items that have a value in both.
        value: The difference of each, before scaling, shape (items,).
        cluster: The cluster of each, shape (items,).
        worst: What the differences could be, of all items asked in both.
        scale: From the value to the reported unit.
        bound: How far a value can lie from 0.
    """

    items: tuple[str, ...]
    value: Floats
    cluster: Ints
    worst: Range
    scale: float
    bound: float

    @property
    def n_missing(self) -> int:
        """Items that were asked in both and lack a verdict in one."""
        return int(np.isnan(self.worst.value).sum())

    def estimate(self, settings: Settings) -> Estimate | None:
        """The mean over items with its interval by CT; None where no item has a value."""
        if not self.items:
            return None
        rows = np.arange(self.value.size)
        return paired_effect(
            self.value, rows, self.cluster, scale=self.scale, level=settings.level, bound=self.bound
        )

    def columns(self, settings: Settings) -> dict[str, Any]:
        """The columns of an effect from its estimate to its bounds: over all that the missing verdicts could be."""
        found = estimated(self.estimate(settings), settings)
        low, high = found["conf_low"], found["conf_high"]
        if self.n_missing:
            low, high = self.worst.limits(self.scale, self.bound, settings.level)
        return {
            "unit": "probability",
            **found,
            "n_missing": self.n_missing,
            "bound_low": low,
            "bound_high": high,
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
        worst=_range(one, two, items, np.array([cluster_of[item] for item in items], dtype=np.int64)),
        scale=m.scale,
        bound=_BOUNDS[m.kind] * m.bound,
    )


def _range(one: Measured, two: Measured, items: Sequence[str], cluster: Ints) -> Range:
    """What the differences of items could be: of each measurement all rows count, the missing ones at either end."""
    (low, high), (other_low, other_high) = (
        (_whole(*each, each[0].quantity.low), _whole(*each, each[0].quantity.high)) for each in (one, two)
    )
    least = np.array([low[item] - other_high[item] for item in items], dtype=np.float64)
    most = np.array([high[item] - other_low[item] for item in items], dtype=np.float64)
    lacking = _lacking(*one) | _lacking(*two)
    value = np.where([item in lacking for item in items], np.nan, least) if items else least
    return Range(value, least, most, cluster)


def _whole(m: Measurement, data: Experiment, part: Floats) -> dict[str, float]:
    """Each item's mean over all its rows of the least or the most that they could be."""
    sums = np.bincount(m.item, part, minlength=data.items.size)
    counts = np.bincount(m.item, minlength=data.items.size)
    return {str(data.items[i]): float(sums[i] / counts[i]) for i in np.unique(m.item)}


def _lacking(m: Measurement, data: Experiment) -> set[str]:
    """The items that lack a verdict."""
    return {str(data.items[i]) for i in np.unique(m.item[np.isnan(m.quantity.value)])}


def item_means(m: Measurement, data: Experiment) -> dict[str, float]:
    """Each asked item's mean over its complete rows, NaN where there is none."""
    seen = ~np.isnan(m.quantity.value)
    sums = np.bincount(m.item[seen], m.quantity.value[seen], minlength=data.items.size)
    counts = np.bincount(m.item[seen], minlength=data.items.size)
    return {
        str(data.items[i]): float(sums[i] / counts[i]) if counts[i] else math.nan for i in np.unique(m.item)
    }
