"""Battles in the layouts of Chatbot Arena, written for these tests."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from judgebench.errors import InputError
from judgebench.run.imports.arena import misfit, read

BATTLE = {
    "question_id": "q1", "model_a": "vicuna", "model_b": "alpaca", "winner": "model_a", "judge": "arena_user_7",
    "turn": 1, "language": "English",
}  # fmt: skip


def talk(*said: str) -> list[dict[str, str]]:
    return [{"role": "assistant" if i % 2 else "user", "content": text} for i, text in enumerate(said)]


def battles(tmp_path: Path, *rows: dict[str, Any]) -> Path:
    path = tmp_path / "battles.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("winner", "verdict"),
    [("model_a", "b"), ("model_b", "a"), ("tie", "tie"), ("tie (bothbad)", "tie"), ("both_bad", "tie")],
)
def test_model_a_was_shown_first_and_a_sorts_first(tmp_path: Path, winner: str, verdict: str) -> None:
    swapped = {**BATTLE, "model_a": "alpaca", "model_b": "vicuna"}
    (found,) = read(battles(tmp_path, {**BATTLE, "winner": winner}, {**swapped, "winner": winner}))
    first, second = found.verdicts
    assert (first.item_id, first.order, first.verdict) == ("q1/turn-1/alpaca/vicuna", "ba", verdict)
    assert (second.item_id, second.order) == (first.item_id, "ab")
    assert second.verdict == {"a": "b", "b": "a"}.get(verdict, verdict)


def test_the_votes_of_people_are_one_judge_and_models_are_others(tmp_path: Path) -> None:
    judges = ["arena_user_7", "author_1", "expert_12", None, ["gpt-4", "pair-v2"], "gpt-4o mini"]
    recordings = read(battles(tmp_path, *({**BATTLE, "judge": judge} for judge in judges)))
    assert [r.judge for r in recordings] == [
        "recorded/humans",
        "recorded/gpt-4/pair-v2",
        "recorded/gpt-4o-mini",
    ]
    assert [v.repeat for v in recordings[0].verdicts] == [0, 1, 2, 3]
    assert any("which person" in what for what in recordings[0].unknown)
    assert not any("which person" in what for what in recordings[1].unknown)


@pytest.mark.parametrize("judge", [["gpt-4", "pair-v2"], ["gpt-4", "pair-math-v1-multi-turn"], "gpt4_pair"])
def test_a_row_for_two_games_has_no_order_and_a_disagreement_is_no_verdict(
    tmp_path: Path, judge: Any
) -> None:
    row = {**BATTLE, "judge": judge}
    other = {**row, "question_id": "q2", "winner": "tie (inconsistent)"}
    (found,) = read(battles(tmp_path, row, other))
    assert [(v.order, v.verdict) for v in found.verdicts] == [(None, "b"), (None, "invalid")]
    assert "two games" in found.frame
    assert any("where they disagree" in what for what in found.unknown)
    assert not any("left to chance" in what for what in found.unknown)


def test_conversations_are_cut_at_the_turn_that_was_judged(tmp_path: Path) -> None:
    both = {
        "conversation_a": talk("Hi", "v1", "More", "v2"),
        "conversation_b": json.dumps(talk("Hi", "a1", "More", "a2")),
    }
    (found,) = read(battles(tmp_path, {**BATTLE, **both}, {**BATTLE, **both, "turn": 2}))
    one, two = found.items
    assert (one.prompt, one.response_a, one.response_b) == ("Hi", "a1", "v1")
    assert (two.prompt, two.response_a, two.response_b) == ("Hi\n\nMore", "a1\n\na2", "v1\n\nv2")
    assert two.authors == ("alpaca", "vicuna")


@pytest.mark.parametrize("conversation", ["user: hi", talk("Hi"), [1], None, talk("Hi", "")])
def test_texts_that_are_not_apart_are_left_out(tmp_path: Path, conversation: Any) -> None:
    row = {**BATTLE, "conversation_a": conversation, "conversation_b": conversation}
    (found,) = read(battles(tmp_path, row))
    assert list(found.items) == []


def test_winners_may_be_three_columns_of_a_csv_and_texts_lists_of_turns(tmp_path: Path) -> None:
    path = tmp_path / "train.csv"
    names = "id,model_a,model_b,prompt,response_a,response_b,winner_model_a,winner_model_b,winner_tie"
    rows = [
        names.split(","),
        ["1", "vicuna", "alpaca", '["Hi", "More"]', '["v1", null]', "plain", "0", "1", "0"],
        ["2", "alpaca", "vicuna", "x", "y", "z", "0", "0", "1"],
    ]  # fmt: skip
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    (found,) = read(path)
    assert [(v.item_id, v.order, v.verdict) for v in found.verdicts] == [
        ("1/alpaca/vicuna", "ba", "a"), ("2/alpaca/vicuna", "ab", "tie")
    ]  # fmt: skip
    item = next(iter(found.items))
    assert (item.prompt, item.response_a, item.response_b) == ("Hi\n\nMore", "plain", "v1")


def test_a_list_in_a_json_file_and_a_parquet_file_are_read_too(tmp_path: Path) -> None:
    (tmp_path / "b.json").write_text(json.dumps([BATTLE]), encoding="utf-8")
    talks = {"conversation_a": talk("Hi", "v"), "conversation_b": talk("Hi", "a")}
    pd.DataFrame([{**BATTLE, **talks}]).to_parquet(tmp_path / "b.parquet")
    for name, texts in (("b.json", 0), ("b.parquet", 1)):
        (found,) = read(tmp_path / name)
        assert [v.verdict for v in found.verdicts] == ["b"]
        assert len(list(found.items)) == texts


@pytest.mark.parametrize(
    ("change", "message", "key"),
    [
        ({"winner": "model_c"}, "'winner' is 'model_c'", "winner"),
        ({"winner": None}, "'winner' is missing", "winner"),
        ({"model_b": 1.5}, "'model_b' is 1.5", "model_b"),
        ({"judge": [1]}, "'judge' is [1]", "judge"),
        ({"judge": "??"}, "'judge' is '??'", "judge"),
    ],
)
def test_a_row_that_is_no_battle_is_told_by_its_place(
    tmp_path: Path, change: dict[str, Any], message: str, key: str
) -> None:
    row = BATTLE | change
    with pytest.raises(InputError) as caught:
        read(battles(tmp_path, BATTLE, row))
    assert message in caught.value.message
    assert (caught.value.line, caught.value.column) == (2, json.dumps(row).index(f'"{key}":') + 1)


def test_marks_that_name_no_winner_or_two_are_refused(tmp_path: Path) -> None:
    row = {"model_a": "x", "model_b": "y", "winner_model_a": 1, "winner_model_b": 1, "winner_tie": 0}
    with pytest.raises(InputError, match="no winner"):
        read(battles(tmp_path, row))
    with pytest.raises(InputError, match="empty"):
        read(battles(tmp_path))
    (tmp_path / "b.json").write_text("{}", encoding="utf-8")
    with pytest.raises(InputError, match="not a list of objects"):
        read(tmp_path / "b.json")
    (tmp_path / "b.json").write_text("[1,", encoding="utf-8")
    with pytest.raises(InputError, match="not JSON"):
        read(tmp_path / "b.json")


def test_a_file_is_known_by_its_first_row(tmp_path: Path) -> None:
    assert misfit(battles(tmp_path, BATTLE)) is None
    marks = {"model_a": "x", "model_b": "y", "winner_model_a": 1, "winner_model_b": 0, "winner_tie": 0}
    assert misfit(battles(tmp_path, marks)) is None
    assert "lacks 'model_b' and 'winner'" in str(misfit(battles(tmp_path, {"model_a": "x"})))
