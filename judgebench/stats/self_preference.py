"""Does a judge prefer its own responses? The simple estimators; see `triple_difference` for the one to trust.

All take, for pairs in which one response is the judge's own, `own`: the outcome of that response in one
judgment, 1 for a win, 1/2 for a tie, 0 for a loss, or a probability. One row is one judgment, and `item` names
the pair. A judge may be right to prefer its own responses, so the raw share alone says little; and what gold or
other judges are taken to say of the responses' quality decides what the rest says.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from judgebench.stats._groups import Floats, check_level, design, outcomes
from judgebench.stats._t_interval import t_estimate
from judgebench.stats.ct import paired_effect
from judgebench.stats.regression import clustered_ols
from judgebench.stats.results import Estimate


@dataclass(frozen=True, slots=True)
class GoldAdjusted:
    """DBG, beside what it takes for granted.

    Attributes:
        effect: Mean of own outcome minus gold outcome.
        quality_gap: Gold's share for the judge's own responses, minus 1/2.
        warning: Why `effect` is not self-preference, where gold shows that; None where it does not, which is
            no proof.
    """

    effect: Estimate
    quality_gap: Estimate
    warning: str | None

    @property
    def confounded(self) -> bool:
        """Whether the own responses are better or worse by gold, so that DBG mixes noise and self-preference."""
        return self.warning is not None


def raw_preference(
    own: ArrayLike, item: ArrayLike, cluster: ArrayLike | None = None, *, level: float = 0.95
) -> Estimate:
    """Share of the judge's own responses minus 1/2, with the CT interval of `paired_effect`.

    `own`, `item` and `cluster` have shape (N,). Mixes self-preference with the quality of the responses.

    Raises:
        ValueError: where `own` is empty, not finite or outside [0, 1], shapes differ, or an item lies in two
            clusters.
    """
    return paired_effect(2 * outcomes(own, 0.0, 1.0, "own") - 1, item, cluster, scale=0.5, level=level)


def dbg(
    own: ArrayLike,
    gold: ArrayLike,
    item: ArrayLike,
    cluster: ArrayLike | None = None,
    *,
    level: float = 0.95,
) -> GoldAdjusted:
    """Own win rate by the judge minus own win rate by gold: DBG of Chen et al. (2025, arXiv 2506.02592), section 3.

    `gold`, shape (N,) like the rest, is the outcome of the own response by gold, a tie being 1/2. CT on the
    paired differences.

    A judge that errs moves every win rate towards 1/2, and gold does not. Where the own responses are worse
    (or better) by gold, DBG is therefore above (or below) 0 without any self-preference, and `warning` says
    so. If gold is right and the judge only errs more than gold does, self-preference lies between DBG and
    `raw_preference`; `triple_difference` estimates it.

    Raises:
        ValueError: as `raw_preference`, for `gold` too.
    """
    judged, right = _pair(own, gold, "gold")
    effect = paired_effect(judged - right, item, cluster, level=level)
    gap = raw_preference(right, item, cluster, level=level)
    return GoldAdjusted(effect, gap, _warning(gap))


def _warning(gap: Estimate) -> str | None:
    if gap.conf_low <= 0 <= gap.conf_high:
        return None
    better, towards = ("better", "down") if gap.estimate > 0 else ("worse", "up")
    return (
        f"gold-adjusted, not identified: by gold the judge's own responses are {better} ({gap.estimate:+.3f} "
        f"[{gap.conf_low:+.3f}, {gap.conf_high:+.3f}]), and a judge's errors alone then push DBG {towards}"
    )


def gold_regression(
    own: ArrayLike,
    gold: ArrayLike,
    item: ArrayLike,
    cluster: ArrayLike | None = None,
    *,
    level: float = 0.95,
) -> Estimate:
    """Own outcome where gold is even: the intercept of item means of own - 1/2 on those of gold - 1/2.

    Least squares with CR2 errors and t intervals on Bell-McCaffrey degrees of freedom (`clustered_ols`). The
    slope takes in how much the judge errs, but gold that is coarse or errs itself leaves part of the quality
    gap in the intercept.

    Raises:
        ValueError: as `dbg`, or where gold is the same for all items or there is one cluster.
    """
    check_level(level)
    judged, right = _pair(own, gold, "gold")
    groups = design(item, cluster, judged.size)
    columns = np.column_stack([np.ones(groups.n_items), groups.item_means(right - 0.5)])
    if np.ptp(columns[:, 1]) == 0:
        raise ValueError("a regression on gold must have items on which gold differs")
    fit = clustered_ols(groups.item_means(judged - 0.5), columns, groups.cluster)
    return t_estimate(
        float(fit.coefficients[0]),
        max(float(fit.covariance[0, 0]), 0.0),  # rounding leaves a variance of 0 a little below it
        float(fit.df[0]),
        level=level,
        limit=1.0,
        method="regression on gold, CR2",
        counts=(groups.n_items, groups.n_clusters, groups.n_rows),
    )


def judge_minus_panel(
    own: ArrayLike,
    panel: ArrayLike,
    item: ArrayLike,
    cluster: ArrayLike | None = None,
    *,
    level: float = 0.95,
) -> Estimate:
    """Own win rate by the judge minus own win rate by other judges on the same pairs, with the CT interval.

    `panel`, shape (N,), is the mean outcome of the own response by judges of other families. Right as long as
    judge and panel err as much as each other.

    Raises:
        ValueError: as `raw_preference`, for `panel` too.
    """
    judged, others = _pair(own, panel, "panel")
    return paired_effect(judged - others, item, cluster, level=level)


def panel_regression(
    judge: ArrayLike,
    own: ArrayLike,
    panel: ArrayLike,
    gap: ArrayLike,
    cluster: ArrayLike,
    *,
    level: float = 0.95,
) -> Estimate:
    """Own responses against others at the same panel share: the coefficient of `own` in a regression of the judge's.

    Least squares of the judge's share for a pair's target, less 1/2, on whether the pair is the judge's, on the
    panel's share less 1/2 and on the quality gap, with CR2 errors and t intervals on Bell-McCaffrey degrees of freedom
    (`clustered_ols`). One value a pair, all of shape (n,). A covariate that says nothing new is left out. A panel that
    errs leaves part of the quality gap in the coefficient; `triple_difference` does not lean on a straight line.

    Raises:
        ValueError: where shapes differ, a value is not finite or out of range, `own` is all true or all false, or
            there is one cluster.
    """
    check_level(level)
    judged, others = _pair(judge, panel, "panel")
    mine = np.asarray(own, dtype=np.float64)
    if mine.shape != judged.shape or np.ptp(mine) == 0:
        raise ValueError("own must tell own pairs from others, one value a pair")
    columns = [mine, np.ones_like(mine)]
    for covariate in (others - 0.5, outcomes(gap, -np.inf, np.inf, "gap")):
        wider = np.column_stack([*columns, covariate])
        if np.linalg.matrix_rank(wider) == wider.shape[1]:
            columns.append(covariate)
    fit = clustered_ols(judged - 0.5, np.column_stack(columns), cluster)
    return t_estimate(
        float(fit.coefficients[0]),
        max(float(fit.covariance[0, 0]), 0.0),  # rounding leaves a variance of 0 a little below it
        float(fit.df[0]),
        level=level,
        limit=1.0,
        method="regression on panel, CR2",
        counts=(judged.size, fit.n_clusters, judged.size),
    )


def _pair(own: ArrayLike, other: ArrayLike, name: str) -> tuple[Floats, Floats]:
    judged, reference = outcomes(own, 0.0, 1.0, "own"), outcomes(other, 0.0, 1.0, name)
    if judged.shape != reference.shape:
        raise ValueError(f"{name} must have shape {judged.shape}, not {reference.shape}")
    return judged, reference
