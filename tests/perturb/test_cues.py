"""The checks that cues and rewrites share."""

from __future__ import annotations

import pytest

from judgebench.items import Item
from judgebench.perturb import perturb, perturbations
from judgebench.perturb.cues import content_is_kept
from judgebench.perturb.language import digits
from judgebench.perturb.rewriting import NOT_REWRITTEN, Rewritten

ITEM = Item("i", "p", "In Vienna the tower by Otto Wagner is 42 m high.", "b")


@pytest.mark.parametrize(
    ("after", "failures"),
    [
        ("Otto Wagner built a tower in Vienna, 42 m high.", ()),
        ("Otto Wagner built a tower in Vienna.", ("the number 42 was lost",)),
        ("Otto Wagner built 2 towers of 42 m in Vienna.", ("the number 2 is new",)),
        ("Somebody built a tower in Vienna, 42 m high.", ("the name Otto was lost",)),
    ],
)
def test_a_rewrite_keeps_numbers_and_names(after: str, failures: tuple[str, ...]) -> None:
    assert content_is_kept(ITEM.response_a, after).failures == failures


def test_a_word_at_the_start_of_a_sentence_is_no_name() -> None:
    assert content_is_kept("Heat rises. Cold sinks.", "What is warm goes up, what is cool goes down.").passed


def test_a_translation_may_set_its_numbers_in_another_way() -> None:
    assert digits("1,234.5") == digits("1.234,5") == {"1", "234", "5"}


@pytest.mark.parametrize("name", ["sentiment", "confidence", "language"])
def test_what_a_model_wrote_is_shown_with_the_check_s_verdict(name: str) -> None:
    plugin = perturbations.get(name)
    assert not plugin.has_placebo(plugin.settled({"by": "model"}))
    made = Rewritten(
        "Oh, the tower by Otto Wagner in Vienna: 42 m!", ("the content was not kept, by the check",)
    )
    done = perturb(
        plugin, ITEM, "a", "treatment", seed=0, replicate=0, options={"by": "model"}, rewritten=made
    )
    assert done.stimulus.response_a == made.text
    assert done.check.failures == made.failures


def test_without_a_rewrite_something_stands_in_and_its_check_fails() -> None:
    done = perturb(perturbations.get("paraphrase"), ITEM, "a", "treatment", seed=0, replicate=0, options={})
    assert ITEM.response_a in done.stimulus.response_a
    assert NOT_REWRITTEN in done.check.failures
