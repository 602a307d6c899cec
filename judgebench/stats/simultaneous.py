"""Simultaneous intervals for effects on the same items, by the max-t critical value."""

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq
from scipy.special import chdtr, fdtr, ndtri

from judgebench.stats._groups import Codes, Counted, Design, Floats, check_level, design, outcomes
from judgebench.stats._student import t_critical
from judgebench.stats.ct import ScoreInputs, report, score_inputs
from judgebench.stats.results import Estimate

DIRECTIONS = 2**14


def max_t(correlation: ArrayLike, df: float, level: float = 0.95) -> float:
    """Critical value c with P(max |T_j| <= c) = level for k jointly t variables.

    `correlation` has shape (k, k) and may be singular; `df` may be infinite.

    Hothorn, Bretz and Westfall (2008), "Simultaneous inference in general parametric models", Biometrical J.
    50, section 3. T is split into a radius, squared over rank an F variable, and a uniform direction (Genz
    and Bretz 2009, "Computation of Multivariate Normal and t Probabilities"): the first is
    integrated exactly, the second over a fixed low-discrepancy set, so that the same input gives the same
    value. Never above Bonferroni's value.

    Raises:
        ValueError: where `correlation` is no correlation matrix, `df` is not positive, or the level is
            impossible.
    """
    check_level(level)
    matrix = np.asarray(correlation, dtype=np.float64)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or not np.allclose(np.diag(matrix), 1):
        raise ValueError("correlation must be a square matrix with a unit diagonal")
    if not df > 0:
        raise ValueError(f"df must be positive, not {df:g}")
    single = t_critical(level, df)
    bonferroni = t_critical(1 - (1 - level) / len(matrix), df)
    reach, rank = _direction_maxima(matrix)

    def excess(critical: float) -> float:
        squared = np.square(critical / reach)
        inside = chdtr(rank, squared) if math.isinf(df) else fdtr(rank, df, squared / rank)
        return float(inside.mean()) - level

    if rank == 1 or excess(single) >= 0:
        return single
    return bonferroni if excess(bonferroni) <= 0 else float(brentq(excess, single, bonferroni, xtol=1e-6))


def simultaneous_effects(
    x: Sequence[ArrayLike],
    item: Sequence[ArrayLike],
    cluster: Sequence[ArrayLike] | None = None,
    *,
    scale: float = 1.0,
    level: float = 0.95,
    bound: float = 1.0,
) -> tuple[Estimate, ...]:
    """CT estimates of k effects whose intervals hold all at once, with probability `level`.

    Entry j of `x`, `item` and `cluster` is what `paired_effect` takes for effect j; labels are shared, so
    that effects measured on the same items are recognised as dependent. Each CT interval is taken at the
    max-t critical value of the correlation between the effects' cluster sums, with the smallest degrees of
    freedom among them (never above Bonferroni's value for the effect's own degrees of freedom): this
    package's own joining of CT with Hothorn, Bretz and Westfall (2008). p-values stay those of each effect
    alone, for `holm`. Effects with one cluster keep the whole range and do not count.

    Raises:
        ValueError: as `paired_effect`, or where the sequences differ in length.
    """
    check_level(level)
    labels = item if cluster is None else cluster
    changes = [outcomes(each, -bound, bound) / bound for each in x]
    nests = [None] * len(changes) if cluster is None else cluster
    groups = [design(of, nest, c.size) for c, of, nest in zip(changes, item, nests, strict=True)]
    inputs = [score_inputs(c, g) for c, g in zip(changes, groups, strict=True)]

    def correlation(known: Sequence[int]) -> Floats:
        return effect_correlation(
            [changes[j] for j in known], [groups[j] for j in known], [labels[j] for j in known]
        )

    return jointly(inputs, groups, correlation, unit=scale * bound, level=level)


def jointly(
    inputs: Sequence[ScoreInputs],
    counted: Sequence[Counted],
    correlation: Callable[[Sequence[int]], Floats],
    *,
    unit: float,
    level: float,
) -> tuple[Estimate, ...]:
    """The estimates of `simultaneous_effects` from the inputs of each.

    `correlation` gives that of the effects at some places, which are those that have more than one cluster.
    """
    known = [j for j, each in enumerate(inputs) if each.df > 0]
    joint = max_t(correlation(known), min(inputs[j].df for j in known), level) if known else math.inf
    alone = 1 - (1 - level) / max(len(known), 1)
    return tuple(
        report(
            each,
            of,
            min(joint, t_critical(alone, each.df)) if each.df > 0 else math.inf,
            unit=unit,
            level=level,
        )
        for each, of in zip(inputs, counted, strict=True)
    )


def effect_correlation(
    changes: Sequence[Floats], groups: Sequence[Design], labels: Sequence[ArrayLike]
) -> Floats:
    """Correlation of effect estimates from their cluster sums of residuals, shape (k, k).

    `labels` are the cluster's labels by row. Effects without variance count as uncorrelated, the cautious
    choice.
    """
    names = [_cluster_names(np.asarray(label), group) for label, group in zip(labels, groups, strict=True)]
    shared, codes = np.unique(np.concatenate(names), return_inverse=True)
    sums = np.zeros((len(changes), shared.size))
    start = 0
    for row, change, group in zip(sums, changes, groups, strict=True):
        means = group.item_means(change)
        row[codes[start : start + group.n_clusters]] = group.cluster_sums(means - means.mean())
        start += group.n_clusters
    norm = np.sqrt(np.square(sums).sum(axis=1))
    scaled = np.divide(sums, norm[:, None], out=np.zeros_like(sums), where=norm[:, None] > 0)
    correlation = scaled @ scaled.T
    np.fill_diagonal(correlation, 1.0)
    return np.asarray(correlation)


def _cluster_names(labels: np.ndarray, group: Design) -> np.ndarray:
    """Label of each cluster, shape (n_clusters,), from labels by row."""
    rows: Codes = np.empty(group.n_clusters, dtype=np.intp)
    rows[group.cluster[group.item]] = np.arange(group.n_rows)
    return labels[rows]


def _direction_maxima(correlation: Floats) -> tuple[Floats, int]:
    """Largest |component| of the factor of `correlation` along uniform directions, and its rank."""
    values, vectors = np.linalg.eigh(correlation)
    kept = values > 1e-10 * values[-1]
    factor = vectors[:, kept] * np.sqrt(values[kept])
    rank = factor.shape[1]
    normal = ndtri(_kronecker(DIRECTIONS, rank))
    directions = normal / np.linalg.norm(normal, axis=1, keepdims=True)
    return np.abs(directions @ factor.T).max(axis=1), rank


def _kronecker(n: int, dimensions: int) -> Floats:
    """Low-discrepancy points in the open unit cube, shape (n, dimensions).

    Multiples, modulo 1, of the powers of 1 / t where t^(d + 1) = t + 1.
    """
    root = 2.0
    for _ in range(40):
        root = (1 + root) ** (1 / (dimensions + 1))
    steps = root ** -np.arange(1.0, dimensions + 1)
    points = (0.5 + np.arange(1, n + 1)[:, None] * steps) % 1
    return np.clip(points, 1e-12, 1 - 1e-12)
