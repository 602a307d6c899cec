from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

from judgebench.audit import import_recordings
from judgebench.errors import InputError
from judgebench.items.source_rows import read_objects
from judgebench.run.imports import Recording, importers
from judgebench.run.imports.alpaca_eval import upstream_figures


def logprobs(**tokens: float) -> dict[str, Any]:
    top = [{"token": token, "logprob": math.log(p)} for token, p in tokens.items()]
    return {
        "logprobs": {"content": [{"token": top[0]["token"], "top_logprobs": top}]},
        "text": top[0]["token"],
    }


def annotation(preference: Any, completion: Any = None, **more: Any) -> dict[str, Any]:
    return {
        "instruction": "do it", "output_1": "reference", "generator_1": "base", "dataset": "koala",
        "output_2": "model's", "generator_2": "new", "annotator": "judge", "preference": preference,
        "raw_completion": completion, **more,
    }  # fmt: skip


def write(folder: Path, *rows: Any) -> Path:
    path = folder / "annotations.json"
    path.write_text(json.dumps(list(rows), indent=2), encoding="utf-8")
    return path


def read(path: Path) -> Recording:
    (recording,) = importers.get("alpaca_eval").read(path)
    return recording


def test_the_answer_about_displayed_labels_tells_the_order(tmp_path: Path) -> None:
    """With m at .2 and M at .6, the one shown second has three quarters."""
    answer = logprobs(M=0.6, m=0.2, Neither=0.1)
    found = read(write(tmp_path, annotation(1.75, answer), annotation(1.25, answer)))
    straight, crossed = found.verdicts
    assert (straight.order, straight.verdict) == ("ab", "b")
    assert (crossed.order, crossed.verdict) == ("ba", "a")
    assert (straight.p_a, straight.p_b, straight.captured_mass) == pytest.approx((0.25, 0.75, 0.8))
    assert (crossed.p_a, crossed.p_b, crossed.captured_mass) == pytest.approx((0.75, 0.25, 0.8))
    assert (found.suite, found.judge, found.unknown) == ("alpaca_eval-new", "recorded/judge", [])
    assert found.items[1].to_dict() == {
        "id": "alpaca_eval-new/001", "prompt": "do it", "response_a": "reference", "response_b": "model's",
        "gold": None, "category": "koala", "source": "alpaca_eval", "author_a": "base", "author_b": "new",
        "reference": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("row", "order", "verdict"),
    [
        (annotation(1, "m"), "ab", "a"),
        (annotation(1, {"text": "M", "logprobs": None}), "ba", "a"),
        (annotation(2, "Output (b)"), None, "b"),
        (annotation(2), None, "b"),
        (annotation(2, "Output (b)", is_switched_outputs=True), "ba", "b"),
        (annotation(2, "m", is_switched_outputs=False), "ab", "b"),
        (annotation(None, "neither"), None, "invalid"),
        (annotation(0, "neither"), None, "tie"),
        (annotation(1.5, logprobs(m=0.5, M=0.5)), None, "tie"),
        (annotation(1.4, logprobs(m=0.9, M=0.1)), None, "a"),
        (annotation(1.4, logprobs(Neither=0.9)), None, "a"),
    ],
)
def test_the_order_is_given_where_it_is_on_record_and_its_lack_is_told(
    tmp_path: Path, row: Any, order: str | None, verdict: str
) -> None:
    found = read(write(tmp_path, row))
    (only,) = found.verdicts
    assert (only.order, only.verdict) == (order, verdict)
    assert found.unknown == ([] if order else ["the order of 1 verdicts"])


def test_a_verdict_without_logprobs_has_no_probabilities(tmp_path: Path) -> None:
    (only,) = read(write(tmp_path, annotation(1, "m"))).verdicts
    assert (only.p_a, only.p_b, only.captured_mass) == (None, None, None)


def test_equal_responses_were_not_asked_about(tmp_path: Path) -> None:
    found = read(write(tmp_path, annotation(1.5, output_2="reference")))
    assert [v.verdict for v in found.verdicts] == ["tie"]
    assert found.unknown == [
        "the verdicts on 1 pairs of equal responses: upstream does not ask, and notes a tie"
    ]


def test_each_annotator_is_a_judge(tmp_path: Path) -> None:
    path = write(tmp_path, annotation(1, "m"), annotation(2, "m", annotator="other one"))
    found = importers.get("alpaca_eval").read(path)
    assert [(r.judge, len(r.verdicts)) for r in found] == [("recorded/judge", 1), ("recorded/other-one", 1)]


def test_win_rate_drops_what_could_not_be_read(tmp_path: Path) -> None:
    """Wins of 0, 1/2 and 1: mean 1/2, standard deviation 1/2; the lengths are 7, 7, 7 and 8."""
    path = write(tmp_path, annotation(1), annotation(0), annotation(2), annotation(None, output_2="12345678"))
    found = upstream_figures(read_objects(path, expected=""))
    assert found == pytest.approx({"win_rate": 50, "standard_error": 50 / math.sqrt(3), "avg_length": 7})


@pytest.mark.parametrize(
    ("row", "message", "key"),
    [
        (annotation(2.5), "'preference' is 2.5", "preference"),
        (annotation("1"), "'preference' is \"1\"", "preference"),
        (annotation(True), "'preference' is true", "preference"),  # noqa: FBT003  # what the file holds
        (annotation(1, {"logprobs": {"content": []}}), "IndexError", "raw_completion"),
        (annotation(1, {"logprobs": {"content": [{"top_logprobs": [3]}]}}), "TypeError", "raw_completion"),
        (annotation(1, output_1=None), "'output_1' is null", "output_1"),
        (annotation(1, annotator=[]), "'annotator' is []", "annotator"),
    ],
)
def test_a_broken_annotation_is_told_by_its_place(tmp_path: Path, row: Any, message: str, key: str) -> None:
    path = write(tmp_path, annotation(1, logprobs(m=1.0)), row)
    with pytest.raises(InputError) as caught:
        read(path)
    lines = path.read_text(encoding="utf-8").splitlines()
    second = lines.index("  {", 3)
    line = next(n for n in range(second, len(lines)) if lines[n].startswith(f'    "{key}":')) + 1
    assert message in caught.value.message
    assert (caught.value.file, caught.value.line, caught.value.column) == (path, line, 5)


@pytest.mark.parametrize(
    ("model", "win_rate", "error", "length"),
    [
        ("gpt-3.5-turbo-1106", "9.178", "0.890", "796"),
        ("gpt-3.5-turbo-1106_concise", "7.416", "0.837", "431"),
        ("gpt-3.5-turbo-1106_verbose", "12.763", "1.044", "1058"),
    ],
)
def test_published_win_rates_and_lengths(
    data: Path, tmp_path: Path, model: str, win_rate: str, error: str, length: str
) -> None:
    path = data / "alpaca_eval" / "results" / model / "weighted_alpaca_eval_gpt4_turbo" / "annotations.json"
    (run,) = import_recordings(path, "alpaca_eval", tmp_path / "run")
    assert run.manifest["published"] == {
        "win_rate": {"stated": win_rate, "found": win_rate},
        "standard_error": {"stated": error, "found": error},
        "avg_length": {"stated": length, "found": length},
    }
    rows = run.judgments()
    equal = rows["p_b"].isna()
    assert rows["order"].isna().equals(equal)
    assert set(rows["verdict"][equal]) == {"tie"}
    wins = rows["p_b"].fillna(0.5)
    assert f"{100 * wins.mean():.3f}" == win_rate
    assert f"{100 * wins.sem():.3f}" == error
    assert (rows["p_a"] + rows["p_b"] - 1)[~equal].abs().max() < 1e-9
    assert rows["captured_mass"].between(0.7, 1.000001)[~equal].all()


@pytest.mark.slow
def test_the_order_depends_on_the_instruction_alone(data: Path, tmp_path: Path) -> None:
    """Upstream draws it by a seed from the instruction: three models on the same instructions share it."""
    orders: dict[str, set[str]] = {}
    for path in sorted((data / "alpaca_eval" / "results").rglob("annotations.json")):
        found = read(path)
        for item, verdict in zip(found.items, found.verdicts, strict=True):
            if verdict.order is not None:
                orders.setdefault(item.prompt, set()).add(verdict.order)
    assert len(orders) == 803
    assert all(len(seen) == 1 for seen in orders.values())
    assert sum(seen == {"ab"} for seen in orders.values()) == 399
