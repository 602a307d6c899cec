"""The Ray engine: the same judgments as this process gives, over a socket and with a simulated judge."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from batch_provider import BatchProvider

import judgebench
from judgebench.judges.base import JudgeFault, Reply, Usage
from judgebench.run.engines.worker import pack, unpack
from judgebench.run.records import Attempt

ROOT = Path(judgebench.__file__).parent.parent


@pytest.fixture
def run(small_suite: Path, tmp_path: Path) -> Callable[..., str]:
    """Run the command to its end, and give what it told."""
    pytest.importorskip("ray")

    def go(*arguments: str, status: int = 0) -> str:
        command = [sys.executable, "-m", "judgebench", "run", str(small_suite), *arguments]
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "JUDGEBENCH_RAY_WORKERS": "2"}
        done = subprocess.run(
            command, cwd=tmp_path, env=environment, text=True, capture_output=True, check=False, timeout=300
        )
        assert done.returncode == status, done.stderr
        return done.stderr

    return go


def judgments(folder: Path) -> pd.DataFrame:
    return pd.read_parquet(folder / "judgments.parquet").drop(columns="latency_s")


@pytest.mark.slow
def test_a_simulated_judge_gives_the_same_judgments(run: Callable[..., str], tmp_path: Path) -> None:
    run("--out", "here")
    run("--out", "there", "--engine", "ray")
    pd.testing.assert_frame_equal(judgments(tmp_path / "here"), judgments(tmp_path / "there"))


@pytest.mark.slow
def test_over_a_socket_faults_are_asked_again_and_a_stopped_run_goes_on(
    run: Callable[..., str], tmp_path: Path
) -> None:
    provider = BatchProvider(text=lambda text: f"[[{'AB'[len(text) % 2]}]]")
    provider.refuse[("POST", "completions")] = [500, 429, 503, 0]
    (tmp_path / "p.yaml").write_text(
        "date: 2027-01-01\nprices: {openai: {some-model: {input: 1, output: 1}}}\n"
    )
    with provider.running():
        judge = ("--judge", "openai/some-model", "--base-url", provider.url, "--prices", "p.yaml")
        told = run(*judge, "--out", "there", "--engine", "ray", "--budget", "0.004", status=3)
        assert "the next request may exceed the budget" in told
        stopped = json.loads((tmp_path / "there" / "run.json").read_text())
        assert 0 < stopped["counts"]["missing"] < stopped["counts"]["trials"]
        assert stopped["cost_usd"] <= 0.004
        asked = len(provider.online)
        run(*judge, "--out", "there", "--engine", "ray")
        finished = json.loads((tmp_path / "there" / "run.json").read_text())
        assert len(provider.online) - asked == finished["counts"]["requests"] - stopped["counts"]["answered"]
        run(*judge, "--out", "here")
    pd.testing.assert_frame_equal(judgments(tmp_path / "here"), judgments(tmp_path / "there"))


def test_attempts_come_back_from_a_worker_as_they_were() -> None:
    reply = Reply("[[A]]", usage=Usage(10, 2, 3, 1), headers={"x-request-id": "r"}, truth=(0.5, 0.5, 0, 0, 0))
    fault = JudgeFault("rate_limit", "slowly", status=429, retry_after=2.5)
    first, second = unpack(
        pack([Attempt("k", 1, 0.5, 0.1, fault=fault), Attempt("k", 2, 1.0, 0.2, reply=reply)])
    )
    assert second == Attempt("k", 2, 1.0, 0.2, reply=reply)
    assert first.fault is not None
    assert vars(first.fault) == vars(fault)
    assert str(first.fault) == "slowly"
