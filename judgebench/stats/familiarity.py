"""Does a judge prefer what surprises it less, and how much of its preference for its own responses is that?"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from judgebench.stats._groups import Floats, check_level, outcomes
from judgebench.stats._t_interval import t_estimate
from judgebench.stats.regression import clustered_ols
from judgebench.stats.results import Estimate, LinearFit


@dataclass(frozen=True, slots=True)
class Familiarity:
    """A judge's preference split in two.

    Attributes:
        own: For its own response, where neither response surprises it more.
        slope: For a response per nat by which its tokens surprise it less, whoever wrote it.
    """

    own: Estimate
    slope: Estimate


def familiarity(
    judge: ArrayLike,
    own: ArrayLike,
    gap: ArrayLike,
    cluster: ArrayLike,
    *,
    beside: ArrayLike | None = None,
    level: float = 0.95,
) -> Familiarity:
    """Regress a judge's preference for the targets of pairs on whose they are and on how familiar they are.

    Least squares of `judge` on `own`, `gap` and what stands `beside`, with CR2 errors and t intervals on
    Bell-McCaffrey degrees of freedom (`clustered_ols`). That models prefer texts of low perplexity, their own or not,
    is the finding of Wataoka, Takahashi and Ri (2024, arXiv 2410.21819); the split into two coefficients is ours. Both
    are as right as a straight line is: where own responses surprise less by more than any others do, the line is
    prolonged. All have shape (n,), one value a pair.

    Args:
        judge: The target's share of the judge's verdicts, less 1/2 or less what others say of the pair.
        own: Whether the target is the judge's own response; where all are, there is no other intercept.
        gap: Mean negative log-likelihood a token of the other response less that of the target, in nats.
        cluster: Labels of what is independent, such as prompts.
        beside: Further columns, shape (n, k), each 0 where it says nothing.
        level: Of the intervals.

    Raises:
        ValueError: Shapes differ, a value is not finite, `gap` does not vary or goes with `own` entirely, or there is
            one cluster.
    """
    check_level(level)
    fit = clustered_ols(outcomes(judge, -1.0, 1.0, "judge"), familiarity_design(own, gap, beside), cluster)
    size = np.size(judge)
    return Familiarity(_of(fit, 0, 1.0, size, level), _of(fit, 1, np.inf, size, level))


def familiarity_design(own: ArrayLike, gap: ArrayLike, beside: ArrayLike | None = None) -> Floats:
    """The columns of `familiarity`: own, gap, an intercept unless all are own, and those beside that say more."""
    mine, nats = np.asarray(own, dtype=np.float64), outcomes(gap, -np.inf, np.inf, "gap")
    further = np.empty((nats.size, 0)) if beside is None else np.asarray(beside, dtype=np.float64)
    columns = [mine, nats]
    for column in (np.ones_like(nats), *further.T):
        wider = np.column_stack([*columns, column])
        if np.linalg.matrix_rank(wider) == wider.shape[1]:
            columns.append(column)
    return np.column_stack(columns)


def _of(fit: LinearFit, place: int, limit: float, size: int, level: float) -> Estimate:
    return t_estimate(
        float(fit.coefficients[place]),
        max(float(fit.covariance[place, place]), 0.0),  # rounding leaves a variance of 0 a little below it
        float(fit.df[place]),
        level=level,
        limit=limit,
        method="regression on perplexity, CR2",
        counts=(size, fit.n_clusters, size),
    )
