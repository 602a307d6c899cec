"""The gate: the confirmatory effects decided again, against a margin of the gate's own."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from judgebench.analysis.settings import Settings
from judgebench.errors import InputError
from judgebench.stats import Decision, decide


@dataclass(frozen=True, slots=True)
class GateRow:
    """A confirmatory effect with its decision against the gate's margin.

    `perturbation` is the variant of `bias`; `way` names its protocol and mitigation.
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
    rows = [
        GateRow(
            str(row["bias"]),
            str(row["perturbation"]),
            f"{row['protocol']}, {row['mitigation']}",
            row["estimate"],
            row["conf_low"],
            row["conf_high"],
            decide(row["conf_low"], row["conf_high"], _p_adjusted(row), planned.alpha, margin),
        )
        for row in effects[effects["decision"].notna()].to_dict("records")
        if planned.is_confirmatory(row["bias"], row["perturbation"])
    ]
    if not rows:
        raise InputError("the run has no confirmatory effects to hold a gate against")
    return rows


def _p_adjusted(row: Mapping[Any, Any]) -> float:
    """The adjusted p-value; 0 where a confidence sequence leaves none, whose limits alone decide."""
    by_limits = math.isnan(row["p_adjusted"]) and not math.isnan(row["conf_low"])
    return 0.0 if by_limits else float(row["p_adjusted"])
