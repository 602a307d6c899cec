"""The item bank: its shape, its balance, and that every gold label can be computed from the responses."""

import json
import sys
from collections import Counter
from importlib import import_module
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from judgebench.items.bank import read_defects

HERE = Path(__file__).parent
BANK = HERE.parents[1] / "judgebench" / "items" / "bank"
KEYS = ["id", "prompt", "response_a", "response_b", "gold", "category", "source"]
COUNTS = {
    "code": 31,
    "arithmetic": 31,
    "instruction_following": 31,
    "factual": 31,
    "summarising": 30,
    "rewriting": 30,
    "reasoning": 30,
    "safety": 30,
}

Row = dict[str, Any]


def read_bank() -> list[Row]:
    lines = [line for path in sorted(BANK.glob("*.jsonl")) for line in path.read_text("utf-8").splitlines()]
    return [json.loads(line) for line in lines]


def load_checks() -> list[tuple[str, tuple[str, Any]]]:
    sys.path.insert(0, str(HERE))  # tests are no package, and the checks need to share their readers
    try:
        modules = [import_module(f"bank_checks.{category}") for category in COUNTS]
    finally:
        sys.path.remove(str(HERE))
    return [entry for module in modules for entry in module.CHECKS.items()]


ROWS = read_bank()
CHECKS = load_checks()


def better(row: Row) -> str:
    return row[f"response_{row['gold']}"]


def worse(row: Row) -> str:
    return row["response_b" if row["gold"] == "a" else "response_a"]


def is_gold_longer(row: Row) -> bool:
    return len(better(row)) > len(worse(row))


def five_grams(text: str) -> set[tuple[str, ...]]:
    tokens = text.lower().split()
    return {tuple(tokens[start : start + 5]) for start in range(max(1, len(tokens) - 4))}


def overlap(left: set[tuple[str, ...]], right: set[tuple[str, ...]]) -> float:
    return len(left & right) / len(left | right)


def test_the_bank_holds_the_agreed_number_of_items_with_exactly_the_agreed_keys() -> None:
    assert len(ROWS) == sum(COUNTS.values())
    assert all(list(row) == KEYS for row in ROWS)
    assert all(
        isinstance(row[key], str) and row[key].strip() == row[key] != "" for row in ROWS for key in KEYS
    )
    assert {row["source"] for row in ROWS} == {"bank"}
    assert {row["gold"] for row in ROWS} == {"a", "b"}


def test_each_category_has_a_file_of_its_own_with_consecutive_ids() -> None:
    assert {path.stem for path in BANK.glob("*.jsonl")} == set(COUNTS)
    for category, count in COUNTS.items():
        lines = (BANK / f"{category}.jsonl").read_text("utf-8").splitlines()
        rows = [json.loads(line) for line in lines]
        assert [row["id"] for row in rows] == [f"{category}-{place:03d}" for place in range(1, count + 1)]
        assert {row["category"] for row in rows} == {category}


def test_each_item_has_exactly_one_check_and_a_defect_of_its_own() -> None:
    ids = [item_id for item_id, _ in CHECKS]
    defects = [defect for _, (defect, _) in CHECKS]
    assert sorted(ids) == sorted(row["id"] for row in ROWS)
    assert len(set(ids)) == len(ids)
    assert len(set(defects)) == len(defects)


def test_the_bank_names_the_defect_that_is_checked() -> None:
    assert read_defects() == {item_id: defect for item_id, (defect, _) in CHECKS}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["id"])
def test_the_better_response_passes_its_check_and_the_worse_one_fails(row: Row) -> None:
    defect, check = dict(CHECKS)[row["id"]]
    assert check(row["prompt"], better(row)), f"{row['id']}: the better response shows the defect '{defect}'"
    assert not check(row["prompt"], worse(row)), (
        f"{row['id']}: the worse response lacks the defect '{defect}'"
    )


def test_gold_stands_as_often_on_either_side() -> None:
    sides = Counter((row["category"], row["gold"]) for row in ROWS)
    golds = Counter(row["gold"] for row in ROWS)
    assert abs(golds["a"] - golds["b"]) <= 1
    assert all(abs(sides[category, "a"] - sides[category, "b"]) <= 1 for category in COUNTS)


def test_gold_is_the_longer_response_about_half_the_time_overall_in_each_category_and_on_each_side() -> None:
    share = sum(map(is_gold_longer, ROWS)) / len(ROWS)
    assert 0.45 <= share <= 0.55
    longer = Counter((row["category"], is_gold_longer(row)) for row in ROWS)
    assert all(abs(longer[category, True] - longer[category, False]) <= 1 for category in COUNTS)
    sides = Counter(row["gold"] for row in ROWS if is_gold_longer(row))
    assert abs(sides["a"] - sides["b"]) <= 2


def test_two_responses_never_tie_in_length_nor_differ_by_much() -> None:
    for row in ROWS:
        short, long = sorted([len(row["response_a"]), len(row["response_b"])])
        assert 1.02 <= long / short <= 1.42, row["id"]
        assert all(15 <= len(row[key].split()) <= 200 for key in ("response_a", "response_b")), row["id"]


@pytest.mark.parametrize("keys", [["prompt"], ["response_a", "response_b"]], ids=["prompts", "responses"])
def test_no_two_items_are_near_duplicates(keys: list[str]) -> None:
    grams = [(row["id"], five_grams(row[key])) for row in ROWS for key in keys]
    for (left_id, left), (right_id, right) in combinations(grams, 2):
        assert left_id == right_id or overlap(left, right) < 0.2, f"{left_id} is close to {right_id}"


def test_no_response_carries_a_verdict_mark() -> None:
    assert not [row["id"] for row in ROWS if "[[" in row["response_a"] + row["response_b"]]


def test_both_responses_of_an_item_use_the_same_format() -> None:
    marks = ["```", "**", "\n- ", "\n1. ", "\n| "]
    for row in ROWS:
        used = [{mark for mark in marks if mark in "\n" + row[f"response_{side}"]} for side in "ab"]
        assert used[0] == used[1], row["id"]
