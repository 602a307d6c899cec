"""Attributes of responses in the conditional logit of choices from lists."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import judgebench
from judgebench.analysis import Settings
from judgebench.analysis.effects import effects
from judgebench.analysis.item_facts import ItemFacts
from judgebench.stats import fit_choice

N = 400
PLANTED = {"price": -0.4, "badge": 0.9, "far": -0.6, "near": 0.3, "place": -0.5, "gold": 1.2}
LETTERS = "abc"
Attributes = dict[str, dict[str, dict[str, Any]]]


def utility(own: dict[str, Any], place: int, *, gold: bool) -> float:
    found = PLANTED["price"] * own["price"] + PLANTED["badge"] * own["badge"]
    found += PLANTED.get(own["origin"], 0.0)  # abroad is what the others are held against
    return float(found + PLANTED["place"] * (place > 0) + PLANTED["gold"] * gold)


@pytest.fixture(scope="module")
def lists() -> tuple[list[dict[str, Any]], Attributes]:
    """A judge that chooses by a conditional logit, and what its lists show."""
    rng = np.random.default_rng(21)
    attributes: Attributes = {}
    rows = []
    for number in range(N):
        item, order = f"i{number}", "".join(rng.permutation(list(LETTERS)))
        attributes[item] = {
            letter: {
                "price": float(rng.integers(1, 6)),
                "badge": bool(rng.integers(2)),
                "origin": str(rng.choice(["near", "far", "abroad"])),
            }
            for letter in LETTERS
        }
        gold = LETTERS[number % 3]
        odds = np.exp([utility(attributes[item][x], place, gold=x == gold) for place, x in enumerate(order)])
        chosen = str(rng.choice(list(order), p=odds / odds.sum()))
        rows.append({"item_id": item, "order": order, "verdict": chosen, "gold": gold, "protocol": "choice"})
    return rows, attributes


def found(table: Any, rows: list[dict[str, Any]], attributes: Attributes) -> pd.DataFrame:
    told = effects(table(rows), Settings(), facts=ItemFacts(attributes=attributes))
    return told[told["estimand"] == "choice_logit"]


def test_planted_attributes_come_back_beside_place_and_gold(lists: Any, table: Any) -> None:
    told = found(table, *lists)
    by = told.set_index(["perturbation", "contrast"])
    for key, truth in (
        (("attribute@price", "one more"), PLANTED["price"]),
        (("attribute@badge", "there against not"), PLANTED["badge"]),
        (("attribute@origin", "far against abroad"), PLANTED["far"]),
        (("attribute@origin", "near against abroad"), PLANTED["near"]),
        (("position", "second place against first"), PLANTED["place"]),
        (("none", "gold against the others"), PLANTED["gold"]),
    ):
        row = by.loc[key]
        assert abs(row["estimate"] - truth) < 3 * row["std_error"]
        assert row["conf_low"] < row["estimate"] < row["conf_high"]
    assert set(told[told["bias"] == "attribute"]["unit"]) == {"log odds"}
    assert by.loc[("attribute@price", "one more"), "p_value"] < 1e-4


def test_the_rows_are_those_of_one_model_over_all_columns(lists: Any, table: Any) -> None:
    rows, attributes = lists
    design, chosen, trial = [], [], []
    for number, row in enumerate(rows):
        for place, letter in enumerate(row["order"]):
            own = attributes[row["item_id"]][letter]
            words = [own["origin"] == "far", own["origin"] == "near"]
            design.append([place == 1, place == 2, letter == row["gold"], own["badge"], *words, own["price"]])
            chosen.append(letter == row["verdict"])
            trial.append(number)
    fit = fit_choice(np.array(design, dtype=float), chosen, trial, cluster=trial)
    told = found(table, rows, attributes)
    assert told["estimate"].tolist() == pytest.approx(fit.coefficients.tolist(), rel=1e-6)
    assert told["std_error"].tolist() == pytest.approx(fit.std_errors.tolist(), rel=1e-6)


def test_lists_with_a_response_that_lacks_an_attribute_are_left_out(lists: Any, table: Any) -> None:
    rows, attributes = lists
    gaps = {**attributes, "i0": {}, "i1": {**attributes["i1"], "b": {"price": 2.0}}}
    told = found(table, rows, gaps)
    assert set(told["n_judgments"]) == {N - 2}
    assert not told["estimate"].map(math.isnan).any()


def test_without_attributes_the_model_is_that_of_place_and_gold(lists: Any, table: Any) -> None:
    assert set(found(table, lists[0], {})["bias"]) == {"position", "agreement"}


JUDGE = r'''
import hashlib
import math
import re


def choose(chat):
    """It dislikes a price, likes a badge, and draws by a hash of what it sees."""
    text = chat[-1]["content"]
    blocks = re.findall(r"\[Option ([A-D])\]\n(.*?)\n\[End", text, re.DOTALL)
    assert len(blocks) == 4, text
    odds = []
    for label, said in blocks:
        price = float(re.search(r"Price: ([0-9.]+)", said)[1])
        odds.append(math.exp(-0.5 * price + 1.0 * ("Overall pick" in said)))
    draw = int(hashlib.sha256(text.encode()).hexdigest(), 16) / 2**256 * sum(odds)
    for (label, _), share in zip(blocks, odds):
        draw -= share
        if draw < 0:
            break
    return f"[[{label}]]"
'''


@pytest.mark.slow
def test_a_judge_that_reads_price_and_badge_is_found_out_by_a_whole_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "planted_shopper.py").write_text(JUDGE)
    monkeypatch.syspath_prepend(tmp_path)
    path = tmp_path / "suite.yaml"
    path.write_text(
        "suite: s\nseed: 9\nitems: [{source: bank, set: choice}]\nprotocols: [choice: {orders: latin}]\n"
        'attributes:\n  price: {levels: [1, 2, 3, 4], text: "Price: {value} dollars"}\n'
        '  badge: {levels: [false, true], text: ["", "Overall pick"]}\nperturbations: [position]\n'
    )
    table = judgebench.run(path, "python/planted_shopper:choose", out=tmp_path / "out").effects()
    by = table[table["estimand"] == "choice_logit"].set_index("perturbation")
    for name, truth in (("attribute@price", -0.5), ("attribute@badge", 1.0)):
        assert abs(by.loc[name, "estimate"] - truth) < 3 * by.loc[name, "std_error"]
        assert by.loc[name, "p_value"] < 0.001
