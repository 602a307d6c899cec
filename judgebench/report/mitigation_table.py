"""The table of mitigations: what each leaves of every bias, what it removes, and what that costs in accuracy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from judgebench.report import formats
from judgebench.report.effects import Effect, effects_of, find, lines_of
from judgebench.report.labels import DECISIONS, perturbation_name
from judgebench.report.model import Audit
from judgebench.report.table import Row, Table, with_columns
from judgebench.report.tables import judge_names
from judgebench.report.text import shorten

__all__ = ["PLAIN", "Mitigated", "mitigated", "mitigation_table"]

PLAIN: Final = frozenset({"none", ""})
_ALWAYS: Final = 4  # columns
_MEANINGS: Final = (
    "Removed: the effect without the mitigation minus that with it, on the same items.",
    "Change: accuracy with it minus that without. Tokens: what a verdict takes more.",
)
_COLUMNS: Final = {
    "mitigation": "Mitigation",
    "effect": "Effect",
    "interval": "Interval",
    "mark": "",
    "removed": "Removed",
    "removed_interval": "Interval",
    "accuracy": "Accuracy, %",
    "accuracy_interval": "Interval",
    "change": "Change",
    "change_interval": "Interval",
    "tokens": "Tokens",
    "tokens_interval": "Interval",
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
        change: Accuracy with the mitigation minus that without, on the same items.
        tokens: What a verdict takes more with it.
    """

    bias: str
    mitigation: str
    effect: Effect
    removed: Effect | None
    accuracy: Effect | None
    change: Effect | None = None
    tokens: Effect | None = None

    @property
    def effects(self) -> tuple[Effect, ...]:
        """Those of its effects that there are."""
        every = (self.effect, self.removed, self.accuracy, self.change, self.tokens)
        return tuple(effect for effect in every if effect is not None)


def mitigated(audit: Audit) -> Iterator[Mitigated]:
    """Every bias that was measured under a mitigation, under each and without, bias by bias."""
    primaries, effects = [line.primary for line in lines_of(audit)], effects_of(audit)
    for key in dict.fromkeys(map(_bias, primaries)):
        own = [effect for effect in primaries if _bias(effect) == key]
        if all(effect.mitigation in PLAIN for effect in own):
            continue
        for effect in sorted(own, key=lambda effect: effect.mitigation not in PLAIN):
            way = {"protocol": effect.protocol, "mitigation": effect.mitigation, "stratum": "all"}
            yield Mitigated(
                _name(effect),
                effect.mitigation or "none",
                effect,
                find(
                    effects,
                    bias=effect.bias,
                    perturbation=effect.perturbation,
                    estimand="bias_removed",
                    **way,
                ),
                find(effects, bias="agreement", estimand="accuracy", **way),
                find(effects, bias="agreement", estimand="accuracy_change", **way),
                find(effects, estimand="extra_tokens", **way),
            )


def mitigation_table(audits: Sequence[Audit]) -> Table:
    """For every bias a row without a mitigation and one with each; empty where none was tried.

    What a mitigation removes is the double difference on the same items; what was not estimated for any has no column.
    """
    rows = []
    for judge, audit in zip(judge_names(audits), audits, strict=True):
        for found in mitigated(audit):
            group = f"{judge}: {found.bias}" if len(audits) > 1 else found.bias
            rows.append(Row(_cells(found), group, found.effects))
    shown = {row.effects[0].verdict for row in rows}
    marks = "; ".join(f"{d.mark} {d.words}" for key, d in DECISIONS.items() if key in shown)
    whole = Table(
        "mitigations",
        "Effects under mitigations, in points",
        tuple(_COLUMNS.values()),
        tuple(rows),
        (0, 3),
        tuple(_COLUMNS),
        notes=(f"{marks}.", *_MEANINGS),
    )
    return with_columns(whole, [key for i, key in enumerate(_COLUMNS) if _told(rows, i)])


def _told(rows: Sequence[Row], column: int) -> bool:
    """Whether a column has something to tell; those before what may not be estimated always do."""
    return column < _ALWAYS or any(row.cells[column] != formats.ABSENT for row in rows)


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
        formats.estimate(found.change),
        formats.interval(found.change),
        formats.estimate(found.tokens),
        formats.interval(found.tokens),
    )


def _bias(effect: Effect) -> tuple[str, str, str]:
    return effect.bias, effect.perturbation, effect.protocol


def _name(effect: Effect) -> str:
    name = perturbation_name(effect.bias, effect.perturbation)
    return name if effect.protocol in ("pairwise", "") else shorten(f"{name} ({effect.protocol})", 60)
