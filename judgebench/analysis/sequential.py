"""Item-level differences in the order of asking, their confidence sequences, and effects that are decided by them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from judgebench.analysis.effects import is_invariance
from judgebench.analysis.estimands import measurements
from judgebench.analysis.factorial import alone
from judgebench.analysis.joint import SIMULTANEOUS
from judgebench.analysis.measurement import ALL, Measurement
from judgebench.analysis.panels import Experiment, Floats, experiment
from judgebench.analysis.schema import ANALYSED_COLUMNS
from judgebench.analysis.scores import SHIFT, is_scored, shifted
from judgebench.analysis.settings import Settings
from judgebench.stats import betting_sequence, decide


class Key(NamedTuple):
    """What tells the primary effects of a run from each other."""

    protocol: str
    mitigation: str
    perturbation: str
    estimand: str


@dataclass(frozen=True, slots=True)
class Series:
    """The differences of an effect, an item each, in the order of asking and in the unit of the effect.

    Shifts of scores are in shares of the scale, so that one margin and one width go for all effects.

    Attributes:
        value: Of the items with a complete pair of verdicts or scores, shape (items,).
        low: The least they could be, of all items that were asked, whatever the missing verdicts are.
        high: The most.
        bound: How far from 0 a difference can lie.
    """

    value: Floats
    low: Floats
    high: Floats
    bound: float

    def __add__(self, later: Series) -> Series:
        pairs = ((self.value, later.value), (self.low, later.low), (self.high, later.high))
        value, low, high = map(np.concatenate, pairs)
        return Series(value, low, high, self.bound)


@dataclass(frozen=True, slots=True)
class Limits:
    """A confidence sequence at one look.

    Attributes:
        items: Items with a complete pair of verdicts.
        estimate: Their mean difference.
        lower: Lower limit.
        upper: Upper limit.
    """

    items: int
    estimate: float
    lower: float
    upper: float


def table_of(judgments: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Rows of `judgments.parquet` as a table of the columns that effects are computed from."""
    return pd.DataFrame({name: [row.get(name) for row in judgments] for name in ANALYSED_COLUMNS})


def primary_series(
    judgments: pd.DataFrame,
    order: Sequence[str],
    perturbations: Collection[str],
    scales: Mapping[str, tuple[float, float]],
) -> dict[Key, Series]:
    """The differences behind the primary effects of some perturbations.

    Args:
        judgments: Rows as in `judgments.parquet`, of one judge.
        order: Item ids in the order of asking; items that are not in the judgments are skipped.
        perturbations: Names of variants.
        scales: The ends of the scales of protocols that give scores.
    """
    found = {}
    for (protocol, mitigation), group in judgments.groupby(
        ["protocol", "mitigation"], sort=False, observed=True
    ):
        if is_scored(group):
            for name, pairs in shifted(alone(group)):
                if name in perturbations and is_invariance(name.partition("@")[0]):
                    key = Key(str(protocol), str(mitigation), name, SHIFT)
                    found[key] = _shifts(pairs, order, scales[str(protocol)])
            continue
        data = experiment(alone(group))
        for m in measurements(data):
            if m.primary and m.stratum == ALL and m.perturbation in perturbations and is_invariance(m.bias):
                key = Key(str(protocol), str(mitigation), m.perturbation, m.estimand)
                found[key] = _series(m, data, order)
    return found


def _shifts(pairs: pd.DataFrame, order: Sequence[str], scale: tuple[float, float]) -> Series:
    """The shifts of the target's score, a missing score being either end of the scale at worst."""
    (low, high), names = scale, pairs["item_id"].astype(str).to_numpy(object)
    after, before = (pairs[name].to_numpy(np.float64) for name in ("score", "score_base"))
    least = np.where(np.isnan(after), low, after) - np.where(np.isnan(before), high, before)
    most = np.where(np.isnan(after), high, after) - np.where(np.isnan(before), low, before)
    parts = {"value": after - before, "low": least, "high": most}
    table = pd.DataFrame(parts).div(high - low).groupby(names).mean()
    asked = table.loc[[name for name in order if name in table.index]]
    value, least, most = (asked[name].to_numpy(np.float64) for name in parts)
    return Series(value[~np.isnan(value)], least, most, 1.0)


def _series(m: Measurement, data: Experiment, order: Sequence[str]) -> Series:
    place = {str(name): code for code, name in enumerate(data.items)}
    codes = np.array([place[name] for name in order if name in place], dtype=np.int64)
    value, low, high = (
        _item_means(part, m, data)[codes] * m.scale
        for part in (m.quantity.value, m.quantity.low, m.quantity.high)
    )
    return Series(value[~np.isnan(value)], low[~np.isnan(low)], high[~np.isnan(high)], m.scale)


def _item_means(part: Floats, m: Measurement, data: Experiment) -> Floats:
    """The mean of each item's rows that are known, shape (items,); NaN where it has none."""
    seen = ~np.isnan(part)
    counts = np.bincount(m.item[seen], minlength=data.items.size)
    sums = np.bincount(m.item[seen], part[seen], minlength=data.items.size)
    unknown: Floats = np.full(data.items.size, np.nan)
    return np.divide(sums, counts, out=unknown, where=counts > 0)


def limits(series: Series, level: float) -> Limits | None:
    """The betting confidence sequence after the last item; None where no item has a complete pair."""
    if not series.value.size:
        return None
    estimate, lower, upper = _last(series.value, series.bound, level)
    return Limits(series.value.size, estimate, lower, upper)


def _last(values: Floats, bound: float, level: float) -> tuple[float, float, float]:
    found = betting_sequence(values, looks=[values.size], level=level, bound=bound)
    return float(found.estimate[0]), float(found.conf_low[0]), float(found.conf_high[0])


def by_sequence(
    table: pd.DataFrame, judgments: pd.DataFrame, settings: Settings, stopping: Mapping[str, Any]
) -> pd.DataFrame:
    """The effects of a run that a rule could stop, its confirmatory ones by the limits that the rule looked at.

    An interval for a number of items that was fixed beforehand is too narrow when the data had a say in it. So these
    rows have the limits, the level and the worst-case bounds of the confidence sequence and no p-value, and are
    decided by the limits alone, which hold for all of them at once; their max-t rows are left out.

    Args:
        table: The effects table.
        judgments: What it was computed from, of one judge.
        settings: Margin and alpha.
        stopping: What the manifest says of the rule.
    """
    rule, level = stopping["rule"], float(stopping["level"])
    ended = f"stopped by rule {rule}" if stopping["stopped_at_items"] is not None else f"rule {rule} not met"
    # simultaneous intervals are for a number of items that was fixed beforehand
    table = table[~table["contrast"].str.endswith(SIMULTANEOUS)].reset_index(drop=True)
    known = primary_series(judgments, stopping["order"], stopping["confirmatory"], settings.scales)
    for key, series in known.items():
        low, high = settings.scales.get(key.protocol, (0.0, 1.0))
        span = high - low if key.estimand == SHIFT else 1.0
        now = limits(series, level)
        if now is None:
            continue
        named = (table[list(key._fields)] == list(key)).all(axis=1) & (table["stratum"] == ALL)
        for row in table.index[named & table["decision"].notna()]:
            for name, value in _columns(series, now, level, span).items():
                table.loc[row, name] = value
            table.loc[row, "method"] = f"betting confidence sequence, {ended}"
            table.loc[row, "decision"] = decide(now.lower, now.upper, 0.0, settings.alpha, settings.margin)
    return table


def _columns(series: Series, now: Limits, level: float, span: float) -> dict[str, float]:
    """The columns that the sequence gives; its bounds, on all items asked, are never narrower than its limits.

    `span` is what one is in the unit of the table: the length of the scale where scores shift.
    """
    return {
        "conf_low": span * now.lower,
        "conf_high": span * now.upper,
        "conf_level": level,
        "statistic": np.nan,
        "p_value": np.nan,
        "p_adjusted": np.nan,
        "bound_low": span * min(now.lower, _last(series.low, series.bound, level)[1]),
        "bound_high": span * max(now.upper, _last(series.high, series.bound, level)[2]),
    }
