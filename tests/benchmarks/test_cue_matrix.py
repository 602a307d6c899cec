"""A judge that reacts to one cue is caught by that cue's row of the core suite and by no other."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

PAGE = Path(__file__).parents[2] / "benchmarks" / "cue_matrix.md"


@pytest.mark.slow
@pytest.mark.parametrize("cue", ["none", "position", "format", "sycophancy", "sentiment"])
def test_a_judge_is_caught_by_its_own_row_alone(cue: str, script: Callable[[str], SimpleNamespace]) -> None:
    matrix = script("cue_matrix")
    found = matrix.rows(matrix.effects_of(matrix.JUDGES[cue], limit=60, seed=3))
    assert [bias for bias, row in found.iterrows() if row["caught"]] == [cue] * (cue != "none")
    assert len(found) == 10


def test_the_page_says_that_each_judge_was_caught_by_its_own_row_alone() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert "Every judge is caught by its own row and by no other." in page
    rows = [line.strip("| ").split(" | ") for line in page.splitlines() if line.startswith("|")]
    biases = [name.replace(" ", "_") for name in rows[0][1:]]
    for judge, *cells in rows[2:]:
        assert [bias for bias, cell in zip(biases, cells, strict=True) if "**" in cell] == [judge] * (
            judge != "none"
        )
