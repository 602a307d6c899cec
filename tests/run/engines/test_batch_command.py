"""`--engine batch` as a user has it, with processes that end at the worst moment."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from batch_provider import BatchProvider

import judgebench

ROOT = Path(judgebench.__file__).parent.parent
KEY = "sk-known-0123456789abcdef"


@pytest.fixture
def start(
    service: str, provider: BatchProvider, small_suite: Path, tmp_path: Path
) -> Callable[..., subprocess.Popen[str]]:
    """Start `judgebench run` against the fake provider."""

    def go(*arguments: str, out: str = "out") -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "judgebench", "run", str(small_suite), "--limit", "2", "--out", out,
                   "--judge", f"{service}/some-model", "--base-url", provider.url, *arguments]  # fmt: skip
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "XDG_CONFIG_HOME": str(tmp_path)}
        environment |= {f"{service.upper()}_API_KEY": KEY}
        return subprocess.Popen(
            command, cwd=tmp_path, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )

    return go


def manifest(folder: Path) -> dict[str, object]:
    return dict(json.loads((folder / "run.json").read_text()))


@pytest.mark.slow
def test_a_run_that_is_killed_after_handing_in_goes_on_from_its_batch(
    start: Callable[..., subprocess.Popen[str]], provider: BatchProvider, tmp_path: Path
) -> None:
    provider.ends_after = 10**9
    with start("--engine", "batch") as process:
        assert provider.polled.wait(60)
        process.kill()
    provider.ends_after = 0
    with start("--engine", "batch") as process:
        _, told = process.communicate(timeout=60)
    assert process.returncode == 0, told
    assert len(provider.batches) == 1
    counts = manifest(tmp_path / "out")["counts"]
    assert isinstance(counts, dict)
    assert (counts["missing"], counts["attempts"]) == (0, counts["requests"])
    for path in (tmp_path / "out").rglob("*"):
        assert path.is_dir() or KEY.encode() not in path.read_bytes()


@pytest.mark.slow
def test_ctrl_c_leaves_the_batch_and_the_local_engine_does_not_pay_for_it_again(
    start: Callable[..., subprocess.Popen[str]], provider: BatchProvider, tmp_path: Path
) -> None:
    provider.ends_after = 10**9
    with start("--engine", "batch") as process:
        assert provider.polled.wait(60)
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=60)
    assert process.returncode == 130, told
    assert "requests are in 1 batches at the provider, which go on there" in told
    assert "to continue: judgebench run" in told
    with start() as process:
        _, told = process.communicate(timeout=60)
    assert process.returncode == 3, told
    assert "requests are in batches that have not ended; --engine batch waits for them" in told
    assert provider.online == []
    provider.ends_after = 0
    with start() as process:
        _, told = process.communicate(timeout=60)
    assert process.returncode == 0, told
    assert provider.online == []


@pytest.mark.slow
def test_a_run_that_was_begun_in_this_process_is_continued_in_batches_under_the_same_keys(
    start: Callable[..., subprocess.Popen[str]], provider: BatchProvider, tmp_path: Path
) -> None:
    (tmp_path / "p.yaml").write_text(
        "date: 2027-01-01\nprices:\n  openai: {some-model: {input: 1, output: 1}}\n"
        "  anthropic: {some-model: {input: 1, output: 1}}\n"
    )
    with start("--prices", "p.yaml", "--budget", "0.015") as process:
        _, told = process.communicate(timeout=60)
    assert process.returncode == 3, told
    assert "the next request may exceed the budget" in told
    with start("--prices", "p.yaml", "--engine", "batch") as process:
        _, told = process.communicate(timeout=60)
    assert process.returncode == 0, told
    assert "answered before)" in told
    table = pd.read_parquet(tmp_path / "out" / "judgments.parquet")
    alone, batched = len(provider.online), provider.sizes[0]
    assert alone > 0
    assert alone + batched == table["request_key"].nunique()
    assert table["cost_usd"].sum() == pytest.approx(alone * 1100e-6 + batched * 550e-6)


def test_a_provider_without_batches_is_refused_in_words(
    cli: Callable[..., object], small_suite: Path
) -> None:
    done = cli(
        "run", small_suite, "--judge", "vllm/m", "--base-url", "http://127.0.0.1:1/v1", "--engine", "batch"
    )
    assert done.returncode == 2  # type: ignore[attr-defined]
    assert "judge vllm/m takes no batches" in done.stderr  # type: ignore[attr-defined]
