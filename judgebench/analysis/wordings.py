"""The judge's own prompt as a factor: what its paraphrases do, and whether a stated criterion turns the verdict."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import partial
from itertools import combinations
from typing import Any, Final

import numpy as np
import pandas as pd

from judgebench.analysis.estimates import numbers
from judgebench.analysis.measurement import Measurement, rows_of, stacked
from judgebench.analysis.panels import Bools, Experiment, Floats, experiment
from judgebench.analysis.quantities import Quantity, flips, wins
from judgebench.analysis.scores import implied_pairs, is_scored
from judgebench.analysis.settings import Settings
from judgebench.protocols.criterion import OPPOSITES

BIAS: Final = "template"
FOLLOWING: Final = "context_following"
_ITEMS: Final = 5
"""Items under which the share of the wording is not worth telling."""


def wording_rows(judgments: pd.DataFrame, settings: Settings) -> Iterator[dict[str, Any]]:
    """The rows of one judge and mitigation that set protocols against each other.

    Of protocols that differ in nothing but the paraphrase of their template: the share of the wording in the variance
    of the verdicts on the items as they are, and how often two wordings bring different winners, in all and beyond what
    asking again does. Of a criterion and its opposite: how often the verdict is reversed where it should be.
    """
    control = judgments[judgments["arm"] == "control"]
    names = [str(name) for name in control["protocol"].unique()]
    for base, members in _families(names).items():
        for row in _of_wordings(control, members, settings):
            yield {**row, "protocol": base}
    for one, other in _opposed(names):
        if reversal := _reversal(control, one, other, settings):
            yield {**reversal, "protocol": f"{one} | {other}"}


def _families(names: list[str]) -> dict[str, list[str]]:
    """Protocols that differ in the paraphrase alone, by the name without it."""
    found: dict[str, list[str]] = {}
    for name in names:
        head, mark, rest = name.partition("~")
        if mark:
            _, slash, criterion = rest.partition("/")
            found.setdefault(f"{head}{slash}{criterion}", []).append(name)
    return {base: members for base, members in found.items() if len(members) > 1}


def _opposed(names: list[str]) -> Iterator[tuple[str, str]]:
    """Protocols by a criterion and by its opposite."""
    for name in names:
        for one, other in OPPOSITES:
            twin = name.replace(one, other)
            if name.startswith("criterion@") and one in name.partition("~")[0] and twin in names:
                yield name, twin


def _together(judgments: pd.DataFrame, protocols: list[str]) -> tuple[Experiment, Floats, Bools]:
    """The verdicts under several protocols, (items, orders, protocols, repeats, verdicts), and where each was asked."""
    repeats = int(judgments["repeat"].max()) + 1
    parts = []
    for number, name in enumerate(protocols):
        rows = judgments[judgments["protocol"] == name]
        rows = implied_pairs(rows) if is_scored(rows) else rows
        parts.append(rows.assign(repeat=rows["repeat"] + number * repeats, gold=None))
    data = experiment(pd.concat(parts, ignore_index=True))
    p, asked = data.control.p, data.control.asked
    missing = len(protocols) * repeats - p.shape[2]
    p = np.pad(p, ((0, 0), (0, 0), (0, missing), (0, 0)), constant_values=np.nan)
    asked = np.pad(asked, ((0, 0), (0, 0), (0, missing)))
    shape = (*p.shape[:2], len(protocols), repeats)
    return data, p.reshape(*shape, p.shape[-1]), asked.reshape(shape)


def _of_wordings(control: pd.DataFrame, members: list[str], settings: Settings) -> Iterator[dict[str, Any]]:
    data, p, asked = _together(control, members)
    share = _share(p, asked, len(members), settings)
    if share is not None:
        yield share
    make = partial(Measurement, BIAS, BIAS)
    pairs = [
        (flips(p[:, :, one, 0], p[:, :, other, 0]), np.asarray(asked[:, :, one, 0] & asked[:, :, other, 0]))
        for one, other in combinations(range(len(members)), 2)
    ]
    contrast = "one wording against another"
    found = [make("flip_rate", contrast, "proportion", *stacked(pairs))]
    if p.shape[3] > 1:
        floor = flips(p[:, :, :, 0], p[:, :, :, 1])
        both = np.asarray(asked[:, :, :, 0] & asked[:, :, :, 1])
        noise, known = floor.mean(2, both), np.asarray(both.any(axis=2))
        again = rows_of(noise, known)
        found.append(make("rerun_flip_rate", "mean of all, asked again", "proportion", *again))
        excess = [(pair - noise, np.asarray(seen & known)) for pair, seen in pairs]
        found.append(make("excess_flip_rate", f"{contrast} - rerun", "difference", *stacked(excess)))
    for m in found:
        if m.item.size:
            yield _row(m) | numbers(m, data, settings)


def _row(m: Measurement) -> dict[str, Any]:
    return {name: getattr(m, name) for name in ("bias", "perturbation", "estimand", "contrast", "stratum")}


def _share(p: Floats, asked: Bools, wordings: int, settings: Settings) -> dict[str, Any] | None:
    """The wording's share in the variance of the first response's wins, averaged over orders; items without gaps."""
    value = np.where(asked, wins(p, 0).value, np.nan)
    shown = asked.any(axis=(0, 2, 3))
    y = value[:, shown].mean(axis=1)
    whole = y[~np.isnan(y).any(axis=(1, 2))]
    if whole.shape[0] < _ITEMS or whole.shape[2] < 2:
        return None
    from judgebench.stats import crossed_components  # loads scipy.stats

    found = crossed_components(whole, level=settings.level)
    return {
        "bias": BIAS,
        "perturbation": BIAS,
        "estimand": "variance_share",
        "contrast": f"{wordings} wordings",
        "stratum": "all",
        "unit": "share of variance",
        "estimate": found.share,
        "std_error": found.std_error,
        "conf_low": found.conf_low,
        "conf_high": found.conf_high,
        "conf_level": found.conf_level,
        "statistic": math.nan,
        "p_value": math.nan,
        "method": "two-way random effects, item bootstrap",
        "n_items": found.n_items,
        "n_clusters": found.n_items,
        "n_judgments": int(whole.size) * int(shown.sum()),
        "n_missing": int((asked & np.isnan(value)).sum()),
        "bound_low": math.nan,
        "bound_high": math.nan,
    }


def _reversal(control: pd.DataFrame, one: str, other: str, settings: Settings) -> dict[str, Any] | None:
    """How often the verdict by a criterion is reversed by its opposite, on items whose gold is."""
    golds = [
        control[control["protocol"] == name].groupby("item_id", observed=True)["gold"].first()
        for name in (one, other)
    ]
    decided = [set(gold[gold.isin(["a", "b"])].index) for gold in golds]
    rows = control[control["item_id"].isin(decided[0] & decided[1])]
    if rows.empty:
        return None
    data, p, asked = _together(rows, [one, other])
    turned: Quantity = flips(p[:, :, 0], p[:, :, 1])
    both = np.asarray(asked[:, :, 0] & asked[:, :, 1])
    m = Measurement(
        FOLLOWING, FOLLOWING, "reversal_rate", "a criterion against its opposite", "proportion",
        *stacked([(turned, both)]),
    )  # fmt: skip
    return _row(m) | numbers(m, data, settings)
