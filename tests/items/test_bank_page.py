"""The pages on items say what the code holds: counts of the bank, sources, licences."""

import re
from collections import Counter
from pathlib import Path

import pytest

from judgebench.items import sources
from judgebench.items.bank import BankSet, read_bank
from judgebench.items.remote import SETS

SETS_OF_BANK: tuple[BankSet, ...] = ("pairs", "ties", "choice")


def rows_of(page: str, header: str) -> list[list[str]]:
    """The cells of the table with that header."""
    table = page[page.index(header) :].split("\n\n", maxsplit=1)[0]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]


@pytest.fixture
def bank_page(root: Path) -> str:
    return (root / "docs" / "bank.md").read_text("utf-8")


@pytest.fixture
def items_page(root: Path) -> str:
    return (root / "docs" / "items.md").read_text("utf-8")


def test_the_page_counts_the_items_of_each_set(bank_page: str) -> None:
    rows = rows_of(bank_page, "| set | in a suite")
    assert [(name, int(count), int(responses)) for name, _, count, responses, _ in rows] == [
        (name, len(read_bank(name)), len(read_bank(name)[0].responses)) for name in SETS_OF_BANK
    ]


def test_the_page_counts_the_items_of_each_category(bank_page: str) -> None:
    counts = [Counter(item.category for item in read_bank(name)) for name in SETS_OF_BANK]
    told = {row[0]: [int(cell) for cell in row[1:]] for row in rows_of(bank_page, "| category | pairs")}
    assert told == {
        str(c): [found[c] for found in counts] for c in sorted({str(c) for f in counts for c in f})
    }


def test_the_page_names_every_public_source_with_its_licence(items_page: str) -> None:
    told = {row[0].strip("`"): row[-1] for row in rows_of(items_page, "| source | items |")}
    assert told == {name: remote.licence for name, remote in SETS.items()}
    assert set(sources.names()) <= set(re.findall(r"(?:source: |`)(\w+)", items_page))


def test_the_page_tells_truly_whose_hashes_are_known(items_page: str) -> None:
    known = {name for name, remote in SETS.items() if remote.files and remote.pinned}
    assert known == {"llmbar", "evalbiasbench", "judgebench", "pandalm"}
    assert "LLMBar, EvalBiasBench, JudgeBench and PandaLM the sha256 of every file is in the package" in (
        items_page.replace("\n", " ")
    )
