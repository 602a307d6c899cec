"""How familiar responses are is asked once, before the trials, of judges that can tell; others go without."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from judgebench.audit import Run, audit_of, make_plan, run
from judgebench.judges.base import Capabilities, Judge, JudgeFault, Reply, Request
from judgebench.judges.likelihood import LIKELIHOOD
from judgebench.judges.sim import SimJudge
from judgebench.report.checks import warnings_of
from judgebench.run.familiarity import FAMILIARITY
from judgebench.run.pairs import AUTHORED
from judgebench.suite import load_suite

SUITE = """
suite: own
judge: "sim/null?hand=1&habit=0.5"
items: [{source: bank, limit: 6}]
perturbations: [position]
self_preference:
  familiarity: true
  family: one
  authors: [{judge: self, name: mine}, {judge: "sim/null?hand=2", name: two}]
"""


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    path = tmp_path / "suite.yaml"
    path.write_text(SUITE)
    return path


def told(done: Run) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((done.path / "run.json").read_text())["self_preference"]["familiarity"]
    return found


def attempts(path: Path) -> int:
    with closing(sqlite3.connect(path / FAMILIARITY)) as store:
        return int(store.execute("SELECT count(*) FROM attempts").fetchone()[0])


def test_each_response_is_measured_once_and_stands_with_its_pair(suite: Path, tmp_path: Path) -> None:
    done = run(suite, out=tmp_path / "run")
    assert attempts(done.path) == 12
    assert (told(done)["responses"], told(done)["unknown"], told(done)["why"]) == (12, 0, "")
    pairs = pd.read_parquet(done.path / AUTHORED)
    assert pairs[["nats_a", "nats_b"]].notna().all(axis=None)
    run(suite, out=tmp_path / "run")
    assert attempts(done.path) == 12


def test_the_plan_counts_them(suite: Path) -> None:
    planned = make_plan(load_suite(suite), "sim/null?hand=1&habit=0.5")
    assert planned.prepared == 12 + 12
    suite.write_text(SUITE.replace("familiarity: true", "familiarity: false"))
    assert make_plan(load_suite(suite), "sim/null?hand=1&habit=0.5").prepared == 12


def test_a_judge_that_cannot_tell_is_audited_without_and_that_is_said(
    suite: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        SimJudge, "capabilities", Capabilities(logprobs=True, structured_output=True, network=False)
    )
    done = run(suite, out=tmp_path / "run")
    assert done.complete
    assert "gives no log probabilities of a prompt" in told(done)["why"]
    assert not (done.path / FAMILIARITY).exists()
    assert "familiarity" not in set(done.effects()["bias"])
    assert "familiarity_adjusted" not in set(done.effects()["estimand"])
    assert any("no log probabilities of a prompt" in line for line in warnings_of(audit_of(done)))


def test_a_response_that_cannot_be_measured_is_counted_and_asked_again_next_time(
    suite: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask = SimJudge.ask

    async def sometimes(self: Judge, request: Request) -> Reply:
        if request.contract == LIKELIHOOD and "hand 2" in request.messages[-1].content:
            raise JudgeFault("fatal", "too long", status=400)
        return await ask(self, request)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(SimJudge, "ask", sometimes)
        done = run(suite, out=tmp_path / "run")
    assert done.complete
    assert told(done)["unknown"] == 6
    assert any("6 of 12 responses" in line for line in warnings_of(audit_of(done)))
    again = run(suite, out=tmp_path / "run")
    assert told(again)["unknown"] == 0
    assert attempts(again.path) == 18
