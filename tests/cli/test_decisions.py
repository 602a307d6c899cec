"""Gate, compare, route and correct: what a run decides."""

from __future__ import annotations

import csv
import io
import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

import judgebench
from judgebench.analysis.gate import GateRow
from judgebench.report.gate import gate_junit, gate_lines, gate_summary

HOSTILE = "evil/<script>&\x1b[31m]]>\u202e|`a`" + "x" * 500


@pytest.fixture
def run_directory(cli, finished, tmp_path: Path) -> Path:
    return finished("sim/strong", tmp_path / "out")


def test_a_gate_writes_junit_and_appends_to_the_summary_of_the_build(cli, run_directory, monkeypatch) -> None:
    summary = run_directory / "summary.md"
    summary.write_text("# what was there before\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    done = cli("gate", run_directory, "--fail-on", "inconclusive", "--junit", run_directory / "gate.xml")
    assert done.returncode == 4
    cases = ET.parse(run_directory / "gate.xml").getroot().findall("testsuite/testcase")  # noqa: S314  # our own file
    effects = json.loads((run_directory / "effects.json").read_text())
    decided = {e["perturbation"]: e["decision"] for e in effects if e["decision"]}
    failed = {case.get("name").partition(" ")[0] for case in cases if case.find("failure") is not None}
    assert len(cases) == len(decided)
    assert failed == {name for name, decision in decided.items() if decision != "equivalent"}
    said = summary.read_text()
    assert said.startswith("# what was there before\n")
    assert f"{len(failed)} of {len(cases)} biases fail the gate" in said


def test_hostile_names_stay_text_in_every_form_of_a_gate() -> None:
    row = GateRow(HOSTILE, HOSTILE, "pairwise, none", 0.1, 0.05, 0.15, "biased")
    xml = gate_junit([row], {"biased"}, suite=HOSTILE, judge=HOSTILE)
    case = ET.fromstring(xml).find("testsuite/testcase")  # noqa: S314  # our own text
    assert case is not None
    assert case.get("name").startswith("evil/<script>&\\x1b[31m")
    markdown = gate_summary([row], {"biased"}, suite=HOSTILE, judge=HOSTILE)
    assert "<script>" not in markdown
    assert len(markdown.splitlines()) == 5
    (line,) = gate_lines([row], {"biased"})
    assert "\x1b" not in line + markdown + xml


def test_two_runs_are_compared_with_their_dates_and_every_row_goes_to_a_file(
    cli, finished, run_directory: Path, tmp_path: Path
) -> None:
    finished("sim/mild", tmp_path / "mild")
    done = cli("compare", run_directory, "mild", "--out", "differences.csv")
    assert done.returncode == 0, done.stderr
    assert "sim/strong (20" in done.stdout
    assert "minus sim/mild (20" in done.stdout
    rows = list(csv.DictReader(io.StringIO((tmp_path / "differences.csv").read_text())))
    assert {row["judge"] for row in rows} == {"sim/strong - sim/mild"}
    assert {"verdict_change", "excess_verdict_change"} <= {row["estimand"] for row in rows}


def test_two_mitigations_of_a_run_are_compared(cli, small_suite: Path) -> None:
    small_suite.write_text(small_suite.read_text() + "mitigations: [none, system_prompt]\n")
    judgebench.run(small_suite, out="both")
    done = cli("compare", "both", "--mitigations", "none,system_prompt")
    assert done.returncode == 0, done.stderr
    assert "none minus system_prompt" in done.stdout
    wrong = cli("compare", "both", "--mitigations", "none,sistem_prompt")
    assert wrong.returncode == 2
    assert "did you mean 'system_prompt'?" in wrong.stderr


@pytest.mark.parametrize("arguments", [(), ("out", "--mitigations", "a,b"), ("--mitigations", "none")])
def test_compare_wants_exactly_one_thing_to_compare_with(cli, run_directory, arguments) -> None:
    done = cli("compare", run_directory, *arguments)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_route_lists_the_least_reliable_items_and_writes_all_of_them(cli, run_directory: Path) -> None:
    done = cli("route", run_directory, "--top", "3")
    assert done.returncode == 0, done.stderr
    assert "The 3 least reliable of 8 items" in done.stdout
    assert "Agreement with gold on the most reliable items" in done.stdout
    rows = list(csv.DictReader(io.StringIO((run_directory / "routing.csv").read_text())))
    assert [row["rank"] for row in rows] == [str(k) for k in range(1, 9)]
    unreliable = [float(row["unreliability"]) for row in rows]
    assert unreliable == sorted(unreliable, reverse=True)
    assert cli("route", run_directory, "--protocol", "pairwize").returncode == 2


def test_correct_prints_the_board_before_and_after(cli, run_directory: Path, tmp_path: Path) -> None:
    board = tmp_path / "board.csv"
    board.write_text(
        f'model,win_rate,n,first_share\nfirst,0.6,400,1\nsecond,0.5,400,0\n"={HOSTILE}",0.2,400,0.5\n'
    )
    done = cli("correct", board, "--audit", run_directory, "--out", "corrected.csv")
    assert done.returncode == 0, done.stderr
    assert "\x1b" not in done.stdout
    lines = list(csv.DictReader(io.StringIO((tmp_path / "corrected.csv").read_text())))
    effects = json.loads((run_directory / "effects.json").read_text())
    bias = next(
        e["estimate"] for e in effects if e["estimand"] == "first_preference" and e["stratum"] == "all"
    )
    assert float(lines[0]["after"]) == pytest.approx(0.6 - bias)
    assert float(lines[1]["after"]) == pytest.approx(0.5 + bias)
    assert lines[2]["model"].startswith("'=evil")
    board.write_text("model,win_rate,n\nm,0.5,9\n")
    refused = cli("correct", board, "--audit", run_directory)
    assert (refused.returncode, "says nothing of how much a bias touched" in refused.stderr) == (2, True)
