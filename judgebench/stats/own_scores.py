"""Does a judge score its own responses too high? Its scores against gold's, with its use of the scale removed."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from judgebench.stats._groups import Codes, Floats, check_level, encode, group_sums, outcomes
from judgebench.stats._t_interval import t_estimate
from judgebench.stats.regression import clustered_ols
from judgebench.stats.results import Estimate

Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class OwnScores:
    """A judge's scores of its own responses, beside those of others'.

    Attributes:
        equated: Mean of its own responses' scores on gold's scale, less gold's: a judge that is lenient, or uses
            another part of the scale, but alike for all authors, has 0.
        held: Its own responses against others of the same gold score, on the judge's scale.
        gold_gap: By how much gold scores its own responses higher than the others'.
        judge_gap: By how much it does so itself.
    """

    equated: Estimate
    held: Estimate
    gold_gap: Estimate
    judge_gap: Estimate


def own_scores(
    score: ArrayLike, gold: ArrayLike, own: ArrayLike, cluster: ArrayLike, *, level: float = 0.95
) -> OwnScores:
    """Compare a judge's scores with gold's on its own responses, by what it does to others'.

    With means m and standard deviations s of the judge's (J) and of gold's (G) scores on responses of others, a score x
    of the judge's is m_G + (s_G / s_J)(x - m_J) on gold's scale: linear equating (Kolen and Brennan 2014, Test
    Equating, Scaling, and Linking, chapter 2). `equated` is the mean over own responses of that less gold's score,

        (s_G / s_J) (mean own x - m_J) - (mean own gold - m_G),

    with a delta-method variance: the influence of each response, of the means and standard deviations too, summed
    within clusters, with the factor G / (G - 1) and t on G - 1 degrees of freedom. It is right where judge and gold
    err as much as each other, or own responses are as good as others'. `held` is the coefficient of `own` in a
    least-squares regression of `score` on `gold` (CR2, `clustered_ols`), which is right where gold does not err.

    Args:
        score: The judge's, shape (n,), one a response.
        gold: Gold's.
        own: Whether the response is the judge's.
        cluster: Labels of what is independent, such as prompts.
        level: Of the intervals.

    Raises:
        ValueError: Shapes differ, a value is not finite, there are no own responses or fewer than two of others, all
            scores of others are the same, or there is one cluster.
    """
    check_level(level)
    judged, right = (outcomes(x, -np.inf, np.inf, name) for x, name in ((score, "score"), (gold, "gold")))
    mine = np.asarray(own, dtype=bool)
    codes, n_clusters = encode(cluster, judged.size, "cluster")
    if mine.shape != judged.shape or right.shape != judged.shape:
        raise ValueError(
            f"score, gold and own must have one shape, not {judged.shape}, {right.shape}, {mine.shape}"
        )
    if not mine.any() or min(np.ptp(x[~mine]) if (~mine).any() else 0.0 for x in (judged, right)) == 0:
        raise ValueError("there must be own responses, and others whose scores differ")
    if n_clusters < 2:
        raise ValueError("an interval must have at least two clusters")
    ratio = float(np.std(right[~mine]) / np.std(judged[~mine]))

    (judge_gap, of_judge), (gold_gap, of_gold) = (_gap(x, mine) for x in (judged, right))
    of_ratio = ratio / 2 * (_spread(right, mine) - _spread(judged, mine))
    return OwnScores(
        _delta(
            ratio * judge_gap - gold_gap,
            ratio * of_judge - of_gold + judge_gap * of_ratio,
            codes,
            level,
            "linear equating, delta",
        ),
        _held(judged, right, mine, codes, level),
        _delta(gold_gap, of_gold, codes, level, "difference of means, delta"),
        _delta(judge_gap, of_judge, codes, level, "difference of means, delta"),
    )


def _delta(value: float, influence: Floats, codes: Codes, level: float, method: str) -> Estimate:
    n_clusters = int(codes.max()) + 1
    sums = group_sums(influence, codes, n_clusters)
    variance = float(np.square(sums).sum()) * n_clusters / (n_clusters - 1)
    counts = (influence.size, n_clusters, influence.size)
    return t_estimate(
        value, variance, n_clusters - 1.0, level=level, limit=np.inf, method=method, counts=counts
    )


def _gap(x: Floats, own: Bools) -> tuple[float, Floats]:
    """Mean over own less mean over others, and the influence of each on it."""
    means = np.where(own, x[own].mean(), x[~own].mean())
    weights = np.where(own, 1 / own.sum(), -1 / (~own).sum())
    return float(x[own].mean() - x[~own].mean()), (x - means) * weights


def _spread(x: Floats, own: Bools) -> Floats:
    """The influence of each on the logarithm of the variance over others."""
    centred = x - x[~own].mean()
    return np.where(own, 0.0, (centred**2 / np.var(x[~own]) - 1) / (~own).sum())


def _held(judged: Floats, right: Floats, own: Bools, codes: Codes, level: float) -> Estimate:
    design = np.column_stack([own.astype(np.float64), np.ones_like(judged), right])
    fit = clustered_ols(judged, design, codes)
    return t_estimate(
        float(fit.coefficients[0]),
        max(float(fit.covariance[0, 0]), 0.0),  # rounding leaves a variance of 0 a little below it
        float(fit.df[0]),
        level=level,
        limit=np.inf,
        method="regression on gold's score, CR2",
        counts=(judged.size, fit.n_clusters, judged.size),
    )
