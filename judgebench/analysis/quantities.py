"""What is measured on a trial or a pair of trials, and what it could have been where a verdict is missing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import numpy as np

from judgebench.analysis.panels import Bools, Floats


@dataclass(frozen=True, slots=True)
class Quantity:
    """A measured array with its worst-case completions.

    Attributes:
        value: What was seen; NaN where a verdict is missing.
        low: The least it could be; equal to `value` where nothing is missing.
        high: The most it could be.
    """

    value: Floats
    low: Floats
    high: Floats

    def __sub__(self, other: Quantity) -> Quantity:
        """The difference; where both have a missing verdict in common, it may count as two different ones."""
        return Quantity(self.value - other.value, self.low - other.high, self.high - other.low)

    def __getitem__(self, chosen: Bools) -> Quantity:
        return self.each(lambda part: part[chosen])

    def each(self, change: Callable[[Floats], Floats]) -> Quantity:
        """The same change of all three arrays, done once where they are one."""
        value = change(self.value)
        low, high = (value if part is self.value else change(part) for part in (self.low, self.high))
        return Quantity(value, low, high)

    def mean(self, axis: int, asked: Bools) -> Quantity:
        """The mean of what was asked along an axis; missing where any part of it is, 0 where nothing was asked."""
        count = np.maximum(asked.sum(axis), 1)
        parts = (np.where(asked, part, 0.0).sum(axis) / count for part in (self.value, self.low, self.high))
        return Quantity(*parts)

    def at_order(self, order: int) -> Quantity:
        """The part of one order; the second axis is the order."""
        return Quantity(self.value[:, order], self.low[:, order], self.high[:, order])

    def spread(self) -> Self:
        """The same with a last axis of length one, to stand against repeats."""
        return type(self)(self.value[..., None], self.low[..., None], self.high[..., None])


def _within(value: Floats, low: float, high: float) -> Quantity:
    missing = np.isnan(value)
    return Quantity(value, np.where(missing, low, value), np.where(missing, high, value))


def _compared(compare: Callable[[Floats, Floats], Floats], one: Floats, two: Floats) -> Quantity:
    """What two verdicts, shape (..., verdicts), come to, and the extremes over all that the missing ones could be."""
    value = compare(one, two)
    low, high = value.copy(), value.copy()
    missing = np.isnan(value)
    if missing.any():
        first, second = one[missing], two[missing]
        options = [
            compare(np.where(np.isnan(first), v, first), np.where(np.isnan(second), w, second))
            for v in np.eye(one.shape[-1])
            for w in np.eye(one.shape[-1])
        ]
        low[missing], high[missing] = np.min(options, axis=0), np.max(options, axis=0)
    return Quantity(value, low, high)


def wins(p: Floats, target: int) -> Quantity:
    """The target's win, shape (...): 1 for a win, 1/2 for a tie, 0 for a loss; p has shape (..., verdicts)."""
    return _within(p[..., target] + p[..., -1] / 2, 0.0, 1.0)


def flips(before: Floats, after: Floats) -> Quantity:
    """Whether the two verdicts name different winners; a change to or from a tie is no flip."""
    return _compared(_other_winner, before, after)


def _other_winner(p: Floats, q: Floats) -> Floats:
    """The probability that both name a winner, and not the same one."""
    return np.asarray(p[..., :-1].sum(-1) * q[..., :-1].sum(-1) - (p[..., :-1] * q[..., :-1]).sum(-1))


def flips_to(before: Floats, after: Floats, target: int) -> Quantity:
    """Whether the verdict went from another response to the target."""
    return _compared(lambda p, q: _others(p, target) * q[..., target], before, after)


def flips_from(before: Floats, after: Floats, target: int) -> Quantity:
    """Whether the verdict went from the target to another response."""
    return _compared(lambda p, q: p[..., target] * _others(q, target), before, after)


def _others(p: Floats, target: int) -> Floats:
    return np.asarray(p[..., :-1].sum(-1) - p[..., target])


def differs(one: Floats, two: Floats) -> Quantity:
    """Whether the two verdicts differ in any way, a tie being a verdict of its own."""
    return _compared(lambda p, q: 1 - (p * q).sum(axis=-1), one, two)


def discordant(one: Floats, two: Floats) -> Quantity:
    """1 where the first verdict is a and the second b, -1 where they are b and a, 0 for all other pairs."""
    return _compared(lambda p, q: p[..., 0] * q[..., 1] - p[..., 1] * q[..., 0], one, two)


def matches(p: Floats, side: Floats) -> Quantity:
    """The probability of one side, shape (...), given as one-hot `side` that broadcasts to p."""
    return _within((p * side).sum(axis=-1), 0.0, 1.0)


def holds(known: Bools) -> Quantity:
    """Whether something is the case that is known of every trial, whatever the verdict."""
    value = known.astype(np.float64)
    return Quantity(value, value, value)


def is_missing(p: Floats) -> Quantity:
    """Whether there is no verdict."""
    return holds(np.isnan(p[..., 0]))


def is_tie(p: Floats) -> Quantity:
    """Whether the verdict is a tie."""
    return _within(p[..., -1].copy(), 0.0, 1.0)


def may_be_strict(one: Floats, two: Floats) -> Bools:
    """Whether no verdict of the pair is known to be a tie, wholly or in part."""
    return np.asarray(~((one[..., -1] > 0) | (two[..., -1] > 0)))
