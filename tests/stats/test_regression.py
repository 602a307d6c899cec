import os
from pathlib import Path

import numpy as np
import pytest
import statsmodels.api as sm
from numpy.testing import assert_allclose
from numpy.typing import NDArray
from scipy.linalg import fractional_matrix_power

from judgebench.stats import clustered_mean, clustered_ols, clustered_regression, twoway_mean, twoway_ols
from judgebench.stats.clustered import Kind

Floats = NDArray[np.float64]
TOY_JUDGE = Path(os.environ.get("JUDGEBENCH_DATA", "../shared/data")) / "gold" / "toy_judge.csv"


def panel(seed: int = 0) -> tuple[Floats, Floats, NDArray[np.int64], NDArray[np.int64]]:
    """Outcome, design and two crossed clusterings with effects of their own."""
    rng = np.random.default_rng(seed)
    first, second = rng.integers(0, 12, 150), rng.integers(0, 9, 150)
    design = np.column_stack([np.ones(150), rng.normal(size=(150, 2))])
    noise = rng.normal(size=12)[first] + rng.normal(size=9)[second] + rng.normal(size=150)
    return design @ [0.2, 1.0, -0.5] + noise, design, first, second


@pytest.mark.skipif(not TOY_JUDGE.exists(), reason=f"no reference data at {TOY_JUDGE}")
@pytest.mark.parametrize(
    ("kind", "std_error"),
    [
        ("CR0", [0.09253378, 0.07826238, 0.1364734]),
        ("CR1", [0.09493765, 0.08029551, 0.1400188]),
        ("CR2", [0.09493765, 0.08029551, 0.1400188]),
        ("CR3", [0.09740398, 0.08238145, 0.1436563]),
    ],
)
def test_reproduces_clubsandwich_on_a_linear_probability_model(kind: Kind, std_error: list[float]) -> None:
    item, cue, position, y = np.loadtxt(TOY_JUDGE, delimiter=",", skiprows=1).T
    fit = clustered_ols(y, np.column_stack([np.ones(80), cue, position]), item, kind=kind)
    assert_allclose(fit.std_error, std_error, atol=6e-8)


def by_full_matrices(
    y: Floats, design: Floats, cluster: NDArray[np.int64], kind: Kind
) -> tuple[Floats, Floats]:
    """Covariance and Satterthwaite df with N x N matrices, term by term from the definition."""
    inverse = np.linalg.inv(design.T @ design)
    annihilator = np.eye(y.size) - design @ inverse @ design.T
    power = {"CR0": 0.0, "CR2": -0.5, "CR3": -1.0}[kind]
    contrasts = []
    for g in np.unique(cluster):
        rows = cluster == g
        adjust = fractional_matrix_power(annihilator[np.ix_(rows, rows)], power).real
        contrasts.append(annihilator[:, rows] @ adjust @ design[rows] @ inverse)
    covariance = sum(np.outer(c.T @ y, c.T @ y) for c in contrasts)
    stacked = np.array(contrasts)
    grams = [stacked[:, :, j] @ stacked[:, :, j].T for j in range(design.shape[1])]
    return np.asarray(covariance), np.array([np.trace(g) ** 2 / np.square(g).sum() for g in grams])


@pytest.mark.parametrize("clusters", [2, 10, 90])
@pytest.mark.parametrize("columns", [2, 3])
@pytest.mark.parametrize("kind", ["CR0", "CR2", "CR3"])
def test_small_matrices_equal_the_definition(kind: Kind, columns: int, clusters: int) -> None:
    rng = np.random.default_rng(4)
    cluster = np.concatenate([np.arange(clusters), rng.integers(0, clusters, 90 - clusters)])
    design = np.column_stack([np.ones(90), rng.normal(size=(90, columns - 1))])
    y = rng.normal(size=90)
    fit = clustered_ols(y, design, cluster, kind=kind)
    covariance, df = by_full_matrices(y, design, cluster, kind)
    assert_allclose(fit.covariance, covariance, rtol=1e-8)
    assert_allclose(fit.df, df, rtol=1e-8)


def test_outcomes_of_one_design_are_fitted_as_each_alone() -> None:
    y, design, first, _ = panel()
    regression = clustered_regression(design, first)
    for outcome in (y, -2 * y, np.zeros(150)):
        one, two = regression.fit(outcome), clustered_ols(outcome, design, first)
        assert_allclose(one.covariance, two.covariance)
        assert_allclose(one.df, two.df)
    with pytest.raises(ValueError, match=r"y must have shape \(150,\)"):
        regression.fit(y[1:])


def test_intercept_alone_is_the_clustered_mean() -> None:
    y, _, first, _ = panel()
    fit = clustered_ols(y, np.ones((150, 1)), first)
    mean = clustered_mean(y, first)
    assert (fit.coefficients[0], fit.std_error[0], fit.df[0]) == pytest.approx(
        (mean.mean, mean.std_error, mean.df)
    )


def test_a_cluster_that_alone_determines_a_coefficient_is_allowed() -> None:
    y, design, first, _ = panel()
    own = np.column_stack([design[:, :2], first == 3])
    fit = clustered_ols(y, own, first)
    without = clustered_ols(y[first != 3], own[first != 3, :2], first[first != 3])
    assert np.isfinite(fit.std_error[:2]).all()
    assert fit.coefficients[1] == pytest.approx(without.coefficients[1], abs=0.2)


def test_a_group_without_variation_has_no_standard_error_and_no_warning() -> None:
    group = np.array(
        [0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 0, 1, 0, 1, 1, 0, 1, 0, 1, 0, 0, 1, 0, 1, 1, 1, 1, 0, 1, 1]
    )
    y = np.zeros(30)
    y[[11, 26]] = -1, 1
    fit = clustered_ols(y, np.column_stack([np.ones(30), group]), np.arange(30))
    assert fit.std_error[0] == pytest.approx(0, abs=1e-8)
    assert fit.std_error[1] > 0.05


def test_twoway_covariance_equals_statsmodels() -> None:
    y, design, first, second = panel()
    fit = twoway_ols(y, design, first, second)
    groups = np.column_stack([first, second])
    reference = sm.OLS(y, design).fit(cov_type="cluster", cov_kwds={"groups": groups})
    assert_allclose(fit.coefficients, reference.params, rtol=1e-8)
    assert_allclose(fit.covariance, reference.cov_params(), rtol=1e-8, atol=1e-12)
    assert (fit.df == 8).all()


def test_twoway_with_one_clustering_twice_is_one_way() -> None:
    y, design, first, _ = panel()
    reference = sm.OLS(y, design).fit(cov_type="cluster", cov_kwds={"groups": first})
    assert_allclose(
        twoway_ols(y, design, first, first).covariance, reference.cov_params(), rtol=1e-8, atol=1e-12
    )


def test_twoway_covariance_without_a_negative_variance() -> None:
    y, design, first, second = panel(9)
    between = np.column_stack([design[:, :2], first % 2])
    groups = np.column_stack([first, second])
    reference = sm.OLS(y, between).fit(cov_type="cluster", cov_kwds={"groups": groups}).cov_params()
    values, vectors = np.linalg.eigh(reference)
    assert values[0] < 0
    expected = vectors[:, 1:] * values[1:] @ vectors[:, 1:].T
    assert_allclose(twoway_ols(y, between, first, second).covariance, expected, rtol=1e-8, atol=1e-12)


def test_twoway_mean_is_the_regression_on_a_constant() -> None:
    y, _, first, second = panel()
    groups = np.column_stack([first, second])
    reference = sm.OLS(y, np.ones(150)).fit(cov_type="cluster", cov_kwds={"groups": groups})
    result = twoway_mean(y, first, second)
    assert (result.mean, result.std_error, result.df) == pytest.approx((y.mean(), reference.bse[0], 8))


def test_impossible_input_is_refused() -> None:
    y, design, first, second = panel()
    with pytest.raises(ValueError, match="collinear"):
        clustered_ols(y, np.column_stack([design, design[:, 1]]), first)
    with pytest.raises(ValueError, match="design must have shape"):
        clustered_ols(y, design[:-1], first)
    with pytest.raises(ValueError, match="design must be finite"):
        clustered_ols(y, np.where(design > 2, np.nan, design), first)
    with pytest.raises(ValueError, match="two clusters"):
        clustered_ols(y, design, np.zeros(150, dtype=int))
    with pytest.raises(ValueError, match="two clusters"):
        twoway_ols(y, design, np.zeros(150, dtype=int), second)
