"""Circles beyond noise where every item has players of its own: calibrated on planted judges, refused on nonsense."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from judgebench.stats import excess_cycles, fit_random_abilities, held_out_agreement

pytestmark = pytest.mark.slow


def games(
    rng: np.random.Generator, items: int, *, sd: float = 1.2, circle: float = 0.0, best: float = 0.0
) -> tuple[np.ndarray, ...]:
    """Four players an item, both orders, two repeats."""
    pairs = [p for one, two in combinations(range(4), 2) for p in ((one, two), (two, one)) for _ in range(2)]
    ability = rng.normal(0, sd, (items, 4))
    ability[:, 0] += best
    item = np.repeat(np.arange(items), len(pairs))
    first, second = np.tile(np.array(pairs).T, items)
    turn = np.where((second - first) % 4 == 1, 1.0, np.where((first - second) % 4 == 1, -1.0, 0.0))
    eta = ability[item, first] - ability[item, second] + 0.3 + circle * turn
    return first, second, (rng.random(eta.size) < 1 / (1 + np.exp(-eta))).astype(float), item


def test_the_spread_and_the_order_effect_are_recovered() -> None:
    found = fit_random_abilities(*games(np.random.default_rng(1), 400))
    assert found.sd == pytest.approx(1.2, abs=0.12)
    assert found.order_effect == pytest.approx(0.3, abs=0.08)


@pytest.mark.parametrize(("sd", "best"), [(1.2, 0.0), (0.7, 1.5)])
def test_noise_is_not_called_a_circle_more_often_than_it_may_be(sd: float, best: float) -> None:
    rng = np.random.default_rng(2)
    runs = [
        excess_cycles(*games(rng, 40, sd=sd, best=best), n_simulations=60, n_resamples=200) for _ in range(40)
    ]
    assert sum(run.conf_low > 0 for run in runs) <= 4  # 2.5 % nominal
    assert abs(np.mean([run.excess for run in runs])) < 0.02


def test_circles_are_found_and_foretell_the_wrong_winner() -> None:
    played = games(np.random.default_rng(3), 60, sd=0.2, circle=2.0)
    assert excess_cycles(*played, n_simulations=60, n_resamples=200).conf_low > 0.1
    for link in ("logit", "probit"):
        shares, items = held_out_agreement(*played, link=link)  # type: ignore[arg-type]
        assert shares.size == items.size == 60 * 6
    plain, _ = held_out_agreement(*games(np.random.default_rng(3), 60, sd=3.0))
    assert plain.mean() > 0.75


@pytest.mark.parametrize(
    ("first", "second", "outcome"), [([0], [0], [1]), ([0], [1], [2]), ([-1], [1], [1]), ([], [], [])]
)
def test_what_is_no_comparison_is_refused(first: list[int], second: list[int], outcome: list[int]) -> None:
    with pytest.raises(ValueError, match=r"first|comparison"):
        excess_cycles(first, second, outcome, [0] * len(first))


def test_without_a_strict_triad_there_is_nothing_to_tell() -> None:
    with pytest.raises(ValueError, match="no triad"):
        excess_cycles([0, 1], [1, 0], [1.0, 0.0], [0, 0], n_simulations=2)
