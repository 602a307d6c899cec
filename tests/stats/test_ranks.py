from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm, studentized_range

from judgebench.stats import rank_intervals


def test_two_estimates_are_told_apart_at_the_normal_critical_value() -> None:
    assert rank_intervals([1.0, 0.0], np.eye(2)).critical == pytest.approx(norm.ppf(0.975), abs=0.03)
    apart = rank_intervals([2.9, 0.0], np.eye(2))
    assert (list(apart.conf_low), list(apart.conf_high)) == ([1, 2], [1, 2])
    close = rank_intervals([2.6, 0.0], np.eye(2))
    assert (list(close.rank), list(close.conf_low), list(close.conf_high)) == ([1, 2], [1, 1], [2, 2])


def test_equal_independent_errors_give_tukeys_critical_value() -> None:
    found = rank_intervals(np.zeros(6), np.eye(6))
    assert found.critical == pytest.approx(studentized_range.ppf(0.95, 6, np.inf) / np.sqrt(2), abs=0.03)


def test_a_shared_error_cancels_in_every_comparison() -> None:
    shared = np.full((3, 3), 100.0) + 0.01 * np.eye(3)
    found = rank_intervals([1.0, 2.0, 3.0], shared)
    assert (list(found.conf_low), list(found.conf_high)) == ([3, 2, 1], [3, 2, 1])


@pytest.mark.slow
def test_all_sets_hold_at_once_as_often_as_they_say() -> None:
    rng = np.random.default_rng(5)
    truth = np.array([0.0, 0.3, 0.35, 1.2, 3.0])
    ranks = 1 + (truth[None, :] > truth[:, None]).sum(axis=1)
    covariance = 0.2 * np.eye(5) + 0.1
    held = 0
    for draw in rng.multivariate_normal(truth, covariance, size=400):
        found = rank_intervals(draw, covariance)
        held += bool(((found.conf_low <= ranks) & (ranks <= found.conf_high)).all())
    assert held / 400 >= 0.93


@given(
    st.lists(st.floats(-3, 3, allow_subnormal=False), min_size=1, max_size=6),
    st.randoms(use_true_random=False),
)
def test_sets_hold_the_rank_and_follow_a_permutation(values, random) -> None:
    theta, sigma = np.array(values), 0.1 * np.eye(len(values))
    found = rank_intervals(theta, sigma)
    assert (found.conf_low <= found.rank).all()
    assert (found.rank <= found.conf_high).all()
    order = list(range(len(values)))
    random.shuffle(order)
    assert list(rank_intervals(theta[order], sigma).rank) == list(found.rank[order])


@pytest.mark.parametrize(
    ("theta", "sigma"), [([], np.zeros((0, 0))), ([1.0], np.eye(2)), ([np.nan], [[1.0]])]
)
def test_shapes_and_values_that_do_not_fit_are_refused(theta, sigma) -> None:
    with pytest.raises(ValueError, match="estimate"):
        rank_intervals(theta, sigma)
