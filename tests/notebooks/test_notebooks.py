"""The notebooks run from top to bottom, and are kept without outputs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def code_cells(path: Path) -> list[dict[str, Any]]:
    return [cell for cell in json.loads(path.read_text("utf-8"))["cells"] if cell["cell_type"] == "code"]


def test_each_use_has_its_notebook() -> None:
    assert [path.stem for path in NOTEBOOKS] == [
        "add_a_perturbation", "first_audit", "reading_the_statistics", "recorded_judges", "self_preference",
    ]  # fmt: skip


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_outputs_are_not_kept(path: Path) -> None:
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in code_cells(path))


def executed(path: Path) -> list[dict[str, Any]]:
    """The code cells of the notebook after a kernel of its own has run them, in the notebook's folder."""
    nbformat, nbclient = pytest.importorskip("nbformat"), pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    notebook = nbformat.read(path, as_version=4)
    there = {"metadata": {"path": str(path.parent)}}
    nbclient.NotebookClient(notebook, timeout=300, kernel_name="python3", resources=there).execute()
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def table(cell: dict[str, Any]) -> str:
    """What the last line of a cell shows, as plain text."""
    return str(cell["outputs"][-1]["data"]["text/plain"])


@pytest.mark.slow
@pytest.mark.filterwarnings("default")  # of the packages that run notebooks
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_runs_from_top_to_bottom_and_complains_of_nothing(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    cells = executed(path)
    said = [output for cell in cells for output in cell["outputs"] if output.get("name") == "stderr"]
    assert said == []
    shown = [cell for cell in cells if cell["outputs"]]
    assert len(shown) >= len(cells) // 2
