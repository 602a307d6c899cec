"""Cluster-robust variance of a mean: CR0 to CR3 with Bell-McCaffrey degrees of freedom, in closed form."""

import math
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from judgebench.stats._groups import Floats, encode, group_sums, outcomes
from judgebench.stats.results import ClusteredMean

Kind = Literal["CR0", "CR1", "CR2", "CR3"]


def clustered_mean(
    x: ArrayLike, cluster: ArrayLike, *, weights: ArrayLike | None = None, kind: Kind = "CR2"
) -> ClusteredMean:
    """Mean of `x`, shape (N,), with a variance robust to dependence within `cluster`, shape (N,).

    Bell and McCaffrey (2002), "Bias reduction in standard errors for linear regression with multi-stage
    samples", Survey Methodology 28(2); adjustment matrix and Satterthwaite degrees of freedom in the notation
    of Pustejovsky and Tipton (2018), J. Business & Economic Statistics 36(4), section 2, working model:
    independence. With an intercept alone the adjustment matrix has one eigenvalue that matters, 1 - w_g/w, so
    nothing larger than the number of clusters is formed. `weights`, shape (N,), are inverse variances, as in
    weighted least squares. CR1 is G / (G - 1) times CR0. The degrees of freedom are those of `kind`.

    Raises:
        ValueError: where shapes differ, `x` is not finite or a weight is not positive.
    """
    values = outcomes(x, -math.inf, math.inf)
    codes, n_clusters = encode(cluster, values.size, "cluster")
    weight = np.ones(values.size) if weights is None else outcomes(weights, 0.0, math.inf, "weights")
    if weight.shape != values.shape or not weight.all():
        raise ValueError(f"weights must be positive and have shape {values.shape}")
    totals = group_sums(weight, codes, n_clusters)
    total = totals.sum()
    mean = float(np.dot(weight, values) / total)
    scores = group_sums(weight * (values - mean), codes, n_clusters)
    variance, df = mean_variance(scores, totals, kind)
    return ClusteredMean(mean, variance, math.sqrt(variance), df)


def mean_variance(scores: Floats, totals: Floats, kind: Kind = "CR2") -> tuple[float, float]:
    """Variance and df of a mean from cluster sums of weighted residuals and of weights, both (G,).

    NaN variance and 0 degrees of freedom where there is one cluster.
    """
    if totals.size == 1:
        return math.nan, 0.0
    total = float(totals.sum())
    factor = _adjustment(totals / total, kind)
    # no BLAS: on a busy machine its threads wait for each other longer than this takes
    variance = float((factor * np.square(scores)).sum()) / total**2
    return variance, _satterthwaite(totals, factor)


def _adjustment(share: Floats, kind: Kind) -> Floats:
    """What multiplies each cluster's squared score, given its share of the weight."""
    match kind:
        case "CR0":
            return np.ones_like(share)
        case "CR1":
            return np.full_like(share, share.size / (share.size - 1))
        case "CR2":
            return 1 / (1 - share)
        case "CR3":
            return 1 / np.square(1 - share)


def _satterthwaite(totals: Floats, factor: Floats) -> float:
    """(sum_g p_g'p_g)^2 / sum_gh (p_g'p_h)^2, with p_g'p_h = sqrt(f_g f_h) (w_g [g=h] - w_g w_h / w)."""
    if totals.min() == totals.max():
        return totals.size - 1.0  # what the formula comes to, whatever the factor
    total = totals.sum()
    diagonal = factor * totals * (1 - totals / total)
    cross = factor * np.square(totals) / total
    off_diagonal = cross.sum() ** 2 - np.square(cross).sum()
    return float(diagonal.sum() ** 2 / (np.square(diagonal).sum() + off_diagonal))
