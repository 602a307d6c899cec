"""The table of mitigations: what each leaves of every bias, what it removes, and what that costs in accuracy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from judgebench.report import formats
from judgebench.report.effects import Effect, effects_of, lines_of
from judgebench.report.labels import DECISIONS, perturbation_name
from judgebench.report.model import Audit
from judgebench.report.table import Row, Table
from judgebench.report.tables import judge_names
from judgebench.report.text import shorten

__all__ = ["PLAIN", "Mitigated", "mitigated", "mitigation_table"]

PLAIN: Final = frozenset({"none", ""})
_REMOVED: Final = "bias_removed"
_COLUMNS: Final = {
    "mitigation": "Mitigation",
    "effect": "Effect",
    "interval": "Interval",
    "mark": "",
    "removed": "Removed",
    "removed_interval": "Interval",
    "accuracy": "Accuracy, %",
    "accuracy_interval": "Interval",
}


@dataclass(frozen=True, slots=True)
class Mitigated:
    """A bias under one mitigation.

    Attributes:
        bias: The bias's name and that of the protocol, where it is not the plain one.
        mitigation: The mitigation; `none` for the judge as it is.
        effect: What the bias is under it.
        removed: The effect without the mitigation minus that with it, paired on the items; None where not estimated.
        accuracy: Agreement with gold under it.
    """

    bias: str
    mitigation: str
    effect: Effect
    removed: Effect | None
    accuracy: Effect | None


def mitigated(audit: Audit) -> Iterator[Mitigated]:
    """Every bias that was measured under a mitigation, under each and without, bias by bias."""
    lines, effects = lines_of(audit), effects_of(audit)
    tried = {_bias(line.primary) for line in lines if line.primary.mitigation not in PLAIN}
    of = {
        key: [x.primary for x in lines if _bias(x.primary) == key]
        for key in map(_bias, (x.primary for x in lines))
    }
    for key, own in of.items():
        if key in tried:
            for effect in sorted(own, key=lambda e: e.mitigation not in PLAIN):
                yield Mitigated(
                    _name(effect),
                    effect.mitigation or "none",
                    effect,
                    _removed(effect, effects),
                    _accuracy(effect, effects),
                )


def mitigation_table(audits: Sequence[Audit]) -> Table:
    """For every bias a row without a mitigation and one with each; empty where none was tried.

    What a mitigation removes is the double difference on the same items; where it was not estimated its cell is empty.
    """
    rows = []
    for judge, audit in zip(judge_names(audits), audits, strict=True):
        for found in mitigated(audit):
            group = f"{judge}: {found.bias}" if len(audits) > 1 else found.bias
            behind = (found.effect, found.removed, found.accuracy)
            rows.append(Row(_cells(found), group, tuple(e for e in behind if e is not None)))
    shown = {effect.verdict for row in rows for effect in row.effects[:1]}
    marks = "; ".join(f"{d.mark} {d.words}" for key, d in DECISIONS.items() if key in shown)
    return Table(
        "mitigations",
        "Effects under mitigations, in points",
        tuple(_COLUMNS.values()),
        tuple(rows),
        (0, 3),
        tuple(_COLUMNS),
        notes=(
            f"{marks}.",
            "Removed: the effect without the mitigation minus that with it, on the same items.",
        ),
    )


def _cells(found: Mitigated) -> tuple[str, ...]:
    return (
        shorten(found.mitigation, 40),
        formats.estimate(found.effect),
        formats.interval(found.effect),
        DECISIONS[found.effect.verdict].mark,
        formats.estimate(found.removed),
        formats.interval(found.removed),
        formats.estimate(found.accuracy),
        formats.interval(found.accuracy),
    )


def _bias(effect: Effect) -> tuple[str, str, str]:
    return effect.bias, effect.perturbation, effect.protocol


def _name(effect: Effect) -> str:
    name = perturbation_name(effect.bias, effect.perturbation)
    return name if effect.protocol in ("pairwise", "") else shorten(f"{name} ({effect.protocol})", 60)


def _removed(effect: Effect, effects: Sequence[Effect]) -> Effect | None:
    wanted = (*_bias(effect), effect.mitigation, _REMOVED)
    return next((e for e in effects if (*_bias(e), e.mitigation, e.estimand) == wanted), None)


def _accuracy(effect: Effect, effects: Sequence[Effect]) -> Effect | None:
    wanted = ("agreement", "accuracy", "all", effect.protocol, effect.mitigation)
    return next(
        (e for e in effects if (e.bias, e.estimand, e.stratum, e.protocol, e.mitigation) == wanted), None
    )
