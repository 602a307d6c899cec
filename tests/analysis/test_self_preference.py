"""Preference for own responses through the whole pipeline: what is planted is found, and DBG says what it is not."""

from __future__ import annotations

from pathlib import Path
from statistics import NormalDist

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import brentq

from judgebench.analysis.authors import by_prompt, panel_agreement
from judgebench.analysis.compare import compare
from judgebench.analysis.effects import effects
from judgebench.analysis.self_preference import self_preference_rows
from judgebench.analysis.settings import Settings
from judgebench.audit import Run, audit_of, run
from judgebench.report.checks import warnings_of

SUITE = """
suite: own
seed: 5
judge: "sim/null?hand=1&own={own}&views={views}&spread=0&noise=1&seed={seed}"
items: [{{source: bank, limit: 240}}]
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


QUANTILES = np.array([NormalDist().inv_cdf((k + 0.5) / 2000) for k in range(2000)])
STYLE = """
rewrites: {judge: "sim/null?seed=3", family: nine, check: "sim/null?seed=4"}
"""


def audited(
    folder: Path,
    *,
    own: float,
    other: float = 0.0,
    third: float = 0.0,
    views: float = 0.0,
    style: bool = False,
    seed: int = 1,
) -> Run:
    text = SUITE.format(seed=seed, own=own, views=views, other=other, third=third)
    if style:
        text = text.replace("  family: one\n", "  family: one\n  equalised: plain\n") + STYLE
    (folder / "suite.yaml").write_text(text)
    return run(folder / "suite.yaml", out=folder / "run")


def estimates(done: Run, bias: str = "self_preference") -> pd.DataFrame:
    table = done.effects()
    whole = (table["perturbation"] == "all") & (table["stratum"] == "all")
    return table[(table["bias"] == bias) & whole].set_index("estimand")


def lift(own: float, better: float) -> float:
    """What a planted logit adds to the chance of winning, over pairs whose gaps have a mean of `better`."""
    gap = better + np.sqrt(2) * QUANTILES
    return float((won(gap + own) - won(gap)).mean())


def won(logit: np.ndarray) -> np.ndarray:
    """A win and half a tie, with the band of .2 in which the simulated judge calls a tie."""
    return np.mean([1 / (1 + np.exp(-(logit + band))) for band in (-0.2, 0.2)], axis=0)


@pytest.mark.slow
@pytest.mark.parametrize("better", [1.5, -1.5])
def test_a_judge_without_a_preference_is_cleared_by_the_adjusted_estimate_whoever_writes_better(
    tmp_path: Path, better: float
) -> None:
    done = audited(tmp_path, own=0.0, other=-better, third=-better)
    found, way = estimates(done), np.sign(better)
    ends = found[["conf_low", "conf_high"]].mul(way)
    assert ends.loc["raw"].min() > 0.05
    assert ends.loc["own_quality_gap"].min() > 0.05
    assert ends.loc["dbg"].max() < 0  # noise alone
    assert found.loc["adjusted", "conf_low"] < 0 < found.loc["adjusted", "conf_high"]
    assert any("DBG: gold-adjusted, not identified" in line for line in warnings_of(audit_of(done)))


@pytest.mark.slow
@pytest.mark.parametrize(("planted", "better"), [(0.05, 0.0), (0.10, -1.0), (0.20, 0.0), (0.10, 1.0)])
def test_a_planted_preference_is_found_whatever_the_quality(
    tmp_path: Path, planted: float, better: float
) -> None:
    own = brentq(lambda logit: lift(logit, better) - planted, 0, 5)
    found = estimates(audited(tmp_path, own=round(own, 4), other=-better, third=-better)).loc["adjusted"]
    assert found["conf_low"] < planted < found["conf_high"]
    assert abs(found["estimate"] - planted) < 0.04
    assert planted < 0.1 or found["conf_low"] > 0


@pytest.mark.slow
def test_a_preference_that_comes_through_style_is_lost_in_one_style_and_told_as_carried_by_it(
    tmp_path: Path,
) -> None:
    done = audited(tmp_path, own=1.0, style=True)
    plain, equal = estimates(done), estimates(done, "self_preference_equalised")
    assert plain.loc["adjusted", "conf_low"] > 0.05
    assert equal.loc["adjusted", "conf_low"] < 0 < equal.loc["adjusted", "conf_high"]
    for name in ("carried_by_style", "carried_by_style_adjusted"):
        assert plain.loc[name, "conf_low"] < lift(1.0, 0.0) < plain.loc[name, "conf_high"]
        assert plain.loc[name, "conf_low"] > 0


@pytest.mark.slow
def test_a_preference_for_what_is_said_stays_in_one_style(tmp_path: Path) -> None:
    done = audited(tmp_path, own=0.0, views=1.0, style=True, seed=2)
    plain, equal = estimates(done), estimates(done, "self_preference_equalised")
    assert equal.loc["adjusted", "conf_low"] < lift(1.0, 0.0) < equal.loc["adjusted", "conf_high"]
    assert equal.loc["adjusted", "conf_low"] > 0.05
    for name in ("carried_by_style", "carried_by_style_adjusted"):
        assert plain.loc[name, "conf_low"] < 0 < plain.loc[name, "conf_high"]


def judged(share: np.ndarray, seed: int) -> pd.DataFrame:
    """Verdicts on pairs in both orders, a with the chance `share`."""
    rng = np.random.default_rng(seed)
    rows = [
        {"suite": "s", "judge": "j", "item_id": str(i), "source": "s", "category": None, "perturbation": "none",
         "arm": "control", "target": None, "order": order, "protocol": "pairwise", "mitigation": "none", "repeat": 0,
         "verdict": "a" if rng.random() < p else "b", "p_a": np.nan, "p_b": np.nan, "p_tie": np.nan,
         "score_a": np.nan, "score_b": np.nan, "gold": None}
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


def named(rows: pd.DataFrame, bias: str, estimand: str) -> pd.Series:
    chosen = rows[(rows["bias"] == bias) & (rows["estimand"] == estimand) & (rows["stratum"] == "all")]
    return chosen.iloc[0]


@pytest.mark.parametrize(
    ("bias", "estimand"),
    [
        ("position", "first_preference"),
        ("position", "swap_inconsistency"),
        ("agreement", "accuracy"),
        ("ties", "tie_rate"),
        ("authority", "target_preference"),
        ("authority", "flip_rate"),
    ],
)
def test_the_same_pairs_again_under_another_opponent_make_no_interval_narrower(
    bias: str, estimand: str
) -> None:
    n = 40
    share = np.random.default_rng(3).random(n)
    plain = judged(share, 1).assign(gold="a")
    cued = judged(np.minimum(share + 0.3, 1), 2).assign(
        perturbation="authority", arm="treatment", target="a", gold="a"
    )
    once = pd.concat([plain, cued])
    twice = pd.concat([once, once.assign(item_id=once["item_id"] + "~o2")])
    pairs = authored(n)
    both = pd.concat([pairs, pairs.assign(item_id=pairs["item_id"] + "~o2", author_b="o2")])
    alone = named(effects(*by_prompt(once, pairs, Settings())), bias, estimand)
    copied = named(effects(*by_prompt(twice, both, Settings())), bias, estimand)
    assert (copied["n_items"], copied["n_clusters"]) == (2 * n, n)
    assert copied["estimate"] == pytest.approx(alone["estimate"])
    width = copied["conf_high"] - copied["conf_low"]
    assert width > (alone["conf_high"] - alone["conf_low"]) * 0.999
    blind = named(effects(twice, Settings()), bias, estimand)
    assert width > 1.2 * (blind["conf_high"] - blind["conf_low"])


def test_simultaneous_intervals_and_the_agreement_of_a_panel_are_clustered_by_prompt_too() -> None:
    n = 40
    once = judged(np.random.default_rng(4).random(n), 1).assign(gold="a")
    cued = once.assign(perturbation="authority", arm="treatment", target="a", verdict="a")
    both = pd.concat([once, once.assign(item_id=once["item_id"] + "~o2")])
    pairs = authored(
        2 * n, item_id=list(dict.fromkeys(both["item_id"])), prompt_id=[str(i % n) for i in range(2 * n)]
    )
    shown = pd.concat([both, cued, cued.assign(item_id=cued["item_id"] + "~o2")])
    table = effects(*by_prompt(shown, pairs, Settings()))
    joint = table[table["method"].str.endswith("max-t")]
    assert joint["n_clusters"].tolist() == [n, n]
    panel = pd.concat([both, judged(np.full(n, 0.5), 5).assign(judge="k")])
    (agreement,) = panel_agreement(panel, pairs, Settings())
    assert (agreement["n_items"], agreement["n_clusters"]) == (n, n)
    copies = pd.concat([panel, panel[panel["judge"] == "k"].assign(item_id=lambda t: t["item_id"] + "~o2")])
    (agreement,) = panel_agreement(copies, pairs, Settings())
    assert (agreement["n_items"], agreement["n_clusters"]) == (2 * n, n)


def test_a_comparison_of_two_judges_is_clustered_by_prompt_too() -> None:
    n = 20
    pairs = authored(n, prompt_id=[str(i // 2) for i in range(n)])
    (one, settings), (two, _) = (
        by_prompt(judged(np.full(n, 0.5), seed).assign(gold="a"), pairs, Settings()) for seed in (1, 2)
    )
    found = named(compare(one, two, settings), "position", "first_preference")
    assert (found["n_items"], found["n_clusters"]) == (n, n // 2)


def test_where_every_prompt_has_one_pair_or_sources_are_clusters_nothing_is_clustered_by_prompt() -> None:
    once = judged(np.full(10, 0.5), 1)
    assert by_prompt(once, authored(10), Settings()) == (once, Settings())
    assert by_prompt(once, None, Settings())[1].cluster == "item"
    shared = authored(10, prompt_id=[str(i // 2) for i in range(10)])
    assert by_prompt(once, shared, Settings(cluster="source"))[1].cluster == "source"
    assert by_prompt(once, shared, Settings())[1].cluster == "prompt"


def test_the_effect_of_style_is_paired_within_the_pairs_and_less_what_it_does_to_others() -> None:
    n = 60
    own = np.arange(n) < 30
    plain = judged(np.where(own, 0.9, 0.5), 1)
    equal = judged(np.where(own, 0.5, 0.5), 2).assign(
        perturbation="style_equalised", arm="treatment", target="a"
    )
    pairs = authored(n, relation_a=np.where(own, "self", "none"), gap_a=0.0, panel_a=0.5, gold_a=0.5)
    rows, _ = self_preference_rows(pd.concat([plain, equal]), pairs, Settings())
    shares = [(t["verdict"] == "a").groupby(t["item_id"].astype(int)).mean() for t in (plain, equal)]
    change = (shares[0] - shares[1]).to_numpy()
    carried, others = change[own].mean(), change[~own].mean()
    assert row(rows, "carried_by_style")["estimate"] == pytest.approx(carried)
    assert row(rows, "carried_by_style_adjusted")["estimate"] == pytest.approx(carried - others)
    equalised = row(rows, "raw", bias="self_preference_equalised")
    assert equalised["estimate"] == pytest.approx(shares[1].to_numpy()[own].mean() - 0.5)


def test_a_verdict_that_is_missing_in_one_style_widens_the_bounds_of_what_style_carried() -> None:
    n = 40
    equal = judged(np.full(n, 0.5), 2).assign(perturbation="style_equalised", arm="treatment", target="a")
    equal.loc[equal["item_id"].isin(["0", "1"]), "verdict"] = "refused"
    rows, _ = self_preference_rows(pd.concat([judged(np.full(n, 0.7), 1), equal]), authored(n), Settings())
    found = row(rows, "carried_by_style")
    assert (found["n_items"], found["n_missing"]) == (n - 2, 2)
    assert found["bound_high"] - found["bound_low"] > found["conf_high"] - found["conf_low"]


def test_what_style_carried_is_told_without_the_rewrites_that_failed_their_check_too() -> None:
    n = 40
    plain = judged(np.full(n, 0.7), 1)
    equal = judged(np.full(n, 0.5), 2).assign(perturbation="style_equalised", arm="treatment", target="a")
    failed = [(str(i), "style_equalised", "treatment", "a", 0) for i in range(10)]
    rows, _ = self_preference_rows(pd.concat([plain, equal]), authored(n), Settings(), failed=failed)
    checked = row(rows, "carried_by_style", stratum="manipulation checks passed")
    assert (row(rows, "carried_by_style")["n_items"], checked["n_items"]) == (n, n - 10)
