"""What a judge's measured biases do to a leaderboard: win rates and ranks before and after they are taken out.

A bias that moves the win of what it touches by `effect` has moved a model's win rate by `exposure * effect`, where the
exposure says how much more it touched the model than its opponents. An audit measures the effect; the exposure is a
fact about the leaderboard: how often a model was shown first, how much longer its answers were, how often they
carried a cue.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from judgebench.errors import InputError, nearest
from judgebench.stats import AnchoredMean, RankIntervals, anchored_mean, rank_intervals

Floats = npt.NDArray[np.float64]

FIRST_SHARE: Final = "first_share"
LOG_LENGTH_RATIO: Final = "log_length_ratio"
EXPOSURE: Final = "exposure."
_NAMED: Final = {
    FIRST_SHARE: ("position", "first_preference", "shown first - 1/2"),
    LOG_LENGTH_RATIO: ("length", "slope_per_log_length", "per log length"),
}
_CUE: Final = ("target_preference", "treatment - control")
_LABELS: Final = 20
"""Fewer human labels than that are too few for an interval."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A model of a leaderboard before anything is taken out.

    Attributes:
        model: Its name.
        wins: Its win rate by the judge, a tie being 1/2.
        variance: Of that rate.
        n: Comparisons.
        exposures: By column, how much more each bias touched it than its opponents; see `exposure_columns`.
        anchored: The win rate by people's verdicts sharpened by the judge's, where some of its comparisons have both.
    """

    model: str
    wins: float
    variance: float
    n: int
    exposures: Mapping[str, float] = field(default_factory=dict)
    anchored: AnchoredMean | None = None


@dataclass(frozen=True, slots=True)
class BiasEffect:
    """What one unit of exposure does to a win rate, by the audit."""

    column: str
    estimate: float
    std_error: float


@dataclass(frozen=True, slots=True)
class Corrected:
    """A leaderboard before and after; arrays of shape (models,), in the order of `standings`.

    Attributes:
        standings: The models.
        biases: What was taken out.
        moved: How far each bias had moved each model's win rate, shape (models, biases).
        wins: Corrected win rates, within [0, 1].
        std_error: Of them: sampling of the comparisons and of the audit.
        before: Ranks by the judge's win rates.
        after: Ranks by the corrected ones.
        level: Of the intervals.
    """

    standings: tuple[Standing, ...]
    biases: tuple[BiasEffect, ...]
    moved: Floats
    wins: Floats
    std_error: Floats
    before: RankIntervals
    after: RankIntervals
    level: float


def exposure_columns(columns: Sequence[str]) -> tuple[str, ...]:
    """Which columns of a leaderboard say how much a bias touched a model.

    `first_share`: share of its comparisons in which it was shown first. `log_length_ratio`: mean natural logarithm of
    the length of its responses over its opponents'. `exposure.<perturbation>`: share of its comparisons in which its
    response carried that cue, minus the share in which its opponent's did.
    """
    return tuple(column for column in columns if column in _NAMED or column.startswith(EXPOSURE))


def correct(
    standings: Sequence[Standing], effects: pd.DataFrame, columns: Sequence[str], *, level: float = 0.95
) -> Corrected:
    """Take the measured biases out of the win rates.

    The corrected rate is the judge's minus the sum of exposure times effect, taken as linear; its variance adds that
    of the effects, which all models share, so that an error of the audit moves them together. The effects are those
    on the audit's items: the correction is right so far as the leaderboard's are like them.

    Args:
        standings: The models.
        effects: The audit's effects of one protocol and mitigation.
        columns: The exposures to use.
        level: Of the intervals.

    Raises:
        InputError: There is nothing to correct for, or the audit lacks an effect.
    """
    if not columns:
        raise InputError(
            "the leaderboard says nothing of how much a bias touched its models",
            expected=f"a column {FIRST_SHARE}, {LOG_LENGTH_RATIO} or {EXPOSURE}<perturbation>",
        )
    biases = tuple(_effect(effects, column) for column in columns)
    exposed = np.array([[_exposure(s, column) for column in columns] for s in standings])
    slopes = np.array([bias.estimate for bias in biases])
    wins = np.array([s.wins for s in standings])
    sampling = np.diag([s.variance for s in standings])
    shared = (exposed * np.array([bias.std_error for bias in biases]) ** 2) @ exposed.T
    after = wins - exposed @ slopes
    return Corrected(
        tuple(standings),
        biases,
        exposed * slopes,
        np.clip(after, 0.0, 1.0),
        np.sqrt(np.diag(sampling + shared)),
        rank_intervals(wins, sampling, level=level),
        rank_intervals(after, sampling + shared, level=level),
        level,
    )


def _exposure(standing: Standing, column: str) -> float:
    """The exposure; for the share shown first, its balance between -1 and 1, since half of the time is none."""
    value = standing.exposures[column]
    return 2 * value - 1 if column == FIRST_SHARE else value


def _effect(effects: pd.DataFrame, column: str) -> BiasEffect:
    wanted = column.removeprefix(EXPOSURE)
    name, estimand, contrast = _NAMED.get(column, (wanted, *_CUE))
    whole = effects[
        (effects["estimand"] == estimand) & (effects["contrast"] == contrast) & (effects["stratum"] == "all")
    ]
    found = whole[whole["perturbation"] == name]
    if found.empty or not np.isfinite(found["std_error"].iloc[0]):
        measured = sorted(set(whole["perturbation"]))
        raise InputError(
            f"the audit measured no {estimand} of {name!r}, which the column {column!r} needs",
            expected=f"one of {', '.join(measured)}" if measured else "an audit with that perturbation",
            suggestion=nearest(name, measured),
        )
    return BiasEffect(column, float(found["estimate"].iloc[0]), float(found["std_error"].iloc[0]))


def standings_of(
    comparisons: pd.DataFrame, exposures: Sequence[str], *, level: float = 0.95
) -> list[Standing]:
    """The standings of models from single comparisons, in the order in which the models come first.

    Args:
        comparisons: `model`, `judged` (the model's win by the judge: 1, 1/2 or 0), `gold` (the same by people, NaN
            where nobody said), and the exposures of each comparison.
        exposures: Their columns.
        level: Of the intervals of anchored win rates.
    """
    return [
        _standing(str(model), rows, exposures, level)
        for model, rows in comparisons.groupby("model", sort=False)
    ]


def _standing(model: str, rows: pd.DataFrame, exposures: Sequence[str], level: float) -> Standing:
    judged = rows["judged"].to_numpy(dtype=np.float64)
    labelled = rows["gold"].notna().to_numpy()
    anchored = None
    if labelled.sum() >= _LABELS and (~labelled).sum() >= 2:
        gold = rows["gold"].to_numpy(dtype=np.float64)[labelled]
        anchored = anchored_mean(gold, judged[labelled], judged[~labelled], level=level)
    mean = float(judged.mean())
    return Standing(
        model,
        mean,
        rate_variance(mean, judged.size, float(judged.var())),
        judged.size,
        {name: float(rows[name].mean()) for name in exposures},
        anchored,
    )


def rate_variance(mean: float, n: int, spread: float | None = None) -> float:
    """The variance of a win rate: that of its outcomes over n, each with half a win and half a loss added.

    Without the half a win and half a loss a model that always won would have no variance at all (Agresti and Coull
    1998, American Statistician 52, on a smaller dose).

    Args:
        mean: The win rate.
        n: Comparisons.
        spread: The variance of the outcomes; that of wins and losses without ties where None.
    """
    outcomes = mean * (1 - mean) if spread is None else spread
    centre = (n * mean + 0.5) / (n + 1)
    total = n * (outcomes + (mean - centre) ** 2) + 0.5 * (centre**2 + (1 - centre) ** 2)
    return total / (n + 1) / n
