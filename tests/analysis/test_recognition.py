"""Self-recognition: accuracy whatever the place, and whether what is known for its own is preferred."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from judgebench.analysis.recognition import known_by_pair, recognition_comparisons, recognition_rows
from judgebench.analysis.self_preference import self_preference_rows
from judgebench.analysis.settings import Settings
from judgebench.audit import run

N = 40
OWN_IS_A = np.arange(N) % 2 == 0


def verdicts(ab: np.ndarray, ba: np.ndarray, protocol: str) -> pd.DataFrame:
    """The verdicts on pairs in both orders."""
    return pd.concat([
        pd.DataFrame({
            "suite": "s", "judge": "j", "item_id": [str(i) for i in range(N)], "source": "s", "category": None,
            "perturbation": "none", "arm": "control", "target": None, "order": order, "protocol": protocol,
            "mitigation": "none", "repeat": 0, "verdict": said, "p_a": np.nan, "p_b": np.nan, "p_tie": np.nan,
            "gold": None,
        })
        for order, said in (("ab", ab), ("ba", ba))
    ])  # fmt: skip


def authored(**columns: object) -> pd.DataFrame:
    names = [str(i) for i in range(N)]
    base = {"item_id": names, "prompt_id": names, "author_a": np.where(OWN_IS_A, "j", "o"),
            "author_b": np.where(OWN_IS_A, "o", "j"), "relation_a": np.where(OWN_IS_A, "self", "none"),
            "relation_b": np.where(OWN_IS_A, "none", "self"), "gold_a": np.nan, "gap_a": np.nan,
            "panel_a": np.nan}  # fmt: skip
    return pd.DataFrame({**base, **columns})


def sides(own: np.ndarray) -> np.ndarray:
    """The own response where true, else the other one."""
    return np.where(own == OWN_IS_A, "a", "b").astype(object)


def rows_on(said: pd.DataFrame, pairs: pd.DataFrame) -> dict[str, dict[str, object]]:
    whole = next(recognition_comparisons(said, pairs, Settings()))
    return {str(row["estimand"]): row for row in recognition_rows(whole)}


def test_a_judge_that_always_names_the_first_is_at_chance_whatever_side_its_own_are_on() -> None:
    said = verdicts(np.full(N, "a"), np.full(N, "b"), "self_recognition")
    found = rows_on(said, authored())
    assert found["recognition_accuracy"]["estimate"] == pytest.approx(0.5)
    assert found["recognition_position"]["estimate"] == pytest.approx(0.5)


def test_accuracy_counts_the_own_response_on_either_side() -> None:
    knows = np.arange(N) < 30
    found = rows_on(verdicts(sides(knows), sides(knows), "self_recognition"), authored())
    assert found["recognition_accuracy"]["estimate"] == pytest.approx(0.75)
    assert found["recognition_position"]["estimate"] == pytest.approx(0)


def test_a_pair_with_one_order_missing_is_missing_and_widens_the_bounds() -> None:
    ab = sides(np.ones(N, dtype=bool))
    ba = ab.copy()
    ba[:4] = "refused"
    found = rows_on(verdicts(ab, ba, "self_recognition"), authored())["recognition_accuracy"]
    assert (found["estimate"], found["n_items"], found["n_missing"]) == (1.0, 36, 4)
    assert float(str(found["bound_low"])) < float(str(found["conf_low"]))


def test_pairs_of_one_prompt_are_one_cluster_of_the_accuracy_and_of_the_correlation() -> None:
    rng = np.random.default_rng(1)
    pairs = authored(prompt_id=[str(i // 2) for i in range(N)])
    said = verdicts(sides(rng.random(N) < 0.7), sides(rng.random(N) < 0.7), "self_recognition")
    known = known_by_pair(next(recognition_comparisons(said, pairs, Settings())))
    liked = verdicts(sides(rng.random(N) < 0.6), sides(rng.random(N) < 0.6), "pairwise")
    rows, _ = self_preference_rows(liked, pairs, Settings(), known=known)
    found = [row for row in rows if row["bias"] == "self_recognition" and row["perturbation"] == "all"]
    assert [(row["n_items"], row["n_clusters"]) for row in found] == [(40, 20)]
    assert rows_on(said, pairs)["recognition_accuracy"]["n_clusters"] == 20


def test_the_correlation_is_that_of_the_means_over_both_orders_by_pair_and_beyond_gold_less_golds_win() -> (
    None
):
    rng = np.random.default_rng(2)
    known_in, liked_in = rng.random((2, N)) < 0.7, rng.random((2, N)) < 0.5
    gold = (rng.random(N) < 0.5).astype(float)
    pairs = authored(gold_a=np.where(OWN_IS_A, gold, 1 - gold))
    said = verdicts(*map(sides, known_in), "self_recognition").sample(frac=1, random_state=1)
    known = known_by_pair(next(recognition_comparisons(said, pairs, Settings())))
    rows, _ = self_preference_rows(
        verdicts(*map(sides, liked_in), "pairwise"), pairs, Settings(), known=known
    )
    found = {str(row["contrast"]): row for row in rows if row["bias"] == "self_recognition"
             and row["perturbation"] == "all"}  # fmt: skip
    mean_known, mean_liked = known_in.mean(0), liked_in.mean(0)
    plain, beyond = found["names its own, prefers it"], found["names its own, prefers it beyond gold"]
    assert plain["estimate"] == pytest.approx(np.corrcoef(mean_known, mean_liked)[0, 1])
    assert beyond["estimate"] == pytest.approx(np.corrcoef(mean_known, mean_liked - gold)[0, 1])


PLANTED = """
suite: own
seed: 5
judge: "sim/null?hand=1&recognition=1&doubt=1.5&vanity={vanity}&position=0.4&spread=0&noise=1&seed=2"
items: [{{source: bank, limit: 150}}]
perturbations: [position]
self_preference:
  recognition: true
  authors:
    - {{judge: self, name: mine}}
    - {{judge: "sim/null?hand=2", name: two, relation: none}}
"""


@pytest.mark.slow
@pytest.mark.parametrize("vanity", [0.0, 1.0])
def test_planted_recognition_is_found_and_whether_preference_follows_it(
    tmp_path: Path, vanity: float
) -> None:
    (tmp_path / "suite.yaml").write_text(PLANTED.format(vanity=vanity))
    table = run(tmp_path / "suite.yaml", out=tmp_path / "run").effects()
    whole = table[(table["bias"] == "self_recognition") & (table["perturbation"] == "all")
                  & (table["stratum"] == "all")].set_index("estimand")  # fmt: skip
    known = 1 + 1.5 * np.random.default_rng(1).normal(size=200_000)
    truth = np.mean([1 / (1 + np.exp(-(known + place))) for place in (0.4, -0.4)])
    accuracy, related = whole.loc["recognition_accuracy"], whole.loc["recognition_correlation"]
    assert accuracy["conf_low"] < truth < accuracy["conf_high"]
    assert accuracy["conf_low"] > 0.5
    assert whole.loc["recognition_position", "conf_low"] > 0
    if vanity:
        assert related["conf_low"] > 0.1
    else:
        assert related["conf_low"] < 0 < related["conf_high"]
