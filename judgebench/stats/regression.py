"""Least squares with cluster-robust covariance: CR0 to CR3 with Bell-McCaffrey df, and two-way clustering.

Everything after one QR decomposition X = QR happens in p x p matrices for each cluster: with G_g = Q_g'Q_g,
the adjustment matrix (I - H_gg)^(-1/2) of a cluster acts on the column space of Q_g as (I - G_g)^(-1/2), so
that no matrix as large as a cluster, let alone the sample, is formed.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from judgebench.stats._groups import Codes, Floats, encode, group_sums, outcomes
from judgebench.stats.clustered import Kind
from judgebench.stats.results import ClusteredMean, LinearFit

ABSORBED = 1e-10


def clustered_ols(y: ArrayLike, design: ArrayLike, cluster: ArrayLike, *, kind: Kind = "CR2") -> LinearFit:
    """Regress `y`, shape (N,), on `design`, shape (N, p), with errors dependent within `cluster`.

    Bell and McCaffrey (2002), Survey Methodology 28(2); adjustment by generalised inverse where a cluster
    determines a coefficient alone (whose own standard error is then too small), and Satterthwaite degrees of
    freedom for each coefficient, as in Pustejovsky and Tipton (2018), J. Business & Economic Statistics
    36(4), section 2, working model: independence. CR1 is G / (G - 1) times CR0. The design holds its own
    intercept.

    Raises:
        ValueError: where shapes differ, a value is not finite, columns are collinear, or there is one
            cluster.
    """
    target, columns = _checked(y, design)
    return clustered_regression(columns, cluster, kind=kind).fit(target)


def clustered_regression(
    design: ArrayLike, cluster: ArrayLike, *, kind: Kind = "CR2"
) -> "ClusteredRegression":
    """`clustered_ols` before it has an outcome: most of its work, done once for many outcomes of one design.

    Raises:
        ValueError: as `clustered_ols`.
    """
    columns = _checked_design(design)
    codes, n_clusters = encode(cluster, columns.shape[0], "cluster")
    if n_clusters < 2:
        raise ValueError("a cluster-robust covariance must have at least two clusters")
    q, r = _qr(columns)
    grams = np.stack([_sums(q * q[:, [j]], codes, n_clusters) for j in range(q.shape[1])], axis=1)
    adjust = _power(np.eye(q.shape[1]) - grams, kind)
    df = np.array([_satterthwaite(grams, adjust @ contrast) for contrast in np.linalg.inv(r)])
    return ClusteredRegression(columns, q, r, codes, adjust, df, kind)


@dataclass(frozen=True, slots=True)
class ClusteredRegression:
    """A design with N rows, p columns and G clusters, and what any outcome's fit needs of it.

    Attributes:
        columns: The design, shape (N, p).
        q: Orthonormal columns of the same span, shape (N, p).
        r: What makes the design of them, shape (p, p).
        codes: Codes of the clusters, shape (N,).
        adjust: The adjustment of each cluster's scores, shape (G, p, p).
        df: Satterthwaite degrees of freedom, shape (p,).
        kind: Which covariance.
    """

    columns: Floats
    q: Floats
    r: Floats
    codes: Codes
    adjust: Floats
    df: Floats
    kind: Kind

    def fit(self, y: ArrayLike) -> LinearFit:
        """Regress `y`, shape (N,), on the design.

        Raises:
            ValueError: where the shape differs or a value is not finite.
        """
        target = outcomes(y, -math.inf, math.inf, "y")
        if target.size != self.codes.size:
            raise ValueError(f"y must have shape ({self.codes.size},), not {target.shape}")
        n_clusters = self.adjust.shape[0]
        beta = _solve(self.r, self.q.T @ target)
        sums = _sums(self.q * (target - self.columns @ beta)[:, None], self.codes, n_clusters)
        scores = np.einsum("gij,gj->gi", self.adjust, sums)
        inverse = np.linalg.inv(self.r)
        factor = n_clusters / (n_clusters - 1) if self.kind == "CR1" else 1.0
        covariance = factor * inverse @ (scores.T @ scores) @ inverse.T
        # rounding leaves a variance of 0 a little below it
        std_error = np.sqrt(np.maximum(np.diag(covariance), 0.0))
        return LinearFit(beta, std_error, self.df, covariance, n_clusters, self.kind)


def twoway_ols(y: ArrayLike, design: ArrayLike, first: ArrayLike, second: ArrayLike) -> LinearFit:
    """Regress `y` on `design` with errors dependent within `first` and within `second`.

    Shapes are (N,) for `y` and the labels and (N, p) for `design`.

    Cameron, Gelbach and Miller (2011), "Robust inference with multiway clustering", J. Business & Economic
    Statistics 29(2): the covariances by either clustering are added and the one by their intersection
    subtracted, each with the factor G / (G - 1) (N - 1) / (N - p); negative eigenvalues are set to 0, as they
    advise. The degrees of freedom are the smaller number of clusters less one.

    Raises:
        ValueError: where shapes differ, a value is not finite, columns are collinear, or a clustering has one
            cluster.
    """
    target, columns = _checked(y, design)
    q, r = _qr(columns)
    beta = _solve(r, q.T @ target)
    scores = q * (target - columns @ beta)[:, None]
    (one, n_one), (two, n_two) = encode(first, target.size, "first"), encode(second, target.size, "second")
    if min(n_one, n_two) < 2:
        raise ValueError("each clustering must have at least two clusters")
    both, n_both = encode(one * n_two + two, target.size, "intersection")
    parts = [_cr1s(scores, codes, n) for codes, n in ((one, n_one), (two, n_two), (both, n_both))]
    inverse = np.linalg.inv(r)
    covariance = _nearest_psd(inverse @ (parts[0] + parts[1] - parts[2]) @ inverse.T)
    smaller = min(n_one, n_two)
    df = np.full(beta.size, smaller - 1.0)
    return LinearFit(beta, np.sqrt(np.diag(covariance)), df, covariance, smaller, "two-way CR1")


def twoway_mean(x: ArrayLike, first: ArrayLike, second: ArrayLike) -> ClusteredMean:
    """Mean of `x`, shape (N,), where rows depend within `first` and within `second`, such as item and cue.

    `twoway_ols` with an intercept alone.

    Raises:
        ValueError: as `twoway_ols`.
    """
    fit = twoway_ols(x, np.ones((np.size(x), 1)), first, second)
    variance = float(fit.covariance[0, 0])
    return ClusteredMean(float(fit.coefficients[0]), variance, math.sqrt(variance), float(fit.df[0]))


def _checked(y: ArrayLike, design: ArrayLike) -> tuple[Floats, Floats]:
    """Outcome and design as float arrays of agreeing shapes."""
    target, columns = outcomes(y, -math.inf, math.inf, "y"), _checked_design(design)
    if columns.shape[0] != target.size:
        raise ValueError(f"design must have shape ({target.size}, p), not {columns.shape}")
    return target, columns


def _checked_design(design: ArrayLike) -> Floats:
    columns = np.asarray(design, dtype=np.float64)
    if columns.ndim != 2 or not np.isfinite(columns).all():
        raise ValueError(f"design must be finite and have shape (N, p), not {columns.shape}")
    return columns


def _qr(columns: Floats) -> tuple[Floats, Floats]:
    """Thin QR decomposition of a design of full rank."""
    q, r = np.linalg.qr(columns)
    diagonal = np.abs(np.diag(r))
    if columns.shape[0] <= columns.shape[1] or diagonal.min() <= 1e-10 * diagonal.max():
        raise ValueError("the design must have more rows than columns and no collinear columns")
    return q, r


def _solve(r: Floats, rotated: Floats) -> Floats:
    """Coefficients from the triangular factor and the rotated outcome."""
    return np.asarray(np.linalg.solve(r, rotated), dtype=np.float64)


def _sums(rows: Floats, codes: Codes, n_groups: int) -> Floats:
    """Column sums of `rows`, shape (N, p), within each group; shape (n_groups, p)."""
    return np.stack([group_sums(column, codes, n_groups) for column in rows.T], axis=1)


def _power(remaining: Floats, kind: Kind) -> Floats:
    """(I - G_g) to the power of the estimator's adjustment, shape (G, p, p); absorbed directions drop out."""
    if kind in {"CR0", "CR1"}:
        return np.broadcast_to(np.eye(remaining.shape[1]), remaining.shape)
    if kind == "CR2" and remaining.shape[1] == 2:
        return _inverse_root_of_two(remaining)
    return _power_by_eigenvalues(remaining, -0.5 if kind == "CR2" else -1.0)


def _inverse_root_of_two(remaining: Floats) -> Floats:
    """Inverse square roots of a (G, 2, 2) stack: by Cayley and Hamilton in closed form, a fifth of the time.

    With s the root of the determinant and t that of trace + 2 s, the root of M is (M + s I) / t. Matrices that are
    nearly singular, for whose determinants that is inexact, go by their eigenvalues.
    """
    a, b, c = remaining[:, 0, 0], remaining[:, 0, 1], remaining[:, 1, 1]
    determinant = a * c - b * b
    regular = determinant > 0.01
    s = np.sqrt(np.where(regular, determinant, 1.0))
    top, bottom = a + s, c + s
    scale = np.sqrt(np.where(regular, a + bottom + s, 1.0)) / np.where(regular, top * bottom - b * b, 1.0)
    roots = np.empty_like(remaining)
    roots[:, 0, 0], roots[:, 1, 1] = scale * bottom, scale * top
    roots[:, 0, 1] = roots[:, 1, 0] = -scale * b
    if not regular.all():
        roots[~regular] = _power_by_eigenvalues(remaining[~regular], -0.5)
    return roots


def _power_by_eigenvalues(remaining: Floats, exponent: float) -> Floats:
    values, vectors = np.linalg.eigh(remaining)
    powers = np.where(values > ABSORBED, np.maximum(values, ABSORBED) ** exponent, 0.0)
    return np.asarray(np.einsum("gij,gj,gkj->gik", vectors, powers, vectors))


def _satterthwaite(grams: Floats, loadings: Floats) -> float:
    """(tr P)^2 / tr P^2 with P_gh = [g=h] a_g'u_g - u_g'u_h and u_g = G_g a_g, from a_g of shape (G, p)."""
    inner = np.einsum("gij,gj->gi", grams, loadings)
    own, norm = (loadings * inner).sum(axis=1), np.square(inner).sum(axis=1)
    squares = np.square(own).sum() - 2 * np.dot(own, norm) + np.square(inner.T @ inner).sum()
    return float((own - norm).sum() ** 2 / squares) if squares > 0 else math.nan


def _cr1s(scores: Floats, codes: Codes, n_clusters: int) -> Floats:
    """Sum over clusters of outer products of score sums, with the usual small-sample factor; shape (p, p)."""
    n_rows, n_columns = scores.shape
    sums = _sums(scores, codes, n_clusters)
    factor = n_clusters / (n_clusters - 1) * (n_rows - 1) / (n_rows - n_columns)
    return np.asarray(factor * (sums.T @ sums))


def _nearest_psd(covariance: Floats) -> Floats:
    """The matrix with negative eigenvalues set to 0."""
    values, vectors = np.linalg.eigh((covariance + covariance.T) / 2)
    return np.asarray((vectors * np.maximum(values, 0.0)) @ vectors.T)
