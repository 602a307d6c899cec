"""Which response of an item a variant changes."""

from __future__ import annotations

from typing import Final

from judgebench.items import Item, Side
from judgebench.perturb import draw_target
from judgebench.perturb.apply import applies
from judgebench.suite.options import Variant

_OTHER_SIDE: Final[dict[Side, Side]] = {"a": "b", "b": "a"}


def targets_of(variant: Variant, item: Item, seed: int) -> tuple[Side, ...]:
    """The sides that are changed in turn: those of the variant's choice that have what it would change.

    Where one of the two is drawn and has nothing to change, it is the other one.
    """
    if variant.plugin.apply is None:
        return ()
    sides = _chosen(variant, item, seed)
    fitting = tuple(side for side in sides if _applies(variant, item, side, seed))
    if variant.targets == "one" and not fitting:
        other = _OTHER_SIDE[sides[0]]
        return (other,) if _applies(variant, item, other, seed) else ()
    return fitting


def _applies(variant: Variant, item: Item, side: Side, seed: int) -> bool:
    return applies(variant.plugin, item, side, seed=seed, options=variant.options)


def _chosen(variant: Variant, item: Item, seed: int) -> tuple[Side, ...]:
    """The sides of the choice; none for an item without the gold that it needs."""
    if variant.targets == "one":
        return (draw_target(variant.plugin, seed, item),)
    if variant.targets == "both":
        return ("a", "b")
    if variant.targets == "a" or variant.targets == "b":  # noqa: PLR1714  # mypy narrows this form alone
        return (variant.targets,)
    if item.gold != "a" and item.gold != "b":  # noqa: PLR1714  # likewise
        return ()
    better, worse = item.gold, _OTHER_SIDE[item.gold]
    return (better,) if variant.targets == "better" else (worse,)
