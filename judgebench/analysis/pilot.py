"""A pilot's judgments as variances: how much items, their orders and repeats vary under each perturbation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from judgebench.analysis.comparison import Comparison, Spread
from judgebench.analysis.files import read_judgments
from judgebench.analysis.panels import Experiment, Floats, Ints, experiment
from judgebench.analysis.quantities import wins
from judgebench.errors import InputError
from judgebench.run.arms import protocol_arms
from judgebench.run.manifest import read_manifest
from judgebench.stats.variance_components import VarianceComponents, estimate_components
from judgebench.suite import Suite
from judgebench.suite.options import title_of

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Differences:
    """The differences of a comparison, averaged over its targets; all of shape (rows,), a row a repeat."""

    value: Floats
    item: Ints
    order: Ints


def pilot_spreads(path: Path, suite: Suite, asked: Sequence[Comparison]) -> tuple[dict[str, Spread], str]:
    """The variances that a run of the same kind shows, and what they rest on in words.

    Where the pilot holds several of the suite's protocols and mitigations, the one that varies most counts.

    Raises:
        InputError: It is no run directory, holds none of the suite's ways of asking or too few verdicts, or lacks a
            comparison of the suite.
    """
    manifest, judgments = read_manifest(path), read_judgments(path)
    experiments = [experiment(group) for group in _ways(judgments, suite, path)]
    found = {c.perturbation: _widest(experiments, c, path) for c in asked}
    basis = f"the pilot {path} ({judgments['item_id'].nunique()} items, judge {manifest.get('judge')})"
    if any(not found[c.perturbation].repeat_identified and c.repeats > 1 for c in asked):
        basis += ", which has no repeats: what they would gain is not counted"
    return {name: _spread(components) for name, components in found.items()}, basis


def _ways(judgments: pd.DataFrame, suite: Suite, path: Path) -> list[pd.DataFrame]:
    protocols = {arm.name for arm in protocol_arms(suite)}
    mitigations = set(map(title_of, suite.spec.mitigations))
    groups = [
        group
        for (protocol, mitigation), group in judgments.groupby(["protocol", "mitigation"], sort=False)
        if protocol in protocols and mitigation in mitigations
    ]
    if not groups:
        raise InputError(
            "the pilot was asked in other ways than the suite asks",
            file=path,
            expected=f"protocol {' or '.join(sorted(protocols))}, mitigation {' or '.join(sorted(mitigations))}",
        )
    return groups


def _widest(experiments: Iterable[Experiment], comparison: Comparison, path: Path) -> VarianceComponents:
    found = [_components(data, comparison, path) for data in experiments]
    return max(found, key=lambda c: c.item_sd(comparison.orders, comparison.repeats))


def _spread(found: VarianceComponents) -> Spread:
    if found.item + found.order + found.repeat == 0:
        # no difference at all in the pilot: as if one more item had moved each way, like the augmented t interval
        return Spread(2 / (found.n_items + 2), 0.0, 0.0, "pilot")
    return Spread(found.item, found.order, found.repeat, "pilot")


def _components(data: Experiment, comparison: Comparison, path: Path) -> VarianceComponents:
    """Raise InputError where the pilot does not say enough about a comparison."""
    rows = _of_position(data) if comparison.arm == "control" else _of_change(data, comparison, path)
    if np.unique(rows.item).size < 2:
        raise InputError(
            f"the pilot has fewer than two items with verdicts on {comparison.perturbation!r}",
            file=path,
            expected="a pilot with replies, in both orders where position is asked",
        )
    return estimate_components(rows.value, rows.item, rows.order)


def _of_position(data: Experiment) -> Differences:
    ab, ba = data.control.p[:, 0], data.control.p[:, 1]
    value = (wins(ab, 0).value - wins(ba, 0).value) / 2
    item, repeat = np.nonzero(~np.isnan(value))
    return Differences(value[item, repeat], item, np.zeros_like(item))


def _of_change(data: Experiment, comparison: Comparison, path: Path) -> Differences:
    name = comparison.perturbation
    panels = list(data.panels(name, comparison.arm))
    if not panels:
        raise InputError(
            f"the pilot does not tell of {name!r}",
            file=path,
            expected=f"a run with the suite's perturbations; it has {', '.join(data.perturbations()) or 'none'}",
        )
    repeats = min(data.control.asked.shape[2], *(panel.asked.shape[2] for _, panel in panels))
    control = data.control.p[:, :, :repeats]
    each = np.stack(
        [
            wins(panel.p[:, :, :repeats], target).value - wins(control, target).value
            for target, panel in panels
        ]
    )
    asked = np.stack([panel.asked[:, :, :repeats] for _, panel in panels])
    _check_targets(asked, comparison, path)
    # every target that was asked must have its verdict: a mean over fewer would vary otherwise
    total, count = np.where(asked, each, 0.0).sum(0), asked.sum(0)
    item, order, repeat = np.nonzero(~np.isnan(total) & (count > 0))
    return Differences(total[item, order, repeat] / count[item, order, repeat], item, order)


def _check_targets(
    asked: np.ndarray[tuple[int, ...], np.dtype[np.bool_]], comparison: Comparison, path: Path
) -> None:
    """Raise InputError where the pilot changes both responses in turn and the suite one of them, or the reverse."""
    targets = int(asked.sum(0).max())
    if targets != comparison.targets:
        words = {1: "one response", 2: "both responses in turn"}
        raise InputError(
            f"the pilot changes {words[targets]} by {comparison.perturbation!r}, which varies otherwise",
            file=path,
            expected=f"{words[comparison.targets]}, as in the suite",
        )
