"""The cluster-adjusted Tango score interval ("CT"): the default interval for a mean of paired differences.

CT is this package's own construction from standard parts: the score interval for paired proportions (Tango
1998), the bias-reduced cluster-robust variance with Satterthwaite degrees of freedom (Bell and McCaffrey
2002; Pustejovsky and Tipton 2018). The robust variance sets an effective number of pairs, on which the score
interval is inverted with a t critical value.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from judgebench.stats._effective import effective_size
from judgebench.stats._groups import Counted, Design, Floats, check_level, design, outcomes
from judgebench.stats._student import t_critical, t_two_sided
from judgebench.stats.clustered import mean_variance
from judgebench.stats.results import Estimate
from judgebench.stats.tango import tango_limits, tango_score


@dataclass(frozen=True, slots=True)
class ScoreInputs:
    """What the score interval needs: shares of upward and downward change, effective pairs, variance, df."""

    up: float
    down: float
    pairs: float
    variance: float
    df: float

    @property
    def mean(self) -> float:
        """Mean change."""
        return self.up - self.down

    @property
    def counts(self) -> tuple[float, float, float]:
        """Fractional counts (b, c, n)."""
        return self.up * self.pairs, self.down * self.pairs, self.pairs

    def limits(self, critical: float) -> tuple[float, float]:
        """Score interval at a critical value; all of [-1, 1] where no variance can be estimated."""
        if self.df <= 0:
            return -1.0, 1.0
        return tango_limits(*self.counts, critical)


def paired_effect(
    x: ArrayLike,
    item: ArrayLike,
    cluster: ArrayLike | None = None,
    *,
    scale: float = 1.0,
    level: float = 0.95,
    null: float = 0.0,
    bound: float = 1.0,
) -> Estimate:
    """Mean over items of paired changes, with the CT interval and the p-value of the same score test.

    `x`, shape (N,), holds changes between -bound and bound (2 for a double difference), one for each judgment
    pair; `item` and `cluster`, shape (N,), are labels. Items weigh the same however many pairs they have. The
    cluster defaults to the item; a coarser one, such as the source, widens the interval to speak of sources
    in general. `scale` multiplies everything reported (1/2 for a preference coded -1 to 1); `null` is on the
    reported scale.

    With one cluster nothing can be said: the interval is everything possible, the p-value 1. See
    `inputs_of_means` for the formula.

    Raises:
        ValueError: where `x` is empty, not finite or out of range, shapes differ, an item lies in two
            clusters, or `null` is not a possible effect.
    """
    check_level(level)
    unit = scale * bound
    if not (unit > 0 and abs(null) <= unit):
        raise ValueError(f"scale and bound must be positive and null within {unit:g} of 0, not {null:g}")
    change = outcomes(x, -bound, bound) / bound
    groups = design(item, cluster, change.size)
    inputs = score_inputs(change, groups)
    critical = t_critical(level, inputs.df) if inputs.df > 0 else math.inf
    return report(inputs, groups, critical, unit=unit, level=level, null=null)


def report(
    inputs: ScoreInputs, counted: Counted, critical: float, *, unit: float, level: float, null: float = 0.0
) -> Estimate:
    """CT estimate at a critical value, in units of `unit`."""
    low, high = inputs.limits(critical)
    known = inputs.df > 0
    statistic = tango_score(*inputs.counts, null / unit) if known else math.nan
    return Estimate(
        estimate=inputs.mean * unit,
        std_error=math.sqrt(inputs.variance) * unit,
        conf_low=min(low, inputs.mean) * unit,
        conf_high=max(high, inputs.mean) * unit,
        conf_level=level,
        statistic=statistic,
        p_value=t_two_sided(statistic, inputs.df) if known else 1.0,
        df=inputs.df,
        method="CT" if known else "CT (one cluster: no variance estimate)",
        n_items=counted.n_items,
        n_clusters=counted.n_clusters,
        n_judgments=counted.n_rows,
    )


def score_inputs(change: Floats, groups: Design) -> ScoreInputs:
    """Effective counts of the CT interval from changes in [-1, 1], shape (N,); see `inputs_of_means`."""
    up, down = groups.item_means(upward(change)), groups.item_means(downward(change))
    return inputs_of_means(up, down, change, groups)


def upward(change: Floats) -> Floats:
    """max(x, 0)."""
    return np.maximum(change, 0.0)


def downward(change: Floats) -> Floats:
    """max(-x, 0)."""
    return np.maximum(-change, 0.0)


def inputs_of_means(up_by_item: Floats, down_by_item: Floats, change: Floats, groups: Design) -> ScoreInputs:
    """Effective counts of the CT interval from the item means of max(x, 0) and max(-x, 0), shape (n_items,).

    With b and c the item-weighted means of max(x, 0) and max(-x, 0), the pairs are (b + c - (b - c)^2) / v1,
    where v1 is the CR2 variance of the mean of item means (Bell and McCaffrey 2002), kept between the
    (effective) number of clusters and four times the number of judgment pairs; see `effective_size` for how
    the ceiling falls to the number of clusters as b + c - (b - c)^2 goes to 0.
    """
    up, down = float(up_by_item.mean()), float(down_by_item.mean())
    residual = up_by_item - down_by_item - (up - down)
    variance, df = mean_variance(groups.cluster_sums(residual), groups.sizes)
    pairs = effective_size(up + down - (up - down) ** 2, variance, change, groups, most=4.0)
    return ScoreInputs(up, down, pairs, variance, df)
