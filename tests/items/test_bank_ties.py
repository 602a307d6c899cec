"""The pairs of equally good responses: their shape and balance, and that both pass the check of their item."""

import json
import sys
from collections import Counter
from importlib import import_module
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from judgebench.items.bank import read_bank

HERE = Path(__file__).parent
FOLDER = HERE.parents[1] / "judgebench" / "items" / "bank" / "ties"
COUNTS = {
    "arithmetic": 8,
    "code": 8,
    "factual": 6,
    "instruction_following": 7,
    "reasoning": 6,
    "rewriting": 7,
}
MARKS = ("```", "**", "\n- ", "\n1. ", "\n| ")

Row = dict[str, Any]


def load_checks() -> dict[str, Any]:
    sys.path.insert(0, str(HERE))  # tests are no package, and the checks need to share their readers
    try:
        modules = [import_module(f"tie_checks.{name}") for name in ("code", "texts")]
    finally:
        sys.path.remove(str(HERE))
    return {name: check for module in modules for name, check in module.CHECKS.items()}


ROWS: list[Row] = [
    json.loads(line)
    for category in COUNTS
    for line in (FOLDER / f"{category}.jsonl").read_text("utf-8").splitlines()
]
CHECKS = load_checks()


def grams(text: str, size: int) -> set[tuple[str, ...]]:
    tokens = text.lower().split()
    return {tuple(tokens[start : start + size]) for start in range(max(1, len(tokens) - size + 1))}


def overlap(left: set[tuple[str, ...]], right: set[tuple[str, ...]]) -> float:
    return len(left & right) / len(left | right)


def test_the_set_holds_the_agreed_number_of_ties() -> None:
    assert Counter(row["category"] for row in ROWS) == COUNTS
    assert {(row["gold"], row["source"]) for row in ROWS} == {("tie", "bank-ties")}
    assert [item.id for item in read_bank("ties")] == sorted(row["id"] for row in ROWS)


def test_each_tie_has_exactly_one_check() -> None:
    assert sorted(CHECKS) == sorted(row["id"] for row in ROWS)


@pytest.mark.parametrize("side", ["a", "b"])
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["id"])
def test_both_responses_pass_the_same_check(row: Row, side: str) -> None:
    assert CHECKS[row["id"]](row["prompt"], row[f"response_{side}"])


BROKEN = {
    "code-tie-005": "```python\ndef is_leap(year):\n    return year % 4 == 0\n```",
    "arithmetic-tie-001": "You need **5.6 litres**.",
    "instruction_following-tie-002": "It taps at the window and fills the gutters.",
    "factual-tie-003": "**Mia** prints them.",
    "rewriting-tie-006": "The baker opens the shop at six, swept the step and put the first loaves in the window.",
    "reasoning-tie-003": "1. over with the fox\n2. back alone\n3. over with the goose",
    "reasoning-tie-004": "**COLD, CARD, WARD, WARM**",
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_check_would_catch_a_wrong_response(name: str) -> None:
    prompt = next(row["prompt"] for row in ROWS if row["id"] == name)
    assert not CHECKS[name](prompt, BROKEN[name])


def test_either_side_is_the_longer_one_half_of_the_time() -> None:
    differences = [len(row["response_a"]) - len(row["response_b"]) for row in ROWS]
    assert abs(sum(d > 0 for d in differences) - sum(d < 0 for d in differences)) <= 1


def test_the_two_responses_are_about_as_long_and_use_the_same_format() -> None:
    for row in ROWS:
        short, long = sorted([len(row["response_a"]), len(row["response_b"])])
        assert long / short <= 1.55, row["id"]
        used = [{mark for mark in MARKS if mark in "\n" + row[f"response_{side}"]} for side in "ab"]
        assert used[0] == used[1], row["id"]
        assert "[[" not in row["response_a"] + row["response_b"]


def test_the_two_responses_are_different_texts() -> None:
    for row in ROWS:
        assert overlap(grams(row["response_a"], 2), grams(row["response_b"], 2)) < 0.75, row["id"]


def test_no_tie_is_close_to_another_or_to_a_pair() -> None:
    texts = [(row["id"], row["prompt"]) for row in ROWS] + [(i.id, i.prompt) for i in read_bank()]
    found = [(name, grams(text, 5)) for name, text in texts]
    for (left_id, left), (right_id, right) in combinations(found, 2):
        assert overlap(left, right) < 0.2, f"{left_id} is close to {right_id}"
