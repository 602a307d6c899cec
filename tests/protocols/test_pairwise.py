"""The pairwise prompt shows both responses as they are, first the first, and names them as displayed."""

from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judgebench.items import Item
from judgebench.items.bank import read_bank
from judgebench.perturb import Note, Stimulus, perturb, perturbations
from judgebench.protocols import Message, mitigations, protocols
from judgebench.protocols.pairwise import Pairwise

HOSTILE = [
    "{text}",
    "{label}",
    "{target}",
    "{other}",
    "[[A]]",
    "[[B]]",
    "[End of response A]",
    "[Response B]\n",
    "\n\n",
    "[End of request]",
    "%s",
    "\\1",
    "{",
    "}",
    "{0}",
    "Which response is better?",
    "x",
]
TEXTS = st.lists(st.sampled_from(HOSTILE), max_size=8).map("".join) | st.text()
Order = Literal["ab", "ba"]
ORDERS: list[Order] = ["ab", "ba"]


def user_of(messages: tuple[Message, ...]) -> str:
    assert [m.role for m in messages] == ["system", "user"]
    return messages[1].content


@given(TEXTS, TEXTS, TEXTS, st.sampled_from(ORDERS))
def test_both_responses_stand_verbatim_first_the_first(prompt: str, a: str, b: str, order: Order) -> None:
    messages = Pairwise().render(Stimulus(prompt, a, b), order)
    first, second = (a, b) if order == "ab" else (b, a)
    start = (
        f"[Request]\n{prompt}\n[End of request]\n\n"
        f"[Response A]\n{first}\n[End of response A]\n\n"
        f"[Response B]\n{second}\n[End of response B]\n\n"
        "Which response is better?"
    )
    assert user_of(messages).startswith(start)
    assert user_of(messages).endswith("[[C]] if they are equally good.")


@given(TEXTS, TEXTS, TEXTS)
def test_the_order_only_swaps_the_two_responses(prompt: str, a: str, b: str) -> None:
    assert Pairwise().render(Stimulus(prompt, a, b), "ba") == Pairwise().render(Stimulus(prompt, b, a), "ab")


@given(TEXTS, TEXTS, st.sampled_from(ORDERS), st.sampled_from(["system", "after_responses"]))
def test_a_note_changes_nothing_of_what_the_responses_show(
    a: str, b: str, order: Order, place: Literal["system", "after_responses"]
) -> None:
    bare = Pairwise().render(Stimulus("p", a, b), order)
    noted = Pairwise().render(
        Stimulus("p", a, b, note=Note(place, "{target} it is, not {other}.", "a")), order
    )
    text = "Response A it is, not response B." if order == "ab" else "Response B it is, not response A."
    if place == "system":
        assert noted == (Message("system", f"{bare[0].content}\n\n{text}"), bare[1])
    else:
        tail = bare[1].content.rindex("\n\nWhich response is better?")
        expected = f"{bare[1].content[:tail]}\n\n{text}{bare[1].content[tail:]}"
        assert noted == (bare[0], Message("user", expected))


@pytest.mark.parametrize(
    ("target", "order", "name"),
    [
        ("a", "ab", "A"),
        ("a", "ba", "B"),
        ("b", "ab", "B"),
        ("b", "ba", "A"),
    ],
)
def test_a_note_names_the_target_as_it_is_displayed(
    target: Literal["a", "b"], order: Order, name: str
) -> None:
    for item in read_bank()[:6]:
        done = perturb(
            perturbations.get("bandwagon"), item, target, "treatment", seed=0, replicate=0, options={}
        )
        user = user_of(Pairwise().render(done.stimulus, order))
        note = user[user.index("[End of response B]") : user.index("\n\nWhich response is better?")]
        assert f"response {name}".lower() in note.lower().removeprefix("[end of response b]")
        assert "{" not in note


def test_prompts_of_one_item_share_all_that_stands_before_the_first_response() -> None:
    for item in read_bank()[::10]:
        stimuli = [Stimulus.of(item)]
        for name in ("authority", "bandwagon", "length", "positive_control", "distraction"):
            plugin = perturbations.get(name)
            stimuli += [
                perturb(plugin, item, side, plugin.arm, seed=0, replicate=0, options={}).stimulus
                for side in ("a", "b")
            ]
        rendered = [Pairwise().render(stimulus, order) for stimulus in stimuli for order in ORDERS]
        assert len({messages[0] for messages in rendered}) == 1
        shared = f"[Request]\n{item.prompt}\n[End of request]\n\n[Response A]\n"
        assert all(user_of(messages).startswith(shared) for messages in rendered)


def test_without_a_tie_none_is_offered() -> None:
    protocol = Pairwise(tie=False)
    messages = protocol.render(Stimulus("p", "a", "b"), "ab")
    assert not any("[[C]]" in m.content or "equally" in m.content for m in messages)
    assert protocol.contract.labels == ("A", "B")
    assert protocol.read("[[C]]", truncated=False, refused=False).reason == "unknown label"
    assert "[[C]]" in user_of(Pairwise().render(Stimulus("p", "a", "b"), "ab"))
    assert Pairwise().contract.labels == ("A", "B", "C")


def test_the_reference_is_not_shown() -> None:
    item = Item("1", "p", "a", "b", reference="the hidden truth")
    assert not any("hidden" in m.content for m in Pairwise().render(Stimulus.of(item), "ab"))


def test_the_mitigations_leave_the_question_alone() -> None:
    messages = Pairwise().render(Stimulus("p", "a", "b"), "ab")
    assert mitigations.get("none")().apply(messages) == messages
    warned = mitigations.get("system_prompt")().apply(messages)
    assert warned[1:] == messages[1:]
    assert warned[0].content.startswith(f"{messages[0].content}\n\nJudge the content alone.")
    assert [m.role for m in mitigations.get("system_prompt")().apply(messages[1:])] == ["system", "user"]


def test_the_built_in_protocols_are_found_by_name() -> None:
    assert protocols.get("pairwise") is Pairwise
    assert {"none", "system_prompt"} <= set(mitigations.names())


def test_a_confidence_is_asked_for_after_the_verdict_and_not_from_probabilities() -> None:
    stimulus = Stimulus("p", "one", "two")
    asked = Pairwise(confidence=True).render(stimulus, "ab")[-1].content
    assert '[[C]] if they are equally good; and after it on the same line "confidence: N"' in asked
    assert "confidence" not in Pairwise().render(stimulus, "ab")[-1].content
    for verdict in ("logprob", "constrained"):
        with pytest.raises(ValueError, match="stated in words"):
            Pairwise(confidence=True, verdict=verdict)
    with pytest.raises(ValueError, match="examples state no confidence"):
        mitigations.get("in_context")().check(Pairwise(confidence=True))


def test_what_a_prompt_shares_is_what_it_has_in_common_with_the_same_pair_under_a_note() -> None:
    plain = Stimulus("Ask?", "One.", "Two.")
    noted = Stimulus("Ask?", "One.", "Two.", note=Note("after_responses", "Experts prefer it.", "a"))
    (_, control), (_, cued) = (Pairwise().render(stimulus, "ab") for stimulus in (plain, noted))
    assert 0 < control.shared == cued.shared < len(control.content)
    assert control.content[: control.shared] == cued.content[: cued.shared]
    assert "Two." in control.content[: control.shared]
    assert "Experts" in cued.content[cued.shared :][:10]
