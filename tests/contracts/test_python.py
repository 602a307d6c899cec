from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import judgebench


def test_the_public_names_are_those_listed() -> None:
    assert set(judgebench.__all__) == {
        "GateFailed", "IncompleteRun", "InputError", "JudgebenchError", "PluginError", "Run", "__version__",
        "load", "run",
    }  # fmt: skip
    assert all(getattr(judgebench, name) is not None for name in judgebench.__all__)


def test_run_is_a_function_whatever_is_imported_first() -> None:
    program = (
        "import judgebench.run.store, judgebench, judgebench.run.session;"
        "from judgebench.run.plan import plan; assert callable(judgebench.run); assert callable(plan)"
    )
    subprocess.run([sys.executable, "-c", program], check=True, cwd=Path(judgebench.__file__).parent.parent)


def test_run_gives_frames(small_suite: Path, tmp_path: Path) -> None:
    run = judgebench.run(small_suite, judge="sim/null", out=tmp_path / "out")
    assert isinstance(run, judgebench.Run)
    assert run.complete
    assert len(run.judgments()) == 80
    assert "first_preference" in set(run.effects()["estimand"])
    assert list(run.table("position", ["first"]).data.columns) == [
        "First preference",
        "First preference interval",
    ]


def test_a_suite_without_a_judge_needs_one(small_suite: Path, tmp_path: Path) -> None:
    small_suite.write_text(small_suite.read_text().replace("judge: sim/mild\n", ""))
    with pytest.raises(judgebench.InputError, match="names no judge"):
        judgebench.run(small_suite, out=tmp_path / "out")
    assert not (tmp_path / "out").exists()
