"""The split of a preference into own and familiar, against statsmodels and what is planted."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm

from judgebench.stats import familiarity, familiarity_design
from judgebench.stats.results import Estimate


def drawn(
    rng: np.random.Generator, n: int = 300, *, own: float = 0.1, slope: float = 0.08
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Preferences, whose, gaps and prompts of n pairs, three a prompt, of which the first two are the judge's."""
    mine = np.arange(n) % 3 < 2
    gap = rng.normal(0.6 * mine, 0.5)
    shared = np.repeat(rng.normal(0, 0.05, n // 3), 3)
    y = np.clip(own * mine + slope * gap + shared + rng.normal(0, 0.2, n), -1, 1)
    return y, mine, gap, np.arange(n) // 3


def test_the_coefficients_are_those_of_least_squares_and_the_errors_near_those_of_statsmodels() -> None:
    y, own, gap, prompt = drawn(np.random.default_rng(1))
    found = familiarity(y, own, gap, prompt)
    fit = sm.OLS(y, np.column_stack([own, gap, np.ones_like(y)])).fit(
        cov_type="cluster", cov_kwds={"groups": prompt}
    )
    assert [found.own.estimate, found.slope.estimate] == pytest.approx(fit.params[:2])
    # CR2 against CR1 on a hundred prompts
    assert [found.own.std_error, found.slope.std_error] == pytest.approx(fit.bse[:2], rel=0.03)
    assert (found.own.n_items, found.own.n_clusters) == (300, 100)


def test_what_stands_beside_is_held_fixed() -> None:
    rng = np.random.default_rng(2)
    y, own, gap, prompt = drawn(rng)
    quality = 0.5 * own + rng.normal(0, 0.3, y.size)
    plain = familiarity(y, own, gap, prompt)
    found = familiarity(y / 2 + quality / 4, own, gap, prompt, beside=quality[:, None])
    fit = sm.OLS(y / 2 + quality / 4, np.column_stack([own, gap, np.ones_like(y), quality])).fit()
    assert found.own.estimate == pytest.approx(fit.params[0])
    assert abs(found.own.estimate - plain.own.estimate / 2) < 0.05


def test_pairs_of_the_judge_alone_need_no_others_and_columns_that_say_nothing_new_are_left_out() -> None:
    y, own, gap, prompt = drawn(np.random.default_rng(3))
    found = familiarity(y[own], own[own], gap[own], prompt[own], beside=np.ones((own.sum(), 1)))
    fit = sm.OLS(y[own], np.column_stack([np.ones(own.sum()), gap[own]])).fit()
    assert [found.own.estimate, found.slope.estimate] == pytest.approx(fit.params)
    assert familiarity_design(own[own], gap[own]).shape == (200, 2)


def test_authorship_that_goes_with_the_gap_entirely_is_refused() -> None:
    own = np.arange(40) % 2 == 0
    with pytest.raises(ValueError, match="collinear"):
        familiarity(np.zeros(40), own, 1.0 * own, np.arange(40))


@pytest.mark.slow
@pytest.mark.parametrize("own", [0.0, 0.1])
def test_what_is_planted_is_held_as_often_as_stated(own: float) -> None:
    rng = np.random.default_rng(4)
    held = np.zeros(2)
    for _ in range(1000):
        found = familiarity(*drawn(rng, 120, own=own))
        held += [_holds(found.own, own), _holds(found.slope, 0.08)]
    assert (held / 1000 > 0.93).all(), held


def _holds(found: Estimate, truth: float) -> bool:
    return found.conf_low <= truth <= found.conf_high
