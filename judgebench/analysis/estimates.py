"""From a measurement to its numbers: estimate, interval, and the interval over all that is missing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np

from judgebench.analysis.measurement import Measurement
from judgebench.analysis.panels import Experiment, Floats, Ints
from judgebench.analysis.settings import Settings
from judgebench.analysis.slopes import about_item_means, about_mean, slopes, steepest
from judgebench.stats import (
    Estimate,
    bounded_effect,
    bounded_proportion,
    mcnemar,
    monotone_trend,
    paired_effect,
    proportion,
)

_COPIED: Final = (
    "estimate", "std_error", "conf_low", "conf_high", "conf_level", "statistic", "p_value", "method",
    "n_items", "n_clusters", "n_judgments",
)  # fmt: skip


def numbers(m: Measurement, data: Experiment, settings: Settings) -> dict[str, Any]:
    """The columns of a measurement, from its unit and estimate to its worst-case interval."""
    n_missing = int(np.isnan(m.quantity.value).sum())
    if n_missing:
        estimate, bounds = _with_bounds(m, data, settings)
    else:
        estimate = estimate_of(m, data, settings)
        bounds = (math.nan, math.nan) if estimate is None else (estimate.conf_low, estimate.conf_high)
    return {
        "unit": "proportion" if m.kind == "proportion" else m.unit,
        **estimated(estimate, settings),
        "n_missing": n_missing,
        "bound_low": bounds[0],
        "bound_high": bounds[1],
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
        return _regressed(m, [y], m.regressor[seen], item, cluster, settings.level)[0]
    found = paired_effect(y, item, cluster, scale=m.scale, bound=m.bound, level=settings.level)
    return _with_mcnemar(found, y) if m.kind == "discordance" else found


def _regressed(
    m: Measurement,
    ys: Sequence[Floats],
    regressor: Floats,
    item: Ints,
    cluster: Ints | None,
    level: float,
) -> list[Estimate | None]:
    """The slopes of several outcomes; None where there are too few clusters or doses for one."""
    if m.kind == "slope":
        clusters = item if cluster is None else cluster
        return slopes(ys, regressor, item, clusters, level=level, bound=m.bound)
    if not np.any(about_item_means(regressor, item)):
        return [None] * len(ys)  # no item was tried at two doses
    return [monotone_trend(y, regressor, item, cluster, level=level) for y in ys]


def _with_mcnemar(found: Estimate, y: Floats) -> Estimate:
    """The exact test in place of the score test, where the pairs are counts and no probabilities."""
    if not np.isin(y, (-1.0, 0.0, 1.0)).all():
        return found
    return with_mcnemar(found, int((y > 0).sum()), int((y < 0).sum()))


def with_mcnemar(found: Estimate, up: int, down: int) -> Estimate:
    """The exact test of the counts of discordant pairs in place of the score test."""
    test = mcnemar(up, down)
    return replace(found, statistic=test.statistic, p_value=test.p_value, method="exact McNemar")


def bounds_of(m: Measurement, data: Experiment, settings: Settings) -> tuple[float, float]:
    """The interval that holds whatever the missing verdicts are."""
    return _with_bounds(m, data, settings)[1]


def _with_bounds(
    m: Measurement, data: Experiment, settings: Settings
) -> tuple[Estimate | None, tuple[float, float]]:
    """The estimate on what was seen, and the interval that holds whatever the missing verdicts are."""
    q, level = m.quantity, settings.level
    if m.regressor is not None:
        return estimate_of(m, data, settings), _bounds_of_regressed(m, m.regressor, data, settings)
    cluster = clusters_of(m.item, data, settings)
    if m.kind == "proportion":
        share, low, high = bounded_proportion(q.value, q.low, q.high, m.item, cluster, level=level)
        return share, (low, high)
    found, bounds = bounded_effect(
        q.value, q.low, q.high, m.item, cluster, scale=m.scale, level=level, bound=m.bound
    )
    if found is not None and m.kind == "discordance":
        found = _with_mcnemar(found, q.value[~np.isnan(q.value)])
    return found, (bounds.conf_low, bounds.conf_high)


def _bounds_of_regressed(
    m: Measurement, regressor: Floats, data: Experiment, settings: Settings
) -> tuple[float, float]:
    """From the completions of the missing verdicts that make the slope least and greatest."""
    about = about_item_means if m.kind == "trend" else about_mean
    worst = steepest(m.quantity.low, m.quantity.high, about(regressor, m.item))
    cluster = clusters_of(m.item, data, settings)
    least, most = _regressed(m, worst, regressor, m.item, cluster, settings.level)
    return (math.nan, math.nan) if least is None or most is None else (least.conf_low, most.conf_high)
