"""Randomised attributes: what is said beside each response of a list, drawn for each response of each item."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from judgebench.items import Item
from judgebench.items.model import AttributeValue, Letter, attributes_of
from judgebench.suite.schema import AttributeSpec, SuiteSpec
from judgebench.suite.strict_yaml import Document

VALUE: Final = "{value}"


def with_attributes(items: Sequence[Item], spec: SuiteSpec, document: Document) -> list[Item]:
    """The items with the attributes that a suite declares, said below each response, and on record.

    Every response of every item has a level of each attribute, drawn by the seed by itself, so that neither gold nor
    place nor another attribute tells which (Allouah et al. 2025, arXiv:2508.02630, randomise price and badges so).

    Raises:
        InputError: A declaration makes no sense, an item has such an attribute already, or no item is a list.
    """
    declared = spec.attributes or {}
    for name, attribute in declared.items():
        _check(name, attribute, document)
    if not declared:
        return list(items)
    if all(len(item.responses) < 3 for item in items):
        raise document.error(
            ("attributes",), "no item has three responses or more", expected="lists of responses"
        )
    return [_drawn(item, declared, spec.seed, document) for item in items]


def _check(name: str, attribute: AttributeSpec, document: Document) -> None:
    place = ("attributes", name)
    levels, said = attribute.levels, attribute.text
    if not name.replace("-", "_").isidentifier():
        raise document.error(
            place, f"{name!r} cannot name an attribute", expected="letters, digits, '_' and '-'"
        )
    if len({_kind(level) for level in levels}) > 1 or len(set(levels)) < len(levels):
        raise document.error(
            (*place, "levels"),
            "levels of several kinds, or one twice",
            expected="each level once, all numbers, all words, or true and false",
        )
    if isinstance(said, list) and len(said) != len(levels):
        raise document.error(
            (*place, "text"),
            f"{len(said)} texts for {len(levels)} levels",
            expected="a text for each level, in their order; an empty one says nothing",
        )
    if isinstance(said, str) and VALUE not in said:
        raise document.error(
            (*place, "text"),
            f"a text without {VALUE}",
            expected=f"a text in which {VALUE} stands for the level, or a list of texts",
        )


def _kind(level: AttributeValue) -> type:
    return float if isinstance(level, int | float) and not isinstance(level, bool) else type(level)


def _drawn(item: Item, declared: Mapping[str, AttributeSpec], seed: int, document: Document) -> Item:
    known = {letter: dict(own) for letter, own in item.attributes or ()}
    twice = sorted(set(declared) & {name for own in known.values() for name in own})
    if twice:
        raise document.error(
            ("attributes", twice[0]),
            f"the item {item.id!r} has an attribute {twice[0]!r} already",
            expected="another name",
        )
    shown: dict[str, str] = {}
    for letter in item.letters:
        drawn = {name: _draw(name, attribute, item, letter, seed) for name, attribute in declared.items()}
        said = [declared[name].said(place) for name, place in drawn.items()]
        shown[f"response_{letter}"] = "\n\n".join(
            part for part in (item.response(letter), "\n".join(filter(None, said))) if part
        )
        levels = {name: declared[name].levels[place] for name, place in drawn.items()}
        known[letter] = {**known.get(letter, {}), **levels}
    return replace(item, **shown, attributes=attributes_of(known))  # type: ignore[arg-type]  # texts, by their keys


def _draw(name: str, attribute: AttributeSpec, item: Item, letter: Letter, seed: int) -> int:
    """The place of the level, by a random stream of its own."""
    stream = f"{seed}\x1fattribute\x1f{name}\x1f{item.id}\x1f{letter}".encode("utf-8", "surrogatepass")
    drawn = random.Random(hashlib.sha256(stream).digest())  # noqa: S311  # a design, not a secret
    return drawn.randrange(len(attribute.levels))
