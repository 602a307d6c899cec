"""The built-in item bank: original items whose gold is verified by the package's own tests."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from importlib.resources import as_file, files
from typing import Final, Literal

from judgebench.items.files import read_item_file
from judgebench.items.model import Item

BankSet = Literal["pairs", "ties", "choice"]

_FOLDERS: Final[Mapping[BankSet, str]] = {"pairs": ".", "ties": "ties", "choice": "choice"}


def read_bank(name: BankSet = "pairs") -> list[Item]:
    """All items of a set of the bank, in the order of their ids, so that categories stand together.

    Args:
        name: `pairs`, of which one response is better; `ties`, two equally good responses; or `choice`, questions with
            four options.
    """
    with as_file(files("judgebench.items") / "bank" / _FOLDERS[name]) as folder:
        items = [item for path in sorted(folder.glob("*.jsonl")) for item in read_item_file(path)]
    return sorted(items, key=lambda item: item.id)


def read_defects() -> Mapping[str, str]:
    """What is wrong with the worse response of each pair, by the pair's id."""
    text = (files("judgebench.items") / "bank" / "defects.csv").read_text(encoding="utf-8")
    return {row["id"]: row["defect"] for row in csv.DictReader(text.splitlines())}
