"""An effect as the reports see it, and the line that puts beside an effect what must stand beside it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from judgebench.report.labels import Family, family_of
from judgebench.report.model import TRUTH_KEY, Audit

__all__ = ["NEGLIGIBLE", "USUAL", "Effect", "Line", "effects_of", "find", "lines_of"]

NEGLIGIBLE: Final = "negligible"
_DECISIONS: Final = frozenset({"biased", "equivalent", "inconclusive"})
_TEXT: Final = (
    "suite", "judge", "bias", "perturbation", "estimand", "contrast", "stratum", "protocol", "mitigation",
    "unit", "method",
)  # fmt: skip
_REAL: Final = (
    "estimate", "std_error", "conf_low", "conf_high", "conf_level", "statistic", "p_value", "p_adjusted",
    "bound_low", "bound_high", "margin",
)  # fmt: skip
_COUNT: Final = ("n_items", "n_clusters", "n_judgments", "n_missing")
USUAL: Final = (
    "score_shift",
    "first_preference",
    "target_preference",
    "adjusted",
    "dbg",
    "raw",
    "score_adjusted",
)
"""The estimands that answer for a bias, the first that there is."""
_TELLING: Final = {
    "transitivity": {"estimand": "excess_cyclic_share"},
    "halo": {"contrast": "together - apart"},
    "familiarity": {"estimand": "preference_per_nat"},
}
"""Of biases that have none of these: what tells more than the row that comes first."""
_FLIPS: Final = ("flip_rate", "swap_inconsistency", "disagreement_rate")
_EXCESS: Final = ("excess_flip_rate", "excess_swap_inconsistency", "excess_disagreement_rate")
_RERUN: Final = ("rerun_flip_rate", "rerun_disagreement_rate")
_CHECKS: Final = frozenset({
    "agreement", "attribute", "cost", "manipulation", "missing", "positive_control", "repeat_stability", "scale_use",
    "ties",
})  # fmt: skip
_DOSES: Final = frozenset({"dose_trend", "slope_per_log_length"})
_STRATA: Final = ("category: ", "source: ", "humans: ")
_TREATMENT: Final = "treatment - control"


@dataclass(frozen=True, slots=True)
class Effect:
    """One row of the effects table; a null is None (numbers) or empty (text).

    `truth` is the planted value, where a simulated judge has one. All other fields are columns of the table.
    """

    suite: str
    judge: str
    bias: str
    perturbation: str
    estimand: str
    contrast: str
    stratum: str
    protocol: str
    mitigation: str
    unit: str
    method: str
    estimate: float | None
    std_error: float | None
    conf_low: float | None
    conf_high: float | None
    conf_level: float | None
    statistic: float | None
    p_value: float | None
    p_adjusted: float | None
    bound_low: float | None
    bound_high: float | None
    margin: float | None
    n_items: int | None
    n_clusters: int | None
    n_judgments: int | None
    n_missing: int | None
    decision: str
    truth: float | None

    @property
    def excludes_zero(self) -> bool:
        """Whether the interval lies on one side of zero."""
        return (self.conf_low is not None and self.conf_low > 0) or (
            self.conf_high is not None and self.conf_high < 0
        )

    @property
    def verdict(self) -> str:
        """The decision; `negligible` where it is `equivalent` and excludes zero; empty for none."""
        return NEGLIGIBLE if self.decision == "equivalent" and self.excludes_zero else self.decision

    @property
    def covers_truth(self) -> bool | None:
        """Whether the interval covers the planted value; None where either is unknown."""
        if self.truth is None or self.conf_low is None or self.conf_high is None:
            return None
        return self.conf_low <= self.truth <= self.conf_high

    @property
    def sign_open(self) -> bool:
        """Whether the missing replies, at worst, undo the sign that the interval asserts."""
        if not self.n_missing or not self.excludes_zero or self.bound_low is None or self.bound_high is None:
            return False
        return self.bound_low <= 0 <= self.bound_high


@dataclass(frozen=True, slots=True)
class Line:
    """A bias (or a dose of it) in one protocol and mitigation, with all that must stand beside its effect.

    Attributes:
        primary: The effect that answers for the bias.
        placebo: Placebo against control: the same edit with nothing in it.
        net: Treatment against placebo.
        flips: Share of verdicts that change (for position: that depend on the order).
        excess: The same minus its noise floor.
        toward: Flips toward the target.
        away: Flips away from the target.
        noise: The noise floor: the same when the same request is sent again.
        loses: The primary effect where gold says that the target loses.
        wins: The primary effect where gold says that the target wins.
        strata: The primary effect by category and by source.
    """

    primary: Effect
    placebo: Effect | None = None
    net: Effect | None = None
    flips: Effect | None = None
    excess: Effect | None = None
    toward: Effect | None = None
    away: Effect | None = None
    noise: Effect | None = None
    loses: Effect | None = None
    wins: Effect | None = None
    strata: tuple[Effect, ...] = ()

    @property
    def beside(self) -> tuple[Effect, ...]:
        """What there is to stand beside the effect; nothing where a noise floor alone is known."""
        parts = (
            self.placebo,
            self.net,
            self.flips,
            self.excess,
            self.toward,
            self.away,
            self.loses,
            self.wins,
        )
        return tuple(effect for effect in parts if effect is not None)

    @property
    def family(self) -> Family:
        """The family that says what the right effect is."""
        return family_of(self.primary.bias)

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What makes lines of several judges the same line."""
        return _group(self.primary)


def effects_of(audit: Audit) -> tuple[Effect, ...]:
    """Every row of the audit's effects table, in its order, joined with the truth where there is one."""
    truths: dict[tuple[str, ...], float | None] = {}
    if audit.truth is not None:
        for row in audit.truth.to_dict("records"):
            truths[tuple(_text(row[key]) for key in TRUTH_KEY)] = _real(row["truth"])
    return tuple(_effect(row, truths) for row in audit.effects.to_dict("records"))


def find(effects: Iterable[Effect], **wanted: str) -> Effect | None:
    """The first effect whose fields equal `wanted`, or None."""
    return next((e for e in effects if all(getattr(e, key) == value for key, value in wanted.items())), None)


def lines_of(audit: Audit) -> tuple[Line, ...]:
    """The lines of the main tables, by family and then in the table's order, those of one change together.

    Checks of the instrument (agreement, missing replies, positive control, noise floor) are not lines, and neither
    are the slopes over the doses of a bias.
    """
    everything = effects_of(audit)
    groups: dict[tuple[str, str, str, str], list[Effect]] = {}
    for effect in everything:
        if effect.bias not in _CHECKS and effect.estimand not in _DOSES:
            groups.setdefault(_group(effect), []).append(effect)
    lines = [_line(group, everything) for group in groups.values()]
    changes = list(dict.fromkeys(line.key[:2] for line in lines))
    return tuple(sorted(lines, key=lambda line: (line.family.rank, changes.index(line.key[:2]))))


def _group(effect: Effect) -> tuple[str, str, str, str]:
    return effect.bias, effect.perturbation, effect.protocol, effect.mitigation


def _line(group: list[Effect], everything: tuple[Effect, ...]) -> Line:
    overall = [e for e in group if e.stratum in ("all", "")] or group
    primary, flips = _primary(overall), _named(overall, _FLIPS)
    floor = _named(overall, _RERUN) or _noise(primary, everything)
    like = {"estimand": primary.estimand, "contrast": primary.contrast}
    return Line(
        primary=primary,
        placebo=find(overall, estimand=primary.estimand, contrast="placebo - control"),
        net=find(overall, estimand=primary.estimand, contrast="treatment - placebo"),
        flips=flips,
        excess=_named(overall, _EXCESS),
        toward=_named(overall, ("flip_toward",)),
        away=_named(overall, ("flip_away",)),
        noise=floor if flips else None,
        loses=find(group, stratum="gold: target loses", **like),
        wins=find(group, stratum="gold: target wins", **like),
        strata=tuple(
            effect
            for effect in group
            if effect.stratum.startswith(_STRATA)
            and (effect.estimand, effect.contrast) == (primary.estimand, primary.contrast)
        ),
    )


def _primary(overall: list[Effect]) -> Effect:
    named = (
        find(overall, estimand=name, contrast=_TREATMENT) or find(overall, estimand=name) for name in USUAL
    )
    telling = _TELLING.get(overall[0].bias)
    told = find(overall, **telling) if telling else None
    decided = (effect for effect in overall if effect.decision)
    return next((e for e in named if e is not None), None) or told or next(decided, overall[0])


def _named(effects: Iterable[Effect], estimands: tuple[str, ...]) -> Effect | None:
    """The first effect with one of the estimands; flips of the placebo arm are not the cue's flips."""
    return next(
        (e for e in effects if e.estimand in estimands and not e.contrast.startswith("placebo")), None
    )


def _noise(primary: Effect, everything: Iterable[Effect]) -> Effect | None:
    """The floor that goes with the flips: for position any difference counts, a tie being a verdict of its own."""
    like = "inconsistency" if primary.bias == "position" else "flip_rate"
    repeats = [e for e in everything if e.bias == "repeat_stability" and e.estimand == like]
    return find(repeats, protocol=primary.protocol, mitigation=primary.mitigation, stratum="all")


def _effect(row: dict[Any, Any], truths: dict[tuple[str, ...], float | None]) -> Effect:
    values: dict[str, Any] = {}
    parts: tuple[tuple[tuple[str, ...], Callable[[Any], Any]], ...] = (
        (_TEXT, _text), (_REAL, _real), (_COUNT, _count),
    )  # fmt: skip
    for columns, convert in parts:
        values |= {column: convert(row[column]) for column in columns}
    decision = _text(row["decision"])
    truth = truths.get(tuple(values[key] for key in TRUTH_KEY))
    return Effect(**values, decision=decision if decision in _DECISIONS else "", truth=truth)


def _real(value: Any) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError):  # None, pandas' NA, or text where a number should be
        return None
    return number if math.isfinite(number) else None


def _count(value: Any) -> int | None:
    number = _real(value)
    return None if number is None else round(number)


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return "" if pd.isna(value) else str(value)
