"""Variance components of items crossed with wordings, against the analysis of variance and planted values."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.formula.api import ols
from statsmodels.stats.anova import anova_lm

from judgebench.stats import crossed_components


def planted(
    rng: np.random.Generator, items: int, wordings: int, sd: tuple[float, float, float, float]
) -> np.ndarray:
    return (
        rng.normal(0, sd[0], (items, 1, 1))
        + rng.normal(0, sd[1], (1, wordings, 1))
        + rng.normal(0, sd[2], (items, wordings, 1))
        + rng.normal(0, sd[3], (items, wordings, 2))
    )


def test_the_components_are_those_of_the_analysis_of_variance() -> None:
    y = planted(np.random.default_rng(3), 12, 4, (1.0, 0.5, 0.8, 0.6))
    n, w, r = y.shape
    index = np.indices(y.shape).reshape(3, -1)
    frame = pd.DataFrame({"y": y.ravel(), "item": index[0], "wording": index[1]})
    squares = anova_lm(ols("y ~ C(item) * C(wording)", frame).fit())["mean_sq"].to_numpy()
    found = crossed_components(y, n_resamples=50)
    assert found.rerun == pytest.approx(squares[3])
    assert found.interaction == pytest.approx((squares[2] - squares[3]) / r)
    assert found.item == pytest.approx((squares[0] - squares[2]) / (w * r))
    assert found.wording == pytest.approx(max((squares[1] - squares[2]) / (n * r), 0))
    total = found.item + found.wording + found.interaction + found.rerun
    assert found.share == pytest.approx((found.wording + found.interaction) / total)


def test_the_planted_share_is_recovered_and_covered() -> None:
    rng = np.random.default_rng(11)
    share = 0.64 / (1 + 0.64 + 0.36)
    found = [
        crossed_components(planted(rng, 60, 3, (1, 0, 0.8, 0.6)), n_resamples=300, rng=i) for i in range(120)
    ]
    assert np.mean([f.share for f in found]) == pytest.approx(share, abs=0.03)
    assert np.mean([f.conf_low <= share <= f.conf_high for f in found]) >= 0.88


def test_without_any_variation_the_share_is_zero() -> None:
    found = crossed_components(np.ones((5, 2, 2)), n_resamples=20)
    assert (found.share, found.conf_low, found.conf_high) == (0, 0, 0)


@pytest.mark.parametrize("shape", [(5, 2), (1, 2, 2), (5, 1, 2), (5, 2, 1)])
def test_too_little_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="at least two"):
        crossed_components(np.zeros(shape))
