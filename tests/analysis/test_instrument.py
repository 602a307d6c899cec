"""The judge as an instrument: planted faults of rating, comparing, reasoning and stating come back."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import judgebench
from judgebench import Run
from judgebench.stats import brier_score

pytestmark = pytest.mark.slow


def run(folder: Path, body: str, judge: str, count: int = 60) -> Run:
    rows = [
        {"id": f"p{i}", "prompt": f"Ask {i}?", "response_a": f"One says {i}. It is so. " * 3,
         "response_b": f"Two says {i}. It is so. " * 3, "gold": "ab"[i % 2]}
        for i in range(count)
    ]  # fmt: skip
    (folder / "items.jsonl").write_text("\n".join(map(json.dumps, rows)))
    path = folder / "suite.yaml"
    path.write_text(
        f"suite: s\nseed: 5\nitems: [{{source: file, path: items.jsonl}}]\nperturbations: [position]\n{body}\n"
    )
    return judgebench.run(path, judge, out=folder / "out")


def row(table: pd.DataFrame, **names: str) -> pd.Series:
    chosen = pd.Series(data=True, index=table.index)
    for name, value in ({"stratum": "all"} | names).items():
        chosen &= table[name] == value
    assert chosen.sum() == 1, table[chosen].to_string()
    return table[chosen].iloc[0]


@pytest.fixture(scope="module")
def rated(tmp_path_factory: pytest.TempPathFactory) -> Run:
    body = "protocols: [pairwise, pointwise: {scale: [1, 10]}]"
    return run(tmp_path_factory.mktemp("rated"), body, "sim/null?noise=0.5&spread=2&tie=0.1&quality=1")


def test_rating_against_ranking_is_counted_pair_by_pair(rated: Run) -> None:
    judgments = rated.judgments()
    first = judgments[(judgments["arm"] == "control") & (judgments["repeat"] == 0)]
    scores = first[first["protocol"] == "pointwise"].groupby("item_id")[["score_a", "score_b"]].max()
    lead = np.sign(scores["score_a"] - scores["score_b"])
    verdicts = first[first["protocol"] == "pairwise"].assign(lead=lambda t: t["item_id"].map(lead))
    strict = verdicts[(verdicts["lead"] != 0) & verdicts["verdict"].isin(["a", "b"])]
    differs = (strict["lead"] > 0) != (strict["verdict"] == "a")
    found = row(
        rated.effects(),
        bias="rating_vs_ranking",
        estimand="disagreement_rate",
        stratum="strict verdicts only",
    )
    assert found["estimate"] == pytest.approx(differs.groupby(strict["item_id"]).mean().mean())
    assert found["protocol"] == "pointwise | pairwise"
    assert found["conf_low"] <= found["estimate"] <= found["conf_high"]


def test_kappa_stands_beside_the_disagreement_and_is_that_of_the_verdicts(rated: Run) -> None:
    judgments = rated.judgments()
    first = judgments[(judgments["arm"] == "control") & (judgments["repeat"] == 0)]
    scores = first[first["protocol"] == "pointwise"].groupby("item_id")[["score_a", "score_b"]].max()
    implied = np.sign(scores["score_a"] - scores["score_b"]).map({1: "a", -1: "b", 0: "tie"})
    ranked = first[(first["protocol"] == "pairwise") & first["verdict"].isin(["a", "b", "tie"])]
    table = pd.crosstab(ranked["item_id"].map(implied), ranked["verdict"], normalize=True)
    chance = (table.sum(axis=0) * table.sum(axis=1)).sum()
    observed = sum(table.loc[name, name] for name in table.index)
    found = row(rated.effects(), bias="rating_vs_ranking", estimand="kappa")
    assert found["estimate"] == pytest.approx((observed - chance) / (1 - chance))
    assert found["conf_low"] < found["estimate"] < found["conf_high"] <= 1
    assert (found["n_judgments"], found["unit"]) == (len(ranked), "kappa")


def test_a_judge_that_rates_as_it_ranks_disagrees_no_more_than_with_itself(rated: Run) -> None:
    excess = row(rated.effects(), bias="rating_vs_ranking", estimand="excess_disagreement_rate")
    assert excess["conf_low"] < 0.06
    assert abs(excess["estimate"]) < 0.12


def test_use_of_the_scale_is_that_of_the_scores(rated: Run) -> None:
    judgments, table = rated.judgments(), rated.effects()
    control = judgments[(judgments["arm"] == "control") & (judgments["protocol"] == "pointwise")]
    scores = control["score_a"].fillna(control["score_b"])
    count = len(scores)
    expected = {
        "leniency": scores.mean() - 5.5,
        "skewness": scores.skew() * (count - 2) / np.sqrt(count * (count - 1)),
        "share_of_round": (scores % 5 == 0).mean(),
    }
    for estimand, value in expected.items():
        found = row(table, bias="scale_use", estimand=estimand)
        assert found["estimate"] == pytest.approx(value)
        assert found["conf_low"] < value < found["conf_high"]
    slope = row(table, bias="scale_use", estimand="gold_slope")
    better = control["gold"] == control["order"]
    assert slope["estimate"] == pytest.approx(scores[better].mean() - scores[~better].mean())
    assert slope["conf_low"] > 0


@pytest.mark.parametrize("halo", [0.0, 1.0])
def test_a_halo_takes_away_what_sets_criteria_apart(halo: float, tmp_path: Path) -> None:
    body = "protocols: [rubric: {asked: [apart, together, reversed]}]"
    table = run(tmp_path, body, f"sim/null?halo={halo}&spread=3&noise=0.2", 40).effects()
    found = row(table, bias="halo", contrast="together - apart")
    assert (found["conf_high"] < -0.3) == (halo > 0)
    assert found["protocol"] == "rubric@together | rubric@apart"
    parts = {c: row(table, bias="halo", contrast=c)["estimate"] for c in ("together", "apart")}
    assert found["estimate"] == pytest.approx(parts["together"] - parts["apart"])
    order = table[table["bias"] == "criteria_order"]
    assert len(order) == 5
    assert ((order["conf_low"] < 0.25) & (order["conf_high"] > -0.25)).all()


def test_reasons_are_set_against_none_where_nothing_else_differs(tmp_path: Path) -> None:
    body = (
        "protocols: [pairwise, pairwise: {name: after, reasoning: after}, pairwise: {name: none, reasoning: none},\n"
        "  pairwise: {name: other, reasoning: none, labels: numbers}]"
    )
    table = run(tmp_path, body, "sim/null?noise=0.8&position=0.6", 30).effects()
    found = table[(table["bias"] == "chain_of_thought") & (table["estimand"] == "flip_rate")]
    assert set(found["contrast"]) == {"before - after", "before - none", "after - none"}
    assert "pairwise | pairwise@none" in set(found["protocol"])
    for estimand in ("excess_flip_rate", "accuracy_change", "first_preference_change"):
        same = table[(table["bias"] == "chain_of_thought") & (table["estimand"] == estimand)]
        assert len(same) == 3
        # the simulated judge does not reason
        assert ((same["conf_low"] < 0.05) & (same["conf_high"] > -0.05)).all()


def test_calibration_is_that_of_the_label_probabilities(tmp_path: Path) -> None:
    body = "protocols: [pairwise: {verdict: logprob}]"
    result = run(tmp_path, body, "sim/null?quality=1&spread=0&noise=1")
    judgments = result.judgments()
    forecast, gold = judgments["p_a"] + judgments["p_tie"] / 2, (judgments["gold"] == "a").astype(float)
    found = row(result.effects(), bias="calibration", estimand="brier_score")
    assert found["estimate"] == pytest.approx(brier_score(forecast, gold).estimate)
    assert found["conf_low"] - 1e-9 <= found["estimate"] <= found["conf_high"] + 1e-9
    curve = result.effects().query("estimand == 'reliability'")
    assert curve["n_judgments"].sum() == len(judgments)
