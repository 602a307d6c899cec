"""The multiple-choice questions: their shape and balance, and that every gold label is computed."""

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
FOLDER = HERE.parents[1] / "judgebench" / "items" / "bank" / "choice"
SUBJECTS = ("chemistry", "history", "mathematics", "psychology")
EACH = 16

Row = dict[str, Any]


def load_checks() -> dict[str, Any]:
    sys.path.insert(0, str(HERE))  # tests are no package, and the checks need to share their readers
    try:
        modules = [import_module(f"choice_checks.{subject}") for subject in SUBJECTS]
    finally:
        sys.path.remove(str(HERE))
    return {name: check for module in modules for name, check in module.CHECKS.items()}


ROWS: list[Row] = [
    json.loads(line)
    for subject in SUBJECTS
    for line in (FOLDER / f"{subject}.jsonl").read_text("utf-8").splitlines()
]
CHECKS = load_checks()


def options(row: Row) -> list[str]:
    return [row[f"response_{letter}"] for letter in "abcd"]


def three_grams(text: str) -> set[tuple[str, ...]]:
    tokens = text.lower().split()
    return {tuple(tokens[start : start + 3]) for start in range(max(1, len(tokens) - 2))}


def test_each_subject_has_its_questions_with_four_different_options() -> None:
    assert {path.stem for path in FOLDER.glob("*.jsonl")} == set(SUBJECTS)
    assert Counter(row["category"] for row in ROWS) == dict.fromkeys(SUBJECTS, EACH)
    for row in ROWS:
        texts = options(row)
        assert len({text.lower() for text in texts}) == 4, row["id"]
        assert all(text.strip() == text != "" for text in [row["prompt"], *texts]), row["id"]
        assert (row["source"], row["gold"] in "abcd") == ("bank-choice", True)


def test_each_question_has_exactly_one_check() -> None:
    assert sorted(CHECKS) == sorted(row["id"] for row in ROWS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["id"])
def test_the_right_option_is_the_one_that_is_computed(row: Row) -> None:
    right = CHECKS[row["id"]](row["prompt"])
    assert [letter for letter in "abcd" if row[f"response_{letter}"] == right] == [row["gold"]], right


def test_gold_stands_as_often_at_every_letter_in_each_subject() -> None:
    letters = Counter((row["category"], row["gold"]) for row in ROWS)
    assert set(letters.values()) == {EACH // 4}


def test_the_right_option_is_not_told_by_its_length() -> None:
    longest = sum(len(row[f"response_{row['gold']}"]) == max(map(len, options(row))) for row in ROWS)
    shortest = sum(len(row[f"response_{row['gold']}"]) == min(map(len, options(row))) for row in ROWS)
    assert abs(longest - shortest) <= len(ROWS) // 8


def test_no_two_questions_are_near_duplicates() -> None:
    grams = [(row["id"], three_grams(row["prompt"])) for row in ROWS]
    for (left_id, left), (right_id, right) in combinations(grams, 2):
        assert len(left & right) / len(left | right) < 0.2, f"{left_id} is close to {right_id}"


def test_the_bank_gives_the_questions_as_items_with_four_responses() -> None:
    items = read_bank("choice")
    assert [item.id for item in items] == sorted(row["id"] for row in ROWS)
    assert {len(item.responses) for item in items} == {4}
