"""What an effect depends on: the kind of item, what gold says of the target, where it is shown, and the dose."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import partial
from typing import Final

import numpy as np

from judgebench.analysis.item_facts import DEGREES
from judgebench.analysis.measurement import (
    CHECKED,
    STRICT,
    TARGET_LOSES,
    TARGET_WINS,
    Make,
    Measurement,
    Pair,
    pairs_of,
    stacked,
    targets_of,
)
from judgebench.analysis.panels import UNKNOWN, Bools, Experiment, Floats, Labels
from judgebench.analysis.quantities import Quantity, may_be_strict

MIN_STRATUM: Final = 5
"""Items under which a category, a source or a side of a contrast is too small to be spoken of."""
_PER_LOG_LENGTH: Final = ("length",)
"""Biases whose dose is a ratio of lengths."""


def strata(data: Experiment, whole: Measurement) -> Iterator[Measurement]:
    """A primary effect by category, source and how far people agree: those with enough items, where there are two."""
    for what, labels in (("category", data.category), ("source", data.source)):
        yield from _by_label(data, whole, what, labels)
    yield from by_agreement(data, whole)


def by_agreement(data: Experiment, whole: Measurement) -> Iterator[Measurement]:
    """An effect by how far people agree on the items, where they were asked."""
    if data.votes is not None:
        yield from _by_label(data, whole, "humans", Labels(data.votes.degree, DEGREES))


def _by_label(data: Experiment, whole: Measurement, what: str, labels: Labels) -> Iterator[Measurement]:
    if whole.item.size:
        codes = labels.codes[whole.item]
        asked = np.zeros(labels.codes.size, dtype=bool)
        asked[whole.item] = True
        sizes = np.bincount(labels.codes[asked] - UNKNOWN, minlength=len(labels.names) + 1)[1:]
        large = np.flatnonzero(sizes >= (1 if data.part else MIN_STRATUM))
        if data.part or large.size > 1:
            for code in sorted(large, key=labels.names.__getitem__):
                yield whole.within(f"{what}: {labels.names[code]}", codes == code)


def by_verdicts(data: Experiment, whole: Measurement, pairs: list[Pair]) -> Iterator[Measurement]:
    """A cue's effect on strict verdicts, by what gold says of the target, and where the check was passed."""
    strict = np.concatenate([may_be_strict(pair.changed, pair.base)[pair.asked] for pair in pairs])
    if data.part or not strict.all():
        yield whole.within(STRICT, strict)
    gold, target = data.gold[whole.item], targets_of(pairs)
    yield whole.within(TARGET_LOSES, data.says(gold) & (gold != target))
    yield whole.within(TARGET_WINS, gold == target)
    failed = np.concatenate([pair.failed[pair.asked] for pair in pairs])
    if data.part or failed.any():
        yield whole.within(CHECKED, ~failed)


def interactions(
    data: Experiment, make: Make, whole: Measurement, pairs: list[Pair]
) -> Iterator[Measurement]:
    """How much larger the effect is where gold says that the target loses, and where the target is shown first."""
    make = partial(make, "interaction")
    target = targets_of(pairs)
    gold = data.gold[whole.item]
    known = data.says(gold)
    loses = known & (gold != target)
    sides = [np.count_nonzero(np.bincount(whole.item[known & side])) for side in (loses, ~loses)]
    if data.part or min(sides) >= MIN_STRATUM:
        quantity, item = whole.quantity[known], whole.item[known]
        regressor = loses[known].astype(np.float64)
        yield make("target loses - target wins", "slope", quantity, item, regressor=regressor)
    if len(data.letters) == 2:
        by_place = stacked([_by_place(pair) for pair in pairs])
        yield make("shown first - shown second", "difference", *by_place, bound=2.0)


def _by_place(pair: Pair) -> tuple[Quantity, Bools]:
    """The effect where the target is shown first minus that where it is shown second, (items, repeats)."""
    effect = pair.preference()
    first, second = (effect.at_order(order) for order in (pair.target, 1 - pair.target))
    return first - second, np.asarray(pair.asked[:, 0] & pair.asked[:, 1])


def doses(data: Experiment) -> Iterator[Measurement]:
    """Whether the effect of a bias grows with its dose: by rank, and for lengths by their logarithm."""
    found: dict[str, dict[float, list[Pair]]] = {}
    for name in data.perturbations():
        bias, _, dose = name.partition("@")
        pairs = pairs_of(data, name, "treatment", "control")
        if pairs and (amount := _number(dose)) is not None:
            found.setdefault(bias, {})[amount] = pairs
    for bias, by_dose in found.items():
        if len(by_dose) > 1:
            yield from _trends(bias, sorted(by_dose.items()))


def _trends(bias: str, by_dose: list[tuple[float, list[Pair]]]) -> Iterator[Measurement]:
    quantity, item = stacked([(pair.preference(), pair.asked) for _, pairs in by_dose for pair in pairs])
    sizes = [sum(int(pair.asked.sum()) for pair in pairs) for _, pairs in by_dose]

    def regressor(values: list[float]) -> Floats:
        return np.repeat(np.array(values, dtype=np.float64), sizes)

    ranks = regressor(list(range(len(by_dose))))
    named = partial(Measurement, bias, bias)
    unit = "probability per step of dose"
    yield named("dose_trend", "per step of dose", "trend", quantity, item, regressor=ranks, unit=unit)
    if bias in _PER_LOG_LENGTH:
        logs = regressor([math.log(dose) for dose, _ in by_dose])
        contrast, unit = "per log length", "probability per log length"
        yield named("slope_per_log_length", contrast, "slope", quantity, item, regressor=logs, unit=unit)


def _number(dose: str) -> float | None:
    try:
        number = float(dose)
    except ValueError:
        return None
    return number if math.isfinite(number) and number > 0 else None
