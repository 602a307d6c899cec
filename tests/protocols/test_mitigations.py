"""What a mitigation shows and asks, and how several replies become one verdict."""

from collections import Counter
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judgebench.items.bank import read_bank
from judgebench.items.model import Item
from judgebench.perturb import Note, Stimulus
from judgebench.protocols import LabelProbabilities, Mitigation, Protocol, Reading, mitigations, protocols
from judgebench.protocols.mitigation.base import Asked, Member
from judgebench.protocols.mitigation.blinding import Blinding, plain
from judgebench.protocols.mitigation.combinations import Panel, SelfConsistency, SwapAndAverage
from judgebench.protocols.mitigation.combine import combined, combined_truth, turned
from judgebench.protocols.mitigation.in_context import InContext
from judgebench.protocols.mitigation.system_prompt import SystemPrompt
from judgebench.protocols.mitigation.turns import ReferenceAnswer, SelfReflection

BANK = {item.prompt: item for kind in ("pairs", "choice") for item in read_bank(kind)}  # type: ignore[arg-type]


def asked(item: Item, order: str = "ab", protocol: Protocol | None = None) -> Asked:
    return Asked(item, Stimulus.of(item), order, protocol or protocols.get("pairwise")())


PAIR = Item("mine", "Say hello.", "Hello.", "Goodbye.", gold="a")


def examples(made: InContext, trial: Asked) -> list[tuple[Item, int, str]]:
    """The examples as (item, place of gold, verdict)."""
    _, *turns = made.messages(trial)
    found = []
    for user, reply in zip(turns[0:-1:2], turns[1:-1:2], strict=True):
        assert (user.role, reply.role) == ("user", "assistant")
        item = next(item for prompt, item in BANK.items() if f"\n{prompt}\n" in user.content)
        places = sorted(item.letters, key=lambda letter: user.content.index(f"]\n{item.response(letter)}\n["))
        found.append((item, places.index(item.gold), reply.content))  # type: ignore[arg-type]
    return found


@pytest.mark.parametrize("k", [2, 4, 8])
def test_in_context_examples_are_right_and_balanced_over_place(k: int) -> None:
    found = examples(InContext(k=k), asked(PAIR))
    assert len({item.id for item, _, _ in found}) == k
    assert Counter(place for _, place, _ in found) == {0: k // 2, 1: k // 2}
    assert all(reply.endswith(f"[[{'AB'[place]}]]") for _, place, reply in found)
    if k % 4 == 0:
        assert Counter(item.gold for item, _, _ in found) == {"a": k // 2, "b": k // 2}


def test_in_context_examples_of_lists_go_through_the_places() -> None:
    protocol = protocols.get("choice")().sized(4)
    item = read_bank("choice")[0]
    found = examples(InContext(k=4), asked(item, "abcd", protocol))
    assert sorted(place for _, place, _ in found) == [0, 1, 2, 3]
    assert all(reply.endswith(f"[[{'ABCD'[place]}]]") for _, place, reply in found)
    assert item.id not in {example.id for example, _, _ in found}


def test_in_context_examples_never_hold_the_audited_item_and_are_its_own() -> None:
    made, seen = InContext(k=16), set()
    for item in read_bank("pairs")[:40]:
        renamed = Item("other", item.prompt, item.response_a, item.response_b, item.gold)
        for trial in (asked(item), asked(renamed)):
            assert item.id not in {example.id for example, _, _ in examples(made, trial)}
        assert made.messages(asked(item)) == made.messages(asked(item))
        assert made.messages(asked(item))[1:-1] == made.messages(asked(item, "ba"))[1:-1]
        seen.add(made.messages(asked(item))[1:-1])
    assert len(seen) == 40


def test_an_example_has_the_form_of_the_protocol() -> None:
    last = {
        reasoning: InContext(k=2).messages(
            asked(PAIR, protocol=protocols.get("pairwise")(reasoning=reasoning))
        )[-2]
        for reasoning in ("before", "after", "none")
    }
    assert last["before"].content.endswith("]]")
    assert last["after"].content.startswith("[[")
    assert last["none"].content in {"[[A]]", "[[B]]"}


@pytest.mark.parametrize("name", ["pointwise", "joint"])
def test_scores_and_joint_requests_have_no_examples(name: str) -> None:
    with pytest.raises(ValueError, match="examples are judged pairs"):
        InContext().check(protocols.get(name)())


def test_the_system_prompt_names_what_it_is_told_to_name() -> None:
    (system, *_) = SystemPrompt(about=["length"]).messages(asked(PAIR))
    assert "how long a response is." in system.content
    assert "shown first" not in system.content.partition("Do not let")[2]
    (system, *_) = SystemPrompt(text="Be fair.").messages(asked(PAIR))
    assert system.content.endswith("\n\nBe fair.")


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        (SystemPrompt, {"about": []}),
        (SystemPrompt, {"about": ["length"], "text": "x"}),
        (InContext, {"k": 3}),
        (InContext, {"k": 0}),
        (SelfConsistency, {"k": 4}),
        (SelfConsistency, {"temperature": 0.0}),
        (Panel, {"judges": []}),
        (Panel, {"judges": ["sim/mild", "sim/mild"]}),
    ],
)
def test_options_that_make_no_sense_are_refused(kind: type[Mitigation], options: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r".+"):
        kind(**options)


def test_reflection_puts_the_first_reply_back() -> None:
    made = SelfReflection()
    opening, contract = made.opening(asked(PAIR))
    then = made.then(asked(PAIR), "B is longer.\n\n[[B]]")
    assert then[: len(opening)] == opening
    assert contract == asked(PAIR).protocol.contract
    assert [m.role for m in then[-2:]] == ["assistant", "user"]
    assert then[-2].content == "B is longer.\n\n[[B]]"
    assert made.then(asked(PAIR), " ")[-2].content == "(no reply)"


def test_a_reference_answer_is_written_before_a_response_is_seen() -> None:
    made = ReferenceAnswer()
    opening, _ = made.opening(asked(PAIR))
    assert all("Goodbye" not in m.content for m in opening)
    last = made.then(asked(PAIR), "Hi!")[-1].content
    assert last.index("Hi!") < last.index("Hello.")
    with pytest.raises(ValueError, match="no reference answer"):
        ReferenceAnswer(by="item").check_item(PAIR)


def test_blinding_takes_markup_names_and_origins_away_and_leaves_words() -> None:
    item = Item(
        "x", "Ask.", "# Top\n\n- **One** `x` by GPT-4o\n- two * three\n\n```py\n# code - kept\n```\n",
        "Plain, says zephyr-7b.", author_a="tarn", author_b="zephyr-7b",
    )  # fmt: skip
    note = Note("after_responses", "{target} was generated by a person.", "a")
    shown = Blinding().show(item, Stimulus.of(item))
    assert shown.response_a == "Top\n\nOne `x` by [name withheld]\ntwo * three\n\n# code - kept\n\n"
    assert shown.response_b == "Plain, says [name withheld]."
    told = Stimulus("P", "A", "B", note=note)
    assert Blinding().show(item, told).note is None
    crowd = Stimulus("P", "A", "B", note=Note("after_responses", "Nine in ten people prefer {target}.", "a"))
    assert Blinding().show(item, crowd) == crowd


@given(st.text(alphabet="ab *_#->|`\n~", max_size=60))
def test_stripping_markup_keeps_every_word(text: str) -> None:
    kept = [c for c in plain(text) if c in "ab"]
    fences = any(line.lstrip(" ").startswith(("```", "~~~")) for line in text.splitlines())
    assert fences or kept == [c for c in text if c in "ab"]


def test_members_of_a_swap_are_both_orders_and_samples_are_never_shared_between_repeats() -> None:
    assert SwapAndAverage().members("ba", 1) == (Member("ba", 1), Member("ab", 1))
    made = SelfConsistency(k=3)
    first, second = (set(made.members("ab", repeat)) for repeat in (0, 1))
    assert len(first) == len(second) == 3
    assert not first & second
    assert [m.judge for m in Panel(judges=["sim/strong"]).members("ab", 0)] == [None, "sim/strong"]


def read(*outcomes: str) -> list[Reading]:
    return [Reading(outcome) for outcome in outcomes]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("rule", "said", "verdict"),
    [
        ("mean", ("first", "first"), "first"),
        ("mean", ("first", "second"), "tie"),
        ("mean", ("first", "tie"), "first"),
        ("mean", ("second", "tie"), "second"),
        ("mean", ("first", "invalid"), "invalid"),
        ("mean", ("refused", "first"), "refused"),
        ("majority", ("first", "second", "second"), "second"),
        ("majority", ("first", "second", "tie"), "tie"),
        ("majority", ("first", "first", "invalid"), "first"),
        ("majority", ("first", "invalid", "refused"), "invalid"),
        ("majority", ("third", "first", "third"), "third"),
    ],
)
def test_several_verdicts_come_to_one(rule: str, said: tuple[str, ...], verdict: str) -> None:
    assert combined(rule, read(*said)).outcome == verdict  # type: ignore[arg-type]


@pytest.mark.parametrize("rule", ["mean", "majority"])
def test_a_draw_in_a_list_is_no_verdict(rule: str) -> None:
    assert combined(rule, read("first", "second"), of_list=True).outcome == "invalid"  # type: ignore[arg-type]
    said = read("third", "first", "third")
    assert combined(rule, said, of_list=True).outcome == "third"  # type: ignore[arg-type]


def test_scores_and_label_probabilities_are_averaged() -> None:
    scores = [Reading("scored", scores=(("", value),)) for value in (3.0, 6.0)]
    assert combined("mean", scores).scores == (("", 4.5),)
    known = [LabelProbabilities(0.7, 0.2, 0.1, 0.9), LabelProbabilities(0.2, 0.6, 0.2, 0.7)]
    one, two = (Reading("first", probabilities=p) for p in known)
    found = combined("mean", [one, turned(two)])
    assert found.outcome == "first"
    assert found.probabilities is not None
    assert found.probabilities.first == pytest.approx((0.7 + 0.6) / 2)
    assert found.probabilities.second == pytest.approx((0.2 + 0.2) / 2)


@pytest.mark.parametrize("rule", ["mean", "majority"])
def test_the_truth_of_a_combination_is_the_sum_over_all_that_its_members_could_say(rule: str) -> None:
    members = [(0.5, 0.2, 0.2, 0.04, 0.06), (0.1, 0.6, 0.1, 0.1, 0.1), (0.3, 0.3, 0.4, 0.0, 0.0)]
    names = ("first", "second", "tie", "refused", "invalid")
    expected = dict.fromkeys(names, 0.0)
    for drawn in product(range(5), repeat=3):
        probability = members[0][drawn[0]] * members[1][drawn[1]] * members[2][drawn[2]]
        expected[combined(rule, read(*(names[i] for i in drawn))).outcome] += probability  # type: ignore[arg-type]
    assert combined_truth(rule, members) == pytest.approx(tuple(expected.values()))  # type: ignore[arg-type]


def test_every_mitigation_says_in_a_line_what_it_does() -> None:
    for name in mitigations:
        kind = mitigations.get(name)
        assert kind.name == name
        assert kind.summary
