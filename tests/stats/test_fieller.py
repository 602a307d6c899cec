import math

import numpy as np
import pytest
from scipy import optimize, stats

from judgebench.stats import ratio_of_means


def draws(seed: int, items: int = 40, ratio: float = 3.0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    below = rng.normal(1.0, 1.5, items)
    return ratio * below + rng.normal(0, 2.0, items), below


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("level", [0.8, 0.95])
def test_the_limits_are_the_ratios_that_students_t_does_not_reject(seed: int, level: float) -> None:
    x, y = draws(seed)
    found = ratio_of_means(x, y, level=level)

    def rejected(ratio: float) -> float:
        return float(stats.ttest_1samp(x - ratio * y, 0).pvalue - (1 - level))

    centre = float(x.mean() / y.mean())
    assert found.estimate == pytest.approx(centre)
    for limit, far in ((found.conf_low, -200.0), (found.conf_high, 200.0)):
        assert limit == pytest.approx(optimize.brentq(rejected, centre, centre + far), abs=1e-6)


def test_clusters_are_taken_as_one_by_their_totals() -> None:
    x, y = draws(1)
    cluster = np.arange(x.size) // 2
    whole = ratio_of_means(x.reshape(-1, 2).sum(axis=1), y.reshape(-1, 2).sum(axis=1))
    assert ratio_of_means(x, y, cluster) == whole
    assert ratio_of_means(x, y) != whole


@pytest.mark.parametrize("below", [[1.0, -1.0, 1.0, -1.0], [0.0, 0.1, 5.0]])
def test_where_the_denominator_may_be_zero_nothing_is_said(below: list[float]) -> None:
    found = ratio_of_means(np.arange(float(len(below))), below)
    assert all(math.isnan(value) for value in (found.estimate, found.conf_low, found.conf_high))
    assert "undefined" in found.method


def test_it_covers_the_ratio_as_often_as_it_says() -> None:
    held = 0
    for seed in range(400):
        found = ratio_of_means(*draws(1000 + seed), level=0.9)
        held += math.isnan(found.estimate) or found.conf_low <= 3.0 <= found.conf_high
    assert abs(held / 400 - 0.9) < 4 * math.sqrt(0.9 * 0.1 / 400)
