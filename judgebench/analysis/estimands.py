"""Which estimand answers which bias: name, contrast, scale, and the quantity it is the mean of."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Final

import numpy as np

from judgebench.analysis.measurement import (
    STRICT,
    Make,
    Measurement,
    Pair,
    pairs_of,
    rerun,
    rows_of,
    stacked,
)
from judgebench.analysis.moderators import by_agreement, by_verdicts, doses, interactions, strata
from judgebench.analysis.panels import Experiment, Floats
from judgebench.analysis.places import places
from judgebench.analysis.quantities import (
    Quantity,
    differs,
    discordant,
    flips,
    flips_from,
    flips_to,
    holds,
    is_missing,
    is_tie,
    matches,
    may_be_strict,
    wins,
)
from judgebench.perturb import perturbations
from judgebench.suite.restyling import STYLE_EQUALISED

ARMS = ("treatment", "placebo", "positive_control")
IDENTICAL = "identical_pair"


def measurements(data: Experiment) -> Iterator[Measurement]:
    """All that was asked for and can be measured on an experiment, in the order of the tables."""
    return (m for m in _designed(data) if m.item.size or data.part)


def _designed(data: Experiment) -> Iterator[Measurement]:
    yield from _position(data) if len(data.letters) == 2 else places(data)
    for name in data.perturbations():
        yield from _CHANGES.get(name, _cue)(data, name)
    yield from doses(data)
    yield from _stability(data)
    yield from _agreement(data)
    yield from _ties(data)
    yield from _missing(data)
    yield from _failed_checks(data)


def _position(data: Experiment) -> Iterator[Measurement]:
    """First preference: y_first in order ab plus y_first in ba, minus 1; and how often the order decides."""
    ab, ba = data.control.p[:, 0], data.control.p[:, 1]
    asked = np.asarray(data.control.asked[:, 0] & data.control.asked[:, 1])
    make = partial(Measurement, "position", "position")
    rows, item = rows_of(wins(ab, 0) - wins(ba, 0), asked)
    contrast = "shown first - 1/2"
    first = make("first_preference", contrast, "difference", rows, item, scale=0.5, primary=True)
    yield first
    strict = may_be_strict(ab, ba)[asked]
    if data.part or not strict.all():
        yield first.within(STRICT, strict)
    yield from strata(data, first)
    yield from _discordance(data, make)
    swap = differs(ab, ba)
    yield make("swap_inconsistency", "ab against ba", "proportion", *rows_of(swap, asked))
    floor = rerun(data, differs)
    if floor is not None:
        excess = swap - floor[0].mean(1, floor[1]).spread()
        both = asked & np.asarray(floor[1].any(axis=1))[:, None]
        yield make("excess_swap_inconsistency", "ab against ba - rerun", "difference", *rows_of(excess, both))


def _identical(data: Experiment, name: str = IDENTICAL) -> Iterator[Measurement]:
    """The same response shown twice: first preference with nothing else to decide, and how often it is a tie."""
    found = [panel for _, panel in data.panels(name, "treatment")]
    both = [np.asarray(panel.asked[:, 0] & panel.asked[:, 1]) for panel in found]
    first = [wins(panel.p[:, 0], 0) - wins(panel.p[:, 1], 0) for panel in found]
    rows, item = stacked(list(zip(first, both, strict=True)))
    make = partial(Measurement, "position", name)
    yield make("first_preference", "shown first - 1/2", "difference", rows, item, scale=0.5, primary=True)
    ties = stacked([(is_tie(panel.p), panel.asked) for panel in found])
    yield Measurement("ties", name, "tie_rate", "treatment", "proportion", *ties)


def _restyled(data: Experiment, name: str) -> Iterator[Measurement]:
    """Both responses in one style, so that none of them is the target: how often that turns the verdict."""
    make = partial(Measurement, name, name)
    pairs = pairs_of(data, name, "treatment", "control")
    yield from _flips(data, make, "treatment - control", pairs)
    yield from _accuracy(data, make, "treatment", pairs)


def _discordance(data: Experiment, make: Make) -> Iterator[Measurement]:
    """Of the first runs, one pair of orders an item: the first shown twice, minus the second shown twice."""
    control = data.control
    asked = np.asarray(control.asked[:, 0, 0] & control.asked[:, 1, 0])
    pair = discordant(control.p[:, 0, 0], control.p[:, 1, 0])
    yield make("discordance", "AA against BB", "discordance", *rows_of(pair, asked))


def _cue(data: Experiment, name: str) -> Iterator[Measurement]:
    """A change of one response: what it does to the target's wins and how often it turns the verdict."""
    bias = name.partition("@")[0]
    make = partial(Measurement, bias, name)
    for arm in ("treatment", "positive_control"):
        if pairs := pairs_of(data, name, arm, "control"):
            yield from _effect(data, make, f"{arm} - control", pairs, primary=arm == "treatment")
            yield from _flip_rates(data, make, f"{arm} - control", pairs)
            if arm == "treatment" and (len(data.letters) > 2 or _is_discrimination(bias)):
                yield from _accuracy(data, make, arm, pairs)
    for arm, base in (("placebo", "control"), ("treatment", "placebo")):
        if pairs := pairs_of(data, name, arm, base):
            yield _preference(make, f"{arm} - {base}", pairs)


def _preference(make: Make, contrast: str, pairs: list[Pair], *, primary: bool = False) -> Measurement:
    """The target's wins, changed minus unchanged."""
    rows, item = stacked([(pair.preference(), pair.asked) for pair in pairs])
    return make("target_preference", contrast, "difference", rows, item, primary=primary)


def _effect(
    data: Experiment, make: Make, contrast: str, pairs: list[Pair], *, primary: bool
) -> Iterator[Measurement]:
    """The effect on the target's wins, and for a treatment what it depends on."""
    whole = _preference(make, contrast, pairs, primary=primary)
    yield whole
    yield from by_verdicts(data, whole, pairs)
    if primary:
        yield from strata(data, whole)
        yield from interactions(data, make, whole, pairs)


def _accuracy(data: Experiment, make: Make, arm: str, pairs: list[Pair]) -> Iterator[Measurement]:
    """How often the verdict is gold's with the change, and how much more often than without it.

    For lists, and where a change is no matter of taste: for other changes of pairs the effects where gold says that the
    target wins and that it loses tell the same, and each row costs a hundredth of the time of a large table.
    """
    known = (data.gold >= 0)[:, None, None]
    asked = [np.asarray(pair.asked & known) for pair in pairs]
    after = [(_right(data, pair.changed), rows) for pair, rows in zip(pairs, asked, strict=True)]
    yield make("accuracy", arm, "proportion", *stacked(after))
    change = [
        (right - _right(data, pair.base), rows) for pair, (right, rows) in zip(pairs, after, strict=True)
    ]
    yield make("accuracy_change", f"{arm} - control", "difference", *stacked(change))


def _is_discrimination(bias: str) -> bool:
    return bias in perturbations and perturbations.get(bias).family == "discrimination"


def _right(data: Experiment, p: Floats) -> Quantity:
    """Whether the verdict is gold's, of p (items, orders, repeats, verdicts); of no meaning where gold is unknown."""
    return matches(p, np.eye(p.shape[-1])[data.gold][:, None, None, :])


def _flip_rates(data: Experiment, make: Make, contrast: str, pairs: list[Pair]) -> Iterator[Measurement]:
    """How often the change turns the verdict, in all and beyond the rerun, toward the target and away from it."""
    yield from _flips(data, make, contrast, pairs)
    for estimand, went in (("flip_toward", flips_to), ("flip_away", flips_from)):
        parts = [(went(pair.base, pair.changed, pair.target), pair.asked) for pair in pairs]
        yield make(estimand, contrast, "proportion", *stacked(parts))


def _flips(data: Experiment, make: Make, contrast: str, pairs: list[Pair]) -> Iterator[Measurement]:
    """How often the change turns the verdict, in all and beyond the rerun."""
    turned = [(flips(pair.base, pair.changed), pair.asked) for pair in pairs]
    yield make("flip_rate", contrast, "proportion", *stacked(turned))
    floor = rerun(data, flips)
    if floor is not None:
        excess = [(part - floor[0].spread(), asked & floor[1][:, :, None]) for part, asked in turned]
        yield make("excess_flip_rate", f"{contrast} - rerun", "difference", *stacked(excess))


def _stability(data: Experiment) -> Iterator[Measurement]:
    """The noise floor: how often the same request gets another verdict."""
    make = partial(Measurement, "repeat_stability", "repeat_stability")
    for estimand, compare in (("flip_rate", flips), ("inconsistency", differs)):
        floor = rerun(data, compare)
        if floor is not None:
            yield make(estimand, "rerun against first run", "proportion", *rows_of(*floor))


def _agreement(data: Experiment) -> Iterator[Measurement]:
    """How often the judge says what gold says, on the items as they are; a tie agrees with a tie alone."""
    asked = np.asarray(data.control.asked & (data.gold >= 0)[:, None, None])
    rows, item = rows_of(_right(data, data.control.p), asked)
    whole = Measurement("agreement", "none", "accuracy", "judge = gold", "proportion", rows, item)
    yield whole
    yield from by_agreement(data, whole)


def _ties(data: Experiment) -> Iterator[Measurement]:
    """How often the verdict is a tie, and how often it is none where gold says that it should be one."""
    ties = is_tie(data.control.p)
    yield Measurement("ties", "none", "tie_rate", "control", "proportion", *rows_of(ties, data.control.asked))
    even = np.asarray(data.control.asked & (data.gold == len(data.letters))[:, None, None])
    if data.part or even.any():
        decided = holds(np.ones_like(even)) - ties
        rows, item = rows_of(decided, even)
        yield Measurement(
            "ties", "none", "false_decisiveness", "winner named, gold is a tie", "proportion", rows, item
        )


def _missing(data: Experiment) -> Iterator[Measurement]:
    """How often there is no verdict, by arm, and whether the arms differ."""
    rows, item = rows_of(is_missing(data.control.p), data.control.asked)
    yield Measurement("missing", "none", "missing_rate", "control", "proportion", rows, item)
    for name in data.perturbations():
        make = partial(Measurement, "missing", name)
        for arm in ARMS:
            if panels := [panel for _, panel in data.panels(name, arm)]:
                absent = [(is_missing(panel.p), panel.asked) for panel in panels]
                yield make("missing_rate", arm, "proportion", *stacked(absent))
                pairs = pairs_of(data, name, arm, "control")
                apart = [(is_missing(pair.changed) - is_missing(pair.base), pair.asked) for pair in pairs]
                yield make("missing_rate_difference", f"{arm} - control", "difference", *stacked(apart))


def _failed_checks(data: Experiment) -> Iterator[Measurement]:
    """How often the check of a change failed, by arm, where the checks are known."""
    for name in data.perturbations() if data.checked else []:
        for arm in ARMS:
            if panels := [panel for _, panel in data.panels(name, arm)]:
                failed = stacked([(holds(panel.failed), panel.asked) for panel in panels])
                yield Measurement("manipulation", name, "failed_check_rate", arm, "proportion", *failed)


_CHANGES: Final = {IDENTICAL: _identical, STYLE_EQUALISED: _restyled}
"""Changes that are measured in a way of their own."""
