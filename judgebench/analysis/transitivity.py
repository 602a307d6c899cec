"""Round robins: pairs out of longer lists, and whether a judge that compares every two of them goes in circles."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final, Literal

import numpy as np
import pandas as pd

from judgebench.analysis.measurement import ALL
from judgebench.analysis.panels import UNKNOWN, Experiment, Floats, Labels, experiment
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


def as_pairs(judgments: pd.DataFrame, *, cluster: str = "item") -> Experiment:
    """Every pair of an item's responses as an item of two.

    Each pair is then a pair like any other, also with a change of one of its responses. The intervals take the pairs of
    an item together, or all of a source.

    Args:
        judgments: One judge's under one protocol and mitigation, or their planted truth.
        cluster: `item` or `source`.
    """
    order = judgments["order"].astype(str)
    gold = judgments["gold"].astype(object)
    compared = pd.Series([g in (*o, "tie") for g, o in zip(gold, order, strict=True)], index=judgments.index)
    rows = judgments.assign(
        **_probabilities(judgments, order),
        source=judgments["item_id" if cluster == "item" else "source"].astype(object),
        category=None,
        item_id=judgments["item_id"].astype(str) + "\x1f" + order.map(lambda o: "".join(sorted(o))),
        order=np.where(order.str[0] == order.map(min), "ab", "ba"),
        target=_in_pair(judgments["target"].astype(object), order),
        verdict=_in_pair(judgments["verdict"].astype(object), order),
        gold=_in_pair(gold, order).where(compared, other=None),
    )
    data = experiment(rows, cluster="source")
    return replace(data, source=Labels(np.full(len(data.items), UNKNOWN), ()))


def _probabilities(judgments: pd.DataFrame, order: pd.Series[str]) -> dict[str, Floats]:
    """Those of the two responses of each pair as those of a and b, where any are known."""
    known = [str(letter) for letter in LETTERS if f"p_{letter}" in judgments]
    table = judgments[[f"p_{letter}" for letter in known]].to_numpy(dtype=np.float64)
    if np.isnan(table).all() or not set("".join(order.unique())) <= set(known):
        return {}
    low, high = (np.array([known.index(pick(o)) for o in order], dtype=np.int64) for pick in (min, max))
    rows = np.arange(len(judgments))
    return {"p_a": table[rows, low], "p_b": table[rows, high]}


def _in_pair(values: pd.Series[Any], order: pd.Series[str]) -> pd.Series[Any]:
    """Letters as those of a pair, `a` the earlier one; all else as it is."""
    known = [
        ("a" if value == min(o) else "b") if value in LETTERS else value
        for value, o in zip(values, order, strict=True)
    ]
    return pd.Series(known, index=values.index, dtype=object)


def circle_rows(judgments: pd.DataFrame, settings: Settings) -> Iterator[Row]:
    """The rows of one judge and protocol on how often it goes in circles, on the items as they are."""
    control = judgments[judgments["arm"] == "control"]
    verdicts = control[control["verdict"].isin([*LETTERS, "tie"])]
    if verdicts.empty:
        return
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
