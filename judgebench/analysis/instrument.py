"""Ways of asking set against each other on the same items: rating against ranking, reasons, halo, order of criteria."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from itertools import combinations
from typing import Any, Final

import numpy as np
import pandas as pd

from judgebench.analysis.changes import shared
from judgebench.analysis.estimates import numbers
from judgebench.analysis.measurement import ALL, STRICT, Measurement, rows_of
from judgebench.analysis.panels import ORDERS, Bools, Experiment, Panel, experiment
from judgebench.analysis.quantities import Quantity, flips, is_tie, matches, may_be_strict
from judgebench.analysis.scores import implied_pairs, is_scored, numbers_of
from judgebench.analysis.settings import Settings
from judgebench.stats import paired_t

RANKING: Final = "rating_vs_ranking"
REASONS: Final = "chain_of_thought"
HALO: Final = "halo"
CRITERIA_ORDER: Final = "criteria_order"
_PLACES: Final = ("before", "after", "none")
OTHER_QUESTIONS: Final = ("criterion", "joint")
"""Protocols of pairs that do not ask which response is better."""

Row = dict[str, Any]


def instrument_rows(judgments: pd.DataFrame, settings: Settings) -> Iterator[Row]:
    """The rows of one judge and mitigation that set ways of asking against each other, on the items as they are.

    Where a suite rates single responses and compares them too, each rating is set against each comparison. Protocols
    that differ in nothing but where the reasons stand are set against each other, and so are rubrics whose criteria are
    asked one by one, together, and together in reverse.
    """
    control = judgments[judgments["arm"] == "control"]
    names = [str(name) for name in control["protocol"].unique()]
    if len(names) < 2:
        return
    groups = {name: control[control["protocol"] == name] for name in names}
    scored = [name for name in names if is_scored(groups[name])]
    data = {name: experiment(groups[name]) for name in names if _is_of_pairs(groups[name])}
    for rating in (name for name in scored if "/" not in name):  # one criterion of several is no verdict
        rated = experiment(implied_pairs(groups[rating])) if data else None
        for ranking, ranked in data.items():
            if rated is not None and not ranking.startswith(OTHER_QUESTIONS):
                yield from _named(f"{rating} | {ranking}", _ranking(rated, ranked, settings))
    yield from _all_reasons(data, settings)
    yield from _halo(groups, scored, settings)
    yield from _criteria_order(groups, scored, settings)


def _all_reasons(data: dict[str, Experiment], settings: Settings) -> Iterator[Row]:
    """Every two protocols that differ in where the reasons stand and in nothing else, the more reasoned one first."""
    known = [name for name in settings.reasoning if name in data]
    for one, other in combinations(sorted(known, key=lambda n: _PLACES.index(settings.reasoning[n][0])), 2):
        (place, rest), (base, same) = settings.reasoning[one], settings.reasoning[other]
        if place != base and rest == same:
            rows = _reasons(data[one], data[other], f"{place} - {base}", settings)
            yield from _named(f"{one} | {other}", rows)


def _is_of_pairs(rows: pd.DataFrame) -> bool:
    return set(rows["order"].dropna().unique()) <= set(ORDERS) and bool(rows["order"].notna().any())


def _named(protocol: str, rows: Iterator[Row]) -> Iterator[Row]:
    yield from ({**row, "protocol": protocol} for row in rows)


def _row(m: Measurement, data: Experiment, settings: Settings) -> Row:
    names = {name: getattr(m, name) for name in ("bias", "perturbation", "estimand", "contrast", "stratum")}
    return names | numbers(m, data, settings)


def _first_runs(one: Experiment, two: Experiment) -> Iterator[tuple[Experiment, Panel, Panel]]:
    """Both controls on the items they share, with as many orders; the first one's last order where it has no order."""
    mine, theirs = shared(one, two)
    if mine.size:
        data = replace(one, items=one.items[mine], gold=one.gold[mine], cluster=one.cluster[mine])
        yield data, _at(one.control, mine), _at(two.control, theirs)


def _at(panel: Panel, items: np.ndarray) -> Panel:
    """The panel of some items; where no order was shown, the one answer stands for either order."""
    orders = slice(0, len(ORDERS))
    if panel.p.shape[1] > len(ORDERS) and not panel.asked[:, orders].any():
        orders = slice(len(ORDERS), len(ORDERS) + 1)
    return Panel(panel.p[items][:, orders], panel.asked[items][:, orders], panel.failed[items][:, orders])


def _both(one: Panel, two: Panel) -> tuple[Panel, Panel, Bools]:
    """The first runs, shape (items, orders, ...), and where both were asked."""
    shape = (one.p.shape[0], max(one.p.shape[1], two.p.shape[1]))
    p, q = (np.broadcast_to(panel.p[:, :, 0], (*shape, panel.p.shape[-1])) for panel in (one, two))
    seen = [np.broadcast_to(panel.asked[:, :, 0], shape) for panel in (one, two)]
    asked = np.asarray(seen[0] & seen[1])
    return replace(one, p=p), replace(two, p=q), asked


def _noise(one: Panel, two: Panel) -> tuple[Quantity, Bools] | None:
    """The mean of what either does when it is asked again, per item; None where one of them never was."""
    floors = []
    for panel in (one, two):
        if panel.p.shape[2] < 2:
            return None
        again = np.asarray(panel.asked[:, :, 0] & panel.asked[:, :, 1])
        floors.append(
            (flips(panel.p[:, :, 0], panel.p[:, :, 1]).mean(1, again), np.asarray(again.any(axis=1)))
        )
    parts = [[q.value, q.low, q.high] for q, _ in floors]
    means = (np.mean([part[k] for part in parts], axis=0) for k in range(3))
    return Quantity(*means), np.asarray(floors[0][1] & floors[1][1])


def _turned(
    bias: str, estimand: str, contrast: str, one: Panel, two: Panel, data: Experiment, settings: Settings
) -> Iterator[Row]:
    """How often two ways of asking name different winners, in all and beyond what either does by itself."""
    first, second, asked = _both(one, two)
    turned = flips(first.p, second.p)
    make = partial(Measurement, bias, bias)
    yield _row(make(estimand, contrast, "proportion", *rows_of(turned, asked)), data, settings)
    floor = _noise(one, two)
    if floor is not None:
        noise = make(f"rerun_{estimand}", "mean of both, asked again", "proportion", *rows_of(*floor))
        yield _row(noise, data, settings)
        excess, known = turned - floor[0].spread(), asked & floor[1][:, None]
        name = f"excess_{estimand}"
        yield _row(make(name, f"{contrast} - rerun", "difference", *rows_of(excess, known)), data, settings)


def _ranking(rated: Experiment, ranked: Experiment, settings: Settings) -> Iterator[Row]:
    """The sign of the difference of two scores against the verdict on the pair; ties apart."""
    for data, one, two in _first_runs(rated, ranked):
        contrast = "scores against verdict"
        yield from _turned(RANKING, "disagreement_rate", contrast, one, two, data, settings)
        first, second, asked = _both(one, two)
        make = partial(Measurement, RANKING, RANKING)
        strict = np.asarray(asked & may_be_strict(first.p, second.p))
        turned = rows_of(flips(first.p, second.p), strict)
        if strict.any():
            m = make("disagreement_rate", contrast, "proportion", *turned, stratum=STRICT)
            yield _row(m, data, settings)
        yield from _kappa(first, second, asked, data, settings)
        ties = is_tie(first.p) - is_tie(second.p)
        apart = rows_of(ties, asked)
        yield _row(make("tie_rate_difference", contrast, "difference", *apart), data, settings)


def _kappa(one: Panel, two: Panel, asked: Bools, data: Experiment, settings: Settings) -> Iterator[Row]:
    """Cohen's kappa of the verdicts of two ways of asking, a tie being one of three; clustered by item or source."""
    known = asked & ~np.isnan(one.p[..., 0]) & ~np.isnan(two.p[..., 0])
    item = np.nonzero(known)[0]
    first, second = (panel.p[known].argmax(axis=-1) for panel in (one, two))
    if np.unique(data.cluster[item]).size < 2 or (first == first[0]).all() & (second == first[0]).all():
        return  # where only one verdict was ever given there is no agreement beyond chance to speak of
    from judgebench.stats import cohen_kappa  # loads scipy.stats

    found = cohen_kappa(first, second, cluster=data.cluster[item], level=settings.level)
    kept = ("estimate", "std_error", "conf_low", "conf_high", "conf_level", "n_clusters")
    yield {
        "bias": RANKING, "perturbation": RANKING, "estimand": "kappa", "contrast": "scores against verdict",
        "stratum": ALL, "unit": "kappa", **{name: getattr(found, name) for name in kept},
        "statistic": math.nan, "p_value": math.nan, "method": "Cohen's kappa, clustered t",
        "n_items": int(np.unique(item).size), "n_judgments": item.size,
        "n_missing": int((asked & ~known).sum()), "bound_low": math.nan, "bound_high": math.nan,
    }  # fmt: skip


def _reasons(one: Experiment, two: Experiment, contrast: str, settings: Settings) -> Iterator[Row]:
    """What it does where the reasons stand: verdicts turned, and accuracy."""
    for data, later, base in _first_runs(one, two):
        yield from _turned(REASONS, "flip_rate", contrast, later, base, data, settings)
        first, second, asked = _both(later, base)
        known = np.asarray(asked & (data.gold >= 0)[:, None])
        side = np.eye(first.p.shape[-1])[data.gold][:, None, :]
        change = matches(first.p, side) - matches(second.p, side)
        if known.any():
            m = Measurement(
                REASONS, REASONS, "accuracy_change", contrast, "difference", *rows_of(change, known)
            )
            yield _row(m, data, settings)
        lean = _lean(first) - _lean(second)
        both = (
            np.asarray(asked[:, 0] & asked[:, 1]) if asked.shape[1] > 1 else np.zeros(len(asked), dtype=bool)
        )
        if both.any():
            m = Measurement(
                REASONS, REASONS, "first_preference_change", contrast, "difference", *rows_of(lean, both), scale=0.5,
                bound=2.0,
            )  # fmt: skip
            yield _row(m, data, settings)


def _lean(panel: Panel) -> Quantity:
    """The wins of the first shown over both orders, minus 1."""
    ab, ba = panel.p[:, 0], panel.p[:, -1]
    value = ab[..., 0] + ab[..., -1] / 2 - ba[..., 0] - ba[..., -1] / 2
    missing = np.isnan(value)
    return Quantity(value, np.where(missing, -1.0, value), np.where(missing, 1.0, value))


def _halo(groups: dict[str, pd.DataFrame], scored: list[str], settings: Settings) -> Iterator[Row]:
    """How far the criteria of one response lie apart, rated together against one by one (standard deviation)."""
    for ending in _endings(scored, "apart") & _endings(scored, "together"):
        spreads = [_spread(groups, scored, asked, ending) for asked in ("together", "apart")]
        both = pd.concat(spreads, axis=1, keys=("together", "apart")).dropna()
        if both.empty:
            continue
        names = f"rubric@together{ending} | rubric@apart{ending}"
        for contrast, values in (
            ("together", both["together"]),
            ("apart", both["apart"]),
            ("together - apart", both["together"] - both["apart"]),
        ):
            yield _of_points(HALO, "criteria_spread", contrast, values, settings) | {"protocol": names}


def _endings(scored: list[str], asked: str) -> set[str]:
    """What stands after the way of asking in the names of rubrics, without the criterion."""
    head = f"rubric@{asked}"
    return {name.removeprefix(head).partition("/")[0] for name in scored if name.startswith(head)}


def _spread(groups: dict[str, pd.DataFrame], scored: list[str], asked: str, ending: str) -> pd.Series[float]:
    """The standard deviation over criteria of each score sheet, by item, response and repeat."""
    sheets = [groups[name] for name in scored if name.startswith(f"rubric@{asked}{ending}/")]
    rows = pd.concat([_scores(sheet) for sheet in sheets], ignore_index=True)
    found: pd.Series[float] = rows.groupby(["item_id", "order", "repeat"], observed=True)["score"].std()
    return found


def _scores(rows: pd.DataFrame) -> pd.DataFrame:
    score = rows["score_a"].fillna(rows["score_b"]).astype(float)
    order, item = rows["order"].astype(object), rows["item_id"].astype(object)
    return pd.DataFrame({"item_id": item, "order": order, "repeat": rows["repeat"], "score": score})


def _criteria_order(groups: dict[str, pd.DataFrame], scored: list[str], settings: Settings) -> Iterator[Row]:
    """The score of each criterion where the sheet is in reverse, minus that where it is not."""
    place = ["item_id", "order", "repeat"]
    for name in scored:
        if not name.startswith("rubric@reversed"):
            continue
        twin = name.replace("rubric@reversed", "rubric@together", 1)
        if twin in scored:
            turned, plain = (_scores(groups[n]).set_index(place)["score"] for n in (name, twin))
            shift = (turned - plain).dropna()
            if len(shift):
                row = _of_points(CRITERIA_ORDER, "score_shift", "reversed - together", shift, settings)
                yield row | {"protocol": f"{name} | {twin}"}


def _of_points(bias: str, estimand: str, contrast: str, values: pd.Series[float], settings: Settings) -> Row:
    """A mean over items in points of the scale, by Student's t on item means."""
    items = values.index.get_level_values("item_id").to_numpy(object)
    estimate = paired_t(values.to_numpy(float), items, level=settings.level)
    names = {"bias": bias, "perturbation": bias, "estimand": estimand, "contrast": contrast, "stratum": "all"}
    return names | {"unit": "scale points"} | numbers_of(estimate, settings, 0, (math.nan, math.nan))
