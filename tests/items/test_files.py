"""Item files: what loads, and that whatever does not is told by file, line and column."""

import codecs
import csv
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from judgebench.errors import InputError
from judgebench.items import Item
from judgebench.items.files import read_item_file
from judgebench.items.model import ATTRIBUTES, FURTHER_RESPONSES, ITEM_KEYS, LETTERS, VOTES, Gold, votes_of
from judgebench.items.rows import read_rows

GOOD = '{"id": "1", "prompt": "p", "response_a": "a", "response_b": "b"}'
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
IN_ONE_FOLDER = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def line(**changes: Any) -> str:
    return json.dumps({"id": "2", "prompt": "p", "response_a": "a", "response_b": "b"} | changes)


def fault(path: Path) -> InputError:
    with pytest.raises(InputError) as caught:
        read_item_file(path)
    return caught.value


BROKEN_JSONL: dict[str, tuple[str, int, int, str, str | None]] = {
    # name: (second line, line, column, part of the message, suggestion)
    "unknown key": (line(promt="x"), 2, line(promt="x").find('"promt"') + 1, "unknown key 'promt'", "prompt"),
    "unknown key, not ASCII": (
        GOOD.replace('"1"', '"2"')[:-1] + ', "é": ""}',
        2,
        len(GOOD) + 2,
        "unknown key 'é'",
        None,
    ),
    "key only as value": (
        '{"prompt": "id", "id": 2, "response_a": "", "response_b": ""}',
        2,
        18,
        "'id'",
        None,
    ),
    "duplicate key": ('{"id": "2", "prompt": "p", "id": "3"}', 2, 28, "the key 'id' comes twice", None),
    "duplicate id": (line(id="1"), 2, 2, "the id '1' comes twice; first in line 1", None),
    "bad gold": (line(gold="tei"), 2, line(gold="tei").find('"gold"') + 1, "'gold' is 'tei'", "tie"),
    "gold in capitals": (line(gold="A"), 2, line(gold="A").find('"gold"') + 1, "'gold' is 'A'", "a"),
    "number for text": (line(id=3), 2, 2, "'id' is int '3', not text", None),
    "true for text": (line(category=True), 2, line(category=True).find('"cat') + 1, "bool 'True'", None),
    "list for text": (line(prompt=["x"]), 2, 13, "'prompt' is list", None),
    "mapping for text": (line(reference={"x": 1}), 2, line(reference=1).find('"ref') + 1, "dict", None),
    "votes that are no numbers": (
        line(gold_votes={"a": "7"}),
        2,
        line(gold_votes={}).find('"gold_votes"') + 1,
        "'gold_votes' has '7' votes for 'a'",
        None,
    ),
    "votes for no response": (
        line(gold_votes={"a": 1, "c": 0}),
        2,
        line(gold_votes={}).find('"gold_votes"') + 1,
        "'gold_votes' has votes for 'c'",
        None,
    ),
    "votes of nobody": (
        line(gold_votes={"a": 0}),
        2,
        line(gold_votes={}).find('"gold_votes"') + 1,
        "'gold_votes' holds no vote",
        None,
    ),
    "votes in a list": (
        line(gold_votes=["a"]),
        2,
        line(gold_votes={}).find('"gold_votes"') + 1,
        "'gold_votes' is list",
        None,
    ),
    "attributes of no response": (
        line(attributes={"c": {"price": 1}}),
        2,
        line(attributes={}).find('"attributes"') + 1,
        "'attributes' speaks of 'c', which is no response",
        None,
    ),
    "an attribute in a list": (
        line(attributes={"a": {"price": [1]}}),
        2,
        line(attributes={}).find('"attributes"') + 1,
        "the attribute 'price' of 'a' is list '[1]'",
        None,
    ),
    "attributes without names": (
        line(attributes={"a": 3}),
        2,
        line(attributes={}).find('"attributes"') + 1,
        "'attributes' of 'a' is int '3'",
        None,
    ),
    "gold without its response": (
        line(gold="c"),
        2,
        line(gold="c").find('"gold"') + 1,
        "'gold' is 'c', but there is no 'response_c'",
        None,
    ),
    "a gap among the responses": (
        line(response_c="c", response_e="e"),
        2,
        line(response_c="c", response_e="e").find('"response_e"') + 1,
        "there is 'response_e', but no 'response_d'",
        None,
    ),
    "a ninth response": (
        line(response_i="i"),
        2,
        line(response_i="i").find('"response_i"') + 1,
        "unknown key 'response_i'",
        "response_h",
    ),
    "null for a required key": (line(response_a=None), 2, 28, "'response_a' is missing", None),
    "missing key": ('{"id": "2", "prompt": "p", "response_a": "a"}', 2, 1, "'response_b' is missing", None),
    "empty id": (line(id=" "), 2, 2, "'id' is empty", None),
    "not closed": ('{"id": "2", "prompt": "p"', 2, 26, "not JSON", None),
    "single quotes": ("{'id': '2'}", 2, 2, "not JSON", None),
    "comment": ("# a comment", 2, 1, "not JSON", None),
    "two objects": ("{} {}", 2, 4, "not JSON: Extra data", None),
    "array": ('["2", "p", "a", "b"]', 2, 1, "a list, not an object", None),
    "text alone": ('"2"', 2, 1, "the str '2', not an object", None),
    "null alone": ("null", 2, 1, "null, not an object", None),
    "NaN": ('{"id": NaN}', 2, 8, "not JSON: NaN", None),
    "minus infinity": ('{"id": "2", "gold": -Infinity}', 2, 21, "not JSON: -Infinity", None),
    "lone surrogate": (line(prompt="\ud83d"), 2, 13, "half of a surrogate pair", None),
    "nested deeply": ("[" * 100_000, 2, 1, "nested too deeply", None),
    "digits": ('{"id": ' + "9" * 5000 + "}", 2, 1, "thousands of digits", None),
    "raw control character": ('{"id": "\x01"}', 2, 9, "not JSON", None),
}


@pytest.mark.parametrize("name", BROKEN_JSONL)
def test_a_broken_line_is_told_with_its_place(name: str, tmp_path: Path) -> None:
    second, row, column, message, suggestion = BROKEN_JSONL[name]
    path = tmp_path / "items.jsonl"
    path.write_text(f"{GOOD}\n{second}\n", "utf-8")
    error = fault(path)
    assert (error.file, error.line, error.column) == (path, row, column)
    assert message in error.message
    assert error.expected
    assert error.suggestion == suggestion


@pytest.mark.parametrize("content", ["", "\n\n", "\ufeff", " \r\n"])
def test_a_file_without_items_is_an_error(content: str, tmp_path: Path) -> None:
    path = tmp_path / "items.jsonl"
    path.write_text(content, "utf-8")
    assert "empty" in fault(path).message


def test_bytes_that_are_not_utf_8_are_told_by_line_and_column(tmp_path: Path) -> None:
    path = tmp_path / "items.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + GOOD.encode() + b'\n{"\xc3\xa9": "\xff"}')
    error = fault(path)
    assert (error.line, error.column, error.message) == (2, 8, "not UTF-8: byte 0xff")


def test_a_missing_file_is_told_with_the_nearest_name(tmp_path: Path) -> None:
    (tmp_path / "items.jsonl").write_text(GOOD, "utf-8")
    error = fault(tmp_path / "item.jsonl")
    assert error.message == "no such item file"
    assert error.suggestion == "items.jsonl"


def test_a_folder_an_impossible_name_and_an_unknown_ending_are_errors(tmp_path: Path) -> None:
    (tmp_path / "folder.jsonl").mkdir()
    assert "cannot be read" in fault(tmp_path / "folder.jsonl").message
    assert "cannot be read" in fault(tmp_path / ("x" * 300 + ".jsonl")).message
    assert "cannot be read" in fault(tmp_path / "a\0b.jsonl").message
    assert "no such item file" in fault(tmp_path / "nowhere" / "a.jsonl").message
    assert ".jsonl" in str(fault(tmp_path / "items.xlsx").expected)


def test_a_byte_order_mark_blank_lines_and_windows_line_ends_are_accepted(tmp_path: Path) -> None:
    path = tmp_path / "items.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + f"{GOOD}\r\n\r\n{line()}\r\n".encode())
    assert [item.id for item in read_item_file(path)] == ["1", "2"]


def test_a_line_separator_inside_a_text_does_not_end_a_line(tmp_path: Path) -> None:
    path = tmp_path / "items.jsonl"
    path.write_text(
        '{"id": "1", "prompt": "x\u2028y\x85z", "response_a": "", "response_b": "b"}', "utf-8", newline=""
    )
    assert read_item_file(path) == [Item("1", "x\u2028y\x85z", "", "b")]


HEADER = "id,prompt,response_a,response_b"
BROKEN_CSV: dict[str, tuple[str, int, int, str]] = {
    "row too short": (f"{HEADER}\n1,p,a,b\n2,p,a\n", 3, 1, "the row has 3 cells, the header 4"),
    "row too long": (f"{HEADER}\n1,p,a,b,c\n", 2, 1, "the row has 5 cells, the header 4"),
    "after a cell of two lines": (f'{HEADER}\n1,p,"a\na",b\n\n2,p\n', 5, 1, "the row has 2 cells"),
    "unknown column": (f"{HEADER},glod\n1,p,a,b,a\n", 1, 33, "unknown key 'glod'"),
    "column twice": (f"{HEADER},id\n1,p,a,b,2\n", 1, 33, "the key 'id' comes twice"),
    "missing column": ("id,prompt,response_a\n1,p,a\n", 2, 1, "'response_b' is missing"),
    "bad gold": (f"{HEADER},gold\n1,p,a,b,x\n", 2, 1, "'gold' is 'x'"),
    "quote not closed": (f'{HEADER}\n1,p,"a,b\n', 2, 1, "not CSV"),
    "text after a quote": (f'{HEADER}\n1,p,"a"x,b\n', 2, 1, "not CSV"),
    "duplicate id": (f"{HEADER}\n1,p,a,b\n1,p,a,b\n", 3, 1, "the id '1' comes twice"),
    "empty id": (f"{HEADER}\n,p,a,b\n", 2, 1, "'id' is empty"),
}


@pytest.mark.parametrize("name", BROKEN_CSV)
def test_a_broken_csv_is_told_with_its_place(name: str, tmp_path: Path) -> None:
    content, row, column, message = BROKEN_CSV[name]
    path = tmp_path / "items.csv"
    path.write_text(content, "utf-8", newline="")
    error = fault(path)
    assert (error.file, error.line, error.column) == (path, row, column)
    assert message in error.message


def test_a_csv_response_may_be_very_long_and_hold_any_line_end(tmp_path: Path) -> None:
    limit, long = csv.field_size_limit(), "x" * 200_000
    path = tmp_path / "items.csv"
    path.write_text(f"{HEADER}\n1,a\u2028b,{long},\n", "utf-8", newline="")
    assert read_item_file(path) == [Item("1", "a\u2028b", long, "")]
    assert csv.field_size_limit() == limit


def test_a_parquet_file_that_is_none_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "items.parquet"
    for content in (b"", GOOD.encode(), b"PAR1" + bytes(40) + b"PAR1"):
        path.write_bytes(content)
        assert fault(path).message.startswith("not Parquet")


def test_a_broken_parquet_row_is_told_by_its_number(tmp_path: Path) -> None:
    path = tmp_path / "items.parquet"
    columns = {"id": ["1", "2"], "prompt": ["p", "p"], "response_a": ["a", None], "response_b": ["b", "b"]}
    pq.write_table(pa.table(columns), path)
    assert (fault(path).line, fault(path).message) == (2, "'response_a' is missing")
    pq.write_table(pa.table(columns | {"id": [1, 2]}), path)
    assert (fault(path).line, fault(path).message) == (1, "'id' is int '1', not text")
    twice = pa.Table.from_arrays([pa.array(["1"])] * 2, names=["id", "id"])
    pq.write_table(twice, path)
    assert fault(path).message == "the key 'id' comes twice"


def test_a_folder_named_like_a_partition_adds_no_column(tmp_path: Path) -> None:
    path = tmp_path / "split=test" / "items.parquet"
    path.parent.mkdir()
    pq.write_table(pa.table({k: ["1"] for k in ITEM_KEYS[:4]}), path)
    assert read_item_file(path) == [Item("1", "1", "1", "1")]


def some_items() -> st.SearchStrategy[list[Item]]:
    optional = st.none() | TEXT.filter(bool)
    row = st.builds(
        Item,
        id=TEXT.filter(str.strip),
        prompt=TEXT,
        response_a=TEXT,
        response_b=TEXT,
        gold=st.sampled_from(["a", "b", "tie", None]),
        category=optional,
        source=optional,
        author_a=optional,
        author_b=optional,
        reference=optional,
    )
    votes = st.none() | st.dictionaries(st.sampled_from(["a", "b", "tie"]), st.integers(1, 99), min_size=1)
    more = st.builds(with_options, row, st.lists(TEXT.filter(bool), max_size=6), st.booleans(), votes)
    return st.lists(more, min_size=1, max_size=4, unique_by=lambda item: item.id)


def with_options(item: Item, further: list[str], last_is_gold: bool, votes: dict[Gold, float] | None) -> Item:
    """The item with further responses, perhaps the last of all as gold, and votes."""
    options = dict(zip(FURTHER_RESPONSES, further, strict=False))
    gold = LETTERS[1 + len(further)] if last_is_gold else item.gold
    return replace(item, **options, gold=gold, gold_votes=votes and votes_of(votes))


@IN_ONE_FOLDER
@given(some_items())
def test_the_three_formats_give_equal_items(tmp_path: Path, items: list[Item]) -> None:
    rows = [item.to_dict() for item in items]
    lines = [json.dumps({k: v for k, v in row.items() if v is not None}, ensure_ascii=False) for row in rows]
    rows = [row | {VOTES: json.dumps(row[VOTES])} if VOTES in row else row for row in rows]
    (tmp_path / "items.jsonl").write_text("\n".join(lines), "utf-8", newline="")
    with (tmp_path / "items.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ITEM_KEYS, quoting=csv.QUOTE_ALL)
        writer.writeheader()
        writer.writerows(rows)
    schema = pa.schema([(key, pa.string()) for key in ITEM_KEYS])
    pq.write_table(pa.Table.from_pylist(rows, schema), tmp_path / "items.parquet")
    for ending in ("jsonl", "csv", "parquet"):
        assert read_item_file(tmp_path / f"items.{ending}") == items


def test_votes_may_be_counts_or_shares_and_a_verdict_without_any_may_be_left_out(tmp_path: Path) -> None:
    (tmp_path / "items.jsonl").write_text(f"{line(gold_votes={'tie': 0.25, 'a': 0.75})}\n")
    rows = [
        {**json.loads(line(id=name)), VOTES: votes} for name, votes in (("1", {"a": 2, "b": 1}), ("2", None))
    ]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "items.parquet")
    assert read_item_file(tmp_path / "items.jsonl")[0].gold_votes == (("a", 0.75), ("tie", 0.25))
    assert [item.gold_votes for item in read_item_file(tmp_path / "items.parquet")] == [
        (("a", 2), ("b", 1)),
        None,
    ]


def test_attributes_are_numbers_words_or_truth_values_in_every_format(tmp_path: Path) -> None:
    given = {"a": {"price": 3.5, "badge": True}, "b": {"origin": "far"}}
    (tmp_path / "items.jsonl").write_text(line(attributes=given))
    pq.write_table(pa.Table.from_pylist([json.loads(line(attributes=given))]), tmp_path / "items.parquet")
    with (tmp_path / "items.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, [*ITEM_KEYS[:4], ATTRIBUTES])
        writer.writeheader()
        writer.writerow(json.loads(line()) | {ATTRIBUTES: json.dumps(given)})
    for ending in ("jsonl", "parquet", "csv"):
        (item,) = read_item_file(tmp_path / f"items.{ending}")
        assert item.to_dict()[ATTRIBUTES] == given


def loads_or_is_told(path: Path) -> None:
    """Any exception but an InputError fails the test by itself."""
    try:
        told = str(read_item_file(path)[0]) and str(path)
    except InputError as error:
        told = str(error)
    assert str(path) in told


@IN_ONE_FOLDER
@given(
    st.binary(max_size=200) | st.text(max_size=100).map(lambda t: t.encode("utf-8", "replace")),
    st.sampled_from(["jsonl", "csv", "parquet"]),
)
def test_any_bytes_load_or_are_an_input_error(tmp_path: Path, content: bytes, ending: str) -> None:
    path = tmp_path / f"items.{ending}"
    path.write_bytes(content)
    loads_or_is_told(path)


@IN_ONE_FOLDER
@given(st.integers(0, 400), st.integers(0, 8), st.binary(max_size=6), st.sampled_from(["jsonl", "parquet"]))
def test_any_damage_to_a_good_file_loads_or_is_an_input_error(
    tmp_path: Path, start: int, removed: int, inserted: bytes, ending: str
) -> None:
    path = tmp_path / f"items.{ending}"
    pristine = f"{GOOD}\n{line(gold='a')}\n".encode()
    if ending == "parquet":
        sink = pa.BufferOutputStream()
        pq.write_table(pa.table({k: ["1", "2"] for k in ITEM_KEYS[:4]}), sink)
        pristine = sink.getvalue().to_pybytes()
    start = start * 7 % len(pristine)
    path.write_bytes(pristine[:start] + inserted + pristine[start + removed :])
    loads_or_is_told(path)


def test_rows_are_read_as_they_are_asked_for(tmp_path: Path) -> None:
    """A fault further down does not keep the rows before it from being read."""
    path = tmp_path / "rows.jsonl"
    path.write_bytes(codecs.BOM_UTF8 + b'{"a": 1}\n{"a": 2}\r\n\n{"a": "\xff"}\n')
    rows = read_rows(path)
    assert [next(rows)[2], next(rows)[2]] == [{"a": 1}, {"a": 2}]
    with pytest.raises(InputError, match="not UTF-8: byte 0xff") as caught:
        next(rows)
    assert (caught.value.line, caught.value.column) == (4, 8)


def test_a_csv_that_is_not_utf8_is_told_by_its_place(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes(b"a,b\n1,2\n" * 5000 + b"\xe9,4\n")
    with pytest.raises(InputError, match="not UTF-8: byte 0xe9") as caught:
        list(read_rows(path))
    assert (caught.value.line, caught.value.column) == (10001, 1)


def test_parquet_rows_are_numbered_over_all_batches(tmp_path: Path) -> None:
    pq.write_table(pa.table({"a": list(range(25_000))}), tmp_path / "rows.parquet")
    assert [(line, row["a"]) for line, _, row in read_rows(tmp_path / "rows.parquet")] == [
        (i + 1, i) for i in range(25_000)
    ]
