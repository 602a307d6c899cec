"""What missing verdicts could do to what a mitigation removes."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest

N = 12
GAPS = ((0, "none", "ab"), (0, "m", "ba"), (3, "m", "ab"))
"""Item, mitigation and order of the verdicts that are missing: one item lacks one in both, another in one."""


def rows(filled: tuple[str, ...] | None) -> list[dict[str, Any]]:
    """A judge that prefers the first shown, less so under the mitigation; the gaps filled in or not."""
    rng = np.random.default_rng(5)
    found = []
    for number in range(N):
        for mitigation, order in product(("none", "m"), ("ab", "ba")):
            first = rng.random() < (0.8 if mitigation == "none" else 0.6)
            verdict = order[0] if first else order[1]
            if (gap := (number, mitigation, order)) in GAPS:
                verdict = "invalid" if filled is None else filled[GAPS.index(gap)]
            found.append(
                {
                    "item_id": f"i{number}",
                    "mitigation": mitigation,
                    "order": order,
                    "verdict": verdict,
                    "gold": "a",
                }
            )
    return found


def estimate(found: Any, find: Any, estimand: str) -> Any:
    return find(
        found, estimand, mitigation="m", bias="position" if estimand == "bias_removed" else "agreement"
    )


@pytest.mark.parametrize("estimand", ["bias_removed", "accuracy_change"])
def test_the_bounds_hold_the_interval_of_whatever_the_missing_verdicts_are(
    estimand: str, analysed: Any, find: Any
) -> None:
    seen = estimate(analysed(rows(None)), find, estimand)
    assert seen["n_missing"] == 2
    assert seen["bound_low"] < seen["estimate"] < seen["bound_high"]
    whole = [
        estimate(analysed(rows(filled)), find, estimand)
        for filled in product(("a", "b", "tie"), repeat=len(GAPS))
    ]
    assert all(seen["bound_low"] <= each["estimate"] <= seen["bound_high"] for each in whole)
    least, most = (pick(whole, key=lambda each: each["estimate"]) for pick in (min, max))
    # one-sided where the range is wide against the error: a little inside the two-sided limits of the extremes
    assert least["conf_low"] <= seen["bound_low"] < least["estimate"]
    assert most["estimate"] < seen["bound_high"] <= most["conf_high"]


def test_with_nothing_missing_the_bounds_are_the_interval(analysed: Any, find: Any) -> None:
    whole = estimate(analysed(rows(("a", "b", "a"))), find, "bias_removed")
    assert whole["n_missing"] == 0
    assert (whole["bound_low"], whole["bound_high"]) == (whole["conf_low"], whole["conf_high"])
