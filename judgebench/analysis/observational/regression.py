"""A logit of verdicts on how two responses differ: which columns can be used, and why no fit is to be had."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from judgebench.analysis.observational.observations import Observations, named_row
from judgebench.analysis.panels import Floats
from judgebench.analysis.settings import Settings
from judgebench.stats.logit import (
    LogitFit,
    average_marginal_effect,
    fit_binomial,
    fit_logit,
    full_rank,
)

LEAST_DIFFERING: Final = 10
"""In how many items a feature must differ: fewer separate the verdicts by chance."""

SHOWN_FIRST: Final = "shown first"
GOLD: Final = "gold"


@dataclass(frozen=True, slots=True)
class Screened:
    """The columns that a fit can take.

    Attributes:
        columns: Differences of the items in standard deviations about 0, shape (items, k).
        names: Their names.
        scales: What one unit of each is, in the feature's own unit.
        notes: What was left out, and why.
    """

    columns: Floats
    names: tuple[str, ...]
    scales: tuple[float, ...]
    notes: tuple[str, ...]


def screen(table: pd.DataFrame) -> Screened:
    """Take the columns of a table, a row an item, that vary enough and are not made of those before them.

    A column is divided by its root mean square about 0, not about its mean: no difference must stay 0.
    """
    kept: list[Floats] = []
    names: list[str] = []
    scales: list[float] = []
    notes: list[str] = []
    for name in map(str, table.columns):
        values = table[name].to_numpy(dtype=np.float64)
        scale = float(np.sqrt((values**2).mean())) if values.size else 0.0
        fault = _fault(values, [*kept, values / scale] if scale else kept)
        if fault:
            notes.append(f"{name} is left out: {fault}")
            continue
        kept.append(values / scale)
        names.append(name)
        scales.append(scale)
    columns = np.column_stack(kept) if kept else np.empty((len(table), 0))
    return Screened(columns, tuple(names), tuple(scales), tuple(notes))


def _fault(values: Floats, columns: list[Floats]) -> str | None:
    """What keeps the last of some columns out of a fit with the others and an intercept."""
    differing = int((values != 0).sum())
    if differing == 0:
        return "the two responses of every item have the same"
    if differing < LEAST_DIFFERING:
        return f"the responses differ in it in {differing} items, fewer than {LEAST_DIFFERING}"
    if np.ptp(values) == 0:
        return "its difference is the same in every item"
    design = np.column_stack([np.ones(values.size), *columns])
    return None if full_rank(design.T @ design) else "the features before it determine it"


@dataclass(frozen=True, slots=True)
class Preference:
    """A fitted logit of a's win, with its design.

    Attributes:
        fit: Coefficients, the intercept first.
        design: Shape (n, p).
        names: The names of the columns, shape (p,); `side a` is the intercept.
        scales: What one unit of each column is, shape (p,).
    """

    fit: LogitFit
    design: Floats
    names: tuple[str, ...]
    scales: tuple[float, ...]


def covariates(data: Observations, *, gold: bool) -> tuple[Floats, tuple[str, ...]]:
    """The intercept, being shown first where that can be told, and gold where it is asked for; shape (n, 1 to 3)."""
    columns, names = [np.ones(data.item.size)], ["side a"]
    if position_fault(data) is None:
        columns.append(data.first)
        names.append(SHOWN_FIRST)
    if gold:
        columns.append(data.gold)
        names.append(GOLD)
    return np.column_stack(columns), tuple(names)


def position_fault(data: Observations) -> str | None:
    """Why being shown first cannot have a coefficient with an error, if it cannot."""
    if data.item.size == 0 or np.ptp(data.first) == 0:
        return "the order does not vary, or nobody wrote it down"
    balanced = np.ptp(data.item_means(data.first)[data.judged]) == 0
    if balanced and (data.outcome == data.item_means(data.outcome)[data.item]).all():
        return "no verdict differs between the orders"
    return None


def fit_preference(data: Observations, screened: Screened, *, gold: bool = False) -> Preference:
    """The logit of a's win on the features, with position and, if it is asked for, gold as covariates.

    Args:
        data: The verdicts.
        screened: The features, rows in the order of `data.ids`.
        gold: Whether to hold gold constant; it must be known for every item.

    Raises:
        ValueError: No finite fit; the message names the columns at fault where one alone is.
    """
    extra, names = covariates(data, gold=gold)
    design = np.column_stack([extra, screened.columns[data.item]])
    labels = (*names, *screened.names)
    scales = (*(1.0 for _ in names), *screened.scales)
    return Preference(_fitted(design, data.outcome, data, labels), design, labels, scales)


def _fitted(design: Floats, outcome: Floats, data: Observations, names: tuple[str, ...]) -> LogitFit:
    if outcome.size == 0 or np.ptp(outcome) == 0:
        raise ValueError("every verdict is the same")
    try:
        return fit_logit(design, outcome, data.cluster)
    except ValueError as error:
        raise ValueError(explained(design, outcome, names, error)) from error


def explained(design: Floats, outcome: Floats, names: tuple[str, ...], error: ValueError) -> str:
    """Why there is no fit, naming the columns that separate the outcomes or are constant by themselves."""
    alone = [name for place, name in enumerate(names) if place and not _fits(design[:, [0, place]], outcome)]
    if alone:
        return f"{', '.join(alone)}: constant, or the verdicts follow it without exception ({error})"
    return f"the columns together leave no finite fit ({error}); fewer features or more items would"


def _fits(design: Floats, outcome: Floats) -> bool:
    try:
        fit_binomial(design, outcome)
    except ValueError:
        return False
    return True


def coefficient_row(
    data: Observations, model: Preference, place: int, settings: Settings, **more: Any
) -> dict[str, Any]:
    """The log odds of one column."""
    low, high = model.fit.interval(settings.level)[place]
    estimate, error = model.fit.coefficients[place], model.fit.std_errors[place]
    return _row(
        data, model, settings, place,
        {"estimand": "log_odds", "unit": f"log odds {_per(model, place)}", "estimate": float(estimate),
         "std_error": float(error), "conf_low": float(low), "conf_high": float(high)} | more,
    )  # fmt: skip


def marginal_row(
    data: Observations, model: Preference, place: int, settings: Settings, **more: Any
) -> dict[str, Any]:
    """The average marginal effect of one column on the probability of winning."""
    effect = average_marginal_effect(model.fit, model.design, place, level=settings.level)
    return _row(
        data, model, settings, place,
        {"estimand": "average_marginal_effect", "unit": f"probability {_per(model, place)}",
         "estimate": effect.estimate, "std_error": effect.std_error, "conf_low": effect.conf_low,
         "conf_high": effect.conf_high} | more,
    )  # fmt: skip


def _per(model: Preference, place: int) -> str:
    if model.names[place] in {SHOWN_FIRST, GOLD}:
        return "for yes against no"
    return f"per sd of {model.scales[place]:.3g}"


def _row(
    data: Observations, model: Preference, settings: Settings, place: int, numbers: dict[str, Any]
) -> dict[str, Any]:
    """A row; its test is that of the coefficient, since both are 0 together."""
    fit = model.fit
    return named_row(
        data,
        conf_level=settings.level,
        statistic=float(fit.coefficients[place] / fit.std_errors[place]),
        p_value=float(fit.p_values[place]),
        n_items=int(data.judged.sum()),
        n_clusters=fit.n_clusters,
        n_judgments=fit.n_rows,
        **{"contrast": model.names[place], "method": f"logit, {fit.kind}, t", **numbers},
    )
