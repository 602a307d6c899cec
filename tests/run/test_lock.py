"""The plan is locked before the first request, and what differs from it is told."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from judgebench.audit import analyze, audit_of, load, run, settings_of
from judgebench.report.checks import warnings_of
from judgebench.run.lock import is_intact
from judgebench.run.store import STORE, Store
from judgebench.suite import load_suite


@pytest.fixture
def out(small_suite: Path, tmp_path: Path) -> Path:
    text = small_suite.read_text() + "analysis: {margin: 0.1, confirmatory: [position, length]}\n"
    small_suite.write_text(text)
    return run(small_suite, judge="sim/null", out=tmp_path / "out").path


def test_the_plan_says_what_is_asked_and_decided_and_its_digest_is_in_the_store(
    out: Path, small_suite: Path
) -> None:
    plan = load(out).manifest["plan"]
    assert plan == {
        "suite_hash": load_suite(small_suite).hash,
        "analysis": {"margin": 0.1, "alpha": 0.05, "level": 0.95, "cluster": "item",
                     "confirmatory": ["position", "length"]},
        "perturbations": [
            {"name": name, "version": version, "family": "invariance"}
            for name, version in (("position", 1), ("length@1.5", 1), ("authority", 2))
        ],
    }  # fmt: skip
    canonical = json.dumps(plan, sort_keys=True, separators=(",", ":"))
    with Store(out / STORE, read_only=True) as store:
        assert store.get_meta("plan_lock") == hashlib.sha256(canonical.encode()).hexdigest()
    assert is_intact(out, load(out).manifest)


def test_an_analysis_with_other_settings_is_recorded_and_told_until_it_is_as_planned_again(out: Path) -> None:
    found = analyze(out, margin=0.2, alpha=0.05)
    assert found.manifest["analysis_changed"] == {"margin": {"planned": 0.1, "used": 0.2}}
    assert load(out).manifest == found.manifest
    assert set(found.effects()["margin"].dropna()) == {0.2}
    assert any("margin 0.2 in place of 0.1" in warning for warning in warnings_of(audit_of(found)))
    assert analyze(out).manifest == {k: v for k, v in found.manifest.items() if k != "analysis_changed"}
    assert not any("locked plan" in warning for warning in warnings_of(audit_of(load(out))))


@pytest.mark.parametrize("tampered", ["changed", "gone"])
def test_a_plan_that_was_changed_afterwards_is_told(out: Path, small_suite: Path, tampered: str) -> None:
    manifest = load(out).manifest
    if tampered == "changed":
        manifest["plan"]["analysis"]["margin"] = 0.3
    else:
        del manifest["plan"]
    (out / "run.json").write_text(json.dumps(manifest))
    assert not is_intact(out, manifest)
    assert any("not the one that was locked" in warning for warning in warnings_of(audit_of(load(out))))
    if tampered == "changed":  # continuing the run does not make it good
        assert not is_intact(out, run(small_suite, judge="sim/null", out=out).manifest)


def test_the_analysis_follows_the_plan_and_not_what_stands_beside_it(out: Path) -> None:
    manifest = load(out).manifest
    manifest["analysis"]["margin"] = 0.9
    assert settings_of(manifest).margin == 0.1
    assert settings_of({"analysis": {"margin": 0.9}}).margin == 0.9


def test_a_directory_without_a_store_has_no_plan_to_break(tmp_path: Path) -> None:
    assert is_intact(tmp_path, {})


@pytest.mark.slow
def test_the_command_takes_settings_and_refuses_impossible_ones(cli, out: Path) -> None:
    done = cli("analyze", out, "--margin", "0.15", "--level", "0.9")
    assert done.returncode == 0
    assert "margin 0.15 in place of 0.1" in done.stdout.replace("\n", " ")
    assert "The analysis is not that of the locked plan" in (out / "report.html").read_text(encoding="utf-8")
    refused = cli("analyze", out, "--alpha", "2")
    assert refused.returncode == 2
    assert "the alpha is 2" in refused.stderr
