from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from judgebench.audit import analyze, import_recordings
from judgebench.errors import InputError
from judgebench.run.imports import importers


def pair(idx: int, *votes: Any, **more: Any) -> dict[str, Any]:
    annotators = {f"annotator{n}": vote for n, vote in enumerate(votes, 1)}
    return {
        "idx": idx, "motivation_app": "Gmail", "cmp_key": "llama-7b_opt-7b", "instruction": "Reply.", "input": "Hi",
        "response1": "Hello", "response2": "No", **annotators, **more,
    }  # fmt: skip


PAIRS = [pair(0, 1, 1, 2), pair(1, 2, 0, 2, input=""), pair(2, 0, 0, 0, response1=True), pair(3, 2, 1, 0)]
VERDICTS = [
    {"idx": 0, "gpt_result": "1"},
    {"idx": 1, "gpt_result": "1"},
    {"idx": 2, "gpt_result": "garbage"},
    {"idx": 3, "gpt_result": "Tie"},
]


def write(folder: Path, name: str, rows: Any) -> Path:
    path = folder / name
    path.write_text(json.dumps(rows, indent=4), encoding="utf-8")
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    write(folder, "testset-v1.json", PAIRS)
    write(folder, "testset-inference-v1.json", [])
    write(folder, "gpt-testset-v1.json", VERDICTS)
    write(folder, "pandalm-testset-v1.json", [{"idx": n, "pandalm_result": 2} for n in range(4)])
    return folder


def test_verdicts_and_gold_are_read_and_nothing_is_guessed(folder: Path) -> None:
    gpt, pandalm = importers.get("pandalm").read(folder)
    assert (gpt.suite, gpt.judge, pandalm.judge) == ("pandalm", "recorded/gpt", "recorded/pandalm")
    assert [v.verdict for v in gpt.verdicts] == ["a", "a", "invalid", "tie"]
    assert [v.gold for v in gpt.verdicts] == ["a", "b", "tie", None]
    assert {v.order for v in gpt.verdicts} == {"ab"}
    assert {v.verdict for v in pandalm.verdicts} == {"b"}
    assert gpt.items[0].to_dict() == {
        "id": "pandalm/000", "prompt": "Reply.\n\nHi", "response_a": "Hello", "response_b": "No", "gold": "a",
        "category": "Gmail", "source": "pandalm", "author_a": "llama-7b", "author_b": "opt-7b", "reference": None,
        "gold_votes": {"a": 2, "b": 1},
    }  # fmt: skip
    assert gpt.items[1].prompt == "Reply."
    assert gpt.items[2].response_a == "True"
    spelling = "the spelling of 1 responses that the file holds as a truth value"
    assert gpt.unknown == ["the verdicts in the other order", spelling]
    assert len(pandalm.unknown) == 3


def test_one_file_of_verdicts_is_one_judge(folder: Path) -> None:
    (found,) = importers.get("pandalm").read(folder / "gpt-testset-v1.json")
    assert found.judge == "recorded/gpt"


def test_figures_by_the_rule_of_upstream(folder: Path) -> None:
    """Gold a, b, tie, b (the first annotator decides); named a, a, tie, tie.

    Precision a 1/2, b 0, tie 1/2; recall a 1, b 0, tie 1; F1 a 2/3, b 0, tie 2/3.
    """
    (folder / "gpt-testset-v1.json").rename(folder / "gpt-3.5-turbo-testset-v1.json")
    gpt, _ = importers.get("pandalm").read(folder)
    assert {name: found for name, (_, found) in gpt.published.items()} == {
        "accuracy": "0.5000", "precision": "0.3333", "recall": "0.6667", "f1": "0.4444"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "rows", "message"),
    [
        ("gpt-testset-v1.json", VERDICTS[:3], "3 verdicts on 4 pairs"),
        ("gpt-testset-v1.json", [VERDICTS[1], *VERDICTS[1:]], "'idx' is 1"),
        ("gpt-testset-v1.json", [{"idx": 0, "gpt_result": "3"}, *VERDICTS[1:]], "'gpt_result' is \"3\""),
        ("gpt-testset-v1.json", [{"idx": 0}, *VERDICTS[1:]], "'pandalm_result' is missing"),
        ("gpt-testset-v1.json", {}, "not a list of objects"),
        ("gpt-testset-v1.json", [], "the file is empty"),
        ("testset-v1.json", [pair(0, 1, 1, "1")], "'annotator3' is \"1\""),
        ("testset-v1.json", [pair(0, 1, 1, 3)], "'annotator3' is 3"),
        ("testset-v1.json", [pair(0, 1, 1)], "'annotator3' is missing"),
        ("testset-v1.json", [pair(0, 1, 1, 1, response2=1.5)], "'response2' is 1.5"),
    ],
)
def test_a_broken_file_is_told_by_its_place(folder: Path, name: str, rows: Any, message: str) -> None:
    path = write(folder, name, rows)
    with pytest.raises(InputError) as caught:
        importers.get("pandalm").read(folder)
    assert message in caught.value.message
    assert caught.value.file == path


def test_a_folder_without_the_test_set_or_verdicts_is_refused(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no file of verdicts"):
        importers.get("pandalm").read(tmp_path)
    (folder / "testset-v1.json").unlink()
    with pytest.raises(InputError, match="no such file"):
        importers.get("pandalm").read(folder)


def test_published_figures(data: Path, tmp_path: Path) -> None:
    gpt, pandalm = import_recordings(data / "pandalm", "pandalm", tmp_path)
    stated = [
        {"accuracy": "0.7107", "precision": "0.5879", "recall": "0.5736", "f1": "0.5755"},
        {"accuracy": "0.6677", "precision": "0.5738", "recall": "0.5750", "f1": "0.5743"},
    ]
    for run, figures in zip((gpt, pandalm), stated, strict=True):
        assert run.manifest["published"] == {n: {"stated": t, "found": t} for n, t in figures.items()}
    # a garbled reply is a tie upstream, and no verdict here
    assert gpt.manifest["counts"]["no_verdict"] == 25
    rows = gpt.judgments()
    assert (rows["verdict"].replace("invalid", "tie") == rows["gold"]).mean() == pytest.approx(
        0.7107, abs=5e-5
    )
    assert pandalm.manifest["counts"]["no_verdict"] == 0
    accuracy = analyze(pandalm.path).effects().set_index("estimand").loc["accuracy", "estimate"]
    assert accuracy == pytest.approx(0.6677, abs=5e-5)
