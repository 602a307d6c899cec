"""What a judge's verdicts go with, property by property, next to what gold goes with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from judgebench.analysis.observational.observations import ALL_ITEMS, GOLD_KNOWN, Observations, named_row
from judgebench.analysis.observational.regression import (
    Preference,
    Screened,
    coefficient_row,
    fit_preference,
    marginal_row,
    screen,
)
from judgebench.analysis.panels import Floats, Ints
from judgebench.analysis.settings import Settings
from judgebench.stats.bootstrap import BootstrapResult, cluster_bootstrap, cluster_codes
from judgebench.stats.logit import fit_binomial


def property_rows(
    data: Observations, table: pd.DataFrame, settings: Settings, notes: list[str], *, n_resamples: int = 500
) -> Iterator[dict[str, Any]]:
    """Weights of the properties in the judge's verdicts, and where gold is known those in gold and the difference.

    After "Dissecting Human and LLM Preferences" (Li et al. 2024, arXiv 2402.11296), with maximum likelihood in place
    of their Bayesian fit and without its prior. Weights are compared as average marginal effects, since log odds of a
    noisy judge shrink in all properties at once. The difference is bootstrapped by cluster, judge and gold on the same
    draws.

    Args:
        data: The verdicts.
        table: Differences of the properties, a minus b, rows in the order of `data.ids`.
        settings: Level of the intervals.
        notes: What could not be estimated is added here.
        n_resamples: Draws for the difference.
    """
    known = ~np.isnan(data.item_gold) & data.judged
    if not known.all():
        yield from _judge_rows(data, table, settings, notes)
    if known.any():
        yield from _against_gold(data.within(known), table.loc[known], settings, notes, n_resamples)


def _judge_rows(
    data: Observations, table: pd.DataFrame, settings: Settings, notes: list[str]
) -> Iterator[dict[str, Any]]:
    screened = screen(table)
    notes += [f"properties, all items: {note}" for note in screened.notes]
    model = _fit(data, screened, notes, "properties, all items")
    if model is not None:
        yield from _weights(data, model, screened, settings, whose="judge", stratum=ALL_ITEMS)


def _fit(data: Observations, screened: Screened, notes: list[str], where: str) -> Preference | None:
    """The logit; None, with a note, where there is none to be had."""
    if not screened.names:
        return None
    try:
        return fit_preference(data, screened)
    except ValueError as error:
        notes.append(f"{where}: no estimate: {error}")
        return None


def _weights(
    data: Observations,
    model: Preference,
    screened: Screened,
    settings: Settings,
    *,
    whose: str,
    stratum: str,
) -> Iterator[dict[str, Any]]:
    start = len(model.names) - len(screened.names)
    for make, estimand in ((marginal_row, "property_weight"), (coefficient_row, "property_log_odds")):
        for place in range(start, len(model.names)):
            yield make(
                data,
                model,
                place,
                settings,
                bias="property",
                estimand=estimand,
                stratum=stratum,
                contrast=f"{model.names[place]}: {whose}",
            )


def _against_gold(
    data: Observations, table: pd.DataFrame, settings: Settings, notes: list[str], n_resamples: int
) -> Iterator[dict[str, Any]]:
    screened = screen(table)
    notes += [f"properties, gold known: {note}" for note in screened.notes]
    gold = _as_observations(data)
    parts = {"judge": data, "gold": gold}
    models = {
        whose: _fit(part, screened, notes, f"properties, {whose}, gold known")
        for whose, part in parts.items()
    }
    for whose, model in models.items():
        if model is not None:
            part = parts[whose]
            yield from _weights(part, model, screened, settings, whose=whose, stratum=GOLD_KNOWN)
    judge_model, gold_model = models["judge"], models["gold"]
    if judge_model is None or gold_model is None:
        return
    pair = (_Weighed.of(judge_model, data, screened), _Weighed.of(gold_model, gold, screened))
    try:
        drawn = _difference(pair, settings.level, n_resamples)
    except ValueError as error:
        notes.append(f"properties, judge - gold: no interval: {error}")
        return
    yield from _difference_rows(data, judge_model, screened, drawn)


def _as_observations(data: Observations) -> Observations:
    """Gold as the verdicts of a judge that sees no order, one an item."""
    size = len(data.ids)
    return replace(data, item=np.arange(size), outcome=data.item_gold, first=np.full(size, 0.5), n_missing=0)


@dataclass(frozen=True, slots=True)
class _Weighed:
    """A logit that is fitted again and again under weights of its clusters.

    Attributes:
        design: Shape (n, p).
        outcome: Shape (n,).
        cluster: Codes from 0, shape (n,).
        start: The first column that is a property.
    """

    design: Floats
    outcome: Floats
    cluster: Ints
    start: int

    @classmethod
    def of(cls, model: Preference, data: Observations, screened: Screened) -> _Weighed:
        """From a fitted model."""
        codes, _ = cluster_codes(data.cluster)
        return cls(model.design, data.outcome, codes, len(model.names) - len(screened.names))

    def effects(self, weights: Floats) -> Floats:
        """Average marginal effects of the properties under weights of the clusters; NaN without a finite fit."""
        w = weights[self.cluster]
        try:
            fit = fit_binomial(self.design, self.outcome, w)
        except ValueError:
            return np.full(self.design.shape[1] - self.start, np.nan)
        density = float(w @ (fit.fitted * (1 - fit.fitted)) / w.sum())
        return np.asarray(fit.coefficients[self.start :] * density)


def _difference(pair: tuple[_Weighed, _Weighed], level: float, n_resamples: int) -> BootstrapResult:
    """Judge minus gold, both fitted on the same draws of clusters."""
    judge, gold = pair

    def statistic(weights: Floats) -> Floats:
        return np.array([judge.effects(w) - gold.effects(w) for w in weights])

    clusters = int(judge.cluster.max()) + 1
    return cluster_bootstrap(statistic, clusters, level=level, n_resamples=n_resamples)


def _difference_rows(
    data: Observations, model: Preference, screened: Screened, drawn: BootstrapResult
) -> Iterator[dict[str, Any]]:
    for place, (name, scale) in enumerate(zip(screened.names, screened.scales, strict=True)):
        yield named_row(
            data,
            bias="property",
            estimand="property_weight",
            contrast=f"{name}: judge - gold",
            stratum=GOLD_KNOWN,
            unit=f"probability per sd of {scale:.3g}",
            estimate=float(drawn.estimate[place]),
            std_error=float(drawn.std_error[place]),
            conf_low=float(drawn.conf_low[place]),
            conf_high=float(drawn.conf_high[place]),
            conf_level=drawn.conf_level,
            method=f"two logits, {drawn.method} bootstrap by cluster, {drawn.n_resamples} draws",
            n_items=len(data.ids),
            n_clusters=drawn.n_clusters,
            n_judgments=model.fit.n_rows,
        )
