"""What a design can find before it is paid for: detectable effects, the items that a claim needs, better splits.

Everything here is about the mean over items of a paired difference d, the item's own already averaged over its
orders, targets and repeats. Loads no more than `judgebench run` may wait for; what needs scipy.stats or a pilot's
judgments is imported when a whole forecast is asked for.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from judgebench.analysis.comparison import Comparison, Spread
from judgebench.analysis.settings import Settings
from judgebench.errors import InputError
from judgebench.run.arms import protocol_arms
from judgebench.run.plan import Plan
from judgebench.suite import Suite
from judgebench.suite.options import Variant
from judgebench.suite.targets import targets_of
from judgebench.suite.trials import MIN_CONTROL_REPEATS

if TYPE_CHECKING:
    from judgebench.stats.power import Allocation

POWER: Final = 0.8
SPLITS_SHOWN: Final = 3

USUAL_ITEM: Final = 0.012
USUAL_ORDER: Final = 0.0
USUAL_REPEAT: Final = 0.284
"""Variances of one difference between two verdicts, changed against unchanged in one order.

The non-negative least-squares fit to the standard deviations of an item's d that were measured on simulated judges:
.54 in one order, .40 in both, .24 in both with three repeats; it gives .544, .392 and .244.
"""


@dataclass(frozen=True, slots=True)
class Outlook:
    """What the design can say about one perturbation; effects and margins in probability.

    Attributes:
        comparison: What is asked.
        spread: What its figures rest on.
        sd: Standard deviation of an item's d in this design.
        effect: Minimum detectable effect at alpha; None where not even the largest possible effect is.
        effect_holm: The same at alpha over the number of confirmatory effects, the worst that Holm can ask for; None
            also where the effect is not confirmatory.
        items_for_effect: Items that find the wanted effect at alpha; None where none is wanted or no number does.
        items_for_effect_holm: Likewise at alpha over the number of confirmatory effects.
        items_for_equivalence: Items that show the absence of an effect within the margin.
    """

    comparison: Comparison
    spread: Spread
    sd: float
    effect: float | None
    effect_holm: float | None
    items_for_effect: int | None
    items_for_effect_holm: int | None
    items_for_equivalence: int | None


@dataclass(frozen=True, slots=True)
class Splits:
    """The requests of a suite spent in other ways, judged by the comparison that needs them most.

    Attributes:
        perturbation: That comparison.
        own: The suite's split.
        best: The best splits of as many requests, were there enough items; best first.
    """

    perturbation: str
    own: Allocation
    best: tuple[Allocation, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the plan is asked for.

    Attributes:
        sd: Standard deviation of an item's d, in place of the defaults.
        pilot: A run directory to estimate it from.
        effect: An effect to find.
        margin: In place of the suite's.
        power: Chance of finding it.
    """

    sd: float | None = None
    pilot: Path | None = None
    effect: float | None = None
    margin: float | None = None
    power: float = POWER

    def check(self) -> None:
        """Check the ranges.

        Raises:
            InputError: A number is outside its range, or both `sd` and `pilot` are given.
        """
        named = {"--sd": self.sd, "--mde": self.effect, "--margin": self.margin, "--power": self.power}
        for name, value in named.items():
            if value is not None and not 0 < value < 1:
                raise InputError(f"{name} is {value:g}", expected="a number between 0 and 1")
        if self.sd is not None and self.pilot is not None:
            raise InputError("--sd and --pilot both say how much items vary", expected="one of them")


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a suite can find.

    Attributes:
        outlooks: A row a perturbation.
        basis: What the variances rest on, in words.
        notes: What else to keep in mind.
        alpha: Level of one test.
        confirmatory: Confirmatory effects, over protocols and mitigations.
        power: Chance of finding the effects.
        margin: Of equivalence.
        effect: The wanted effect.
        splits: None where the sd was declared, or nothing can be split.
    """

    outlooks: tuple[Outlook, ...]
    basis: str
    notes: tuple[str, ...]
    alpha: float
    confirmatory: int
    power: float
    margin: float
    effect: float | None
    splits: Splits | None


def comparisons(suite: Suite) -> Iterator[Comparison]:
    """What a suite asks, perturbation by perturbation."""
    spec = suite.spec
    settings = Settings.declared(spec.analysis.model_dump())
    for variant in suite.variants:
        is_position = variant.plugin.apply is None
        yield Comparison(
            perturbation=variant.name,
            arm="control" if is_position else variant.plugin.arm,
            confirmatory=variant.plugin.family == "invariance"
            and settings.is_confirmatory(variant.plugin.id, variant.name),
            items=_items_of(suite, variant),
            orders=_orders_of(suite, variant),
            targets=2 if variant.targets == "both" else 1,
            repeats=max(spec.repeats, MIN_CONTROL_REPEATS) if is_position else spec.repeats,
        )


def _orders_of(suite: Suite, variant: Variant) -> int:
    """The orders that an item's d is averaged over, under the protocol that asks the fewest of an item.

    Position takes two orders into one difference of pairs. Of a list, half the orders carry as much: each tells whether
    the first one was chosen, and a difference of a pair is two of those.
    """
    spec = suite.spec
    found = []
    for layout in {arm.protocol.layout for arm in protocol_arms(suite)}:
        shown = [item for item in suite.items if layout.fits(item)]
        if variant.plugin.apply is None:
            found += [len(layout.orders_of(spec, item)) // 2 for item in shown]
        else:
            found += [
                len(layout.orders_with(spec, item, target))
                for item in shown
                for target in targets_of(variant, item, spec.seed)[:1]
            ]
    return max(min(found, default=1), 1)


def _items_of(suite: Suite, variant: Variant) -> int:
    """The items that have the change, under the protocol that shows the fewest of them."""
    seed, changes = suite.spec.seed, variant.plugin.apply is not None
    asked = [item for item in suite.items if not changes or targets_of(variant, item, seed)]
    layouts = {arm.protocol.layout for arm in protocol_arms(suite)}
    return min(sum(layout.fits(item) for item in asked) for layout in layouts)


def confirmatory_effects(suite: Suite) -> int:
    """How many effects are decided together: each confirmatory one by every protocol and mitigation."""
    ways = len(protocol_arms(suite)) * len(suite.spec.mitigations)
    return ways * sum(c.confirmatory for c in comparisons(suite))


def usual(comparison: Comparison) -> Spread:
    """The variances to expect where nothing is known.

    Position is half a difference of two verdicts: a quarter of the variances. With both targets changed in turn the
    control cancels, and what is left is again half a difference of two verdicts; items differ as much as ever.
    """
    halved = 0.25 if comparison.targets == 2 or comparison.arm == "control" else 1.0
    of_items = 0.25 if comparison.arm == "control" else 1.0
    return Spread(USUAL_ITEM * of_items, USUAL_ORDER * halved, USUAL_REPEAT * halved, "defaults")


def rough_effect(suite: Suite) -> float:
    """The effect that a suite finds with 80 % power at alpha for every bias it decides, by the usual variances.

    sd (t[1 - alpha/2] + t[power]) / sqrt(n) with n - 1 degrees of freedom, which from 20 items on is within 1 % of
    the exact one in `forecast` and needs a tenth of the time to load; inf with fewer than two items.
    """
    from scipy.special import stdtrit

    def effect(c: Comparison) -> float:
        if c.items < 2:
            return math.inf
        critical = stdtrit(c.items - 1, 1 - suite.spec.analysis.alpha / 2) + stdtrit(c.items - 1, POWER)
        return float(usual(c).sd(c.orders, c.repeats) * critical / math.sqrt(c.items))

    asked = list(comparisons(suite))
    return max(map(effect, [c for c in asked if c.confirmatory] or asked))


def forecast(suite: Suite, plan: Plan, wanted: Wanted) -> Forecast:
    """What a suite can find, perturbation by perturbation.

    Raises:
        InputError: What is wanted is out of range, or the pilot is no run that tells of these perturbations.
    """
    wanted.check()
    asked = tuple(comparisons(suite))
    spreads, basis = _spreads(suite, asked, wanted)
    margin = suite.spec.analysis.margin if wanted.margin is None else wanted.margin
    outlooks = tuple(_outlook(suite, c, spreads[c.perturbation], wanted, margin) for c in asked)
    return Forecast(
        outlooks=outlooks,
        basis=basis,
        notes=tuple(_notes(suite)),
        alpha=suite.spec.analysis.alpha,
        confirmatory=confirmatory_effects(suite),
        power=wanted.power,
        margin=margin,
        effect=wanted.effect,
        splits=None if wanted.sd is not None else _splits(suite, plan, outlooks, wanted.power),
    )


def _spreads(suite: Suite, asked: Sequence[Comparison], wanted: Wanted) -> tuple[Mapping[str, Spread], str]:
    if wanted.pilot is not None:
        from judgebench.analysis.pilot import pilot_spreads

        return pilot_spreads(wanted.pilot, suite, asked)
    if wanted.sd is not None:
        declared = Spread(wanted.sd**2, 0.0, 0.0, "declared")
        return {
            c.perturbation: declared for c in asked
        }, f"the declared sd of an item's difference, {wanted.sd:g}"
    return {c.perturbation: usual(c) for c in asked}, (
        "variances measured on simulated judges; a pilot of your own judge (--pilot DIR) tells more"
    )


def _outlook(suite: Suite, c: Comparison, spread: Spread, wanted: Wanted, margin: float) -> Outlook:
    from judgebench.stats.power import items_for_effect, items_for_equivalence

    alpha, level, power = suite.spec.analysis.alpha, suite.spec.analysis.level, wanted.power
    each = alpha / max(confirmatory_effects(suite), 1)
    sd, effect = spread.sd(c.orders, c.repeats), wanted.effect

    def needed(at: float) -> int | None:
        return (
            None if effect is None else _number(lambda: items_for_effect(effect, sd, power=power, alpha=at))
        )

    return Outlook(
        comparison=c,
        spread=spread,
        sd=sd,
        effect=_detectable(sd, c.items, power, alpha),
        effect_holm=_detectable(sd, c.items, power, each) if c.confirmatory else None,
        items_for_effect=needed(alpha),
        items_for_effect_holm=needed(each) if c.confirmatory else None,
        items_for_equivalence=_number(lambda: items_for_equivalence(margin, sd, power=power, level=level)),
    )


def _detectable(sd: float, items: int, power: float, alpha: float) -> float | None:
    from judgebench.stats.power import minimum_detectable_effect

    if items < 2:
        return None
    effect = minimum_detectable_effect(sd, items, power=power, alpha=alpha)
    return effect if effect <= 1 else None


def _number(items: Callable[[], int]) -> int | None:
    try:
        return items()
    except ValueError:  # more than the billion items at which the search ends
        return None


def _splits(suite: Suite, plan: Plan, outlooks: Sequence[Outlook], power: float) -> Splits | None:
    """The suite's requests split otherwise, for the confirmatory comparison that finds least.

    A split's price is what this suite pays for an item, order and repeat, over all its perturbations.
    """
    from judgebench.stats.power import Allocation, possible_splits
    from judgebench.stats.variance_components import VarianceComponents

    # position takes both orders and two repeats whatever happens, so there is nothing to split
    known = [
        o
        for o in outlooks
        if o.effect is not None and o.comparison.confirmatory and o.comparison.arm != "control"
    ]
    if not known:
        return None
    worst = max(known, key=lambda o: o.effect or 0.0)
    c, s = worst.comparison, worst.spread
    cells = c.items * c.orders * c.repeats
    arms = max(1, round(plan.requests / cells))
    components = VarianceComponents(s.item, s.order, s.repeat, 0.0, c.items, cells, True, True)  # noqa: FBT003  # its fields
    # one order alone confounds the effect with position, so it is only for suites that have settled for it
    orders = (c.orders,) if suite.spec.orders == "both" else (1, 2)
    found = possible_splits(
        components, cells * arms, available_items=cells * arms, arms=arms, orders=orders, power=power,
        alpha=suite.spec.analysis.alpha,
    )  # fmt: skip
    own = Allocation(c.items, c.orders, c.repeats, cells * arms, worst.sd, worst.effect or math.inf)
    return Splits(c.perturbation, own, found[:SPLITS_SHOWN])


def _notes(suite: Suite) -> Iterator[str]:
    if suite.spec.analysis.cluster == "source":
        sources = len({item.source for item in suite.items})
        yield f"the suite speaks of sources in general, of which it has {sources}: expect to find less than this says"
    if len(protocol_arms(suite)) * len(suite.spec.mitigations) > 1:
        yield "the figures hold for each protocol and mitigation by itself"
