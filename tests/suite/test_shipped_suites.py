"""The suites that come with the package load, and name what their headers say."""

from __future__ import annotations

from pathlib import Path

import pytest

from judgebench.perturb import perturbations
from judgebench.suite import load_suite

SUITES = Path(__file__).parents[2] / "suites"
TEN = {
    "position", "length", "format", "authority", "bandwagon", "distraction", "superficial_reflection", "sentiment",
    "model_name", "sycophancy",
}  # fmt: skip
CALM = {
    "position", "length", "model_name", "bandwagon", "distraction", "fallacy", "authority", "sentiment", "identity",
    "refinement",
}  # fmt: skip


@pytest.mark.parametrize(("name", "biases"), [("core", TEN), ("calm", CALM)])
def test_a_suite_has_its_biases_and_a_positive_control(name: str, biases: set[str]) -> None:
    suite = load_suite(SUITES / f"{name}.yaml")
    assert {variant.plugin.id for variant in suite.variants} == biases | {"positive_control"}


def test_calm_s_suite_sets_reasons_against_none_and_its_twelfth_bias_has_a_suite_of_its_own() -> None:
    entries = load_suite(SUITES / "calm.yaml").spec.protocols
    assert [options.get("reasoning", "before") for entry in entries for options in entry.values()] == [
        "before", "none",
    ]  # fmt: skip
    own = load_suite(SUITES / "self_scores.yaml").spec
    assert [name for entry in own.protocols for name in entry] == ["pointwise"]
    assert own.self_preference is not None
    assert own.self_preference.panel


@pytest.mark.parametrize(
    "name", ["core", "cues", "verbosity", "format", "attacks", "discrimination", "calm", "code"]
)
def test_a_suite_loads_from_the_built_in_bank_and_names_a_judge_that_needs_no_key(name: str) -> None:
    suite = load_suite(SUITES / f"{name}.yaml")
    assert suite.spec.suite == name
    assert suite.spec.judge == "sim/mild"
    assert {item.source for item in suite.items} == {"bank"}


def test_every_perturbation_that_needs_no_model_is_in_some_suite() -> None:
    used = {v.plugin.id for path in SUITES.glob("*.yaml") if "source: bank" in path.read_text("utf-8")
            for v in load_suite(path).variants}  # fmt: skip
    built_in = set(perturbations._lazy)  # tests enter others
    assert built_in - used == {"paraphrase", "style"}
