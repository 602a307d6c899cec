"""The effects as CSV: every row and column, numbers at full precision, nothing that a spreadsheet runs."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Final

from judgebench.analysis.schema import EFFECT_COLUMNS
from judgebench.report.effects import effects_of
from judgebench.report.model import Audit

__all__ = ["csv_text", "render_csv"]

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")


def render_csv(audits: Sequence[Audit]) -> str:
    """The effects of all audits as one CSV table with `EFFECT_COLUMNS`; `truth` too if a judge is simulated.

    Numbers are shares, not points, and read back to the same float. A text that a spreadsheet would take for
    a formula gets a leading apostrophe (OWASP, CSV injection). A null is empty.
    """
    effects = [effect for audit in audits for effect in effects_of(audit)]
    columns = [*EFFECT_COLUMNS, *(["truth"] if any(audit.truth is not None for audit in audits) else [])]
    return csv_text(columns, ([getattr(effect, column) for column in columns] for effect in effects))


def csv_text(columns: Sequence[str], rows: Iterable[Sequence[str | float | None]]) -> str:
    """A CSV table of texts and numbers, as `render_csv` writes them."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(map(_cell, columns))
    writer.writerows(map(_cell, row) for row in rows)
    return buffer.getvalue()


def _cell(value: str | float | None) -> str:
    if value is None or value != value:  # noqa: PLR0124  # a NaN is no number either
        return ""
    if not isinstance(value, str):
        return repr(value)
    return f"'{value}" if value.startswith(_FORMULA) else value
