"""Logs in the layout of inspect_ai, written for these tests."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from judgebench.audit import analyze, import_recordings
from judgebench.errors import InputError
from judgebench.judges.columns import Columns
from judgebench.run.imports.inspect_file import misfit
from judgebench.run.imports.inspect_log import read, read_mapped

HEADER = {"version": 2, "status": "success", "eval": {"task": "qa", "model": "openai/answers"}}


def sample(number: int, epoch: int = 1, **scores: Any) -> dict[str, Any]:
    found = {name: value if isinstance(value, dict) else {"value": value} for name, value in scores.items()}
    return {"id": number, "epoch": epoch, "input": "q", "target": "t", "scores": found}


def log(path: Path, *samples: dict[str, Any], header: dict[str, Any] = HEADER) -> Path:
    """A log in the form that the path's ending asks for."""
    if path.suffix == ".json":
        path.write_text(json.dumps({**header, "samples": samples}), encoding="utf-8")
        return path
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("_journal/start.json", json.dumps(header))
        archive.writestr("summaries.json", "[]")
        for found in samples:
            archive.writestr(f"samples/{found['id']}_epoch_{found['epoch']}.json", json.dumps(found))
        archive.writestr("header.json", json.dumps(header))
    return path


@pytest.mark.parametrize("name", ["x.eval", "x.json"])
def test_grades_are_verdicts_about_one_response_and_a_rule_is_gold(tmp_path: Path, name: str) -> None:
    path = log(
        tmp_path / name,
        sample(1, model_graded_qa="C", match="C"),
        sample(2, model_graded_qa="I", match="C"),
        sample(3, model_graded_qa="P", match="I"),
        sample(4, model_graded_qa="c"),
    )
    (found,) = read(path)
    assert [(v.item_id, v.order, v.verdict, v.score_a, v.gold) for v in found.verdicts] == [
        ("qa/1/epoch-1", None, "a", 1.0, "a"),
        ("qa/2/epoch-1", None, "b", 0.0, "a"),
        ("qa/3/epoch-1", None, "tie", 0.5, "b"),
        ("qa/4/epoch-1", None, "a", 1.0, None),
    ]
    assert (found.suite, found.judge, found.protocol) == ("qa", "recorded/model_graded_qa", "pointwise")
    assert [what[:21] for what in found.unknown] == ["there is no order: on", "which model graded (i"]
    (run,) = import_recordings(path, "inspect", tmp_path / "out")
    accuracy = analyze(run.path).effects().set_index("estimand").loc["accuracy"]
    assert (accuracy["estimate"], accuracy["n_judgments"]) == (pytest.approx(1 / 3), 3)


@pytest.mark.parametrize(
    "score",
    [
        {"value": "I", "explanation": "Grade not found in model output: well"},
        {"value": None},
        {"value": "N"},
        {"value": float("nan")},
    ],
)
def test_what_was_not_graded_is_no_verdict(tmp_path: Path, score: dict[str, Any]) -> None:
    (found,) = read(log(tmp_path / "x.eval", sample(1, model_graded_fact=score)))
    assert [(v.verdict, v.score_a) for v in found.verdicts] == [("invalid", None)]


@pytest.mark.parametrize(
    ("header", "judge"),
    [
        ({"scorers": [{"name": "model_graded_qa", "options": {"model": "openai/g"}}]}, "openai/g/model_graded_qa"),
        ({"model_roles": {"grader": {"model": "openai/g"}}, "scorers": [{"name": "model_graded_qa"}]},
         "openai/g/model_graded_qa"),
        ({"scorers": [{"name": "model_graded_qa", "options": {}}]}, "model_graded_qa"),
    ],
)  # fmt: skip
def test_the_grader_is_named_where_the_header_names_it(tmp_path: Path, header: Any, judge: str) -> None:
    full = {**HEADER, "eval": {**HEADER["eval"], **header}}
    (found,) = read(log(tmp_path / "x.eval", sample(1, model_graded_qa="C"), header=full))
    assert found.judge == f"recorded/{judge}"
    assert any("which model" in what for what in found.unknown) == (judge == "model_graded_qa")


def test_epochs_are_other_responses_to_one_question(tmp_path: Path) -> None:
    path = log(tmp_path / "x.eval", sample(1, 1, model_graded_qa="C"), sample(1, 2, model_graded_qa="I"))
    (found,) = read(path)
    assert [(v.item_id, v.source, v.repeat) for v in found.verdicts] == [
        ("qa/1/epoch-1", "qa/1", 0), ("qa/1/epoch-2", "qa/1", 0)
    ]  # fmt: skip
    assert found.cluster == "source"


def test_each_grader_is_a_judge_and_samples_without_grades_are_counted(tmp_path: Path) -> None:
    own = {"value": 1, "metadata": {"grading": []}}
    path = log(tmp_path / "x.eval", sample(1, model_graded_qa="C", rubric=own), sample(2))
    one, two = read(path)
    assert (one.judge, two.judge) == ("recorded/model_graded_qa", "recorded/rubric")
    assert "the grades of 1 samples that hold none" in one.unknown


def test_the_user_may_name_grade_and_gold(tmp_path: Path) -> None:
    path = log(tmp_path / "x.eval", sample(1, rubric=0.5, people="C"), sample(2, rubric=True, people="I"))
    (found,) = read_mapped(path, Columns({"grade": "rubric", "gold": "people"}))
    assert [(v.verdict, v.gold) for v in found.verdicts] == [("tie", "a"), ("a", "b")]
    with pytest.raises(InputError, match="no scorer 'rubrik'; the scorers are rubric, people") as caught:
        read_mapped(path, Columns({"grade": "rubrik"}))
    assert caught.value.suggestion == "rubric"
    with pytest.raises(InputError, match="no scorer 'gold'"):
        read_mapped(path, Columns({"grade": "rubric", "gold": "gold"}))
    with pytest.raises(InputError, match="unknown name 'item_id'"):
        read_mapped(path, Columns({"item_id": "id"}))
    with pytest.raises(InputError, match="its own values"):
        read_mapped(path, Columns(judge="me"))


def choice(number: int, answer: str, order: str | None, target: str = "A", **more: Any) -> dict[str, Any]:
    metadata = {
        "response_a": "one",
        "response_b": "two",
        "item_id": f"i{number}",
        **({"order": order} if order else {}),
    }
    return {"id": number, "epoch": 1, "input": "q", "target": target, "metadata": metadata,
            "scores": {"match": {"value": "C", "answer": answer}}, **more}  # fmt: skip


def test_a_choice_between_two_responses_is_turned_by_its_order(tmp_path: Path) -> None:
    path = log(
        tmp_path / "x.eval",
        choice(1, "A", "ab"),
        {**choice(1, "A", "ba", "B"), "id": 10},
        choice(2, "c", "ba", "tie"),
        choice(3, "?", "ab"),
        choice(4, "B", "ba", scores=None, error={"message": "x"}),
    )
    (found,) = read(path)
    assert [(v.item_id, v.order, v.verdict, v.gold) for v in found.verdicts] == [
        ("i1", "ba", "b", "a"), ("i1", "ab", "a", "a"), ("i2", "ba", "tie", "tie"), ("i3", "ab", "invalid", "a"),
        ("i4", "ba", "error", "b"),
    ]  # fmt: skip
    assert found.judge == "recorded/openai/answers"
    assert [item.response_a for item in found.items] == ["one"] * 4


def test_a_choice_without_its_order_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"1_epoch_1\.json: a choice .* and no order") as caught:
        read(log(tmp_path / "x.eval", choice(1, "A", None)))
    assert "nobody can tell which response was chosen" in str(caught.value.expected)
    two = {"match": {"answer": "A"}, "other": {"answer": "B"}}
    with pytest.raises(InputError, match="read different answers: A, B"):
        read(log(tmp_path / "y.eval", choice(1, "A", "ab", scores=two)))
    silent = choice(1, "A", "ab")
    silent["metadata"]["response_b"] = None
    with pytest.raises(InputError, match="the prompt or a response is no text"):
        read(log(tmp_path / "z.eval", silent))


@pytest.mark.parametrize(
    ("found", "message"),
    [
        (sample(1, match="C"), "no score is model-graded; the scorers are match"),
        (sample(1), "no score is model-graded; there are no scores"),
        (sample(1, model_graded_qa=7), "'model_graded_qa' gives 7"),
        (sample(1, model_graded_qa="good"), "'model_graded_qa' gives 'good'"),
        (sample(1, model_graded_qa={"value": {"a": 1}}), "gives {'a': 1}"),
        ({"id": 1, "epoch": 1, "scores": []}, None),
        ({"id": 1, "epoch": 1, "scores": ["C"]}, "'scores' is no object of scores"),
        (
            {"id": None, "epoch": 1, "scores": {"model_graded_qa": {"value": "C"}}},
            "'id' or 'epoch' is no name",
        ),
    ],
)
def test_what_cannot_be_mapped_is_told(tmp_path: Path, found: dict[str, Any], message: str | None) -> None:
    with pytest.raises(InputError) as caught:
        read(log(tmp_path / "x.eval", found))
    assert (message or "no score is model-graded") in caught.value.message
    assert caught.value.file == tmp_path / "x.eval"


def test_a_damaged_or_foreign_file_is_told(tmp_path: Path) -> None:
    whole = log(tmp_path / "x.eval", sample(1, model_graded_qa="C")).read_bytes()
    (tmp_path / "cut.eval").write_bytes(whole[: len(whole) // 2])
    with zipfile.ZipFile(tmp_path / "bare.eval", "w") as archive:
        archive.writestr("samples/1_epoch_1.json", "{}")
    with zipfile.ZipFile(tmp_path / "bad.eval", "w") as archive:
        archive.writestr("header.json", json.dumps(HEADER))
        archive.writestr("samples/1_epoch_1.json", "{")
    with zipfile.ZipFile(tmp_path / "list.eval", "w") as archive:
        archive.writestr("header.json", json.dumps(HEADER))
        archive.writestr("samples/1_epoch_1.json", "[]")
    damaged = bytearray(whole)
    damaged[damaged.index(b"samples/1_epoch_1.json") + 30] ^= 0xFF
    (tmp_path / "damaged.eval").write_bytes(damaged)
    (tmp_path / "none.json").write_text('{"eval": {"task": "x"}}', encoding="utf-8")
    (tmp_path / "other.json").write_text("[]", encoding="utf-8")
    log(tmp_path / "empty.eval")
    for name, message in (
        ("cut.eval", "not a zip, or a damaged one"),
        ("bare.eval", r"a zip without header\.json"),
        ("bad.eval", "is not JSON"),
        ("list.eval", "is no sample"),
        ("damaged.eval", r"samples/1_epoch_1\.json cannot be read"),
        ("none.json", "no list 'samples'"),
        ("other.json", "no object 'eval'"),
        ("empty.eval", "holds no samples"),
        ("absent.json", "cannot be read"),
    ):
        with pytest.raises(InputError, match=message):
            read(tmp_path / name)


def test_a_compression_that_python_cannot_read_is_told(tmp_path: Path) -> None:
    whole = bytearray(log(tmp_path / "x.eval", sample(1, model_graded_qa="C")).read_bytes())
    unknown = (99).to_bytes(2, "little")
    start = 0
    while (start := whole.find(b"PK\x03\x04", start)) >= 0:
        whole[start + 8 : start + 10] = unknown
        start += 4
    start = 0
    while (start := whole.find(b"PK\x01\x02", start)) >= 0:
        whole[start + 10 : start + 12] = unknown
        start += 4
    (tmp_path / "y.eval").write_bytes(whole)
    with pytest.raises(InputError, match="compressed in a way that cannot be read"):
        read(tmp_path / "y.eval")


def test_a_log_is_known_by_its_header(tmp_path: Path) -> None:
    assert misfit(log(tmp_path / "x.eval", sample(1))) is None
    assert misfit(log(tmp_path / "x.json", sample(1))) is None
    (tmp_path / "v.jsonl").write_text("{}\n", encoding="utf-8")
    assert misfit(tmp_path / "v.jsonl") == "neither .eval nor .json"
    assert misfit(tmp_path) == "it is a folder"
