"""Judge against judge, or version against version: the difference of their item-level effects on the same items."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import pandas as pd

from judgebench.analysis.changes import verdict_changes
from judgebench.analysis.differences import Measured, difference
from judgebench.analysis.effects import decided, is_invariance, undecided
from judgebench.analysis.estimands import measurements
from judgebench.analysis.estimates import numbers
from judgebench.analysis.factorial import alone
from judgebench.analysis.measurement import ALL
from judgebench.analysis.panels import experiment
from judgebench.analysis.schema import ANALYSED_COLUMNS, PROMPT
from judgebench.analysis.selection import one_mitigation
from judgebench.analysis.settings import Settings
from judgebench.errors import InputError

_COMPARED: Final = ("first_preference", "target_preference", "swap_inconsistency", "flip_rate", "accuracy")
Key = tuple[str, str, str, str, str]
"""Protocol, mitigation, perturbation, estimand, contrast."""


def compare(one: pd.DataFrame, two: pd.DataFrame, settings: Settings) -> pd.DataFrame:
    """The effects of one judge minus those of another, paired on the items that both judged.

    Args:
        one: The first judge's judgments, rows as in `judgments.parquet`.
        two: The second's.
        settings: Margin, levels, clusters. Holm's adjustment is over the biases that are compared.

    Returns:
        Rows with the columns of `EFFECT_COLUMNS`; `judge` names both, and a positive estimate means more in the first.
        `n_judgments` counts items, of which each gives one difference, and `n_missing` those that were asked of
        both judges and lack a complete pair in one; these have no worst-case bounds. At the end: how often the two
        differ in their verdict on an unchanged item (`verdict_change`), and how much more often than either does when
        it is asked again.

    Raises:
        InputError: The two have no item or no effect in common.
    """
    shared = set(one["item_id"]) & set(two["item_id"])
    if not shared:
        raise InputError("the two runs have no item in common", expected="runs of the same suite")
    first, second = _measured(one, shared, settings), _measured(two, shared, settings)
    names = {
        "suite": one["suite"].iloc[0],
        "judge": _pair(str(one["judge"].iloc[0]), str(two["judge"].iloc[0])),
    }
    rows = [names | _row(key, first[key], second[key], settings) for key in first if key in second]
    if not rows:
        raise InputError("the two runs have no effect in common", expected="runs of the same suite")
    return decided([*rows, *_changes(first, second, names, settings)], settings)


def compare_mitigations(judgments: pd.DataFrame, first: str, second: str, settings: Settings) -> pd.DataFrame:
    """The effects of one judge under one mitigation minus those under another, paired on the items.

    With `none` first, a positive difference on a bias is what the second removes of it (the double difference of the
    cue's effect), and one on the accuracy is what it costs.

    Args:
        judgments: Of one judge.
        first: The name of a mitigation.
        second: Another.
        settings: As for `compare`.

    Raises:
        InputError: The run has no such mitigation, or the two have no effect in common.
    """
    name = f"{first} - {second}"
    one, two = (one_mitigation(judgments, wanted).assign(mitigation=name) for wanted in (first, second))
    return compare(one, two, settings)


def _changes(
    first: Mapping[Key, Measured],
    second: Mapping[Key, Measured],
    names: Mapping[str, Any],
    settings: Settings,
) -> Iterator[dict[str, Any]]:
    """The rows on how often the verdicts differ, one pair for each way of asking that both runs have."""
    ways = dict.fromkeys((key[0], key[1]) for key in first if key in second)
    for protocol, mitigation in ways:
        one, two = (
            next(m[1] for key, m in run.items() if key[:2] == (protocol, mitigation))
            for run in (first, second)
        )
        for m in verdict_changes(one, two):
            row = {
                name: getattr(m, name) for name in ("bias", "perturbation", "estimand", "contrast", "stratum")
            }
            way = {"protocol": protocol, "mitigation": mitigation}
            yield {**names, **row, **way, **numbers(m, one, settings), **undecided(primary=False)}


def _pair(one: str, two: str) -> str:
    """What two judges are called together; one that is compared with itself keeps its name."""
    return one if one == two else f"{one} - {two}"


def _measured(judgments: pd.DataFrame, shared: set[str], settings: Settings) -> dict[Key, Measured]:
    found = {}
    columns = [*ANALYSED_COLUMNS, *({PROMPT} & set(judgments.columns))]
    kept = judgments.loc[judgments["item_id"].isin(shared), columns]
    for (protocol, mitigation), group in kept.groupby(["protocol", "mitigation"], sort=False, observed=True):
        data = experiment(alone(group), cluster=settings.cluster)
        for m in measurements(data):
            if m.estimand in _COMPARED and m.stratum == ALL:
                found[str(protocol), str(mitigation), m.perturbation, m.estimand, m.contrast] = (m, data)
    return found


def _row(key: Key, one: Measured, two: Measured, settings: Settings) -> dict[str, Any]:
    m = one[0]
    return {
        "bias": m.bias,
        "perturbation": m.perturbation,
        "estimand": m.estimand,
        "contrast": m.contrast,
        "stratum": m.stratum,
        "protocol": key[0],
        "mitigation": key[1],
        **difference(one, two).columns(settings),
        **undecided(primary=m.primary and is_invariance(m.bias)),
    }
