from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from judgebench.audit import analyze, import_recordings, load
from judgebench.errors import InputError
from judgebench.run.imports import importers

ROWS: list[dict[str, Any]] = [
    {"item_id": "i1", "judge": "one", "order": "ab", "verdict": "a", "gold": "a", "source": "s1", "category": "c"},
    {"item_id": "i1", "judge": "one", "order": "ba", "verdict": "tie", "gold": "a", "source": "s1", "category": "c"},
    {"item_id": "i1", "judge": "one", "order": "ba", "verdict": "refused", "gold": "a", "repeat": 1},
    {"item_id": "i1", "judge": "two", "order": "ab", "verdict": "b", "gold": "a"},
    {"item_id": "i1", "judge": "two", "order": "ab", "verdict": "b", "gold": "a", "perturbation": "authority",
     "arm": "treatment", "target": "b"},
]  # fmt: skip
COLUMNS = ["item_id", "judge", "order", "verdict", "gold", "source", "category", "perturbation", "arm", "target",
           "repeat"]  # fmt: skip


def jsonl(path: Path, *rows: Any) -> Path:
    path.write_text(
        "\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows), encoding="utf-8"
    )
    return path


def as_csv(path: Path, *rows: Any) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    return path


def as_parquet(path: Path, *rows: Any) -> Path:
    pd.DataFrame(rows).astype({"repeat": "Int64"}).to_parquet(path)
    return path


@pytest.mark.parametrize(("ending", "write"), [("jsonl", jsonl), ("csv", as_csv), ("parquet", as_parquet)])
def test_a_tidy_file_becomes_a_run_directory_a_judge(
    tmp_path: Path, ending: str, write: Callable[..., Path]
) -> None:
    path = write(tmp_path / f"verdicts.{ending}", *ROWS)
    one, two = import_recordings(path, "tidy", tmp_path / "out")
    assert [run.path.name for run in (one, two)] == ["recorded-one", "recorded-two"]
    assert one.manifest["counts"] == {"items": 1, "trials": 3, "missing": 0, "no_verdict": 1}
    assert (one.complete, one.manifest["judge"], one.manifest["suite"]) == (True, "recorded/one", "verdicts")
    rows = one.judgments()
    assert rows["verdict"].tolist() == ["a", "tie", "refused"]
    assert rows["order"].tolist() == ["ab", "ba", "ba"]
    assert rows["repeat"].tolist() == [0, 0, 1]
    assert rows["source"].tolist() == ["s1", "s1", "verdicts"]
    assert rows["request_key"].is_unique
    changed = two.judgments().iloc[1]
    assert changed[["perturbation", "arm", "target"]].tolist() == ["authority", "treatment", "b"]
    assert changed["preferred_target"] == 1


def test_an_order_may_be_empty_where_nobody_wrote_it_down(tmp_path: Path) -> None:
    path = jsonl(tmp_path / "v.jsonl", {**ROWS[0], "order": None}, {**ROWS[0], "order": "ab"})
    (run,) = import_recordings(path, "tidy", tmp_path / "out")
    assert run.judgments()["order"].isna().tolist() == [True, False]


@pytest.mark.parametrize(
    ("change", "message", "key", "expected", "suggestion"),
    [
        ({"verdict": "A"}, "'verdict' is 'A'", "verdict", "one of a, b, tie, invalid, refused, error", "a"),
        ({"verdict": "refuse"}, "'verdict' is 'refuse'", "verdict", "one of a, b, tie", "refused"),
        ({"verdict": ["a"]}, "'verdict' is", "verdict", "one of a, b", None),
        ({"verdict": None}, "'verdict' is missing", "verdict", "item_id, judge, order, verdict", None),
        ({"order": "AB"}, "'order' is 'AB'", "order", "one of ab, ba", "ab"),
        ({"gold": 1}, "'gold' is '1'", "gold", "one of a, b, tie", None),
        ({"item_id": ""}, "'item_id' is missing", "item_id", "item_id", None),
        ({"judge": "gpt 4"}, "'judge' is 'gpt 4'", "judge", "without blanks", None),
        ({"repeat": 1.5}, "'repeat' is '1.5'", "repeat", "a whole number from 0 to 999", None),
        ({"repeat": -1}, "'repeat' is '-1'", "repeat", "a whole number", None),
        ({"repeat": 10**9}, "'repeat' is '1000000000'", "repeat", "a whole number", None),
        ({"arm": "treatmnt"}, "'arm' is 'treatmnt'", "arm", "control, treatment", "treatment"),
        ({"arm": "treatment", "perturbation": "x"}, "'target' is missing", None, "values of", None),
        ({"arm": "treatment", "target": "a"}, "'perturbation' is missing", None, "values of", None),
        ({"perturbation": "x"}, "'arm' is missing", None, "values of", None),
    ],
)
def test_a_wrong_value_is_told_by_its_place(
    tmp_path: Path,
    change: dict[str, Any],
    message: str,
    key: str | None,
    expected: str,
    suggestion: str | None,
) -> None:
    row = ROWS[0] | change
    path = jsonl(tmp_path / "v.jsonl", ROWS[1], "", row)
    column = json.dumps(row).index(f'"{key}":') + 1 if key else 1
    with pytest.raises(InputError) as caught:
        import_recordings(path, "tidy", tmp_path / "out")
    error = caught.value
    assert message in error.message
    assert (error.file, error.line, error.column) == (path, 3, column)
    assert expected in str(error.expected)
    assert error.suggestion == suggestion
    assert not (tmp_path / "out").exists()


def test_a_column_under_another_name_is_pointed_at(tmp_path: Path) -> None:
    row = {"item_id": "i", "judge": "one", "Order": "ab", "verdict": "a"}
    with pytest.raises(InputError, match="'order' is missing; there is 'Order'"):
        import_recordings(jsonl(tmp_path / "v.jsonl", row), "tidy", tmp_path / "out")


@pytest.mark.parametrize(
    ("second", "message"),
    [
        ({"verdict": "b"}, "the trial 'i1' in order ab comes twice"),
        ({"order": "ba", "gold": "b"}, "the item 'i1' had another gold before"),
        ({"order": "ba", "gold": None}, "the item 'i1' had another gold before"),
    ],
)
def test_rows_that_contradict_each_other_are_refused(
    tmp_path: Path, second: dict[str, Any], message: str
) -> None:
    path = jsonl(tmp_path / "v.jsonl", ROWS[0], ROWS[0] | second)
    with pytest.raises(InputError, match=message) as caught:
        import_recordings(path, "tidy", tmp_path / "out")
    assert caught.value.line == 2


def test_an_empty_or_unknown_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "v.jsonl").write_text("\n", encoding="utf-8")
    for name in ("v.jsonl", "absent.jsonl", "v.txt"):
        with pytest.raises(InputError):
            import_recordings(tmp_path / name, "tidy", tmp_path / "out")
    with pytest.raises(InputError, match="tidy"):
        import_recordings(tmp_path / "v.jsonl", "tidi", tmp_path / "out")
    assert set(importers.names()) == {
        "alpaca_eval", "arena", "inspect", "judgebench", "llmbar", "lm_eval", "mapped", "mt_bench", "pandalm",
        "rewardbench", "rm_bench", "self_preference", "self_scores", "tidy",
    }  # fmt: skip


def test_the_same_import_again_is_fine_and_another_is_refused(tmp_path: Path) -> None:
    out = tmp_path / "out"
    path = jsonl(tmp_path / "v.jsonl", ROWS[0])
    import_recordings(path, "tidy", out)
    before = (out / "judgments.parquet").read_bytes()
    import_recordings(path, "tidy", out)
    assert (out / "judgments.parquet").read_bytes() == before
    for changed in ({**ROWS[0], "verdict": "b"}, {**ROWS[0], "judge": "two"}):
        with pytest.raises(InputError, match=r"holds another run \(v by recorded/one\)"):
            import_recordings(jsonl(tmp_path / "v.jsonl", changed), "tidy", out)
    assert load(out).judgments()["verdict"].tolist() == ["a"]


def test_an_import_does_not_mix_with_other_files(tmp_path: Path) -> None:
    path = jsonl(tmp_path / "v.jsonl", ROWS[0])
    with pytest.raises(InputError, match="holds other files"):
        import_recordings(path, "tidy", tmp_path)
    with pytest.raises(InputError, match="is a file"):
        import_recordings(path, "tidy", path)


def test_a_run_that_was_asked_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "run.json").write_text('{"suite": "s", "judge": "sim/mild"}', encoding="utf-8")
    with pytest.raises(InputError, match=r"another run \(s by sim/mild\)"):
        import_recordings(jsonl(tmp_path / "v.jsonl", ROWS[0]), "tidy", tmp_path / "out")


ITEM = {"input": "q", "output_1": "x", "output_2": "y", "label": 2}
RUNS = {"swap = False": {"winner": "2"}, "swap = True": {"winner": "1"}}
RESULT = {"input": "q", "results": [{"metrics": "m"}, RUNS]}


@pytest.fixture
def evaluator(tmp_path: Path) -> Path:
    """An evaluator's folder in LLMBar's layout with three items, written for this test."""
    folder = tmp_path / "Natural" / "evaluators" / "GPT-4" / "Vanilla"
    folder.mkdir(parents=True)
    silent = {"input": "q", "results": [{"swap = False": {"winner": None}, "swap = True": {"winner": "2"}}]}
    (folder.parents[2] / "dataset.json").write_text(
        json.dumps([ITEM, ITEM, {**ITEM, "label": 1}]), encoding="utf-8"
    )
    (folder / "result.json").write_text(json.dumps([RESULT, silent, RESULT]), encoding="utf-8")
    return folder


def test_llmbar_winners_are_in_the_frame_of_the_item(evaluator: Path, tmp_path: Path) -> None:
    (run,) = import_recordings(evaluator, "llmbar", tmp_path / "out")
    rows = run.judgments()
    assert (run.manifest["suite"], run.manifest["judge"]) == ("llmbar-natural", "recorded/GPT-4/Vanilla")
    assert rows["verdict"].tolist() == ["b", "a", "invalid", "b", "b", "a"]
    assert rows["order"].tolist() == ["ab", "ba"] * 3
    assert rows["gold"].tolist() == ["b", "b", "b", "b", "a", "a"]
    assert rows["item_id"].iloc[2] == "llmbar-natural/001"
    assert run.manifest["published"] == {}


def test_llmbar_figures_are_stated_next_to_what_was_found(evaluator: Path, tmp_path: Path) -> None:
    stated = {"correct_False": "1 / 3 = 33.3%", "equal": "2 / 3 = 66.7%", "kappa_False": 0.1}
    (evaluator / "statistics.json").write_text(json.dumps(stated), encoding="utf-8")
    (run,) = import_recordings(evaluator, "llmbar", tmp_path / "out")
    assert run.manifest["published"] == {
        "correct_False": {"stated": "1 / 3", "found": "1 / 3"},
        "equal": {"stated": "2 / 3", "found": "0 / 3"},
    }


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("result.json", None, "cannot be read: No such file"),
        ("result.json", "[", "not JSON"),
        ("result.json", b"\xff", "not UTF-8"),
        ("result.json", "{}", "not a list of objects"),
        ("result.json", "[]", "not a list of objects"),
        ("result.json", [RESULT], "1 results for 3 items"),
        ("result.json", [RESULT, {**RESULT, "input": "other"}, RESULT], "result 1 is about another item"),
        ("result.json", [RESULT, RESULT, {"input": "q", "results": []}], "result 2 is not"),
        (
            "result.json",
            [{"input": "q", "results": [{"swap = False": {"winner": "1"}}]}] * 3,
            "'swap = True'",
        ),
        ("result.json", [{"input": "q", "results": [{"swap = False": None}]}] * 3, "result 0 is not"),
        ("../../../dataset.json", None, "no dataset.json in the folders above"),
        ("../../../dataset.json", [{**ITEM, "label": 3}] * 3, "'label' is 3"),
        ("statistics.json", "[", "not JSON"),
        ("statistics.json", "3", "not in the layout"),
        ("statistics.json", '{"equal": 3}', "not in the layout"),
        ("statistics.json", '{"correct_average": "high"}', "not in the layout"),
    ],
)
def test_a_broken_llmbar_folder_is_told(
    evaluator: Path, tmp_path: Path, name: str, content: Any, message: str
) -> None:
    if content is None:
        (evaluator / name).unlink()
    elif isinstance(content, bytes):
        (evaluator / name).write_bytes(content)
    else:
        text = content if isinstance(content, str) else json.dumps(content)
        (evaluator / name).write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        import_recordings(evaluator, "llmbar", tmp_path / "out")
    assert message in str(caught.value)
    assert caught.value.file is not None


def test_llmbar_wants_the_folder_not_the_file(evaluator: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="the folder of an evaluator"):
        import_recordings(evaluator / "result.json", "llmbar", tmp_path / "out")


def test_an_import_is_analysed_like_a_run(evaluator: Path, tmp_path: Path) -> None:
    (run,) = import_recordings(evaluator, "llmbar", tmp_path / "out")
    effects = analyze(run.path).effects().set_index("estimand")
    assert effects.loc["accuracy", "estimate"] == pytest.approx((0.5 + 1 + 0.5) / 3)
    assert effects.loc["first_preference", "n_missing"] == 1
