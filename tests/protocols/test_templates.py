"""Templates: files with the words of a protocol, in which nothing of an item is ever taken for a placeholder."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judgebench.errors import InputError
from judgebench.perturb import Note, Stimulus
from judgebench.protocols import Protocol, protocols
from judgebench.protocols.pairwise import Pairwise
from judgebench.protocols.template import built_in, fill, template_names, template_text

NAMES = [name for name in protocols if name != "file"]
STIMULUS = Stimulus(
    "the question", "left text", "right text", further=("third text",), prompt_b="other question"
)


def shown(protocol: Protocol) -> str:
    return {"single": "a", "list": "cab"}.get(protocol.layout.shows, "ab")


@pytest.mark.parametrize("name", NAMES)
def test_every_protocol_shows_its_responses_in_order_in_every_wording(name: str) -> None:
    kind: Any = protocols.get(name)
    for wording in built_in(kind.default_template).wordings:
        protocol: Protocol = kind(paraphrase=wording)
        order = shown(protocol)
        user = protocol.sized(len(order)).render(STIMULUS, order)[-1].content
        texts = [{"a": "left text", "b": "right text", "c": "third text"}[letter] for letter in order]
        places = [user.index(text) for text in texts]
        assert places == sorted(places)
        assert "the question" in user
        assert "{" not in user


@pytest.mark.parametrize("name", template_names())
def test_every_template_has_three_wordings_that_differ(name: str) -> None:
    wordings = built_in(name).wordings
    assert len(wordings) >= 3
    assert len({w.system for w in wordings.values()}) == len(wordings)
    assert len({w.ask["before"] for w in wordings.values()}) == len(wordings)


def test_every_protocol_reads_what_it_asks_for_in_each_way_of_reasoning() -> None:
    for reasoning in ("before", "after", "none"):
        tail = Pairwise(reasoning=reasoning).render(STIMULUS, "ab")[1].content
        assert "[[A]]" in tail
        assert "[[C]]" in tail


@given(st.text(), st.dictionaries(st.sampled_from(["a", "b"]), st.text()))
def test_what_is_put_in_is_never_filled_again(text: str, values: dict[str, str]) -> None:
    assert fill("{a}", {"a": "{b}", "b": "x"}) == "{b}"
    assert fill("{{a}}", {"a": "x"}) == "{a}"
    assert fill(text.replace("{", "").replace("}", ""), values) == text.replace("{", "").replace("}", "")


HOSTILE = "{prompt} {text} {mark} {{x}} {target}"


@pytest.mark.parametrize("name", NAMES)
def test_texts_with_placeholders_stand_as_they_are(name: str) -> None:
    protocol = protocols.get(name)()
    order = shown(protocol)
    stimulus = Stimulus(HOSTILE, HOSTILE, HOSTILE, further=(HOSTILE,), prompt_b=HOSTILE)
    user = protocol.sized(len(order)).render(stimulus, order)[-1].content
    assert user.count(HOSTILE) >= len(order) + 1


def test_a_copied_template_is_used_and_its_faults_are_told_with_their_place(tmp_path: Path) -> None:
    text = template_text("pairwise")
    path = tmp_path / "mine.yaml"
    path.write_text(text.replace("Which response is better? Explain", "Which one wins? Explain"))
    assert "Which one wins?" in Pairwise(template=str(path)).render(STIMULUS, "ab")[1].content
    path.write_text(text.replace("[Response {label}]\n  {text}", "[Response {label}]\n  {txt}"))
    with pytest.raises(InputError, match=r"unknown placeholder \{txt\}") as caught:
        Pairwise(template=str(path))
    assert caught.value.line is not None
    assert caught.value.suggestion == "text"
    path.write_text(text.replace("  {prompt}\n", "  nothing\n").replace("noun: response", "nuon: response"))
    with pytest.raises(InputError, match="unknown key 'nuon'") as caught:
        Pairwise(template=str(path))
    assert caught.value.suggestion == "noun"


@pytest.mark.parametrize("name", ["choice", "listwise"])
def test_a_note_names_the_option_as_it_is_displayed(name: str) -> None:
    note = Note("after_responses", "{target} is liked, {other} are not.", "b")
    user = (
        protocols.get(name)()
        .sized(3)
        .render(Stimulus("p", "x", "y", note=note, further=("z",)), "cab")[1]
        .content
    )
    noun = "option" if name == "choice" else "response"
    assert f"{noun.capitalize()} C is liked, the other {noun}s are not." in user


def test_the_reference_is_shown_where_it_is_asked_for() -> None:
    stimulus = Stimulus("p", "a", "b", reference="the right answer")
    assert "the right answer" in Pairwise(reference="shown").render(stimulus, "ab")[1].content
    assert "the right answer" not in Pairwise().render(stimulus, "ab")[1].content
    assert Pairwise(reference="shown").layout.reference
