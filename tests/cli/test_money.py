"""What a run may cost is told before it, asked for above a threshold, and compared with what it did cost."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from batch_provider import BatchProvider

TABLE = "date: 2027-01-01\nprices: {{openai: {{some-model: {{input: {0}, output: {0}}}}}}}\n"


@pytest.fixture
def provider() -> Iterator[BatchProvider]:
    with BatchProvider().running() as running:
        yield running


@pytest.fixture
def asked(provider: BatchProvider, small_suite: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The arguments of a run of 80 trials, at 100 USD for a million tokens."""
    monkeypatch.delenv("JUDGEBENCH_PRICES", raising=False)
    (small_suite.parent / "p.yaml").write_text(TABLE.format(100))
    return [
        str(small_suite),
        "--judge",
        "openai/some-model",
        "--base-url",
        provider.url,
        "--prices",
        "p.yaml",
    ]


def test_a_dear_run_is_not_begun_unasked(
    cli, asked: list[str], provider: BatchProvider, tmp_path: Path
) -> None:
    done = cli("run", *asked, "--out", "out")
    assert done.returncode == 2
    assert "this may cost about $1." in done.stderr
    assert "more than the $1.00 that are spent unasked" in done.stderr
    assert "--yes to go on, --budget USD, or a higher --confirm-above USD" in done.stderr
    assert not provider.online
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("leave", [["--yes"], ["--budget", "100"], ["--confirm-above", "5"]])
def test_it_is_with_leave_and_ends_with_what_it_used_beside_the_estimate(
    cli, asked: list[str], provider: BatchProvider, leave: list[str]
) -> None:
    done = cli("run", *asked, "--out", "out", *leave)
    assert done.returncode == 0, done.stderr
    count = len(provider.online)
    used = f"used {1000 * count:,} + {100 * count:,} tokens, ${1100 * count * 100e-6:.4f}; estimated "
    assert used in done.stderr


def test_what_was_answered_before_is_not_asked_for_again(cli, asked: list[str]) -> None:
    assert cli("run", *asked, "--out", "out", "--yes").returncode == 0
    again = cli("run", *asked, "--out", "out")
    assert again.returncode == 0, again.stderr
    assert "78 requests (78 answered before)" in again.stderr


def test_on_a_terminal_the_user_is_asked_and_may_decline(
    cli, asked: list[str], provider: BatchProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    answers = iter([False, True])
    monkeypatch.setattr("typer.confirm", lambda *_, **__: next(answers))
    assert cli("run", *asked, "--out", "out").returncode == 130
    assert not provider.online
    assert cli("run", *asked, "--out", "out").returncode == 0


def test_a_budget_is_kept_to_and_a_larger_one_goes_on(cli, asked: list[str], tmp_path: Path) -> None:
    stopped = cli("run", *asked, "--out", "out", "--budget", "3")
    assert stopped.returncode == 3
    assert "may exceed the budget" in stopped.stderr
    spent = json.loads((tmp_path / "out" / "run.json").read_text())["cost_usd"]
    assert 2 < spent <= 3
    assert cli("run", *asked, "--out", "out", "--budget", "100").returncode == 0


def test_a_plan_tells_the_most_and_what_a_batch_would_save(cli, asked: list[str]) -> None:
    plan = json.loads(cli("plan", *asked, "--json").stdout)[0]
    batch = json.loads(cli("plan", *asked, "--json", "--engine", "batch").stdout)[0]
    assert 0 < plan["cost_usd"] < plan["most_usd"]
    assert batch["cost_usd"] == pytest.approx(plan["cost_usd"] / 2)
    assert batch["most_usd"] == pytest.approx(plan["most_usd"] / 2)
    told = cli("plan", *asked).stdout
    assert f"about ${plan['cost_usd']:.2f}, ${plan['most_usd']:.2f} at most" in " ".join(told.split())
    assert "prices of 2027-01-01" in " ".join(told.split())


def test_a_model_that_reasons_is_counted_with_all_the_tokens_it_may_think(cli, small_suite: Path) -> None:
    def completion_tokens(options: str) -> int:
        done = cli("plan", small_suite, "--judge", f"openai/some-model?reasoning={options}", "--json")
        return int(json.loads(done.stdout)[0]["completion_tokens"])

    assert completion_tokens("true") == 78 * 512
    assert completion_tokens("false") == 78 * 80


def test_doctor_tells_what_a_request_costs_by_prices_of_the_users_own(cli, tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(
        'date: 2026-11-01\nprices: {sim: {"*": {input: 1000.0, output: 1000.0}}}\n'
    )
    (free,) = [line for line in cli("doctor", "--judge", "sim/null").stdout.splitlines() if "$" in line]
    (dear,) = [
        line
        for line in cli("doctor", "--judge", "sim/null", "--prices", "own.yaml").stdout.splitlines()
        if "$" in line
    ]
    assert free != dear
