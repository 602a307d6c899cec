"""Logistic regression with cluster-robust covariance, and average marginal effects.

Coefficients maximise the binomial likelihood by Fisher scoring; the outcome may be a share, so a tie enters
as 1/2. The covariance is one of CR0 to CR3 in the form of Pustejovsky & Tipton (2018), with the working model
of independence with the fitted binomial variance.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import special, stats

from judgebench.stats._perfect_fit import separates
from judgebench.stats.bootstrap import cluster_codes

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
CovarianceKind = Literal["CR0", "CR1", "CR2", "CR3"]
Link = Literal["logit", "probit"]

MAX_ITERATIONS = 100
TOLERANCE = 1e-10
ROUNDING = 1e-12
CERTAIN = 1e-8
LARGEST_CR2_CLUSTER = 2000
WORTH_COLLAPSING = 200
BATCH_ENTRIES = 4_000_000


@dataclass(frozen=True, slots=True)
class BinomialFit:
    """Maximum-likelihood fit of a binomial regression.

    Attributes:
        coefficients: (p,) on the link scale.
        bread: (p, p) inverse Fisher information, the model-based covariance.
        fitted: (n,) fitted probabilities.
        working_weights: (n,) prior weight x (dmu/deta)^2 / (mu (1 - mu)).
        log_likelihood: Binomial log-likelihood without its constant.
        iterations: Scoring steps taken.
    """

    coefficients: FloatArray
    bread: FloatArray
    fitted: FloatArray
    working_weights: FloatArray
    log_likelihood: float
    iterations: int


@dataclass(frozen=True, slots=True)
class LogitFit:
    """A logit with cluster-robust covariance.

    Attributes:
        coefficients: (p,) log odds.
        covariance: (p, p) cluster-robust covariance.
        df: (p,) Bell-McCaffrey (Satterthwaite) degrees of freedom of each coefficient.
        fitted: (n,) fitted probabilities.
        kind: Which covariance.
        log_likelihood: Binomial log-likelihood without its constant.
        n_rows: Rows.
        n_clusters: Clusters.
    """

    coefficients: FloatArray
    covariance: FloatArray
    df: FloatArray
    fitted: FloatArray
    kind: CovarianceKind
    log_likelihood: float
    n_rows: int
    n_clusters: int

    @property
    def std_errors(self) -> FloatArray:
        """(p,) cluster-robust standard errors."""
        return np.sqrt(np.diag(self.covariance))

    @property
    def p_values(self) -> FloatArray:
        """(p,) two-sided p-values against 0, by t with `df`."""
        return np.asarray(2 * stats.t.sf(np.abs(self.coefficients) / self.std_errors, self.df))

    def interval(self, level: float = 0.95) -> FloatArray:
        """Return the (p, 2) t intervals of the coefficients."""
        half = stats.t.ppf(0.5 + level / 2, self.df) * self.std_errors
        return np.column_stack([self.coefficients - half, self.coefficients + half])


@dataclass(frozen=True, slots=True)
class MarginalEffect:
    """The average change in probability for one column, with its delta-method interval."""

    estimate: float
    std_error: float
    df: float
    conf_low: float
    conf_high: float
    conf_level: float
    discrete: bool


@dataclass(frozen=True, slots=True)
class _Point:
    """The likelihood at one coefficient vector: each row's mean, score and weight in its predictor."""

    fitted: FloatArray
    score: FloatArray
    weight: FloatArray
    log_likelihood: float


def _evaluate(link: Link, eta: FloatArray, outcome: FloatArray, prior: FloatArray) -> _Point:
    """Evaluate the binomial likelihood without dividing by variances, which underflow far from 0."""
    if link == "logit":
        mu = special.expit(eta)
        # log F(eta), which numpy's loops do in half the time of special.log_expit
        log_yes = np.minimum(eta, 0) - np.log1p(np.exp(-np.abs(eta)))
        log_likelihood = log_yes - (1 - outcome) * eta
        score, weight = outcome - mu, mu * (1 - mu)
    else:
        mu = special.ndtr(eta)
        log_yes, log_no = special.log_ndtr(eta), special.log_ndtr(-eta)
        log_density = -(eta**2) / 2 - np.log(2 * np.pi) / 2
        up, down = np.exp(log_density - log_yes), np.exp(log_density - log_no)
        log_likelihood = outcome * log_yes + (1 - outcome) * log_no
        score, weight = outcome * up - (1 - outcome) * down, up * down
    return _Point(mu, prior * score, prior * weight, float(prior @ log_likelihood))


def _information(x: FloatArray, weight: FloatArray) -> FloatArray:
    """X'WX, shape (p, p)."""
    scaled = np.sqrt(weight)[:, None] * x
    return np.asarray(scaled.T @ scaled)


def full_rank(gram: FloatArray) -> bool:
    """Say whether a (p, p) matrix of cross-products has independent columns, whatever their units."""
    scale = np.sqrt(np.diag(gram))
    if not (scale > 0).all():
        return False
    return int(np.linalg.matrix_rank(gram / np.outer(scale, scale))) == scale.size


def _check_regression(design: FloatArray, outcome: FloatArray, weights: FloatArray) -> None:
    """Raise ValueError where the arrays are no regression."""
    if design.ndim != 2 or outcome.shape != design.shape[:1] or weights.shape != outcome.shape:
        raise ValueError(f"design must be (n, p) and outcome (n,), got {design.shape} and {outcome.shape}")
    if not (np.isfinite(design).all() and np.isfinite(outcome).all()):
        raise ValueError("design and outcome must be finite: drop or bound missing rows first")
    if outcome.min() < 0 or outcome.max() > 1:
        raise ValueError("outcome must lie in [0, 1]")
    if not (np.isfinite(weights).all() and weights.min() >= 0):
        raise ValueError("weights must be finite and not negative")
    if not full_rank(_information(design, weights)):
        raise ValueError("the columns of the design are linearly dependent")


def fit_binomial(
    design: npt.ArrayLike,
    outcome: npt.ArrayLike,
    weights: npt.ArrayLike | None = None,
    *,
    link: Link = "logit",
) -> BinomialFit:
    """Fit a binomial regression by Fisher scoring (McCullagh & Nelder 1989, section 2.5), halving bad steps.

    Args:
        design: (n, p) columns, the intercept among them.
        outcome: (n,) in [0, 1]; a tie is 1/2.
        weights: (n,) prior weights, such as the trials behind a share; default 1.
        link: "logit", or "probit" for Thurstone's case V.

    Raises:
        ValueError: On malformed input, dependent columns, or separated data (no finite maximum).
    """
    x, y = np.asarray(design, dtype=float), np.asarray(outcome, dtype=float)
    prior = np.ones_like(y) if weights is None else np.asarray(weights, dtype=float)
    _check_regression(x, y, prior)
    beta, eta = np.zeros(x.shape[1]), np.zeros(y.size)
    here = _evaluate(link, eta, y, prior)
    for iteration in range(1, MAX_ITERATIONS + 1):
        information = _information(x, here.weight)
        if not full_rank(information):
            break
        step = np.linalg.solve(information, x.T @ here.score)
        change = x @ step
        there = _evaluate(link, eta + change, y, prior)
        while there.log_likelihood < here.log_likelihood - ROUNDING * abs(here.log_likelihood):
            step, change = step / 2, change / 2
            there = _evaluate(link, eta + change, y, prior)
        beta, eta, here = beta + step, eta + change, there
        # On separated data the linear predictor moves by about 1 a step, until floats end and nothing moves.
        if np.abs(change).max() < TOLERANCE * max(1.0, np.abs(eta).max()):
            if np.abs(y - here.fitted).min() < CERTAIN:
                _refuse_separated(x, y, prior)
            bread = np.asarray(np.linalg.inv(information), dtype=float)
            return BinomialFit(beta, bread, here.fitted, here.weight, here.log_likelihood, iteration)
    _refuse_separated(x, y, prior)
    raise ValueError("scoring did not converge: the columns come too near to separating the outcomes")


def _refuse_separated(x: FloatArray, y: FloatArray, prior: FloatArray) -> None:
    """Raise ValueError where columns separate the outcomes of the rows that count."""
    if separates(x[prior > 0], y[prior > 0]):
        raise ValueError("the likelihood has no finite maximum: some columns separate the outcomes")


def _cluster_batches(codes: IntArray) -> Iterator[IntArray]:
    """Yield (clusters, size) row numbers, batched by cluster size.

    Clusters of one size share an array shape, so each batch is one call into LAPACK.
    """
    order = np.argsort(codes, kind="stable")
    sizes = np.bincount(codes)
    starts = np.cumsum(sizes) - sizes

    for size in np.unique(sizes):
        at = starts[sizes == size]
        chunk = max(1, BATCH_ENTRIES // int(size) ** 2)
        for low in range(0, at.size, chunk):
            yield order[at[low : low + chunk, None] + np.arange(size)]


def _inverse_root(matrices: FloatArray) -> FloatArray:
    """Return the Moore-Penrose inverse symmetric square roots of a (J, m, m) stack."""
    values, vectors = np.linalg.eigh(matrices)
    cutoff = values.max(axis=-1, keepdims=True) * 1e-12
    roots = np.where(values > cutoff, 1 / np.sqrt(np.maximum(values, cutoff)), 0.0)
    return np.asarray((vectors * roots[:, None, :]) @ vectors.swapaxes(-1, -2))


def _adjusted_columns(kind: CovarianceKind, x: FloatArray, v: FloatArray, bread: FloatArray) -> FloatArray:
    """Return A'X of a batch of clusters, (J, m, p), from x (J, m, p) and v = mu (1 - mu) (J, m).

    On the response scale the working covariance is V = diag(v) and the regressors are VX, so that
    CR2: A = V^(1/2) B^(-1/2) V^(1/2), B = V^(1/2) (V - V X M X' V) V^(1/2), which makes the sandwich unbiased
    under the working model (Pustejovsky & Tipton 2018, their A = D'B^(-1/2)D with D the root of V);
    CR3: A = (I - H)^-1, the jackknife's (Bell & McCaffrey 2002), by which A'X = X (I - M X'V X)^-1.
    """
    if kind in {"CR0", "CR1"}:
        return x
    if kind == "CR3":
        through = np.eye(x.shape[2]) - bread @ (v[..., None] * x).swapaxes(-1, -2) @ x
        return np.asarray(x @ np.linalg.pinv(through))
    size = x.shape[1]
    if size > LARGEST_CR2_CLUSTER:
        raise ValueError(
            f"a cluster has {size} distinct rows, over {LARGEST_CR2_CLUSTER}: ask for CR1 or CR3"
        )
    half = np.sqrt(v)
    scaled = (half * v)[..., None] * x
    target = -(scaled @ bread @ scaled.swapaxes(-1, -2))
    target[:, np.arange(size), np.arange(size)] += v**2
    return np.asarray(half[..., None] * (_inverse_root(target) @ (half[..., None] * x)))


@dataclass(frozen=True, slots=True)
class _Rows:
    """What the sandwich needs of each row."""

    x: FloatArray
    v: FloatArray
    residual: FloatArray
    cluster: IntArray


def _collapse(rows: _Rows) -> _Rows:
    """Merge c equal rows of a cluster into one with sqrt(c) x and sum(residual) / sqrt(c).

    Exact: differences between equal rows are orthogonal to X, and A is the identity on them. A source with
    thousands of judgments in a design of dummies shrinks to its few distinct rows.
    """
    table, inverse = np.unique(np.column_stack([rows.cluster, rows.x]), axis=0, return_inverse=True)
    counts = np.bincount(inverse)
    root = np.sqrt(counts)
    return _Rows(
        x=table[:, 1:] * root[:, None],
        v=np.bincount(inverse, rows.v) / counts,
        residual=np.bincount(inverse, rows.residual) / root,
        cluster=table[:, 0].astype(np.int64),
    )


@dataclass(frozen=True, slots=True)
class _Sandwich:
    covariance: FloatArray
    df: FloatArray


def _sandwich(kind: CovarianceKind, rows: _Rows, bread: FloatArray) -> _Sandwich:
    """Return the cluster-robust covariance and the Satterthwaite degrees of freedom.

    With a = A'XM, s_j = a_j'V a_j and b_j = X_j'V a_j the quadratic form behind a variance is
    P = diag(s) - b M b', and df = tr(P)^2 / tr(P^2) (Bell & McCaffrey 2002).
    """
    if kind == "CR2" and np.bincount(rows.cluster).max() > WORTH_COLLAPSING:
        rows = _collapse(rows)
    x, v, residual = rows.x, rows.v, rows.residual
    p, n_clusters = x.shape[1], int(rows.cluster.max()) + 1
    meat, trace, squares, outer = np.zeros((p, p)), np.zeros(p), np.zeros(p), np.zeros((p, p, p))
    for batch in _cluster_batches(rows.cluster):
        columns = _adjusted_columns(kind, x[batch], v[batch], bread)
        scores = np.einsum("jmp,jm->jp", columns, residual[batch], optimize=True)
        meat += scores.T @ scores
        a = columns @ bread
        va = v[batch][..., None] * a
        s = np.einsum("jmk,jmk->jk", a, va)
        b = va.swapaxes(-1, -2) @ x[batch]
        through = np.einsum("jkp,jkp->jk", b @ bread, b)
        trace += (s - through).sum(axis=0)
        squares += (s**2 - 2 * s * through).sum(axis=0)
        outer += np.matmul(b.transpose(1, 2, 0), b.transpose(1, 0, 2))
    inner = outer @ bread
    df = trace**2 / (squares + np.einsum("kpq,kqp->k", inner, inner))
    factor = n_clusters / (n_clusters - 1) if kind == "CR1" else 1.0
    return _Sandwich(factor * bread @ meat @ bread, df)


def fit_logit(
    design: npt.ArrayLike,
    outcome: npt.ArrayLike,
    cluster: npt.ArrayLike,
    *,
    kind: CovarianceKind = "CR2",
) -> LogitFit:
    """Fit a logit and its cluster-robust covariance.

    Args:
        design: (n, p) columns, the intercept among them.
        outcome: (n,) in [0, 1]; a tie is 1/2.
        cluster: (n,) labels of independent units, items or sources.
        kind: CR0 (Liang & Zeger 1986), CR1 (times J/(J-1)), CR2 (Bell & McCaffrey 2002) or CR3 (jackknife).

    Raises:
        ValueError: As `fit_binomial`; fewer than two clusters; a cluster with too many distinct rows for CR2.
    """
    x, y = np.asarray(design, dtype=float), np.asarray(outcome, dtype=float)
    labels = np.asarray(cluster)
    if labels.shape != y.shape:
        raise ValueError(f"cluster must be {y.shape}, got {labels.shape}")
    fit = fit_binomial(x, y)
    codes, n_clusters = cluster_codes(labels)
    if n_clusters < 2:
        raise ValueError("a cluster-robust covariance needs two clusters or more")
    robust = _sandwich(kind, _Rows(x, fit.working_weights, y - fit.fitted, codes), fit.bread)
    return LogitFit(
        fit.coefficients,
        robust.covariance,
        robust.df,
        fit.fitted,
        kind,
        fit.log_likelihood,
        y.size,
        n_clusters,
    )


def _mean_slope(x: FloatArray, beta: FloatArray, column: int) -> tuple[float, FloatArray]:
    """Return the mean of dp/dx for a continuous column and its gradient in beta."""
    mu = special.expit(x @ beta)
    density = mu * (1 - mu)
    gradient = beta[column] * ((density * (1 - 2 * mu)) @ x) / mu.size
    gradient[column] += density.mean()
    return float(beta[column] * density.mean()), gradient


def _mean_switch(x: FloatArray, beta: FloatArray, column: int) -> tuple[float, FloatArray]:
    """Return the mean of p(1) - p(0) for a 0/1 column and its gradient in beta."""
    on, off = x.copy(), x.copy()
    on[:, column], off[:, column] = 1.0, 0.0
    high, low = special.expit(on @ beta), special.expit(off @ beta)
    gradient = ((high * (1 - high)) @ on - (low * (1 - low)) @ off) / x.shape[0]
    return float((high - low).mean()), gradient


def average_marginal_effect(
    fit: LogitFit, design: npt.ArrayLike, column: int, *, level: float = 0.95
) -> MarginalEffect:
    """Return the average marginal effect of one column on the probability.

    A 0/1 column is switched off and on in every row; any other column gives the mean derivative. The standard
    error is the delta method's on the fit's covariance (Greene 2018, chapter 17), with the coefficient's
    degrees of freedom. A column that enters others (an interaction) is not followed into them.

    Args:
        fit: The logit.
        design: (n, p) the design it was fitted on.
        column: Which column.
        level: Confidence level.
    """
    x = np.asarray(design, dtype=float)
    discrete = bool(np.isin(x[:, column], (0.0, 1.0)).all())
    effect: Callable[[FloatArray, FloatArray, int], tuple[float, FloatArray]]
    effect = _mean_switch if discrete else _mean_slope
    estimate, gradient = effect(x, fit.coefficients, column)
    error = float(np.sqrt(gradient @ fit.covariance @ gradient))
    df = float(fit.df[column])
    half = float(stats.t.ppf(0.5 + level / 2, df)) * error
    return MarginalEffect(estimate, error, df, estimate - half, estimate + half, level, discrete)
