from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

PAGES = Path(__file__).parents[2] / "benchmarks"

Script = Callable[[str], SimpleNamespace]


def test_a_table_is_markdown(script: Script) -> None:
    assert script("markdown_page").table(("a", "b"), [("1", "2")]) == "| a | b |\n| --- | --- |\n| 1 | 2 |"


@pytest.mark.parametrize("name", ["circles", "coverage", "page", "planted", "stats"])
def test_every_page_says_how_and_on_what_it_was_made(name: str) -> None:
    page = (PAGES / f"{name}.md").read_text(encoding="utf-8")
    assert f"python benchmarks/{name}.py" in page
    assert re.search(r"\d+ cores; Python \d", page)
    assert re.search(r"numpy [\d.]+, scipy [\d.]+", page)


def test_noise_is_called_a_circle_no_more_often_than_it_may_be_and_circles_are_found() -> None:
    page = (PAGES / "circles.md").read_text(encoding="utf-8")
    assert page.count("Met.") == 2
    assert "Not met." not in page


@pytest.mark.slow
def test_a_small_edition_of_the_circles_tells_noise_from_a_judge_that_goes_round(script: Script) -> None:
    circles = script("circles")
    noisy, *_, round_about = circles.DESIGNS
    assert circles.measure(noisy, 20, 1).calibrated
    assert circles.measure(round_about, 5, 1).apart.mean() > 0.5


def test_the_default_logit_is_no_slower_than_statsmodels() -> None:
    page = (PAGES / "stats.md").read_text(encoding="utf-8")
    (line,) = (line for line in page.splitlines() if "the default" in line)
    assert float(line.split("|")[4]) <= 1


def test_the_null_judge_is_called_biased_no_more_often_than_alpha() -> None:
    page = (PAGES / "planted.md").read_text(encoding="utf-8")
    low = re.search(r"biased: [\d.]+% \[([\d.]+)%", page)
    assert low is not None
    assert float(low[1]) <= 5
