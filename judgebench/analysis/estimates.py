"""From a measurement to its numbers: estimate, interval, and the interval over all that is missing."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any, Final

import numpy as np

from judgebench.analysis.measurement import Measurement
from judgebench.analysis.panels import Experiment, Floats, Ints
from judgebench.analysis.settings import Settings
from judgebench.analysis.slopes import about_item_means, about_mean, slope, steepest
from judgebench.stats import (
    Estimate,
    mcnemar,
    monotone_trend,
    paired_effect,
    proportion,
    worst_case_bounds,
)

_COPIED: Final = (
    "estimate", "std_error", "conf_low", "conf_high", "conf_level", "statistic", "p_value", "method",
    "n_items", "n_clusters", "n_judgments",
)  # fmt: skip
_BY_CT: Final = frozenset({"difference", "discordance"})


def numbers(m: Measurement, data: Experiment, settings: Settings) -> dict[str, Any]:
    """The columns of a measurement, from its unit and estimate to its worst-case interval."""
    seen = ~np.isnan(m.quantity.value)
    found = estimated(estimate_of(m, data, settings), settings)
    low, high = (found["conf_low"], found["conf_high"]) if seen.all() else bounds_of(m, data, settings)
    return {
        "unit": "proportion" if m.kind == "proportion" else m.unit,
        **found,
        "n_missing": int((~seen).sum()),
        "bound_low": low,
        "bound_high": high,
    }


def estimated(estimate: Estimate | None, settings: Settings) -> dict[str, Any]:
    """The columns of an estimate; None where there are no verdicts, or too few, to estimate from."""
    if estimate is not None:
        return {name: getattr(estimate, name) for name in _COPIED}
    counts = dict.fromkeys(("n_items", "n_clusters", "n_judgments"), 0)
    known = {"conf_level": settings.level, "method": "no verdicts", **counts}
    return dict.fromkeys(_COPIED, math.nan) | known


def point_of(m: Measurement, data: Experiment) -> float:
    """The estimate alone, NaN where there is none."""
    if m.kind in {"trend", "slope"}:
        found = estimate_of(m, data, Settings())
        return math.nan if found is None else found.estimate
    seen = ~np.isnan(m.quantity.value)
    sums = np.bincount(m.item[seen], m.quantity.value[seen])
    counts = np.bincount(m.item[seen])
    return float((sums[counts > 0] / counts[counts > 0]).mean() * m.scale) if seen.any() else math.nan


def estimate_of(m: Measurement, data: Experiment, settings: Settings) -> Estimate | None:
    """The estimate on what was seen; None where that is too little."""
    return _estimate(m, m.quantity.value, data, settings)


def clusters_of(item: Ints, data: Experiment, settings: Settings) -> Ints | None:
    """The cluster of each row; None, which is quicker, where items are their own."""
    return None if settings.cluster == "item" else data.cluster[item]


def _estimate(m: Measurement, value: Floats, data: Experiment, settings: Settings) -> Estimate | None:
    """The estimate from some values of the measured quantity, NaN where one is missing."""
    seen = ~np.isnan(value)
    y, item = value[seen], m.item[seen]
    cluster = clusters_of(item, data, settings)
    if not y.size:
        return None
    if m.kind == "proportion":
        return proportion(y, item, cluster, level=settings.level)
    if m.regressor is not None:
        return _regressed(m, y, m.regressor[seen], item, cluster, settings.level)
    found = paired_effect(y, item, cluster, scale=m.scale, bound=m.bound, level=settings.level)
    if m.kind != "discordance" or not np.isin(y, (-1.0, 0.0, 1.0)).all():  # probabilities are no counts
        return found
    return with_mcnemar(found, int((y > 0).sum()), int((y < 0).sum()))


def _regressed(
    m: Measurement, y: Floats, regressor: Floats, item: Ints, cluster: Ints | None, level: float
) -> Estimate | None:
    if m.kind == "slope":
        clusters = item if cluster is None else cluster
        return slope(y, regressor, item, clusters, level=level, bound=m.bound)
    if not np.any(about_item_means(regressor, item)):
        return None  # no item was tried at two doses
    return monotone_trend(y, regressor, item, cluster, level=level)


def with_mcnemar(found: Estimate, up: int, down: int) -> Estimate:
    """The exact test of the counts of discordant pairs in place of the score test."""
    test = mcnemar(up, down)
    return replace(found, statistic=test.statistic, p_value=test.p_value, method="exact McNemar")


def bounds_of(m: Measurement, data: Experiment, settings: Settings) -> tuple[float, float]:
    """The interval that holds whatever the missing verdicts are."""
    q = m.quantity
    if m.kind in _BY_CT:
        cluster, scales = clusters_of(m.item, data, settings), {"scale": m.scale, "bound": m.bound}
        found = worst_case_bounds(q.value, q.low, q.high, m.item, cluster, level=settings.level, **scales)
        return found.conf_low, found.conf_high
    least, most = (_estimate(m, y, data, settings) for y in _worst(m))
    return (math.nan, math.nan) if least is None or most is None else (least.conf_low, most.conf_high)


def _worst(m: Measurement) -> tuple[Floats, Floats]:
    """The completions of the missing verdicts that make the estimate least and greatest."""
    q = m.quantity
    if m.regressor is None:
        return q.low, q.high
    about = about_item_means if m.kind == "trend" else about_mean
    return steepest(q.low, q.high, about(m.regressor, m.item))
