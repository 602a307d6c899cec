"""Round robins: a judge that goes in circles is told apart from one that is noisy."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

import judgebench
from judgebench import Run

pytestmark = pytest.mark.slow

NOISY = "sim/null?noise=1.2&quality=1.5&spread=1.5&position=0.3"
CIRCULAR = "sim/null?noise=0.5&quality=0&spread=0.3&circular=1.5"


def run(folder: Path, judge: str, count: int = 60, size: int = 4) -> Run:
    letters = "abcdefgh"[:size]
    rows = [
        {"id": f"q{i}", "prompt": f"Question {i}?", "gold": letters[i % size]}
        | {f"response_{letter}": f"The option {letter} of {i} is a plain one." for letter in letters}
        for i in range(count)
    ]
    (folder / "items.jsonl").write_text("\n".join(map(json.dumps, rows)))
    path = folder / "suite.yaml"
    path.write_text(
        "suite: s\nseed: 5\nitems: [{source: file, path: items.jsonl}]\nprotocols: [round_robin]\n"
        "perturbations: [position]\n"
    )
    return judgebench.run(path, judge, out=folder / "out")


def row(table: pd.DataFrame, **names: str) -> pd.Series:
    chosen = table["stratum"] == "all"
    for name, value in names.items():
        chosen &= table[name] == value
    assert chosen.sum() == 1, table[chosen].to_string()
    return table[chosen].iloc[0]


@pytest.fixture(scope="module")
def noisy(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return run(tmp_path_factory.mktemp("noisy"), NOISY)


def test_a_noisy_judge_goes_in_circles_and_no_more_than_its_noise(noisy: Run) -> None:
    table = noisy.effects()
    seen = row(table, bias="transitivity", estimand="cyclic_share")
    assert seen["estimate"] > 0.02
    assert seen["conf_low"] <= seen["estimate"] <= seen["conf_high"]
    excess = row(table, bias="transitivity", estimand="excess_cyclic_share")
    assert excess["conf_low"] < 0
    assert abs(excess["estimate"]) < 0.06
    assert excess["p_value"] > 0.05
    assert row(table, estimand="held_out_accuracy", contrast="Bradley-Terry")["conf_low"] > 0.5


@pytest.mark.parametrize("size", [3, 4])
def test_a_judge_without_an_order_goes_in_more_circles_than_its_noise(size: int, tmp_path: Path) -> None:
    table = run(tmp_path, CIRCULAR, 40, size).effects()
    excess = row(table, bias="transitivity", estimand="excess_cyclic_share")
    assert excess["conf_low"] > 0.1
    assert excess["p_value"] < 0.01
    assert row(table, estimand="held_out_accuracy", contrast="Thurstone")["conf_high"] < 0.5


def test_every_two_responses_are_compared_in_both_orders_and_told_by_their_letters(noisy: Run) -> None:
    judgments = noisy.judgments()
    assert set(judgments["order"]) == {a + b for a in "abcd" for b in "abcd" if a != b}
    strict = judgments[judgments["verdict"].isin([*"abcd"])]
    assert all(v in o for v, o in zip(strict["verdict"], strict["order"], strict=True))


def test_accuracy_and_first_preference_of_pairs_are_clustered_by_item(noisy: Run) -> None:
    table, judgments = noisy.effects(), noisy.judgments()
    accuracy = row(table, bias="agreement", estimand="accuracy")
    with_gold = judgments[[g in o for g, o in zip(judgments["gold"], judgments["order"], strict=True)]]
    pair = with_gold["item_id"] + with_gold["order"].map(lambda o: "".join(sorted(o)))
    right = with_gold["verdict"] == with_gold["gold"]
    assert accuracy["estimate"] == pytest.approx(right.groupby(pair).mean().mean())
    first = row(table, bias="position", estimand="first_preference")
    assert (first["n_items"], first["n_clusters"]) == (60 * 6, 60)
    assert first["conf_low"] > 0
    assert not table["stratum"].str.startswith("source").any()
