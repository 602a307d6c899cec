"""The tables with a row a judge: position, agreement with gold, and preference for its own responses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from judgebench.report import formats
from judgebench.report.effects import Effect, Line, effects_of, lines_of
from judgebench.report.labels import DECISIONS, bias_of, estimand_of, variant_name
from judgebench.report.model import Audit
from judgebench.report.table import Row, Table, with_companions
from judgebench.report.tables import judge_names
from judgebench.report.text import shorten

__all__ = ["accuracy_table", "position_table", "recognition_table", "self_effects", "self_preference_tables"]

SELF: Final = "self_preference"
IN_ONE_STYLE: Final = "self_preference_equalised"
_ABREAST: Final = 6
"""Opponents and tasks that stand beside each other in a table of self-preference."""
RECOGNITION: Final = "self_recognition"
_RECOGNISED: Final = ("recognition_accuracy", "recognition_correlation", "recognition_correlation beyond")
_PLAIN: Final = frozenset({"", "all", "judge = gold"})
_USUAL: Final = ("dbg", "dbg_interval", "adjusted", "adjusted_interval")
_HEADS: Final = {
    "raw": "Own share",
    "dbg": "DBG",
    "gold_regression": "On gold",
    "judge_minus_panel": "Less the panel's",
    "adjusted": "Adjusted",
    "panel_regression": "On panel",
    "familiarity_adjusted": "At equal perplexity",
    "own_quality_gap": "Quality gap",
    "order_consistency": "Consistent, %",
    "carried_by_style": "By style",
    "carried_by_style_adjusted": "By style, adjusted",
}
_UNIDENTIFIED: Final = "DBG is gold-adjusted, not identified, where no adjusted estimate stands beside it."


def position_table(audits: Sequence[Audit]) -> Table:
    """Position bias and consistency, a row a judge."""
    columns = (
        "Judge",
        "First preference",
        "Interval",
        "Swap inconsistency, %",
        "Interval",
        "Rerun flips, %",
        "Excess",
        "Decision",
    )
    keys = ("judge", "first", "first_interval", "swap", "swap_interval", "noise", "excess", "decision")
    rows = []
    for name, audit in zip(judge_names(audits), audits, strict=True):
        for line in lines_of(audit):
            if line.primary.bias == "position":
                own = line.primary
                cells = (
                    name + _variant(line),
                    formats.estimate(own),
                    formats.interval(own),
                    formats.estimate(line.flips),
                    formats.interval(line.flips),
                    formats.estimate(line.noise),
                    formats.estimate(line.excess),
                    DECISIONS[own.verdict].words,
                )
                behind = (own, line.flips, line.noise, line.excess)
                rows.append(Row(cells, effects=tuple(effect for effect in behind if effect is not None)))
    return Table("position", "Position bias and consistency", columns, tuple(rows), (0, 7), keys)


def accuracy_table(audits: Sequence[Audit]) -> Table:
    """Agreement with gold, a row a judge."""
    rows = []
    for name, audit in zip(judge_names(audits), audits, strict=True):
        for effect in effects_of(audit):
            if effect.bias == "agreement" and effect.estimand == "accuracy":
                parts = (effect.contrast, effect.stratum, variant_name(effect.protocol, effect.mitigation))
                place = " · ".join(shorten(part.strip(), 40) for part in parts if part not in _PLAIN)
                numbers = (formats.count(effect.n_items), formats.estimate(effect), formats.interval(effect))
                rows.append(Row((f"{name}{f' · {place}' if place else ''}", *numbers), effects=(effect,)))
    columns = ("Judge", "Items", "Accuracy, %", "Interval")
    keys = ("judge", "items", "accuracy", "accuracy_interval")
    return Table("accuracy", "Agreement with gold", columns, tuple(rows), keys=keys)


def recognition_table(audits: Sequence[Audit]) -> Table:
    """Recognition of its own responses and its correlation with preferring them, a row a judge and opponent."""
    rows = []
    for name, audit in zip(judge_names(audits), audits, strict=True):
        found: dict[Against, dict[str, Effect]] = {}
        for effect in effects_of(audit):
            if effect.bias == RECOGNITION and effect.stratum in ("all", ""):
                key = f"{effect.estimand}{' beyond' if effect.contrast.endswith('beyond gold') else ''}"
                where = Against(effect.perturbation, effect.stratum)
                found.setdefault(where, {}).setdefault(key, effect)
        for where, own in found.items():
            shown = [own.get(key) for key in _RECOGNISED]
            pairs = formats.count(shown[0].n_items) if shown[0] else formats.ABSENT
            cells = (cell(e) for e in shown for cell in (formats.estimate, formats.interval))
            rows.append(
                Row((name, where.name, pairs, *cells), effects=tuple(e for e in shown if e is not None))
            )
    columns = ("Judge", "Against", "Pairs", "Recognised, %", "Interval", "Correlation", "Interval", "Beyond gold",
               "Interval")  # fmt: skip
    keys = ("judge", "against", "pairs", "recognised", "recognised_interval", "correlation",
            "correlation_interval", "beyond", "beyond_interval")  # fmt: skip
    notes = (
        "Guessing is right for 50 %.",
        "Correlation over pairs of naming the own response with preferring it.",
    )
    return Table(
        "self_recognition",
        "Recognition of its own responses",
        columns,
        tuple(rows),
        (0, 1),
        keys,
        notes=notes,
    )


@dataclass(frozen=True, slots=True)
class Against:
    """Whom the judge's own responses are compared with, on which task."""

    opponent: str
    task: str

    @property
    def name(self) -> str:
        """What stands above the columns."""
        opponent = "all opponents" if self.opponent in ("all", "", SELF) else shorten(self.opponent, 30)
        return (
            opponent
            if self.task in ("all", "")
            else f"{opponent} · {shorten(self.task.removeprefix('category: '), 24)}"
        )


def self_preference_tables(audits: Sequence[Audit], columns: Sequence[str] | None = None) -> list[Table]:
    """Preference for its own responses: a row a judge, the opponents and tasks as columns.

    Where these are too many for a page, each opponent has a table, its tasks several to a table. Where the responses
    were shown in one style too, the judge has a second row with what is left of it there.

    Args:
        audits: One a judge; those without such effects have no row.
        columns: Estimands (and `<estimand>_interval`) for each opponent; DBG and the adjusted estimate where None.

    Raises:
        InputError: There is no such estimand.
    """
    found = [
        (f"{name}{ending}", self_effects(audit, bias))
        for name, audit in zip(judge_names(audits), audits, strict=True)
        for bias, ending in ((SELF, ""), (IN_ONE_STYLE, " · one style"))
    ]
    there = [key for name in _HEADS for key in (name, f"{name}_interval")]
    keys = _USUAL if columns is None else with_companions([key for key in columns if key != "judge"], there)
    blocks = _blocks(list(dict.fromkeys(where for _, own in found for where in own)))
    return [_self_preference(found, keys, block, at, len(blocks)) for at, block in enumerate(blocks, 1)]


def _blocks(against: list[Against]) -> list[list[Against]]:
    """What stands beside each other: all of it where there is room, else each opponent alone, a few tasks at a time."""
    if len(against) <= _ABREAST:
        return [against]
    by_opponent = [
        [where for where in against if where.opponent == name]
        for name in dict.fromkeys(w.opponent for w in against)
    ]
    return [own[at : at + _ABREAST] for own in by_opponent for at in range(0, len(own), _ABREAST)]


def _self_preference(
    found: Sequence[tuple[str, dict[Against, dict[str, Effect]]]],
    keys: Sequence[str],
    against: Sequence[Against],
    at: int,
    of: int,
) -> Table:
    """The table of some opponents and tasks, the first or a later one of several."""
    rows = tuple(
        Row(
            (name, *(cell for where in against for cell in _self_cells(keys, own.get(where, {})))),
            effects=tuple(e for where in against for e in own.get(where, {}).values()),
        )
        for name, own in found
        if set(own) & set(against)
    )
    heads = tuple("Interval" if key.endswith("_interval") else _HEADS[key] for key in keys)
    shown = [own.get(where, {}) for _, own in found for where in against]
    open_ended = any("dbg" in own and "adjusted" not in own for own in shown)
    return Table(
        SELF if at == 1 else f"{SELF}_{at}",
        f"Preference for its own responses, in points{f' ({at} of {of})' if of > 1 else ''}",
        ("Judge", *heads * len(against)),
        rows,
        spans=tuple((where.name, len(keys)) for where in against),
        notes=(*_meanings(keys), *((_UNIDENTIFIED,) if open_ended and "dbg" in keys else ())),
    )


def self_effects(audit: Audit, bias: str = SELF) -> dict[Against, dict[str, Effect]]:
    """The effects of a bias by opponent and task, and by estimand; the first of each counts."""
    found: dict[Against, dict[str, Effect]] = {}
    for effect in effects_of(audit):
        if effect.bias == bias and effect.estimand in _HEADS:
            where = Against(effect.perturbation, effect.stratum)
            found.setdefault(where, {}).setdefault(effect.estimand, effect)
    return found


def _self_cells(keys: Sequence[str], own: Mapping[str, Effect]) -> Iterator[str]:
    for key in keys:
        name = key.removesuffix("_interval")
        yield formats.interval(own.get(name)) if key.endswith("_interval") else _marked(own.get(name))


def _marked(effect: Effect | None) -> str:
    """The estimate, with the mark of its decision where there is one."""
    if effect is None or not effect.decision:
        return formats.estimate(effect)
    return f"{formats.estimate(effect)} {DECISIONS[effect.verdict].mark}"


def _meanings(keys: Sequence[str]) -> Iterator[str]:
    for key in keys:
        if key in _HEADS and (meaning := estimand_of(key).meaning):
            yield f"{_HEADS[key]}: {meaning}."


def _variant(line: Line) -> str:
    return formats.line_name(line).removeprefix(bias_of(line.primary.bias).name)
