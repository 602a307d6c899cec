"""Choices from lists by a conditional logit: what place, gold and each cue do to the odds of being chosen."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import Any, Final

import numpy as np

from judgebench.analysis.attributes import attribute_columns
from judgebench.analysis.item_facts import ItemAttributes
from judgebench.analysis.panels import Experiment, Floats, Ints, Panel
from judgebench.analysis.places import ORDINALS
from judgebench.analysis.settings import Settings
from judgebench.suite.factorial import factors_in

ESTIMAND: Final = "choice_logit"
AMONG: Final = "bears the change among others"
_UNIT: Final = "log odds"


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of the design, and how its row of the effects table is named."""

    bias: str
    perturbation: str
    contrast: str


@dataclass(frozen=True, slots=True)
class _Lists:
    """Listed responses, one a row: which trial's list they stand in, whose item, and what is known of each."""

    trial: Ints
    item: Ints
    place: Ints
    letter: Ints
    chosen: Floats
    target: Ints
    variant: Ints


def choice_rows(
    data: Experiment, settings: Settings, attributes: ItemAttributes | None = None
) -> list[dict[str, Any]]:
    """The coefficients of McFadden's (1974) conditional logit over all lists of an experiment, clustered by item.

    One model: dummies of the places against the first, whether gold names the response, and for each perturbation
    whether the response bears the change; of a factorial design for each factor. Attributes of the responses stand as
    they are where they are numbers, as there or not, and as dummies against the first word. Lists with a response that
    lacks an attribute which others have are left out. None where it cannot be fitted: too few lists, or what is chosen
    follows from the columns without error.

    Args:
        data: The choices.
        settings: Level.
        attributes: Those of the items' responses.
    """
    variants = data.perturbations()
    lists = _lists(data, variants)
    described, values = attribute_columns(data, lists.item, lists.letter, attributes or {})
    if described:
        lists, values = _complete(lists, values)
    columns, design = _design(data, lists, variants)
    columns += [_Column("attribute", f"attribute@{found.name}", found.contrast) for found in described]
    design = np.column_stack([design, values]) if described else design
    varies = np.ptp(design, axis=0) > 0 if design.size else np.zeros(len(columns), dtype=bool)
    kept = [column for column, ok in zip(columns, varies, strict=True) if ok]
    if not kept:
        return []
    cluster = data.cluster[lists.item]
    from judgebench.stats import fit_choice  # loads scipy.stats

    try:
        fit = fit_choice(design[:, varies], lists.chosen, lists.trial, cluster=cluster)
    except ValueError:
        return []
    interval = fit.interval(settings.level)
    return [
        {
            "bias": column.bias,
            "perturbation": column.perturbation,
            "estimand": ESTIMAND,
            "contrast": column.contrast,
            "stratum": "all",
            "unit": _UNIT,
            "estimate": float(fit.coefficients[number]),
            "std_error": float(fit.std_errors[number]),
            "conf_low": float(interval[number, 0]),
            "conf_high": float(interval[number, 1]),
            "conf_level": settings.level,
            **_tested(float(fit.coefficients[number]), float(fit.std_errors[number]), fit.df),
            "method": "conditional logit, CR1",
            "n_items": int(np.unique(lists.item).size),
            "n_clusters": fit.n_clusters or 0,
            "n_judgments": int(np.unique(lists.trial).size),
            "n_missing": 0,
            "bound_low": math.nan,
            "bound_high": math.nan,
        }
        for number, column in enumerate(kept)
    ]


def _tested(estimate: float, std_error: float, df: float) -> dict[str, float]:
    from scipy.special import stdtr

    statistic = estimate / std_error
    return {"statistic": statistic, "p_value": float(2 * stdtr(df, -abs(statistic)))}


def _lists(data: Experiment, variants: list[str]) -> _Lists:
    """All lists that got a verdict, the items as they are and with each change, placebos left out."""
    panels: list[tuple[int, int, Panel]] = [(-1, -1, data.control)]
    for number, name in enumerate(variants):
        panels += [(number, target, panel) for target, panel in data.panels(name, "treatment")]
    parts: list[tuple[Any, ...]] = []
    trials = 0
    for variant, target, panel in panels:
        item, order, repeat = np.nonzero(panel.asked & ~np.isnan(panel.p[..., 0]))
        letters = data.shown[item, order]
        row, place = np.nonzero(letters >= 0)
        letter = letters[row, place]
        chosen = panel.p[item[row], order[row], repeat[row], letter]
        parts.append(
            (
                row + trials,
                item[row],
                place,
                letter,
                chosen,
                *(np.full(row.size, v) for v in (target, variant)),
            )
        )
        trials += item.size
    return _Lists(*(np.concatenate(values) for values in zip(*parts, strict=True)))


def _complete(lists: _Lists, values: Floats) -> tuple[_Lists, Floats]:
    """The lists all of whose responses have every attribute."""
    lacking = np.unique(lists.trial[np.isnan(values).any(axis=1)])
    kept = ~np.isin(lists.trial, lacking)
    return _Lists(*(getattr(lists, field.name)[kept] for field in fields(lists))), values[kept]


def _design(data: Experiment, lists: _Lists, variants: list[str]) -> tuple[list[_Column], Floats]:
    columns, values = [], []
    for place in range(1, len(data.letters)):
        columns.append(_Column("position", "position", f"{ORDINALS[place]} place against first"))
        values.append(lists.place == place)
    columns.append(_Column("agreement", "none", "gold against the others"))
    values.append(data.gold[lists.item] == lists.letter)
    borne = [factors_in(name) or (name,) for name in variants]
    for feature in dict.fromkeys(feature for features in borne for feature in features):
        numbers = [number for number, features in enumerate(borne) if feature in features]
        among = len(numbers) > 1  # a factor of several cells, the others there or not
        contrast = AMONG if among else "bears the change"
        columns.append(_Column(feature.partition("@")[0], feature, contrast))
        values.append(np.isin(lists.variant, numbers) & (lists.letter == lists.target))
    return columns, np.column_stack(values).astype(np.float64)
