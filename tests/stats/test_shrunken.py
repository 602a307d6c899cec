from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats as scipy_stats

from judgebench.stats import shrunken_proportions


def test_the_prior_is_that_of_the_moments_by_hand() -> None:
    found = shrunken_proportions([0, 2, 4], [4, 4, 4])
    # shares 0, 1/2, 1: spread 1/6, mean 1/2; chance sum w(1-w)/n = 1/6, whole 2/3: r = (2/3 - 1/6) / (2/3 - 1/6) = 1
    assert found.prior_mean == pytest.approx(0.5)
    assert (
        found.prior_trials == 1
    )  # a prior of no trials would leave the outer groups an interval of no width
    found = shrunken_proportions([1, 2, 3], [4, 4, 4])
    # spread of 1/4, 1/2, 3/4 is 1/24, over 1/4 it is 1/6: all of it is chance, and the groups are one
    assert found.prior_trials > 1e5
    assert found.estimate == pytest.approx([0.5] * 3, abs=1e-4)


def test_the_posterior_is_the_beta_of_scipy() -> None:
    found = shrunken_proportions([0, 1, 9, 5], [10, 10, 10, 12])
    posterior = scipy_stats.beta(
        found.prior_trials * found.prior_mean + np.array([0, 1, 9, 5]),
        found.prior_trials * (1 - found.prior_mean) + np.array([10, 9, 1, 7]),
    )
    assert found.estimate == pytest.approx(posterior.mean(), abs=1e-12)
    assert found.conf_low == pytest.approx(posterior.ppf(0.025), abs=1e-10)
    assert found.conf_high == pytest.approx(posterior.ppf(0.975), abs=1e-10)


def test_intervals_hold_the_truth_as_often_as_they_say_and_estimates_beat_the_raw_shares() -> None:
    rng = np.random.default_rng(4)
    truth = rng.beta(1.5, 8.5, size=4000)
    n = rng.integers(6, 20, size=4000)
    x = rng.binomial(n, truth)
    found = shrunken_proportions(x, n)
    held = (found.conf_low <= truth) & (truth <= found.conf_high)
    assert held.mean() == pytest.approx(0.95, abs=0.012)
    assert found.prior_trials == pytest.approx(10, rel=0.15)
    assert ((found.estimate - truth) ** 2).mean() < 0.75 * ((x / n - truth) ** 2).mean()


@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=1, max_size=20),
    st.randoms(use_true_random=False),
)
def test_any_counts_give_intervals_around_the_estimate_whatever_their_order(pairs, random) -> None:
    x = np.array([min(a, b) for a, b in pairs])
    n = np.array([max(a, b) for a, b in pairs])
    found = shrunken_proportions(x, n)
    assert (found.conf_low < found.estimate).all()
    assert (found.estimate < found.conf_high).all()
    order = list(range(len(pairs)))
    random.shuffle(order)
    again = shrunken_proportions(x[order], n[order])
    assert again.estimate == pytest.approx(found.estimate[order])


@pytest.mark.parametrize(("x", "n"), [([], []), ([1], [1, 2]), ([2], [1]), ([-1], [1]), ([1], [np.nan])])
def test_impossible_counts_are_refused(x, n) -> None:
    with pytest.raises(ValueError, match="successes"):
        shrunken_proportions(x, n)
