"""The page of the catalogue is the registry's, and so are the headers of the shipped suites."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest

from judgebench.perturb import perturbations

DOCS = Path(__file__).parents[2] / "docs"
SUITES = DOCS.parent / "suites"
MADE_AS_STATED = "run python docs/{}.py"


def test_the_page_is_what_the_registry_says_now() -> None:
    made = runpy.run_path(str(DOCS / "make_catalogue.py"))["page"]()
    assert (DOCS / "catalogue.md").read_text("utf-8") == made, MADE_AS_STATED.format("make_catalogue")


def test_calm_s_twelve_are_all_accounted_for() -> None:
    page = (DOCS / "catalogue.md").read_text("utf-8")
    table = page.partition("## CALM's twelve")[2].partition("## ")[0]
    rows = [line.split("|")[2].strip() for line in table.splitlines() if line.startswith("|")][2:]
    assert len(rows) == 12
    named = [name for row in rows for name in re.findall(r"^`(\w+)`$", row)]
    assert len(named) == 10
    assert all(name in perturbations for name in named)


def names_of_suites() -> list[str]:
    return [path.name for path in runpy.run_path(str(DOCS / "suite_headers.py"))["shipped"]()]


@pytest.mark.slow
@pytest.mark.parametrize("name", names_of_suites())
def test_the_header_of_a_suite_says_what_its_plan_says(name: str) -> None:
    path = SUITES / name
    made = runpy.run_path(str(DOCS / "suite_headers.py"))["with_header"](path)
    assert path.read_text("utf-8") == made, MADE_AS_STATED.format("suite_headers")


@pytest.mark.parametrize("name", names_of_suites())
def test_the_header_of_a_suite_says_what_it_measures_costs_and_finds(name: str) -> None:
    text = (SUITES / name).read_text("utf-8")
    head = [line for line in text.splitlines() if line.startswith("#")]
    assert [line.split()[1] for line in head if re.match(r"# [A-Z]\w+:", line)] == [
        "Measures:",
        "Costs:",
        "Finds:",
    ]
    assert re.search(r"^# Costs: +[\d ]+ items, [\d ]+ trials; [\d ]+ requests", text, re.MULTILINE)
    assert re.search(r"^# Finds: +effects of \d+ points", text, re.MULTILINE)
