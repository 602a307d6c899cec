"""Many proportions on few trials each, pulled toward what they have in common: empirical Bayes, beta-binomial."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betaincinv

from judgebench.stats._groups import Floats, check_level

_MOST = 1e6
"""Prior trials at the most: where the proportions vary no more than chance makes them, all are the same."""


@dataclass(frozen=True, slots=True)
class ShrunkenProportions:
    """Proportions of k groups with the beta prior that was fitted to them; all arrays of shape (k,).

    `estimate` is the posterior mean; `conf_low` and `conf_high` are posterior quantiles, equal tails.
    """

    estimate: Floats
    conf_low: Floats
    conf_high: Floats
    conf_level: float
    prior_mean: float
    prior_trials: float


def shrunken_proportions(
    successes: ArrayLike, trials: ArrayLike, *, level: float = 0.95
) -> ShrunkenProportions:
    """Posterior means and intervals under a beta prior fitted by moments.

    The prior is that of Kleinman (1973), JASA 68, with weights equal to the trials. It is taken as known, so
    that intervals are a little too narrow where there are few groups; half a success and half a failure enter
    the prior's mean, which is therefore never 0 or 1.

    Args:
        successes: (k,) counts, which may be fractions.
        trials: (k,) counts, which may be fractions; a group without trials gets the prior.
        level: Posterior probability of the intervals.

    Raises:
        ValueError: Shapes differ, there is no group, or successes lie outside [0, trials].
    """
    check_level(level)
    x, n = np.asarray(successes, dtype=np.float64), np.asarray(trials, dtype=np.float64)
    if x.shape != n.shape or x.ndim != 1 or not x.size:
        raise ValueError("successes and trials must have one shape (k,), k at least 1")
    if not (np.isfinite(n).all() and (x >= 0).all() and (x <= n + 1e-9).all()):
        raise ValueError("successes must lie between 0 and the trials")
    mean = float((x.sum() + 0.5) / (n.sum() + 1))
    strength = _prior_trials(x[n > 0], n[n > 0], mean)
    a, b = strength * mean + x, strength * (1 - mean) + np.maximum(n - x, 0.0)
    tail = (1 - level) / 2
    low, high = (np.asarray(betaincinv(a, b, q), dtype=np.float64) for q in (tail, 1 - tail))
    return ShrunkenProportions(a / (a + b), low, high, level, mean, strength)


def _prior_trials(x: Floats, n: Floats, mean: float) -> float:
    """Prior trials a + b = (1 - r) / r, one at least, with r the correlation within groups by moments (Kleinman 1973).

    With weights w = n / sum(n) the spread of the shares has the expectation mean (1 - mean) ((1 - r) sum w (1 - w) / n
    + r sum w (1 - w)).
    """
    if x.size < 2 or n.sum() <= x.size:
        return 1.0
    weight = n / n.sum()
    spread = float((weight * (x / n - x.sum() / n.sum()) ** 2).sum()) / (mean * (1 - mean))
    chance, whole = float((weight * (1 - weight) / n).sum()), float((weight * (1 - weight)).sum())
    correlation = (spread - chance) / (whole - chance) if whole > chance else 1.0
    correlation = min(max(correlation, 1 / (1 + _MOST)), 1.0)
    return max((1 - correlation) / correlation, 1.0)
