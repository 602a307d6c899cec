"""Every command of the command line does its work and says so."""

from __future__ import annotations

import csv
import io
import json
import os
from pathlib import Path

import pytest
from werkzeug import Response


@pytest.fixture
def run_directory(cli, finished, tmp_path: Path) -> Path:
    return finished("sim/mild", tmp_path / "out")


def test_validate_counts_items_and_trials(cli, small_suite: Path) -> None:
    done = cli("validate", small_suite)
    assert done.returncode == 0
    assert "8 items, 80 trials" in done.stdout


def test_validate_tells_a_wrong_protocol_by_place_and_name(cli, small_suite: Path) -> None:
    small_suite.write_text(small_suite.read_text() + "protocols: [pairwize]\n")
    done = cli("validate", small_suite)
    assert done.returncode == 2
    assert "small.yaml:10:13" in done.stderr
    assert "did you mean 'pairwise'?" in done.stderr


def test_plan_sends_nothing_and_tells_requests_money_and_effects(
    cli, small_suite: Path, tmp_path: Path
) -> None:
    done = cli("plan", small_suite, "--judge", "openai/gpt-4o-mini")
    assert done.returncode == 0, done.stderr
    assert "80 trials" in done.stdout
    assert "$" in done.stdout
    assert "authority" in done.stdout
    assert not (tmp_path / "results").exists()


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("perturbations", "superficial_reflection"),
        ("judges", "openai"),
        ("protocols", "pairwise"),
        ("mitigations", "system_prompt"),
        ("sources", "bank"),
        ("formats", "llmbar"),
    ],
)
def test_list_names_what_there_is(cli, kind: str, name: str) -> None:
    done = cli("list", kind)
    assert done.returncode == 0
    assert any(line.split()[0] == name for line in done.stdout.splitlines())


def test_a_plugin_file_enters_a_perturbation(cli, small_suite: Path, tmp_path: Path) -> None:
    (tmp_path / "loud.py").write_text(
        "from judgebench.perturb import Draw, perturbation\n\n\n"
        "@perturbation('loud', family='invariance', summary='capitals')\n"
        "def loud(text: str, draw: Draw) -> str:\n"
        "    return text.upper()\n"
    )
    small_suite.write_text(small_suite.read_text() + "  - loud\n")
    assert cli("validate", small_suite).returncode == 2
    done = cli("run", small_suite, "--plugin", "loud.py", "--out", "loud")
    assert done.returncode == 0, done.stderr
    effects = json.loads((tmp_path / "loud" / "effects.json").read_text())
    assert any(row["bias"] == "loud" and row["estimand"] == "target_preference" for row in effects)


def test_a_plan_draws_its_power_curves(cli, small_suite: Path, tmp_path: Path) -> None:
    assert cli("plan", small_suite, "--figure", "power.svg").returncode == 0
    assert "8 items (this suite)" in (tmp_path / "power.svg").read_text()
    wrong = cli("plan", small_suite, "--figure", "power.bmp")
    assert wrong.returncode == 2
    assert "ends in .pdf, .svg, .png" in wrong.stderr


def test_report_writes_one_table_the_methods_or_the_figures(cli, run_directory: Path, tmp_path: Path) -> None:
    table = cli("report", "out", "--table", "position", "--columns", "judge,first").stdout
    assert "| Judge | First preference | Interval |" in table
    methods = cli("report", "out", "--methods", "--format", "latex", "--out", "paper/methods.tex")
    assert methods.returncode == 0, methods.stderr
    cited = (tmp_path / "paper" / "methods.tex").read_text()
    assert "tango1998" in cited
    assert "@article{tango1998" in (tmp_path / "paper" / "references.bib").read_text()
    assert cli("report", "out", "--figures", "drawn").returncode == 0
    assert {path.name for path in (tmp_path / "drawn").iterdir()} >= {
        "forest.pdf",
        "forest.svg",
        "position.png",
    }


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--table", "postion"), "did you mean 'position'?"),
        (("--columns", "efect"), "did you mean 'effect'?"),
        (("--table", "main", "--methods"), "one at a time"),
        (("--style", "x.mplstyle"), "--figures FOLDER with it"),
        (("--methods", "--format", "csv"), "markdown or latex"),
    ],
)
def test_report_refuses_what_makes_no_sense(
    cli, run_directory: Path, options: tuple[str, ...], said: str
) -> None:
    done = cli("report", "out", *options)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_report_writes_each_format(cli, run_directory: Path) -> None:
    assert cli("report", "out", "--format", "latex").stdout.count("\\toprule") == 1
    assert "| Bias | Effect |" in cli("report", "out", "--format", "markdown").stdout
    rows = list(csv.DictReader(io.StringIO(cli("report", "out", "--format", "csv").stdout.strip())))
    assert {"position", "authority"} <= {row["bias"] for row in rows}
    assert cli("report", "out", "--format", "html", "--out", "page.html").returncode == 0
    assert "</html>" in (run_directory.parent / "page.html").read_text()


def test_analyze_gives_the_same_effects_again(cli, run_directory: Path) -> None:
    before = (run_directory / "effects.json").read_bytes()
    (run_directory / "effects.json").unlink()
    assert cli("analyze", "out").returncode == 0
    assert (run_directory / "effects.json").read_bytes() == before


@pytest.mark.slow
def test_several_judges_go_to_folders_of_their_own(cli, small_suite: Path, tmp_path: Path) -> None:
    done = cli("run", small_suite, "--judge", "sim/mild", "--judge", "sim/null", "--out", "both")
    assert done.returncode == 0, done.stderr
    assert {path.name for path in (tmp_path / "both").iterdir()} == {"sim-mild", "sim-null"}


@pytest.mark.slow
def test_the_default_folder_is_named_after_suite_and_judge(cli, small_suite: Path, tmp_path: Path) -> None:
    cli("run", small_suite)
    assert (tmp_path / "results" / "small" / "sim-mild" / "run.json").is_file()


def test_import_of_a_tidy_table(cli, tmp_path: Path) -> None:
    lines = ["item_id,judge,order,verdict"]
    lines += [f"{i},j,{order},a" for i in range(40) for order in ("ab", "ba")]
    (tmp_path / "verdicts.csv").write_text("\n".join(lines) + "\n")
    assert cli("import", "verdicts.csv", "--format", "tidy", "--out", "imported").returncode == 0
    done = cli("analyze", "imported")
    assert done.returncode == 0, done.stderr
    effects = json.loads((tmp_path / "imported" / "effects.json").read_text())
    found = {row["estimand"]: row["estimate"] for row in effects}
    assert found["first_preference"] == 0.0
    assert found["swap_inconsistency"] == 0.0


def test_doctor_tells_what_works(cli) -> None:
    done = cli("doctor", "--judge", "sim/null?invalid=0")
    assert done.returncode == 0
    assert "sim/null" in done.stdout
    silent = cli("doctor", "--judge", "sim/null?invalid=1")
    assert silent.returncode == 3
    assert "FAIL" in silent.stdout


def test_doctor_tells_a_server_that_is_not_there(cli) -> None:
    done = cli("doctor", "--judge", "vllm/none", "--base-url", "http://127.0.0.1:9/v1")
    assert done.returncode == 3
    assert "FAIL" in done.stdout
    assert "Traceback" not in done.stderr


def test_a_key_never_reaches_a_file_or_the_screen(
    cli, small_suite: Path, tmp_path: Path, monkeypatch, httpserver
) -> None:
    key = "sk-secret-0123456789"
    monkeypatch.setenv("OPENAI_API_KEY", key)
    httpserver.expect_request("/v1/chat/completions").respond_with_handler(
        lambda request: Response(f"wrong key: {request.headers['Authorization']}", status=401)
    )
    address = httpserver.url_for("/v1")
    done = cli("run", small_suite, "--judge", "openai/x", "--base-url", address, "--limit", "2", "--out", "o")
    assert done.returncode == 3
    assert "401" in done.stderr
    assert key not in done.stdout + done.stderr
    for folder, _, files in os.walk(tmp_path):
        assert all(key.encode() not in Path(folder, name).read_bytes() for name in files)
