"""Perturbations that are no added text, through whole runs: labels, and changes that only some items admit."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from judgebench.audit import run
from judgebench.errors import InputError
from judgebench.suite import load_suite
from judgebench.suite.trials import count_trials, trials


def suite(folder: Path, perturbations: str, **keys: str) -> Path:
    path = folder / "suite.yaml"
    more = "".join(f"{key}: {value}\n" for key, value in keys.items())
    items = keys.pop("items", "[{source: bank, limit: 80}]")
    path.write_text(
        f"suite: s\nitems: {items}\nperturbations: [{perturbations}]\n"
        + more.replace(f"items: {items}\n", "")
    )
    return path


def test_a_judge_that_likes_the_first_label_is_found_in_either_place(tmp_path: Path) -> None:
    path = suite(tmp_path, "option_label: {targets: both}")
    effects = run(path, "sim/null?option_label=1.5", out=tmp_path / "run").effects()
    main = effects[(effects["bias"] == "option_label") & (effects["estimand"] == "target_preference")
                   & (effects["stratum"] == "all")].iloc[0]  # fmt: skip
    assert main["conf_low"] > 0.1
    assert effects.query("bias == 'missing' and estimand == 'missing_rate'")["estimate"].max() == 0


def test_changes_stand_in_the_items_that_admit_them(tmp_path: Path) -> None:
    loaded = load_suite(suite(tmp_path, "code_surface, fallacy: {kind: number}", items="[{source: bank}]"))
    asked = list(trials(loaded))
    assert len(asked) == count_trials(loaded)
    changed = [trial for trial in asked if trial.perturbation == "code_surface"]
    assert {trial.item.category for trial in changed} == {"code"}
    wrong = [trial for trial in asked if trial.perturbation == "fallacy@number"]
    assert wrong
    assert all(trial.target == trial.item.gold for trial in wrong)
    assert all(any(map(str.isdigit, trial.item.response(trial.target or "a"))) for trial in wrong)


@pytest.mark.parametrize(
    ("perturbation", "rows", "message"),
    [
        ("code_surface", [("one.", "two.", "a")], "no item has what 'code_surface' would change"),
        ("injection", [("one.", "two.", None)], "'targets' is 'worse' for injection, but no item has gold"),
        ("model_name: {kind: swapped}", [("one.", "two.", "a")], "no item has what 'model_name@swapped'"),
    ],
)
def test_a_perturbation_with_nothing_to_change_is_told_before_anything_is_asked(
    perturbation: str, rows: list[tuple[str, str, str | None]], message: str, tmp_path: Path
) -> None:
    lines = [
        json.dumps({"id": str(n), "prompt": "p", "response_a": a, "response_b": b, "gold": gold})
        for n, (a, b, gold) in enumerate(rows)
    ]
    (tmp_path / "items.jsonl").write_text("\n".join(lines))
    path = suite(tmp_path, perturbation, items="[{source: file, path: items.jsonl}]")
    with pytest.raises(InputError, match=message):
        load_suite(path)


def test_swapped_names_are_those_of_the_other_author(tmp_path: Path) -> None:
    row = {
        "id": "1",
        "prompt": "p",
        "response_a": "a",
        "response_b": "b",
        "author_a": "Left-1",
        "author_b": "Right-2",
    }
    (tmp_path / "items.jsonl").write_text(json.dumps(row))
    path = suite(
        tmp_path, "model_name: {kind: swapped, targets: both}", items="[{source: file, path: items.jsonl}]"
    )
    notes = {
        (t.target, t.stimulus.note.text)
        for t in trials(load_suite(path))
        if t.arm == "treatment" and t.stimulus.note
    }
    assert all(("Right-2" in text) == (target == "a") for target, text in notes)
    assert {target for target, _ in notes} == {"a", "b"}


def test_levels_given_as_a_list_are_rows_of_their_own(tmp_path: Path) -> None:
    loaded = load_suite(suite(tmp_path, "authority: {form: [quote, link]}, bandwagon: {percent: [60, 90]}"))
    assert [v.name for v in loaded.variants] == [
        "authority@quote",
        "authority@link",
        "bandwagon@60",
        "bandwagon@90",
    ]


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("authority: {form: [quot]}", "'form' is text 'quot'"),
        ("authority: {form: []}", "'form' is a list of 0"),
        ("bandwagon: {percent: [20]}", "'percent' is the number '20'"),
        ("format: {styl: bold}", "unknown key 'styl'"),
    ],
)
def test_a_level_that_is_none_is_told(entry: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=message):
        load_suite(suite(tmp_path, entry))


def test_identical_pairs_show_position_alone_and_how_often_a_tie_is_seen(tmp_path: Path) -> None:
    path = suite(tmp_path, "position, identical_pair")
    effects = run(path, "sim/null?position=0.8&quality=3", out=tmp_path / "run").effects()
    identical = effects[(effects["perturbation"] == "identical_pair") & (effects["stratum"] == "all")]
    main = identical[identical["estimand"] == "first_preference"].iloc[0]
    assert main["bias"] == "position"
    assert main["decision"] == "biased"
    assert main["conf_low"] > 0.05
    assert (identical["estimand"] == "tie_rate").sum() == 1
    assert not (identical["estimand"] == "target_preference").any()
    null = run(path, "sim/null", out=tmp_path / "null").effects()
    main = null[(null["perturbation"] == "identical_pair") & (null["estimand"] == "first_preference")].iloc[0]
    assert main["conf_low"] < 0 < main["conf_high"]
