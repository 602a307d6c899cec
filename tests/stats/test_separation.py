from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import mannwhitneyu
from statsmodels.stats.nonparametric import rank_compare_2indep

from judgebench.stats import separation

SAMPLES = st.lists(st.sampled_from([0.0, 0.1, 0.2, 0.5, 1.0]), min_size=1, max_size=12)


def test_the_estimate_is_the_share_of_pairs_in_which_the_first_is_larger() -> None:
    assert separation([1, 2, 3], [2, 0]).estimate == pytest.approx((0.0 + 1 + 0.5 + 1 + 1 + 1) / 6)
    rng = np.random.default_rng(1)
    x, y = rng.normal(0.5, 1, 40).round(1), rng.normal(0, 1, 25).round(1)
    assert separation(x, y).estimate == pytest.approx(mannwhitneyu(x, y).statistic / (40 * 25))


def test_near_one_half_the_limits_are_those_of_statsmodels() -> None:
    rng = np.random.default_rng(2)
    x, y = rng.normal(0, 1, 2000), rng.normal(0, 1, 1500)
    found, reference = separation(x, y), rank_compare_2indep(x, y)
    assert (found.conf_low, found.conf_high) == pytest.approx(reference.conf_int(), abs=2e-4)


def test_the_interval_covers_the_truth_also_where_samples_rarely_overlap() -> None:
    rng = np.random.default_rng(3)
    truth = 0.9831  # normal(3, 1) against normal(0, 1): Phi(3 / sqrt(2))
    held = [
        found.conf_low <= truth <= found.conf_high
        for _ in range(400)
        for found in [separation(rng.normal(3, 1, 15), rng.normal(0, 1, 60))]
    ]
    assert np.mean(held) >= 0.92


@given(SAMPLES, SAMPLES)
def test_swapping_the_samples_turns_the_interval_round_and_it_never_closes(x, y) -> None:
    found, turned = separation(x, y), separation(y, x)
    assert found.estimate == pytest.approx(1 - turned.estimate)
    assert found.conf_low == pytest.approx(1 - turned.conf_high)
    assert 0 <= found.conf_low <= found.estimate <= found.conf_high <= 1
    assert found.conf_high - found.conf_low > 0.01


@pytest.mark.parametrize(("x", "y"), [([], [1.0]), ([1.0], []), ([np.nan], [1.0])])
def test_samples_that_are_none_are_refused(x, y) -> None:
    with pytest.raises(ValueError, match=r"sample|value"):
        separation(x, y)
