"""Markup goes on and the words stay: stripped of it, the text is the one that stood there."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judgebench.items import Item
from judgebench.perturb import Draw, perturb, perturbations
from judgebench.perturb.format import STYLES, strip_markup

PLUGIN = perturbations.get("format")
TEXT = "First of all. Then comes this one.\n\nA new paragraph starts. It ends."
EXPECTED = {
    "bullets": "- First of all.\n- Then comes this one.\n\n- A new paragraph starts.\n- It ends.",
    "headings": "## First of all.\n\nThen comes this one.\n\nA new paragraph starts. It ends.",
    "bold": "**First of all.** **Then comes this** one.\n\n**A new paragraph** starts. **It ends.**",
    "table": "| First of all. |\n| --- |\n| Then comes this one. |\n\nA new paragraph starts. It ends.",
    "code": f"```\n{TEXT}\n```",
}


@pytest.mark.parametrize("style", EXPECTED)
def test_each_style_is_what_it_says(style: str) -> None:
    item = Item("i", "p", TEXT, "b")
    done = perturb(PLUGIN, item, "a", "treatment", seed=0, replicate=0, options={"style": style})
    lines = done.stimulus.response_a.strip().splitlines()
    assert [line.rstrip() for line in lines if line.strip()] == [
        line for line in EXPECTED[style].splitlines() if line.strip()
    ]
    assert done.check.passed


def test_emoji_stand_before_sentences_and_several_are_used() -> None:
    texts = [
        perturb(
            PLUGIN,
            Item(str(n), "p", TEXT, "b"),
            "a",
            "treatment",
            seed=0,
            replicate=0,
            options={"style": "emoji"},
        )
        for n in range(20)
    ]
    assert len({done.change.inserted[0] for done in texts}) > 3
    assert all(done.check.passed for done in texts)


@pytest.mark.parametrize("style", STYLES)
@given(
    text=st.lists(
        st.sampled_from(["One is so. ", "Two?\n\n", "\n- a\n", "\n## T\n", "**b** c. ", "`x` "]), max_size=9
    )
)
def test_stripped_of_markup_the_words_are_those_of_the_original(style: str, text: list[str]) -> None:
    original = "".join(text)
    draw = Draw(Item("i", "p", original, "b"), "a", random.Random(0))
    assert PLUGIN.apply is not None
    assert strip_markup(PLUGIN.apply(original, draw, style=style)) == strip_markup(original)


def test_a_fence_is_longer_than_those_inside() -> None:
    item = Item("i", "p", "Look.\n```\nx\n```", "b")
    done = perturb(PLUGIN, item, "a", "treatment", seed=0, replicate=0, options={"style": "code"})
    assert done.stimulus.response_a.startswith("````\n")
    assert done.stimulus.response_a.endswith("\n````")


def test_a_changed_word_or_missing_markup_fails_the_check() -> None:
    assert PLUGIN.check_of is not None
    assert PLUGIN.check_of("One is so.", "- One is not so.", style="bullets").failures == (
        "the words are not the same",
    )
    assert PLUGIN.check_of("One is so.", "One is so. ", style="any").failures == ("the markup is not there",)
    assert PLUGIN.check_of("One is so.", "- One is so.", style="bold").failures == (
        "the markup is not there",
    )


def test_the_placebo_adds_as_many_blanks_and_no_markup() -> None:
    item = Item("i", "p", TEXT, "b")
    for style in STYLES:
        cue, placebo = (
            perturb(PLUGIN, item, "a", arm, seed=0, replicate=0, options={"style": style}).stimulus.response_a
            for arm in ("treatment", "placebo")
        )
        assert len(placebo) == len(cue)
        assert placebo.split() == TEXT.split()
