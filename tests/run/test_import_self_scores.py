"""Recorded scores of responses by known authors: own ones on gold's scale, against values worked out by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from judgebench.audit import Run, analyze, audit_of, import_recordings
from judgebench.errors import InputError
from judgebench.report.terminal import render_terminal

# by prompt: the judge's score of its own response and of another's, and gold's of both
ROWS = [(6 + k % 3, 4 + k % 2, 3 + k % 2, 2 + k % 2) for k in range(12)]


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def record(**changed: Any) -> list[dict[str, Any]]:
    return [
        {"item_id": f"q{k}", "judge": "J", "author": author, "score": score, "gold_score": gold,
         "category": "odd" if k % 2 else "even", **changed}
        for k, (own, other, own_gold, other_gold) in enumerate(ROWS)
        for author, score, gold in (("j", own, own_gold), ("x", other, other_gold))
    ]  # fmt: skip


def imported(path: Path) -> Run:
    return analyze(import_recordings(path, "self_scores", path.parent / "run")[0].path)


def estimates(run: Run) -> pd.DataFrame:
    table = run.effects()
    whole = (table["bias"] == "self_preference") & (table["stratum"] == "all")
    return table[whole].set_index("estimand")


def test_own_scores_on_golds_scale_by_hand(tmp_path: Path) -> None:
    found = estimates(imported(write(tmp_path / "s.jsonl", record())))
    # others: the judge has mean 4.5 and gold 2.5 with the same spread, so that own scores are 2 lower on gold's scale
    assert found.loc["score_adjusted", "estimate"] == pytest.approx(7 - 2 - 3.5)
    assert found.loc["score_raw", "estimate"] == pytest.approx(7 - 4.5)
    assert found.loc["score_quality_gap", "estimate"] == pytest.approx(1)
    assert (found.loc["score_adjusted", "n_items"], found.loc["score_adjusted", "n_clusters"]) == (24, 12)
    assert set(found["unit"]) == {"scale points"}


def test_who_is_the_judge_is_told_by_name_or_by_relation(tmp_path: Path) -> None:
    rows = record()
    renamed = [{**row, "author": "v2" if row["author"] == "j" else "x"} for row in rows]
    none = estimates(imported(write(tmp_path / "none.jsonl", renamed)))
    assert none.empty
    told = [{**row, "relation": "self" if row["author"] == "v2" else None} for row in renamed]
    (tmp_path / "told").mkdir()
    found = estimates(imported(write(tmp_path / "told" / "s.jsonl", told)))
    assert found.loc["score_adjusted", "estimate"] == pytest.approx(1.5)


def test_missing_scores_are_counted_and_a_response_without_gold_is_left_aside(tmp_path: Path) -> None:
    rows = record()
    rows[0]["score"], rows[3]["gold_score"] = None, None
    found = estimates(imported(write(tmp_path / "s.jsonl", rows))).loc["score_adjusted"]
    assert (found["n_items"], found["n_missing"]) == (22, 1)
    assert pd.isna(found["bound_low"])  # nobody wrote the scale down


def test_repeats_are_averaged_and_are_no_more_responses(tmp_path: Path) -> None:
    again = [{**row, "score": row["score"] + 2} for row in record()]
    found = estimates(imported(write(tmp_path / "s.jsonl", record() + again)))
    assert found.loc["score_adjusted", "estimate"] == pytest.approx(1.5)
    assert (found.loc["score_adjusted", "n_items"], found.loc["score_adjusted", "n_judgments"]) == (24, 48)


def test_a_response_stands_alone_and_implies_no_pair(tmp_path: Path) -> None:
    run = imported(write(tmp_path / "s.jsonl", record()))
    assert set(run.judgments()["order"]) == {"a"}
    told = run.manifest["self_preference"]
    assert told["authors"] == [{"name": "j", "relation": "self"}, {"name": "x", "relation": "none"}]
    assert told["gold"] == {"items": 24, "panel": 0, "none": 0}
    assert not {"position", "agreement"} & set(run.effects()["bias"])
    assert "Self-preference" in render_terminal([audit_of(run)])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"score": "high"}, "'score' is 'high'"),
        ({"gold_score": "inf"}, "'gold_score' is 'inf'"),
        ({"author": None}, "'author' is missing"),
        ({"relation": "friend"}, "'relation' is 'friend'"),
        ({"gold_score": 9}, "says other things of the response 'q0~j'"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    row = record()[0]
    path = write(tmp_path / "s.jsonl", [row, {**row, **change}])
    with pytest.raises(InputError, match=message) as found:
        import_recordings(path, "self_scores", tmp_path / "run")
    assert found.value.line == 2
