"""Two runs, or two mitigations of one, as a table of differences."""

from __future__ import annotations

from typing import Final

import pandas as pd

from judgebench.report import formats
from judgebench.report.effects import Effect, effects_of
from judgebench.report.labels import estimand_of, perturbation_name
from judgebench.report.model import Audit
from judgebench.report.table import Row, Table
from judgebench.report.text import clean, shorten

__all__ = ["differences_table"]

_WORDS: Final = {"biased": "differ", "negligible": "differ negligibly", "equivalent": "equivalent"}
_OF_THE_JUDGE: Final = {"agreement": "Agreement with gold", "verdict_change": "Unchanged items"}


def differences_table(found: pd.DataFrame, caption: str) -> Table:
    """A row a difference, in points: first minus second, with its interval, Holm's p-value and the decision.

    Rows that belong to a placebo or a positive control name their contrast.
    """
    effects = effects_of(Audit(found))
    level = next((e.conf_level for e in effects if e.conf_level is not None), None)
    columns = (
        "Bias",
        "Measure",
        "Difference",
        f"{formats.level(level)} interval",
        "p (adj.)",
        "Decision",
        "Items",
    )
    rows = tuple(Row(_cells(effect)) for effect in effects)
    return Table("differences", caption, columns, rows, left=(0, 1, 5))


def _cells(effect: Effect) -> tuple[str, ...]:
    low, high = formats.points(effect.conf_low), formats.points(effect.conf_high)
    return (
        shorten(_name(effect), 40),
        _measure(effect),
        formats.points(effect.estimate),
        f"[{low}, {high}]" if effect.conf_low is not None else formats.ABSENT,
        formats.p_value(effect.p_adjusted),
        _WORDS.get(effect.verdict, effect.verdict),
        formats.count(effect.n_items),
    )


def _name(effect: Effect) -> str:
    if effect.bias in _OF_THE_JUDGE:
        return _OF_THE_JUDGE[effect.bias]
    return perturbation_name(effect.bias, effect.perturbation)


def _measure(effect: Effect) -> str:
    """The estimand, with its contrast where that is not the plain one."""
    name = estimand_of(effect.estimand).name
    plain = effect.contrast.startswith("treatment - control") or effect.estimand != "target_preference"
    return name if plain else f"{name} ({clean(effect.contrast)})"
