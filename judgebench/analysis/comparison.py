"""What a suite asks about a perturbation, and how much the answer varies: what planning and pilots share."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a suite asks about one perturbation.

    Attributes:
        perturbation: The variant's name.
        arm: What is compared with the control; `control` for position, which compares orders.
        confirmatory: Whether its primary effect is decided.
        items: Items that have it.
        orders: Orders that an item's d is averaged over; 1 for position of pairs, whose difference takes both.
        targets: Targets that it is averaged over.
        repeats: Repeats that it is averaged over.
    """

    perturbation: str
    arm: str
    confirmatory: bool
    items: int
    orders: int
    targets: int
    repeats: int


@dataclass(frozen=True, slots=True)
class Spread:
    """The variances behind an item's d, averaged over targets: between items, orders of one, repeats in one.

    Attributes:
        item: Between items.
        order: Between the orders of an item.
        repeat: Between the repeats in an order.
        source: Where they are from: `pilot`, `declared` or `defaults`.
    """

    item: float
    order: float
    repeat: float
    source: str

    def sd(self, orders: int, repeats: int) -> float:
        """The standard deviation of an item's d in a design."""
        return math.sqrt(self.item + self.order / orders + self.repeat / (orders * repeats))
