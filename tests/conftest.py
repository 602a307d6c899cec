from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from hypothesis import settings

import judgebench
from judgebench.cli import main

# a busy machine is no fault of the code
settings.register_profile("judgebench", deadline=None)
settings.load_profile("judgebench")

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True)
class Done:
    """What a command left: its exit status and what it printed."""

    returncode: int
    stdout: str
    stderr: str


Cli = Callable[..., Done]


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def data() -> Path:
    """Public data in their publishers' layout; tests that need them say so where they are absent."""
    folder = Path(os.environ.get("JUDGEBENCH_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no public data at {folder}; set JUDGEBENCH_DATA")
    return folder


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Cli:
    """The command line, from an empty folder: arguments in, exit status and texts out."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setenv("NO_COLOR", "1")

    def run(*arguments: str | Path) -> Done:
        capsys.readouterr()
        monkeypatch.setattr(sys, "argv", ["judgebench", *map(str, arguments)])
        with pytest.raises(SystemExit) as left:
            main()
        printed = capsys.readouterr()
        return Done(int(left.value.code or 0), printed.out, printed.err)

    return run


ITEMS = [
    {
        "id": f"item-{i}",
        "prompt": f"Question number {i}: what is {i} plus {i}?",
        "response_a": f"It is {2 * i}. I added {i} to itself."
        if i % 2
        else f"It is {2 * i + 1}, as one can see.",
        "response_b": f"It is {2 * i + 1}, I think."
        if i % 2
        else f"The sum is {2 * i}, since {i} + {i} = {2 * i}.",
        "gold": "a" if i % 2 else "b",
        "category": "arithmetic",
    }
    for i in range(8)
]

SUITE = """\
suite: small
seed: 3
judge: sim/mild
items:
  - {source: file, path: items.jsonl}
perturbations:
  - position
  - length: {dose: [1.5]}
  - authority
"""


@pytest.fixture
def small_suite(tmp_path: Path) -> Path:
    """A suite of eight items beside its item file."""
    return write_small_suite(tmp_path)


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, Path], Path]:
    """Copies of a finished run of the small suite: judge and folder in, run directory out."""

    @cache
    def run(judge: str) -> Path:
        folder = tmp_path_factory.mktemp("finished")
        judgebench.run(write_small_suite(folder), judge, out=folder / "out")
        return folder / "out"

    return lambda judge, folder: shutil.copytree(run(judge), folder)


def write_small_suite(folder: Path) -> Path:
    write_items(folder / "items.jsonl", ITEMS)
    path = folder / "small.yaml"
    path.write_text(SUITE)
    return path


def write_items(path: Path, items: Sequence[dict[str, object]]) -> None:
    path.write_text("".join(json.dumps(item) + "\n" for item in items))
