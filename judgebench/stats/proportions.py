"""Intervals for one proportion: Wilson, Clopper-Pearson, and Wilson adjusted for clustered judgments."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betaincinv

from judgebench.stats._completions import completions
from judgebench.stats._effective import effective_size
from judgebench.stats._groups import Counted, Design, Floats, check_level, design, outcomes
from judgebench.stats._student import t_critical
from judgebench.stats.clustered import mean_variance
from judgebench.stats.results import Estimate, Interval


def wilson(successes: float, n: float, level: float = 0.95, *, critical: float | None = None) -> Interval:
    """Score interval for a proportion; Wilson (1927), JASA 22, as eq. 4 of Brown, Cai and DasGupta (2001).

    Counts may be fractions. `critical` replaces the normal critical value of `level`.

    Raises:
        ValueError: where the counts are impossible or the level is outside (0, 1).
    """
    _check(successes, n, level)
    z = t_critical(level, math.inf) if critical is None else critical
    share = successes / n
    shrunk = n / (n + z * z)
    centre = shrunk * share + (1 - shrunk) / 2
    half = shrunk * z / math.sqrt(n) * math.sqrt(share * (1 - share) + z * z / (4 * n))
    return Interval(
        share, min(max(centre - half, 0.0), share), max(min(centre + half, 1.0), share), level, "wilson"
    )


def clopper_pearson(successes: float, n: float, level: float = 0.95) -> Interval:
    """Exact interval for a proportion; Clopper and Pearson (1934), Biometrika 26, by beta quantiles.

    Counts may be fractions, as they are on an effective sample size.

    Raises:
        ValueError: where the counts are impossible or the level is outside (0, 1).
    """
    _check(successes, n, level)
    tail = (1 - level) / 2
    failures = max(n - successes, 0.0)
    share = successes / n
    low = float(betaincinv(successes, failures + 1, tail)) if successes > 0 else 0.0
    high = float(betaincinv(successes + 1, failures, 1 - tail)) if failures > 0 else 1.0
    return Interval(share, min(low, share), max(high, share), level, "clopper-pearson")


@dataclass(frozen=True, slots=True)
class Sample:
    """A mean of outcomes and what its interval needs; `size` counts independent binary outcomes."""

    share: float
    size: float
    variance: float
    df: float
    counted: Counted


def proportion(
    y: ArrayLike, item: ArrayLike, cluster: ArrayLike | None = None, *, level: float = 0.95
) -> Estimate:
    """Mean over items of outcomes in [0, 1], with a Wilson interval that respects repeats and clusters.

    `y`, `item` and `cluster` have shape (N,). Wilson's interval on the effective sample size p (1 - p) / v1,
    where v1 is the CR2 variance of the mean of item means (Bell and McCaffrey 2002), with a t critical value:
    the design effect of Korn and Graubard (1998), Survey Methodology 24, with Wilson in place of their exact
    interval. The effective size lies between the (effective) number of clusters and the number of judgments.
    Never of zero width; all of [0, 1] with one cluster. There is no null hypothesis, so no p-value.

    Raises:
        ValueError: where `y` is empty, not finite or outside [0, 1], shapes differ, or an item lies in two
            clusters.
    """
    check_level(level)
    return wilson_of(_sample(y, item, cluster), level)


def wilson_of(sample: Sample, level: float) -> Estimate:
    """The estimate of `proportion` from what its interval needs."""
    interval = None
    if sample.df > 0:
        critical = t_critical(level, sample.df)
        interval = wilson(sample.share * sample.size, sample.size, level, critical=critical)
    return _report(sample, interval, level, "wilson on effective n")


def bounded_proportion(
    y: ArrayLike,
    y_low: ArrayLike,
    y_high: ArrayLike,
    item: ArrayLike,
    cluster: ArrayLike | None = None,
    *,
    level: float = 0.95,
) -> tuple[Estimate | None, float, float]:
    """`proportion` of the outcomes that were seen, and an interval over all that the missing ones could be.

    `y`, shape (N,), is NaN where an outcome is missing; there `y_low` and `y_high`, same shape, hold the least and
    the most that it could be. The interval goes from the lower limit of `proportion` on the low completion to the
    upper one on the high completion. The estimate is None where nothing was seen.

    Raises:
        ValueError: as `proportion`, or where `y_low` exceeds `y_high`.
    """
    check_level(level)
    parts = completions(y, y_low, y_high, 0.0, 1.0)
    groups = design(item, cluster, parts.x.size)
    sums = parts.sums(np.asarray, groups)
    found = None
    if parts.missing.size < parts.x.size:
        outcome, left, present = parts.seen(groups)
        found = wilson_of(_sample_of_means(sums[0][present] / left.rows, outcome, left), level)
    least, most = (
        wilson_of(_sample_of_means(sums[n] / groups.rows, parts.completed(values), groups), level)
        for n, values in ((1, parts.low), (2, parts.high))
    )
    return found, least.conf_low, most.conf_high


def exact_proportion(
    y: ArrayLike, item: ArrayLike, cluster: ArrayLike | None = None, *, level: float = 0.95
) -> Estimate:
    """Mean over items of outcomes in [0, 1], with the exact interval of Korn and Graubard.

    Korn and Graubard (1998), "Confidence intervals for proportions with small expected number of positive
    counts estimated from survey data", Survey Methodology 24, section 2: Clopper and Pearson's interval on the
    effective sample size, times (t_{n-1} / t_df)^2 for the degrees of freedom that the clusters leave. The
    effective size is that of `proportion`, and so is the rest. Wider than `proportion`: for rates where
    covering too seldom is worse than an interval too wide.

    Raises:
        ValueError: as `proportion`.
    """
    check_level(level)
    sample = _sample(y, item, cluster)
    interval = None
    if sample.df > 0:
        items = t_critical(level, sample.counted.n_items - 1)
        size = sample.size * (items / t_critical(level, sample.df)) ** 2
        interval = clopper_pearson(sample.share * size, size, level)
    return _report(sample, interval, level, "clopper-pearson on effective n")


def _sample(y: ArrayLike, item: ArrayLike, cluster: ArrayLike | None) -> Sample:
    outcome = outcomes(y, 0.0, 1.0, "y")
    groups = design(item, cluster, outcome.size)
    return _sample_of_means(groups.item_means(outcome), outcome, groups)


def _sample_of_means(means: Floats, outcome: Floats, groups: Design) -> Sample:
    share = min(float(means.mean()), 1.0)
    variance, df = mean_variance(groups.cluster_sums(means - share), groups.sizes)
    size = effective_size(share * (1 - share), variance, outcome, groups, most=1.0)
    return Sample(share, size, variance, df, groups)


def _report(sample: Sample, interval: Interval | None, level: float, method: str) -> Estimate:
    """The estimate; all of [0, 1] where there is no interval."""
    share, counted = sample.share, sample.counted
    return Estimate(
        estimate=share,
        std_error=math.sqrt(sample.variance),
        conf_low=min(interval.conf_low, share) if interval else 0.0,
        conf_high=max(interval.conf_high, share) if interval else 1.0,
        conf_level=level,
        statistic=math.nan,
        p_value=math.nan,
        df=sample.df,
        method=method if interval else f"{method} (one cluster: no variance estimate)",
        n_items=counted.n_items,
        n_clusters=counted.n_clusters,
        n_judgments=counted.n_rows,
    )


def _check(successes: float, n: float, level: float) -> None:
    check_level(level)
    if not (n > 0 and 0 <= successes <= n * (1 + 1e-12)):
        raise ValueError(f"need n > 0 and 0 <= successes <= n, not {successes:g} of {n:g}")
