"""Where notes stand in a rendered prompt, and other labels on the responses."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from judgebench.errors import InputError
from judgebench.perturb import Note, Stimulus
from judgebench.protocols import Protocol
from judgebench.protocols.pairwise import Pairwise

PLAIN = Stimulus("Why?", "One.", "Two.")
NOTE = "I like {target}, not {other}."


def rendered(place: Any, target: Any, order: Any) -> tuple[str, str]:
    system, user = Pairwise().render(replace(PLAIN, note=Note(place, NOTE, target)), order)
    return system.content, user.content


@pytest.mark.parametrize(("order", "named"), [("ab", "I like response A, not response B."),
                                              ("ba", "I like response B, not response A.")])  # fmt: skip
def test_a_note_stands_in_its_place_and_names_the_target_as_it_is_shown(order: str, named: str) -> None:
    system, user = rendered("system", "a", order)
    assert system.endswith(f"\n\n{named}")
    assert named not in user
    system, user = rendered("in_prompt", "a", order)
    assert f"[Request]\nWhy?\n\n{named}\n[End of request]" in user
    system, user = rendered("after_responses", "a", order)
    assert f"[End of response B]\n\n{named}\n\nWhich" in user
    assert named not in system
    system, user = rendered("system_and_after", "a", order)
    assert named in system
    assert f"[End of response B]\n\n{named}\n\nWhich" in user


@pytest.mark.parametrize(
    ("target", "order", "before"),
    [("a", "ab", "[Response A]\nOne."), ("a", "ba", "[Response B]\nOne."), ("b", "ab", "[Response B]\nTwo."),
     ("b", "ba", "[Response A]\nTwo.")],
)  # fmt: skip
def test_a_note_before_the_target_stands_between_the_two_where_that_is_shown_second(
    target: str, order: str, before: str
) -> None:
    _, user = rendered("before_target", target, order)
    label, other = before[10], "B" if before[10] == "A" else "A"
    assert f"I like response {label}, not response {other}.\n\n{before}" in user


@pytest.mark.parametrize("tie", [True, False])
def test_other_labels_stand_on_the_responses_in_the_question_and_in_the_verdict(tie: bool) -> None:
    protocol = Pairwise(tie=tie).with_labels(("Bobby", "Alex", "Both"))
    user = protocol.render(PLAIN, "ab")[-1].content
    assert "[Response Bobby]\nOne.\n[End of response Bobby]" in user
    assert "[[Bobby]] if response Bobby is better, [[Alex]] if response Alex is better" in user
    assert ("[[Both]]" in user) is tie
    read = {
        text: protocol.read(text, truncated=False, refused=False)
        for text in ("[[Alex]]", "[[A]]", "so [[Both]]")
    }
    assert read["[[Alex]]"].outcome == "second"
    assert read["[[A]]"].outcome == "invalid"
    assert read["so [[Both]]"].outcome == ("tie" if tie else "invalid")


def test_the_labels_of_a_stimulus_turn_with_the_order() -> None:
    stimulus = replace(PLAIN, labels=("1", "2", "3"))
    assert stimulus.labels_in("ab") == ("1", "2", "3")
    assert stimulus.labels_in("ba") == ("2", "1", "3")
    assert PLAIN.labels_in("ba") is None


def test_a_protocol_without_labels_says_so() -> None:
    with pytest.raises(InputError, match="shows no labels"):
        Protocol.with_labels(Pairwise(), ("1", "2"))
