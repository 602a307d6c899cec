"""Round robins: whether a judge that compares every two of several responses goes in circles."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final, Literal

import numpy as np
import pandas as pd

from judgebench.analysis.estimands import measurements
from judgebench.analysis.estimates import numbers
from judgebench.analysis.measurement import ALL
from judgebench.analysis.panels import UNKNOWN, Experiment, Labels, experiment
from judgebench.analysis.settings import Settings
from judgebench.items.model import LETTERS

BIAS: Final = "transitivity"
_COUNTS: Final = ("n_items", "n_clusters")

Row = dict[str, Any]
Link = Literal["logit", "probit"]


def is_round_robin(judgments: pd.DataFrame) -> bool:
    """Whether pairs out of longer lists were compared."""
    orders = judgments["order"].dropna().unique()
    return all(len(order) == 2 for order in orders) and bool({*"".join(map(str, orders))} - {*"ab"})


def round_robin_rows(judgments: pd.DataFrame, settings: Settings) -> Iterator[Row]:
    """The rows of one judge and protocol on the items as they are: circles, and what pairs tell, clustered by item.

    Each pair of responses is a pair like any other; the intervals take the pairs of an item together.
    """
    control = judgments[judgments["arm"] == "control"]
    data, by_item = _as_pairs(control), replace(settings, cluster="source")
    for m in measurements(data):
        names = {
            name: getattr(m, name) for name in ("bias", "perturbation", "estimand", "contrast", "stratum")
        }
        yield names | numbers(m, data, by_item)
    verdicts = control[control["verdict"].isin([*LETTERS, "tie"])]
    if len(verdicts):
        yield from _circles(verdicts, settings)


def _as_pairs(control: pd.DataFrame) -> Experiment:
    """Every pair of an item's responses as an item of two, and the item as the source of its pairs."""
    order = control["order"].astype(str)
    low = order.map(min)
    gold = control["gold"].astype(object)
    compared = pd.Series([g in (*o, "tie") for g, o in zip(gold, order, strict=True)], index=control.index)
    rows = control.assign(
        source=control["item_id"].astype(object),
        category=None,
        item_id=control["item_id"].astype(str) + "\x1f" + order.map(lambda o: "".join(sorted(o))),
        order=np.where(order.str[0] == low, "ab", "ba"),
        verdict=_in_pair(control["verdict"].astype(object), order),
        gold=_in_pair(gold, order).where(compared, other=None),
    )
    data = experiment(rows, cluster="source")
    return replace(data, source=Labels(np.full(len(data.items), UNKNOWN), ()))


def _in_pair(values: pd.Series[Any], order: pd.Series[str]) -> pd.Series[Any]:
    """Letters as those of a pair, `a` the earlier one; all else as it is."""
    known = [
        ("a" if value == min(o) else "b") if value in LETTERS else value
        for value, o in zip(values, order, strict=True)
    ]
    return pd.Series(known, index=values.index, dtype=object)


def _circles(verdicts: pd.DataFrame, settings: Settings) -> Iterator[Row]:
    from judgebench.stats import excess_cycles, held_out_agreement, proportion  # loads scipy.stats

    order, verdict = verdicts["order"].astype(str), verdicts["verdict"].astype(str)
    first, second = ([LETTERS.index(o[k]) for o in order] for k in (0, 1))
    outcome = np.where(verdict == "tie", 0.5, (verdict == order.str[0]).astype(float))
    games = (first, second, outcome, verdicts["item_id"].to_numpy(object))
    try:
        found = excess_cycles(*games, level=settings.level)
    except ValueError:  # no triad of strict verdicts
        return
    known = {"n_items": found.n_tournaments, "n_clusters": found.n_tournaments, "n_judgments": len(verdicts)}
    yield (
        _row("cyclic_share", "control")
        | known
        | {
            "estimate": found.cyclic_share,
            "conf_low": max(found.conf_low + found.expected_share, 0.0),
            "conf_high": min(found.conf_high + found.expected_share, 1.0),
            "method": "cluster bootstrap",
            "conf_level": settings.level,
        }
    )
    yield (
        _row("excess_cyclic_share", "control - Bradley-Terry")
        | known
        | {
            "estimate": found.excess,
            "conf_low": found.conf_low,
            "conf_high": found.conf_high,
            "p_value": found.p_value,
            "method": "parametric bootstrap, random abilities",
            "conf_level": settings.level,
        }
    )
    links: dict[Link, str] = {"logit": "Bradley-Terry", "probit": "Thurstone"}
    for link, name in links.items():
        shares, items = held_out_agreement(*games, link=link)
        estimate = proportion(shares, items, level=settings.level)
        kept = (
            "estimate",
            "std_error",
            "conf_low",
            "conf_high",
            "conf_level",
            "method",
            "n_judgments",
            *_COUNTS,
        )
        yield _row("held_out_accuracy", name) | {column: getattr(estimate, column) for column in kept}


def _row(estimand: str, contrast: str) -> Row:
    blank = dict.fromkeys(("std_error", "statistic", "p_value", "bound_low", "bound_high"), math.nan)
    names = {"bias": BIAS, "perturbation": BIAS, "estimand": estimand, "contrast": contrast, "stratum": ALL}
    return names | blank | {"unit": "proportion", "n_missing": 0}
