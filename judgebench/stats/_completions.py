"""Outcomes of which some are missing: what was seen, and all that the missing ones could make of it."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from judgebench.stats._groups import Design, Floats, group_sums, outcomes


@dataclass(frozen=True, slots=True)
class Completions:
    """N outcomes of which M are missing.

    `x` is (N,), with 0 where one is missing; `missing`, (M,), says where that is; `low` and `high`, (M,), are the
    least and the most that could be there.
    """

    x: Floats
    missing: NDArray[np.intp]
    low: Floats
    high: Floats

    def over(self, unit: float) -> "Completions":
        """The same in another unit."""
        return Completions(self.x / unit, self.missing, self.low / unit, self.high / unit)

    def sums(self, part: Callable[[Floats], Floats], groups: Design) -> tuple[Floats, Floats, Floats]:
        """A part of the outcomes summed by item: of those seen, of the low completion and of the high one.

        `part` takes 0 to 0. The rows are gone through once, however many completions there are.
        """
        seen = group_sums(part(self.x), groups.item, groups.n_items)
        at = groups.item[self.missing]
        low, high = (seen + group_sums(part(fill), at, groups.n_items) for fill in (self.low, self.high))
        return seen, low, high

    def seen(self, groups: Design) -> tuple[Floats, Design, NDArray[np.bool_]]:
        """The outcomes that were seen, their design, and which items have any."""
        rows = np.ones(self.x.size, dtype=bool)
        rows[self.missing] = False
        left, present = groups.only(rows)
        return self.x[rows], left, present

    def completed(self, values: Floats) -> Floats:
        """All outcomes, with `values`, (M,), in place of the missing ones."""
        whole = self.x.copy()
        whole[self.missing] = values
        return whole


def completions(x: ArrayLike, x_low: ArrayLike, x_high: ArrayLike, least: float, most: float) -> Completions:
    """What was seen and what is missing of outcomes between `least` and `most`; all arrays are (N,).

    Raises:
        ValueError: where shapes differ, there is none, one is out of range, or `x_low` exceeds `x_high`.
    """
    observed, low, high = (np.asarray(each, dtype=np.float64) for each in (x, x_low, x_high))
    if not observed.shape == low.shape == high.shape:
        raise ValueError(
            f"x_low and x_high must have shape {observed.shape}, not {low.shape} and {high.shape}"
        )
    absent = np.isnan(observed)
    missing = np.flatnonzero(absent)
    seen = outcomes(np.where(absent, 0.0, observed) if missing.size else observed, least, most)
    if not missing.size:
        return Completions(seen, missing, np.empty(0), np.empty(0))
    lower = outcomes(low[missing], least, most, "x_low")
    upper = outcomes(high[missing], least, most, "x_high")
    if (lower > upper).any():
        raise ValueError("x_low must not exceed x_high")
    return Completions(seen, missing, lower, upper)
