"""The gate: the confirmatory effects decided again, against a margin of the gate's own."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from judgebench.analysis.scores import SCALE_POINTS
from judgebench.analysis.settings import Settings
from judgebench.errors import InputError
from judgebench.stats import Decision, decide


@dataclass(frozen=True, slots=True)
class GateRow:
    """A confirmatory effect with its decision against the gate's margin.

    `perturbation` is the variant of `bias`; `way` names its protocol and mitigation. The figures are shares: of
    comparisons, or for scores of the scale's span, as the margin is.
    """

    bias: str
    perturbation: str
    way: str
    estimate: float
    conf_low: float
    conf_high: float
    decision: Decision


def gate_rows(effects: pd.DataFrame, planned: Settings, max_bias: float | None) -> list[GateRow]:
    """The confirmatory effects of a run, decided against `max_bias`, or against the plan's own margin.

    Raises:
        InputError: The run has no confirmatory effects, so that there is nothing to hold the judge to.
    """
    margin = planned.margin if max_bias is None else max_bias
    decided = effects[effects["decision"].notna()]
    shares = decided.loc[decided["unit"] != SCALE_POINTS, "margin"]
    used = float(shares.iloc[0]) if len(shares) else planned.margin
    rows = [
        _gated(row, planned, margin, used)
        for row in decided.to_dict("records")
        if planned.is_confirmatory(row["bias"], row["perturbation"])
    ]
    if not rows:
        raise InputError("the run has no confirmatory effects to hold a gate against")
    return rows


def _gated(row: Mapping[Any, Any], planned: Settings, margin: float, used: float) -> GateRow:
    """An effect decided anew; `used` is the margin as a share of which the analysis made the row's own."""
    span = row["margin"] / used if row["unit"] == SCALE_POINTS and used else 1.0
    estimate, low, high = (row[name] / span for name in ("estimate", "conf_low", "conf_high"))
    way = f"{row['protocol']}, {row['mitigation']}"
    decision = decide(low, high, _p_adjusted(row), planned.alpha, margin)
    return GateRow(str(row["bias"]), str(row["perturbation"]), way, estimate, low, high, decision)


def _p_adjusted(row: Mapping[Any, Any]) -> float:
    """The adjusted p-value; 0 where a confidence sequence leaves none, whose limits alone decide."""
    by_limits = math.isnan(row["p_adjusted"]) and not math.isnan(row["conf_low"])
    return 0.0 if by_limits else float(row["p_adjusted"])
