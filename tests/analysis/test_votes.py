"""Calibration and accuracy by how far people agree, and the confidence that a judge states."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from judgebench.analysis import Settings
from judgebench.analysis.effects import effects
from judgebench.analysis.item_facts import DEGREES, ItemFacts, Votes
from judgebench.stats import brier_score

N = 90
"""Items, a third of each degree of agreement."""
VOTES = ({"a": 3}, {"a": 2, "tie": 1}, {"a": 1, "b": 1, "tie": 1})


def votes() -> dict[str, dict[str, float]]:
    return {f"i{number}": dict(VOTES[number % 3]) for number in range(N)}


@pytest.fixture(scope="module")
def answers() -> list[dict[str, Any]]:
    """A judge that is right where people agree, and wrong in half of the items on which they are divided."""
    rng = np.random.default_rng(7)
    rows = []
    for number in range(N):
        wrong = number % 3 == 2 and number % 2
        sure = round(float(rng.uniform(0.55, 0.95)), 2)
        verdict = "b" if wrong else "a"
        rows.append(
            {
                "item_id": f"i{number}",
                "gold": "a",
                "verdict": verdict,
                f"score_{verdict}": sure,
                "order": "ab",
            }
        )
    return rows


def rows_of(found: pd.DataFrame, **names: str) -> pd.DataFrame:
    for name, value in names.items():
        found = found[found[name] == value]
    return found


def test_people_agree_in_degrees_and_share_their_votes() -> None:
    found = Votes.on(["i0", "i1", "i2", "unasked"], "ab", votes())
    assert found is not None
    assert found.degree.tolist() == [0, 1, 2, -1]
    assert found.shares[:3].tolist() == pytest.approx(np.array([[1, 0, 0], [2 / 3, 0, 1 / 3], [1 / 3] * 3]))
    assert np.isnan(found.shares[3]).all()
    assert Votes.on(["unasked"], "ab", votes()) is None


def test_accuracy_is_told_by_how_far_people_agree(answers: Any, table: Any) -> None:
    found = rows_of(
        effects(table(answers), Settings(), facts=ItemFacts(votes())), bias="agreement", estimand="accuracy"
    )
    by = dict(zip(found["stratum"], found["estimate"], strict=True))
    assert by == pytest.approx(
        {"all": 75 / 90, **{f"humans: {d}": s for d, s in zip(DEGREES, (1, 1, 0.5), strict=True)}}
    )
    assert (found["conf_low"] <= found["estimate"]).all()


def test_without_votes_and_where_another_question_is_asked_nothing_is_told_by_agreement(
    answers: Any, table: Any
) -> None:
    assert not effects(table(answers), Settings())["stratum"].str.startswith("humans").any()
    joint = [row | {"protocol": "joint"} for row in answers]
    assert (
        not effects(table(joint), Settings(), facts=ItemFacts(votes()))["stratum"]
        .str.startswith("humans")
        .any()
    )


def test_a_stated_confidence_is_held_against_gold_and_against_the_share_of_people(
    answers: Any, table: Any
) -> None:
    settings = Settings(confident=frozenset({"pairwise"}))
    found = rows_of(effects(table(answers), settings, facts=ItemFacts(votes())), bias="calibration")
    sure = np.array([row.get("score_a", row.get("score_b")) for row in answers])
    right = np.array([row["verdict"] == "a" for row in answers], dtype=float)
    gold = rows_of(found, estimand="brier_score", contrast="confidence against gold").set_index("stratum")
    assert gold.loc["all", "estimate"] == pytest.approx(((sure - right) ** 2).mean())
    divided = np.arange(N) % 3 == 2
    assert gold.loc["humans: divided", "estimate"] == pytest.approx(((sure - right) ** 2)[divided].mean())
    assert gold.loc["humans: divided", "conf_low"] > gold.loc["humans: all agree", "conf_high"]
    people = np.array([VOTES[n % 3].get(row["verdict"], 0) / 3 for n, row in enumerate(answers)])
    said = rows_of(found, estimand="brier_score", contrast="confidence against votes").iloc[0]
    assert said["estimate"] == pytest.approx(brier_score(sure, people).estimate)
    assert set(found["estimand"]) == {"brier_score", "calibration_error", "reliability"}


def test_a_score_that_is_no_confidence_has_no_calibration(answers: Any, table: Any) -> None:
    assert "calibration" not in set(effects(table(answers), Settings(), facts=ItemFacts(votes()))["bias"])


def test_the_confidence_in_a_tie_counts_where_gold_is_one(table: Any) -> None:
    rows = [
        {
            "item_id": f"i{n}",
            "gold": "tie" if n % 2 else "b",
            "verdict": "tie",
            "score_a": 0.5,
            "score_b": 0.5,
        }
        for n in range(40)
    ]
    found = effects(table(rows), Settings(confident=frozenset({"pairwise"})))
    assert rows_of(found, estimand="brier_score").iloc[0]["estimate"] == pytest.approx(0.25)
    assert rows_of(found, estimand="reliability").iloc[0]["estimate"] == pytest.approx(0.5)
