from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from judgebench.errors import InputError
from judgebench.judges.base import JudgeFault, Reply, Request
from judgebench.judges.factory import open_judge
from judgebench.judges.tidy import read_tidy
from judgebench.protocols.reading import read_label

ROWS: list[dict[str, Any]] = [
    {"item_id": "i1", "judge": "m", "order": "ab", "verdict": "a"},
    {"item_id": "i1", "judge": "m", "order": "ba", "verdict": "a"},
    {"item_id": "i2", "judge": "m", "order": "ab", "verdict": "tie"},
    {"item_id": "i2", "judge": "m", "order": "ba", "verdict": "b"},
    {"item_id": "i3", "judge": "m", "order": "ab", "verdict": "invalid"},
    {"item_id": "i3", "judge": "m", "order": "ba", "verdict": "refused"},
    {
        "item_id": "i1", "judge": "m", "order": "ab", "verdict": "b",
        "perturbation": "length", "arm": "treatment", "target": "b", "repeat": 1,
    },
]  # fmt: skip


@pytest.fixture(params=["csv", "jsonl", "parquet"])
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / f"verdicts.{request.param}"
    frame = pd.DataFrame(ROWS).astype({"repeat": "Int64"})
    if request.param == "csv":
        frame.to_csv(path, index=False)
    elif request.param == "jsonl":
        path.write_text("\n".join(json.dumps(row) for row in ROWS) + "\n\n")
    else:
        frame.to_parquet(path)
    return path


def ask(spec: str, request: Request) -> Reply:
    return asyncio.run(open_judge(spec).ask(request))


@pytest.mark.parametrize(
    ("trial", "outcome"),
    [
        ({"item_id": "i1", "order": "ab"}, "first"),
        ({"item_id": "i1", "order": "ba"}, "second"),
        ({"item_id": "i2", "order": "ab"}, "tie"),
        ({"item_id": "i2", "order": "ba"}, "first"),
        ({"item_id": "i3", "order": "ab"}, "invalid"),
        ({"item_id": "i3", "order": "ba"}, "refused"),
        (
            {"order": "ab", "perturbation": "length", "arm": "treatment", "target": "b", "repeat": 1},
            "second",
        ),
    ],
)
def test_a_verdict_on_file_is_read_back_in_the_frame_of_the_display(
    path: Path, make_request: Callable[..., Request], trial: dict[str, Any], outcome: str
) -> None:
    for labels in (("A", "B", "C"), ("X", "Y", "T")):
        request = make_request(labels=labels, **trial)
        reply = ask(f"recorded/{path}", request)
        assert read_label(reply.text, labels, refused=reply.finish == "refusal").outcome == outcome


def test_a_trial_that_is_not_on_file_is_fatal_and_named(
    path: Path, make_request: Callable[..., Request]
) -> None:
    with pytest.raises(JudgeFault, match=r"'i9'.*repeat 2") as caught:
        ask(f"recorded/{path}", make_request(item_id="i9", repeat=2))
    assert not caught.value.retriable


def test_its_identity_is_the_content_of_the_file(path: Path, tmp_path: Path) -> None:
    copy = tmp_path / f"copy{path.suffix}"
    copy.write_bytes(path.read_bytes())
    assert open_judge(f"recorded/{path}").identity == open_judge(f"recorded/{copy}").identity
    assert not open_judge(f"recorded/{path}").capabilities.network


def write(tmp_path: Path, text: str, suffix: str = ".csv") -> Path:
    path = tmp_path / f"verdicts{suffix}"
    path.write_text(text)
    return path


def test_one_of_several_judges_is_chosen_by_name(
    tmp_path: Path, make_request: Callable[..., Request]
) -> None:
    path = write(tmp_path, "item_id,judge,order,verdict\ni1,one,ab,a\ni1,two,ab,b\n")
    assert ask(f"recorded/{path}?judge=two", make_request()).text == "[[B]]"
    with pytest.raises(InputError, match=r"\?judge=NAME, one of one, two"):
        open_judge(f"recorded/{path}")
    with pytest.raises(InputError, match="did you mean 'two'"):
        open_judge(f"recorded/{path}?judge=tow")


@pytest.mark.parametrize(
    ("text", "suffix", "says"),
    [
        ("item_id,judge,order,verdict\ni1,m,ab,a\ni1,m,xy,a\n", ".csv", r":3:1: 'order' is 'xy'"),
        ("item_id,judge,order,verdict\ni1,m,ab,A\n", ".csv", r":2:1: 'verdict' is 'A'"),
        ("item,judge,order,verdict\ni1,m,ab,a\n", ".csv", r":2:1: 'item_id' is missing"),
        (
            "item_id,judge,order,verdict\ni1,m,ab,a\ni1,m,ab,b\n",
            ".csv",
            r":3:1: the trial 'i1' in order ab comes twice",
        ),
        ("item_id,judge,order,verdict,repeat\ni1,m,ab,a,x\n", ".csv", r":2:1: 'repeat' is 'x'"),
        ("item_id,judge,order,verdict\n", ".csv", "the file is empty"),
        ('{"item_id": "i1",\n', ".jsonl", r":1:18: not JSON"),
        ("[1]\n", ".jsonl", r":1:1: a list, not an object"),
        ("nothing", ".parquet", "not Parquet"),
        ("nothing", ".xlsx", "cannot tell the format of a file of verdicts that ends in '.xlsx'"),
    ],
)
def test_a_fault_in_the_file_is_shown_with_its_line(
    tmp_path: Path, text: str, suffix: str, says: str
) -> None:
    path = write(tmp_path, text, suffix)
    with pytest.raises(InputError, match=says) as caught:
        open_judge(f"recorded/{path}")
    assert str(path) in str(caught.value)


def test_a_file_that_is_not_there_and_an_address_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        open_judge(f"recorded/{tmp_path}/none.csv")
    with pytest.raises(InputError, match="--base-url"):
        open_judge("recorded/x.csv", base_url="http://127.0.0.1:1")


@pytest.mark.parametrize("value", ["true", "1.0", "[1]", '{"a": 1}'])
def test_a_value_that_equals_an_earlier_one_is_checked_all_the_same(tmp_path: Path, value: str) -> None:
    row = '{"item_id": "%s", "judge": "j", "order": "ab", "verdict": "a", "repeat": %s}\n'
    path = tmp_path / "v.jsonl"
    path.write_text(row % ("i", 1) + row % ("k", '"1"') + row % ("l", value))
    with pytest.raises(InputError, match="'repeat' is") as caught:
        read_tidy(path)
    assert caught.value.line == 3
