"""Pearson's correlation between two measures of items, with an interval that allows for clusters of items."""

import math

import numpy as np
from numpy.typing import ArrayLike

from judgebench.stats._groups import check_level, encode, group_sums, outcomes
from judgebench.stats._student import t_critical, t_two_sided
from judgebench.stats.results import Estimate

_ON_A_LINE = 1e-9
_FEWEST = 4


def clustered_correlation(
    x: ArrayLike, y: ArrayLike, cluster: ArrayLike | None = None, *, level: float = 0.95
) -> Estimate:
    """Pearson's r of `x` and `y`, one value an item, both of shape (n,), with an interval on Fisher's scale.

    The variance is that of the influence function of r, u v - r (u^2 + v^2) / 2 for standardised u and v (Devlin,
    Gnanadesikan and Kettenring 1975, Biometrika 62), summed within clusters (Liang and Zeger 1986, Biometrika
    73); it asks for no normal or continuous measures. By the delta method it is divided by (1 - r^2)^2 on the scale of
    atanh r (Fisher 1921, Metron 1), where the interval is made, with t of G - 1 degrees of freedom for G clusters, and
    raised by G / (G - 3), so that it is Fisher's 1 / (n - 3) for many independent normal points. `std_error` is on
    the scale of r; the statistic tests r = 0.

    Raises:
        ValueError: where shapes differ, a value is not finite, one measure does not vary, all points lie on a line, or
            there are fewer than four clusters.
    """
    check_level(level)
    one, two = outcomes(x, -math.inf, math.inf), outcomes(y, -math.inf, math.inf, "y")
    if one.shape != two.shape or not (np.isfinite(one).all() and np.isfinite(two).all()):
        raise ValueError("x and y must be finite and of one shape")
    codes, n_clusters = encode(np.arange(one.size) if cluster is None else cluster, one.size, "cluster")
    if n_clusters < _FEWEST:
        raise ValueError(f"a correlation needs four clusters or more, got {n_clusters}")
    if np.ptp(one) == 0 or np.ptp(two) == 0:
        raise ValueError("a measure that does not vary has no correlation")
    u, v = ((values - values.mean()) / values.std() for values in (one, two))
    r = float((u * v).mean())
    if 1 - abs(r) < _ON_A_LINE:
        raise ValueError("all points lie on a line, and nothing says how far r could be off")
    influence = u * v - r * (np.square(u) + np.square(v)) / 2
    sums = group_sums(influence, codes, n_clusters) / one.size
    error = math.sqrt(n_clusters / (n_clusters - 3) * float(np.square(sums).sum()))
    on_scale, df = error / (1 - r * r), n_clusters - 1
    half = t_critical(level, df) * on_scale
    statistic = math.atanh(r) / on_scale if on_scale > 0 else math.copysign(math.inf, r)
    return Estimate(
        estimate=r,
        std_error=error,
        conf_low=math.tanh(math.atanh(r) - half),
        conf_high=math.tanh(math.atanh(r) + half),
        conf_level=level,
        statistic=statistic,
        p_value=t_two_sided(statistic, df),
        df=df,
        method="Pearson, clustered on Fisher's scale",
        n_items=one.size,
        n_clusters=n_clusters,
        n_judgments=one.size,
    )
