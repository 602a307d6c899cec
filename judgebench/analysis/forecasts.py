"""Calibration: whether the probabilities of a judge's labels, or the confidence that it states, mean what they say."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from judgebench.analysis.item_facts import DEGREES
from judgebench.analysis.panels import Bools, Experiment, Floats, Ints
from judgebench.analysis.settings import Settings

BIAS: Final = "calibration"
_FEWEST: Final = 20
"""Items with gold under which calibration is not worth telling."""
_ALL: Final = "all"

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Forecasts:
    """What a judge says of items and what came of it, a row a judgment.

    Attributes:
        what: What is compared with what.
        stated: The probability that the judge states, shape (rows,).
        outcome: What it is of, 0 to 1, shape (rows,).
        item: Item codes, shape (rows,).
        cluster: Of each row, shape (rows,).
    """

    what: str
    stated: Floats
    outcome: Floats
    item: Ints
    cluster: Ints

    def within(self, rows: Bools) -> Forecasts:
        """Those of some rows."""
        return Forecasts(
            self.what, self.stated[rows], self.outcome[rows], self.item[rows], self.cluster[rows]
        )

    @property
    def n_items(self) -> int:
        """How many items they are of."""
        return int(np.unique(self.item).size)


def is_stated(judgments: pd.DataFrame) -> bool:
    """Whether the verdicts were read from label probabilities."""
    return bool((judgments["verdict"].notna() & judgments["p_a"].notna()).any())


def calibration_rows(data: Experiment, settings: Settings) -> Iterator[Row]:
    """The rows of an experiment whose verdicts are label probabilities, on its items as they are.

    The forecast is the probability that the response a wins, a tie being half; the outcome is gold's, likewise. Where
    people were asked, the share of them is an outcome of its own, and the rows against gold come once more by how far
    they agree.
    """
    p, half = data.control.p, np.array([1.0, *[0.0] * (len(data.letters) - 1), 0.5])
    item, order, repeat = np.nonzero(data.control.asked & ~np.isnan(p[..., 0]))
    stated = np.clip(p[item, order, repeat] @ half, 0.0, 1.0)
    outcomes = {"gold": _gold(data)[item] @ half}
    if data.votes is not None:
        outcomes["votes"] = data.votes.shares[item] @ half
    yield from _against("probability", stated, outcomes, item.astype(np.int64), data, settings)


def confidence_rows(judgments: pd.DataFrame, data: Experiment, settings: Settings) -> Iterator[Row]:
    """The rows of verdicts that come with a stated confidence, on items as they are.

    The forecast is what the judge says its verdict's chance to be right is; the outcome is whether gold says the same,
    or the share of people who do.

    Args:
        judgments: Those behind the experiment; the confidence stands as the score of what the verdict names.
        data: The experiment.
        settings: Level.
    """
    control = judgments[judgments["arm"] == "control"]
    verdict = control["verdict"].astype(object)
    said = control["score_b"].where(verdict == "b", control["score_a"]).to_numpy(np.float64)
    place = pd.Index([*data.letters, "tie"]).get_indexer(pd.Index(verdict))
    item = pd.Index(data.items).get_indexer(pd.Index(control["item_id"]))
    rows = ~np.isnan(said) & (place >= 0) & (item >= 0)
    stated, place, item = said[rows], place[rows], item[rows].astype(np.int64)
    outcomes = {"gold": _gold(data)[item, place]}
    if data.votes is not None:
        outcomes["votes"] = data.votes.shares[item, place]
    yield from _against("confidence", stated, outcomes, item, data, settings)


def _gold(data: Experiment) -> Floats:
    """One where gold is a verdict, else 0, shape (items, verdicts); NaN where there is no gold."""
    found = np.eye(len(data.letters) + 1)[data.gold]
    found[data.gold < 0] = np.nan
    return found


def _against(
    what: str, stated: Floats, outcomes: dict[str, Floats], item: Ints, data: Experiment, settings: Settings
) -> Iterator[Row]:
    """The rows against each outcome that is known for enough items; against gold by how far people agree too."""
    for name, outcome in outcomes.items():
        whole = Forecasts(f"{what} against {name}", stated, outcome, item, data.cluster[item])
        known = whole.within(~np.isnan(outcome))
        yield from _scores(known, settings, _ALL)
        if name != "gold":
            continue
        yield from _curve(known, settings)
        if data.votes is not None:
            degree = data.votes.degree[known.item]
            for place, agree in enumerate(DEGREES):
                yield from _scores(known.within(degree == place), settings, f"humans: {agree}")


def _scores(found: Forecasts, settings: Settings, stratum: str) -> Iterator[Row]:
    """Brier score and expected calibration error (equal counts, debiased), clustered by item or source."""
    if found.n_items < _FEWEST:
        return
    from judgebench.stats import brier_score, expected_calibration_error  # loads scipy.stats

    told = found.stated, found.outcome
    counts = {
        "n_items": found.n_items,
        "n_clusters": int(np.unique(found.cluster).size),
        "n_judgments": found.item.size,
    }
    brier = brier_score(*told, cluster=found.cluster, level=settings.level)
    yield _row("brier_score", found.what, stratum, brier, counts, "cluster bootstrap")
    error = expected_calibration_error(*told, cluster=found.cluster, level=settings.level)
    method = f"{error.n_bins} bins of equal counts, debiased"
    yield _row("calibration_error", found.what, stratum, error, counts, method) | {"p_value": error.p_value}


def _curve(found: Forecasts, settings: Settings) -> Iterator[Row]:
    """The points of the reliability curve."""
    if found.n_items < _FEWEST:
        return
    from judgebench.stats import reliability_curve  # loads scipy.stats

    curve = reliability_curve(found.stated, found.outcome, cluster=found.cluster, level=settings.level)
    for place, stated in enumerate(curve.probability):
        yield _named("reliability", f"stated {stated:.3f}", _ALL) | {
            "estimate": float(curve.frequency[place]),
            "std_error": math.nan,
            "conf_low": float(curve.conf_low[place]),
            "conf_high": float(curve.conf_high[place]),
            "conf_level": settings.level,
            "method": "Wilson on n_eff",
            **dict.fromkeys(("n_items", "n_clusters"), 0),
            "n_judgments": int(curve.count[place]),
        }


def _named(estimand: str, contrast: str, stratum: str) -> Row:
    blank = dict.fromkeys(("statistic", "p_value", "bound_low", "bound_high"), math.nan)
    names = {
        "bias": BIAS,
        "perturbation": BIAS,
        "estimand": estimand,
        "contrast": contrast,
        "stratum": stratum,
    }
    return names | blank | {"unit": "probability", "n_missing": 0}


def _row(estimand: str, contrast: str, stratum: str, found: Any, counts: dict[str, int], method: str) -> Row:
    kept = ("estimate", "std_error", "conf_low", "conf_high", "conf_level")
    return (
        _named(estimand, contrast, stratum)
        | {name: getattr(found, name) for name in kept}
        | counts
        | {"method": method}
    )
