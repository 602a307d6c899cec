"""The table of self-preference from real rows: each opponent's and task's figures stand in its own columns."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import pytest

from judgebench.analysis.effects import effects
from judgebench.analysis.self_preference import self_preference_rows
from judgebench.analysis.settings import Settings
from judgebench.report.choose import Wanted, tables_of
from judgebench.report.formats import ABSENT, MINUS
from judgebench.report.model import Audit
from judgebench.report.table import Table

SHARES: Mapping[tuple[str, str], float] = {
    ("x", "code"): 1.0, ("x", "prose"): 0.0, ("y", "code"): 0.5, ("y", "prose"): 1.0,
}  # fmt: skip
"""How often the own response wins, by opponent and task; by gold it is always even."""
COUNT = 8


def audited(shares: Mapping[tuple[str, str], float], judge: str = "j") -> Audit:
    """The audit of a judge whose own responses win so often in both orders, by opponent and category."""
    rows, pairs = [], []
    for (opponent, task), share in shares.items():
        for number in range(COUNT):
            name = f"{opponent} {task} {number}"
            pairs.append({"item_id": name, "prompt_id": f"{task} {number}", "author_a": "j", "author_b": opponent,
                          "relation_a": "self", "relation_b": "none", "gold_a": 0.5, "gap_a": np.nan,
                          "panel_a": np.nan})  # fmt: skip
            won = "a" if number < share * COUNT else "b"
            rows += [
                {"suite": "s", "judge": judge, "item_id": name, "source": "s", "category": task, "order": order,
                 "perturbation": "none", "arm": "control", "target": None, "protocol": "pairwise",
                 "mitigation": "none", "repeat": 0, "verdict": won, "p_a": np.nan, "p_b": np.nan, "p_tie": np.nan,
                 "score_a": np.nan, "score_b": np.nan, "gold": "tie"}
                for order in ("ab", "ba")
            ]  # fmt: skip
    judgments = pd.DataFrame(rows)
    found, _ = self_preference_rows(judgments, pd.DataFrame(pairs), Settings())
    named = {"suite": "s", "judge": judge, "protocol": "pairwise", "mitigation": "none"}
    table = effects(judgments, Settings(), more=[{**named, **row} for row in found])
    return Audit(table, {"suite": "s", "judge": judge})


def cells(table: Table, row: int = 0) -> dict[str, tuple[str, ...]]:
    """What a row has under each opponent and task."""
    found, at = {}, 1
    for name, width in table.spans:
        found[name] = table.rows[row].cells[at : at + width]
        at += width
    return found


@pytest.mark.parametrize(
    ("where", "points"),
    [
        ("all opponents", "+12.5"),
        ("all opponents · code", "+25.0"),
        ("all opponents · prose", "0.0"),
        ("x", "0.0"),
        ("x · code", "+50.0"),
        ("x · prose", f"{MINUS}50.0"),
        ("y", "+25.0"),
        ("y · code", "0.0"),
        ("y · prose", "+50.0"),
    ],
)
def test_every_opponent_and_task_has_its_own_figure_in_its_own_columns(where: str, points: str) -> None:
    found: dict[str, tuple[str, ...]] = {}
    for table in tables_of([audited(SHARES)], Wanted("self_preference", ("dbg",))):
        found |= cells(table)
    assert found[where][0] == points
    assert found[where][1].startswith("[")


def test_what_has_room_stands_in_one_table_and_the_rest_in_one_an_opponent() -> None:
    few = {key: share for key, share in SHARES.items() if key[0] == "x"}
    assert [table.name for table in tables_of([audited(few)], Wanted("self_preference"))] == [
        "self_preference"
    ]
    several = tables_of([audited(SHARES)], Wanted("self_preference"))
    assert [table.name for table in several] == [f"self_preference{end}" for end in ("", "_2", "_3")]
    heads = [[name.partition(" · ")[0] for name, _ in table.spans] for table in several]
    assert [set(names) for names in heads] == [{"all opponents"}, {"x"}, {"y"}]
    assert "(2 of 3)" in several[1].caption


def test_a_judge_without_a_task_has_no_figures_there_and_no_row_where_it_has_none() -> None:
    other = audited({("z", "code"): 1.0}, "k")
    tables = tables_of([audited(SHARES), other], Wanted("self_preference", ("dbg",)))
    whole = next(table for table in tables if table.spans[0][0] == "all opponents")
    assert [row.cells[0] for row in whole.rows] == ["j", "k"]
    assert cells(whole, 1)["all opponents · prose"][0] == ABSENT
    against_z = next(table for table in tables if table.spans[0][0] == "z")
    assert [row.cells[0] for row in against_z.rows] == ["k"]
