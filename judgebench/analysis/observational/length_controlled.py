"""A win rate with length held constant, by the formula of AlpacaEval's length-controlled win rate."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy import special, stats

from judgebench.analysis.observational.observations import ALL_ITEMS, Observations, named_row
from judgebench.analysis.panels import Floats
from judgebench.analysis.settings import Settings
from judgebench.items import Item
from judgebench.stats import proportion
from judgebench.stats.logit import LogitFit, fit_logit

LITTLE_SUPPORT: Final = 0.1
"""Below this share of items on the rarer side of equal length, the win rate there is an extrapolation."""


@dataclass(frozen=True, slots=True)
class LengthControlled:
    """A model's win rate had its responses been as long as the baseline's.

    Attributes:
        estimate: In [0, 1].
        std_error: By the delta method on the fit, and the spread of the instructions where their difficulty is given.
        conf_low: Lower limit, on the logit scale turned back.
        conf_high: Upper limit.
        conf_level: Nominal coverage.
        length_coefficient: Log odds for tanh of the standardised length difference, model minus baseline.
        support: Share of items on the rarer side of equal length; near 0 the estimate is an extrapolation.
        fit: Model term, length term and, where it is given, instruction difficulty.
    """

    estimate: float
    std_error: float
    conf_low: float
    conf_high: float
    conf_level: float
    length_coefficient: float
    support: float
    fit: LogitFit


def length_controlled(
    outcome: npt.ArrayLike,
    length_difference: npt.ArrayLike,
    cluster: npt.ArrayLike,
    *,
    difficulty: npt.ArrayLike | None = None,
    level: float = 0.95,
) -> LengthControlled:
    """Fit P(model wins) = logistic(model + length tanh(d / sd(d)) + weight difficulty), and predict at d = 0.

    Dubois et al. (2024, arXiv 2404.04475, section 3). Theirs is not reproduced: they fit the difficulty of the
    instructions once over all models of the leaderboard, and pull each fit toward that of a gamed baseline by an L1
    penalty. Here there is no penalty, and without `difficulty` there is no such term.

    Args:
        outcome: The model's wins, in [0, 1], shape (n,).
        length_difference: Characters of the model's response minus the baseline's, shape (n,).
        cluster: Labels of independent units, shape (n,).
        difficulty: Of the instruction, shape (n,).
        level: Confidence level.

    Raises:
        ValueError: No finite fit, all lengths differ by the same, or equal length is beyond all reach.
    """
    y, delta = np.asarray(outcome, dtype=np.float64), np.asarray(length_difference, dtype=np.float64)
    spread = float(delta.std(ddof=1)) if delta.size > 1 else 0.0
    if not spread > 0:
        raise ValueError("the responses differ in length by the same in every item")
    columns = [np.ones(y.size), np.tanh(delta / spread)]
    if difficulty is not None:
        columns.append(np.asarray(difficulty, dtype=np.float64))
    design = np.column_stack(columns)
    fit = fit_logit(design, y, cluster)
    design[:, 1] = 0.0
    low, high = float((delta < 0).mean()), float((delta > 0).mean())
    return _at_equal_length(fit, design, level, min(low, high) + float((delta == 0).mean()))


def _at_equal_length(fit: LogitFit, design: Floats, level: float, support: float) -> LengthControlled:
    """The mean prediction on a design with no length difference, with its interval.

    The fit's error and that of drawing instructions add: given the design, the scores have mean 0.
    """
    p = special.expit(design @ fit.coefficients)
    mean = float(p.mean())
    if not 0 < mean < 1:
        raise ValueError("the lengths are too far apart to say anything at equal length")
    gradient = (p * (1 - p)) @ design / p.size
    error = float(np.sqrt(gradient @ fit.covariance @ gradient + p.var() / fit.n_clusters))
    half = float(stats.t.ppf(0.5 + level / 2, fit.df[0])) * error / (mean * (1 - mean))
    low, high = (float(special.expit(special.logit(mean) + side * half)) for side in (-1, 1))
    return LengthControlled(mean, error, low, high, level, float(fit.coefficients[1]), support, fit)


def length_controlled_rows(
    data: Observations,
    items: Sequence[Item],
    settings: Settings,
    notes: list[str],
    difficulty: Floats | None = None,
) -> Iterator[dict[str, Any]]:
    """The win rate of one author over another, as it is and at equal length; nothing unless there are just two.

    The model is the author of the first item's response b, as AlpacaEval has it.

    Args:
        data: The verdicts.
        items: Their items, in the order of `data.ids`.
        settings: Level of the intervals.
        notes: What could not be estimated is added here.
        difficulty: Of each item's instruction, shape (items,).
    """
    pairs = {frozenset(item.authors) for item in items}
    if len(pairs) != 1 or len(authors := next(iter(pairs))) != 2 or None in authors:
        return
    model, baseline = str(items[0].author_b), str(items[0].author_a)
    turned = np.array([item.author_a == model for item in items])[data.item]
    win = np.where(turned, data.outcome, 1 - data.outcome)
    longer = np.array([len(item.response_b) - len(item.response_a) for item in items], dtype=np.float64)
    delta = np.where(turned, -longer[data.item], longer[data.item])
    of_row = None if difficulty is None else difficulty[data.item]
    name = {"bias": "length_controlled", "stratum": ALL_ITEMS, "contrast": f"{model} against {baseline}"}
    raw = proportion(win, data.item, data.cluster, level=settings.level)
    yield _row(data, name, raw.estimate, raw.std_error, (raw.conf_low, raw.conf_high), raw.conf_level) | {
        "estimand": "win_rate", "method": raw.method, "n_clusters": raw.n_clusters,
    }  # fmt: skip
    try:
        found = length_controlled(win, delta, data.cluster, difficulty=of_row, level=settings.level)
    except ValueError as error:
        notes.append(f"length_controlled: no estimate: {error}")
        return
    if found.support < LITTLE_SUPPORT:
        notes.append(
            f"length_controlled: one author's response is the longer in {1 - found.support:.1%} of the items: the win "
            "rate at equal length is an extrapolation"
        )
    limits = (found.conf_low, found.conf_high)
    yield _row(data, name, found.estimate, found.std_error, limits, found.conf_level) | {
        "estimand": "length_controlled_win_rate",
        "method": f"logit of model and length{'' if of_row is None else ' and difficulty'}, CR2; not AlpacaEval's fit",
        "n_clusters": found.fit.n_clusters,
    }


def _row(
    data: Observations,
    name: dict[str, str],
    estimate: float,
    error: float,
    limits: tuple[float, float],
    level: float,
) -> dict[str, Any]:
    return named_row(
        data,
        **name,
        unit="proportion",
        estimate=estimate,
        std_error=error,
        conf_low=limits[0],
        conf_high=limits[1],
        conf_level=level,
        n_items=int(data.judged.sum()),
        n_judgments=data.item.size,
    )
