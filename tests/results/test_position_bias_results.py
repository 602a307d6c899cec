"""The published table of recorded judges on MT-Bench and DevBench comes out of the verdicts."""

from __future__ import annotations

import runpy
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

FOLDER = Path(__file__).parents[2] / "results" / "position_bias"


@pytest.fixture(scope="module")
def make() -> SimpleNamespace:
    return SimpleNamespace(**runpy.run_path(str(FOLDER / "make.py")))


@pytest.fixture(scope="module")
def kept() -> pd.DataFrame:
    return pd.read_csv(FOLDER / "position_bias.csv")


def test_both_files_hold_the_same_table(make: SimpleNamespace, kept: pd.DataFrame) -> None:
    assert (FOLDER / "position_bias.md").read_text(encoding="utf-8") == make.markdown(kept)


def test_published_counts_are_reproduced(kept: pd.DataFrame) -> None:
    assert len(kept) == 5
    assert kept["reproduced"].all()
    assert kept["unreadable"].sum() == 19


@pytest.mark.slow
def test_the_table_comes_out_of_the_verdicts(
    data: Path, tmp_path: Path, make: SimpleNamespace, kept: pd.DataFrame
) -> None:
    found, _ = make.table_of(data / "position_bias", tmp_path)
    pd.testing.assert_frame_equal(found, kept, check_dtype=False, atol=1e-6, rtol=0)
