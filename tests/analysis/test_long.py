"""A long record in parts gives the table that it gives at once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from judgebench.analysis import Settings, files, parts
from judgebench.analysis.effects import effects
from judgebench.errors import InputError
from judgebench.run.export import JUDGMENTS, write_table

pytestmark = pytest.mark.slow

Rows = list[dict[str, Any]]
PLAIN = {"suite": "s", "judge": "j", "protocol": "pairwise", "mitigation": "none", "source": "x", "repeat": 0}


@pytest.fixture(name="in_parts")
def in_parts_fixture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., pd.DataFrame]:
    """The effects of rows of which a few make a part."""

    def in_parts(rows: Rows, settings: Settings, part: int) -> pd.DataFrame:
        write_table(tmp_path / JUDGMENTS, (PLAIN | row for row in rows))
        monkeypatch.setattr(files, "LONG", 0)
        monkeypatch.setattr(parts, "PART", part)
        monkeypatch.setattr(parts, "_BATCH", 64)
        return files.analyse(tmp_path, settings)

    return in_parts


def at_once(rows: Rows, settings: Settings, table: Callable[..., pd.DataFrame]) -> pd.DataFrame:
    return effects(table([PLAIN | row for row in rows]), settings)


def with_doses(rows: Rows) -> Rows:
    """The same with three doses of length, each at two targets, and a category."""
    rng = np.random.default_rng(len(rows))
    found = [row | {"category": f"c{len(row['item_id']) % 3}"} for row in rows]
    for item in {row["item_id"]: row for row in found}.values():
        for dose in (1.25, 2.0, 3.0):
            for order in ("ab", "ba"):
                changed = {
                    "perturbation": f"length@{dose:g}x"[:-1],
                    "arm": "treatment",
                    "target": "a",
                    "order": order,
                }
                verdict = str(rng.choice(["a", "b", "tie", "error"]))
                found.append(
                    item
                    | changed
                    | {"verdict": verdict, "repeat": 0}
                    | dict.fromkeys(("p_a", "p_b", "p_tie"))
                )
    return found


@pytest.mark.parametrize("cluster", ["item", "source"])
@pytest.mark.parametrize("seed", range(12))
def test_parts_give_the_table_of_the_whole(
    seed: int,
    cluster: str,
    table: Callable[..., pd.DataFrame],
    random_rows: Callable[..., Rows],
    in_parts: Callable[..., pd.DataFrame],
) -> None:
    rows = random_rows(seed, missing=0.1 * (seed % 3), items=(3, 12, 40)[seed % 3])
    rows = with_doses(rows) if seed % 2 else rows
    settings = Settings(cluster=cluster)
    whole = at_once(rows, settings, table)
    pd.testing.assert_frame_equal(
        in_parts(rows, settings, 20), whole, check_dtype=False, rtol=1e-9, atol=1e-11
    )


def test_judges_and_mitigations_are_told_in_the_order_of_the_whole(
    table: Callable[..., pd.DataFrame],
    random_rows: Callable[..., Rows],
    in_parts: Callable[..., pd.DataFrame],
) -> None:
    rows = [
        row | {"judge": judge, "mitigation": mitigation}
        for place, (judge, mitigation) in enumerate([("k", "none"), ("k", "system_prompt"), ("j", "none")])
        for row in random_rows(30 + place, items=15)
    ]
    whole = at_once(rows, Settings(), table)
    pd.testing.assert_frame_equal(
        in_parts(rows, Settings(), 50), whole, check_dtype=False, rtol=1e-9, atol=1e-11
    )


def test_an_item_with_two_golds_is_refused_wherever_its_rows_stand(
    in_parts: Callable[..., pd.DataFrame],
) -> None:
    rows: Rows = [
        {
            "item_id": f"i{n % 100}",
            "arm": "control",
            "perturbation": "none",
            "order": order,
            "verdict": "a",
            "gold": gold,
        }
        for n, order, gold in [*((n, "ab", "a") for n in range(100)), (7, "ba", "b")]
    ]
    with pytest.raises(InputError, match="'i7' has more than one gold"):
        in_parts(rows, Settings(), 10)


def test_the_rows_of_an_item_are_in_one_part_and_none_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "PART", 50)
    rows = [
        PLAIN | {"item_id": f"i{n % 90}", "arm": "control", "verdict": "a", "repeat": n} for n in range(400)
    ]
    write_table(tmp_path / JUDGMENTS, rows)
    with parts.Parts(tmp_path / JUDGMENTS) as split:
        found = list(split)
    assert len(found) == 8
    assert sorted(pd.concat(found)["repeat"]) == list(range(400))
    assert all(part["repeat"].is_monotonic_increasing for part in found)
    items = [set(part["item_id"]) for part in found]
    assert sum(map(len, items)) == 90


@pytest.mark.parametrize(
    ("changes", "summed"),
    [
        ({}, True),
        ({"order": None}, True),
        ({"order": "a"}, False),
        ({"order": "bca"}, False),
        ({"protocol": "pairwise~2"}, False),
        ({"mitigation": "system_prompt"}, False),
    ],
)
def test_only_pairs_under_one_protocol_and_mitigation_are_summed(
    tmp_path: Path, changes: dict[str, Any], summed: bool
) -> None:
    plain = PLAIN | {"item_id": "i", "arm": "control", "perturbation": "none", "order": "ab", "verdict": "a"}
    write_table(tmp_path / JUDGMENTS, [plain, plain | {"item_id": "k"} | changes])
    with parts.Parts(tmp_path / JUDGMENTS) as split:
        assert split.can_be_summed is summed
