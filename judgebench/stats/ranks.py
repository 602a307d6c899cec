"""Ranks with intervals: how far up or down the data allow each of several estimates to stand."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import qmc

from judgebench.stats._groups import Floats, check_level

DRAWS = 2**15
_CHUNK = 4_000_000


@dataclass(frozen=True, slots=True)
class RankIntervals:
    """Ranks of k estimates, 1 for the largest; all arrays of shape (k,).

    `conf_low` is the best and `conf_high` the worst rank that the data allow, for all k at once.
    """

    rank: NDArray[np.int64]
    conf_low: NDArray[np.int64]
    conf_high: NDArray[np.int64]
    conf_level: float
    critical: float


def rank_intervals(
    estimate: ArrayLike, covariance: ArrayLike, *, level: float = 0.95, seed: int = 0
) -> RankIntervals:
    """Simultaneous confidence sets for the ranks of normal estimates.

    All pairwise differences are tested at once against the critical value of their largest absolute t; one
    that another beats significantly cannot stand above it (Mogstad, Romano, Shaikh and Wilhelm 2024, Review
    of Economic Studies 91, theorem 3.1, with two-sided joint sets in one step). The critical value is
    read off quasi-random draws from the estimates' joint normal distribution.

    Args:
        estimate: (k,), larger is better; equal ones share the better rank.
        covariance: (k, k) of the estimates.
        level: Probability that all k sets hold.
        seed: Of the draws.

    Raises:
        ValueError: Shapes do not fit, or a value is not finite.
    """
    check_level(level)
    theta, sigma = np.asarray(estimate, dtype=np.float64), np.asarray(covariance, dtype=np.float64)
    if theta.ndim != 1 or not theta.size or sigma.shape != (theta.size, theta.size):
        raise ValueError("estimate must have shape (k,) and covariance (k, k)")
    if not (np.isfinite(theta).all() and np.isfinite(sigma).all()):
        raise ValueError("estimates and covariance must be finite")
    rank = 1 + (theta[None, :] > theta[:, None]).sum(axis=1)
    error = _errors(sigma)
    critical = _critical(sigma, error, level, seed)
    margin = critical * error
    gap = theta[:, None] - theta[None, :]
    beaten_by = (gap < -margin).sum(axis=1)
    beats = (gap > margin).sum(axis=1)
    return RankIntervals(rank, 1 + beaten_by, theta.size - beats, level, critical)


def _errors(sigma: Floats) -> Floats:
    """Standard errors of the pairwise differences, shape (k, k)."""
    own = np.diag(sigma)
    return np.sqrt(np.maximum(own[:, None] + own[None, :] - 2 * sigma, 0.0))


def _critical(sigma: Floats, error: Floats, level: float, seed: int) -> float:
    first, second = np.triu_indices(len(sigma), k=1)
    varying = error[first, second] > 0
    first, second = first[varying], second[varying]
    if not first.size:
        return 0.0
    largest = np.concatenate(list(_largest(sigma, error[first, second], first, second, seed)))
    return float(np.quantile(largest, level))


def _largest(
    sigma: Floats, error: Floats, first: NDArray[np.int64], second: NDArray[np.int64], seed: int
) -> Iterator[Floats]:
    """The largest absolute t of each draw, a chunk of draws at a time."""
    values, vectors = np.linalg.eigh(sigma)
    root = (vectors * np.sqrt(np.maximum(values, 0.0))).T
    normal = qmc.MultivariateNormalQMC(np.zeros(len(sigma)), cov_root=root, rng=seed)
    points = normal.random(DRAWS)
    chunk = max(1, _CHUNK // first.size)
    for start in range(0, DRAWS, chunk):
        drawn = points[start : start + chunk]
        yield np.abs((drawn[:, first] - drawn[:, second]) / error).max(axis=1)
