"""Calibration: whether the probabilities of a judge's labels mean what they say."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import pandas as pd

from judgebench.analysis.panels import Experiment, Floats, Ints
from judgebench.analysis.settings import Settings

BIAS: Final = "calibration"
_FEWEST: Final = 20
"""Items with gold under which calibration is not worth telling."""

Row = dict[str, Any]


def is_stated(judgments: pd.DataFrame) -> bool:
    """Whether the verdicts were read from label probabilities."""
    return bool((judgments["verdict"].notna() & judgments["p_a"].notna()).any())


def calibration_rows(data: Experiment, settings: Settings) -> Iterator[Row]:
    """The rows of an experiment whose verdicts are label probabilities, on its items as they are.

    The forecast is the probability that the response a wins, a tie being half; the outcome is gold's, likewise. Brier
    score with its parts, expected calibration error (equal counts, debiased), and the points of the reliability curve,
    all clustered by item or source.
    """
    forecast, outcome, item = _forecasts(data)
    if np.unique(item).size < _FEWEST:
        return
    from judgebench.stats import (  # loads scipy.stats
        brier_score,
        expected_calibration_error,
        reliability_curve,
    )

    cluster, counts = data.cluster[item], _counts(item, data.cluster[item])
    brier = brier_score(forecast, outcome, cluster=cluster, level=settings.level)
    yield _row("brier_score", "probability against gold", brier, counts, "cluster bootstrap")
    error = expected_calibration_error(forecast, outcome, cluster=cluster, level=settings.level)
    method = f"{error.n_bins} bins of equal counts, debiased"
    yield _row("calibration_error", "probability against gold", error, counts, method) | {
        "p_value": error.p_value
    }
    curve = reliability_curve(forecast, outcome, cluster=cluster, level=settings.level)
    for place, stated in enumerate(curve.probability):
        yield _named("reliability", f"stated {stated:.3f}") | {
            "estimate": float(curve.frequency[place]),
            "std_error": math.nan,
            "conf_low": float(curve.conf_low[place]),
            "conf_high": float(curve.conf_high[place]),
            "conf_level": settings.level,
            "method": "Wilson on n_eff",
            **dict.fromkeys(("n_items", "n_clusters"), 0),
            "n_judgments": int(curve.count[place]),
        }


def _forecasts(data: Experiment) -> tuple[Floats, Floats, Ints]:
    """Forecast, outcome and item code of each control judgment with gold."""
    p, tie = data.control.p, len(data.letters)
    item, order, repeat = np.nonzero(
        data.control.asked & ~np.isnan(p[..., 0]) & (data.gold >= 0)[:, None, None]
    )
    chosen = p[item, order, repeat]
    gold = data.gold[item]
    forecast = np.clip(chosen[:, 0] + chosen[:, -1] / 2, 0.0, 1.0)
    return forecast, np.where(gold == tie, 0.5, (gold == 0).astype(np.float64)), item.astype(np.int64)


def _counts(item: Ints, cluster: Ints) -> dict[str, int]:
    return {
        "n_items": int(np.unique(item).size),
        "n_clusters": int(np.unique(cluster).size),
        "n_judgments": int(item.size),
    }


def _named(estimand: str, contrast: str) -> Row:
    blank = dict.fromkeys(("statistic", "p_value", "bound_low", "bound_high"), math.nan)
    names = {"bias": BIAS, "perturbation": BIAS, "estimand": estimand, "contrast": contrast, "stratum": "all"}
    return names | blank | {"unit": "probability", "n_missing": 0}


def _row(estimand: str, contrast: str, found: Any, counts: dict[str, int], method: str) -> Row:
    kept = ("estimate", "std_error", "conf_low", "conf_high", "conf_level")
    return (
        _named(estimand, contrast)
        | {name: getattr(found, name) for name in kept}
        | counts
        | {"method": method}
    )
