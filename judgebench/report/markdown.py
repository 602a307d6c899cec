"""The tables as GitHub-flavoured Markdown."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from judgebench.report.checks import warnings_of
from judgebench.report.effects import lines_of
from judgebench.report.facts import headline, instrument_lines, method_notes
from judgebench.report.formats import interval, is_number, measured
from judgebench.report.methods import methods_of
from judgebench.report.model import Audit
from judgebench.report.sentences import sentence_of
from judgebench.report.table import Row, Table
from judgebench.report.tables import beside_table, comparison_table, judge_names, main_table
from judgebench.report.text import clean, shorten

__all__ = ["markdown_table", "markdown_text", "render_markdown"]

_SPECIAL: Final = re.compile(r"[\\`*_\[\]<>|~$&@]|:(?=//)|(?<=www)\.")


def render_markdown(audits: Sequence[Audit]) -> str:
    """The audits as Markdown: for each judge the findings, tables and notes; then the judges side by side."""
    parts = [_one(audit, name) for audit, name in zip(audits, judge_names(audits), strict=True)]
    if len(audits) > 1:
        parts.append(f"## Side by side\n\n{markdown_table(comparison_table(audits))}")
    return "\n\n".join(parts) + "\n"


def _one(audit: Audit, name: str) -> str:
    blocks = [
        f"## {markdown_text(shorten(audit.suite, 60))} · {markdown_text(name)}",
        markdown_text(headline(audit)),
    ]
    if audit.simulated:
        blocks.append("*Simulated judge: the verdicts are drawn from planted biases.*")
    if warnings := warnings_of(audit):
        blocks.append("\n".join(f"- **Warning:** {markdown_text(warning)}" for warning in warnings))
    if lines := lines_of(audit):
        blocks.append("\n".join(f"- {markdown_text(sentence_of(line))}" for line in lines))
        blocks += [markdown_table(main_table(audit)), markdown_table(beside_table(audit))]
    if found := instrument_lines(audit):
        rows = tuple(Row((label, measured(effect), interval(effect))) for label, effect in found)
        blocks.append(
            markdown_table(Table("instrument", "The instrument", ("Measure", "Value", "Interval"), rows))
        )
    blocks.append(markdown_text(" ".join(method_notes(audit))))
    blocks.append(f"**Methods.** {markdown_text(methods_of(audit).plain)}")
    return "\n\n".join(blocks)


def markdown_table(table: Table) -> str:
    """A table under its caption; what others wrote in it stays text. A group's name stands in a row of its own."""
    width = len(table.columns)
    sides = [":--" if i in table.left else "--:" for i in range(width)]
    rows = [tuple(map(markdown_text, table.flat_columns)), tuple(sides)]
    group = ""
    for row in table.rows:
        if row.group != group:
            group = row.group
            rows.append((f"*{markdown_text(group)}*", *[""] * (width - 1)))
        rows.append(tuple(map(markdown_text, row.cells)))
    return f"**{markdown_text(table.caption)}**\n\n" + "\n".join(f"| {' | '.join(row)} |" for row in rows)


def markdown_text(text: str) -> str:
    """Text that Markdown shows as it is: no markup, no HTML, no link and no mention."""
    text = clean(text)
    return text if is_number(text) and text[0] not in "<>" else _SPECIAL.sub(_character, text)


def _character(match: re.Match[str]) -> str:
    """What HTML or a link needs becomes an entity: renderers differ on a backslash before it."""
    character = match[0]
    return f"&#{ord(character)};" if character in "<>&@:." else f"\\{character}"
