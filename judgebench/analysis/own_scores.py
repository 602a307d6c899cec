"""A judge's scores of its own responses, one at a time, beside gold's, with its use of the scale removed.

A response is told by its prompt and its author; that it stands in several pairs makes no more of it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

import pandas as pd

from judgebench.analysis.authored_pairs import UNRELATED
from judgebench.analysis.measurement import ALL
from judgebench.analysis.moderators import MIN_STRATUM
from judgebench.analysis.panels import Floats
from judgebench.analysis.scores import numbers_of
from judgebench.analysis.settings import Settings
from judgebench.stats import Estimate, OwnScores, own_scores

POINTWISE: Final = "pointwise"
_FEWEST: Final = 8
"""Prompts from which such figures are told."""
_RESPONSE: Final = ["prompt_id", "author"]


def own_score_rows(
    judgments: pd.DataFrame,
    authored: pd.DataFrame,
    settings: Settings,
    biases: Mapping[str, str],
    protocol: str,
) -> Iterator[dict[str, Any]]:
    """The effects of one judge under one protocol that scores a response at a time.

    Args:
        judgments: Its scores.
        authored: Who wrote the responses, with gold's scores of them as `points_a` and `points_b`.
        settings: Level, clusters, scales.
        biases: The bias by what an author is to the judge.
        protocol: The protocol's name.
    """
    if "points_a" not in authored:
        return
    responses = _responses(judgments, authored)
    for relation, bias in biases.items():
        chosen = responses[responses["relation"].isin([relation, UNRELATED])]
        chosen = chosen.assign(own=chosen["relation"] == relation)
        for stratum, part in _strata(chosen):
            yield from _rows(part, bias, stratum, settings, settings.scales.get(protocol))


def _responses(judgments: pd.DataFrame, authored: pd.DataFrame) -> pd.DataFrame:
    """A row a response that gold scores: whose it is, gold's score, and the mean of the judge's, NaN without any."""
    sides = pd.concat([
        authored[["item_id", "prompt_id", f"author_{side}", f"relation_{side}", f"points_{side}"]]
        .set_axis(["item_id", "prompt_id", "author", "relation", "points"], axis=1).assign(order=side)
        for side in "ab"
    ])  # fmt: skip
    control = judgments[judgments["arm"] == "control"]
    score = control["score_a"].fillna(control["score_b"]).astype(float)
    columns = ["item_id", "order", "category", "source", "repeat"]
    asked = control[columns].astype({"order": object, "category": object, "source": object})
    joined = asked.assign(score=score).merge(sides[sides["points"].notna()], on=["item_id", "order"])
    joined = joined.sort_values("score", kind="stable")  # one that is there before one that is not
    once = joined.drop_duplicates([*_RESPONSE, "repeat"]).sort_index()
    of_each = once.groupby(_RESPONSE, sort=False)
    first = of_each[["relation", "points", "category", "source"]].first()
    return first.assign(score=of_each["score"].mean(), scores=of_each["score"].count()).reset_index()


def _strata(responses: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """All responses, and each category with enough own ones, where there are several."""
    yield ALL, responses
    sizes = responses[responses["own"]].groupby("category").size()
    if len(sizes) > 1:
        for name in sorted(sizes[sizes >= MIN_STRATUM].index):
            yield f"category: {name}", responses[responses["category"] == name]


def _rows(
    responses: pd.DataFrame, bias: str, stratum: str, settings: Settings, scale: tuple[float, float] | None
) -> Iterator[dict[str, Any]]:
    seen = responses[responses["score"].notna()]
    found = _estimated(seen, seen["score"].to_numpy(float), settings)
    if found is None:
        return
    gone = responses["score"].isna()
    unknown = math.nan, math.nan
    for estimand, contrast, estimate, ends in (
        (
            "score_adjusted",
            "own on gold's scale - own by gold",
            found.equated,
            _bounds(responses, "equated", settings, scale),
        ),
        ("score_regression", "own - other at equal gold score", found.held, unknown),
        ("score_quality_gap", "own - other by gold", found.gold_gap, None),
        (
            "score_raw",
            "own - other by judge",
            found.judge_gap,
            _bounds(responses, "judge_gap", settings, scale),
        ),
    ):
        counted = replace(estimate, n_judgments=int(seen["scores"].sum()))
        missing = 0 if estimand == "score_quality_gap" else int(gone.sum())
        yield {
            "bias": bias, "perturbation": "all", "estimand": estimand, "contrast": contrast, "stratum": stratum,
            "unit": "scale points",
        } | numbers_of(counted, settings, missing, ends if missing else None)  # fmt: skip


def _estimated(responses: pd.DataFrame, score: Floats, settings: Settings) -> OwnScores | None:
    """The figures; None where there are too few prompts, or the scores do not differ."""
    clusters = responses["source" if settings.cluster == "source" else "prompt_id"]
    if clusters.nunique() < _FEWEST and settings.cluster != "source":
        return None
    try:
        return own_scores(
            score,
            responses["points"].to_numpy(float),
            responses["own"].to_numpy(bool),
            pd.factorize(clusters)[0],
            level=settings.level,
        )
    except ValueError:  # nothing of one's own, nothing of others', one score for all, or one source
        return None


def _bounds(
    responses: pd.DataFrame, name: str, settings: Settings, scale: tuple[float, float] | None
) -> tuple[float, float]:
    """The interval over all that missing scores of own responses could be; NaN where others' are missing too.

    Both figures rise with every score of an own response. What is missing of others' moves the scale itself, for which
    there is no least and no most.
    """
    gone = responses["score"].isna().to_numpy()
    if scale is None or (gone & ~responses["own"].to_numpy(bool)).any():
        return math.nan, math.nan
    ends: list[Estimate] = []
    for end in scale:
        found = _estimated(responses, responses["score"].fillna(end).to_numpy(float), settings)
        if found is None:
            return math.nan, math.nan
        ends.append(getattr(found, name))
    return ends[0].conf_low, ends[1].conf_high
