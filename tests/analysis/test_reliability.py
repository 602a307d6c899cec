import numpy as np
import pandas as pd
import pytest

from judgebench.analysis.reliability import reliability


def answers(n: int, **columns: object) -> pd.DataFrame:
    """Answers of a calibrated judge that gives a fifth of its probability to ties."""
    rng = np.random.default_rng(1)
    stated = rng.random(n)
    gold = np.where(rng.random(n) < stated, "a", "b")
    rows = {"arm": "control", "gold": gold, "p_a": 0.8 * stated, "p_b": 0.8 * (1 - stated)}
    return pd.DataFrame({**rows, "item_id": [f"item-{i // 2}" for i in range(n)], **columns})


def test_a_calibrated_judge_lies_on_the_diagonal_ties_aside() -> None:
    curve = reliability(answers(20_000))
    assert curve is not None
    assert curve.frequency == pytest.approx(curve.probability, abs=0.03)
    assert curve.probability.max() > 0.9  # not 0.8: what is left for ties is no doubt between a and b


@pytest.mark.parametrize("columns", [{"arm": "treatment"}, {"gold": "tie"}, {"gold": None}, {"p_a": np.nan}])
def test_only_unchanged_items_with_strict_gold_and_probabilities_count(columns: dict[str, object]) -> None:
    assert reliability(answers(100, **columns)) is None


def test_a_few_answers_are_no_curve() -> None:
    assert reliability(answers(19)) is None
    assert reliability(answers(20)) is not None
