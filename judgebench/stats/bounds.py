"""What missing outcomes could do to an effect: worst-case bounds and their confidence interval."""

import math

from numpy.typing import ArrayLike
from scipy.optimize import brentq

from judgebench.stats._completions import completions
from judgebench.stats._groups import Counted, check_level, design
from judgebench.stats._student import t_cdf, t_critical, t_quantile
from judgebench.stats.ct import ScoreInputs, downward, inputs_of_means, report, upward
from judgebench.stats.results import Bounds, Estimate


def worst_case_bounds(
    x: ArrayLike,
    x_low: ArrayLike,
    x_high: ArrayLike,
    item: ArrayLike,
    cluster: ArrayLike | None = None,
    *,
    scale: float = 1.0,
    level: float = 0.95,
    bound: float = 1.0,
) -> Bounds:
    """Range of the mean paired change over everything the missing outcomes could be.

    `x`, shape (N,), is NaN where a pair is incomplete; there `x_low` and `x_high`, same shape, hold the least
    and the greatest change possible given what was seen. The other arguments are those of `paired_effect`.

    The confidence interval covers the parameter, not the whole range: Imbens and Manski (2004), "Confidence
    intervals for partially identified parameters", Econometrica 72, eq. 6-7, with t for the normal
    distribution and CT limits for Wald limits: the lower CT limit of the low completion and the upper one of
    the high completion, both at the critical value C with F(C + (high - low) / max(se_low, se_high)) - F(-C)
    = level. With nothing missing it is the CT interval exactly. Note that coverage is not uniform where the
    range is tiny (Stoye 2009, Econometrica 77).

    Raises:
        ValueError: where a completion is not finite or out of range, `x_low` exceeds `x_high`, shapes differ,
            or an item lies in two clusters.
    """
    return bounded_effect(x, x_low, x_high, item, cluster, scale=scale, level=level, bound=bound)[1]


def bounded_effect(
    x: ArrayLike,
    x_low: ArrayLike,
    x_high: ArrayLike,
    item: ArrayLike,
    cluster: ArrayLike | None = None,
    *,
    scale: float = 1.0,
    level: float = 0.95,
    bound: float = 1.0,
) -> tuple[Estimate | None, Bounds]:
    """`paired_effect` on the pairs that are complete and `worst_case_bounds` on all, in half the time of both.

    The rows are summed by item once, since completions differ in what is missing alone. The estimate is None where
    nothing was seen.

    Raises:
        ValueError: as `worst_case_bounds`.
    """
    check_level(level)
    parts = completions(x, x_low, x_high, -bound, bound).over(bound)
    groups = design(item, cluster, parts.x.size)
    ups, downs = parts.sums(upward, groups), parts.sums(downward, groups)
    unit = scale * bound
    found = None
    if parts.missing.size < parts.x.size:
        change, left, present = parts.seen(groups)
        inputs = inputs_of_means(ups[0][present] / left.rows, downs[0][present] / left.rows, change, left)
        critical = t_critical(level, inputs.df) if inputs.df > 0 else math.inf
        found = report(inputs, left, critical, unit=unit, level=level)
    least, greatest = (
        inputs_of_means(ups[n] / groups.rows, downs[n] / groups.rows, parts.completed(values), groups)
        for n, values in ((1, parts.low), (2, parts.high))
    )
    return found, bounds_between(least, greatest, groups, parts.missing.size, unit=unit, level=level)


def bounds_between(
    least: ScoreInputs, greatest: ScoreInputs, counted: Counted, n_missing: int, *, unit: float, level: float
) -> Bounds:
    """The bounds from the inputs of the least and of the greatest completion, in units of `unit`."""
    low, high = _imbens_manski_limits(least, greatest, level)
    return Bounds(
        low=least.mean * unit,
        high=greatest.mean * unit,
        conf_low=low * unit,
        conf_high=high * unit,
        conf_level=level,
        method="imbens-manski on CT",
        n_items=counted.n_items,
        n_clusters=counted.n_clusters,
        n_missing=n_missing,
    )


def _imbens_manski_limits(least: ScoreInputs, greatest: ScoreInputs, level: float) -> tuple[float, float]:
    std_error = math.sqrt(max(least.variance, greatest.variance))
    df = min(least.df, greatest.df)
    critical = (
        imbens_manski_critical(greatest.mean - least.mean, std_error, df, level) if df > 0 else math.inf
    )
    return least.limits(critical)[0], greatest.limits(critical)[1]


def imbens_manski_critical(width: float, std_error: float, df: float, level: float = 0.95) -> float:
    """Critical value for a parameter in a range of `width`; Imbens and Manski (2004), eq. 7.

    The two-sided value where the width is 0, falling to the one-sided value where it dwarfs the standard
    error.
    """
    two_sided, one_sided = t_critical(level, df), t_quantile(level, df)
    if width <= 0:
        return two_sided
    if std_error == 0:
        return one_sided
    gap = width / std_error
    return float(brentq(lambda c: t_cdf(c + gap, df) - t_cdf(-c, df) - level, one_sided - 1e-9, two_sided))
