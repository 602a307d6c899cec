"""How far a judge's probabilities can be taken at their word: the reliability curve on items with gold."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from judgebench.stats.calibration import ReliabilityCurve, reliability_curve

_FEWEST: Final = 20
"""Answers under which there is no curve to speak of."""


def reliability(judgments: pd.DataFrame, *, level: float = 0.95) -> ReliabilityCurve | None:
    """Observed against stated probability that response a is the better one, on unchanged items with strict gold.

    The stated one is p_a / (p_a + p_b): what the judge says of the two, ties aside. Answers to one item are a cluster.

    Args:
        judgments: Rows as in `judgments.parquet`.
        level: Level of the pointwise intervals.

    Returns:
        The curve; None where fewer than 20 answers have both probabilities and a gold verdict for a or b.
    """
    known = (judgments["arm"] == "control") & judgments["gold"].isin(["a", "b"])
    rows = judgments.loc[known & judgments["p_a"].notna() & judgments["p_b"].notna()]
    both = (rows["p_a"] + rows["p_b"]).to_numpy(dtype=np.float64)
    rows, both = rows[both > 0], both[both > 0]
    if len(rows) < _FEWEST:
        return None
    stated = rows["p_a"].to_numpy(dtype=np.float64) / both
    right = (rows["gold"] == "a").to_numpy(dtype=np.float64)
    return reliability_curve(stated, right, cluster=pd.factorize(rows["item_id"])[0], level=level)
