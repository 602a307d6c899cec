"""A card a bias for the HTML page: the estimate, what it means, what must stand beside it, the trials behind it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from judgebench.report import formats
from judgebench.report.effects import Effect, Line
from judgebench.report.labels import DECISIONS, Decision, estimand_of
from judgebench.report.packing import Packed
from judgebench.report.sentences import meaning_of
from judgebench.report.tables import truth_mark

__all__ = ["GRAVITY", "Bar", "Card", "cards_of"]

GRAVITY: Final = ("biased", "negligible", "inconclusive", "equivalent", "")
"""The decisions, the one to look at first being first."""


@dataclass(frozen=True, slots=True)
class Bar:
    """An interval drawn on a line from 0 to 100, zero effect being 50; without a margin the band has no width."""

    low: float
    high: float
    at: float
    band_low: float
    band_width: float
    truth: float | None


@dataclass(frozen=True, slots=True)
class Card:
    """What the page says about one line.

    Attributes:
        name: The bias, its dose, and what sets its protocol and mitigation apart.
        family: Its family's name.
        verdict: The decision's key; `decision` has its words and its mark.
        estimate: With its unit.
        interval: With its level in front.
        quantity: What the number is, in words; may be empty.
        meaning: What it means among a hundred comparisons; may be empty.
        bar: The interval as a picture; None where the effect is not a share.
        beside: (name, value, interval or note), for what must stand beside the effect.
        trials: The trials behind it; None where the run kept no prompts.
        size: The absolute estimate, to sort by; -1 where there is none.
        gravity: The place of the decision in `GRAVITY`.
    """

    name: str
    family: str
    verdict: str
    decision: Decision
    estimate: str
    interval: str
    quantity: str
    meaning: str
    bar: Bar | None
    beside: tuple[tuple[str, str, str], ...]
    trials: Packed | None
    size: float
    gravity: int


def cards_of(lines: Sequence[Line], trials: Mapping[tuple[str, str, str], Packed]) -> list[Card]:
    """A card a line, the gravest decision first and the largest effect first within one.

    Args:
        lines: The lines of one judge.
        trials: Its packed samples, by perturbation, protocol and mitigation.
    """
    reach = max((_reach(line.primary) for line in lines if formats.is_share(line.primary)), default=0.0)
    cards = [_card(line, trials, reach) for line in lines]
    return sorted(cards, key=lambda card: (card.gravity, -card.size))


def _card(line: Line, trials: Mapping[tuple[str, str, str], Packed], reach: float) -> Card:
    own = line.primary
    return Card(
        name=formats.line_name(line),
        family=line.family.name,
        verdict=own.verdict,
        decision=DECISIONS[own.verdict],
        estimate=formats.measured(own),
        interval=f"{formats.level(own.conf_level)} interval {formats.interval(own)}",
        quantity=estimand_of(own.estimand).meaning,
        meaning=meaning_of(line),
        bar=_bar(own, reach),
        beside=tuple(_beside(line)),
        trials=trials.get((_changed(own), own.protocol, own.mitigation)),
        size=-1.0 if own.estimate is None else abs(own.estimate),
        gravity=GRAVITY.index(own.verdict),
    )


def _changed(effect: Effect) -> str:
    """The value of the column `perturbation` of the trials behind an effect, `position` where nothing was changed."""
    if effect.bias == "transitivity":
        return "position"
    return effect.perturbation or effect.bias


def _beside(line: Line) -> Iterator[tuple[str, str, str]]:
    own = line.primary
    if own.truth is not None:
        yield "Truth", truth_mark(own), ""
    if line.beside:
        yield from _changed_beside(line)
    if line.loses or line.wins:
        yield "Where the target loses", formats.estimate(line.loses), formats.interval(line.loses)
        yield "Where the target wins", formats.estimate(line.wins), formats.interval(line.wins)
    yield "p, adjusted", formats.p_value(own.p_adjusted), ""
    yield "Items", formats.count(own.n_items), ""
    if own.n_missing:
        yield "Missing", formats.count(own.n_missing), f"at worst {formats.bounds(own)}"


def _changed_beside(line: Line) -> Iterator[tuple[str, str, str]]:
    """What stands beside the effect of a change: what any change does, and what asking again does."""
    yield "Placebo", formats.estimate(line.placebo), formats.interval(line.placebo)
    yield "Net of placebo", formats.estimate(line.net), formats.interval(line.net)
    toward = (
        f"toward {formats.estimate(line.toward)}, away {formats.estimate(line.away)}" if line.toward else ""
    )
    yield "Flips, %", formats.estimate(line.flips), toward
    yield "Noise floor, %", formats.estimate(line.noise), formats.interval(line.noise)
    yield "Flips beyond noise", formats.estimate(line.excess), formats.interval(line.excess)


def _reach(effect: Effect) -> float:
    """The largest distance from zero that the effect's bar has to show."""
    shown = (effect.estimate, effect.conf_low, effect.conf_high, effect.margin, effect.truth)
    return max((abs(value) for value in shown if value is not None), default=0.0)


def _bar(effect: Effect, reach: float) -> Bar | None:
    estimate, low, high = effect.estimate, effect.conf_low, effect.conf_high
    if not formats.is_share(effect) or not reach or estimate is None:
        return None

    def place(value: float) -> float:
        return round(50 + 47 * value / reach, 2)

    margin = effect.margin or 0.0
    return Bar(
        low=place(estimate if low is None else low),
        high=place(estimate if high is None else high),
        at=place(estimate),
        band_low=place(-margin),
        band_width=round(94 * margin / reach, 2),
        truth=None if effect.truth is None else place(effect.truth),
    )
