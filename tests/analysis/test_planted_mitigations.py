"""Planted mitigations come back through rendered prompts and the whole run: what they remove, and what they cost."""

import json
import math
from pathlib import Path

import pandas as pd
import pytest

import judgebench
from judgebench import Run

pytestmark = pytest.mark.slow

ITEMS = 160
JUDGE = (
    "sim/null?position=0.8&bandwagon=1.2&distraction=-1.2&noise=1&spread=0.5&quality=1.2"
    "&mitigated.system_prompt=0.5&mitigated.in_context=0&dulled.self_reflection=0"
)


def write_pairs(folder: Path) -> None:
    rows = [
        {"id": f"p{i}", "prompt": f"Ask {i}?", "response_a": f"One says {i}. It is so. " * 3,
         "response_b": f"Two says {i}. It is so. " * 3, "gold": "ab"[i % 2]}
        for i in range(ITEMS)
    ]  # fmt: skip
    (folder / "items.jsonl").write_text("\n".join(map(json.dumps, rows)))


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("planted")
    write_pairs(folder)
    path = folder / "suite.yaml"
    path.write_text(
        "suite: s\nseed: 5\nitems: [{source: file, path: items.jsonl}]\n"
        "perturbations: [position, bandwagon: {placebo: false}, distraction: {placebo: false}]\n"
        "mitigations: [none, system_prompt, in_context: {k: 2}, self_reflection, length_instruction]\n"
        "analysis: {margin: 0.1}\n"
    )
    return judgebench.run(path, JUDGE, out=folder / "out")


@pytest.fixture(scope="module")
def rows(run: Run) -> pd.DataFrame:
    table = run.effects()
    truth = pd.DataFrame(json.loads((run.path / "truth.json").read_text()))
    keys = [name for name in truth.columns if name != "truth"]
    return table.merge(truth, on=keys, how="left")


def one(rows: pd.DataFrame, **names: str) -> pd.Series:
    chosen = rows["stratum"] == "all"
    for name, value in names.items():
        chosen &= rows[name] == value
    found = rows[chosen & ~rows["contrast"].str.contains("simultaneous")]
    assert len(found) == 1, found.to_string()
    return found.iloc[0]


def effective(row: pd.Series) -> bool:
    return bool(row["p_adjusted"] < 0.05 and not row["conf_low"] <= 0 <= row["conf_high"])


def test_a_mitigation_that_halves_the_position_effect_is_estimated_at_half(rows: pd.DataFrame) -> None:
    plain = one(rows, bias="position", estimand="first_preference", mitigation="none")
    found = one(rows, bias="position", estimand="bias_removed", mitigation="system_prompt")
    assert found["truth"] == pytest.approx(plain["truth"] / 2, rel=0.1)
    assert found["conf_low"] <= found["truth"] <= found["conf_high"]
    assert found["conf_low"] <= plain["truth"] / 2 <= found["conf_high"]
    assert effective(found)
    assert found["contrast"] == "none - system_prompt"


def test_a_mitigation_that_does_nothing_is_not_called_effective(rows: pd.DataFrame) -> None:
    idle = rows[(rows["estimand"] == "bias_removed") & (rows["mitigation"] == "length_instruction")]
    assert set(idle["bias"]) == {"position", "bandwagon", "distraction"}
    assert (idle["truth"].abs() < 1e-9).all()
    assert not any(effective(row) for _, row in idle.iterrows())


def test_all_that_is_removed_is_found_in_its_direction(rows: pd.DataFrame) -> None:
    for bias, estimand in (("position", "first_preference"), ("bandwagon", "target_preference"),
                           ("distraction", "target_preference")):  # fmt: skip
        found = one(rows, bias=bias, estimand="bias_removed", mitigation="in_context")
        contrast = {} if bias == "position" else {"contrast": "treatment - control"}
        plain = one(rows, bias=bias, estimand=estimand, mitigation="none", **contrast)
        assert found["truth"] == pytest.approx(plain["truth"], abs=1e-9)
        assert found["conf_low"] <= found["truth"] <= found["conf_high"]
        assert math.copysign(1, found["estimate"]) == (-1 if bias == "distraction" else 1)


def test_a_mitigation_that_trades_accuracy_is_caught_and_one_that_does_not_passes(rows: pd.DataFrame) -> None:
    traded = one(rows, estimand="accuracy_change", mitigation="self_reflection")
    assert traded["conf_high"] < -traded["margin"]
    assert traded["p_value"] > 0.9
    assert traded["conf_low"] <= traded["truth"] <= traded["conf_high"]
    free = one(rows, estimand="accuracy_change", mitigation="in_context")
    assert free["truth"] >= 0
    assert free["p_value"] < 0.05
    assert free["conf_low"] > -free["margin"]


def test_what_a_point_costs_is_the_extra_over_the_points_with_an_interval(rows: pd.DataFrame) -> None:
    extra = one(rows, estimand="extra_tokens", mitigation="in_context")
    for bias in ("position", "bandwagon", "distraction"):
        removed = one(rows, bias=bias, estimand="bias_removed", mitigation="in_context")
        cost = one(rows, bias=bias, estimand="tokens_per_point", mitigation="in_context")
        assert cost["unit"] == "tokens per point"
        assert cost["estimate"] == pytest.approx(extra["estimate"] / abs(100 * removed["estimate"]), rel=0.02)
        assert cost["conf_low"] < cost["estimate"] < cost["conf_high"]


def test_where_the_bias_removed_may_be_zero_a_point_has_no_price(rows: pd.DataFrame) -> None:
    idle = rows[(rows["estimand"] == "tokens_per_point") & (rows["mitigation"] == "length_instruction")]
    assert len(idle) == 3
    assert idle["estimate"].isna().all()
    assert idle["conf_low"].isna().all()
    assert set(idle["method"]) == {"undefined: the bias removed may be 0"}


def test_the_removed_rows_are_what_the_comparison_of_two_mitigations_says(
    run: Run, rows: pd.DataFrame
) -> None:
    from judgebench.analysis.compare import compare_mitigations
    from judgebench.analysis.settings import Settings

    table = compare_mitigations(run.judgments(), "none", "system_prompt", Settings())
    for bias, estimand in (("position", "first_preference"), ("bandwagon", "target_preference")):
        same = table[(table["bias"] == bias) & (table["estimand"] == estimand)].iloc[0]
        found = one(rows, bias=bias, estimand="bias_removed", mitigation="system_prompt")
        for name in ("estimate", "conf_low", "conf_high", "p_value", "n_items"):
            assert found[name] == pytest.approx(same[name])


@pytest.fixture(scope="module")
def combined(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    folder = tmp_path_factory.mktemp("combined")
    write_pairs(folder)
    path = folder / "suite.yaml"
    path.write_text(
        "suite: s\nseed: 6\nitems: [{source: file, path: items.jsonl, limit: 80}]\nperturbations: [position]\n"
        "mitigations: [none, swap_and_average, self_consistency: {k: 5}, "
        "panel: {judges: ['sim/null?noise=1&spread=0.5', 'sim/null?noise=1&spread=0.5&seed=2'], rule: mean}]\n"
    )
    made = judgebench.run(path, JUDGE, out=folder / "out")
    truth = pd.DataFrame(json.loads((made.path / "truth.json").read_text()))
    return made.effects().merge(truth, on=[name for name in truth.columns if name != "truth"], how="left")


def test_a_swap_removes_all_of_the_position_effect_and_says_so(combined: pd.DataFrame) -> None:
    left = one(combined, bias="position", estimand="first_preference", mitigation="swap_and_average")
    removed = one(combined, bias="position", estimand="bias_removed", mitigation="swap_and_average")
    plain = one(combined, bias="position", estimand="first_preference", mitigation="none")
    assert left["estimate"] == 0
    assert removed["estimate"] == pytest.approx(plain["estimate"])
    assert effective(removed)


@pytest.mark.parametrize("mitigation", ["swap_and_average", "self_consistency", "panel"])
def test_the_truth_of_a_combination_lies_in_its_interval(combined: pd.DataFrame, mitigation: str) -> None:
    for names in ({"bias": "position", "estimand": "first_preference"}, {"estimand": "accuracy"}):
        found = one(combined, mitigation=mitigation, **names)
        half = (found["conf_high"] - found["conf_low"]) / 2
        assert abs(found["estimate"] - found["truth"]) <= 1.6 * half


def test_of_lists_with_a_cue_the_accuracy_of_each_is_told_once(tmp_path: Path) -> None:
    path = tmp_path / "suite.yaml"
    path.write_text(
        "suite: s\nitems: [{source: bank, set: choice, limit: 12}]\nprotocols: [choice]\n"
        "perturbations: [authority: {placebo: false}]\nmitigations: [none, system_prompt]\n"
    )
    made = judgebench.run(path, "sim/mild", out=tmp_path / "out")
    truth = pd.DataFrame(json.loads((made.path / "truth.json").read_text()))
    for table in (made.effects(), truth):
        told = table[table["contrast"] == "system_prompt - none"]
        assert sorted(told[told["estimand"] == "accuracy_change"]["bias"]) == ["agreement", "authority"]


@pytest.mark.parametrize("items", [1, 2])
def test_costs_that_do_not_vary_and_a_single_item_are_written_as_what_is_known(
    items: int, tmp_path: Path
) -> None:
    pair = {"prompt": "Ask?", "response_a": "Yes.", "response_b": "No.", "gold": "a"}
    (tmp_path / "items.jsonl").write_text("\n".join(json.dumps({"id": str(n), **pair}) for n in range(items)))
    path = tmp_path / "suite.yaml"
    path.write_text(
        "suite: s\nitems: [{source: file, path: items.jsonl}]\nperturbations: [position]\n"
        "mitigations: [none, length_instruction]\n"
    )
    table = judgebench.run(path, "sim/null?tie=0", out=tmp_path / "out").effects()
    extra = one(table, estimand="extra_tokens", mitigation="length_instruction")
    assert extra["estimate"] > 0
    assert math.isnan(extra["statistic"]) or math.isfinite(extra["statistic"])
    if items == 1:
        assert math.isnan(extra["conf_low"])
        assert math.isnan(extra["conf_high"])
