"""Weights of properties in a judge's verdicts and in gold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from judgebench.analysis import Settings
from judgebench.analysis.observational import Brought, observe, read_properties
from judgebench.stats.logit import average_marginal_effect, fit_logit

KNOWN = "observational: gold known"


def simulated(
    table: Any, seed: int, n: int, judge: tuple[float, float], gold: tuple[float, float]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Judgments in both orders and properties; judge and gold weigh clarity and flattery as given."""
    rng = np.random.default_rng(seed)
    properties = pd.DataFrame(
        {"clear": rng.normal(0, 2, n), "flattering": rng.integers(-1, 2, n).astype(float)},
        index=[f"i{k}" for k in range(n)],
    )
    odds = properties.to_numpy() @ np.array([judge, gold]).T
    better = rng.random(n) < expit(odds[:, 1])
    rows = [
        {
            "item_id": f"i{k}",
            "order": order,
            "verdict": "a" if rng.random() < expit(odds[k, 0]) else "b",
            "gold": "a" if better[k] else "b",
        }
        for k in range(n)
        for order in ("ab", "ba")
    ]
    return table(rows), properties


def weights(judgments: pd.DataFrame, properties: pd.DataFrame, n_resamples: int = 200) -> pd.DataFrame:
    found = observe(judgments, [], Settings(), Brought(properties=properties), n_resamples=n_resamples).table
    return found[found["estimand"] == "property_weight"].set_index("contrast")


def test_gold_weights_are_the_marginal_effects_of_a_logit_of_gold(table: Any) -> None:
    judgments, properties = simulated(table, 0, 150, (0.5, 0.0), (0.8, 0.6))
    found = weights(judgments, properties)
    gold = judgments.drop_duplicates("item_id")["gold"] == "a"
    scaled = properties / np.sqrt((properties**2).mean())
    design = np.column_stack([np.ones(150), scaled])
    fit = fit_logit(design, gold, np.arange(150))
    for place, name in ((1, "clear"), (2, "flattering")):
        by_hand = average_marginal_effect(fit, design, place)
        row = found.loc[f"{name}: gold"]
        assert row["estimate"] == pytest.approx(by_hand.estimate)
        assert (row["conf_low"], row["conf_high"]) == pytest.approx((by_hand.conf_low, by_hand.conf_high))
        assert (row["n_judgments"], found.loc[f"{name}: judge", "n_judgments"]) == (150, 300)
        assert row["n_missing"] == 0


def test_the_difference_is_between_the_weights_beside_it(table: Any) -> None:
    judgments, properties = simulated(table, 1, 400, (0.1, 1.5), (0.8, 0.0))
    found = weights(judgments, properties)
    for name in properties:
        apart = found.loc[f"{name}: judge", "estimate"] - found.loc[f"{name}: gold", "estimate"]
        assert found.loc[f"{name}: judge - gold", "estimate"] == pytest.approx(apart)
    assert found.loc["flattering: judge - gold", "conf_low"] > 0
    assert found.loc["clear: judge - gold", "conf_high"] < 0
    assert set(found["stratum"]) == {KNOWN}


@pytest.mark.slow
def test_the_interval_of_no_difference_covers_it_at_its_level(table: Any) -> None:
    inside = []
    for seed in range(40):
        judgments, properties = simulated(table, seed, 150, (0.5, 0.5), (0.5, 0.5))
        found = weights(judgments, properties, 150)
        for name in properties:
            row = found.loc[f"{name}: judge - gold"]
            inside.append(row["conf_low"] <= 0 <= row["conf_high"])
    assert np.mean(inside) == pytest.approx(0.94, abs=0.06)


def test_a_judge_that_is_gold_differs_in_nothing(table: Any) -> None:
    judgments, properties = simulated(table, 2, 150, (0.5, 0.5), (0.5, 0.5))
    same = judgments.assign(verdict=judgments["gold"])
    difference = weights(same, properties).filter(like="judge - gold", axis=0)
    assert difference["estimate"].tolist() == pytest.approx([0, 0], abs=1e-9)
    assert difference["conf_high"].tolist() == pytest.approx([0, 0], abs=1e-9)


def test_without_gold_the_judge_stands_alone(table: Any) -> None:
    judgments, properties = simulated(table, 3, 100, (0.5, 0.5), (0.5, 0.5))
    found = weights(judgments.assign(gold=None), properties)
    assert list(found.index) == ["clear: judge", "flattering: judge"]
    assert set(found["stratum"]) == {"observational: all items"}


def test_gold_that_a_property_determines_is_said_to_leave_no_estimate(table: Any) -> None:
    judgments, properties = simulated(table, 4, 100, (0.5, 0.5), (0.5, 0.5))
    code = judgments["item_id"]
    gold = np.where(properties["clear"].loc[code] > 0, "a", "b")
    found = observe(
        judgments.assign(gold=gold), [], Settings(), Brought(properties=properties), n_resamples=100
    )
    assert any(note.startswith("properties, gold, gold known: no estimate: clear:") for note in found.notes)
    assert not found.table["contrast"].str.contains("gold").any()
    assert (found.table["contrast"] == "clear: judge").sum() == 2


def test_a_file_of_29_properties_gives_each_its_weight_beside_gold(table: Any, tmp_path: Path) -> None:
    rng = np.random.default_rng(29)
    n, names = 700, [f"property {k}" for k in range(29)]
    planted = np.zeros((29, 2))
    planted[:3, 0] = planted[3:6, 1] = 0.9  # the judge goes by three, gold by three others
    apart = pd.DataFrame(rng.normal(size=(n, 29)), index=[f"i{k}" for k in range(n)], columns=names)
    apart.to_csv(tmp_path / "features.csv", index_label="item_id")
    judge, gold = np.where(rng.random((n, 2)) < expit(apart.to_numpy() @ planted), "a", "b").T
    rows = [{"item_id": f"i{k}", "order": "ab", "verdict": judge[k], "gold": gold[k]} for k in range(n)]
    found = weights(table(rows), read_properties(tmp_path / "features.csv"), n_resamples=100)
    assert len(found) == 3 * 29
    for who, chosen in (("judge", range(3)), ("gold", range(3, 6))):
        found_of = found.loc[[f"{name}: {who}" for name in names]]
        assert (found_of["conf_low"].iloc[list(chosen)] > 0.05).all()
        others = found_of.drop(index=found_of.index[list(chosen)])
        covered = (others["conf_low"] < 0) & (others["conf_high"] > 0)
        assert covered.sum() >= 21  # 26 intervals of nothing, at 95 %: fewer has a chance under 1 in 10,000
    gap = found.loc[[f"{name}: judge - gold" for name in names]]
    assert (gap["conf_low"].iloc[:3] > 0).all()
    assert (gap["conf_high"].iloc[3:6] < 0).all()
