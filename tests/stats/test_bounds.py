import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from judgebench.stats import bounded_effect, imbens_manski_critical, paired_effect, worst_case_bounds

N = 60
ITEM = np.repeat(np.arange(N // 2), 2)


def changes(seed: int) -> NDArray[np.float64]:
    return np.random.default_rng(seed).choice([-1.0, 0.0, 0.0, 0.5, 1.0], N)


@given(st.integers(0, 10**6))
def test_nothing_missing_is_the_ct_interval(seed: int) -> None:
    x = changes(seed)
    bounds = worst_case_bounds(x, np.full(N, -1), np.full(N, 1), ITEM, scale=0.5)
    effect = paired_effect(x, ITEM, scale=0.5)
    assert bounds.low == bounds.high == pytest.approx(effect.estimate)
    assert (bounds.conf_low, bounds.conf_high) == pytest.approx((effect.conf_low, effect.conf_high))
    assert bounds.n_missing == 0


@given(st.integers(0, 10**6), st.integers(1, 30))
def test_hold_every_completion_and_lie_inside_their_interval(seed: int, missing: int) -> None:
    rng = np.random.default_rng(seed)
    x = changes(seed)
    holes = rng.choice(N, missing, replace=False)
    seen = x.copy()
    seen[holes] = np.nan
    bounds = worst_case_bounds(seen, np.full(N, -1), np.full(N, 1), ITEM)
    assert bounds.conf_low <= bounds.low <= paired_effect(x, ITEM).estimate <= bounds.high <= bounds.conf_high
    assert bounds.high - bounds.low == pytest.approx(2 * missing / N)
    assert bounds.n_missing == missing


@given(st.integers(0, 10**6), st.integers(1, N))
def test_together_they_are_the_estimate_of_what_was_seen_and_the_limits_of_both_completions(
    seed: int, missing: int
) -> None:
    rng = np.random.default_rng(seed)
    seen, low, high = changes(seed), np.full(N, -0.5), np.full(N, 1.0)
    holes = rng.choice(N, missing, replace=False)
    seen[holes] = np.nan
    cluster = ITEM // 3
    effect, bounds = bounded_effect(seen, low, high, ITEM, cluster, scale=0.5, bound=2.0)
    left = ~np.isnan(seen)
    if not left.any():
        assert effect is None
    else:
        alone = paired_effect(seen[left], ITEM[left], cluster[left], scale=0.5, bound=2.0)
        assert effect.method == alone.method
        one, two = (dataclasses.astuple(dataclasses.replace(e, method=0)) for e in (effect, alone))
        assert one == pytest.approx(two, rel=1e-9, abs=1e-12, nan_ok=True)
    least, most = (
        paired_effect(np.where(left, seen, fill), ITEM, cluster, scale=0.5, bound=2.0) for fill in (low, high)
    )
    assert (bounds.low, bounds.high) == pytest.approx((least.estimate, most.estimate))
    assert least.conf_low - 1e-9 <= bounds.conf_low <= bounds.low
    assert bounds.high <= bounds.conf_high <= most.conf_high + 1e-9


@pytest.mark.parametrize(
    ("x", "low", "high", "message"),
    [
        ([0.0, np.nan], [0, 0.5], [0, 0.4], "must not exceed"),
        ([0.0, np.nan], [0, -2], [0, 1], "x_low must be finite"),
        ([0.0, np.nan], [0, 0], [0, np.nan], "x_high must be finite"),
        ([0.0, 2.0], [0, 0], [0, 0], "x must be finite"),
        ([0.0, np.nan], [0], [0, 0], "must have shape"),
    ],
)
def test_impossible_completions_are_refused(
    x: list[float], low: list[float], high: list[float], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        worst_case_bounds(x, low, high, [0, 1])


def test_known_half_of_a_pair_tightens_the_bounds() -> None:
    x = changes(1)
    x[:10] = np.nan
    whole = worst_case_bounds(x, np.full(N, -1), np.full(N, 1), ITEM)
    half = worst_case_bounds(x, np.full(N, 0), np.full(N, 1), ITEM)
    assert half.low > whole.low
    assert half.high == whole.high


def test_critical_value_falls_from_two_sided_to_one_sided() -> None:
    values = [imbens_manski_critical(width, 0.1, np.inf) for width in (0.0, 0.05, 0.2, 10.0)]
    assert values[0] == pytest.approx(1.959964)
    assert values == sorted(values, reverse=True)
    assert values[-1] == pytest.approx(1.644854, abs=1e-6)


def test_no_variance_and_a_range_needs_one_side_only() -> None:
    assert imbens_manski_critical(0.3, 0.0, np.inf) == pytest.approx(1.644854, abs=1e-6)


def test_covers_the_mean_when_refusals_depend_on_the_outcome() -> None:
    rng = np.random.default_rng(11)
    item = np.arange(200)
    covered = complete_covered = 0
    for _ in range(200):
        x = rng.choice([-1.0, 0.0, 1.0], 200, p=[0.15, 0.6, 0.25])
        x[(x == 1) & (rng.random(200) < 0.3)] = np.nan
        bounds = worst_case_bounds(x, np.full(200, -1), np.full(200, 1), item)
        complete = paired_effect(x[~np.isnan(x)], item[~np.isnan(x)])
        covered += bounds.conf_low <= 0.1 <= bounds.conf_high
        complete_covered += complete.conf_low <= 0.1 <= complete.conf_high
    assert covered >= 186
    assert complete_covered < 160


def test_one_item_says_everything_possible() -> None:
    bounds = worst_case_bounds([np.nan], [-1], [1], ["only"])
    assert (bounds.conf_low, bounds.low, bounds.high, bounds.conf_high) == (-1, -1, 1, 1)


def test_disordered_or_missing_completions_are_refused() -> None:
    with pytest.raises(ValueError, match="x_low must not exceed"):
        worst_case_bounds([np.nan, 0], [1, 0], [-1, 0], [0, 1])
    with pytest.raises(ValueError, match="x_low must be finite"):
        worst_case_bounds([np.nan, 0], [np.nan, 0], [1, 0], [0, 1])
