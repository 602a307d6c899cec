"""What a gate says to a build: JUnit XML for its test report, Markdown for its summary page."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Collection, Sequence
from typing import Final

from judgebench.analysis.gate import GateRow
from judgebench.report import formats
from judgebench.report.labels import perturbation_name
from judgebench.report.markdown import markdown_table
from judgebench.report.table import Row, Table
from judgebench.report.text import clean, shorten

__all__ = ["gate_junit", "gate_lines", "gate_summary"]

_LONGEST: Final = 200


def gate_lines(rows: Sequence[GateRow], failing: Collection[str]) -> list[str]:
    """A line a bias for the terminal: whether it passes, its effect, its interval and the decision."""
    return [f"{_mark(row, failing):4} {shorten(row.perturbation, 24):24} {_said(row)}" for row in rows]


def gate_junit(rows: Sequence[GateRow], failing: Collection[str], *, suite: str, judge: str) -> str:
    """A JUnit test suite with a test case a bias, as CI services read it.

    Args:
        rows: The decided biases.
        failing: The decisions at which a bias fails.
        suite: The suite's name.
        judge: The judge's spec.
    """
    failed = sum(row.decision in failing for row in rows)
    counts = {"tests": str(len(rows)), "failures": str(failed), "errors": "0", "skipped": "0"}
    top = ET.Element("testsuites", counts)
    name = shorten(f"{suite} · {judge}", _LONGEST)
    cases = ET.SubElement(top, "testsuite", {"name": name, **counts})
    for row in rows:
        names = {"classname": name, "name": shorten(f"{row.perturbation} ({row.way})", _LONGEST)}
        case = ET.SubElement(cases, "testcase", names)
        if row.decision in failing:
            said = clean(_said(row))
            ET.SubElement(case, "failure", {"message": said, "type": row.decision}).text = said
    ET.indent(top)
    text: bytes = ET.tostring(top, encoding="utf-8", xml_declaration=True)
    return text.decode() + "\n"


def gate_summary(rows: Sequence[GateRow], failing: Collection[str], *, suite: str, judge: str) -> str:
    """A section of Markdown for a build's summary page: how many biases fail, and each with its interval."""
    failed = sum(row.decision in failing for row in rows)
    caption = f"{shorten(suite, 60)} · {shorten(judge, 60)}: {failed} of {len(rows)} biases fail the gate"
    columns = ("", "Bias", "Asked", "Effect, points", "Interval", "Decision")
    cells = [
        Row((
            "\N{CROSS MARK}" if row.decision in failing else "\N{WHITE HEAVY CHECK MARK}",
            perturbation_name(row.bias, row.perturbation),
            row.way,
            formats.points(row.estimate),
            f"[{formats.points(row.conf_low)}, {formats.points(row.conf_high)}]",
            row.decision,
        ))
        for row in rows
    ]  # fmt: skip
    return markdown_table(Table("gate", caption, columns, tuple(cells), left=(0, 1, 2, 5))) + "\n"


def _mark(row: GateRow, failing: Collection[str]) -> str:
    return "FAIL" if row.decision in failing else "ok"


def _said(row: GateRow) -> str:
    low, high = formats.points(row.conf_low), formats.points(row.conf_high)
    return f"{formats.points(row.estimate)} [{low}, {high}] points: {row.decision}"
