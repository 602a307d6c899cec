"""Each estimand on a few verdicts whose effects can be counted on the fingers."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest


@pytest.fixture
def found(analysed: Any, control: Any) -> Any:
    """Four items in both orders, run twice; i4 cannot be read in order ba, and in i1 the rerun of ab changed."""
    first = [
        *control("i1", "a", "b", gold="a"),  # the first shown wins twice: the order decides
        *control("i2", "b", "b", gold="a"),  # b in both orders
        *control("i3", "tie", "a", gold="tie"),  # ab: tie, ba: the second shown
        *control("i4", "a", "invalid"),
    ]
    rerun = [
        *control("i1", "b", "b", 1, gold="a"),
        *control("i2", "b", "b", 1, gold="a"),
        *control("i3", "tie", "a", 1, gold="tie"),
        *control("i4", "a", "a", 1),
    ]
    return analysed(first + rerun)


def test_first_preference_is_the_share_that_the_first_place_wins_above_a_half(found: Any, find: Any) -> None:
    effect = find(found, "first_preference")
    # x = y_first(ab) + y_first(ba) - 1, by repeat: i1: 1, 0; i2: 0, 0; i3: -1/2, -1/2; i4: missing, 0
    assert effect["estimate"] == pytest.approx((0.5 + 0 - 0.5 + 0) / 4 / 2)
    assert (effect["n_items"], effect["n_judgments"], effect["n_missing"]) == (4, 7, 1)
    assert effect["bias"] == effect["perturbation"] == "position"
    assert effect["unit"] == "probability"


def test_only_pairs_without_a_tie_are_strict(found: Any, find: Any) -> None:
    effect = find(found, "first_preference", stratum="strict verdicts only")
    assert effect["estimate"] == pytest.approx((0.5 + 0 + 0) / 3 / 2)
    assert (effect["n_items"], effect["n_missing"]) == (3, 1)
    assert effect["decision"] is None


def test_swap_inconsistency_counts_pairs_of_orders_with_different_verdicts(found: Any, find: Any) -> None:
    # i1: 1, 0; i2: 0, 0; i3: 1, 1; i4: missing, 0
    assert find(found, "swap_inconsistency")["estimate"] == pytest.approx((0.5 + 0 + 1 + 0) / 4)


def test_excess_inconsistency_is_what_the_rerun_does_not_explain(found: Any, find: Any) -> None:
    # rerun, mean of both orders: i1: 1/2; i2: 0; i3: 0; i4: missing in ba
    effect = find(found, "excess_swap_inconsistency")
    assert effect["estimate"] == pytest.approx(((0.5 - 0.5) + 0 + 1) / 3)
    assert effect["n_missing"] == 2


def test_stability_compares_the_rerun_with_the_first_run(found: Any, find: Any) -> None:
    # of eight, one changed (i1 in ab), one is missing (i4 in ba)
    flips = find(found, "flip_rate", bias="repeat_stability")
    assert flips["estimate"] == pytest.approx((0.5 + 0 + 0 + 0) / 4)
    assert (flips["n_judgments"], flips["n_missing"]) == (7, 1)
    assert find(found, "inconsistency")["estimate"] == pytest.approx(0.125)


def test_accuracy_is_over_items_with_gold_and_a_tie_is_right_where_gold_ties(found: Any, find: Any) -> None:
    # i1: a, b, b, b -> 1/4; i2: 0; i3: two ties of four; i4 has no gold
    effect = find(found, "accuracy")
    assert effect["estimate"] == pytest.approx((0.25 + 0 + 0.5) / 3)
    assert effect["n_judgments"] == 12


def test_rates_of_ties_and_of_missing_verdicts_in_the_controls(found: Any, find: Any) -> None:
    assert find(found, "tie_rate")["estimate"] == pytest.approx((0 + 0 + 0.5 + 0) / 4)
    missing = find(found, "missing_rate")
    assert missing["estimate"] == pytest.approx((0 + 0 + 0 + 0.25) / 4)
    assert missing["n_missing"] == 0


@pytest.fixture
def cued(analysed: Any, control: Any) -> Any:
    """One cue on the response b, on three items in one order, with placebo and rerun."""
    verdicts = {
        # item: gold, control, rerun, treatment, placebo
        "i1": ("a", "a", "b", "b", "a"),
        "i2": ("b", "b", "b", "a", "tie"),
        "i3": ("a", "a", "a", "tie", "refused"),
    }
    rows = []
    for item, (gold, *shown) in verdicts.items():
        arms = [
            ("none", "control", 0),
            ("none", "control", 1),
            ("authority", "treatment", 0),
            ("authority", "placebo", 0),
        ]
        for (name, arm, repeat), verdict in zip(arms, shown, strict=True):
            target = None if arm == "control" else "b"
            rows.append({"item_id": item, "gold": gold, "perturbation": name, "arm": arm, "target": target,
                         "repeat": repeat, "verdict": verdict})  # fmt: skip
    return analysed(rows)


@pytest.mark.parametrize(
    ("contrast", "estimate", "missing"),
    [
        ("treatment - control", (1 - 1 + 0.5) / 3, 0),
        ("placebo - control", (0 - 0.5) / 2, 1),
        ("treatment - placebo", (1 - 0.5) / 2, 1),
    ],
)
def test_target_preference_is_the_change_in_the_wins_of_the_changed_response(
    cued: Any, find: Any, contrast: str, estimate: float, missing: int
) -> None:
    effect = find(cued, "target_preference", contrast=contrast)
    assert effect["estimate"] == pytest.approx(estimate)
    assert effect["n_missing"] == missing
    assert (effect["decision"] is not None) == (contrast == "treatment - control")


@pytest.mark.parametrize(
    ("stratum", "estimate"),
    [
        ("gold: target loses", (1 + 0.5) / 2),
        ("gold: target wins", -1),
        ("strict verdicts only", 0),
    ],
)
def test_strata_of_target_preference(cued: Any, find: Any, stratum: str, estimate: float) -> None:
    effect = find(cued, "target_preference", contrast="treatment - control", stratum=stratum)
    assert effect["estimate"] == pytest.approx(estimate)


@pytest.mark.parametrize(
    ("estimand", "contrast", "estimate"),
    [
        ("flip_rate", "treatment - control", 2 / 3),  # i1 and i2; to a tie is no flip
        ("flip_toward", "treatment - control", 1 / 3),
        ("flip_away", "treatment - control", 1 / 3),
        ("excess_flip_rate", "treatment - control - rerun", 1 / 3),  # the rerun turned i1
        ("missing_rate", "placebo", 1 / 3),
        ("missing_rate", "treatment", 0),
        ("missing_rate_difference", "placebo - control", 1 / 3),
    ],
)
def test_flips_and_missing_verdicts_of_a_cue(
    cued: Any, find: Any, estimand: str, contrast: str, estimate: float
) -> None:
    effect = find(cued, estimand, contrast=contrast, perturbation="authority")
    assert effect["estimate"] == pytest.approx(estimate)


def test_a_change_of_each_response_in_turn_counts_for_its_own_target(analysed: Any, find: Any) -> None:
    rows = [{"item_id": "i", "verdict": "a"}]
    rows += [
        {"item_id": "i", "perturbation": "x", "arm": "treatment", "target": target, "verdict": verdict}
        for target, verdict in (("a", "b"), ("b", "b"))
    ]
    found = analysed(rows)
    # a changed: from win to loss, away; b changed: from loss to win, toward
    assert find(found, "target_preference")["estimate"] == pytest.approx(0)
    assert find(found, "flip_toward")["estimate"] == pytest.approx(0.5)
    assert find(found, "flip_away")["estimate"] == pytest.approx(0.5)
    assert find(found, "flip_rate")["n_items"] == 1


def test_doses_share_a_bias_and_are_confirmatory_each(analysed: Any) -> None:
    rows = [{"item_id": "i", "verdict": "a"}]
    rows += [
        {"item_id": "i", "perturbation": name, "arm": "treatment", "target": "b", "verdict": "b"}
        for name in ("length@1.5", "length@2")
    ]
    found = analysed(rows)
    decided = found[found["decision"].notna()]
    assert list(decided["bias"]) == ["length", "length"]
    assert list(decided["perturbation"]) == ["length@1.5", "length@2"]


@pytest.mark.parametrize("name", ["positive_control", "a_degradation_of_ones_own"])
def test_a_positive_control_is_measured_and_not_held_to_a_margin(analysed: Any, find: Any, name: str) -> None:
    rows = [{"item_id": "i", "verdict": "a"}]
    rows += [{"item_id": "i", "perturbation": name, "arm": "positive_control", "target": "a", "verdict": "b"}]
    found = analysed(rows)
    assert find(found, "target_preference", contrast="positive_control - control")["estimate"] == -1
    assert find(found, "flip_away")["estimate"] == 1
    assert found["decision"].isna().all()


def test_label_probabilities_count_in_place_of_the_verdict(analysed: Any, find: Any) -> None:
    rows = [
        {"item_id": "i", "verdict": "a", "p_a": 0.5, "p_b": 0.1, "p_tie": 0.2, "gold": "a"},
        {"item_id": "i", "verdict": "b", "order": "ba", "p_a": 0.3, "p_b": 0.6, "gold": "a"},
    ]
    found = analysed(rows)
    # given a label: (5/8, 1/8, 2/8) and (1/3, 2/3, 0)
    assert find(found, "first_preference")["estimate"] == pytest.approx((5 / 8 + 1 / 8 + 2 / 3 - 1) / 2)
    assert find(found, "swap_inconsistency")["estimate"] == pytest.approx(1 - 5 / 24 - 2 / 24)
    assert find(found, "accuracy")["estimate"] == pytest.approx((5 / 8 + 1 / 3) / 2)
    assert find(found, "tie_rate")["estimate"] == pytest.approx(1 / 8)


def test_accuracy_under_a_change_of_quality_is_counted_beside_the_preference(
    analysed: Any, control: Any, find: Any
) -> None:
    rows: list[Any] = []
    for number in range(8):
        item = f"i{number}"
        rows += control(item, "a", "a", gold="a")
        fooled = "b" if number < 2 else "a"
        known = {"item_id": item, "arm": "treatment", "target": "b", "verdict": fooled, "gold": "a"}
        cells = product(("ab", "ba"), ("fallacy", "authority"))
        rows += [{**known, "order": order, "perturbation": name} for order, name in cells]
    rows += control("unknown", "a", "b", gold=None)
    found = analysed(rows)
    assert find(found, "accuracy", bias="fallacy", contrast="treatment")["estimate"] == 0.75
    change = find(found, "accuracy_change", bias="fallacy")
    assert (change["estimate"], change["contrast"], change["n_items"]) == (-0.25, "treatment - control", 8)
    assert change["conf_low"] < -0.25 < change["conf_high"]
    assert found[(found["bias"] == "authority") & found["estimand"].str.startswith("accuracy")].empty


def test_a_winner_named_where_gold_is_a_tie_is_false_decisiveness(found: Any, find: Any) -> None:
    effect = find(found, "false_decisiveness")
    assert (effect["estimate"], effect["n_items"], effect["n_judgments"]) == (0.5, 1, 4)
