"""The tables of mitigations: what each leaves and removes of every bias; what that costs, and what a point costs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from judgebench.report import formats
from judgebench.report.effects import Effect, effects_of, find, lines_of
from judgebench.report.estimands import COSTS
from judgebench.report.labels import DECISIONS, perturbation_name
from judgebench.report.model import Audit
from judgebench.report.table import Row, Table, with_columns
from judgebench.report.tables import judge_names
from judgebench.report.text import shorten

__all__ = ["PLAIN", "Mitigated", "mitigated", "mitigation_cost_table", "mitigation_table"]

PLAIN: Final = frozenset({"none", ""})
_ALWAYS: Final = 4  # columns
_REMOVED: Final = "Removed: the effect without the mitigation minus that with it, on the same items."
_CHANGE: Final = "Change: accuracy with it minus that without."
_PRICE: Final = (
    "Extra: what a verdict takes more with the mitigation.",
    f"A point: that over the points of bias removed; {formats.ABSENT} where what is removed may be 0 or below.",
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
}
_COST_COLUMNS: Final = {
    "mitigation": "Mitigation",
    "unit": "In",
    "extra": "Extra",
    "extra_interval": "Interval",
    "removed": "Removed",
    "removed_interval": "Interval",
    "point": "A point",
    "point_interval": "Interval",
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
        extra: What a verdict takes more with it, by the keys of `COSTS`; only what is known and not nothing.
        price: The same over the points of bias removed.
    """

    bias: str
    mitigation: str
    effect: Effect
    removed: Effect | None
    accuracy: Effect | None
    change: Effect | None = None
    extra: Mapping[str, Effect] = field(default_factory=dict)
    price: Mapping[str, Effect] = field(default_factory=dict)


def mitigated(audit: Audit) -> Iterator[Mitigated]:
    """Every bias that was measured under a mitigation, under each and without, bias by bias."""
    primaries, effects = [line.primary for line in lines_of(audit)], effects_of(audit)
    told = _costs_told(audit, effects)
    for key in dict.fromkeys(map(_bias, primaries)):
        own = [effect for effect in primaries if _bias(effect) == key]
        if all(effect.mitigation in PLAIN for effect in own):
            continue
        for effect in sorted(own, key=lambda effect: effect.mitigation not in PLAIN):
            yield _mitigated(effect, effects, told)


def _mitigated(effect: Effect, effects: Sequence[Effect], told: Sequence[str]) -> Mitigated:
    """What stands beside a bias under one mitigation, with the costs that are told."""
    way = {"protocol": effect.protocol, "mitigation": effect.mitigation, "stratum": "all"}
    bias = {"bias": effect.bias, "perturbation": effect.perturbation, **way}
    extra = {cost: find(effects, bias="cost", estimand=f"extra_{cost}", **way) for cost in told}
    price = {cost: find(effects, estimand=f"{cost}_per_point", **bias) for cost in told}
    return Mitigated(
        _name(effect),
        effect.mitigation or "none",
        effect,
        find(effects, estimand="bias_removed", **bias),
        find(effects, bias="agreement", estimand="accuracy", **way),
        find(effects, bias="agreement", estimand="accuracy_change", **way),
        {cost: found for cost, found in extra.items() if found is not None},
        {cost: found for cost, found in price.items() if found is not None},
    )


def _costs_told(audit: Audit, effects: Sequence[Effect]) -> list[str]:
    """The costs that tell something: a free judge takes no more money, and a simulated one no time worth telling."""
    return [
        cost
        for cost in COSTS
        if any(effect.estimate for effect in effects if effect.estimand == f"extra_{cost}")
        and not (cost == "seconds" and audit.simulated)
    ]


def mitigation_table(audits: Sequence[Audit]) -> Table:
    """For every bias a row without a mitigation and one with each; empty where none was tried.

    What a mitigation removes is the double difference on the same items; what was not estimated for any has no column.
    """
    rows = [
        Row(_cells(found), group, _there(found.effect, found.removed, found.accuracy, found.change))
        for group, found in _grouped(audits)
    ]
    shown = {row.effects[0].verdict for row in rows}
    marks = "; ".join(f"{d.mark} {d.words}" for key, d in DECISIONS.items() if key in shown)
    whole = Table(
        "mitigations",
        "Effects under mitigations, in points",
        tuple(_COLUMNS.values()),
        tuple(rows),
        (0, 3),
        tuple(_COLUMNS),
        notes=(f"{marks}.", _REMOVED, _CHANGE),
    )
    return with_columns(whole, [key for i, key in enumerate(_COLUMNS) if _told(rows, i)])


def mitigation_cost_table(audits: Sequence[Audit]) -> Table:
    """For every bias and mitigation what a verdict takes more, and what a point of bias removed costs, a row a unit."""
    rows = [
        Row(_cost_cells(found, cost), group, _there(found.extra[cost], found.removed, found.price.get(cost)))
        for group, found in _grouped(audits)
        for cost in found.extra
    ]
    return Table(
        "mitigation-costs",
        "What mitigations cost, and what a point of bias removed costs",
        tuple(_COST_COLUMNS.values()),
        tuple(rows),
        (0, 1),
        tuple(_COST_COLUMNS),
        notes=(_REMOVED, *_PRICE),
    )


def _grouped(audits: Sequence[Audit]) -> Iterator[tuple[str, Mitigated]]:
    """Every bias under every mitigation, with the name of the group in which it stands."""
    for judge, audit in zip(judge_names(audits), audits, strict=True):
        for found in mitigated(audit):
            yield f"{judge}: {found.bias}" if len(audits) > 1 else found.bias, found


def _there(*effects: Effect | None) -> tuple[Effect, ...]:
    return tuple(effect for effect in effects if effect is not None)


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
    )


def _cost_cells(found: Mitigated, cost: str) -> tuple[str, ...]:
    extra, price = found.extra[cost], found.price.get(cost)
    return (
        shorten(found.mitigation, 40),
        COSTS[cost],
        formats.estimate(extra),
        formats.interval(extra),
        formats.estimate(found.removed),
        formats.interval(found.removed),
        formats.estimate(price),
        formats.interval(price),
    )


def _bias(effect: Effect) -> tuple[str, str, str]:
    return effect.bias, effect.perturbation, effect.protocol


def _name(effect: Effect) -> str:
    name = perturbation_name(effect.bias, effect.perturbation)
    return name if effect.protocol in ("pairwise", "") else shorten(f"{name} ({effect.protocol})", 60)
