"""Simultaneous intervals of the confirmatory effects of a judge: all of them hold at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import pandas as pd

from judgebench.analysis.estimates import bounds_of
from judgebench.analysis.measurement import Measurement
from judgebench.analysis.panels import Experiment, Ints
from judgebench.analysis.settings import Settings
from judgebench.stats import Estimate, simultaneous_effects

SIMULTANEOUS: Final = " (simultaneous)"


@dataclass(frozen=True, slots=True)
class Member:
    """A confirmatory effect: its row of the table, and what that was estimated from."""

    row: Mapping[str, Any]
    measurement: Measurement
    data: Experiment


def simultaneous_rows(family: Sequence[Member], settings: Settings) -> Iterator[dict[str, Any]]:
    """The rows of a family's effects once more, with max-t intervals; none where fewer than two can be estimated.

    The worst-case intervals of effects with missing verdicts hold at once by Bonferroni.
    """
    known = [member for member in family if not np.isnan(member.measurement.quantity.value).all()]
    if len(known) < 2:
        return
    cautious = replace(settings, level=1 - (1 - settings.level) / len(known))
    for member, estimate in zip(known, _joint(known, settings), strict=True):
        m = member.measurement
        bounds = bounds_of(m, member.data, cautious) if member.row["n_missing"] else None
        yield simultaneous_row(member.row, m, estimate, bounds)


def simultaneous_row(
    row: Mapping[str, Any], m: Measurement, estimate: Estimate, bounds: tuple[float, float] | None
) -> dict[str, Any]:
    """The row of an effect once more, with its max-t interval, which is the bounds too where nothing is missing."""
    low, high = estimate.conf_low * m.scale, estimate.conf_high * m.scale
    bound_low, bound_high = bounds or (low, high)
    return {
        **row,
        "contrast": f"{m.contrast}{SIMULTANEOUS}",
        "conf_low": low,
        "conf_high": high,
        "bound_low": bound_low,
        "bound_high": bound_high,
        "method": f"{estimate.method}, max-t",
        "primary": False,
    }


def _joint(family: Sequence[Member], settings: Settings) -> tuple[Estimate, ...]:
    x, items, clusters = [], [], []
    labels = _shared_labels([member.data for member in family], settings)
    for member, (item, cluster) in zip(family, labels, strict=True):
        value = member.measurement.quantity.value
        seen = ~np.isnan(value)
        rows = member.measurement.item[seen]
        x.append(value[seen])
        items.append(item[rows])
        clusters.append(cluster[rows])
    return simultaneous_effects(
        x, items, None if settings.cluster == "item" else clusters, level=settings.level
    )


def _shared_labels(experiments: Sequence[Experiment], settings: Settings) -> list[tuple[Ints, Ints]]:
    """Codes of items and of clusters, each of shape (items,), that mean the same in all experiments."""
    items = _coded([data.items for data in experiments])
    if settings.cluster == "item":
        return list(zip(items, items, strict=True))
    if settings.cluster == "prompt":
        return list(zip(items, [data.cluster for data in experiments], strict=True))
    sources = [np.array([*data.source.names, ""], dtype=object)[data.source.codes] for data in experiments]
    return list(zip(items, _coded(sources), strict=True))


def _coded(names: Sequence[np.ndarray]) -> list[Ints]:
    codes = pd.factorize(np.concatenate(names))[0].astype(np.int64)
    return np.split(codes, np.cumsum([part.size for part in names])[:-1])
