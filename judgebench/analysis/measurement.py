"""A measurement: an effect before it is estimated, and the pairs of panels that it is taken from."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np

from judgebench.analysis.panels import Bools, Experiment, Floats, Ints, Panel
from judgebench.analysis.quantities import Quantity, wins

Kind = Literal["difference", "proportion", "discordance", "trend", "slope"]

ALL: Final = "all"
TARGET_LOSES: Final = "gold: target loses"
TARGET_WINS: Final = "gold: target wins"
STRICT: Final = "strict verdicts only"
CHECKED: Final = "manipulation checks passed"


@dataclass(frozen=True, slots=True)
class Measurement:
    """One effect before it is estimated.

    Attributes:
        bias: What it is about: a perturbation's id, `agreement`, `repeat_stability`, `missing`, `ties`,
            `manipulation`.
        perturbation: The variant; equal to the bias where it has no doses, or is about all of them.
        estimand: Its name in the effects table.
        contrast: What is compared with what.
        kind: `difference`: a mean of paired differences, by CT; `proportion`: Wilson on the effective n;
            `discordance`: a difference of one pair an item, tested by McNemar; `trend`: a slope on the
            regressor within items; `slope`: one within and between items, by least squares.
        quantity: The measured values, shape (rows,); within [-bound, bound].
        item: Item codes of the rows, shape (rows,).
        stratum: Which pairs are in it.
        scale: Factor from the quantity to the reported unit.
        bound: How far the quantity can lie from 0.
        unit: The reported unit.
        primary: Whether it answers the bias, and so is decided where its family is decided by a margin.
        regressor: For a trend or a slope: what the quantity is regressed on, shape (rows,).
    """

    bias: str
    perturbation: str
    estimand: str
    contrast: str
    kind: Kind
    quantity: Quantity
    item: Ints
    stratum: str = ALL
    scale: float = 1.0
    bound: float = 1.0
    unit: str = "probability"
    primary: bool = False
    regressor: Floats | None = None

    def within(self, stratum: str, rows: Bools) -> Measurement:
        """The same on some of the rows; never primary."""
        quantity, item = self.quantity[rows], self.item[rows]
        return replace(self, stratum=stratum, quantity=quantity, item=item, primary=False)


Make = Callable[..., Measurement]


@dataclass(frozen=True, slots=True)
class Pair:
    """An arm against its base for one target, repeat by repeat; all of shape (items, orders, repeats, ...).

    Attributes:
        target: 0 for the response a, 1 for b.
        changed: Probabilities of the verdicts in the arm.
        base: Those in the base.
        asked: Where both were asked.
        failed: Where the manipulation check of the arm failed.
    """

    target: int
    changed: Floats
    base: Floats
    asked: Bools
    failed: Bools

    def preference(self) -> Quantity:
        """The target's wins, changed minus unchanged, shape (items, orders, repeats)."""
        return wins(self.changed, self.target) - wins(self.base, self.target)


def pairs_of(data: Experiment, name: str, arm: str, base: str) -> list[Pair]:
    """The arm against its base, for each target that was asked in both."""
    return list(_pairs(data, name, arm, base))


def _pairs(data: Experiment, name: str, arm: str, base: str) -> Iterator[Pair]:
    for target, panel in data.panels(name, arm):
        other: Panel | None = data.control if base == "control" else data.arms.get((name, base, target))
        if other is not None:
            shared = slice(min(panel.asked.shape[2], other.asked.shape[2]))
            yield Pair(
                target,
                panel.p[:, :, shared],
                other.p[:, :, shared],
                panel.asked[:, :, shared] & other.asked[:, :, shared],
                panel.failed[:, :, shared],
            )


def rerun(data: Experiment, compare: Callable[..., Quantity]) -> tuple[Quantity, Bools] | None:
    """How often the same question gets another verdict, and where that was asked; each (items, orders).

    None without reruns.
    """
    p, asked = data.control.p, data.control.asked
    if asked.shape[2] < 2:
        return None
    return compare(p[:, :, 0], p[:, :, 1]), np.asarray(asked[:, :, 0] & asked[:, :, 1])


def rows_of(quantity: Quantity, asked: Bools) -> tuple[Quantity, Ints]:
    """The asked entries as rows, with the codes of their items; the first axis is the item."""
    if asked.all():  # the usual design is whole, and nothing has to be picked out of it
        items = asked.shape[0]
        return quantity.each(np.ravel), np.repeat(np.arange(items), asked.size // max(items, 1))
    return quantity[asked], np.nonzero(asked)[0].astype(np.int64)


def stacked(parts: list[tuple[Quantity, Bools]]) -> tuple[Quantity, Ints]:
    """The rows of all parts together, with their items."""
    chosen = [rows_of(quantity, asked) for quantity, asked in parts]
    if len(chosen) == 1:
        return chosen[0]
    whole = (np.concatenate([getattr(q, name) for q, _ in chosen]) for name in ("value", "low", "high"))
    return Quantity(*whole), np.concatenate([item for _, item in chosen])


def targets_of(pairs: list[Pair]) -> Ints:
    """The target of each row of the stacked pairs."""
    return np.concatenate([np.full(int(pair.asked.sum()), pair.target) for pair in pairs])
