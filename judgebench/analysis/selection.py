"""One way of asking out of a run that may hold several."""

from __future__ import annotations

import pandas as pd

from judgebench.errors import InputError, nearest


def one_way(table: pd.DataFrame, protocol: str | None = None, mitigation: str | None = None) -> pd.DataFrame:
    """The rows of one protocol and one mitigation: the named ones, or else the first of the run.

    Args:
        table: Judgments or effects.
        protocol: Its name; where None, that of the first row.
        mitigation: Likewise.

    Raises:
        InputError: The run has none of that name.
    """
    return _of(_of(table, "protocol", protocol), "mitigation", mitigation)


def one_mitigation(table: pd.DataFrame, mitigation: str) -> pd.DataFrame:
    """The rows of one mitigation.

    Raises:
        InputError: The run has none of that name.
    """
    return _of(table, "mitigation", mitigation)


def _of(table: pd.DataFrame, column: str, wanted: str | None) -> pd.DataFrame:
    present = [str(name) for name in table[column].unique()]
    if wanted is not None and wanted not in present:
        raise InputError(
            f"the run has no {column} {wanted!r}",
            expected=f"one of {', '.join(present)}",
            suggestion=nearest(wanted, present),
        )
    return table[table[column] == (wanted or present[0])] if present else table
