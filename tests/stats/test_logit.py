from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import special

from judgebench.stats.logit import Link, average_marginal_effect, fit_binomial, fit_logit

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

TOY = np.loadtxt(Path(__file__).parent / "data" / "toy_judge.csv", delimiter=",", skiprows=1)
TOY_DESIGN = np.column_stack([np.ones(len(TOY)), TOY[:, 1], TOY[:, 2]])

# R's glm stops before these digits settle, hence 5e-7 and not 1e-8.
CLUBSANDWICH = {
    "CR0": [0.3961442, 0.3481125, 0.6035743],
    "CR1": [0.4064354, 0.3571559, 0.6192542],
    "CR2": [0.4064334, 0.3571366, 0.6192546],
    "CR3": [0.4169939, 0.3664342, 0.6353414],
}


def clustered_sample(
    rng: np.random.Generator, clusters: int = 12, p: int = 3
) -> tuple[FloatArray, FloatArray, IntArray]:
    sizes = rng.integers(2, 9, clusters)
    cluster = np.repeat(np.arange(clusters), sizes)
    design = np.column_stack([np.ones(cluster.size), rng.normal(size=(cluster.size, p - 1))])
    logits = design @ rng.normal(size=p) * 0.5 + rng.normal(size=clusters)[cluster]
    return design, (rng.random(cluster.size) < 1 / (1 + np.exp(-logits))).astype(float), cluster


def matrix_power(matrix: FloatArray, power: float) -> FloatArray:
    values, vectors = np.linalg.eigh(matrix)
    return (vectors * values**power) @ vectors.T


def dense_reference(
    design: FloatArray, outcome: FloatArray, cluster: IntArray, kind: str
) -> tuple[FloatArray, FloatArray]:
    """The textbook sandwich with n x n matrices, and Satterthwaite df of every coefficient."""
    import statsmodels.api as sm

    beta = sm.Logit(outcome, design).fit(disp=False, tol=1e-14).params
    mu = 1 / (1 + np.exp(-design @ beta))
    v = mu * (1 - mu)
    slope_design, weight, target = v[:, None] * design, np.diag(1 / v), np.diag(v)
    bread = np.linalg.inv(slope_design.T @ weight @ slope_design)
    annihilator = np.eye(v.size) - slope_design @ bread @ slope_design.T @ weight
    adjust = np.zeros_like(annihilator)
    for g in np.unique(cluster):
        at = np.ix_(cluster == g, cluster == g)
        root = np.sqrt(target[at])
        middle = root @ (annihilator @ target @ annihilator.T)[at] @ root
        adjust[at] = {
            "CR2": lambda root=root, middle=middle: root @ matrix_power(middle, -0.5) @ root,
            "CR3": lambda at=at: np.linalg.inv(annihilator[at]),
        }[kind]()
    left = bread @ slope_design.T @ weight @ adjust
    residual = outcome - mu
    members = cluster[:, None] == np.unique(cluster)
    scores = (left * residual) @ members
    df = []
    for row in left:
        g = annihilator.T @ (row[:, None] * members)
        inner = g.T @ target @ g
        df.append(np.trace(inner) ** 2 / (inner**2).sum())
    return np.sqrt((scores**2).sum(axis=1)), np.array(df)


@pytest.mark.parametrize("kind", CLUBSANDWICH)
def test_reproduces_clubsandwich_on_the_toy_judge(kind: str) -> None:
    fit = fit_logit(TOY_DESIGN, TOY[:, 3], TOY[:, 0], kind=kind)
    np.testing.assert_allclose(fit.coefficients, [0.4020133, 0.2206707, 0.2206707], atol=5e-8)
    np.testing.assert_allclose(fit.std_errors, CLUBSANDWICH[kind], atol=5e-7)
    assert fit.n_clusters == 20
    assert fit.n_rows == 80


def test_satterthwaite_df_and_p_values_match_clubsandwich_on_the_toy_judge() -> None:
    fit = fit_logit(TOY_DESIGN, TOY[:, 3], TOY[:, 0])
    np.testing.assert_allclose(fit.df, 19, atol=1e-5)
    np.testing.assert_allclose(fit.p_values, [0.335, 0.544, 0.726], atol=6e-4)


@pytest.mark.parametrize("kind", ["CR2", "CR3"])
def test_matches_the_dense_sandwich_on_unbalanced_clusters(kind: str) -> None:
    design, outcome, cluster = clustered_sample(np.random.default_rng(3))
    errors, df = dense_reference(design, outcome, cluster, kind)
    fit = fit_logit(design, outcome, cluster, kind=kind)
    np.testing.assert_allclose(fit.std_errors, errors, rtol=1e-8)
    np.testing.assert_allclose(fit.df, df, rtol=1e-8)


def test_cr1_matches_statsmodels_up_to_its_row_correction() -> None:
    import statsmodels.api as sm

    design, outcome, cluster = clustered_sample(np.random.default_rng(5), clusters=40)
    ours = fit_logit(design, outcome, cluster, kind="CR1")
    theirs = sm.Logit(outcome, design).fit(
        disp=False, tol=1e-14, cov_type="cluster", cov_kwds={"groups": cluster, "use_correction": False}
    )
    np.testing.assert_allclose(ours.coefficients, theirs.params, rtol=1e-8)
    np.testing.assert_allclose(ours.std_errors, theirs.bse * np.sqrt(40 / 39), rtol=1e-8)
    assert ours.log_likelihood == pytest.approx(theirs.llf, rel=1e-10)


@pytest.mark.parametrize("link", ["logit", "probit"])
def test_shares_and_prior_weights_match_statsmodels(link: str) -> None:
    import statsmodels.api as sm

    rng = np.random.default_rng(11)
    design = np.column_stack([np.ones(60), rng.normal(size=(60, 2))])
    share, trials = rng.choice([0.0, 0.5, 1.0], 60), rng.integers(1, 5, 60).astype(float)
    link_object = {"logit": sm.families.links.Logit(), "probit": sm.families.links.Probit()}[link]
    theirs = sm.GLM(share, design, family=sm.families.Binomial(link_object), var_weights=trials)
    theirs = theirs.fit(tol=1e-14, tol_criterion="params", maxiter=200)
    ours = fit_binomial(design, share, trials, link=link)
    np.testing.assert_allclose(ours.coefficients, theirs.params, rtol=1e-8)
    np.testing.assert_allclose(ours.bread, theirs.cov_params(), rtol=1e-8)


@pytest.mark.parametrize("link", ["logit", "probit"])
def test_outliers_and_units_of_a_column_are_no_separation(link: Link) -> None:
    # Differences in length have long tails: a few rows are certain, and the fit is as finite as ever.
    for seed in range(40):
        rng = np.random.default_rng(seed)
        design = np.column_stack([np.ones(60), rng.standard_t(1, size=(60, 2))])
        outcome = (rng.random(60) < special.expit(design @ [0.2, 0.3, -0.2])).astype(float)
        fit = fit_binomial(design, outcome, link=link)
        eta = design @ fit.coefficients
        if link == "logit":
            np.testing.assert_allclose(design.T @ (outcome - special.expit(eta)), 0, atol=1e-7)
        rescaled = fit_binomial(design * [1, 1e6, 1e-6], outcome, link=link)
        np.testing.assert_allclose(rescaled.coefficients * [1, 1e6, 1e-6], fit.coefficients, rtol=1e-6)


@pytest.mark.parametrize("link", ["logit", "probit"])
def test_a_column_that_always_wins_is_refused(link: Link) -> None:
    cue = np.repeat([0.0, 1.0], 200)
    outcome = np.concatenate([np.arange(200) % 2, np.ones(200)])
    design = np.column_stack([np.ones(400), cue])
    with pytest.raises(ValueError, match="separate"):
        fit_binomial(design, outcome, link=link)
    outcome[-1] = 0
    assert np.isfinite(fit_binomial(design, outcome, link=link).bread).all()


def overlap(column: FloatArray, outcome: FloatArray) -> bool:
    """Whether neither direction of the column sorts the outcomes, with ties at one value at most."""
    return not any(
        np.where(outcome < 1, x, -np.inf).max() <= np.where(outcome > 0, x, np.inf).min()
        for x in (column, -column)
    )


@pytest.mark.slow
@settings(max_examples=300)
@given(
    link=st.sampled_from(["logit", "probit"]),
    rows=st.lists(st.tuples(st.integers(-3, 3), st.sampled_from([0.0, 0.5, 1.0])), min_size=2, max_size=12),
    unit=st.sampled_from([1.0, 0.01, 730.0]),
)
def test_one_column_is_refused_exactly_where_it_sorts_the_outcomes(
    link: Link, rows: list[tuple[int, float]], unit: float
) -> None:
    column, outcome = (np.array(part, dtype=float) for part in zip(*rows, strict=True))
    assume(np.ptp(column) > 0)
    design = np.column_stack([np.ones(column.size), column * unit])
    if overlap(column, outcome):
        fit = fit_binomial(design, outcome, link=link)
        assert np.abs(design @ fit.coefficients).max() < 100
    else:
        with pytest.raises(ValueError, match="separate"):
            fit_binomial(design, outcome, link=link)


def test_columns_that_only_together_sort_the_outcomes_are_refused() -> None:
    # scoring takes each of these to the end of floats, where nothing moves any more
    refused = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        design = np.column_stack([np.ones(12), rng.normal(size=(12, 3))])
        outcome = (design @ rng.normal(size=4) > 0).astype(float)
        with pytest.raises(ValueError, match="separate"):
            fit_binomial(design, outcome)
        refused += np.ptp(outcome) > 0
    assert refused > 40


def test_a_row_without_weight_does_not_keep_columns_from_separating() -> None:
    design = np.column_stack([np.ones(7), [-3.0, -2, -1, 1, 2, 3, 3]])
    outcome, weights = np.array([0.0, 0, 0, 1, 1, 1, 0]), np.array([1.0, 1, 1, 1, 1, 1, 0])
    assert np.isfinite(fit_binomial(design, outcome).coefficients).all()
    with pytest.raises(ValueError, match="separate"):
        fit_binomial(design, outcome, weights)


def test_marginal_effects_match_statsmodels_for_both_kinds_of_column() -> None:
    import statsmodels.api as sm

    rng = np.random.default_rng(2)
    design, outcome, cluster = clustered_sample(rng, clusters=60)
    design = np.column_stack([design, rng.integers(0, 2, outcome.size)])
    fit = fit_logit(design, outcome, cluster, kind="CR0")
    reference = sm.Logit(outcome, design).fit(
        disp=False, tol=1e-14, cov_type="cluster", cov_kwds={"groups": cluster, "use_correction": False}
    )
    margins = reference.get_margeff(dummy=True)
    for position, column in enumerate([1, 2, 3]):
        effect = average_marginal_effect(fit, design, column)
        assert effect.estimate == pytest.approx(margins.margeff[position], rel=1e-7)
        assert effect.std_error == pytest.approx(margins.margeff_se[position], rel=1e-7)
        assert effect.discrete is (column == 3)
        assert effect.conf_low < effect.estimate < effect.conf_high


def test_interval_contains_the_planted_coefficient_at_the_nominal_rate() -> None:
    rng = np.random.default_rng(17)
    hits = 0
    for _ in range(300):
        cluster = np.repeat(np.arange(25), 6)
        cue = np.tile([0.0, 1.0], 75)
        shift = rng.normal(0, 0.3, 25)[cluster] * cue
        chance = 1 / (1 + np.exp(-(0.2 + 0.5 * cue + shift)))
        fit = fit_logit(
            np.column_stack([np.ones(150), cue]), (rng.random(150) < chance).astype(float), cluster
        )
        low, high = fit.interval()[1]
        hits += low < 0.5 < high
    assert 0.91 <= hits / 300 <= 0.985


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_relabelling_and_reordering_change_nothing(seed: int) -> None:
    rng = np.random.default_rng(seed)
    design, outcome, cluster = clustered_sample(np.random.default_rng(3))
    order = rng.permutation(outcome.size)
    names = np.array([f"item-{k}" for k in rng.permutation(cluster.max() + 1)])
    one = fit_logit(design, outcome, cluster)
    two = fit_logit(design[order], outcome[order], names[cluster][order])
    np.testing.assert_allclose(two.covariance, one.covariance, rtol=1e-9)
    np.testing.assert_allclose(two.df, one.df, rtol=1e-9)


def test_swapping_win_and_loss_flips_every_coefficient() -> None:
    design, outcome, cluster = clustered_sample(np.random.default_rng(3))
    one, two = fit_logit(design, outcome, cluster), fit_logit(design, 1 - outcome, cluster)
    np.testing.assert_allclose(two.coefficients, -one.coefficients, rtol=1e-9)
    np.testing.assert_allclose(two.std_errors, one.std_errors, rtol=1e-9)


@pytest.mark.parametrize(
    ("design", "outcome", "cluster", "message"),
    [
        (np.column_stack([np.ones(6), np.arange(6) > 2]), [0, 0, 0, 1, 1, 1], range(6), "separate"),
        (np.ones((4, 2)), [0, 1, 0, 1], range(4), "dependent"),
        (np.ones((4, 1)), [0, 1, 2, 1], range(4), r"\[0, 1\]"),
        (np.ones((4, 1)), [0, 1, np.nan, 1], range(4), "finite"),
        (np.ones((4, 1)), [0, 1, 0, 1], [1, 1, 1, 1], "two clusters"),
        (np.ones((4, 1)), [0, 1, 0, 1], [1, 2], "cluster must be"),
        (np.ones((4, 1)), [0, 1, 0], range(3), "design must be"),
    ],
)
def test_refuses_what_it_cannot_estimate(
    design: FloatArray, outcome: list[float], cluster: list[int], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        fit_logit(design, outcome, list(cluster))


@pytest.mark.parametrize("weight", [-1.0, np.nan])
def test_refuses_weights_that_weigh_nothing_possible(weight: float) -> None:
    with pytest.raises(ValueError, match="weights must be finite"):
        fit_binomial(np.ones((4, 1)), [0, 1, 0, 1], [1, 1, 1, weight])


def test_equal_rows_of_a_large_cluster_are_merged_without_loss(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(4)
    cluster = np.repeat(np.arange(6), [300, 20, 250, 90, 40, 300])
    dummies = rng.integers(0, 2, (1000, 3)).astype(float)
    design = np.column_stack([np.ones(1000), dummies])
    chance = 1 / (1 + np.exp(-(design @ [0.1, 0.4, -0.3, 0.2] + rng.normal(0, 0.4, 6)[cluster])))
    outcome = (rng.random(1000) < chance).astype(float)
    merged = fit_logit(design, outcome, cluster)
    monkeypatch.setattr("judgebench.stats.logit.WORTH_COLLAPSING", 10_000)
    whole = fit_logit(design, outcome, cluster)
    np.testing.assert_allclose(merged.covariance, whole.covariance, rtol=1e-8)
    np.testing.assert_allclose(merged.df, whole.df, rtol=1e-8)


def test_refuses_cr2_on_a_cluster_that_would_not_fit_and_still_gives_cr3() -> None:
    rng = np.random.default_rng(0)
    design = np.column_stack([np.ones(4200), rng.normal(size=4200)])
    outcome, cluster = rng.integers(0, 2, 4200).astype(float), np.repeat([0, 1], 2100)
    with pytest.raises(ValueError, match="ask for CR1 or CR3"):
        fit_logit(design, outcome, cluster)
    assert np.isfinite(fit_logit(design, outcome, cluster, kind="CR3").std_errors).all()
