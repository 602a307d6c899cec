"""Round robins by hand: the pairs of a list, with a change of one response, as pairs like any other."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from judgebench.analysis import truths

BEST = "cab"
"""The judge's own order; it takes what bears the cue before all others."""


def rows(wins: Any) -> list[dict[str, Any]]:
    """Two items of three responses, compared in both orders; with the cue on a, only the pairs that show a."""
    found: list[dict[str, Any]] = []
    for item in ("i", "j"):
        for order in map("".join, permutations("abc", 2)):
            shown = {"item_id": item, "order": order, "gold": "c", "protocol": "round_robin"}
            found.append(shown | wins(order, None))
            if "a" in order:
                cue = {"perturbation": "authority", "arm": "treatment", "target": "a"}
                found.append(shown | cue | wins(order, "a"))
    return found


def verdict(order: str, target: str | None) -> dict[str, Any]:
    return {"verdict": target or min(order, key=BEST.index)}


def shares(order: str, target: str | None) -> dict[str, Any]:
    likely = 0.9 if target else 0.6
    winner = verdict(order, target)["verdict"]
    return {
        "verdict": None,
        "p_tie": 0.1,
        **{f"p_{x}": likely if x == winner else 0.9 - likely for x in order},
    }


def test_a_change_under_a_round_robin_is_measured_on_the_pairs_that_show_it(analysed: Any, find: Any) -> None:
    found = analysed(rows(verdict))
    cue = find(found, "target_preference", bias="authority")
    assert (
        cue["estimate"] == 0.5
    )  # it wins the pair with c, which it lost, and that with b, which it won anyway
    assert (cue["n_items"], cue["n_clusters"]) == (4, 2)
    assert cue["decision"] == "inconclusive"
    assert find(found, "first_preference", bias="position")["estimate"] == 0
    assert find(found, "accuracy", bias="agreement")["n_judgments"] == 8


def test_the_truth_of_a_round_robin_is_that_of_its_pairs(table: Any, find: Any) -> None:
    judgments = table(rows(shares))
    judgments["p_c"] = [row.get("p_c") for row in rows(shares)]
    cue = find(truths(judgments), "target_preference", bias="authority")
    assert cue["truth"] == pytest.approx(((0.95 - 0.35) + (0.95 - 0.65)) / 2)
