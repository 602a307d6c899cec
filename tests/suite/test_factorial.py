"""Factorial suites: which combinations are shown, on which response, and what is told of wrong ones."""

from __future__ import annotations

import json
from itertools import combinations
from pathlib import Path

import pytest

from judgebench.errors import InputError
from judgebench.perturb import perturb
from judgebench.protocols.pairwise import Pairwise
from judgebench.suite import Suite, load_suite
from judgebench.suite.trials import count_trials, trials

HEAD = "suite: s\nitems: [{source: bank, limit: 6}]\n"
FOUR = "perturbations: [authority, bandwagon, distraction, length: {dose: [1.5, 2.0]}, position, positive_control]\n"


def made(folder: Path, factorial: str, perturbations: str = FOUR) -> Suite:
    path = folder / "s.yaml"
    path.write_text(f"{HEAD}{perturbations}factorial: {factorial}\n")
    return load_suite(path)


def cells(suite: Suite) -> set[str]:
    return {t.perturbation for t in trials(suite) if t.perturbation.startswith("factorial/")}


def test_a_full_design_shows_every_combination_beside_the_item_as_it_is(tmp_path: Path) -> None:
    suite = made(tmp_path, "{factors: [authority, length@2, bandwagon]}")
    names = ("authority", "length@2", "bandwagon")
    expected = {"factorial/" + "+".join(c) for size in (1, 2, 3) for c in combinations(names, size)}
    assert cells(suite) == expected


def test_a_fractional_design_shows_the_combinations_of_an_even_number(tmp_path: Path) -> None:
    suite = made(
        tmp_path,
        "{factors: [authority, length@2, bandwagon, distraction], design: fractional, targets: both}",
    )
    found = cells(suite)
    assert len(found) == 2**3 - 1
    assert {name.count("+") for name in found} == {1, 3}


@pytest.mark.parametrize("targets", ["one", "both"])
@pytest.mark.parametrize("design", ["full", "fractional"])
def test_trials_are_counted_as_they_are_made_and_every_cell_has_the_same_target(
    tmp_path: Path, design: str, targets: str
) -> None:
    suite = made(
        tmp_path,
        f"{{factors: [authority, length@2, bandwagon, distraction], design: {design}, targets: {targets}}}",
    )
    found = list(trials(suite))
    assert len(found) == count_trials(suite)
    shown = [t for t in found if t.perturbation.startswith("factorial/")]
    borne = {(t.item.id, t.target) for t in shown}
    assert len(borne) == (2 if targets == "both" else 1) * len(suite.items)
    assert {len([t for t in shown if (t.item.id, t.target) == b]) for b in borne} == {2 * len(cells(suite))}


def test_a_factor_is_the_same_text_alone_and_among_others(tmp_path: Path) -> None:
    suite = made(tmp_path, "{factors: [authority, bandwagon, distraction]}")
    variants = {v.name: v for v in suite.variants}
    for trial in trials(suite):
        if trial.perturbation == "factorial/authority+bandwagon" and trial.target is not None:
            alone = {
                name: perturb(
                    variants[name].plugin, trial.item, trial.target, "treatment", seed=suite.spec.seed,
                    replicate=0, options=variants[name].options,
                ).stimulus
                for name in ("authority", "bandwagon")
            }  # fmt: skip
            assert trial.stimulus.response(trial.target) == alone["authority"].response(trial.target)
            assert trial.stimulus.note == alone["bandwagon"].note
            assert json.loads(trial.record)["failures"] == []


def test_two_notes_stand_under_each_other_with_capitals(tmp_path: Path) -> None:
    suite = made(tmp_path, "{factors: [bandwagon, model_name]}", "perturbations: [bandwagon, model_name]\n")
    both = next(t for t in trials(suite) if t.perturbation == "factorial/bandwagon+model_name")
    note = both.stimulus.note
    assert note is not None
    assert len(note.text.splitlines()) == 2
    prompt = Pairwise().render(both.stimulus, "ab")[-1].content
    for line in note.text.splitlines():
        said = line.replace("{target}", f"response {'AB'['ab'.index(note.target)]}")
        said = said.replace("{other}", f"response {'BA'['ab'.index(note.target)]}")
        assert f"\n{said[0].upper()}{said[1:]}\n" in prompt


@pytest.mark.parametrize(
    ("factorial", "message"),
    [
        ("{factors: [authority, bandwagn]}", "unknown perturbation 'bandwagn'"),
        ("{factors: [authority, position]}", "'position' cannot be shown together"),
        ("{factors: [authority, positive_control]}", "'positive_control' cannot be shown together"),
        ("{factors: [authority, authority]}", "'authority' comes twice"),
        ("{factors: [length@1.5, length@2]}", "'length' comes twice"),
        (
            "{factors: [authority, bandwagon, distraction], design: fractional}",
            "a fractional design of 3 factors",
        ),
        ("{factors: [authority]}", "'factors' is a list of 1"),
        ("{factors: [bandwagon, sycophancy]}", "cannot both stand in one prompt"),
        ("{factors: [authority, bandwagon], desing: full}", "unknown key 'desing'"),
    ],
)
def test_what_cannot_be_shown_is_told_with_its_line(tmp_path: Path, factorial: str, message: str) -> None:
    with pytest.raises(InputError) as told:
        made(tmp_path, factorial, FOUR.replace("position,", "position, sycophancy,"))
    assert message in told.value.message
    assert told.value.line == 4


def test_a_suite_without_a_factorial_keeps_its_hash(tmp_path: Path) -> None:
    plain = tmp_path / "p.yaml"
    plain.write_text(HEAD + FOUR)
    assert load_suite(plain).hash != made(tmp_path, "{factors: [authority, bandwagon]}").hash
    assert "factorial" not in {key for key, value in load_suite(plain).spec if value is not None}
