"""The columns that a table of effects may have: what each is called and how its cell is made."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from judgebench.report import formats
from judgebench.report.effects import Effect, Line
from judgebench.report.labels import DECISIONS, bias_of, estimand_of
from judgebench.report.table import with_companions
from judgebench.report.text import clean

__all__ = ["COLUMNS", "STARS", "Column", "cells_of", "chosen", "heads_of", "shown", "starred", "truth_mark"]

COVERED: Final = "\N{CHECK MARK}"
NOT_COVERED: Final = "\N{BALLOT X}"
STARS: Final = ((0.001, "***"), (0.01, "**"), (0.05, "*"))


@dataclass(frozen=True, slots=True)
class Column:
    """A column.

    Attributes:
        head: What stands above it.
        cell: The text for a line.
        words: Whether it holds words, which are aligned left.
        part: The effect of the line that the cell is about.
    """

    head: str
    cell: Callable[[Line], str]
    words: bool = False
    part: Callable[[Line], Effect | None] = lambda _: None


def truth_mark(effect: Effect) -> str:
    """The truth with a mark that says whether the interval covers it."""
    if effect.covers_truth is None:
        return formats.ABSENT
    return f"{formats.truth(effect)} {COVERED if effect.covers_truth else NOT_COVERED}"


def starred(effect: Effect) -> str:
    """The estimate with a star for each usual threshold that the adjusted p-value lies under."""
    p = effect.p_adjusted
    stars = next((mark for limit, mark in STARS if p is not None and p < limit), "")
    return formats.estimate(effect) + stars


def _own(cell: Callable[[Effect], str], head: str, *, words: bool = False) -> Column:
    return Column(head, lambda line: cell(line.primary), words, lambda line: line.primary)


def _part(
    part: Callable[[Line], Effect | None],
    head: str,
    cell: Callable[[Effect | None], str] = formats.estimate,
) -> Column:
    return Column(head, lambda line: cell(part(line)), part=part)


def _stays(effect: Effect | None) -> Effect | None:
    """The share of verdicts that stay, of an effect that is the share of those that change."""
    if effect is None:
        return None
    least, most = (None if end is None else 1 - end for end in (effect.conf_high, effect.conf_low))
    share = None if effect.estimate is None else 1 - effect.estimate
    return replace(effect, estimate=share, conf_low=least, conf_high=most)


def _stay(part: Callable[[Line], Effect | None], name: str) -> dict[str, Column]:
    """A share of verdicts that stay, and its interval."""
    return {
        name: _part(part, f"{name.capitalize()}, %", lambda effect: formats.estimate(_stays(effect))),
        f"{name}_interval": _part(
            part, f"{name.capitalize()} interval", lambda effect: formats.interval(_stays(effect))
        ),
    }


COLUMNS: Final[Mapping[str, Column]] = {
    "bias": Column("Bias", formats.line_name, words=True),
    "family": Column("Family", lambda line: line.family.name, words=True),
    "effect": _own(formats.estimate, "Effect"),
    "interval": _own(formats.interval, "{level} interval"),
    "std_error": _own(formats.std_error, "SE"),
    "unit": _own(formats.unit, "Unit", words=True),
    "p": _own(lambda effect: formats.p_value(effect.p_value), "p"),
    "p_adjusted": _own(lambda effect: formats.p_value(effect.p_adjusted), "p (adj.)"),
    "decision": _own(lambda effect: DECISIONS[effect.verdict].words, "Decision", words=True),
    "mark": _own(lambda effect: DECISIONS[effect.verdict].mark, "", words=True),
    "truth": _own(truth_mark, "Truth"),
    "margin": _own(formats.margin, "Margin"),
    "items": _own(lambda effect: formats.count(effect.n_items), "Items"),
    "judgments": _own(lambda effect: formats.count(effect.n_judgments), "Judgments"),
    "missing": _own(lambda effect: formats.count(effect.n_missing), "Missing"),
    "bounds": _own(formats.bounds, "Worst-case bounds"),
    "method": _own(lambda effect: clean(effect.method), "Method", words=True),
    "placebo": _part(lambda line: line.placebo, "Placebo"),
    "placebo_interval": _part(lambda line: line.placebo, "Placebo interval", formats.interval),
    "net": _part(lambda line: line.net, "Net of placebo"),
    "flips": _part(lambda line: line.flips, "Flips, %"),
    "noise": _part(lambda line: line.noise, "Noise, %"),
    # the two rates of CALM (arXiv:2410.02736)
    **_stay(lambda line: line.flips, "robustness"),
    **_stay(lambda line: line.noise, "consistency"),
    "excess": _part(lambda line: line.excess, "Excess"),
    "excess_interval": _part(lambda line: line.excess, "Excess interval", formats.interval),
    "toward": _part(lambda line: line.toward, "Toward, %"),
    "away": _part(lambda line: line.away, "Away, %"),
    "loses": _part(lambda line: line.loses, "Target loses"),
    "wins": _part(lambda line: line.wins, "Target wins"),
    "perturbation": _own(lambda effect: clean(effect.perturbation), "Perturbation", words=True),
    "estimand": _own(lambda effect: estimand_of(effect.estimand).name, "Estimand", words=True),
    "contrast": _own(lambda effect: clean(effect.contrast), "Contrast", words=True),
    "stratum": _own(lambda effect: clean(effect.stratum), "Stratum", words=True),
    "protocol": _own(lambda effect: clean(effect.protocol), "Protocol", words=True),
    "mitigation": _own(lambda effect: clean(effect.mitigation), "Mitigation", words=True),
    "bias_name": _own(lambda effect: bias_of(effect.bias).name, "Bias", words=True),
}


def chosen(names: Sequence[str] | None, usual: Sequence[str]) -> tuple[str, ...]:
    """The columns that are asked for, each with its interval or noise floor, or else the usual ones.

    The first of the usual ones names the row, and comes first in any case.

    Raises:
        InputError: There is no such column.
    """
    if names is None:
        return tuple(usual)
    found = with_companions(names, tuple(COLUMNS))
    return (usual[0], *(name for name in found if name != usual[0]))


def heads_of(keys: Sequence[str], lines: Sequence[Line]) -> tuple[str, ...]:
    """The heads of columns; the interval's names the level of the lines."""
    level = next((line.primary.conf_level for line in lines if line.primary.conf_level is not None), None)
    return tuple(COLUMNS[key].head.format(level=formats.level(level)) for key in keys)


def cells_of(keys: Sequence[str], line: Line | None, *, stars: bool = False) -> tuple[str, ...]:
    """The cells of a line, absent where there is no line."""
    if line is None:
        return (formats.ABSENT,) * len(keys)
    return tuple(
        starred(line.primary) if stars and key == "effect" else COLUMNS[key].cell(line) for key in keys
    )


def shown(keys: Sequence[str], line: Line) -> tuple[Effect, ...]:
    """The effects whose figures the columns show."""
    parts = (COLUMNS[key].part(line) for key in keys)
    return tuple({id(effect): effect for effect in parts if effect is not None}.values())
