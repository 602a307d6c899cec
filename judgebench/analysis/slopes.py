"""The slope of an effect on something that differs within or between items, by least squares on item-level means."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import stdtr, stdtrit

from judgebench.analysis.panels import Floats, Ints
from judgebench.stats import Estimate, LinearFit, clustered_regression

_FEWEST_CLUSTERS: Final = 2
"""On each side of the regressor's mean; one alone would leave its side without a residual."""


def slopes(
    ys: Sequence[Floats], regressor: Floats, item: Ints, cluster: Ints, *, level: float, bound: float
) -> list[Estimate | None]:
    """Least-squares slopes of the item-level means of several outcomes, within [-bound, bound], on one regressor.

    A cell is an item at one value of the regressor; cells weigh the same however many rows they have. With two values
    the slope is the difference of two means: within items where each item has both, else between items as well.
    CR2 by cluster with Bell-McCaffrey degrees of freedom (Pustejovsky and Tipton 2018, J. Business & Economic
    Statistics 36(4)). Where nothing varies around the line the interval is all that is possible.

    Args:
        ys: Differences, each of shape (rows,), as the other arrays.
        regressor: What they are regressed on.
        item: Item codes.
        cluster: Codes of the clusters.
        level: Level of the interval.
        bound: How far an outcome can lie from 0.

    Returns:
        The slope of each in its units over units of the regressor; None where either side of the regressor's mean
        has fewer than two clusters.
    """
    cells = _cells(regressor, item, cluster)
    x, groups = cells.regressor, cells.cluster
    sides = (groups[x > x.mean()], groups[x <= x.mean()])
    if min(np.count_nonzero(np.bincount(side)) for side in sides) < _FEWEST_CLUSTERS:
        return [None] * len(ys)
    regression = clustered_regression(np.column_stack([np.ones_like(x), x]), groups)
    counts = (int(np.count_nonzero(np.bincount(item))), int(item.size))
    return [_estimate(regression.fit(cells.means(y)), x, counts, level, bound) for y in ys]


def _estimate(fit: LinearFit, x: Floats, counts: tuple[int, int], level: float, bound: float) -> Estimate:
    """The slope of a fit on `x`; `counts` are items and judgments."""
    estimate, std_error, df = float(fit.coefficients[1]), float(fit.std_error[1]), float(fit.df[1])
    # the steepest slope that values in [-bound, bound] allow
    most = bound * float(np.abs(x - x.mean()).sum() / np.square(x - x.mean()).sum())
    varies = std_error > 1e-12 * most and df > 0
    half = float(stdtrit(df, (1 + level) / 2)) * std_error if varies else 2 * most
    return Estimate(
        estimate=estimate,
        std_error=std_error,
        conf_low=max(estimate - half, -most),
        conf_high=min(estimate + half, most),
        conf_level=level,
        statistic=estimate / std_error if varies else math.nan,
        p_value=2 * float(stdtr(df, -abs(estimate) / std_error)) if varies else 1.0,
        df=df,
        method="OLS, CR2" if varies else "OLS, CR2 (no variation)",
        n_items=counts[0],
        n_clusters=fit.n_clusters,
        n_judgments=counts[1],
    )


@dataclass(frozen=True, slots=True)
class _Cells:
    """The cells of some rows.

    Attributes:
        row: The number of each row's cell, shape (rows,).
        counts: Rows with each number, 0 for those that are no cell's.
        used: The numbers of the cells, shape (cells,).
        regressor: Of each cell, shape (cells,).
        cluster: Of each cell, shape (cells,).
    """

    row: Ints
    counts: Ints
    used: Ints
    regressor: Floats
    cluster: Ints

    def means(self, y: Floats) -> Floats:
        """Mean of `y`, shape (rows,), in each cell."""
        return np.asarray(np.bincount(self.row, y)[self.used] / self.counts[self.used])


def _cells(regressor: Floats, item: Ints, cluster: Ints) -> _Cells:
    values = np.unique(regressor)
    row = item * values.size + np.searchsorted(values, regressor)
    counts = np.bincount(row)
    used = np.flatnonzero(counts)
    cluster_of = np.zeros(int(item.max(initial=0)) + 1, dtype=np.int64)
    cluster_of[item] = cluster
    return _Cells(row, counts, used, values[used % values.size], cluster_of[used // values.size])


def steepest(low: Floats, high: Floats, leverage: Floats) -> tuple[Floats, Floats]:
    """Of values between `low` and `high`, those with the least and the greatest slope.

    `leverage` is the regressor about its mean; all have shape (rows,).
    """
    up = leverage > 0
    return np.where(up, low, high), np.where(up, high, low)


def about_mean(regressor: Floats, item: Ints) -> Floats:
    """The regressor about its mean over cells, shape (rows,)."""
    return regressor - float(_cells(regressor, item, item).regressor.mean())


def about_item_means(regressor: Floats, item: Ints) -> Floats:
    """The regressor about the mean over each item's rows, shape (rows,)."""
    counts = np.maximum(np.bincount(item), 1)
    return regressor - np.asarray(np.bincount(item, regressor) / counts)[item]
