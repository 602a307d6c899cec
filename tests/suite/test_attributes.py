"""Randomised attributes: what is drawn, shown and kept, and what is told of wrong declarations."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from judgebench.errors import InputError
from judgebench.suite import Suite, load_suite

HEAD = "suite: s\nseed: 4\nprotocols: [choice]\nperturbations: [position]\n"
ITEMS = "items: [{source: bank, set: choice}]\n"
PRICE = 'price: {levels: [9.5, 12, 15], text: "Price: {value} dollars"}'
BADGE = 'badge: {levels: [false, true], text: ["", "Overall pick"]}'


def made(folder: Path, attributes: str, items: str = ITEMS) -> Suite:
    path = folder / "s.yaml"
    path.write_text(f"{HEAD}{items}attributes: {attributes}\n")
    return load_suite(path)


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Suite:
    return made(tmp_path_factory.mktemp("attributes"), f"{{{PRICE}, {BADGE}}}")


def test_every_response_says_its_own_levels_and_keeps_them(suite: Suite) -> None:
    for item in suite.items:
        known = {letter: dict(own) for letter, own in item.attributes or ()}
        assert tuple(known) == item.letters
        for letter in item.letters:
            lines = item.response(letter).split("\n\n")[-1].splitlines()
            price = f"Price: {known[letter]['price']} dollars"
            assert lines == ([price, "Overall pick"] if known[letter]["badge"] else [price])


def test_levels_are_as_frequent_and_tell_nothing_of_gold_place_or_each_other(suite: Suite) -> None:
    drawn = [
        (letter == item.gold, letter, dict(own)["price"], dict(own)["badge"])
        for item in suite.items
        for letter, own in item.attributes or ()
    ]
    for share, of in ((1 / 3, 2), (1 / 2, 3)):
        for other in {0, 1, 2, 3} - {of}:
            cells = Counter((row[other], row[of]) for row in drawn)
            sizes = Counter(row[other] for row in drawn)
            for (group, _), count in cells.items():
                assert abs(count / sizes[group] - share) < 4 * (share * (1 - share) / sizes[group]) ** 0.5


def test_the_seed_decides_and_the_hash_knows(suite: Suite, tmp_path: Path) -> None:
    assert made(tmp_path, f"{{{BADGE}, {PRICE}}}").items[0].attributes == suite.items[0].attributes
    other = load_suite(tmp_path / "s.yaml", seed=5)
    assert [item.attributes for item in other.items] != [item.attributes for item in suite.items]
    assert other.hash != suite.hash


@pytest.mark.parametrize(
    ("attributes", "items", "told"),
    [
        ("{}", ITEMS, "attributes"),
        ('{price: {levels: [1], text: "{value}"}}', ITEMS, "levels"),
        ('{price: {levels: [1, 1.0], text: "{value}"}}', ITEMS, "one twice"),
        ('{price: {levels: [1, dear], text: "{value}"}}', ITEMS, "several kinds"),
        ('{price: {levels: [1, true], text: "{value}"}}', ITEMS, "several kinds"),
        ('{price: {levels: [1, 2], text: "cheap"}}', ITEMS, "without {value}"),
        ("{price: {levels: [1, 2], text: [cheap]}}", ITEMS, "1 texts for 2 levels"),
        ('{a price: {levels: [1, 2], text: "{value}"}}', ITEMS, "cannot name an attribute"),
        (
            '{price: {levels: [1, 2], text: "{value}"}}',
            "items: [{source: bank, limit: 3}]\n",
            "three responses",
        ),
        ('{price: {levels: [1, 2], text: "{value}", level: 3}}', ITEMS, "level"),
    ],
)
def test_a_declaration_that_makes_no_sense_is_told_with_its_place(
    attributes: str, items: str, told: str, tmp_path: Path
) -> None:
    with pytest.raises(InputError) as caught:
        made(tmp_path, attributes, items)
    assert told in str(caught.value)
    assert caught.value.line is not None


def test_an_attribute_that_an_item_has_already_is_not_drawn_again(tmp_path: Path) -> None:
    item = (
        '{"id": "1", "prompt": "p", "response_a": "x", "response_b": "y", "response_c": "z", '
        '"attributes": {"a": {"price": 3.5}}}'
    )
    (tmp_path / "items.jsonl").write_text(item)
    with pytest.raises(InputError, match="has an attribute 'price' already"):
        made(tmp_path, f"{{{PRICE}}}", "items: [{source: file, path: items.jsonl}]\n")
    kept = made(tmp_path, f"{{{BADGE}}}", "items: [{source: file, path: items.jsonl}]\n").items[0]
    assert dict(dict(kept.attributes or ())["a"])["price"] == 3.5
