"""Scores of single responses: shifts in points of the scale, use of the scale, and the pairs that they imply."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

import numpy as np
import pandas as pd

from judgebench.analysis.measurement import ALL, TARGET_LOSES, TARGET_WINS
from judgebench.analysis.panels import Floats
from judgebench.analysis.schema import PROMPT
from judgebench.analysis.settings import Settings
from judgebench.stats import Estimate, paired_t, proportion

SHIFT: Final = "score_shift"
SCALE_POINTS: Final = "scale points"
_SMALL: Final = 50
"""Items under which the bootstrap takes the place of Student's t."""
_RESAMPLES: Final = 2000
_FEWEST: Final = 10
"""Items under which skewness is not worth telling."""
_WIDE: Final = 50
"""The span from which round scores are multiples of ten."""
_PLACE: Final = ["item_id", "target", "repeat"]


@dataclass(frozen=True, slots=True)
class Scale:
    """The ends of a scale; not a number where nobody wrote them down."""

    low: float
    high: float

    @property
    def span(self) -> float:
        """The distance of its ends."""
        return self.high - self.low


def is_scored(judgments: pd.DataFrame) -> bool:
    """Whether the judgments are of one response at a time, as `pointwise` and `rubric` ask for them."""
    orders = judgments["order"].dropna().unique()
    return bool(len(orders)) and all(len(order) == 1 for order in orders)


def has_pairs(judgments: pd.DataFrame) -> bool:
    """Whether scores are of both responses of an item, so that they imply verdicts."""
    return len(judgments["order"].dropna().unique()) > 1


def score_rows(judgments: pd.DataFrame, settings: Settings, protocol: str) -> Iterator[dict[str, Any]]:
    """The rows of the effects table that speak of scores.

    The shift of the target's score by each change, in points; the mean score; and how often the ends of the scale are
    given, for items as they are and with each change.

    Args:
        judgments: One judge's, under one protocol and mitigation.
        settings: Level, clusters, and the scales of the protocols.
        protocol: The protocol's name.
    """
    scale = Scale(*settings.scales.get(protocol, (math.nan, math.nan)))
    scored = _scored(judgments)
    control = scored[scored["arm"] == "control"]
    yield from _use_of_scale(control, settings, scale, "none", "control")
    changed = scored[scored["arm"] != "control"]
    for (name, arm), rows in changed.groupby(["perturbation", "arm"], sort=False, observed=True):
        yield from _shifts(control, rows, settings, scale, str(name), str(arm))
        if arm == "treatment":
            yield from _use_of_scale(rows, settings, scale, str(name), arm)
            placebo = changed[(changed["perturbation"] == name) & (changed["arm"] == "placebo")]
            if len(placebo):
                yield from _contrast(placebo, rows, settings, scale, str(name), "treatment - placebo")


def shifted(judgments: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """By perturbation the rows with the change, each with its `score` and, as `score_base`, the one without."""
    scored = _scored(judgments)
    base = scored[scored["arm"] == "control"][[*_PLACE, "score"]]
    changed = scored[scored["arm"] == "treatment"]
    for name, rows in changed.groupby("perturbation", sort=False, observed=True):
        yield str(name), rows.merge(base, on=_PLACE, suffixes=("", "_base"))


def _scored(judgments: pd.DataFrame) -> pd.DataFrame:
    """The judgments with the score in one column, and the response that was scored as the target."""
    plain = {name: judgments[name].astype(object) for name in ("perturbation", "arm", "gold", "source")}
    score = judgments["score_a"].fillna(judgments["score_b"]).astype(float)
    return judgments.assign(**plain, score=score, target=judgments["order"].astype(object))


def _shifts(
    control: pd.DataFrame, changed: pd.DataFrame, settings: Settings, scale: Scale, name: str, arm: str
) -> Iterator[dict[str, Any]]:
    yield from _contrast(
        control, changed, settings, scale, name, f"{arm} - control", primary=arm == "treatment"
    )


def _contrast(
    base: pd.DataFrame,
    changed: pd.DataFrame,
    settings: Settings,
    scale: Scale,
    name: str,
    contrast: str,
    *,
    primary: bool = False,
) -> Iterator[dict[str, Any]]:
    """The shift of the scores, and for a primary one by what gold says of the target."""
    pairs = changed.merge(base[[*_PLACE, "score"]], on=_PLACE, suffixes=("", "_base"))
    if pairs.empty:
        return
    make = partial(_shift_row, settings=settings, scale=scale, name=name, contrast=contrast)
    known = primary and not math.isnan(scale.span)
    yield make(pairs) | ({"primary": True, "span": scale.span} if known else {})
    if contrast.endswith("- control") and not contrast.startswith("placebo"):
        decided = pairs[pairs["gold"].isin(["a", "b"])]
        for stratum, rows in (
            (TARGET_LOSES, decided[decided["gold"] != decided["target"]]),
            (TARGET_WINS, decided[decided["gold"] == decided["target"]]),
        ):
            if len(rows):
                yield make(rows, stratum=stratum)


def _shift_row(
    pairs: pd.DataFrame, *, settings: Settings, scale: Scale, name: str, contrast: str, stratum: str = ALL
) -> dict[str, Any]:
    after, before = pairs["score"].to_numpy(float), pairs["score_base"].to_numpy(float)
    shift = after - before
    names = {
        "bias": name.partition("@")[0],
        "perturbation": name,
        "estimand": SHIFT,
        "contrast": contrast,
        "stratum": stratum,
        "unit": SCALE_POINTS,
    }
    estimate = _resampled(shift, pairs, settings)
    bounds = _bounds(after, before, pairs, settings, scale)
    return names | numbers_of(estimate, settings, int(np.isnan(shift).sum()), bounds)


def _bounds(
    after: Floats, before: Floats, pairs: pd.DataFrame, settings: Settings, scale: Scale
) -> tuple[float, float] | None:
    """The interval over all that the missing scores could be; None where nothing is missing."""
    if not np.isnan(after - before).any():
        return None
    least = np.where(np.isnan(after), scale.low, after) - np.where(np.isnan(before), scale.high, before)
    most = np.where(np.isnan(after), scale.high, after) - np.where(np.isnan(before), scale.low, before)
    low, high = (_mean(value, pairs, settings) for value in (least, most))
    return (math.nan, math.nan) if low is None or high is None else (low.conf_low, high.conf_high)


def _mean(values: Floats, rows: pd.DataFrame, settings: Settings) -> Estimate | None:
    """The mean over items of what is seen, by Student's t on item means."""
    seen = ~np.isnan(values)
    if not seen.any():
        return None
    items = rows["item_id"].to_numpy(object)[seen]
    column = {"source": "source", "prompt": PROMPT}.get(settings.cluster)
    clusters = None if column is None else rows[column].to_numpy(object)[seen]
    return paired_t(values[seen], items, clusters, level=settings.level)


def _resampled(values: Floats, rows: pd.DataFrame, settings: Settings) -> Estimate | None:
    """The mean with the limits of the studentised bootstrap where there are under 50 items."""
    found = _mean(values, rows, settings)
    if found is None or settings.cluster != "item" or not 2 < found.n_items < _SMALL:
        return found
    seen = ~np.isnan(values)
    means = pd.Series(values[seen]).groupby(rows["item_id"].to_numpy(object)[seen]).mean().to_numpy()
    if np.ptp(means) == 0:
        return found
    from judgebench.stats import bootstrap_means  # loads scipy.stats

    drawn = bootstrap_means(means, method="studentised", level=settings.level, n_resamples=_RESAMPLES)
    low, high = float(drawn.conf_low[0]), float(drawn.conf_high[0])
    return replace(found, conf_low=low, conf_high=high, method="item t, studentised bootstrap")


def _use_of_scale(
    rows: pd.DataFrame, settings: Settings, scale: Scale, name: str, contrast: str
) -> Iterator[dict[str, Any]]:
    """The mean score, and the shares of the scale's ends among the scores that were given."""
    named = {"bias": "scale_use", "perturbation": name, "contrast": contrast, "stratum": ALL}
    scores = rows["score"].to_numpy(float)
    missing = int(np.isnan(scores).sum())
    mean = _mean(scores, rows, settings)
    yield {**named, "estimand": "mean_score", "unit": SCALE_POINTS} | numbers_of(
        mean, settings, missing, None
    )
    if math.isnan(scale.span):
        return
    seen = ~np.isnan(scores)
    items = rows["item_id"].to_numpy(object)[seen]
    middle = _mean(scores - (scale.low + scale.high) / 2, rows, settings)
    lenient = {
        **named,
        "estimand": "leniency",
        "contrast": f"{contrast} - middle of the scale",
        "unit": SCALE_POINTS,
    }
    yield lenient | numbers_of(middle, settings, missing, None)
    yield from _shape(scores[seen], items, named, settings, scale)
    if name == "none":
        yield from _against_gold(rows, named, settings)
    for estimand, end in (("share_at_low_end", scale.low), ("share_at_high_end", scale.high)):
        at_end = (scores[seen] == end).astype(float)
        share = proportion(at_end, items, level=settings.level) if seen.any() else None
        yield {**named, "estimand": estimand, "unit": "proportion"} | numbers_of(
            share, settings, missing, None
        )


def _shape(
    scores: Floats, items: Any, named: dict[str, str], settings: Settings, scale: Scale
) -> Iterator[dict[str, Any]]:
    """The skewness of the scores, and of wide scales the share of round ones."""
    if np.unique(items).size >= _FEWEST and np.ptp(scores) > 0:
        from judgebench.stats import cluster_bootstrap  # loads scipy.stats

        codes, _ = pd.factorize(items)
        totals = np.column_stack([np.bincount(codes, scores**k) for k in range(4)])
        found = cluster_bootstrap(lambda w: _skewness(w @ totals), len(totals), level=settings.level, rng=0)
        yield {**named, "estimand": "skewness", "unit": "skewness", "estimate": float(found.estimate[0])} | {
            "std_error": float(found.std_error[0]),
            "conf_low": float(found.conf_low[0]),
            "conf_high": float(found.conf_high[0]),
            "conf_level": settings.level,
            "statistic": math.nan,
            "p_value": math.nan,
            "method": "cluster bootstrap",
            "n_items": len(totals),
            "n_clusters": len(totals),
            "n_judgments": scores.size,
            "n_missing": 0,
            "bound_low": math.nan,
            "bound_high": math.nan,
        }
    step = 10 if scale.span >= _WIDE else 5
    if scale.span >= 2 * step - 1 and scores.size:
        share = proportion((scores % step == 0).astype(float), items, level=settings.level)
        contrast = f"{named['contrast']}, multiples of {step}"
        row = {**named, "estimand": "share_of_round", "contrast": contrast, "unit": "proportion"}
        yield row | numbers_of(share, settings, 0, None)


def _skewness(sums: Floats) -> Floats:
    """Fisher's moment coefficient, of the sums of the powers 0 to 3, shape (draws, 4)."""
    count, *powers = sums.T
    one, two, three = (power / count for power in powers)
    variance = np.maximum(two - one**2, 0.0)
    third = three - 3 * one * two + 2 * one**3
    return np.asarray(np.divide(third, variance**1.5, out=np.full_like(third, np.nan), where=variance > 0))


def _against_gold(rows: pd.DataFrame, named: dict[str, str], settings: Settings) -> Iterator[dict[str, Any]]:
    """What the better response by gold gets above the worse one, and what the worse one gets: slope and intercept."""
    decided = rows[rows["gold"].isin(["a", "b"])]
    if decided.empty:
        return
    better = decided[decided["gold"] == decided["target"]]
    worse = decided[decided["gold"] != decided["target"]]
    pairs = better.merge(
        worse[["item_id", "repeat", "score"]], on=["item_id", "repeat"], suffixes=("", "_worse")
    )
    for estimand, contrast, values, of in (
        ("gold_slope", "better - worse by gold", pairs["score"] - pairs["score_worse"], pairs),
        ("gold_intercept", "worse by gold", worse["score"], worse),
    ):
        if len(values):
            found = values.to_numpy(float)
            row = {**named, "estimand": estimand, "contrast": contrast, "unit": SCALE_POINTS}
            yield row | numbers_of(
                _mean(found, of, settings), settings, int(np.isnan(found).sum()), (math.nan, math.nan)
            )


def numbers_of(
    estimate: Estimate | None, settings: Settings, missing: int, bounds: tuple[float, float] | None
) -> dict[str, Any]:
    """The columns of an estimate, with the interval over what is missing where that is known."""
    nothing = dict.fromkeys(
        ("estimate", "std_error", "conf_low", "conf_high", "statistic", "p_value"), math.nan
    )
    counts = dict.fromkeys(("n_items", "n_clusters", "n_judgments"), 0)
    found: dict[str, Any] = nothing | counts | {"conf_level": settings.level, "method": "no verdicts"}
    if estimate is not None:
        found = {name: _finite(getattr(estimate, name)) for name in found}
    complete = (found["conf_low"], found["conf_high"]) if not missing else (math.nan, math.nan)
    low, high = bounds or complete
    return {**found, "n_missing": missing, "bound_low": low, "bound_high": high}


def _finite(value: Any) -> Any:
    """The value; not a number in place of an infinite one, which one cluster or no variance at all brings."""
    return math.nan if isinstance(value, float) and math.isinf(value) else value


def implied_pairs(judgments: pd.DataFrame) -> pd.DataFrame:
    """The verdicts on pairs that scores imply: the response with the higher score, a tie where they are equal.

    A changed response is set against the other one as it is. Without a score of either there is no verdict. No order
    was shown, so that none stands there.
    """
    scored = _scored(judgments)
    control = scored[scored["arm"] == "control"]
    own = control[control["target"] == "a"].assign(target=None)
    parts = [_against(own, control, "b", own=True)]
    changed = scored[scored["arm"] != "control"]
    parts += [_against(changed[changed["target"] == t], control, o, own=t == "a") for t, o in ("ab", "ba")]
    return pd.concat([part for part in parts if len(part)], ignore_index=True)


def _against(rows: pd.DataFrame, control: pd.DataFrame, other: str, *, own: bool) -> pd.DataFrame:
    """Rows of one response with the verdict against the other one as it is; `own`: theirs is the response a."""
    others = control[control["target"] == other][["item_id", "repeat", "score"]]
    both = rows.merge(others, on=["item_id", "repeat"], suffixes=("", "_other"))
    lead = (both["score"] - both["score_other"]).to_numpy(float) * (1 if own else -1)
    verdict = np.select([lead > 0, lead < 0, lead == 0], ["a", "b", "tie"], "invalid")
    return both.assign(verdict=verdict, order=None, score_a=np.nan, score_b=np.nan)
