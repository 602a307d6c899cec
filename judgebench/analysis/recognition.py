"""Self-recognition: how often the judge knows which response it wrote, and whether it prefers those that it knows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import pandas as pd

from judgebench.analysis.authored_pairs import pairs_in, tasks_of
from judgebench.analysis.estimates import estimated
from judgebench.analysis.own_comparison import Comparison
from judgebench.analysis.panels import Bools, Floats, experiment
from judgebench.analysis.quantities import Quantity, wins
from judgebench.analysis.settings import Settings
from judgebench.stats import clustered_correlation

BIAS: Final = "self_recognition"
_FEWEST: Final = 10
"""Prompts under which a correlation is not worth telling."""


def recognition_comparisons(
    said: pd.DataFrame, authored: pd.DataFrame, settings: Settings
) -> Iterator[Comparison]:
    """What the judge said of which response it wrote, over all opponents and for each, and by category.

    Args:
        said: The rows of `recognition.parquet`.
        authored: The pairs with their authors.
        settings: Level of the intervals, clusters.
    """
    data = experiment(said, cluster="source" if settings.cluster == "source" else "item")
    pairs = pairs_in(data, authored, "self")
    for name in ("all", *sorted(set(pairs.opponent[pairs.own]))):
        own = pairs.own if name == "all" else pairs.own & (pairs.opponent == name)
        for stratum, chosen in tasks_of(data, own):
            nobody = np.zeros_like(own)
            yield Comparison(
                data, pairs, np.asarray(own & chosen), nobody, BIAS, str(name), stratum, settings, "half"
            )


def recognition_rows(comparison: Comparison) -> Iterator[dict[str, Any]]:
    """How often it names its own response, the place set off by asking in both orders, and its liking for a place.

    A pair counts with the mean of its two orders, and where one has no verdict it is missing.
    """
    control = comparison.data.control
    both = np.asarray(control.asked[:, 0].any(axis=1) & control.asked[:, 1].any(axis=1))
    named = Quantity(*comparison.means())
    rows = [
        comparison.measured(
            "recognition_accuracy", "names its own", named, comparison.own, kind="proportion", asked=both
        )
    ]
    first = wins(control.p[:, 0], 0) - wins(control.p[:, 1], 0)
    shown = np.asarray(control.asked[:, 0] & control.asked[:, 1])
    rows.append(
        comparison.measured(
            "recognition_position", "shown first - 1/2", first, comparison.own, scale=0.5, asked=shown
        )
    )
    yield from (row for row in rows if row is not None)


def known_by_pair(comparison: Comparison) -> pd.Series[float]:
    """How often it names its own response of each pair, over both orders; NaN where a verdict is missing."""
    return pd.Series(comparison.means()[0], index=list(comparison.data.items))[comparison.own]


def correlation_rows(preference: Comparison, known: pd.Series[float]) -> Iterator[dict[str, Any]]:
    """Whether it prefers those of its responses that it knows, over pairs; and that beyond gold where there is gold.

    Noise in the answers pulls the correlation towards 0, the more the fewer repeats a pair has. Where a verdict is
    missing, the pair is left out and counted.
    """
    gold: Floats = preference.pairs.gold
    known_of = np.asarray(known.reindex(list(preference.data.items)), dtype=np.float64)
    won = preference.means()[0]
    asked = np.asarray(preference.own & np.isin(preference.data.items.astype(str), known.index.astype(str)))
    beyond = won - gold
    for contrast, values, chosen in (
        ("names its own, prefers it", won, asked),
        ("names its own, prefers it beyond gold", beyond, np.asarray(asked & ~np.isnan(gold))),
    ):
        row = _correlation(preference, contrast, known_of, values, chosen)
        if row is not None:
            yield row


def _correlation(
    preference: Comparison, contrast: str, known: Floats, values: np.ndarray, chosen: Bools
) -> dict[str, Any] | None:
    seen = chosen & ~np.isnan(known) & ~np.isnan(values)
    cluster = preference.clusters()[seen]
    if np.unique(cluster).size < _FEWEST:
        return None
    try:
        found = clustered_correlation(known[seen], values[seen], cluster, level=preference.settings.level)
    except ValueError:  # nothing varies
        return None
    missing = int((chosen & ~seen).sum())
    low, high = (found.conf_low, found.conf_high) if not missing else (np.nan, np.nan)
    return preference.named("recognition_correlation", contrast) | {
        "bias": BIAS, "unit": "correlation", **estimated(found, preference.settings), "n_missing": missing,
        "bound_low": low, "bound_high": high,
    }  # fmt: skip
