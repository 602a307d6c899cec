"""Which response of an item a variant changes."""

from __future__ import annotations

from judgebench.items import Item, Letter
from judgebench.perturb import draw_target
from judgebench.perturb.apply import applies
from judgebench.suite.options import Variant


def targets_of(variant: Variant, item: Item, seed: int) -> tuple[Letter, ...]:
    """The responses that are changed in turn: those of the variant's choice that have what it would change.

    Where one is drawn and has nothing to change, it is the next one that has. Of a list `both` takes two: the best by
    gold and one of the others, or any two where gold is unknown.
    """
    if variant.plugin.apply is None:
        return ()
    if variant.targets == "one":
        drawn = draw_target(variant.plugin, seed, item)
        return next(((letter,) for letter in _from(item, drawn) if _applies(variant, item, letter, seed)), ())
    chosen = _chosen(variant, item, seed)
    return tuple(letter for letter in chosen if _applies(variant, item, letter, seed))


def _applies(variant: Variant, item: Item, letter: Letter, seed: int) -> bool:
    return applies(variant.plugin, item, letter, seed=seed, options=variant.options)


def _chosen(variant: Variant, item: Item, seed: int) -> tuple[Letter, ...]:
    """The responses of the choice; none for an item without the gold that it needs."""
    if variant.targets == "a" or variant.targets == "b":  # noqa: PLR1714  # mypy narrows this form alone
        return (variant.targets,)
    drawn = draw_target(variant.plugin, seed, item)
    best = None if item.gold == "tie" else item.gold
    if variant.targets == "both":
        first = best or drawn
        return ("a", "b") if len(item.responses) == 2 else (first, _another(item, first, drawn))
    if best is None:
        return ()
    return (best,) if variant.targets == "better" else (_another(item, best, drawn),)


def _another(item: Item, one: Letter, drawn: Letter) -> Letter:
    """A response other than `one`: the drawn one, or else the next."""
    return next(letter for letter in _from(item, drawn) if letter != one)


def _from(item: Item, letter: Letter) -> tuple[Letter, ...]:
    """The letters of the item from one on, and then those before it."""
    at = item.letters.index(letter)
    return (*item.letters[at:], *item.letters[:at])
