import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from numpy.typing import NDArray

from judgebench.stats import (
    Estimate,
    Interval,
    bounded_proportion,
    clopper_pearson,
    exact_proportion,
    proportion,
    wilson,
)
from judgebench.stats._student import t_critical

REPEATED = st.lists(
    st.lists(st.sampled_from([0.0, 0.5, 1.0]), min_size=1, max_size=4), min_size=2, max_size=25
)


def rows(by_item: list[list[float]]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    return np.concatenate(by_item), np.repeat(np.arange(len(by_item)), [len(y) for y in by_item])


def limits(result: Estimate | Interval) -> tuple[float, float]:
    return result.conf_low, result.conf_high


def test_wilson_reproduces_r() -> None:
    assert limits(wilson(1, 100)) == pytest.approx((0.001767432064, 0.05448619618), rel=1e-9)


def test_clopper_pearson_reproduces_r() -> None:
    assert limits(clopper_pearson(1, 100)) == pytest.approx((0.000253146033, 0.05445938539), rel=1e-9)


def test_exact_limits_at_the_ends() -> None:
    assert limits(clopper_pearson(0, 10)) == pytest.approx((0, 1 - 0.025**0.1))
    assert limits(clopper_pearson(10, 10)) == pytest.approx((0.025**0.1, 1))


def test_fractional_counts_lie_between_whole_ones() -> None:
    below, at, above = (clopper_pearson(k, 20.0) for k in (3, 3.5, 4))
    assert below.conf_low < at.conf_low < above.conf_low
    assert below.conf_high < at.conf_high < above.conf_high
    assert limits(clopper_pearson(0.25, 0.5))[0] > 0


def test_exact_limits_put_the_tail_beyond_the_observed_count() -> None:
    low, high = limits(clopper_pearson(7, 40))
    binomial = np.array([math.comb(40, k) for k in range(41)])
    for limit, counts in ((low, range(7, 41)), (high, range(8))):
        chance = binomial * limit ** np.arange(41) * (1 - limit) ** (40 - np.arange(41))
        assert chance[list(counts)].sum() == pytest.approx(0.025)


def test_exact_interval_of_one_outcome_for_each_item_is_clopper_pearson_at_nearly_n() -> None:
    y = np.array([1.0] * 12 + [0.0] * 28)
    result = exact_proportion(y, np.arange(40))
    assert limits(result) == pytest.approx(limits(clopper_pearson(12, 40)), abs=1e-9)
    assert result.estimate == 0.3


def test_exact_interval_takes_the_design_effect_and_the_degrees_of_freedom() -> None:
    """Korn and Graubard's size, p (1 - p) / v (t_{n-1} / t_df)^2, from the pieces."""
    y, source = np.tile([1.0, 1, 1, 0, 0, 0, 0, 0], 5), np.repeat(np.arange(10), 4)
    result = exact_proportion(y, np.arange(40), source)
    size = 0.375 * 0.625 / result.std_error**2
    reduced = size * (t_critical(0.95, 39) / t_critical(0.95, result.df)) ** 2
    assert result.df == pytest.approx(9)
    assert 10 < size < 40
    assert limits(result) == pytest.approx(limits(clopper_pearson(0.375 * reduced, reduced)), abs=1e-9)


@given(REPEATED)
def test_exact_interval_is_wider_and_mirrors(by_item: list[list[float]]) -> None:
    y, item = rows(by_item)
    exact, plain = exact_proportion(y, item), proportion(y, item)
    assert 0 <= exact.conf_low <= exact.estimate <= exact.conf_high <= 1
    assert exact.conf_high > exact.conf_low
    complement = exact_proportion(1 - y, item)
    assert_allclose(limits(complement), (1 - exact.conf_high, 1 - exact.conf_low), atol=1e-9)
    assert (exact.estimate, exact.std_error, exact.df) == (plain.estimate, plain.std_error, plain.df)


@pytest.mark.parametrize("rate", [0.01, 0.05, 0.3])
def test_exact_interval_covers_clustered_outcomes(rate: float) -> None:
    rng = np.random.default_rng(5)
    source = np.repeat(np.arange(40), 5)
    hits = 0
    for _ in range(300):
        chance = rng.beta(4 * rate, 4 * (1 - rate), 40)[source]
        found = exact_proportion(rng.random(200) < chance, np.arange(200), source)
        hits += found.conf_low <= rate <= found.conf_high
    assert hits >= 0.92 * 300


def test_one_outcome_for_each_item_is_wilson_at_nearly_n() -> None:
    y = np.array([1.0] * 12 + [0.0] * 28)
    result = proportion(y, np.arange(40))
    reference = wilson(12, 40, critical=t_critical(0.95, 39))
    assert limits(result) == pytest.approx(limits(reference), abs=1e-9)


def test_perfectly_repeated_outcomes_count_once() -> None:
    y = np.array([1.0] * 12 + [0.0] * 28)
    many = proportion(np.repeat(y, 5), np.repeat(np.arange(40), 5))
    assert limits(many) == pytest.approx(limits(proportion(y, np.arange(40))))


def test_independent_repeats_narrow_the_interval() -> None:
    rng = np.random.default_rng(0)
    y = (rng.random(600) < 0.3).astype(float)
    repeated = proportion(y, np.repeat(np.arange(200), 3))
    single = proportion(y[:200], np.arange(200))
    assert repeated.conf_high - repeated.conf_low < 0.7 * (single.conf_high - single.conf_low)


@given(REPEATED)
def test_contains_the_estimate_and_is_never_of_zero_width(by_item: list[list[float]]) -> None:
    result = proportion(*rows(by_item))
    assert 0 <= result.conf_low <= result.estimate <= result.conf_high <= 1
    assert result.conf_high > result.conf_low
    assert math.isnan(result.p_value)


@given(REPEATED)
def test_complement_mirrors_the_interval(by_item: list[list[float]]) -> None:
    y, item = rows(by_item)
    result, complement = proportion(y, item), proportion(1 - y, item)
    assert_allclose(limits(complement), (1 - result.conf_high, 1 - result.conf_low), atol=1e-9)


@given(REPEATED, st.integers(2, 4))
def test_copies_of_every_judgment_do_not_narrow_the_interval(by_item: list[list[float]], copies: int) -> None:
    y, item = rows(by_item)
    again = proportion(np.tile(y, copies), np.tile(item, copies))
    assert_allclose(limits(again), limits(proportion(y, item)), atol=1e-9)


@given(REPEATED, st.integers(0, 10**6))
def test_bounds_go_from_the_low_completion_to_the_high_one_around_what_was_seen(
    by_item: list[list[float]], seed: int
) -> None:
    y, item = rows(by_item)
    missing = np.random.default_rng(seed).random(y.size) < 0.3
    seen = np.where(missing, np.nan, y)
    found, low, high = bounded_proportion(seen, np.zeros(y.size), np.ones(y.size), item)
    if missing.all():
        assert found is None
    else:
        alone = proportion(y[~missing], item[~missing])
        assert (found.n_items, found.n_judgments) == (alone.n_items, alone.n_judgments)
        assert (found.estimate, *limits(found)) == pytest.approx((alone.estimate, *limits(alone)))
    assert low == pytest.approx(proportion(np.where(missing, 0, y), item).conf_low)
    assert high == pytest.approx(proportion(np.where(missing, 1, y), item).conf_high)


def test_few_sources_widen() -> None:
    rng = np.random.default_rng(0)
    item = np.arange(400)
    y = (rng.random(400) < rng.uniform(0, 1, 8)[item % 8]).astype(float)
    assert proportion(y, item, item % 8).std_error > 3 * proportion(y, item).std_error


def test_one_item_says_nothing() -> None:
    for interval in (proportion, exact_proportion):
        result = interval([1.0, 1.0], ["a", "a"])
        assert limits(result) == (0, 1)
        assert result.df == 0
        assert "one cluster" in result.method


@pytest.mark.parametrize("counts", [(5, 4), (-1, 4), (0, 0)])
def test_impossible_counts_are_refused(counts: tuple[int, int]) -> None:
    for interval in (wilson, clopper_pearson):
        with pytest.raises(ValueError, match="successes"):
            interval(*counts)
