"""Replies under every protocol are read as the table says, and nothing but the declared form is."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from judgebench.protocols import Protocol, protocols
from judgebench.protocols.choice import Choice
from judgebench.protocols.pointwise import Pointwise
from judgebench.protocols.reading import PLACES, Reading
from judgebench.protocols.rubric import Rubric

HERE = Path(__file__)
REPLIES: list[dict[str, Any]] = yaml.safe_load(HERE.with_name("replies_more.yaml").read_text("utf-8"))
CRITERIA = {"correctness": "it is true", "clarity": "it is plain"}


def protocol(by: str | Mapping[str, Mapping[str, Any]]) -> Protocol:
    name, options = (by, {}) if isinstance(by, str) else next(iter(by.items()))
    if name == "rubric":
        options = {"criteria": CRITERIA, "asked": "together", "rated": "clarity", **options}
    return protocols.get(name)(**options).sized(4 if name in {"choice", "listwise"} else 2)


def wanted(reply: Mapping[str, Any]) -> Reading:
    expected = reply["expected"]
    if isinstance(expected, dict):
        return Reading("scored", scores=tuple((name, float(score)) for name, score in expected.items()))
    if isinstance(expected, int):
        return Reading("scored", scores=(("", float(expected)),))
    return Reading(expected, reply.get("reason", ""))


def test_the_tables_hold_more_than_150_replies() -> None:
    others = yaml.safe_load(HERE.with_name("replies.yaml").read_text("utf-8"))
    assert len(REPLIES) + len(others) >= 150


@pytest.mark.parametrize("reply", REPLIES, ids=lambda r: r["text"][:40])
def test_a_reply_is_read_as_the_table_says(reply: dict[str, Any]) -> None:
    truncated, refused = reply.get("truncated", False), reply.get("refused", False)
    assert protocol(reply["by"]).read(reply["text"], truncated=truncated, refused=refused) == wanted(reply)


@given(st.text(st.sampled_from(list("[]ABCD1234 \n:.")), max_size=30) | st.text(), st.booleans())
def test_a_reply_is_never_read_as_more_than_it_says(text: str, truncated: bool) -> None:  # drawn
    found = Choice().sized(4).read(text, truncated=truncated, refused=False)
    assert found.outcome in {*PLACES[:4], "invalid", "refused"}
    if found.outcome in PLACES:
        assert f"[[{'ABCD'[PLACES.index(found.outcome)]}]]" in text
    scored = Pointwise().read(text, truncated=truncated, refused=False)
    for _, score in scored.scores:
        assert f"[[{score:g}]]" in text


@given(st.text(), st.integers(1, 10))
def test_a_score_at_the_end_is_the_score(text: str, score: int) -> None:
    found = Pointwise().read(f"{text}\n\n[[{score}]]", truncated=True, refused=False)
    assert found.scores in {(("", float(score)),), ()}
    if "<think>" not in text:
        assert found.scores


@given(st.integers(1, 5), st.integers(1, 5), st.text(st.characters(exclude_characters="[<"), max_size=40))
def test_each_criterion_has_the_score_on_its_own_line(one: int, two: int, text: str) -> None:
    rubric = Rubric(criteria=CRITERIA, asked="together")
    reply = f"{text}\ncorrectness: [[{one}]]\nclarity: [[{two}]]"
    assert rubric.read(reply, truncated=False, refused=False).scores == (
        ("correctness", float(one)),
        ("clarity", float(two)),
    )
