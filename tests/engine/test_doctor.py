"""`doctor` against servers that work and servers that are broken in the ways in which real ones are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

GOOD = "Response A is right.\n\n[[A]]"


def examine(cli: Any, address: str, spec: str = "vllm/tiny") -> tuple[int, dict[str, tuple[str, str]], str]:
    """Exit status, (verdict, what was found) by check, and all that was printed."""
    done = cli("doctor", "--judge", spec, "--base-url", address)
    checks = {
        line[5:27].strip(): (line[:4].strip(), line[28:])
        for line in done.stdout.splitlines()
        if line[:4].strip() in {"ok", "FAIL"}
    }
    return done.returncode, checks, done.stdout


@pytest.fixture(autouse=True)
def no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "VLLM_API_KEY"):
        monkeypatch.delenv(variable, raising=False)


def test_a_good_server_passes_every_check(cli: Any, serve: Callable[..., str]) -> None:
    status, checks, _ = examine(cli, serve(says=GOOD))
    assert status == 0
    assert {verdict for verdict, _ in checks.values()} == {"ok"}
    assert list(checks) == [
        "answers", "served model", "verdict in its form", "structured output", "log probabilities", "labels",
        "same question twice", "one request",
    ]  # fmt: skip
    assert checks["served model"][1] == "tiny"
    assert checks["same question twice"][1] == "the same reply"


def test_a_constraint_that_is_ignored_is_found_out(cli: Any, serve: Callable[..., str]) -> None:
    status, checks, printed = examine(cli, serve(says=GOOD, constrains=False))
    assert status == 3
    assert [name for name, (verdict, _) in checks.items() if verdict == "FAIL"] == ["structured output"]
    assert checks["structured output"][1] == "ignored without a word"
    assert "update the server" in printed


def test_log_probabilities_that_do_not_come_are_found_out(cli: Any, serve: Callable[..., str]) -> None:
    status, checks, printed = examine(cli, serve(says=GOOD, logprobs=False))
    assert status == 3
    assert [name for name, (verdict, _) in checks.items() if verdict == "FAIL"] == ["log probabilities"]
    assert "do not use `verdict: logprob`" in printed


def test_labels_with_little_mass_are_told(cli: Any, serve: Callable[..., str]) -> None:
    status, checks, printed = examine(cli, serve(mass=0.2))
    assert status == 3
    assert checks["labels"] == ("FAIL", "they hold 0.200 of the probability")
    assert "use `verdict: text`" in printed


def test_another_model_behind_the_name_is_found_out(cli: Any, serve: Callable[..., str]) -> None:
    status, checks, printed = examine(cli, serve(says=GOOD, served="larger"))
    assert (status, checks["served model"]) == (3, ("FAIL", "larger"))
    assert "tiny was asked" in printed


@pytest.mark.parametrize("served", ["tiny", "tiny-2026-01-31", "org/tiny"])
def test_a_snapshot_of_the_model_is_the_model(cli: Any, serve: Callable[..., str], served: str) -> None:
    assert examine(cli, serve(says=GOOD, served=served))[1]["served model"] == ("ok", served)


def test_a_model_that_is_not_there_comes_with_those_that_are(cli: Any, serve: Callable[..., str]) -> None:
    status, checks, printed = examine(cli, serve(), "vllm/tyni")
    assert (status, list(checks)) == (3, ["answers"])
    assert "the server has tiny" in printed


def test_a_key_that_is_missing_is_told(cli: Any, serve: Callable[..., str]) -> None:
    status, checks, printed = examine(cli, serve(key="secret"))
    assert (status, list(checks)) == (3, ["answers"])
    assert "401" in checks["answers"][1]
    assert "check the key in the environment" in printed


def test_what_a_provider_does_not_offer_is_no_failure(cli: Any, serve: Callable[..., str]) -> None:
    _, checks, _ = examine(cli, serve(says=GOOD), "anthropic/tiny")
    assert checks["log probabilities"] == ("ok", "not offered: `verdict: logprob` is refused")


@pytest.mark.vllm
def test_the_real_server_constrains_and_gives_log_probabilities(cli: Any, vllm_server: str) -> None:
    status, checks, _ = examine(cli, vllm_server)
    failed = [name for name, (verdict, _) in checks.items() if verdict == "FAIL"]
    # a random model writes no verdict in its form, and doctor says so
    assert (status, failed) == (3, ["verdict in its form"])
    assert checks["served model"][1] == "tiny"
