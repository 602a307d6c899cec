"""What a mitigation removes of each bias on the same items, what it does to the accuracy, and what it costs."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pandas as pd

from judgebench.analysis.differences import Difference, Measured, difference
from judgebench.analysis.estimates import estimated
from judgebench.analysis.measurement import ALL, Measurement
from judgebench.analysis.panels import Floats, Ints
from judgebench.analysis.settings import Settings
from judgebench.perturb import perturbations
from judgebench.protocols.mitigation.base import NONE
from judgebench.stats import Interval, holm, non_inferiority, paired_t, ratio_of_means

REMOVED: Final = "bias_removed"
ACCURACY: Final = "accuracy_change"
COST: Final = "cost"
COST_COLUMNS: Final = ("item_id", "protocol", "mitigation", "tokens", "usd", "seconds")
"""What a verdict takes, by item: the columns of `costs`."""

_ENDLESS: Final = (math.inf, -math.inf)
_UNITS: Final = {"tokens": "tokens", "usd": "USD", "seconds": "seconds"}

Key = tuple[str, str, str]
"""Perturbation, estimand, contrast."""


@dataclass
class Mitigated:
    """The effects of one judge that mitigations are held against, gathered one way of asking after the other."""

    found: dict[tuple[str, str], dict[Key, Measured]] = field(default_factory=dict)

    def add(self, protocol: str, mitigation: str, measured: Iterable[Measured]) -> None:
        """Take in those of one protocol and mitigation."""
        self.found[protocol, mitigation] = {
            (m.perturbation, m.estimand, m.contrast): (m, data) for m, data in measured if _counts(m)
        }

    def against_none(self) -> Iterator[tuple[str, str, list[tuple[Measured, Measured]]]]:
        """Protocol, mitigation, and the effects as (without it, with it)."""
        for (protocol, mitigation), mine in self.found.items():
            plain = self.found.get((protocol, NONE))
            if mitigation != NONE and plain is not None:
                yield protocol, mitigation, [(plain[key], mine[key]) for key in plain if key in mine]


def _counts(m: Measurement) -> bool:
    """Whether a mitigation is held against it: a bias whose right size is 0, or the accuracy."""
    if m.stratum != ALL:
        return False
    known = m.bias in perturbations
    return m.estimand == "accuracy" or (
        m.primary and (not known or perturbations.get(m.bias).family == "invariance")
    )


def mitigation_rows(
    mitigated: Mitigated, settings: Settings, costs: pd.DataFrame | None
) -> Iterator[dict[str, Any]]:
    """The rows of one judge about its mitigations, each against `none` under the same protocol.

    `bias_removed` is the item-level double difference: the effect without the mitigation minus that with it, its
    p-value adjusted by Holm over all of them. `accuracy_change` is accuracy with the mitigation minus that without, and
    its p-value is that of the one-sided test that accuracy falls by the margin or more: below alpha it does not. With
    costs, `extra_...` is what a verdict takes more, and `..._per_point` that over the points of bias removed, counted
    in the direction of the bias, with Fieller's interval; it is unknown where the interval of the bias removed holds 0,
    and where the bias grows.

    Args:
        mitigated: The effects.
        settings: Margin, levels, clusters.
        costs: Rows with `COST_COLUMNS`; None where costs are not known.
    """
    removed = []
    for protocol, mitigation, effects in mitigated.against_none():
        names = {"protocol": protocol, "mitigation": mitigation}
        extra = {} if costs is None else _extra(costs, protocol, mitigation)
        for name, by_item in extra.items():
            yield {**names, **_extra_row(name, by_item, mitigation, settings)}
        for one, two in effects:
            if one[0].estimand == "accuracy":
                yield {**names, **_accuracy(one[0], difference(two, one), mitigation, settings)}
                continue
            change = difference(one, two)
            row = {**names, **_named(one[0], mitigation, REMOVED), **change.columns(settings)}
            removed.append(row)
            for name, by_item in extra.items():
                yield {**names, **_per_point(row, change, one, name, by_item, settings)}
    tested = holm(np.array([row["p_value"] for row in removed], dtype=np.float64)) if removed else ()
    for row, p_adjusted in zip(removed, tested, strict=True):
        yield {**row, "p_adjusted": float(p_adjusted)}


def removed_truths(mitigated: Mitigated) -> Iterator[dict[str, Any]]:
    """The same differences of planted effects, as rows with `truth`."""
    for protocol, mitigation, effects in mitigated.against_none():
        for one, two in effects:
            estimand = ACCURACY if one[0].estimand == "accuracy" else REMOVED
            change = difference(two, one) if estimand == ACCURACY else difference(one, two)
            named = _named(one[0], mitigation, estimand)
            truth = float(change.value.mean()) * change.scale if change.items else math.nan
            yield {"protocol": protocol, "mitigation": mitigation, **named, "truth": truth}


def _contrast(mitigation: str, estimand: str) -> dict[str, str]:
    first, second = (NONE, mitigation) if estimand == REMOVED else (mitigation, NONE)
    return {"estimand": estimand, "contrast": f"{first} - {second}"}


def _named(m: Measurement, mitigation: str, estimand: str) -> dict[str, str]:
    return {
        "bias": m.bias, "perturbation": m.perturbation, "stratum": ALL, **_contrast(mitigation, estimand),
    }  # fmt: skip


def _accuracy(m: Measurement, change: Difference, mitigation: str, settings: Settings) -> dict[str, Any]:
    """Accuracy with minus without, with the test that it is not worse by the margin.

    That on the items as they are stands under `agreement`, that on items with a change under the bias.
    """
    row = {**_named(m, mitigation, ACCURACY), **change.columns(settings)}
    if not change.items:
        return row
    items = np.arange(change.value.size)
    test = non_inferiority(
        change.value, items, change.cluster, margin=settings.margin, scale=change.scale, bound=change.bound
    )
    return {
        **row, "statistic": test.statistic, "p_value": test.p_value, "margin": settings.margin,
        "method": f"{row['method']}; p: {test.method.partition(' ')[0]}",
    }  # fmt: skip


def _extra(costs: pd.DataFrame, protocol: str, mitigation: str) -> dict[str, Mapping[str, float]]:
    """What a verdict takes more than without the mitigation, by item, for what is known."""
    mine, plain = (
        costs[(costs["protocol"] == protocol) & (costs["mitigation"] == name)].set_index("item_id")
        for name in (mitigation, NONE)
    )
    found: dict[str, Mapping[str, float]] = {}
    for name in _UNITS:
        more = (mine[name].astype(float) - plain[name].astype(float)).dropna()
        if len(more):
            found[name] = dict(zip(map(str, more.index), more.tolist(), strict=True))
    return found


def _extra_row(
    name: str, by_item: Mapping[str, float], mitigation: str, settings: Settings
) -> dict[str, Any]:
    """What a verdict takes more; where all items agree its statistic is infinite, and is left out."""
    values = np.array(list(by_item.values()))
    found = estimated(paired_t(values, np.arange(values.size), level=settings.level), settings)
    return {
        "bias": COST, "perturbation": "none", "stratum": ALL, **_contrast(mitigation, f"extra_{name}"),
        "unit": f"{_UNITS[name]} per verdict",
        **{key: math.nan if value in _ENDLESS else value for key, value in found.items()},
        "n_missing": 0, "bound_low": math.nan, "bound_high": math.nan,
    }  # fmt: skip


def _per_point(
    row: Mapping[str, Any],
    change: Difference,
    plain: Measured,
    name: str,
    by_item: Mapping[str, float],
    settings: Settings,
) -> dict[str, Any]:
    """What a point of bias removed costs: a bias below 0 is removed by what brings it up."""
    m = plain[0]
    direction = -1.0 if np.nanmean(m.quantity.value) < 0 else 1.0
    chosen = [place for place, item in enumerate(change.items) if item in by_item]
    points = 100 * direction * change.scale * change.value[chosen]
    paid = np.array([by_item[change.items[place]] for place in chosen])
    found = _ratio(paid, points, change.cluster[chosen], row, settings)
    unknown = dict.fromkeys(("std_error", "statistic", "p_value", "bound_low", "bound_high"), math.nan)
    return {
        **row, **unknown, "estimand": f"{name}_per_point", "unit": f"{_UNITS[name]} per point",
        "estimate": found.estimate, "conf_low": found.conf_low, "conf_high": found.conf_high,
        "conf_level": settings.level, "method": found.method,
        "n_items": len(chosen), "n_clusters": len(set(change.cluster[chosen].tolist())), "n_judgments": len(chosen),
    }  # fmt: skip


def _ratio(
    paid: Floats, points: Floats, cluster: Ints, removed: Mapping[str, Any], settings: Settings
) -> Interval:
    """The ratio; unknown where the bias removed may be 0 by its own interval, and where the mitigation adds to it."""
    why = ""
    if not points.size:
        why = "no verdicts"
    elif removed["conf_low"] <= 0 <= removed["conf_high"]:
        why = "undefined: the bias removed may be 0"
    elif points.mean() < 0:
        why = "undefined: the bias grows"
    if why:
        return Interval(math.nan, math.nan, math.nan, settings.level, why)
    return ratio_of_means(paid, points, cluster, level=settings.level)
