"""Preference for one's own responses: who wrote what, beside what gold and other judges say of it.

For every judge the responses of a *target* author (the judge itself, a model of its family, or a teacher of its) are
compared with those of opponents that are none of these: over all opponents and for each, over all tasks and for each
category. The estimators are those of `judgebench.stats.self_preference` and `triple_difference`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any, Final

import pandas as pd

from judgebench.analysis.authored_pairs import Pairs, pairs_in, tasks_of
from judgebench.analysis.familiarity import familiarity_rows
from judgebench.analysis.own_comparison import LABELS, Comparison
from judgebench.analysis.panels import Change, Experiment, experiment
from judgebench.analysis.recognition import correlation_rows
from judgebench.analysis.restyled import Restyled, restyled
from judgebench.analysis.settings import Settings
from judgebench.suite.restyling import STYLE_EQUALISED

BIASES: Final = {"self": "self_preference", "family": "family", "teacher": "teacher"}


def self_preference_rows(
    judgments: pd.DataFrame,
    authored: pd.DataFrame,
    settings: Settings,
    *,
    split: str = "half",
    failed: Collection[Change] | None = None,
    known: pd.Series[float] | None = None,
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The effects of one judge under one protocol and mitigation.

    Args:
        judgments: Its judgments, pairs with verdicts.
        authored: The pairs with their authors, as `authored.parquet` has them.
        settings: Level of the intervals, clusters.
        split: `zero` counts a verdict that changes with the order as a loss of the target, as Chen et al. (2025,
            arXiv 2506.02592) do for closed judges, which pulls its win rate down; `half` leaves it at what it says.
        failed: The changes whose manipulation check failed; None where that is not known.
        known: How often the judge names its own response, by pair; None where it was not asked.

    Returns:
        The rows without the columns that name judge and suite, and for each comparison what stands behind the
        adjusted estimate: the balance of the matching, or why there is none.
    """
    wanted = (judgments["arm"] == "control") | (
        (judgments["arm"] == "treatment") & judgments["perturbation"].isin([*LABELS, STYLE_EQUALISED])
    )
    chosen = judgments[wanted & judgments["item_id"].isin(authored["item_id"])]
    if chosen.empty:
        return [], []
    data = experiment(chosen, cluster=settings.cluster, failed=failed)
    in_one_style = restyled(data)
    rows: list[dict[str, Any]] = []
    behind: list[dict[str, Any]] = []
    for relation, bias in BIASES.items():
        pairs = pairs_in(data, authored, relation)
        for comparison in _comparisons(data, pairs, bias, settings, split):
            rows += comparison.rows()
            rows += familiarity_rows(comparison)
            behind.append(comparison.behind())
            if known is not None and relation == "self":
                rows += correlation_rows(comparison, known)
            if in_one_style is not None:
                rows += Restyled.of(comparison, in_one_style).rows()
    return rows, behind


def _comparisons(
    data: Experiment, pairs: Pairs, bias: str, settings: Settings, split: str
) -> Iterator[Comparison]:
    """Over all opponents and for each; over all tasks and, for all opponents together and each, by category."""
    if not pairs.own.any():
        return
    opponents = sorted(set(pairs.opponent[pairs.own]))
    for name in ("all", *opponents):
        own = pairs.own if name == "all" else pairs.own & (pairs.opponent == name)
        for stratum, chosen in tasks_of(data, own):
            yield Comparison(
                data, pairs, own & chosen, pairs.other & chosen, bias, str(name), stratum, settings, split
            )
