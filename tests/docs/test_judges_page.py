"""The page on judges names every number of a simulated judge."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

from judgebench.judges.sim_model import FACTORS, PRESETS, Mind

PAGE = (Path(__file__).parents[2] / "docs" / "judges.md").read_text("utf-8")


def test_every_option_and_preset_of_a_simulated_judge_is_on_the_page() -> None:
    numbers = {field.name for field in fields(Mind)} - {"cues", *FACTORS}
    named = {
        *numbers,
        "seed",
        "latency",
        *(f"{kind}.NAME" for kind in FACTORS),
        *(f"sim/{name}" for name in PRESETS),
    }
    assert {name for name in named if f"`{name}`" not in PAGE} == set()
