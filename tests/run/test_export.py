from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest

import judgebench
from judgebench.analysis import JUDGMENT_COLUMNS
from judgebench.run.export import export, judgment, planted, preferred_target, verdict_of, write_table
from judgebench.run.records import JudgmentRow, TrialRow
from judgebench.run.store import Store

SUITE = """\
suite: tiny
items: [{source: bank, limit: 4}]
perturbations: [position, authority: {targets: both}]
"""


def row(outcome: str | None, order: Any = "ab", target: str | None = None, truth: Any = None) -> JudgmentRow:
    trial = TrialRow(0, "i", "src", None, "a", "none", "control", target, order, "pairwise", "none", 0, "key")
    text = None if truth is None else json.dumps(truth)
    return JudgmentRow(trial, outcome, "", 10, 2, 0, 0, None, 0.5, text)


@pytest.mark.parametrize(
    ("outcome", "order", "verdict"),
    [
        ("first", "ab", "a"),
        ("second", "ab", "b"),
        ("first", "ba", "b"),
        ("second", "ba", "a"),
        ("tie", "ba", "tie"),
        ("invalid", "ab", "invalid"),
        ("refused", "ba", "refused"),
        (None, "ab", "error"),
    ],
)
def test_verdicts_leave_the_frame_of_the_display(outcome: str | None, order: str, verdict: str) -> None:
    assert verdict_of(outcome, order) == verdict
    assert judgment(row(outcome, order), suite="s", judge="j")["verdict"] == verdict


@pytest.mark.parametrize(
    ("verdict", "target", "wins"),
    [("a", "a", 1.0), ("a", "b", 0.0), ("tie", "b", 0.5), ("invalid", "a", None), ("a", None, None)],
)
def test_the_target_wins_loses_ties_or_is_not_judged(
    verdict: str, target: str | None, wins: float | None
) -> None:
    assert preferred_target(verdict, target) == wins


@pytest.mark.parametrize(("order", "p_a", "p_b"), [("ab", 0.625, 0.125), ("ba", 0.125, 0.625)])
def test_planted_probabilities_are_those_given_a_verdict(order: str, p_a: float, p_b: float) -> None:
    found = planted(row("first", order, truth=[0.5, 0.1, 0.2, 0.15, 0.05]), suite="s", judge="j")
    assert (found["p_a"], found["p_b"], found["p_tie"]) == pytest.approx((p_a, p_b, 0.25))
    assert found["captured_mass"] == pytest.approx(0.8)


def test_a_judge_that_never_answers_has_no_planted_preference() -> None:
    found = planted(row("refused", truth=[0, 0, 0, 1, 0]), suite="s", judge="j")
    assert (found["p_a"], found["captured_mass"]) == (None, None)


def test_a_table_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    def rows() -> Any:
        yield {"item_id": "i"}
        raise RuntimeError

    with pytest.raises(RuntimeError):
        write_table(tmp_path / "judgments.parquet", rows())
    assert list(tmp_path.iterdir()) == []
    write_table(tmp_path / "judgments.parquet", [{"item_id": "i"}] * 20_001)
    assert pq.read_metadata(tmp_path / "judgments.parquet").num_rows == 20_001
    assert tuple(pq.read_schema(tmp_path / "judgments.parquet").names) == JUDGMENT_COLUMNS


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("export")
    (folder / "tiny.yaml").write_text(SUITE, encoding="utf-8")
    return judgebench.run(folder / "tiny.yaml", "sim/mild", out=folder / "run")


def test_a_run_is_exported_with_a_row_a_trial(run: Any) -> None:
    judgments = run.judgments()
    # 4 items, 2 orders: two controls, treatment and placebo for both targets
    assert len(judgments) == 4 * 2 * (2 + 2 * 2)
    assert set(judgments["judge"]) == {"sim/mild"}
    cells = ["item_id", "perturbation", "arm", "target", "order", "repeat"]
    assert not judgments.duplicated(cells).any()
    assert judgments[["gold", "prompt_tokens", "request_key"]].notna().all(axis=None)
    truth = pd.read_parquet(run.path / "truth.parquet")
    assert truth[cells].equals(judgments[cells])
    assert truth[["p_a", "p_b", "p_tie"]].sum(axis=1).to_numpy() == pytest.approx(1)


def test_a_trial_without_a_reply_is_an_error_and_the_truth_of_the_others_is_kept(
    run: Any, tmp_path: Path
) -> None:
    with (
        closing(sqlite3.connect(run.path / "judgments.db")) as there,
        closing(sqlite3.connect(tmp_path / "judgments.db")) as here,
    ):
        there.backup(here)
        first = here.execute("SELECT request FROM trials ORDER BY ordinal LIMIT 1").fetchone()
        gone = here.execute("SELECT count(*) FROM trials WHERE request = ?", first).fetchone()[0]
        here.execute("DELETE FROM verdicts WHERE request = ?", first)
        here.execute("DELETE FROM attempts WHERE request = ?", first)
        here.commit()
    with Store(tmp_path / "judgments.db") as store:
        assert export(store, tmp_path, suite="tiny", judge="sim/mild") == gone
    judgments = pd.read_parquet(tmp_path / "judgments.parquet")
    assert judgments["verdict"].iloc[0] == "error"
    assert (judgments["verdict"] == "error").sum() == gone
    assert len(pd.read_parquet(tmp_path / "truth.parquet")) == len(judgments) - gone
