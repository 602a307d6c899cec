"""The tables by name, for those who ask for one: in every format, with the columns that they choose."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from pandas.io.formats.style import Styler

from judgebench.analysis.schema import EFFECT_COLUMNS
from judgebench.errors import InputError
from judgebench.report.csv import csv_text
from judgebench.report.design_tables import choice_table, factorial_table
from judgebench.report.facts import table_notes
from judgebench.report.judge_tables import (
    accuracy_table,
    position_table,
    recognition_table,
    self_preference_tables,
)
from judgebench.report.latex import table_latex
from judgebench.report.markdown import markdown_table, markdown_text
from judgebench.report.mitigation_table import mitigation_cost_table, mitigation_table
from judgebench.report.model import Audit
from judgebench.report.styled import styled
from judgebench.report.table import Table, known, with_columns, with_companions
from judgebench.report.tables import (
    beside_table,
    category_table,
    dose_table,
    full_table,
    judge_names,
    main_table,
    side_by_side,
)

__all__ = ["TABLES", "Wanted", "render_tables", "style_table", "tables_of"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for.

    Attributes:
        table: The table's name.
        columns: Its columns, by their names; the usual ones where None.
        stars: Whether effects carry stars for small adjusted p-values.
    """

    table: str = "main"
    columns: tuple[str, ...] | None = None
    stars: bool = False


Maker = Callable[[Sequence[Audit], Wanted], list[Table]]


def _main(audits: Sequence[Audit], wanted: Wanted) -> list[Table]:
    if len(audits) == 1:
        return [main_table(audits[0], wanted.columns, stars=wanted.stars)]
    return [side_by_side(audits, wanted.columns, stars=wanted.stars)]


def _each(make: Callable[[Audit, Wanted], Table]) -> Maker:
    """A table a judge, which its caption names where there are several."""

    def made(audits: Sequence[Audit], wanted: Wanted) -> list[Table]:
        found = [make(audit, wanted) for audit in audits]
        if len(audits) == 1:
            return found
        named = zip(found, judge_names(audits), strict=True)
        return [
            replace(table, name=f"{table.name}-{i}", caption=f"{name}: {table.caption}")
            for i, (table, name) in enumerate(named, start=1)
        ]

    return made


def _fixed(make: Callable[[Sequence[Audit]], Table]) -> Maker:
    """A table whose columns are its own: some of them may be chosen, and none has stars."""

    def made(audits: Sequence[Audit], wanted: Wanted) -> list[Table]:
        table = make(audits)
        return [table if wanted.columns is None else with_columns(table, wanted.columns)]

    return made


TABLES: Final[Mapping[str, Maker]] = {
    "main": _main,
    "beside": _each(lambda audit, wanted: beside_table(audit, wanted.columns)),
    "category": lambda audits, wanted: [category_table(audits, wanted.columns, stars=wanted.stars)],
    "dose": lambda audits, wanted: [dose_table(audits, wanted.columns, stars=wanted.stars)],
    "mitigation": _fixed(mitigation_table),
    "mitigation_cost": _fixed(mitigation_cost_table),
    "factorial": _each(lambda audit, wanted: factorial_table(audit, wanted.columns)),
    "choice": _each(lambda audit, wanted: choice_table(audit, wanted.columns)),
    "position": _fixed(position_table),
    "accuracy": _fixed(accuracy_table),
    "self_preference": lambda audits, wanted: self_preference_tables(audits, wanted.columns),
    "self_recognition": _fixed(recognition_table),
    "full": _each(lambda audit, wanted: full_table(audit, wanted.columns, stars=wanted.stars)),
}
_STARRED: Final = ("main", "category", "dose", "full")


def tables_of(audits: Sequence[Audit], wanted: Wanted) -> list[Table]:
    """The table that is asked for: one, one a judge where judges cannot stand side by side, or parts of a wide one.

    Raises:
        InputError: There is no such table or column, or the audits have nothing to put into it.
    """
    known(wanted.table, list(TABLES), "table")
    if wanted.stars and wanted.table not in _STARRED:
        raise InputError(
            f"the table {wanted.table!r} has no stars", expected=f"--stars with {', '.join(_STARRED)}"
        )
    found = TABLES[wanted.table](audits, wanted)
    if not any(table.rows for table in found):
        raise InputError(
            f"there is nothing for the table {wanted.table!r}", expected="a run that has such effects"
        )
    return found


def render_tables(form: str, audits: Sequence[Audit], wanted: Wanted) -> str:
    """The table that is asked for as text: `latex`, `markdown`, `csv` or `html`.

    CSV holds the effects behind the table at full precision, and its columns are those of `effects.json`.

    Raises:
        InputError: There is no such table or column, or the audits have nothing to put into it.
    """
    if form == "csv":
        return _csv(tables_of(audits, replace(wanted, columns=None, stars=False)), wanted.columns)
    found = tables_of(audits, wanted)
    notes = [table_notes(table, audits, stars=wanted.stars) for table in found]
    if form == "latex":
        return "\n".join(map(table_latex, found, notes))
    if form == "html":
        return "\n".join(styled(table, note).to_html() for table, note in zip(found, notes, strict=True))
    return "\n\n".join(
        f"{markdown_table(table)}\n\n{markdown_text(' '.join(note))}\n"
        for table, note in zip(found, notes, strict=True)
    )


def style_table(audits: Sequence[Audit], wanted: Wanted) -> Styler:
    """The table that is asked for as a pandas Styler.

    Raises:
        InputError: There is no such table or column, or the audits have nothing to put into it.
    """
    table = tables_of(audits, wanted)[0]
    return styled(table, table_notes(table, audits, stars=wanted.stars))


def _csv(tables: Sequence[Table], columns: Sequence[str] | None) -> str:
    effects = {id(effect): effect for table in tables for row in table.rows for effect in row.effects}
    truth = any(effect.truth is not None for effect in effects.values())
    there = (*EFFECT_COLUMNS, *(("truth",) if truth else ()))
    chosen = there if columns is None else with_companions(columns, there)
    return csv_text(chosen, ([getattr(effect, column) for column in chosen] for effect in effects.values()))
