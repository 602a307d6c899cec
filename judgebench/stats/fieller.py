"""The ratio of two means of the same items, such as what a mitigation costs over what it removes."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from judgebench.stats._groups import check_level, design, outcomes
from judgebench.stats._student import t_critical
from judgebench.stats.results import Interval


def ratio_of_means(
    x: ArrayLike, y: ArrayLike, cluster: ArrayLike | None = None, *, level: float = 0.95
) -> Interval:
    """mean(x) / mean(y) of paired items, with Fieller's interval.

    Fieller (1954), "Some problems in interval estimation", JRSS B 16: the ratios r for which the mean of x - r y does
    not differ from 0 by Student's t; with clusters, of their totals. Where the interval of mean(y) holds 0 that set is
    no interval: estimate and limits are then NaN, since nothing can be said of the ratio, and `method` says so.

    Args:
        x: The numerator's value of each item, shape (items,).
        y: The denominator's.
        cluster: The cluster of each item; None where items are their own.
        level: Level of the interval.

    Raises:
        ValueError: where a value is not finite, or shapes differ.
    """
    check_level(level)
    above, below = outcomes(x, -math.inf, math.inf), outcomes(y, -math.inf, math.inf)
    if above.shape != below.shape:
        raise ValueError(f"the two have {above.size} and {below.size} items")
    groups = design(np.arange(above.size), cluster, above.size)
    totals = np.stack([groups.cluster_sums(above), groups.cluster_sums(below)])
    count = totals.shape[1]
    if count < 2:
        return _undefined(level)
    top, bottom = (float(mean) for mean in totals.mean(axis=1))
    critical = t_critical(level, count - 1) ** 2 / count
    (v_top, shared), (_, v_bottom) = np.cov(totals)
    a = bottom**2 - critical * float(v_bottom)
    b = top * bottom - critical * float(shared)
    c = top**2 - critical * float(v_top)
    if a <= 0:
        return _undefined(level)
    half = math.sqrt(max(b**2 - a * c, 0.0)) / a
    return Interval(top / bottom, b / a - half, b / a + half, level, "Fieller")


def _undefined(level: float) -> Interval:
    return Interval(math.nan, math.nan, math.nan, level, "Fieller; undefined: the denominator may be 0")
