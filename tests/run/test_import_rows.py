"""What all importers of publishers' files share: places, values, and what every format does with broken input."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from judgebench.errors import InputError
from judgebench.items.source_rows import read_objects, suite_of
from judgebench.run.imports import importers
from judgebench.run.imports.names import judge_of
from judgebench.run.imports.stated import beside

FORMATS = ("judgebench", "alpaca_eval", "pandalm", "rewardbench", "rm_bench")


def test_every_format_is_listed(cli) -> None:
    listed = cli("list", "formats").stdout
    assert all(name in listed for name in FORMATS)


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize(
    ("ending", "content", "message"),
    [
        ("json", b"[{]", "not JSON: "),
        ("json", b"[\xff]", "not UTF-8"),
        ("json", b"3", ""),
        ("json", b"[]", "the file is empty"),
        ("json", b"[{}]", "is missing"),
        ("json", b'[{"id": ' + b"9" * 5000 + b"}]", "a number of thousands of digits"),
        ("json", b"[" * 100_000, "nested too deeply"),
        ("jsonl", b"\n", "the file is empty"),
        ("jsonl", b"{}\n", "is missing"),
        ("jsonl", b"[1]\n", "not an object"),
    ],
)
def test_broken_input_is_told_in_every_format(
    cli, tmp_path: Path, name: str, ending: str, content: bytes, message: str
) -> None:
    """PandaLM reads its test set first, which is JSON always."""
    path = tmp_path / f"verdicts.{ending}"
    path.write_bytes(content)
    (tmp_path / "testset-v1.json").write_bytes(content if ending == "json" else b"[]")
    done = cli("import", path, "--format", name, "--out", tmp_path / "out")
    assert done.returncode == 2
    assert str(tmp_path) in done.stderr
    assert "Traceback" not in done.stderr
    assert message in done.stderr or (name, ending) == ("pandalm", "jsonl")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("indent", [None, 1])
def test_a_value_in_a_json_list_is_found_at_its_line_and_column(tmp_path: Path, indent: int | None) -> None:
    """The key stands in the element before and, quoted, in a text of its own element."""
    path = tmp_path / "rows.json"
    path.write_text(json.dumps([{"k": 1}, {"t": 'says "k": 1', "k": {}}], indent=indent), encoding="utf-8")
    lines = path.read_text(encoding="utf-8").splitlines()
    error = read_objects(path, expected="rows")[1].wrong("k", "a number")
    assert error.line is not None
    assert error.column is not None
    assert lines[error.line - 1][error.column - 1 :].startswith('"k": {')
    assert error.message == "'k' is {}"
    missing = read_objects(path, expected="rows")[1].wrong("absent", "a number")
    assert missing.line is not None
    assert missing.column is not None
    assert lines[missing.line - 1][missing.column - 1 :].startswith("{")


def test_only_finite_numbers_and_storable_texts_are_taken(tmp_path: Path) -> None:
    path = tmp_path / "rows.json"
    path.write_text(
        '[{"n": 1e999, "b": true, "t": "\\ud800", "i": 3, "huge": 1' + "0" * 400 + "}]", encoding="utf-8"
    )
    (row,) = read_objects(path, expected="rows")
    for key in ("n", "b", "t", "huge", "absent"):
        with pytest.raises(InputError, match=f"'{key}' is"):
            row.number(key)
    for key in ("n", "b", "t", "absent"):
        with pytest.raises(InputError, match=f"'{key}' is"):
            row.text(key)
    assert (row.number("i"), row.text("i"), row.text_or_none("absent")) == (3.0, "3", None)


def test_names_of_judges_and_suites_have_no_characters_that_specs_and_folders_forbid() -> None:
    assert judge_of("org/a model?", "x") == "recorded/org/a-model-/x"
    assert suite_of("bench", "../a b/c") == "bench-..-a-b-c"


def test_stated_figures_are_compared_to_the_digits_stated() -> None:
    found = {"accuracy": 0.66771, "precision": 0.57376, "recall": 0.6, "f1": 0.57432}
    assert beside("pandalm", "recorded/pandalm-7b", found) == {
        "accuracy": ("0.6677", "0.6677"), "precision": ("0.5738", "0.5738"), "recall": ("0.5750", "0.6000"),
        "f1": ("0.5743", "0.5743"),
    }  # fmt: skip
    assert beside("pandalm", "recorded/other", found) == {}


def test_formats_have_half_a_line_each() -> None:
    assert all(importers.get(name).name == name and importers.get(name).summary for name in FORMATS)
