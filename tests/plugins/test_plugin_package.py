"""A package of somebody else's, built and installed, brings a plugin of every kind by its entry points."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "plugin_package"
ROOT = Path(__file__).parents[2]
SUITE = """
suite: examples
items: [{source: example_sums, count: 12}]
protocols: [example_protocol]
mitigations: [none, example_mitigation]
perturbations: [position, {example_remark: {targets: both}}]
"""

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of packages with the example in it."""
    folder = tmp_path_factory.mktemp("installed")
    subprocess.run(
        [
            sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation",
            "--disable-pip-version-check", "--target", folder, PACKAGE,
        ],
        check=True, capture_output=True,
    )  # fmt: skip
    return folder


def judgebench(installed: Path, cwd: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(installed), str(ROOT)])
    return subprocess.run(
        [sys.executable, "-m", "judgebench", *arguments], cwd=cwd, check=False, capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": path, "COLUMNS": "120"},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("perturbations", "example_remark"), ("sources", "example_sums"), ("judges", "example_judge"),
        ("protocols", "example_protocol"), ("mitigations", "example_mitigation"),
    ],
)  # fmt: skip
def test_each_kind_is_listed(kind: str, name: str, installed: Path, tmp_path: Path) -> None:
    done = judgebench(installed, tmp_path, "list", kind)
    assert done.returncode == 0, done.stderr
    assert any(line.startswith(name) for line in done.stdout.splitlines())


def test_a_suite_uses_all_of_them_by_name(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "suite.yaml").write_text(SUITE)
    done = judgebench(
        installed, tmp_path, "run", "suite.yaml", "--judge", "example_judge/short", "--out", "out", "--yes"
    )
    assert done.returncode == 0, done.stderr
    effects = json.loads((tmp_path / "out" / "effects.json").read_text())
    assert {row["mitigation"] for row in effects} == {"none", "example_mitigation"}
    assert {row["perturbation"] for row in effects} >= {"position", "example_remark"}
    assert all(row["protocol"] == "example_protocol" for row in effects)


def test_the_installed_perturbation_passes_its_check(installed: Path, tmp_path: Path) -> None:
    done = judgebench(installed, tmp_path, "check-plugin", "example_remark")
    assert done.returncode == 0, done.stdout
    assert "FAIL" not in done.stdout


def test_an_installed_plugin_that_does_not_load_stops_the_run_with_its_name(
    installed: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "packages"
    (broken / "judgebench_broken-1.dist-info").mkdir(parents=True)
    (broken / "judgebench_broken.py").write_text("raise RuntimeError('half installed')\n")
    (broken / "judgebench_broken-1.dist-info" / "METADATA").write_text(
        "Name: judgebench-broken\nVersion: 1\n"
    )
    (broken / "judgebench_broken-1.dist-info" / "entry_points.txt").write_text(
        "[judgebench.perturbations]\nbroken = judgebench_broken:broken\n"
    )
    (tmp_path / "suite.yaml").write_text(SUITE.replace("{example_remark: {targets: both}}", "broken"))
    path = Path(f"{installed}{os.pathsep}{broken}")
    done = judgebench(path, tmp_path, "run", "suite.yaml", "--judge", "sim/null", "--out", "out")
    assert done.returncode == 2
    assert "plugin 'judgebench_broken:broken' does not load: RuntimeError: half installed" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()
