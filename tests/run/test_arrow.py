from __future__ import annotations

import subprocess
import sys
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from judgebench.run.arrow import array

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (pa.string(), TEXTS),
        (pa.int64(), st.integers(-(2**63), 2**63 - 1)),
        (pa.float64(), st.floats(allow_nan=False)),
    ],
)
def test_it_is_the_array_that_pyarrow_makes(kind: pa.DataType, values: st.SearchStrategy[Any]) -> None:
    @given(st.lists(st.none() | values))
    def check(column: list[Any]) -> None:
        made = array(column, kind)
        made.validate(full=True)
        assert made.equals(pa.array(column, kind))

    check()


def test_another_type_is_refused() -> None:
    with pytest.raises(TypeError, match="no columns of bool"):
        array([True], pa.bool_())


def test_a_run_is_exported_without_pandas() -> None:
    script = (
        "import sys, pyarrow as pa, judgebench.run.export; from judgebench.run.arrow import array; "
        "array(['a', None], pa.string()); array([1], pa.int64()); print('pandas' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
