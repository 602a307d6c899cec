"""Factorial designs: contrasts against brute force, and planted effects through prompts and replies."""

from __future__ import annotations

from itertools import combinations, permutations
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np
import pandas as pd
import pytest

import judgebench

pytestmark = pytest.mark.slow

FACTORS = ("authority", "bandwagon", "length@2")


def subsets(factors: tuple[str, ...]) -> list[tuple[str, ...]]:
    return [c for size in range(len(factors) + 1) for c in combinations(factors, size)]


@pytest.fixture(scope="module")
def rows() -> list[dict[str, Any]]:
    """Twelve items, both orders, a random verdict in each cell."""
    rng = np.random.default_rng(3)
    found = []
    for item in range(12):
        for order in ("ab", "ba"):
            for cell in subsets(FACTORS):
                shown = {
                    "perturbation": "factorial/" + "+".join(cell),
                    "arm": "treatment",
                    "target": "ab"[item % 2],
                }
                found.append(
                    {"item_id": f"i{item}", "order": order, "verdict": rng.choice(["a", "b", "tie"])}
                    | (shown if cell else {})
                )
    return found


def value(rows: list[dict[str, Any]], item: int, cell: tuple[str, ...]) -> float:
    """The target's wins of an item in a cell, by hand."""
    name = "factorial/" + "+".join(cell) if cell else "none"
    chosen = [r for r in rows if r["item_id"] == f"i{item}" and r.get("perturbation", "none") == name]
    return fmean({"ab"[item % 2]: 1.0, "tie": 0.5}.get(r["verdict"], 0.0) for r in chosen)


def ordered(cell: set[str]) -> tuple[str, ...]:
    return tuple(f for f in FACTORS if f in cell)


def test_main_effects_average_over_the_other_factors(rows: Any, analysed: Any, find: Any) -> None:
    table = analysed(rows)
    for factor in FACTORS:
        by_hand = fmean(
            value(rows, item, ordered({*cell, factor})) - value(rows, item, cell)
            for item in range(12)
            for cell in subsets(tuple(f for f in FACTORS if f != factor))
        )
        effect = find(table, "main_effect", perturbation=factor)
        assert effect["estimate"] == pytest.approx(by_hand)
        assert effect["bias"] == factor.partition("@")[0]
        assert effect["conf_low"] < by_hand < effect["conf_high"]
        assert (effect["n_items"], effect["n_judgments"]) == (12, 24)


def test_an_interaction_is_the_difference_of_differences(rows: Any, analysed: Any, find: Any) -> None:
    third = "length@2"
    by_hand = fmean(
        value(rows, item, ordered({"authority", "bandwagon", *rest}))
        - value(rows, item, ordered({"authority", *rest}))
        - value(rows, item, ordered({"bandwagon", *rest}))
        + value(rows, item, ordered({*rest}))
        for item in range(12)
        for rest in ((), (third,))
    )
    effect = find(analysed(rows), "interaction_effect", perturbation="authority x bandwagon")
    assert effect["estimate"] == pytest.approx(by_hand)


def test_shapley_values_are_means_over_all_orders_of_adding_and_sum_to_the_whole(
    rows: Any, analysed: Any, find: Any
) -> None:
    table = analysed(rows)
    found = {}
    for factor in FACTORS:
        gains = []
        for way in permutations(FACTORS):
            before = set(way[: way.index(factor)])
            gains.append(
                fmean(
                    value(rows, item, ordered({*before, factor})) - value(rows, item, ordered(before))
                    for item in range(12)
                )
            )
        found[factor] = find(table, "shapley_value", perturbation=factor)["estimate"]
        assert found[factor] == pytest.approx(fmean(gains))
    whole = find(table, "joint_effect")
    assert sum(found.values()) == pytest.approx(whole["estimate"])
    assert whole["estimate"] == pytest.approx(
        fmean(value(rows, item, FACTORS) - value(rows, item, ()) for item in range(12))
    )


def test_cells_are_no_perturbations_of_their_own(rows: Any, analysed: Any) -> None:
    table = analysed(rows)
    assert not table["perturbation"].str.startswith("factorial/").any()
    assert table[table["estimand"] == "main_effect"]["decision"].isna().all()
    missing = analysed([{**row, "verdict": "invalid"} if i in {5, 40} else row for i, row in enumerate(rows)])
    mains = missing[missing["estimand"] == "main_effect"]
    assert (mains["n_missing"] == 2).all()
    assert (mains["bound_low"] < mains["estimate"]).all()
    assert (mains["bound_low"] != mains["conf_low"]).all()


def test_half_of_the_cells_give_main_effects_free_of_each_other(analysed: Any, find: Any) -> None:
    """The target wins in a cell by a sum of effects without interactions; a half fraction finds each of them."""
    names = ("authority", "bandwagon", "distraction", "length@2")
    add = dict(zip(names, (0.25, -0.125, 0.0, 0.125), strict=True))
    rows = []
    for item in range(6):
        for cell in [c for c in subsets(names) if len(c) % 2 == 0]:
            p = 0.5 + sum(add[f] for f in cell)
            shown = {"perturbation": "factorial/" + "+".join(cell), "arm": "treatment", "target": "a"}
            known = {"item_id": f"i{item}", "verdict": None, "p_a": p, "p_b": 1 - p, "p_tie": 0.0}
            rows += [known | {"order": order} | (shown if cell else {}) for order in ("ab", "ba")]
    table = analysed(rows)
    for name in names:
        assert find(table, "main_effect", perturbation=name)["estimate"] == pytest.approx(add[name])
    assert table[table["estimand"].isin(["interaction_effect", "shapley_value"])].empty


SUITE = """\
suite: s
items: [{{source: bank, set: {items}, limit: 60}}]
protocols: [{protocol}]
perturbations: [authority, bandwagon, distraction]
factorial: {{factors: [authority, bandwagon, distraction], targets: both}}
"""


@pytest.mark.parametrize(("items", "protocol"), [("pairs", "pairwise"), ("choice", "choice")])
def test_planted_factors_come_back_among_others(tmp_path: Path, items: str, protocol: str) -> None:
    path = tmp_path / "s.yaml"
    path.write_text(SUITE.format(items=items, protocol=protocol))
    judge = "sim/null?authority=1.2&bandwagon=0.6&distraction=0&noise=1&quality=1&spread=0.3"
    run = judgebench.run(path, judge, out=tmp_path / "out")
    table, truth = run.effects(), run.truth()
    assert truth is not None
    names = ["bias", "perturbation", "estimand", "contrast"]
    both = table.merge(truth, on=[*names, "stratum"])
    found = both[
        both["estimand"].isin(["main_effect", "interaction_effect", "shapley_value", "joint_effect"])
    ]
    assert len(found) == 3 + 3 + 3 + 1
    half = found["conf_high"] - found["conf_low"]
    assert ((found["estimate"] - found["truth"]).abs() <= half).all()  # twice the half: one run, many effects
    planted = found[found["estimand"] == "main_effect"].set_index("perturbation")
    assert planted.loc["authority", "conf_low"] > 0
    assert planted.loc["authority", "truth"] > planted.loc["bandwagon", "truth"] > 0.02
    if protocol == "choice":
        logit = table[table["contrast"] == "bears the change among others"].set_index("perturbation")
        for name, weight in (("authority", 1.2), ("bandwagon", 0.6), ("distraction", 0.0)):
            row: pd.Series = logit.loc[name]
            assert abs(row["estimate"] - weight) <= row["conf_high"] - row["conf_low"]
