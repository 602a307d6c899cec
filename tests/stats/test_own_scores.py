"""A judge's scores of its own responses, beside gold's: by hand, against the bootstrap, and what is planted."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import statsmodels.api as sm

from judgebench.stats import cluster_bootstrap, own_scores

Draw = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def test_the_equated_difference_by_hand() -> None:
    own = [True, True, False, False, False]
    judge, gold = [9.0, 7.0, 4.0, 6.0, 8.0], [5.0, 4.0, 2.0, 3.0, 4.0]
    # on others the judge has mean 6 and gold 3 and half the spread: 9 and 7 are 4.5 and 3.5 of gold's
    found = own_scores(judge, gold, own, range(5))
    assert found.equated.estimate == pytest.approx((4.5 - 5 + 3.5 - 4) / 2)
    assert found.gold_gap.estimate == pytest.approx(4.5 - 3)
    assert found.judge_gap.estimate == pytest.approx(8 - 6)
    assert (found.equated.n_items, found.equated.n_clusters) == (5, 5)


def drawn(
    rng: np.random.Generator, n: int = 100, *, bonus: float = 0.0, better: float = 0.0, lenient: float = 2.0
) -> Draw:
    """Scores of three authors' responses to n prompts, the first the judge's; gold and judge err alike."""
    own = np.tile([True, False, False], n)
    prompt = np.repeat(np.arange(n), 3)
    worth = rng.normal(0, 1, 3 * n) + np.repeat(rng.normal(0, 0.7, n), 3) + better * own
    gold = 3 + 0.8 * (worth + rng.normal(0, 0.5, 3 * n))
    judge = 5 + lenient + 1.6 * (worth + rng.normal(0, 0.5, 3 * n)) + 2 * bonus * own
    return judge, gold, own, prompt


@pytest.mark.parametrize(
    "use", [lambda x: x, lambda x: 3 * x - 2, lambda x: 0.2 * x + 4], ids=["as is", "wide", "narrow and high"]
)
def test_how_the_judge_uses_its_scale_does_not_matter(use: Callable[[np.ndarray], np.ndarray]) -> None:
    judge, gold, own, prompt = drawn(np.random.default_rng(1), bonus=0.4)
    plain, found = (
        own_scores(judge, gold, own, prompt).equated,
        own_scores(use(judge), gold, own, prompt).equated,
    )
    assert [found.estimate, found.conf_low, found.conf_high] == pytest.approx(
        [plain.estimate, plain.conf_low, plain.conf_high]
    )


def test_the_interval_is_that_of_the_bootstrap_by_prompt() -> None:
    judge, gold, own, prompt = drawn(np.random.default_rng(2), 200, bonus=0.4, better=0.5)
    columns = [np.bincount(prompt, part * power) for part in (own, ~own)
               for power in (np.ones_like(gold), judge, judge**2, gold, gold**2)]  # fmt: skip

    def equated(weights: np.ndarray) -> np.ndarray:
        n, j, _, g, _, m, k, kk, h, hh = (weights @ column for column in columns)
        ratio = np.sqrt((hh / m - (h / m) ** 2) / (kk / m - (k / m) ** 2))
        return np.asarray(ratio * (j / n - k / m) - (g / n - h / m))

    found = own_scores(judge, gold, own, prompt).equated
    drawn_again = cluster_bootstrap(equated, 200, rng=3)
    assert found.estimate == pytest.approx(float(drawn_again.estimate[0]))
    assert found.std_error == pytest.approx(float(drawn_again.std_error[0]), rel=0.06)


def test_own_against_others_of_the_same_gold_score_is_least_squares() -> None:
    judge, gold, own, prompt = drawn(np.random.default_rng(3), bonus=0.4)
    fit = sm.OLS(judge, np.column_stack([own, np.ones_like(gold), gold])).fit(
        cov_type="cluster", cov_kwds={"groups": prompt}
    )
    found = own_scores(judge, gold, own, prompt).held
    assert found.estimate == pytest.approx(fit.params[0])
    assert found.std_error == pytest.approx(fit.bse[0], rel=0.03)


@pytest.mark.parametrize(
    ("judge", "gold", "own", "says"),
    [
        ([1.0, 2, 3], [1.0, 2, 3], [False] * 3, "own responses"),
        ([1.0, 2, 3], [1.0, 2, 3], [True] * 3, "others whose scores differ"),
        ([1.0, 2, 2], [1.0, 2, 3], [True, False, False], "others whose scores differ"),
        ([1.0, 2, np.nan], [1.0, 2, 3], [True, False, False], "score"),
        ([1.0, 2, 3], [1.0, 2], [True, False, False], "one shape"),
    ],
)
def test_what_cannot_be_equated_is_refused(
    judge: list[float], gold: list[float], own: list[bool], says: str
) -> None:
    with pytest.raises(ValueError, match=says):
        own_scores(judge, gold, own, range(len(judge)))


@pytest.mark.slow
@pytest.mark.parametrize("n", [30, 100])
@pytest.mark.parametrize(("bonus", "better"), [(0.0, 0.0), (0.0, 1.0), (0.5, -1.0)])
def test_what_is_planted_is_held_as_often_as_stated(n: int, bonus: float, better: float) -> None:
    rng = np.random.default_rng(5)
    found = [own_scores(*drawn(rng, n, bonus=bonus, better=better)).equated for _ in range(1000)]
    truth = bonus  # 2 bonus on the judge's scale, where a point is half a point of gold's
    assert abs(np.mean([one.estimate for one in found]) - truth) < 0.02
    held = np.mean([one.conf_low <= truth <= one.conf_high for one in found])
    assert held > (0.92 if n == 30 else 0.93), held
