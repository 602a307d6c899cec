"""Factorial suites: several perturbations on one response at once, in every combination or in half of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Final

from judgebench.errors import nearest
from judgebench.items import Item, Letter
from judgebench.perturb.apply import applies, draw_letter, rewrite_job
from judgebench.suite.options import Variant
from judgebench.suite.schema import FactorialSpec, SuiteSpec
from judgebench.suite.strict_yaml import Document, KeyPath

PREFIX: Final = "factorial/"
"""What the column `perturbation` begins with where several are shown at once."""
MOST: Final[Mapping[str, int]] = {"full": 6, "fractional": 8}
FEWEST: Final[Mapping[str, int]] = {"full": 2, "fractional": 4}
"""Half of three factors would mix each main effect with an interaction."""

_JOIN: Final = "+"


def cell_name(factors: Sequence[str]) -> str:
    """The value of the column `perturbation` where these factors are shown."""
    return PREFIX + _JOIN.join(factors)


def factors_in(name: str) -> tuple[str, ...]:
    """The factors that a value of the column `perturbation` names; empty for anything else."""
    return tuple(name.removeprefix(PREFIX).split(_JOIN)) if name.startswith(PREFIX) else ()


def cells_of(spec: FactorialSpec) -> Iterator[tuple[str, ...]]:
    """The combinations that are shown beside the item as it is, the smaller ones first.

    A fractional design takes those of an even number of factors: the half fraction whose defining relation is the
    product of all of them (Box and Hunter 1961, Technometrics 3), so that each effect is mixed with the one of all the
    other factors: main effects with an interaction of k - 1, those of two with one of k - 2.
    """
    for size in range(1, len(spec.factors) + 1):
        if spec.design == "full" or size % 2 == 0:
            yield from combinations(spec.factors, size)


def targets_together(
    spec: FactorialSpec, variants: Sequence[Variant], item: Item, seed: int
) -> tuple[Letter, ...]:
    """The responses that bear the factors in turn: those that have what every one of them would change."""
    drawn = draw_letter("factorial", seed, item)
    at = item.letters.index(drawn)
    able = [
        letter
        for letter in (*item.letters[at:], *item.letters[:at])
        if _all_apply(variants, item, letter, seed)
    ]
    if spec.targets == "one":
        return tuple(able[:1])
    best = [letter for letter in able if letter == item.gold]  # of a list, the best and one of the others
    return tuple(sorted([*best, *(letter for letter in able if letter not in best)][:2]))


def _all_apply(variants: Sequence[Variant], item: Item, letter: Letter, seed: int) -> bool:
    return all(applies(v.plugin, item, letter, seed=seed, options=v.options) for v in variants)


def factors_of(spec: FactorialSpec, variants: Sequence[Variant]) -> tuple[Variant, ...]:
    """The variants that the factors name."""
    by_name = {variant.name: variant for variant in variants}
    return tuple(by_name[name] for name in spec.factors)


def check_factorial(
    spec: SuiteSpec, variants: Sequence[Variant], items: Sequence[Item], document: Document
) -> None:
    """Check that the factors of a suite, if it has any, can be shown together.

    Raises:
        InputError: There are too few or too many, one is no perturbation of the suite or cannot be combined, two write
            notes in different places, or no item has what all of them would change.
    """
    if spec.factorial is None:
        return
    count, design = len(spec.factorial.factors), spec.factorial.design
    if not FEWEST[design] <= count <= MOST[design]:
        raise document.error(
            ("factorial", "factors"),
            f"a {design} design of {count} factors",
            expected=f"{FEWEST[design]} to {MOST[design]} of them",
        )
    for index, name in enumerate(spec.factorial.factors):
        _check_factor(spec.factorial.factors[:index], name, variants, items[0], document, index)
    chosen = factors_of(spec.factorial, variants)
    _check_places(chosen, document)
    if not any(targets_together(spec.factorial, chosen, item, spec.seed) for item in items):
        raise document.error(("factorial", "factors"), "no item has what all of them would change")


def _check_factor(
    earlier: Sequence[str], name: str, variants: Sequence[Variant], item: Item, document: Document, index: int
) -> None:
    place: KeyPath = ("factorial", "factors", index)
    known = {variant.name: variant for variant in variants if _can_be_combined(variant, item)}
    ids = [other.partition("@")[0] for other in earlier]
    if name in known and name.partition("@")[0] not in ids:
        return
    fault = f"unknown perturbation {name!r}"
    if name in {variant.name for variant in variants}:
        fault = f"{name!r} cannot be shown together with others"
    if name.partition("@")[0] in ids:
        fault = f"{name.partition('@')[0]!r} comes twice among the factors"
    raise document.error(
        place,
        fault,
        expected=f"each once of {', '.join(known) or 'the perturbations that add something to a response'}",
        suggestion=None if name in known else nearest(name, list(known)),
    )


def _can_be_combined(variant: Variant, item: Item) -> bool:
    """Whether it adds something of its own: not the order, nor a response that takes the place of the other."""
    plugin = variant.plugin
    if (
        plugin.apply is None
        or plugin.arm != "treatment"
        or plugin.id == "identical_pair"
        or _JOIN in variant.name
    ):
        return False
    return rewrite_job(plugin, item, "a", seed=0, replicate=0, options=variant.options) is None


def _check_places(variants: Sequence[Variant], document: Document) -> None:
    """Notes stand in one place, and labels are changed by one factor alone."""
    notes: dict[str, str] = {}
    for index, variant in enumerate(variants):
        place = variant.plugin.place_with(variant.plugin.settled(variant.options))
        if place in {"response", "prompt"}:
            continue
        kind = "label" if place == "label" else "note"
        clash = next((other for other, name in notes.items() if _clash(place, name, kind)), None)
        if clash is not None:
            raise document.error(
                ("factorial", "factors", index),
                f"{variant.name!r} and {clash!r} cannot both stand in one prompt",
                expected="notes in one place (`where`), and one change of labels at most",
            )
        notes[variant.name] = place


def _clash(place: str, earlier: str, kind: str) -> bool:
    if kind == "label":
        return earlier == "label"
    return earlier not in {"label", place}
