from __future__ import annotations

import math
from typing import Any

import pytest

from judgebench.analysis import EFFECT_COLUMNS, Settings
from judgebench.analysis.compare import compare
from judgebench.errors import InputError
from judgebench.stats import decide, holm, paired_effect

CUE = {"perturbation": "x", "arm": "treatment", "target": "b"}


@pytest.fixture
def one(table: Any, control: Any) -> Any:
    verdicts = {"i1": "ab", "i2": "aa", "i3": "bb", "i4": "ab"}
    rows = [
        row for item, (ab, ba) in verdicts.items() for row in control(item, ab, ba, gold="a", judge="one")
    ]
    rows += [{"item_id": item, "verdict": "b", "judge": "one", "gold": "a", **CUE} for item in verdicts]
    return table(rows)


@pytest.fixture
def two(table: Any, control: Any) -> Any:
    verdicts = {
        "i1": ("a", "a"),
        "i2": ("a", "b"),
        "i3": ("b", "a"),
        "i4": ("a", "invalid"),
        "i5": ("a", "b"),
    }
    rows = [row for item, shown in verdicts.items() for row in control(item, *shown, gold="a", judge="two")]
    rows += [{"item_id": item, "verdict": "a", "judge": "two", "gold": "a", **CUE} for item in verdicts]
    return table(rows)


def test_a_difference_is_paired_on_the_items_that_both_judged(one: Any, two: Any, find: Any) -> None:
    found = compare(one, two, Settings())
    assert list(found.columns) == list(EFFECT_COLUMNS)
    assert set(found["judge"]) == {"one - two"}
    first = find(found, "first_preference")
    # halves of 1 - 0, 0 - 1, 0 - (-1); i4 has no pair in the second, i5 no partner
    x = [1.0, -1.0, 1.0]
    assert first["estimate"] == pytest.approx(sum(x) / 3 / 2)
    assert (first["n_items"], first["n_missing"]) == (3, 1)
    made = paired_effect(x, [0, 1, 2], scale=0.5, bound=2)
    assert (first["conf_low"], first["conf_high"]) == pytest.approx((made.conf_low, made.conf_high))
    cue = find(found, "target_preference")
    # first judge: a to b in i1, i2, i4 and b to b in i3; second: none but from b to a in i3
    assert cue["estimate"] == pytest.approx(((1 - 0) + (1 - 0) + (0 + 1) + (1 - 0)) / 4)


def test_differences_of_proportions_lie_within_one(one: Any, two: Any, find: Any) -> None:
    found = compare(one, two, Settings())
    swap = find(found, "swap_inconsistency")
    x = [1 - 0, 0 - 1, 0 - 1]
    made = paired_effect(x, [0, 1, 2])
    assert swap["estimate"] == pytest.approx(-1 / 3)
    assert (swap["conf_low"], swap["conf_high"]) == pytest.approx((made.conf_low, made.conf_high))
    assert find(found, "accuracy")["estimate"] == pytest.approx((0.5 - 1 + 1 - 0.5 + 0 - 0.5 + 0.5 - 1) / 4)


def test_the_compared_biases_are_one_family(one: Any, two: Any) -> None:
    found = compare(one, two, Settings(margin=0.3, alpha=0.2))
    family = found[found["decision"].notna()]
    assert list(family["estimand"]) == ["first_preference", "target_preference"]
    assert list(family["p_adjusted"]) == pytest.approx(list(holm(family["p_value"])))
    assert list(family["decision"]) == [
        decide(r.conf_low, r.conf_high, r.p_adjusted, 0.2, 0.3) for r in family.itertuples()
    ]


def biases(found: Any) -> Any:
    """All rows but those on how often verdicts differ, which has no sign."""
    return found[found["bias"] != "verdict_change"]


def test_a_judge_does_not_differ_from_itself(one: Any) -> None:
    found = biases(compare(one, one, Settings()))
    assert set(found["judge"]) == {"one"}
    assert (found["estimate"] == 0).all()
    assert (found["p_value"] == 1).all()
    assert (found["n_missing"] == 0).all()
    assert (found["conf_low"] < 0).all()


def test_swapping_the_judges_turns_the_sign(one: Any, two: Any) -> None:
    there, back = biases(compare(one, two, Settings())), biases(compare(two, one, Settings()))
    assert list(there["estimate"]) == pytest.approx(list(-back["estimate"]))
    assert list(there["conf_low"]) == pytest.approx(list(-back["conf_high"]))
    assert list(there["p_value"]) == pytest.approx(list(back["p_value"]))


def test_the_difference_is_clustered_as_the_effects_are(one: Any, two: Any, find: Any) -> None:
    source = {"i1": "s1", "i2": "s1", "i3": "s2", "i4": "s2", "i5": "s3"}
    named = [j.assign(source=j["item_id"].map(source)) for j in (one, two)]
    assert find(compare(*named, Settings(cluster="source")), "first_preference")["n_clusters"] == 2


def test_no_complete_pair_leaves_the_difference_unknown(one: Any, two: Any, find: Any) -> None:
    silent = two.assign(verdict="refused")
    first = find(compare(one, silent, Settings()), "first_preference")
    assert math.isnan(first["estimate"])
    assert (first["n_items"], first["n_missing"], first["decision"]) == (0, 4, "inconclusive")


def test_runs_with_nothing_in_common_are_refused(one: Any, two: Any) -> None:
    with pytest.raises(InputError, match="no item in common"):
        compare(one, two[two["item_id"] == "i5"], Settings())
    with pytest.raises(InputError, match="no effect in common"):
        compare(one, two.assign(protocol="pointwise"), Settings())
