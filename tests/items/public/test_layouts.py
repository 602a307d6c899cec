"""Layouts of public sets that are not here, by hand-made files; and what keeps a file from being in its layout."""

import csv
import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from judgebench.errors import InputError
from judgebench.items import Item, sources
from judgebench.items.model import fault_of
from judgebench.items.public.base import balanced, swapped

TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30)
IN_ONE_FOLDER = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def load(name: str, **options: Any) -> list[Item]:
    return sources.get(name)(**options).load()


def told(name: str, **options: Any) -> InputError:
    with pytest.raises(InputError) as caught:
        load(name, **options)
    return caught.value


def write(path: Path, rows: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".jsonl":
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    elif path.suffix == ".parquet":
        pq.write_table(pa.Table.from_pylist(rows), path)
    else:
        path.write_text(json.dumps(rows), "utf-8")
    return path


REWARDBENCH = [
    {
        "prompt": f"p{n}",
        "chosen": "good",
        "chosen_model": "m1",
        "rejected": "bad",
        "rejected_model": "m2",
        "subset": "alpacaeval-easy" if n < 2 else "xstest-should-refuse",
        "id": n,
    }
    for n in range(4)
]


@pytest.mark.parametrize("name", ["filtered-00000-of-00001.parquet", "rows.jsonl", "rows.json"])
def test_rewardbench_loads_from_parquet_and_json(tmp_path: Path, name: str) -> None:
    items = load("rewardbench", path=write(tmp_path / name, REWARDBENCH))
    assert [item.id for item in items] == [
        "rewardbench/alpacaeval-easy/0",
        "rewardbench/alpacaeval-easy/1",
        "rewardbench/xstest-should-refuse/2",
        "rewardbench/xstest-should-refuse/3",
    ]
    assert Counter(item.gold for item in items) == {"a": 2, "b": 2}
    for item in items:
        assert item.response(item.gold) == "good"
        assert (item.author_a, item.author_b) == (("m1", "m2") if item.gold == "a" else ("m2", "m1"))


def test_rewardbench_finds_the_split_filtered_and_the_subset(tmp_path: Path) -> None:
    write(tmp_path / "data" / "train-00000-of-00001.parquet", REWARDBENCH[:1])
    write(tmp_path / "data" / "filtered-00000-of-00001.parquet", REWARDBENCH)
    items = load("rewardbench", path=tmp_path, subsets=("xstest-should-refuse",), sides="upstream")
    assert [(item.category, item.gold) for item in items] == [("xstest-should-refuse", "a")] * 2
    error = told("rewardbench", path=tmp_path, subsets=("xstest",))
    assert "no subset 'xstest'" in error.message


RM_BENCH = [
    {
        "id": 7,
        "prompt": "p",
        "chosen": ["c", "cc", "# ccc"],
        "rejected": ["r", "rr", "# rrr"],
        "domain": "math",
    }
]


def test_rm_bench_makes_nine_pairs_of_a_prompt(tmp_path: Path) -> None:
    path = write(tmp_path / "data" / "total_dataset.json", RM_BENCH)
    items = load("rm_bench", path=tmp_path, sides="upstream")
    assert Counter(item.category for item in items) == {"hard": 3, "normal": 3, "easy": 3}
    assert {item.source for item in items} == {"rm-bench/math/7"}
    hard = load("rm_bench", path=path, levels=("hard",), sides="upstream")
    assert [(item.response_a, item.response_b) for item in hard] == [
        ("c", "rr"),
        ("c", "# rrr"),
        ("cc", "# rrr"),
    ]


def conversation(*turns: str) -> list[dict[str, str]]:
    return [{"role": ("user", "assistant")[n % 2], "content": turn} for n, turn in enumerate(turns)]


def vote(winner: str, judge: str, *, turn: int = 1, turned: bool = False) -> dict[str, Any]:
    talks = conversation("q1", "gpt one", "q2", "gpt two"), conversation("q1", "llama one", "q2", "llama two")
    models = ["gpt-4", "llama-13b"]
    one, two = (1, 0) if turned else (0, 1)
    return {
        "question_id": 81,
        "model_a": models[one],
        "model_b": models[two],
        "winner": winner,
        "judge": judge,
        "conversation_a": talks[one],
        "conversation_b": talks[two],
        "turn": turn,
    }


@pytest.mark.parametrize(
    ("votes", "gold", "people"),
    [
        ([vote("model_a", "expert_1")], "a", {"a": 1}),
        ([vote("model_a", "expert_1"), vote("model_b", "expert_2", turned=True)], "a", {"a": 2}),
        ([vote("model_a", "expert_1"), vote("model_a", "expert_2", turned=True)], None, {"a": 1, "b": 1}),
        (
            [vote("tie", "e1"), vote("tie (inconsistent)", "gpt4_pair"), vote("model_a", "e2")],
            "tie",
            {"a": 1, "tie": 1},
        ),
        (
            [vote("tie", "e1"), vote("model_b", "e2"), vote("model_a", "e3")],
            None,
            dict.fromkeys(("a", "b", "tie"), 1),
        ),
        ([vote("model_a", "gpt4_pair")], "a", {}),
    ],
)
def test_the_votes_on_a_pair_of_mt_bench_come_to_one_gold(
    tmp_path: Path, votes: list[dict[str, Any]], gold: str | None, people: dict[str, int]
) -> None:
    (item,) = load("mt_bench", path=write(tmp_path / "human.parquet", votes))
    assert dict(item.gold_votes or ()) == people  # GPT-4 has a say in gold, and is no person
    assert replace(item, gold_votes=None) == Item(
        "81/turn-1/gpt-4/llama-13b",
        "q1",
        "gpt one",
        "llama one",
        gold=gold,  # type: ignore[arg-type]  # one of the golds
        source="question 81",
        author_a="gpt-4",
        author_b="llama-13b",
    )


def test_the_second_turn_of_mt_bench_holds_both_turns(tmp_path: Path) -> None:
    path = write(tmp_path / "human.jsonl", [vote("model_a", "e1"), vote("model_b", "e1", turn=2)])
    (item,) = load("mt_bench", path=path, turns=(2,))
    assert (item.prompt, item.response_a, item.gold) == ("q1\n\nq2", "gpt one\n\ngpt two", "b")
    assert "no pair" in told("mt_bench", path=path, models=("gpt-4", "claude-v1")).message


@pytest.fixture
def fastchat(tmp_path: Path) -> Path:
    """FastChat's folder, with one question and two models."""
    write(tmp_path / "question.jsonl", [{"question_id": 81, "category": "writing", "turns": ["q1", "q2"]}])
    for model in ("m1", "m2"):
        answer = {"question_id": 81, "choices": [{"turns": [f"{model} one", f"{model} two"]}]}
        write(tmp_path / "model_answer" / f"{model}.jsonl", [answer])
    return tmp_path


def test_answers_of_fastchat_load_for_the_models_named(fastchat: Path) -> None:
    items = load("mt_bench", path=fastchat, models=("m2", "m1"), turns=(1,))
    assert items == [
        Item(
            "81/turn-1/m1/m2",
            "q1",
            "m1 one",
            "m2 one",
            category="writing",
            source="question 81",
            author_a="m1",
            author_b="m2",
        )
    ]
    assert len(load("mt_bench", path=fastchat, models=("m1", "m2"))) == 2
    assert told("mt_bench", path=fastchat).expected == "models: [one, another]"


@pytest.mark.parametrize(
    ("games", "gold"),
    [
        (("model_1", "model_1"), "b"),
        (("model_2", "model_2"), "a"),
        (("model_1", "model_2"), "tie"),
        (("tie", "tie"), "tie"),
        (("error", "model_1"), None),
    ],
)
def test_both_games_of_fastchat_make_gold(fastchat: Path, games: tuple[str, str], gold: str | None) -> None:
    game = {"question_id": 81, "turn": 1, "model_1": "m2", "model_2": "m1"}
    row = game | dict(zip(("g1_winner", "g2_winner"), games, strict=True))
    (item,) = load("mt_bench", path=write(fastchat / "model_judgment" / "gpt-4_pair.jsonl", [row]))
    assert (item.author_a, item.gold) == ("m1", gold)


def outputs(model: str, *instructions: str) -> list[dict[str, str]]:
    return [
        {"dataset": "koala", "instruction": text, "output": f"{model} {n}", "generator": model}
        for n, text in enumerate(instructions)
    ]


def test_outputs_of_alpaca_eval_are_joined_by_their_instructions(tmp_path: Path) -> None:
    mine = write(tmp_path / "mine" / "model_outputs.json", outputs("mine", "x", "y", "x"))
    other = write(tmp_path / "other" / "model_outputs.json", outputs("other", "y", "x", "x"))
    items = load("alpaca_eval", path=mine.parent, reference=other)
    assert [(i.prompt, i.response_a, i.response_b) for i in items] == [
        ("x", "other 1", "mine 0"),
        ("y", "other 0", "mine 1"),
        ("x", "other 2", "mine 2"),
    ]
    assert {i.gold for i in items} == {None}
    assert "no reference" in told("alpaca_eval", path=mine).message
    short = write(tmp_path / "short.json", outputs("other", "y"))
    error = told("alpaca_eval", path=mine, reference=short)
    assert (error.line, "no output on this instruction" in error.message) == (1, True)


def test_a_preference_set_loads_by_its_columns(tmp_path: Path) -> None:
    rows = [{"q": f"q{n}", "good": f"good {n}", "bad": f"bad {n}", "kind": "k"} for n in range(6)]
    columns = {"prompt": "q", "chosen": "good", "rejected": "bad", "category": "kind"}
    for name in ("set.parquet", "set.jsonl", "set.json"):
        items = load("preferences", path=write(tmp_path / name, rows), columns=columns)
        assert Counter(item.gold for item in items) == {"a": 3, "b": 3}
        assert [item.response(item.gold) for item in items] == [row["good"] for row in rows]
        assert [(item.prompt, item.category, item.source) for item in items] == [
            (row["q"], "k", "set") for row in rows
        ]


def test_a_preference_set_in_csv_keeps_its_sides_and_reads_gold(tmp_path: Path) -> None:
    path = tmp_path / "set.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(
            [["n", "q", "one", "two", "label"], ["x", "q", "1", "2", "B"], ["y", "q", "3", "4", "?"]]
        )
    columns = {"id": "n", "prompt": "q", "response_a": "one", "response_b": "two", "gold": "label"}
    items = load("preferences", path=path, columns=columns, gold_values={"A": "a", "B": "b", "?": "none"})
    assert [(i.id, i.response_a, i.gold) for i in items] == [("x", "1", "b"), ("y", "3", None)]
    error = told("preferences", path=path, columns=columns, gold_values={"A": "a", "B": "b"})
    assert (error.line, error.message) == (3, "'label' is \"?\"")


def test_a_preference_set_of_conversations_has_its_prompt_before_the_last_message(tmp_path: Path) -> None:
    rows = [
        {"chosen": conversation("q", "good"), "rejected": conversation("q", "bad")},
        {"chosen": conversation("q", "r", "s", "good"), "rejected": conversation("q", "r", "s", "bad")},
    ]
    columns = {"chosen": "chosen", "rejected": "rejected"}
    items = load("preferences", path=write(tmp_path / "s.jsonl", rows), columns=columns, sides="upstream")
    assert [i.prompt for i in items] == ["q", "user: q\n\nassistant: r\n\nuser: s"]
    assert [i.responses for i in items] == [("good", "bad")] * 2
    rows[1]["rejected"] = conversation("other", "bad")
    error = told("preferences", path=write(tmp_path / "s.jsonl", rows), columns=columns)
    assert (error.line, error.message) == (2, "the prompt is not on record")


@pytest.mark.parametrize(
    ("options", "message", "suggestion"),
    [
        ({"columns": {"prompt": "q", "chosn": "good"}}, "unknown key 'chosn'", "chosen"),
        ({"columns": {"prompt": "q", "chosen": "good"}}, "does not say where both responses stand", None),
        ({"columns": {}}, "does not say where both responses stand", None),
        ({}, "does not say where both responses stand", None),
        ({"columns": {"prompt": "q", "chosen": "god", "rejected": "bad"}}, "no column 'god'", "good"),
        (
            {"columns": {"prompt": "q", "chosen": "good", "rejected": "bad"}, "gold_values": {"1": "A"}},
            "gives '1' the meaning 'A'",
            None,
        ),
        (
            {"columns": {"prompt": "q", "chosen": "good", "rejected": "bad"}, "dataset": "x/y"},
            "from a file or from Hugging Face",
            None,
        ),
    ],
)
def test_a_mapping_that_does_not_fit_is_told(
    tmp_path: Path, options: dict[str, Any], message: str, suggestion: str | None
) -> None:
    path = write(tmp_path / "set.jsonl", [{"q": "q", "good": "g", "bad": "b"}])
    error = told("preferences", path=path, **options)
    assert message in error.message
    assert error.suggestion == suggestion


def test_a_set_in_the_layout_of_hugging_face_loads_through_its_library(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("datasets")
    monkeypatch.setenv("HF_DATASETS_CACHE", str(tmp_path / "cache"))
    folder = tmp_path / "set"
    write(folder / "data" / "test-00000-of-00001.parquet", [{"q": "q", "good": "g", "bad": "b"}])
    columns = {"prompt": "q", "chosen": "good", "rejected": "bad"}
    (item,) = load("preferences", dataset=str(folder), split="test", columns=columns, sides="upstream")
    assert (item.prompt, item.responses, item.gold) == ("q", ("g", "b"), "a")
    error = told("preferences", dataset=str(folder), split="tst", columns=columns)
    assert "does not load" in error.message


BROKEN: dict[str, tuple[str, str, Any, str, str]] = {
    # name: (source, file, content, part of the message, the key at fault)
    "llmbar label": (
        "llmbar",
        "Natural/dataset.json",
        [{"input": "i", "output_1": "1", "output_2": "2", "label": 3}],
        "'label' is 3",
        "label",
    ),
    "evalbiasbench bias": (
        "evalbiasbench",
        "biasbench.json",
        {"x": [{"bias": "lenght", "instruction": "i"}]},
        "'bias' is \"lenght\"",
        "bias",
    ),
    "evalbiasbench, second group": (
        "evalbiasbench",
        "biasbench.json",
        {
            "length bias": [
                {"bias": "length bias", "instruction": "i", "response1": "1", "response2": "2", "label": 1}
            ],
            "x": [{"bias": "concreteness", "instruction": 3.5}],
        },
        "'instruction' is 3.5",
        "instruction",
    ),
    "pandalm vote": (
        "pandalm",
        "testset-v1.json",
        [{"idx": 1, "instruction": "i", "response1": "1", "response2": "2", "annotator1": 5}],
        "'annotator1' is 5",
        "annotator1",
    ),
    "judgebench label": (
        "judgebench",
        "dataset=judgebench,response_model=x.jsonl",
        [
            {
                "response_model": "m",
                "pair_id": "1",
                "question": "q",
                "response_A": "a",
                "response_B": "b",
                "label": "A",
            }
        ],
        "'label' is \"A\"",
        "label",
    ),
    "rm_bench styles": (
        "rm_bench",
        "total_dataset.json",
        [{"id": 1, "prompt": "p", "chosen": ["c"], "rejected": ["r"]}],
        "'chosen' is",
        "chosen",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_row_that_is_not_in_the_layout_is_told_with_its_place(name: str, tmp_path: Path) -> None:
    source, file, content, message, key = BROKEN[name]
    path = write(tmp_path / file, content)
    error = told(source, path=tmp_path)
    assert message in error.message
    text = path.read_text("utf-8")
    assert (error.file, error.line, error.column) == (path, 1, text.rindex(f'"{key}":') + 1)


FOLDERS = (
    "llmbar",
    "evalbiasbench",
    "pandalm",
    "judgebench",
    "rewardbench",
    "rm_bench",
    "mt_bench",
    "alpaca_eval",
)


@pytest.mark.parametrize("name", FOLDERS)
def test_an_empty_folder_and_a_missing_path_are_told(name: str, tmp_path: Path) -> None:
    assert told(name, path=tmp_path).file
    assert "no such" in told(name, path=tmp_path / "nowhere" / "x.jsonl").message


@pytest.mark.parametrize("name", [*FOLDERS, "humans_llms"])
@IN_ONE_FOLDER
@given(
    st.binary(max_size=120)
    | st.recursive(
        st.none() | st.integers() | TEXT,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
        max_leaves=6,
    ).map(lambda value: json.dumps(value).encode()),
    st.sampled_from(["json", "jsonl"]),
)
def test_any_content_loads_or_is_an_input_error(
    name: str, tmp_path: Path, content: bytes, ending: str
) -> None:
    path = tmp_path / f"raw.{ending}"
    path.write_bytes(content)
    message = str(path)
    try:
        load(name, path=path)
    except InputError as error:
        message = str(error)
    assert str(path) in message


ANSWERS = {
    "answer1": {"answer": "x", "perturb_prompt": "p"},
    "answer2": {"answer": "y"},
}
GOOD_ROWS: dict[str, tuple[str, dict[str, Any]]] = {
    "llmbar": ("Natural/dataset.json", {"input": "i", "output_1": "1", "output_2": "2", "label": 1}),
    "pandalm": (
        "testset-v1.json",
        {"idx": 1, "cmp_key": "m_n", "instruction": "i", "input": "", "response1": "1", "response2": True}
        | {f"annotator{n}": n % 3 for n in (1, 2, 3)},
    ),
    "judgebench": (
        "dataset=judgebench,response_model=m.jsonl",
        {"pair_id": "1", "source": "s", "question": "q", "response_model": "m"}
        | {"response_A": "a", "response_B": "b", "label": "A>B"},
    ),
    "rewardbench": ("rows.jsonl", REWARDBENCH[0]),
    "rm_bench": ("total_dataset.json", RM_BENCH[0]),
    "mt_bench": ("human.jsonl", vote("model_a", "e1")),
    "alpaca_eval": (
        "annotations.json",
        {"instruction": "i", "output_1": "1", "output_2": "2", "generator_2": "m", "dataset": "koala"},
    ),
    "humans_llms": (
        "gender.json",
        {"question_id": "1-gender", "prompt": "p", "model_id": "gpt-4", "answers": ANSWERS},
    ),
    "preferences": ("set.jsonl", {"q": "q", "good": conversation("q", "g"), "bad": "b"}),
}
COLUMNS = {"preferences": {"columns": {"prompt": "q", "chosen": "good", "rejected": "bad"}}}
JSON = st.recursive(
    st.sampled_from([None, True, False, "\ud800", "1", 1, 2.5, conversation("\ud800", "x")])
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)


def placed_in(folder: Path, name: str, row: dict[str, Any]) -> Path:
    """A file of one row in the layout of a set."""
    file = folder / GOOD_ROWS[name][0]
    file.parent.mkdir(exist_ok=True)
    text = json.dumps(row)
    file.write_text(f"[{text}]" if file.suffix == ".json" and name != "humans_llms" else text, "utf-8")
    return file


@pytest.mark.parametrize("name", GOOD_ROWS)
def test_a_good_row_of_each_layout_loads(name: str, tmp_path: Path) -> None:
    assert load(name, path=placed_in(tmp_path, name, GOOD_ROWS[name][1]), **COLUMNS.get(name, {}))


@pytest.mark.parametrize("name", GOOD_ROWS)
@IN_ONE_FOLDER
@given(place=st.integers(0, 20), value=JSON, dropped=st.booleans())
def test_a_row_with_any_value_in_place_of_a_good_one_loads_or_is_told_by_its_line(
    name: str, tmp_path: Path, place: int, value: Any, dropped: bool
) -> None:
    row = dict(GOOD_ROWS[name][1])
    key = list(row)[place % len(row)]
    del row[key]
    path = placed_in(tmp_path, name, row if dropped else row | {key: value})
    try:
        items = load(name, path=path, **COLUMNS.get(name, {}))
    except InputError as error:
        items = []
        told = str(error)
    assert items or (str(path) in told or "column" in told)
    for item in items:
        assert fault_of(item.to_dict()) is None


def test_half_of_a_surrogate_pair_deep_in_a_conversation_is_told(tmp_path: Path) -> None:
    talk = conversation("q", "\ud800")
    votes = write(
        tmp_path / "human.jsonl", [vote("tie", "e1") | {"conversation_a": talk, "conversation_b": talk}]
    )
    assert "half of a surrogate pair" in told("mt_bench", path=votes).message
    talk = [{"role": "\ud800", "content": "q"}, *conversation("r", "s")]
    prefs = write(tmp_path / "s.jsonl", [{"good": talk, "bad": talk}])
    error = told("preferences", path=prefs, columns={"chosen": "good", "rejected": "bad"})
    assert "half of a surrogate pair" in error.message


@IN_ONE_FOLDER
@given(
    st.lists(st.tuples(TEXT, TEXT, TEXT, st.sampled_from([1, 2])), min_size=1, max_size=5),
    st.sampled_from([None, 2]),
)
def test_what_is_written_in_the_layout_of_llmbar_comes_back(
    tmp_path: Path, rows: list[tuple[str, str, str, int]], indent: int | None
) -> None:
    content = [dict(zip(("input", "output_1", "output_2", "label"), row, strict=True)) for row in rows]
    path = tmp_path / "Natural" / "dataset.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(content, indent=indent), "utf-8")
    items = load("llmbar", path=tmp_path)
    assert [(i.prompt, i.response_a, i.response_b, " ab".index(str(i.gold))) for i in items] == rows


PAIRS = st.lists(
    st.builds(
        Item,
        id=TEXT,
        prompt=TEXT,
        response_a=TEXT,
        response_b=TEXT,
        gold=st.sampled_from(["a", "b", "tie", None]),
    ),
    max_size=12,
    unique_by=lambda item: item.id,
)


@given(PAIRS)
def test_balancing_moves_gold_and_nothing_else(items: list[Item]) -> None:
    found = balanced(items)
    golds = Counter(item.gold for item in found)
    assert 0 <= golds["a"] - golds["b"] <= 1
    for before, after in zip(items, found, strict=True):
        assert after in (before, swapped(before))
        assert before.gold in {"a", "b"} or after == before
    assert balanced(found) == found


def test_pair_ids_decide_the_sides_whatever_the_order_of_the_rows() -> None:
    items = [Item(str(n), "p", "good", "bad", gold="a") for n in range(20)]
    assert sorted(balanced(items), key=lambda i: i.id) == sorted(balanced(items[::-1]), key=lambda i: i.id)
