"""How well a score tells two groups apart: the probability that one of the first exceeds one of the second."""

import math

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import rankdata
from statsmodels.stats.nonparametric import rank_compare_2indep

from judgebench.stats._groups import Floats, check_level
from judgebench.stats._student import t_critical
from judgebench.stats.results import Interval


def separation(above: ArrayLike, below: ArrayLike, *, level: float = 0.95) -> Interval:
    """P(above > below) + P(equal)/2, the area under the ROC curve, for samples of shape (m,) and (n,).

    Brunner and Munzel (2000), Biometrical Journal 42, for the variance and the degrees of freedom; limits on the logit
    scale, so that they stay inside [0, 1]. Where the samples do not overlap, or one holds a single value, the variance
    says nothing, and the limits are those of one wrong and one right pair more on the smaller sample's size.

    Raises:
        ValueError: A sample is empty or holds what is no number.
    """
    check_level(level)
    x, y = np.asarray(above, dtype=np.float64), np.asarray(below, dtype=np.float64)
    if x.ndim != 1 or y.ndim != 1 or not (x.size and y.size):
        raise ValueError("both samples must have shape (n,), with one value at least")
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise ValueError("values must be finite")
    area = float((rankdata(np.concatenate([x, y]))[: x.size].mean() - (x.size + 1) / 2) / y.size)
    error, df = _error(x, y)
    share = area
    if error == 0 or not 0 < area < 1:
        n = min(x.size, y.size)
        share = (area * n + 1) / (n + 2)
        error, df = max(error, math.sqrt(share * (1 - share) / (n + 2))), math.inf
    half = t_critical(level, df) * error / (share * (1 - share))
    centre = math.log(share / (1 - share))
    low, high = (1 / (1 + math.exp(-(centre + sign * half))) for sign in (-1, 1))
    return Interval(area, min(low, area), max(high, area), level, "brunner-munzel, logit")


def _error(x: Floats, y: Floats) -> tuple[float, float]:
    """The standard error of the area and its degrees of freedom; 0 and infinite where the samples tell of none."""
    if min(x.size, y.size) < 2 or not (np.ptp(x) or np.ptp(y)) or x.min() > y.max() or y.min() > x.max():
        return 0.0, math.inf
    found = rank_compare_2indep(x, y)
    return math.sqrt(float(found.var_prob)), float(found.df)
