from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from judgebench.analysis import Settings
from judgebench.analysis.gate import gate_rows
from judgebench.errors import InputError


@pytest.fixture
def found(analysed: Any, control: Any) -> Any:
    rows = [row for k in range(60) for row in control(f"i{k}", "a", "b" if k < 12 else "a")]
    return analysed(rows, margin=0.05)


@pytest.mark.parametrize(
    ("max_bias", "decision"), [(None, "biased"), (0.05, "biased"), (0.15, "biased"), (0.25, "equivalent")]
)
def test_the_gate_decides_again_against_its_own_margin(
    found: Any, max_bias: float | None, decision: str
) -> None:
    (row,) = gate_rows(found, Settings(margin=0.05), max_bias)
    assert (row.perturbation, row.estimate, row.decision) == ("position", pytest.approx(0.1), decision)


def test_the_margin_and_the_level_are_those_of_the_suite(found: Any) -> None:
    assert gate_rows(found, Settings(margin=0.3), None)[0].decision == "equivalent"
    assert gate_rows(found, Settings(alpha=1e-9), None)[0].decision == "inconclusive"


def test_without_a_confirmatory_effect_there_is_nothing_to_gate(analysed: Any) -> None:
    with pytest.raises(InputError, match="no confirmatory effects"):
        gate_rows(analysed([{"item_id": "i", "verdict": "a"}]), Settings(), 0.1)


@pytest.mark.parametrize(("max_bias", "decision"), [(0.05, "biased"), (0.2, "equivalent")])
def test_scores_are_held_to_that_share_of_their_scale(found: Any, max_bias: float, decision: str) -> None:
    shift = {"unit": "scale points", "estimate": 0.9, "conf_low": 0.45, "conf_high": 1.35, "margin": 0.05 * 9}
    scored = found[found["decision"].notna()].assign(bias="authority", perturbation="authority", **shift)
    for table in (scored, pd.concat([found, scored])):  # beside an effect that is a share, and alone
        row = gate_rows(table, Settings(margin=0.05), max_bias)[-1]
        assert (row.conf_low, row.estimate, row.conf_high) == pytest.approx((0.05, 0.1, 0.15))
        assert row.decision == decision
