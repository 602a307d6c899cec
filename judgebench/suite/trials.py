"""Expansion: a suite into its trials, lazily, item by item, deterministic from the suite and its seed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from judgebench.items import Item, Side
from judgebench.perturb import Perturbed, Stimulus, draw_target, perturb
from judgebench.perturb.apply import Arm
from judgebench.suite.load import Suite
from judgebench.suite.options import Variant

Order = Literal["ab", "ba"]

NO_PERTURBATION: Final = "none"
_OTHER_SIDE: Final[dict[Side, Side]] = {"a": "b", "b": "a"}
MIN_CONTROL_REPEATS: Final = 2
"""Controls are asked at least twice: how often a repeated question flips is the floor of all flip rates."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One question to the judge.

    Attributes:
        ordinal: Its place in the expansion, from 0.
        item: The item.
        stimulus: What is shown, in the item's frame.
        perturbation: The variant's name, `none` for controls.
        arm: control, treatment, placebo or positive_control.
        target: The response that is changed or spoken of; None for controls.
        order: `ab` where response_a is shown first.
        protocol: The name of the protocol.
        mitigation: The name of the mitigation.
        repeat: From 0.
        record: What was changed, as JSON; empty for controls.
    """

    ordinal: int
    item: Item
    stimulus: Stimulus
    perturbation: str
    arm: Arm
    target: Side | None
    order: Order
    protocol: str
    mitigation: str
    repeat: int
    record: str


@dataclass(frozen=True, slots=True)
class _Cell:
    """What an item is shown as, before orders, protocols and mitigations."""

    stimulus: Stimulus
    perturbation: str
    arm: Arm
    target: Side | None
    repeat: int
    record: str = ""


def trials(suite: Suite) -> Iterator[Trial]:
    """All trials of a suite, item by item and controls first: prompts that begin alike come together."""
    spec = suite.spec
    orders: tuple[Order, ...] = ("ab", "ba") if spec.orders == "both" else (spec.orders,)
    ordinal = 0
    for item in suite.items:
        cells = list(_cells(suite, item))
        for protocol in _names(spec.protocols):
            for mitigation in _names(spec.mitigations):
                for order in orders:
                    for cell in cells:
                        yield Trial(
                            ordinal,
                            item,
                            cell.stimulus,
                            cell.perturbation,
                            cell.arm,
                            cell.target,
                            order,
                            protocol,
                            mitigation,
                            cell.repeat,
                            cell.record,
                        )
                        ordinal += 1


def count_trials(suite: Suite) -> int:
    """How many trials a suite has, without rendering any."""
    spec = suite.spec
    ways = len(spec.protocols) * len(spec.mitigations) * (2 if spec.orders == "both" else 1)
    control = max(spec.repeats, MIN_CONTROL_REPEATS)
    return ways * sum(
        control + sum(len(_targets(suite, v, item)) * len(_arms(v)) * spec.repeats for v in suite.variants)
        for item in suite.items
    )


def _names(named: list[dict[str, dict[str, object]]]) -> list[str]:
    return [next(iter(entry)) for entry in named]


def _cells(suite: Suite, item: Item) -> Iterator[_Cell]:
    plain = Stimulus.of(item)
    for repeat in range(max(suite.spec.repeats, MIN_CONTROL_REPEATS)):
        yield _Cell(plain, NO_PERTURBATION, "control", None, repeat)
    for variant in suite.variants:
        for target in _targets(suite, variant, item):
            for arm in _arms(variant):
                for repeat in range(suite.spec.repeats):
                    done = _perturbed(suite, variant, item, target, arm, repeat)
                    yield _Cell(done.stimulus, variant.name, arm, target, repeat, done.record())


def _perturbed(suite: Suite, variant: Variant, item: Item, target: Side, arm: Arm, repeat: int) -> Perturbed:
    return perturb(
        variant.plugin, item, target, arm, seed=suite.spec.seed, replicate=repeat, options=variant.options
    )


def _arms(variant: Variant) -> tuple[Arm, ...]:
    if variant.plugin.apply is None:
        return ()
    return (variant.plugin.arm, "placebo") if variant.placebo else (variant.plugin.arm,)


def _targets(suite: Suite, variant: Variant, item: Item) -> tuple[Side, ...]:
    """The sides that are changed in turn; none for an item without the gold that the choice needs."""
    if variant.plugin.apply is None:
        return ()
    if variant.targets == "one":
        return (draw_target(variant.plugin, suite.spec.seed, item),)
    if variant.targets == "both":
        return ("a", "b")
    if variant.targets == "a" or variant.targets == "b":  # noqa: PLR1714  # mypy narrows this form alone
        return (variant.targets,)
    if item.gold != "a" and item.gold != "b":  # noqa: PLR1714  # likewise
        return ()
    better, worse = item.gold, _OTHER_SIDE[item.gold]
    return (better,) if variant.targets == "better" else (worse,)
