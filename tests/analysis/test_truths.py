from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from judgebench.analysis import Settings, truths
from judgebench.analysis.effects import effects

COPIES = 700
KEYS = ["bias", "perturbation", "estimand", "contrast", "stratum"]


@pytest.fixture
def planted() -> list[dict[str, Any]]:
    """Eleven items of two categories, with their own probabilities of a, b and tie in every cell."""
    rng = np.random.default_rng(11)
    cells = [("none", "control", None, 0), ("none", "control", None, 1), ("x", "treatment", "a", 0),
             ("x", "treatment", "b", 0), ("x", "placebo", "b", 0), ("length@1.5", "treatment", "a", 0),
             ("length@2", "treatment", "a", 0)]  # fmt: skip
    rows = []
    for number, gold in enumerate(["a", "b", "tie", "a", "b", "a", "b", "a", "b", "a", "b"]):
        item, category = f"i{number}", f"c{number % 2}"
        for order in ("ab", "ba"):
            for name, arm, target, repeat in cells:
                p = dict(zip(("p_a", "p_b", "p_tie"), rng.dirichlet([2, 1, 1]), strict=True))
                shown = {"perturbation": name, "arm": arm, "target": target, "order": order, "repeat": repeat}
                rows.append(
                    {"item_id": item, "category": category, "gold": gold, "verdict": "a", **shown, **p}
                )
    return rows


@pytest.mark.slow
def test_the_truth_is_the_mean_effect_of_many_draws(planted: Any, table: Any) -> None:
    # each draw enters as items of its own; an effect is a mean over items, so one table gives the mean of all draws
    rng = np.random.default_rng(12)
    drawn = []
    for row in planted:
        p = [row["p_a"], row["p_b"], row["p_tie"]]
        verdicts = rng.choice(["a", "b", "tie"], p=p, size=COPIES)
        blank = row | {"p_a": None, "p_b": None, "p_tie": None}
        drawn += [blank | {"item_id": f"{row['item_id']}-{k}", "verdict": v} for k, v in enumerate(verdicts)]
    found = effects(table(drawn), Settings())
    truth = truths(table(planted))
    joined = found.merge(truth, on=KEYS, validate="one_to_one")
    assert len(joined) == len(truth)
    assert set(truth["estimand"]) >= {"interaction", "dose_trend", "slope_per_log_length", "discordance"}
    assert set(truth["stratum"]) >= {"category: c0", "category: c1"}
    found = found[~found["contrast"].str.endswith(" (simultaneous)")]
    left_out = found.merge(truth, on=KEYS, how="left")["truth"].isna()
    kinds = found.loc[left_out.to_numpy()]
    assert ((kinds["bias"] == "missing") | (kinds["stratum"] == "strict verdicts only")).all()
    error = (joined["estimate"] - joined["truth"]).abs()
    assert (error < 4.5 * joined["std_error"]).all()
    assert (joined["std_error"] < 0.03).all()


def test_a_trial_that_never_has_a_verdict_has_no_truth_to_give(table: Any, find: Any) -> None:
    rows = [
        {"item_id": "i", "order": "ab", "verdict": "invalid"},
        {"item_id": "i", "order": "ba", "verdict": "a", "p_a": 0.5, "p_b": 0.5, "p_tie": 0.0},
    ]
    found = truths(table(rows))
    assert np.isnan(find(found, "first_preference")["truth"])
    assert find(found, "tie_rate")["truth"] == 0
