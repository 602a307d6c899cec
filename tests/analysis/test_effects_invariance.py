"""What must not matter, what missing verdicts can do, and designs with next to nothing in them."""

from __future__ import annotations

import math
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import pytest

from judgebench.analysis import EFFECT_COLUMNS, Settings
from judgebench.analysis.effects import effects
from judgebench.errors import InputError

SEEDS = range(6)
NUMBERS = [c for c in EFFECT_COLUMNS if c not in {*EFFECT_COLUMNS[:10], "method", "decision"}]
STRICT = "strict verdicts only"


def assert_same(one: dict[Any, Any], two: dict[Any, Any]) -> None:
    assert one.keys() == two.keys()
    for key, row in one.items():
        expected = [row[name] for name in NUMBERS]
        assert [two[key][name] for name in NUMBERS] == pytest.approx(expected, abs=1e-9, nan_ok=True), key
        assert two[key]["decision"] == row["decision"]


@pytest.mark.parametrize("seed", SEEDS)
def test_the_names_of_the_responses_do_not_matter(
    seed: int, random_rows: Any, analysed: Any, as_dict: Any
) -> None:
    other = {"a": "b", "b": "a", "ab": "ba", "ba": "ab"}
    rows = random_rows(seed)
    renamed = [
        row
        | {
            name: other.get(row[name], row[name])
            for name in ("verdict", "gold", "order", "target")
            if name in row
        }
        | ({"p_a": row["p_b"], "p_b": row["p_a"]} if "p_a" in row else {})
        for row in rows
    ]
    assert_same(as_dict(analysed(rows)), as_dict(analysed(renamed)))


@pytest.mark.parametrize("seed", SEEDS)
def test_the_order_of_the_rows_does_not_matter(seed: int, random_rows: Any, table: Any, as_dict: Any) -> None:
    judgments = table(random_rows(seed))
    shuffled = judgments.sample(frac=1, random_state=seed)
    settings = Settings(cluster="source")
    assert_same(as_dict(effects(judgments, settings)), as_dict(effects(shuffled, settings)))


def test_texts_as_categories_give_the_same(random_rows: Any, table: Any, as_dict: Any) -> None:
    judgments = table(random_rows(3))
    texts = [c for c in judgments.columns if judgments[c].dtype != "float64" and c != "repeat"]
    coded = judgments.astype(dict.fromkeys(texts, "category"))
    assert_same(as_dict(effects(judgments, Settings())), as_dict(effects(coded, Settings())))


def test_judges_protocols_and_mitigations_are_analysed_apart_and_judges_adjusted_apart(
    control: Any, table: Any, as_dict: Any
) -> None:
    rows = [row for k in range(8) for row in control(f"i{k}", "a", "ab"[k > 1], gold="a")]
    judges = [{"judge": "one"}, {"judge": "two"}]
    alone = effects(table(rows), Settings())
    both = effects(table([row | judge for row in rows for judge in judges]), Settings())
    for judge in ("one", "two"):
        assert_same(as_dict(alone.assign(judge=judge)), as_dict(both[both["judge"] == judge]))
    twice = effects(table([row | {"mitigation": m} for row in rows for m in ("none", "x")]), Settings())
    family = twice["decision"].notna()
    assert family.sum() == 2 * alone["p_adjusted"].notna().sum()
    smallest = twice.loc[family, "p_value"].min()
    assert twice.loc[family, "p_adjusted"].min() == pytest.approx(min(1, smallest * family.sum()))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_no_completion_of_the_missing_verdicts_leaves_the_bounds(
    seed: int, random_rows: Any, analysed: Any, as_dict: Any
) -> None:
    rows = random_rows(seed, missing=0, items=3)
    rng = np.random.default_rng(seed)
    gaps = sorted(rng.choice(len(rows), size=min(3, len(rows)), replace=False).tolist())
    answered = [
        row if k not in gaps else {k: v for k, v in row.items() if k[:2] != "p_"}
        for k, row in enumerate(rows)
    ]
    missing = [row | ({"verdict": "invalid"} if k in gaps else {}) for k, row in enumerate(answered)]
    bounds = as_dict(analysed(missing))
    assert any(row["n_missing"] for row in bounds.values())
    for verdicts in product(("a", "b", "tie"), repeat=len(gaps)):
        for gap, verdict in zip(gaps, verdicts, strict=True):
            answered[gap] = answered[gap] | {"verdict": verdict}
        for key, row in as_dict(analysed(answered)).items():
            # the bounds of strict pairs hold had the missing verdicts been strict; missing rates complete nothing
            if key in bounds and key[2] != "missing" and not (key[6] == STRICT and "tie" in verdicts):
                low, high = bounds[key]["bound_low"], bounds[key]["bound_high"]
                assert low - 1e-9 <= row["estimate"] <= high + 1e-9, key


def test_without_missing_verdicts_the_bounds_are_the_interval(random_rows: Any, analysed: Any) -> None:
    found = analysed(random_rows(9, missing=0))
    assert (found["n_missing"] == 0).all()
    assert found["bound_low"].equals(found["conf_low"])
    assert found["bound_high"].equals(found["conf_high"])


def test_a_tie_bounds_what_a_missing_answer_can_do(analysed: Any, find: Any) -> None:
    change = {"perturbation": "x", "arm": "treatment", "target": "b"}
    tied = [{"item_id": f"i{k}", "verdict": "tie"} for k in range(40)]
    tied += [{"item_id": f"i{k}", "verdict": "tie", **change} for k in range(40)]
    gone = [row | ({"verdict": "error"} if "arm" in row else {}) for row in tied]
    # from a tie nothing can flip, whatever the answer would have been
    assert find(analysed(gone), "flip_rate")["bound_high"] == find(analysed(tied), "flip_rate")["conf_high"]
    assert find(analysed(gone), "target_preference")["bound_high"] > 0.5


def test_one_item_says_nothing_with_certainty(analysed: Any, control: Any, find: Any) -> None:
    found = analysed(control("i", "a", "b"))
    effect = find(found, "first_preference")
    assert (effect["estimate"], effect["conf_low"], effect["conf_high"]) == (0.5, -0.5, 0.5)
    assert math.isnan(effect["std_error"])
    assert (effect["p_value"], effect["decision"]) == (1, "inconclusive")


def test_controls_alone_give_no_rows_of_cues(analysed: Any, control: Any) -> None:
    found = analysed(control("i", "a", "b") + control("k", "a", "a"))
    assert set(found["bias"]) == {"position", "ties", "missing"}


def test_one_order_gives_no_position_bias(analysed: Any) -> None:
    found = analysed({"item_id": f"i{k}", "order": "ba", "verdict": "a", "gold": "a"} for k in range(5))
    assert set(found["estimand"]) == {"accuracy", "tie_rate", "missing_rate"}


def test_one_run_gives_no_noise_floor(analysed: Any, control: Any) -> None:
    found = analysed(control("i", "a", "b"))
    assert not found["estimand"].str.startswith("excess").any()
    assert "repeat_stability" not in set(found["bias"])


def test_a_noise_floor_of_one_order_alone_is_taken_from_that_order(
    analysed: Any, control: Any, find: Any
) -> None:
    rerun = [{"item_id": "i", "order": "ab", "repeat": 1, "verdict": "b"}]
    effect = find(analysed(control("i", "a", "b") + rerun), "excess_swap_inconsistency")
    assert (effect["estimate"], effect["n_missing"]) == (0, 0)  # 1 between the orders, 1 between the runs


def test_a_cue_without_controls_is_compared_with_its_placebo_alone(analysed: Any) -> None:
    rows = [
        {"item_id": "i", "perturbation": "x", "arm": arm, "target": "a", "verdict": "a"}
        for arm in ("treatment", "placebo")
    ]
    found = analysed(rows)
    assert set(found["contrast"]) == {"treatment - placebo", "treatment", "placebo"}


def test_without_any_verdict_the_rows_say_so(analysed: Any, control: Any, find: Any) -> None:
    rows = [row for k in range(3) for row in control(f"i{k}", "refused", "error", gold="a")]
    found = analysed(rows)
    effect = find(found, "first_preference")
    assert (effect["method"], effect["n_items"], effect["n_judgments"], effect["n_missing"]) == (
        "no verdicts",
        0,
        0,
        3,
    )
    assert effect[["estimate", "conf_low", "conf_high", "p_value", "p_adjusted"]].isna().all()
    assert effect["decision"] == "inconclusive"
    assert (effect["bound_low"], effect["bound_high"]) == (-0.5, 0.5)
    assert find(found, "missing_rate")["estimate"] == 1
    assert find(found, "accuracy")["n_missing"] == 6


def test_a_bias_without_verdicts_is_no_member_of_the_family(analysed: Any, control: Any, find: Any) -> None:
    change = {"perturbation": "x", "arm": "treatment", "target": "b", "verdict": "error"}
    rows = [row for k in range(9) for row in [*control(f"i{k}", "a", "b"), {"item_id": f"i{k}", **change}]]
    effect = find(analysed(rows), "first_preference")
    assert effect["p_adjusted"] == effect["p_value"]
    assert effect["decision"] == "biased"


def test_an_order_that_nobody_wrote_down_is_neither_of_the_two(
    analysed: Any, control: Any, find: Any
) -> None:
    rows = [*control("i", "a", "a", gold="a"), {"item_id": "i", "order": None, "verdict": "b", "gold": "a"}]
    found = analysed(rows)
    assert find(found, "accuracy")["estimate"] == pytest.approx(2 / 3)
    assert find(found, "swap_inconsistency")["n_judgments"] == 1


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([], "no judgments"),
        ([{"item_id": "i7"}, {"item_id": "i8"}, {"item_id": "i7"}], "a trial of the item 'i7' comes twice"),
        (
            [{"item_id": "i", "gold": "a"}, {"item_id": "i", "order": "ba", "gold": "b"}],
            "'i' has more than one gold",
        ),
        (
            [{"item_id": "i", "perturbation": "x", "arm": "treatment"}],
            "lacks its perturbation, arm or target",
        ),
    ],
)
def test_judgments_that_contradict_each_other_are_refused(table: Any, rows: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        effects(table(rows), Settings())


def test_an_item_lies_in_one_source_where_sources_are_clusters(table: Any) -> None:
    rows = [{"item_id": "i", "source": "x"}, {"item_id": "i", "order": "ba", "source": "y"}]
    assert not effects(table(rows), Settings()).empty
    with pytest.raises(InputError, match="more than one source"):
        effects(table(rows), Settings(cluster="source"))


def test_clusters_are_sources_where_the_claim_is_about_sources(table: Any, control: Any, find: Any) -> None:
    rows = [row for k in range(12) for row in control(f"i{k}", "a", "ab"[k % 2], source=f"s{k % 3}")]
    by_source = find(effects(table(rows), Settings(cluster="source")), "first_preference")
    by_item = find(effects(table(rows), Settings()), "first_preference")
    assert (by_source["n_clusters"], by_item["n_clusters"]) == (3, 12)
    assert by_source["estimate"] == by_item["estimate"]


def test_the_columns_are_those_of_the_contract(random_rows: Any, analysed: Any) -> None:
    found = analysed(random_rows(2))
    assert list(found.columns) == list(EFFECT_COLUMNS)
    assert isinstance(found, pd.DataFrame)
