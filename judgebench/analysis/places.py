"""Position bias in lists: how much more often a response is chosen for the place in which it stands."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Final

import numpy as np

from judgebench.analysis.measurement import Measurement, rerun, rows_of
from judgebench.analysis.moderators import strata
from judgebench.analysis.panels import Bools, Experiment
from judgebench.analysis.quantities import Quantity, differs

ORDINALS: Final = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")


def places(data: Experiment) -> Iterator[Measurement]:
    """For each place, P(the response there is chosen) - 1/k on the items as they are; and how often the order decides.

    Where orders are drawn at random, or each response takes each place, a judge that does not look at places has 0.
    """
    make = partial(Measurement, "position", "position")
    for place, name in enumerate(ORDINALS[: len(data.letters)]):
        quantity, asked = _chosen_at(data, place)
        estimand = "first_preference" if place == 0 else "place_preference"
        contrast = f"shown {name} - 1/k"
        whole = make(estimand, contrast, "difference", *rows_of(quantity, asked), primary=place == 0)
        yield whole
        if place == 0:
            yield from strata(data, whole)
    yield from _inconsistency(data)


def _chosen_at(data: Experiment, place: int) -> tuple[Quantity, Bools]:
    """Whether the response in a place is chosen, minus 1/k, and where it was asked; each (items, orders, repeats)."""
    control = data.control
    letter = data.shown[:, :, place]
    chance = 1 / np.maximum((data.shown >= 0).sum(-1), 1)[..., None]
    index = np.maximum(letter, 0)[:, :, None, None]
    value = np.take_along_axis(control.p, index, axis=-1)[..., 0] - chance
    missing = np.isnan(value)
    asked = np.asarray(control.asked & (letter >= 0)[..., None])
    low, high = np.broadcast_to(-chance, value.shape), np.broadcast_to(1 - chance, value.shape)
    return Quantity(value, np.where(missing, low, value), np.where(missing, high, value)), asked


def _inconsistency(data: Experiment) -> Iterator[Measurement]:
    """How often two orders of an item get different verdicts, and beyond what asking again does."""
    control = data.control
    if control.p.shape[1] < 2:
        return
    make = partial(Measurement, "position", "position")
    swap = differs(control.p[:, 0], control.p[:, 1])
    asked = np.asarray(control.asked[:, 0] & control.asked[:, 1])
    yield make("swap_inconsistency", "one order against another", "proportion", *rows_of(swap, asked))
    floor = rerun(data, differs)
    if floor is not None:
        excess = swap - floor[0].mean(1, floor[1]).spread()
        both = asked & np.asarray(floor[1].any(axis=1))[:, None]
        contrast = "one order against another - rerun"
        yield make("excess_swap_inconsistency", contrast, "difference", *rows_of(excess, both))
