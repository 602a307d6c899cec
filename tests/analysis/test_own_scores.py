"""Scores of one's own responses through the whole pipeline, with a panel that scores them too."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from judgebench.analysis.own_scores import own_score_rows
from judgebench.analysis.self_preference import BIASES
from judgebench.analysis.settings import Settings
from judgebench.audit import run

SUITE = """
suite: own
seed: 5
judge: "sim/null?hand=1&own={own}&lenient={lenient}&spread=0.3&noise=0.5&seed=1"
items: [{{source: bank, limit: {limit}}}]
protocols: [{{pointwise: {{scale: [1, 10]}}}}]
perturbations: [position]
self_preference:
  family: one
  authors:
    - {{judge: self, name: mine}}
    - {{judge: "sim/null?hand=2", name: two}}
    - {{judge: "sim/null?hand=3", name: three}}
  panel:
    - {{judge: "sim/null?spread=0.3&noise=0.5&seed=11", family: p1}}
    - {{judge: "sim/null?spread=0.3&noise=0.5&seed=12", family: p2}}
"""


def estimates(folder: Path, *, own: float, lenient: float, limit: int) -> pd.DataFrame:
    (folder / "suite.yaml").write_text(SUITE.format(own=own, lenient=lenient, limit=limit))
    table = run(folder / "suite.yaml", out=folder / "run").effects()
    whole = (table["bias"] == "self_preference") & (table["stratum"] == "all")
    return table[whole].set_index("estimand")


@pytest.mark.slow
def test_a_lenient_judge_without_a_preference_is_cleared(tmp_path: Path) -> None:
    found = estimates(tmp_path, own=0.0, lenient=0.8, limit=120)
    adjusted = found.loc["score_adjusted"]
    assert adjusted["conf_low"] < 0 < adjusted["conf_high"]
    assert adjusted["conf_high"] - adjusted["conf_low"] < 0.8


@pytest.mark.slow
def test_a_planted_bonus_is_found_in_points_of_golds_scale(tmp_path: Path) -> None:
    found = estimates(tmp_path, own=0.8, lenient=0.4, limit=120)
    # ten scores over six logits: 0.8 logits are a little over a point, less at the end of the scale
    adjusted = found.loc["score_adjusted"]
    assert adjusted["conf_low"] > 0.3
    assert 0.7 < adjusted["estimate"] < 1.5
    assert adjusted["n_clusters"] == 120


def authored(n: int) -> pd.DataFrame:
    """Two pairs a prompt, both with the judge's response, which so stands in both."""
    rows = [
        {"item_id": f"{k}{other}", "prompt_id": str(k), "author_a": "j", "author_b": other, "relation_a": "self",
         "relation_b": "none", "points_a": 3.0 + k % 2, "points_b": 2.0 + (k + len(other)) % 3}
        for k in range(n) for other in ("x", "yy")
    ]  # fmt: skip
    return pd.DataFrame(rows)


def scored(table: pd.DataFrame, bonus: float) -> pd.DataFrame:
    rows = [
        {"item_id": row.item_id, "order": side, "arm": "control", "repeat": 0, "category": None, "source": "s",
         "score_a": 2 * row.points_a + bonus if side == "a" else None,
         "score_b": 2 * row.points_b if side == "b" else None}
        for row in table.itertuples() for side in "ab"
    ]  # fmt: skip
    return pd.DataFrame(rows)


def test_a_response_that_stands_in_several_pairs_counts_once() -> None:
    table = authored(20)
    rows = {
        row["estimand"]: row
        for row in own_score_rows(scored(table, 1.0), table, Settings(), BIASES, "pointwise")
    }
    assert rows["score_adjusted"]["estimate"] == pytest.approx(0.5)
    assert rows["score_regression"]["estimate"] == pytest.approx(1.0)
    assert rows["score_adjusted"]["n_items"] == 60
    assert rows["score_adjusted"]["n_clusters"] == 20


def test_missing_scores_of_own_responses_are_bounded_by_the_ends_of_the_scale() -> None:
    table = authored(20)
    scores = scored(table, 1.0)
    gone = scores["item_id"].isin(["0x", "0yy"]) & (scores["order"] == "a")
    scores.loc[gone, "score_a"] = None
    settings = Settings(scales={"pointwise": (1.0, 20.0)})
    found = next(iter(own_score_rows(scores, table, settings, BIASES, "pointwise")))
    assert found["n_missing"] == 1
    assert found["bound_low"] < found["conf_low"] <= 0.5 <= found["conf_high"] < found["bound_high"]


def test_without_golds_scores_nothing_is_told() -> None:
    table = authored(20)
    scores = scored(table, 1.0)
    nothing = table.assign(points_a=float("nan"), points_b=float("nan"))
    assert not list(own_score_rows(scores, nothing, Settings(), BIASES, "pointwise"))
    assert not list(
        own_score_rows(scores, table.drop(columns=["points_a", "points_b"]), Settings(), BIASES, "pointwise")
    )
