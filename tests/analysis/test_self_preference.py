"""Preference for own responses through the whole pipeline: what is planted is found, and DBG says what it is not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from judgebench.analysis.self_preference import self_preference_rows
from judgebench.analysis.settings import Settings
from judgebench.audit import Run, audit_of, run
from judgebench.report.checks import warnings_of

SUITE = """
suite: own
seed: 5
judge: "sim/null?hand=1&own={own}&spread=0&noise=1&seed=1"
items: [{{source: bank, limit: 150}}]
perturbations: [position]
self_preference:
  family: one
  authors:
    - {{judge: self, name: mine}}
    - {{judge: "sim/null?hand=2&skill={other}", name: two}}
    - {{judge: "sim/null?hand=3&skill={third}", name: three}}
  panel:
    - {{judge: "sim/null?spread=0&noise=1&seed=11", family: p1}}
    - {{judge: "sim/null?spread=0&noise=1&seed=12", family: p2}}
    - {{judge: "sim/null?spread=0&noise=1&seed=13", family: p3}}
    - {{judge: "sim/null?spread=0&noise=1&seed=14", family: p4}}
"""


def audited(folder: Path, *, own: float, other: float, third: float) -> Run:
    (folder / "suite.yaml").write_text(SUITE.format(own=own, other=other, third=third))
    return run(folder / "suite.yaml", out=folder / "run")


def estimates(done: Run) -> pd.DataFrame:
    table = done.effects()
    whole = (table["perturbation"] == "all") & (table["stratum"] == "all")
    return table[(table["bias"] == "self_preference") & whole].set_index("estimand")


@pytest.mark.slow
def test_a_judge_that_writes_better_and_has_no_preference_is_cleared_by_the_adjusted_estimate(
    tmp_path: Path,
) -> None:
    done = audited(tmp_path, own=0.0, other=-1.5, third=-1.5)
    found = estimates(done)
    assert found.loc["raw", "conf_low"] > 0.05
    assert found.loc["own_quality_gap", "conf_low"] > 0.05
    assert found.loc["dbg", "conf_high"] < 0  # noise alone
    assert found.loc["adjusted", "conf_low"] < 0 < found.loc["adjusted", "conf_high"]
    assert any("DBG: gold-adjusted, not identified" in line for line in warnings_of(audit_of(done)))


@pytest.mark.slow
def test_a_planted_preference_is_found_whatever_the_quality(tmp_path: Path) -> None:
    found = estimates(audited(tmp_path, own=1.0, other=0.0, third=0.0))
    # the mean over pairs of what the planted logit adds to the chance of winning
    rng = np.random.default_rng(1)
    gap = rng.normal(0, np.sqrt(2), 200_000)
    truth = (1 / (1 + np.exp(-(gap + 1.0)))).mean() - 0.5
    assert found.loc["adjusted", "conf_low"] < truth < found.loc["adjusted", "conf_high"]
    assert found.loc["adjusted", "conf_low"] > 0


def judged(share: np.ndarray, seed: int) -> pd.DataFrame:
    """Verdicts on pairs in both orders, a with the chance `share`."""
    rng = np.random.default_rng(seed)
    rows = [
        {"suite": "s", "judge": "j", "item_id": str(i), "source": "s", "category": None, "perturbation": "none",
         "arm": "control", "target": None, "order": order, "protocol": "pairwise", "mitigation": "none", "repeat": 0,
         "verdict": "a" if rng.random() < p else "b", "p_a": np.nan, "p_b": np.nan, "p_tie": np.nan, "gold": None}
        for i, p in enumerate(share) for order in ("ab", "ba")
    ]  # fmt: skip
    return pd.DataFrame(rows)


def authored(n: int, **columns: object) -> pd.DataFrame:
    base = {"item_id": [str(i) for i in range(n)], "prompt_id": [str(i) for i in range(n)], "author_a": "j",
            "author_b": "o", "relation_a": "self", "relation_b": "none", "gold_a": np.nan, "gap_a": np.nan,
            "panel_a": np.nan}  # fmt: skip
    return pd.DataFrame({**base, **columns})


def row(rows: list[dict[str, object]], estimand: str, **where: str) -> dict[str, object]:
    wanted = {
        "estimand": estimand,
        "perturbation": "all",
        "stratum": "all",
        "bias": "self_preference",
        **where,
    }
    return next(row for row in rows if all(row[name] == value for name, value in wanted.items()))


def test_the_own_response_is_found_on_either_side() -> None:
    n = 40
    own_is_a = np.arange(n) % 2 == 0
    table = authored(n, relation_a=np.where(own_is_a, "self", "none"), relation_b=np.where(own_is_a, "none", "self"),
                     gold_a=own_is_a.astype(float))  # fmt: skip
    rows, _ = self_preference_rows(judged(own_is_a.astype(float), 1), table, Settings())
    assert row(rows, "raw")["estimate"] == pytest.approx(0.5)
    assert row(rows, "dbg")["estimate"] == pytest.approx(0)
    assert row(rows, "own_quality_gap")["estimate"] == pytest.approx(0.5)


def test_each_opponent_and_each_task_has_rows_of_its_own() -> None:
    n = 40
    opponent = np.where(np.arange(n) < 20, "x", "y")
    judgments = judged((opponent == "x").astype(float), 1)
    judgments["category"] = np.where(judgments["item_id"].astype(int) % 2, "odd", "even")
    rows, _ = self_preference_rows(judgments, authored(n, author_b=opponent), Settings())
    assert row(rows, "raw", perturbation="x")["estimate"] == pytest.approx(0.5)
    assert row(rows, "raw", perturbation="y")["estimate"] == pytest.approx(-0.5)
    assert row(rows, "raw", stratum="category: odd")["n_items"] == 20


def test_family_and_teacher_have_biases_of_their_own_and_are_no_opponents() -> None:
    n = 30
    relation = np.array(["self", "family", "teacher"])[np.arange(n) % 3]
    rows, _ = self_preference_rows(judged(np.ones(n), 1), authored(n, relation_a=relation), Settings())
    assert {row["bias"] for row in rows} == {"self_preference", "family", "teacher"}
    assert {row(rows, "raw", bias=bias)["n_items"] for bias in ("self_preference", "family", "teacher")} == {
        10
    }


def test_pairs_of_one_prompt_are_one_cluster() -> None:
    n = 60
    rows, _ = self_preference_rows(
        judged(np.full(n, 0.5), 1), authored(n, prompt_id=[str(i // 3) for i in range(n)]), Settings()
    )
    assert (row(rows, "raw")["n_items"], row(rows, "raw")["n_clusters"]) == (60, 20)


def test_the_effect_of_the_label_is_that_of_the_name_whoever_wrote_the_response() -> None:
    n = 20
    control = judged(np.full(n, 0.5), 1)
    arms = [control]
    for kind in ("true", "swapped"):
        for target in ("a", "b"):
            # the response that is called the judge's always wins: a by its true name, b by the swapped one
            named_own = (target == "a") == (kind == "true")
            verdict = target if named_own else "b" if target == "a" else "a"
            arms.append(control.assign(perturbation=f"model_name@{kind}", arm="treatment", target=target,
                                       verdict=verdict))  # fmt: skip
    rows, _ = self_preference_rows(pd.concat(arms), authored(n), Settings())
    assert row(rows, "label_effect")["estimate"] == pytest.approx(1)
    assert row(rows, "label_effect")["n_judgments"] == 80
