from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import judgebench

ROOT = Path(__file__).parent.parent.parent


def test_0_complete(cli, small_suite: Path) -> None:
    assert cli("run", small_suite).returncode == 0


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["run", "smal.yaml"], "did you mean 'small.yaml'?"),
        (["run", "small.yaml", "--judge", "simm/mild"], "did you mean 'sim'?"),
        (["run", "small.yaml", "--judge", "sim/mid"], "did you mean 'mild'?"),
        (["run", "small.yaml", "--judge", "sim/mild?positon=1"], "did you mean 'position'?"),
        (["run", "small.yaml", "--judge", "mild"], "provider/model"),
        (["run", "small.yaml", "--judge", "python/nowhere:Judge"], "nowhere"),
        (["run", "small.yaml", "--judge", "openai/gpt-4o"], "OPENAI_API_KEY"),
        (["run", "small.yaml", "--judge", "vllm/m", "--base-url", "http://x/v1", "--budget", "1"], "price"),
        (["run", "small.yaml", "--engine", "batch"], "takes no batches"),
        (["run", "small.yaml", "--engine", "cluster"], "'local', 'batch', 'ray'"),
        (["run", "small.yaml", "--prices", "price.yaml"], "no such price file"),
        (["run", "small.yaml", "--plugin", "none.py"], "none.py"),
        (["run", "small.yaml", "--limit", "0"], "--limit"),
        (["run", "small.yaml", "--out", "small.yaml"], "small.yaml"),
        (["analyze", "nowhere"], "run.json"),
        (["report", ".", "--format", "markdown"], "run.json"),
        (["gate", "."], "run.json"),
        (["compare", ".", "."], "run.json"),
        (["import", "small.yaml", "--format", "lmbar"], "did you mean 'llmbar'?"),
        (["list", "perturbation"], "perturbation"),
    ],
)
def test_2_wrong_input_is_one_message_and_nothing_is_written(
    cli, small_suite: Path, monkeypatch, arguments, told: str
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    before = sorted(small_suite.parent.rglob("*"))
    done = cli(*arguments)
    assert done.returncode == 2, done.stderr
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert sorted(small_suite.parent.rglob("*")) == before


def test_3_incomplete_says_how_many_and_how_to_go_on(cli, small_suite: Path, tmp_path: Path) -> None:
    rows = [
        {"item_id": f"item-{i}", "judge": "j", "order": o, "verdict": "a"}
        for i in range(8)
        for o in ("ab", "ba")
    ]
    (tmp_path / "v.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    done = cli("run", small_suite, "--judge", "recorded/v.jsonl", "--out", "out")
    assert done.returncode == 3
    manifest = json.loads((tmp_path / "out" / "run.json").read_text())
    assert manifest["state"] == "incomplete"
    assert manifest["counts"]["missing"] > 60
    assert f"{manifest['counts']['missing']} of 80 trials have no reply" in done.stderr
    assert "to continue: judgebench run" in done.stderr


def test_4_gate(cli, tmp_path: Path) -> None:
    suite = tmp_path / "s.yaml"
    suite.write_text("suite: s\nitems: [{source: bank, limit: 30}]\nperturbations: [position]\n")
    judgebench.run(suite, "sim/null?position=20&noise=0.1", out="biased")
    assert cli("gate", "biased", "--max-bias", "0.05").returncode == 4
    judgebench.run(suite, "sim/null?quality=9&noise=0.1&spread=0", out="fair")
    assert cli("gate", "fair", "--max-bias", "0.2").returncode == 0
    strict = cli("gate", "fair", "--max-bias", "0.001", "--fail-on", "inconclusive")
    assert strict.returncode == 4
    assert "position" in strict.stderr


@pytest.mark.slow
def test_130_interrupted_and_the_same_command_continues(cli, small_suite: Path, tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "judgebench",
        "run",
        str(small_suite),
        "--judge",
        "sim/mild?latency=0.05",
        "--out",
        "o",
    ]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE, stdout=subprocess.PIPE
    )
    deadline = time.monotonic() + 60
    while not (tmp_path / "o" / "run.json").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert json.loads((tmp_path / "o" / "run.json").read_text())["state"] == "interrupted"
    done = cli("run", small_suite, "--judge", "sim/mild?latency=0.05", "--out", "o")
    assert done.returncode == 0, done.stderr
    manifest = json.loads((tmp_path / "o" / "run.json").read_text())
    assert manifest["state"] == "complete"
    assert manifest["sessions"] == 2
    assert manifest["counts"]["attempts"] == manifest["counts"]["requests"]
