"""What must be found out: errors in the better response, and tricks for the worse."""

from __future__ import annotations

import pytest

from judgebench.items import Item
from judgebench.perturb import Change, perturb, perturbations
from judgebench.perturb.apply import applies


def done(name: str, text: str, seed: int = 0, **options: str) -> str:
    item = Item("i", "What is it?", text, "b", gold="a")
    made = perturb(perturbations.get(name), item, "a", "treatment", seed=seed, replicate=0, options=options)
    assert made.check.passed, made.check
    return made.stimulus.response_a


def test_a_number_becomes_another_of_as_many_digits_nearby() -> None:
    found = {done("fallacy", "It is 40 metres.", seed, kind="number") for seed in range(40)}
    assert found == {f"It is {n} metres." for n in (41, 39, 42, 38, 50, 30)}


@pytest.mark.parametrize("text", ["Version 3.14 of x2.", "In 1,000,000 cases.", "No digits."])
def test_parts_of_numbers_and_names_are_no_numbers(text: str) -> None:
    item = Item("i", "p", text, "b")
    assert not applies(perturbations.get("fallacy"), item, "a", seed=0, options={"kind": "number"})


@pytest.mark.parametrize(
    ("kind", "text", "wrong"),
    [
        ("opposite", "Stir it before baking.", "Stir it after baking."),
        ("opposite", "Salt and pepper.", "Salt or pepper."),
        ("negation", "It is safe.", "It is not safe."),
        ("any", "It is safe.", "It is not safe."),
        ("any", "Take 9 of them, it is safe.", None),
    ],
)
def test_one_thing_is_wrong(kind: str, text: str, wrong: str | None) -> None:
    made = done("fallacy", text, kind=kind)
    assert made == wrong if wrong else made.partition(",")[0] != text.partition(",")[0]
    assert len(Change.between("text", text, made).inserted) < 10


def test_a_response_with_nothing_to_alter_gets_a_conclusion_that_does_not_follow() -> None:
    found = {done("fallacy", "Hello.", seed) for seed in range(60)}
    assert len(found) == 6
    assert all(text.startswith("Hello. ") for text in found)


def test_the_off_topic_text_outgrows_both_responses_by_its_dose() -> None:
    item = Item("i", "p", "short", "x" * 700, gold="b")
    for dose in (1.0, 3.0, 6.0):
        made = perturb(
            perturbations.get("off_topic_long"),
            item,
            "a",
            "treatment",
            seed=0,
            replicate=0,
            options={"dose": dose},
        )
        assert len(made.stimulus.response_a) >= dose * 700
        assert "short" not in made.stimulus.response_a


@pytest.mark.parametrize("attack", ["null_model", "master_key"])
def test_an_empty_attack_leaves_nothing_of_the_response(attack: str) -> None:
    assert "It is forty." not in done("injection", "It is forty.", attack=attack)


def test_an_instruction_stands_behind_the_response() -> None:
    assert done("injection", "It is forty.", attack="instruction").startswith("It is forty.\n\n")


def test_a_continuation_repeats_the_request_and_answers_nothing() -> None:
    made = done("continuation", "It is forty.")
    assert "What is it?" in made
    assert "forty" not in made


@pytest.mark.parametrize(
    ("name", "targets"),
    [("fallacy", "better"), ("injection", "worse"), ("concreteness", "worse"), ("authority", "one")],
)
def test_errors_go_into_the_better_response_and_tricks_into_the_worse(name: str, targets: str) -> None:
    assert perturbations.get(name).targets == targets
