"""Recorded verdicts on own responses: DBG and the rest, against values worked out by hand."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from judgebench.audit import Run, analyze, audit_of, import_recordings
from judgebench.errors import InputError
from judgebench.report.checks import warnings_of

# item, verdict where own was shown first, verdict where the opponent was, gold
RECORD = (
    ("1", "own", "own", "own"),  # own wins both: 1 against 1
    ("2", "own", "opponent", "opponent"),  # split by order: 1/2 against 0
    ("3", "tie", "own", "own"),  # 3/4 against 1
    ("4", "opponent", "opponent", "tie"),  # 0 against 1/2
    ("5", "own", None, "opponent"),  # one verdict is missing: what is there is 1 against 0
    ("6", "own", "own", None),  # no gold: in raw, not in DBG
)


@pytest.fixture
def record(tmp_path: Path) -> Path:
    path = tmp_path / "own.jsonl"
    rows = [
        {
            "item_id": item,
            "judge": "j",
            "own": "j",
            "opponent": "o",
            "order": order,
            "verdict": verdict,
            "gold": gold,
        }
        for item, first, second, gold in RECORD
        for order, verdict in (("own", first), ("opponent", second))
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def imported(record: Path) -> Run:
    return analyze(import_recordings(record, "self_preference", record.parent / "run")[0].path)


def estimates(run: Run) -> pd.DataFrame:
    table = run.effects()
    own = table[(table["bias"] == "self_preference") & (table["perturbation"] == "all")]
    return own.set_index("estimand")


def test_dbg_by_hand_with_ties_splits_missing_verdicts_and_missing_gold(record: Path) -> None:
    found = estimates(imported(record))
    # own by item: 1, 1/2, 3/4, 0, 1, 1
    assert found.loc["raw", "estimate"] == pytest.approx((1 + 0.5 + 0.75 + 0 + 1 + 1) / 6 - 0.5)
    # less gold: 0, 1/2, -1/4, -1/2, 1
    assert found.loc["dbg", "estimate"] == pytest.approx((0 + 0.5 - 0.25 - 0.5 + 1) / 5)
    assert found.loc["dbg", "n_items"] == 5
    assert found.loc["own_quality_gap", "estimate"] == pytest.approx((1 + 0 + 1 + 0.5 + 0) / 5 - 0.5)
    # of the five items with both verdicts, 2 and 3 change with the order
    assert found.loc["order_consistency", "estimate"] == pytest.approx(3 / 5)


def test_a_missing_verdict_is_counted_and_bounded(record: Path) -> None:
    found = estimates(imported(record)).loc["dbg"]
    assert found["n_missing"] == 1
    # were it a loss, the fifth item would be 1/2 against 0 and the mean .05; were it a win, the mean would stay
    assert found["bound_low"] < 0.05 < found["estimate"] <= found["bound_high"]
    assert found["bound_low"] != found["conf_low"]


def test_the_published_rule_counts_a_verdict_that_changes_with_the_order_as_none(record: Path) -> None:
    run = imported(record)
    changed = analyze(run.path, split="zero")
    found = estimates(changed)
    # items 2 and 3 change with the order: 0 against 0 and 0 against 1
    assert found.loc["dbg", "estimate"] == pytest.approx((0 + 0 - 1 - 0.5 + 1) / 5)
    assert changed.manifest["analysis_changed"]["split"] == {"planned": "half", "used": "zero"}
    assert estimates(analyze(run.path)).loc["dbg", "estimate"] == pytest.approx(0.15)


def test_dbg_without_a_panel_is_said_not_to_be_identified(record: Path) -> None:
    told = warnings_of(audit_of(imported(record)))
    assert any("gold-adjusted, not identified" in line for line in told)


def test_pairs_of_others_and_a_panel_give_the_adjusted_estimate(tmp_path: Path) -> None:
    rows = [
        {"item_id": f"{kind}{k}", "judge": "j", "own": own, "opponent": "o", "relation": kind, "order": order,
         "verdict": "own" if k % 4 else "opponent", "gold": ("own", "opponent")[k % 2], "panel": 0.5}
        for kind, own in (("self", "j"), ("none", "x")) for k in range(20) for order in ("own", "opponent")
    ]  # fmt: skip
    path = tmp_path / "own.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    found = estimates(imported(path))
    # judge and panel say the same of both kinds of pairs
    assert found.loc["adjusted", "estimate"] == pytest.approx(0)
    assert found.loc["panel_regression", "estimate"] == pytest.approx(0, abs=1e-9)
    behind = json.loads((tmp_path / "run" / "self_preference.json").read_text())[0]["balance"]
    assert (behind["n_own"], behind["n_other"], behind["standardised_after"]) == (20, 20, 0)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"verdict": "mine"}, "'verdict' is 'mine'"),
        ({"opponent": "j"}, "'j' is own and opponent"),
        ({"panel": 2}, "'panel' is '2'"),
        ({"own": None}, "'own' is missing"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(tmp_path: Path, change: dict[str, object], message: str) -> None:
    row = {
        "item_id": "1",
        "judge": "j",
        "own": "j",
        "opponent": "o",
        "order": "own",
        "verdict": "own",
        "gold": "own",
    }
    path = tmp_path / "own.jsonl"
    path.write_text(json.dumps(row) + "\n" + json.dumps({**row, "item_id": "2", **change}) + "\n")
    with pytest.raises(InputError, match=message) as found:
        import_recordings(path, "self_preference", tmp_path / "run")
    assert found.value.line == 2
