"""What of a preference for one's own responses is a preference for what is familiar: likely under the judge itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from judgebench.analysis.estimates import estimated
from judgebench.analysis.own_comparison import Comparison
from judgebench.analysis.panels import Bools, Floats
from judgebench.stats import Estimate, Familiarity, familiarity, familiarity_design, paired_t

FAMILIARITY: Final = "familiarity"
_FEWEST: Final = 8
"""Prompts with own responses from which a regression of up to four coefficients is told."""
_NOTHING: Final = 1e-9
"""A standard error that is none, as where all points lie on the line."""


@dataclass(frozen=True, slots=True)
class _Reference:
    """What a judge's share is held against.

    Attributes:
        of_slope: It, in words, after the slope; empty where it is one half.
        of_own: It, in words, before the preference for own responses.
        less: What is taken from the share, shape (items,).
        beside: Columns of the regression, shape (items, k).
        chosen: The items for which it is known.
    """

    of_slope: str
    of_own: str
    less: Floats
    beside: Floats
    chosen: Bools


def familiarity_rows(comparison: Comparison) -> Iterator[dict[str, Any]]:
    """How preference goes with perplexity, and the preference for own responses where that is equal.

    None where no perplexities are known, or too few, or the gap is the same everywhere.
    """
    pairs = comparison.pairs
    known = np.asarray(~np.isnan(pairs.nats) & (comparison.own | comparison.other))
    own = np.asarray(known & comparison.own)
    if np.unique(comparison.clusters()[own]).size < _FEWEST:
        return
    of_self = comparison.bias == "self_preference"
    if of_self:
        yield _gap_row(comparison, own)
    half, better = _half(known), _better(comparison, known)
    for reference in (half,) if better is None else (half, better):
        found = _fitted(comparison, reference)
        if found is None:
            continue
        if of_self:
            contrast = f"per nat a token less surprising{reference.of_slope}"
            yield _row(comparison, reference, found.slope, 1) | {
                "bias": FAMILIARITY, "estimand": "preference_per_nat", "contrast": contrast,
                "unit": "probability per nat",
            }  # fmt: skip
        if reference is (better or half):
            yield _row(comparison, reference, found.own, 0)


def _half(known: Bools) -> _Reference:
    """The judge's share as it is."""
    return _Reference("", "own - 1/2", np.full(known.size, 0.5), np.empty((known.size, 0)), known)


def _better(comparison: Comparison, known: Bools) -> _Reference | None:
    """A panel, or else gold, where they know enough pairs."""
    pairs = comparison.pairs
    judged = np.asarray(known & ~np.isnan(pairs.panel) & ~np.isnan(pairs.gap))
    if (judged & comparison.own).any() and (judged & comparison.other).any():
        names = ", judge - panel", "(judge - panel) own - (judge - panel) other"
        return _Reference(*names, pairs.panel, pairs.gap[:, None], judged)
    graded = np.asarray(known & ~np.isnan(pairs.gold))
    if (graded & comparison.own).any():
        names = ", where gold is even", "own by judge where gold is even"
        return _Reference(*names, np.full(known.size, 0.5), pairs.gold[:, None] - 0.5, graded)
    return None


def _fitted(comparison: Comparison, reference: _Reference) -> Familiarity | None:
    seen = np.asarray(reference.chosen & ~np.isnan(comparison.means()[0]))
    gaps = comparison.pairs.nats[seen]
    mine = comparison.clusters()[comparison.own & seen]
    if np.unique(mine).size < _FEWEST or np.ptp(gaps) == 0 or _same(comparison.own[seen], gaps):
        return None
    found = _fit(comparison, reference, seen, comparison.means()[0])
    return None if min(found.own.std_error, found.slope.std_error) < _NOTHING else found


def _same(own: Bools, gaps: Floats) -> bool:
    """Whether the gap goes with authorship entirely, so that nothing tells the two apart."""
    return bool(np.linalg.matrix_rank(familiarity_design(own, gaps)[:, :2]) < 2)


def _fit(comparison: Comparison, reference: _Reference, chosen: Bools, y: Floats) -> Familiarity:
    return familiarity(
        (y - reference.less)[chosen],
        comparison.own[chosen],
        comparison.pairs.nats[chosen],
        comparison.clusters()[chosen],
        beside=reference.beside[chosen],
        level=comparison.settings.level,
    )


def _row(comparison: Comparison, reference: _Reference, found: Estimate, place: int) -> dict[str, Any]:
    """The row of a coefficient, with the interval over all that missing verdicts could make of it."""
    value, low, high = comparison.means()
    chosen = reference.chosen
    gone = np.asarray(chosen & np.isnan(value))
    bounds = (found.conf_low, found.conf_high)
    if gone.any():
        design = familiarity_design(
            comparison.own[chosen], comparison.pairs.nats[chosen], reference.beside[chosen]
        )
        rises = np.zeros(chosen.size, dtype=bool)
        rises[chosen] = np.linalg.pinv(design)[place] >= 0
        ends = [_fit(comparison, reference, chosen, y) for y in
                (np.where(rises, low, high), np.where(rises, high, low))]  # fmt: skip
        least, most = ((end.own, end.slope)[place] for end in ends)
        bounds = least.conf_low, most.conf_high
    contrast = f"{reference.of_own}, at equal perplexity"
    return comparison.row("familiarity_adjusted", contrast, found, bounds, gone)


def _gap_row(comparison: Comparison, own: Bools) -> dict[str, Any]:
    """By how much less a token of the own responses surprises the judge than one of the others'."""
    places = np.flatnonzero(own)
    found = paired_t(
        comparison.pairs.nats[places], places, comparison.clusters()[places], level=comparison.settings.level
    )
    named = comparison.named("perplexity_gap", "other - own, a token") | {"bias": FAMILIARITY, "unit": "nats"}
    unknown = int((comparison.own & np.isnan(comparison.pairs.nats)).sum())
    bounds = (found.conf_low, found.conf_high) if not unknown else (np.nan, np.nan)
    return named | estimated(found, comparison.settings) | {
        "n_missing": unknown, "bound_low": bounds[0], "bound_high": bounds[1],
    }  # fmt: skip
