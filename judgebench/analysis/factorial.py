"""Factorial suites: what each of several changes does among the others, how they interact, and who earned the whole.

Every estimand is a contrast of cells within an item, in one order and repeat, and its interval that of paired
differences (CT), items being the clusters.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from itertools import combinations
from math import factorial
from typing import Final

import numpy as np
import pandas as pd

from judgebench.analysis.measurement import Measurement, stacked
from judgebench.analysis.panels import Bools, Experiment, Panel
from judgebench.analysis.quantities import Quantity, wins
from judgebench.suite.factorial import FEWEST, PREFIX, factors_in

BIAS: Final = "factorial"

Cell = frozenset[str]
Weights = Mapping[Cell, float]


def alone(judgments: pd.DataFrame) -> pd.DataFrame:
    """The judgments without the cells of a factorial design."""
    cells = _cell_names(judgments)
    return judgments[~judgments["perturbation"].isin(cells)] if cells else judgments


def together(judgments: pd.DataFrame) -> pd.DataFrame:
    """The controls and the cells of a factorial design."""
    in_cells = judgments["perturbation"].isin(_cell_names(judgments))
    return judgments[in_cells | (judgments["arm"] == "control")]


def _cell_names(judgments: pd.DataFrame) -> list[str]:
    names = [name for name in judgments["perturbation"].unique() if isinstance(name, str)]
    return [name for name in names if name.startswith(PREFIX)]


def factorial_measurements(data: Experiment) -> Iterator[Measurement]:
    """The effects of a factorial design; nothing where an experiment has none.

    The main effect of a factor is its average marginal component effect (Hainmueller, Hopkins and Yamamoto 2014,
    Political Analysis 22): the target's wins with it minus without it, the others there or not as often. An interaction
    is what two do together beyond the sum of what each does alone. Of the whole effect of all factors, Shapley's (1953)
    value gives each the mean of what it adds over all orders of adding them.

    Args:
        data: The controls and the cells.
    """
    names = {name: factors_in(name) for name in data.perturbations()}
    cells = [frozenset(found) for found in names.values() if found]
    if not cells:
        return
    factors = max(names.values(), key=len)
    factors = tuple(dict.fromkeys((*factors, *(f for found in names.values() for f in found))))
    whole, everything = [frozenset[str](), *cells], frozenset(factors)
    for factor in factors:
        main = _make(data, factor.partition("@")[0], factor)
        yield from main("main_effect", "present - absent", _signed(whole, factor))
    if len(whole) == 2 ** len(factors) or len(factors) > FEWEST["fractional"]:
        for one, other in combinations(factors, 2):
            both = _make(data, BIAS, f"{one} x {other}", bound=2.0)
            yield from both("interaction_effect", "together - sum of each", _signed(whole, one, other))
    if everything in cells:
        together = _make(data, BIAS, "+".join(factors))
        yield from together("joint_effect", "all - none", {everything: 1.0, frozenset(): -1.0})
    if len(whole) == 2 ** len(factors):
        for factor in factors:
            part = _make(data, factor.partition("@")[0], factor)
            yield from part("shapley_value", "share in all - none", _shapley(whole, factor, len(factors)))


def _signed(cells: list[Cell], *factors: str) -> Weights:
    """The contrast of a main effect or an interaction: cells with plus where the factors that are absent are even."""
    each = 2 ** len(factors) / len(cells)
    return {cell: each * (-1) ** sum(factor not in cell for factor in factors) for cell in cells}


def _shapley(cells: list[Cell], factor: str, count: int) -> Weights:
    """The contrast that is a factor's Shapley value: the value function is the target's wins with a set of factors."""
    weights = dict.fromkeys(cells, 0.0)
    for cell in cells:
        if factor not in cell:
            share = factorial(len(cell)) * factorial(count - len(cell) - 1) / factorial(count)
            weights[cell] -= share
            weights[cell | {factor}] += share
    return weights


def _make(data: Experiment, bias: str, name: str, *, bound: float = 1.0) -> partial[Iterator[Measurement]]:
    return partial(_contrasted, data, bias, name, bound)


def _contrasted(
    data: Experiment, bias: str, name: str, bound: float, estimand: str, contrast: str, weights: Weights
) -> Iterator[Measurement]:
    """The measurement of a contrast over all targets; nothing where no item was asked in all its cells."""
    parts = [part for target in range(len(data.letters)) for part in _of_target(data, target, weights)]
    if parts:
        rows, item = stacked(parts)
        yield Measurement(bias, name, estimand, contrast, "difference", rows, item, bound=bound)


def _of_target(data: Experiment, target: int, weights: Weights) -> Iterator[tuple[Quantity, Bools]]:
    """The contrast for one target, shape (items, orders, repeats), and where all its cells were asked."""
    panels = _cells(data, target)
    if not set(weights) <= set(panels):
        return
    used = {cell: weight for cell, weight in weights.items() if weight}
    repeats = slice(min(panels[cell].asked.shape[2] for cell in used))
    asked = np.logical_and.reduce([panels[cell].asked[:, :, repeats] for cell in used])
    if asked.any():
        won = [(weight, wins(panels[cell].p[:, :, repeats], target)) for cell, weight in used.items()]
        yield _weighted(won), asked


def _cells(data: Experiment, target: int) -> Mapping[Cell, Panel]:
    """The panels of the cells with that target; the item as it is stands for the empty one."""
    found: dict[Cell, Panel] = {frozenset(): data.control}
    for name in data.perturbations():
        for letter, panel in data.panels(name, "treatment"):
            if letter == target and factors_in(name):
                found[frozenset(factors_in(name))] = panel
    return found


def _weighted(parts: list[tuple[float, Quantity]]) -> Quantity:
    """The weighted sum; what is missing takes each end by the sign of its weight."""
    value = np.sum([weight * q.value for weight, q in parts], axis=0)
    low = np.sum([weight * (q.low if weight > 0 else q.high) for weight, q in parts], axis=0)
    high = np.sum([weight * (q.high if weight > 0 else q.low) for weight, q in parts], axis=0)
    return Quantity(value, low, high)
