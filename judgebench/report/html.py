"""One self-contained HTML page: it loads nothing, and what others wrote stays text.

The page's content security policy allows its own script, named by hash, and nothing from elsewhere.
"""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from judgebench.report import formats
from judgebench.report.cards import GRAVITY, Card, cards_of
from judgebench.report.checks import warnings_of
from judgebench.report.effects import Effect, Line, lines_of
from judgebench.report.facts import facts_of, headline, instrument_lines, method_notes, table_notes
from judgebench.report.figures import (
    dose_figure,
    forest_figure,
    mitigation_cost_figure,
    mitigation_figure,
    reliability_figure,
    svg_of,
)
from judgebench.report.labels import DECISIONS, FAMILIES
from judgebench.report.methods import methods_of
from judgebench.report.mitigation_table import mitigation_cost_table, mitigation_table
from judgebench.report.model import Audit
from judgebench.report.packing import pack, room_for
from judgebench.report.sentences import sentence_of
from judgebench.report.table import Table
from judgebench.report.tables import comparison_table, full_table, judge_names, truth_mark
from judgebench.report.text import shorten

__all__ = ["render_html"]

_BEFORE: Final = ("Bias", "Effect")
_BESIDE: Final = (
    "p (adj.)",
    "Decision",
    "Placebo",
    "Net of placebo",
    "Flips, %",
    "Noise floor, %",
    "Excess",
    "Target loses",
    "Target wins",
    "Missing",
)
_WORDS: Final = frozenset({"Bias", "Decision"})
_CONTROL: Final = "positive_control"


@dataclass(frozen=True, slots=True)
class _Cell:
    """A cell of the table of effects; `note` stands below in small print."""

    text: str
    note: str = ""


def render_html(audits: Sequence[Audit]) -> str:
    """The page: findings in plain sentences, figures, tables, facts of the run, examples and limits.

    Args:
        audits: One a judge; all stand on the same page, and several are compared first.
    """
    environment = Environment(
        loader=PackageLoader("judgebench.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    script = _source(environment, "report.js")
    room = room_for(sum(len(audit.samples) for audit in audits), len(audits))
    suites = dict.fromkeys(shorten(audit.suite, 40) for audit in audits)
    return environment.get_template("report.html.j2").render(
        title=f"Judge audit: {', '.join(suites)}",
        style=_source(environment, "report.css"),
        script=script,
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        judges=[_judge(audit, name, room) for audit, name in zip(audits, judge_names(audits), strict=True)],
        figures=[list(_figures([audit], f"judge-{i}")) for i, audit in enumerate(audits, start=1)],
        comparison=comparison_table(audits) if len(audits) > 1 else None,
        joint=list(_figures(audits, "joint")) if len(audits) > 1 else [],
        families=_families(audits),
        decisions=[DECISIONS[key] for key in GRAVITY if key],
    )


def _source(environment: Environment, name: str) -> Markup:
    """A file of this package's templates, as it is."""
    loader = environment.loader
    text = loader.get_source(environment, name)[0] if loader else ""
    return Markup(text)  # noqa: S704  # the package's own style and script, nothing of a user's


def _judge(audit: Audit, name: str, room: int) -> dict[str, Any]:
    lines = lines_of(audit)
    trials = {(s.perturbation, s.protocol, s.mitigation): pack(s, room) for s in audit.samples}
    cards = cards_of(lines, trials)
    checks = instrument_lines(audit)
    instrument = [(n, formats.measured(e), formats.interval(e)) for n, e in checks]
    controls = [e for _, e in checks if e.bias == _CONTROL]
    truth = any(line.primary.truth is not None for line in lines)
    return {
        "name": name,
        "suite": shorten(audit.suite, 60),
        "headline": headline(audit),
        "simulated": audit.simulated,
        "warnings": warnings_of(audit),
        "tallies": _tallies(cards),
        "cards": cards,
        "families": sorted({card.family for card in cards}),
        "findings": [
            (DECISIONS[v.primary.verdict], v.primary.verdict, sentence_of(v)) for v in _by_gravity(lines)
        ],
        "columns": [
            (head, head not in _WORDS) for head in (*_BEFORE, *(["Truth"] if truth else []), *_BESIDE)
        ],
        "rows": [_cells(line, truth=truth) for line in lines],
        "full": full_table(audit),
        "mitigations": [
            (_ungrouped(table), " ".join(table_notes(table, [audit])))
            for table in (mitigation_table([audit]), mitigation_cost_table([audit]))
            if table.rows
        ],
        "instrument": instrument,
        "control": next((trials.get((_CONTROL, e.protocol, e.mitigation)) for e in controls), None),
        "tiles": [own for own in instrument if own[1].endswith("%")][:3],
        "notes": method_notes(audit),
        "methods": methods_of(audit).plain,
        "facts": facts_of(audit),
    }


def _ungrouped(table: Table) -> Table:
    """The table with the name of each row's group in a first column, so that its rows can be sorted."""
    rows = tuple(replace(row, cells=(row.group, *row.cells)) for row in table.rows)
    left = (0, *(i + 1 for i in table.left))
    heads = ("Bias", *(head or "Decision" for head in table.columns))
    return replace(table, columns=heads, rows=rows, left=left, keys=())


def _tallies(cards: Sequence[Card]) -> list[tuple[str, str, str, int]]:
    """(decision's key, mark, words, number of biases), for the decisions that tell something."""
    counts = Counter(card.verdict for card in cards)
    return [(key, DECISIONS[key].mark, DECISIONS[key].words, counts[key]) for key in GRAVITY if key]


def _by_gravity(lines: Sequence[Line]) -> list[Line]:
    """The gravest decision first, the largest effect first within one."""
    return sorted(lines, key=lambda v: (GRAVITY.index(v.primary.verdict), -abs(v.primary.estimate or 0)))


def _cells(line: Line, *, truth: bool) -> list[_Cell]:
    own, decision = line.primary, DECISIONS[line.primary.verdict]
    split = (
        f"toward {formats.estimate(line.toward)}\naway {formats.estimate(line.away)}" if line.toward else ""
    )
    shown = (line.noise, line.excess, line.loses, line.wins)
    return [
        _Cell(formats.line_name(line), line.family.name),
        _with_interval(own),
        *([_Cell(truth_mark(own))] if truth else []),
        _Cell(formats.p_value(own.p_adjusted)),
        _Cell(f"{decision.mark}\N{NO-BREAK SPACE}{decision.words}"),
        _with_interval(line.placebo),
        _with_interval(line.net),
        _Cell(formats.estimate(line.flips), split),
        *map(_with_interval, shown),
        _Cell(formats.count(own.n_missing), f"bounds\n{formats.bounds(own)}" if own.n_missing else ""),
    ]


def _with_interval(effect: Effect | None) -> _Cell:
    return _Cell(formats.estimate(effect), formats.interval(effect) if effect else "")


def _figures(audits: Sequence[Audit], prefix: str) -> Iterator[tuple[str, Markup]]:
    """Each figure with its caption; matplotlib escapes every text that it writes into an SVG."""
    forest = (
        "Effects with their intervals. The grey band is the margin within which an effect does not matter."
    )
    drawn = (
        (forest, forest_figure(audits)),
        ("Effect by dose, with intervals.", dose_figure(audits)),
        (
            "What mitigations remove of a bias, against what they do to the accuracy.",
            mitigation_figure(audits),
        ),
        ("What mitigations remove of a bias, against what they cost.", mitigation_cost_figure(audits)),
        ("How often gold agrees with the probabilities that the judge gave.", reliability_figure(audits)),
    )
    for i, (caption, figure) in enumerate(drawn):
        if figure is not None:
            image = svg_of(figure, caption, f"{prefix}-{i}-")
            yield caption, Markup(image)  # noqa: S704  # escaped by its writer


def _families(audits: Sequence[Audit]) -> list[tuple[str, str]]:
    present = {line.family.name for audit in audits for line in lines_of(audit)}
    return [(family.name, family.meaning) for family in FAMILIES.values() if family.name in present]
