"""Preference for what is familiar, and what it leaves of the preference for one's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from judgebench.analysis.self_preference import self_preference_rows
from judgebench.analysis.settings import Settings
from judgebench.audit import run

SUITE = """
suite: own
seed: 5
judge: "sim/null?hand=1&own={own}&familiar=1.5&habit=0.6&spread=0.3&noise=0.8&seed=1"
items: [{{source: bank, limit: 150}}]
perturbations: [position]
self_preference:
  family: one
  familiarity: true
  authors:
    - {{judge: self, name: mine}}
    - {{judge: "sim/null?hand=2", name: two}}
    - {{judge: "sim/null?hand=3", name: three}}
  panel:
    - {{judge: "sim/null?spread=0.3&noise=0.8&seed=11", family: p1}}
    - {{judge: "sim/null?spread=0.3&noise=0.8&seed=12", family: p2}}
    - {{judge: "sim/null?spread=0.3&noise=0.8&seed=13", family: p3}}
"""


@pytest.mark.slow
@pytest.mark.parametrize("own", [0.0, 1.0])
def test_what_a_habit_adds_to_self_preference_is_taken_out_and_what_is_its_own_stays(
    tmp_path: Path, own: float
) -> None:
    (tmp_path / "suite.yaml").write_text(SUITE.format(own=own))
    table = run(tmp_path / "suite.yaml", out=tmp_path / "run").effects()
    table = table[(table["perturbation"] == "all") & (table["stratum"] == "all")]
    found = table[table["bias"] == "self_preference"].set_index("estimand")
    assert found.loc["adjusted", "conf_low"] > 0
    adjusted = found.loc["familiarity_adjusted"]
    # what the planted logit adds to the share where nothing else differs, over what sets pairs apart otherwise
    logits = np.random.default_rng(1).normal(0, np.sqrt(2 + 0.3**2 + 2 * (1.5 * 0.5) ** 2), 200_000)
    truth = (1 / (1 + np.exp(-(logits + own) / 0.8))).mean() - 0.5
    assert adjusted["conf_low"] < truth < adjusted["conf_high"]
    assert adjusted["conf_high"] < found.loc["adjusted", "estimate"]
    slopes = table[table["estimand"] == "preference_per_nat"]
    assert (slopes["conf_low"] > 0.1).all()
    gap = table[table["estimand"] == "perplexity_gap"].iloc[0]
    assert gap["conf_low"] < 0.6 < gap["conf_high"]


def judged(share: np.ndarray) -> pd.DataFrame:
    """Verdicts in both orders that state the share of a."""
    base = {"suite": "s", "judge": "j", "source": "s", "category": None, "perturbation": "none", "arm": "control",
            "target": None, "protocol": "pairwise", "mitigation": "none", "repeat": 0, "gold": None}  # fmt: skip
    rows = [
        {**base, "item_id": str(i), "order": order, "verdict": "a" if p > 0.5 else "b", "p_a": p, "p_b": 1 - p,
         "p_tie": 0.0}
        for i, p in enumerate(share) for order in ("ab", "ba")
    ]  # fmt: skip
    return pd.DataFrame(rows)


def pairs(n: int, **columns: Any) -> pd.DataFrame:
    """The first half of the pairs is the judge's, its response on either side; nothing else is known of them."""
    mine, left = np.arange(n) < n // 2, np.arange(n) % 2 == 0
    base = {
        "item_id": [str(i) for i in range(n)],
        "prompt_id": [str(i) for i in range(n)],
        "author_a": np.where(mine & left, "j", "x"),
        "author_b": np.where(mine & ~left, "j", "o"),
        "relation_a": np.where(mine & left, "self", "none"),
        "relation_b": np.where(mine & ~left, "self", "none"),
        **dict.fromkeys(("gold_a", "gap_a", "panel_a"), np.nan),
    }
    return pd.DataFrame({**base, **columns})


N = 80
GAP = np.random.default_rng(1).normal(0, 0.5, N)
"""By how much less a surprises than b."""
SIGN = np.where(np.arange(N) % 2 == 0, 1, -1) * (np.arange(N) < N // 2)
"""1 where a is the judge's own, -1 where b is."""


def of(rows: list[dict[str, Any]], estimand: str) -> list[dict[str, Any]]:
    return [row for row in rows if row["estimand"] == estimand and row["perturbation"] == "all"]


def estimated(share: np.ndarray, **columns: Any) -> list[dict[str, Any]]:
    known = {"nats_a": 2.0 - GAP, "nats_b": np.full(N, 2.0), **columns}
    return self_preference_rows(judged(share), pairs(N, **known), Settings())[0]


def test_own_and_familiar_are_told_apart_whichever_side_the_own_response_is_on() -> None:
    noise = np.random.default_rng(2).normal(0, 0.01, N)
    rows = estimated(0.5 + 0.1 * SIGN + 0.15 * GAP + noise)
    (slope,), (own,), (gap,) = (
        of(rows, name) for name in ("preference_per_nat", "familiarity_adjusted", "perplexity_gap")
    )
    assert slope["estimate"] == pytest.approx(0.15, abs=0.01)
    assert (slope["bias"], slope["unit"]) == ("familiarity", "probability per nat")
    assert own["estimate"] == pytest.approx(0.1, abs=0.01)
    assert own["bias"] == "self_preference"
    assert gap["estimate"] == pytest.approx((GAP * SIGN)[: N // 2].mean())
    assert (gap["unit"], gap["n_items"]) == ("nats", N // 2)


def test_a_panel_takes_out_what_the_responses_are_worth() -> None:
    rng = np.random.default_rng(3)
    worth = rng.normal(0, 0.1, N) + 0.1 * SIGN
    rows = estimated(
        0.5 + worth + 0.15 * GAP + rng.normal(0, 0.01, N), panel_a=0.5 + worth, gap_a=worth.round(1)
    )
    (own,) = of(rows, "familiarity_adjusted")
    assert own["contrast"] == "(judge - panel) own - (judge - panel) other, at equal perplexity"
    assert own["estimate"] == pytest.approx(0, abs=0.02)
    assert [row["contrast"] for row in of(rows, "preference_per_nat")] == [
        "per nat a token less surprising", "per nat a token less surprising, judge - panel",
    ]  # fmt: skip


def test_a_missing_verdict_widens_the_bounds_and_not_the_estimate() -> None:
    noise = np.random.default_rng(2).normal(0, 0.01, N)
    judgments = judged(0.5 + 0.1 * SIGN + 0.15 * GAP + noise)
    judgments.loc[judgments["item_id"].isin(["0", "1"]), ["verdict", "p_a", "p_b", "p_tie"]] = (
        "invalid",
        None,
        None,
        None,
    )
    table = pairs(N, nats_a=2.0 - GAP, nats_b=np.full(N, 2.0))
    (own,) = of(self_preference_rows(judgments, table, Settings())[0], "familiarity_adjusted")
    assert own["n_missing"] == 4
    assert own["bound_low"] < own["conf_low"] < 0.1 < own["conf_high"] < own["bound_high"]


@pytest.mark.parametrize(
    "columns",
    [
        {"nats_a": np.nan},  # nothing is known
        {"nats_a": 2.0},  # the gap is the same everywhere
        {"nats_a": 2.0 - 0.5 * SIGN},  # it goes with authorship entirely
    ],
)
def test_where_perplexity_tells_nothing_no_coefficient_is_told(columns: dict[str, Any]) -> None:
    rows = estimated(0.5 + 0.1 * SIGN + np.random.default_rng(2).normal(0, 0.01, N), **columns)
    assert of(rows, "raw")
    assert not of(rows, "preference_per_nat")
    assert not of(rows, "familiarity_adjusted")


def test_a_record_without_perplexities_is_estimated_as_before() -> None:
    rows = self_preference_rows(judged(np.full(N, 0.6)), pairs(N), Settings())[0]
    assert of(rows, "raw")
    assert not [row for row in rows if row["bias"] == "familiarity"]
