"""Expansion: a suite into its trials, lazily, item by item, deterministic from the suite and its seed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain
from typing import Final

from judgebench.items import Item, Letter
from judgebench.perturb import Perturbed, Stimulus, perturb
from judgebench.perturb.apply import Arm, perturb_together, rewrite_job
from judgebench.perturb.rewriting import RewriteJob
from judgebench.suite.factorial import cell_name, cells_of, factors_of, targets_together
from judgebench.suite.layout import Layout, jointly
from judgebench.suite.load import Suite
from judgebench.suite.options import Variant, title_of
from judgebench.suite.restyling import STYLE_EQUALISED, restyled, restyling_jobs, shows_restyled
from judgebench.suite.targets import targets_of

NO_PERTURBATION: Final = "none"
MIN_CONTROL_REPEATS: Final = 2
"""Controls are asked at least twice: how often a repeated question flips is the floor of all flip rates."""

Layouts = Mapping[str, Layout]


@dataclass(frozen=True, slots=True)
class Trial:
    """One question to the judge.

    Attributes:
        ordinal: Its place in the expansion, from 0.
        item: The item as it is shown but for the change.
        stimulus: What is shown, in the item's frame.
        perturbation: The variant's name, `none` for controls.
        arm: control, treatment, placebo or positive_control.
        target: The response that is changed or spoken of; None for controls.
        order: The letters of the responses that are shown, first the first.
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
    target: Letter | None
    order: str
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
    target: Letter | None
    repeat: int
    record: str = ""


def trials(suite: Suite, layouts: Layouts | None = None) -> Iterator[Trial]:
    """All trials of a suite, item by item and controls first: prompts that begin alike come together.

    Args:
        suite: The suite.
        layouts: What each protocol shows, by the names of the column `protocol`; those that the suite names, each
            showing pairs, where None.
    """
    ordinal = 0
    for item in suite.items:
        shared: dict[bool, tuple[Item, list[_Cell]]] = {}
        for protocol, layout in (layouts or _pairs(suite)).items():
            if not layout.fits(item):
                continue
            joint = layout.shows == "joint"
            if joint not in shared:
                shared[joint] = _joint_cells(suite, item) if joint else (item, list(_cells(suite, item)))
            shown, cells = shared[joint]
            for mitigation in map(title_of, suite.spec.mitigations):
                for cell, order in _shown(suite, layout, shown, cells):
                    yield Trial(
                        ordinal,
                        shown,
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


def count_trials(suite: Suite, layouts: Layouts | None = None) -> int:
    """How many trials a suite has, without rendering any."""
    shown = [
        (item, layout)
        for layout in (layouts or _pairs(suite)).values()
        for item in suite.items
        if layout.fits(item) and (layout.shows != "joint" or jointly(item, suite.items, suite.spec.seed))
    ]
    return len(suite.spec.mitigations) * sum(_count(suite, layout, item) for item, layout in shown)


def _count(suite: Suite, layout: Layout, item: Item) -> int:
    spec = suite.spec
    control = max(spec.repeats, MIN_CONTROL_REPEATS) * len(layout.orders_of(spec, item))
    restyled_once = len(layout.orders_of(spec, item)) if shows_restyled(spec, layout, item) else 0
    changed = _together(suite, layout, item) + _alone(suite, layout, item) + restyled_once
    return control + spec.repeats * changed


def _together(suite: Suite, layout: Layout, item: Item) -> int:
    """Trials of one repeat that show several changes at once."""
    spec = suite.spec.factorial
    if spec is None:
        return 0
    targets = targets_together(spec, factors_of(spec, suite.variants), item, suite.spec.seed)
    return len(list(cells_of(spec))) * sum(len(layout.orders_with(suite.spec, item, t)) for t in targets)


def _alone(suite: Suite, layout: Layout, item: Item) -> int:
    """Trials of one repeat that show one change."""
    spec = suite.spec
    return sum(
        len(_arms(variant)) * len(layout.orders_with(spec, item, target))
        for variant in suite.variants
        for target in targets_of(variant, item, suite.spec.seed)
    )


def _pairs(suite: Suite) -> Layouts:
    return dict.fromkeys(_names(suite.spec.protocols), Layout())


def _names(named: list[dict[str, dict[str, object]]]) -> list[str]:
    return [next(iter(entry)) for entry in named]


def _shown(suite: Suite, layout: Layout, item: Item, cells: list[_Cell]) -> Iterator[tuple[_Cell, str]]:
    """Every cell in each of its orders, order by order."""
    for order in layout.orders_of(suite.spec, item):
        for cell in cells:
            if cell.perturbation == STYLE_EQUALISED:
                shows = shows_restyled(suite.spec, layout, item)
            else:
                shows = cell.target is None or order in layout.orders_with(suite.spec, item, cell.target)
            if shows:
                yield cell, order


def _joint_cells(suite: Suite, item: Item) -> tuple[Item, list[_Cell]]:
    """The item beside another one's response, and its cells; none where it is the only pair."""
    found = jointly(item, suite.items, suite.spec.seed)
    if found is None:
        return item, []
    both, prompt_b = found
    cells = _cells(suite, both)
    return both, [replace(c, stimulus=replace(c.stimulus, prompt_b=prompt_b)) for c in cells]


def _cells(suite: Suite, item: Item) -> Iterator[_Cell]:
    plain = Stimulus.of(item)
    for repeat in range(max(suite.spec.repeats, MIN_CONTROL_REPEATS)):
        yield _Cell(plain, NO_PERTURBATION, "control", None, repeat)
    for variant in suite.variants:
        for target in targets_of(variant, item, suite.spec.seed):
            for arm in _arms(variant):
                for repeat in range(suite.spec.repeats):
                    done = _perturbed(suite, variant, item, target, arm, repeat)
                    yield _Cell(done.stimulus, variant.name, arm, target, repeat, done.record())

    yield from _factorial_cells(suite, item)
    if jobs := restyling_jobs(suite.spec, item):
        done = restyled(item, jobs, suite.rewritten)
        for repeat in range(suite.spec.repeats):
            yield _Cell(done.stimulus, STYLE_EQUALISED, "treatment", "a", repeat, done.record())


def _factorial_cells(suite: Suite, item: Item) -> Iterator[_Cell]:
    """The item with each combination of the factors, if the suite has any."""
    spec, seed = suite.spec.factorial, suite.spec.seed
    if spec is None:
        return
    by_name = {variant.name: variant for variant in suite.variants}
    for target in targets_together(spec, factors_of(spec, suite.variants), item, seed):
        for names in cells_of(spec):
            parts = [(by_name[name].plugin, by_name[name].options) for name in names]
            for repeat in range(suite.spec.repeats):
                done = perturb_together(parts, item, target, seed=seed, replicate=repeat)
                yield _Cell(done.stimulus, cell_name(names), "treatment", target, repeat, done.record())


def _perturbed(
    suite: Suite, variant: Variant, item: Item, target: Letter, arm: Arm, repeat: int
) -> Perturbed:
    job = _rewrite_job(suite, variant, item, target, repeat)
    return perturb(
        variant.plugin,
        item,
        target,
        arm,
        seed=suite.spec.seed,
        replicate=repeat,
        options=variant.options,
        rewritten=None if job is None else suite.rewritten.get(job),
    )


def rewrite_jobs(suite: Suite) -> Iterator[RewriteJob]:
    """What a model has to rewrite before the trials can be asked, each once."""
    jobs = (
        _rewrite_job(suite, variant, item, target, repeat)
        for variant in suite.variants
        if variant.plugin.rewrite_by is not None
        for item in suite.items
        for target in targets_of(variant, item, suite.spec.seed)
        for repeat in range(suite.spec.repeats)
    )
    both = (job for item in suite.items for job in restyling_jobs(suite.spec, item))
    yield from dict.fromkeys(job for job in chain(jobs, both) if job is not None)


def _rewrite_job(
    suite: Suite, variant: Variant, item: Item, target: Letter, repeat: int
) -> RewriteJob | None:
    return rewrite_job(
        variant.plugin, item, target, seed=suite.spec.seed, replicate=repeat, options=variant.options
    )


def _arms(variant: Variant) -> tuple[Arm, ...]:
    if variant.plugin.apply is None:
        return ()
    return (variant.plugin.arm, "placebo") if variant.placebo else (variant.plugin.arm,)
