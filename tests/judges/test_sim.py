"""The simulated judge: its planted numbers move its verdicts through the rendered prompts, as declared."""

import asyncio
import json
from dataclasses import replace
from typing import Any, Literal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare

from judgebench.errors import InputError
from judgebench.items import Item, Side
from judgebench.items.bank import read_bank
from judgebench.judges.base import Request, Sampling, Subject
from judgebench.judges.keys import request_key
from judgebench.judges.sim import SimJudge
from judgebench.judges.sim_lists import probabilities
from judgebench.judges.sim_model import PRESETS, Mind, cue_names
from judgebench.judges.sim_sight import look
from judgebench.judges.spec import parse_spec
from judgebench.perturb import Note, Stimulus, perturb, perturbations
from judgebench.protocols import mitigations
from judgebench.protocols.pairwise import Pairwise

Order = Literal["ab", "ba"]
ITEM = Item("i", "p", "One is a number.", "Two is a number.", category="factual")
CUES = ("authority", "bandwagon", "distraction", "superficial_reflection")
FLAT = Mind(quality=0.0, spread=0.0, attention=0.0, tie=0.2, noise=1.0)
OUTCOMES = ("first", "second", "tie", "refused", "invalid")


def request(
    stimulus: Stimulus, item: Item = ITEM, order: Order = "ab", *, tie: bool = True, replicate: int = 0,
    mitigation: str = "none",
) -> Request:  # fmt: skip
    protocol = Pairwise(tie=tie)
    messages = mitigations.get(mitigation)().apply(protocol.render(stimulus, order))
    key = request_key({"provider": "sim"}, messages, {}, protocol.contract, replicate)
    return Request(
        key, messages, Sampling(), protocol.contract, replicate, Subject(item.id, item.gold, order)
    )


def lean(mind: Mind, stimulus: Stimulus, item: Item = ITEM, order: Order = "ab", **asked: Any) -> float:
    """The logit for the first response, from the probabilities."""
    first, second, *_ = probabilities(mind, request(stimulus, item, order, tie=False, **asked), 0)
    return float(np.log(first / second))


def cued(name: str, side: Side, arm: Any = "treatment", **options: Any) -> Stimulus:
    plugin = perturbations.get(name)
    return perturb(plugin, ITEM, side, arm, seed=0, replicate=0, options=options).stimulus


PLAIN = Stimulus.of(ITEM)


def test_a_judge_without_leanings_prefers_neither() -> None:
    first, second, tie, refused, invalid = probabilities(FLAT, request(PLAIN), 0)
    assert first == second > tie > 0
    assert refused == invalid == 0


NAMES = [name for name in cue_names() if name not in {"paraphrase", "style"}]
RICH = Item(
    "i", "p", "One is 1 number. So it is.\n```python\ndef f():\n    y = 1\n    return y\n```\n",
    "Two is 2 numbers.\n```python\ndef f():\n    z = 2\n    return z\n```\n", gold="b", category="code",
)  # fmt: skip


@pytest.mark.parametrize("order", ["ab", "ba"])
@pytest.mark.parametrize("side", ["a", "b"])
@pytest.mark.parametrize("name", NAMES)
def test_every_perturbation_of_the_catalogue_can_be_reacted_to_and_no_other_is(
    name: str, side: Side, order: Order
) -> None:
    plugin = perturbations.get(name)
    options = {"style": "bullets"} if name == "format" else {}
    done = perturb(plugin, RICH, side, "treatment", seed=0, replicate=0, options=options)
    protocol = Pairwise(tie=False)
    if labels := done.stimulus.labels_in(order):
        protocol = protocol.with_labels(labels)
    subject = Subject("i", None, order, name, "treatment", side)
    messages = protocol.render(done.stimulus, order)
    asked = Request("0" * 64, messages, Sampling(), protocol.contract, 0, subject)

    def lean_of(cues: dict[str, float]) -> float:
        first, second, *_ = probabilities(replace(FLAT, cues=cues), asked, 0)
        return float(np.log(first / second))

    sign = 1 if (side == "a") == (order == "ab") else -1
    assert lean_of({name: 0.8}) == pytest.approx(0.8 * sign)
    # what the labels say is always there to see, and each kind of markup counts
    others = set(NAMES) - {name, "option_label"} - ({"format"} if name == "off_topic_long" else set())
    if plugin.place != "response" or plugin.markers:
        assert lean_of(dict.fromkeys(others - {"format"}, 0.8)) == pytest.approx(0)


@pytest.mark.parametrize(
    "place", ["system", "in_prompt", "before_target", "after_responses", "system_and_after"]
)
def test_a_note_is_seen_wherever_it_stands(place: Any) -> None:
    text = perturbations.get("refinement").markers[0]
    mind = replace(FLAT, cues={"refinement": 0.8})
    for named in ("", "{target}: "):
        stimulus = replace(PLAIN, note=Note(place, named + text, "b"))
        if named or place == "before_target":
            assert lean(mind, stimulus) == pytest.approx(-0.8)
            assert lean(mind, stimulus, order="ba") == pytest.approx(0.8)


@pytest.mark.parametrize("weight", [0.7, -0.7])
def test_position_favours_the_first_in_either_order(weight: float) -> None:
    mind = replace(FLAT, position=weight)
    assert lean(mind, PLAIN) == pytest.approx(weight)
    assert lean(mind, PLAIN, order="ba") == pytest.approx(weight)


@pytest.mark.parametrize("weight", [0.9, -0.9])
def test_length_weighs_the_log_of_the_ratio_for_the_longer_one(weight: float) -> None:
    longer = PLAIN.with_response("b", ITEM.response_b * 3)
    expected = weight * np.log((len(longer.response_b) + 1) / (len(ITEM.response_a) + 1))
    mind = replace(FLAT, length=weight)
    assert lean(mind, longer) == pytest.approx(-expected)
    assert lean(mind, longer, order="ba") == pytest.approx(expected)


@pytest.mark.parametrize("mitigation", ["none", "system_prompt"])
@pytest.mark.parametrize("name", CUES)
@pytest.mark.parametrize("side", ["a", "b"])
def test_a_cue_weighs_for_the_response_that_bears_it(name: str, side: Side, mitigation: str) -> None:
    mind = replace(FLAT, cues={name: 0.8})
    for order in ("ab", "ba"):
        sign = 1 if (side == "a") == (order == "ab") else -1
        for arm, weight in (("treatment", 0.8), ("placebo", 0.0)):
            found = lean(mind, cued(name, side, arm), order=order, mitigation=mitigation)
            assert found == pytest.approx(sign * weight)
    others = replace(FLAT, cues=dict.fromkeys(set(CUES) - {name}, 0.8))
    assert lean(others, cued(name, side)) == pytest.approx(0)


def test_a_reflection_inside_the_response_is_seen_too() -> None:
    stimulus = PLAIN.with_response("a", "One. Two. Three.")
    item = replace(ITEM, response_a=stimulus.response_a)
    plugin = perturbations.get("superficial_reflection")
    done = perturb(plugin, item, "a", "treatment", seed=0, replicate=0, options={"where": "inside"})
    asked = request(done.stimulus)
    sight = look(asked)
    assert sight is not None
    assert sight.cues(CUES, asked.subject)["superficial_reflection"] == [1, 0]


def test_an_empty_reply_is_turned_down() -> None:
    mind = replace(FLAT, attention=5.0)
    assert lean(mind, cued("positive_control", "a", "positive_control")) == pytest.approx(-5)
    assert lean(mind, cued("positive_control", "a", "positive_control"), order="ba") == pytest.approx(5)


@pytest.mark.parametrize(("gold", "sign"), [("a", 1), ("b", -1), ("tie", 0), (None, 0)])
def test_quality_favours_the_better_by_gold(gold: Any, sign: int) -> None:
    item, mind = replace(ITEM, gold=gold), replace(FLAT, quality=1.3)
    assert lean(mind, PLAIN, item) == pytest.approx(1.3 * sign)
    assert lean(mind, PLAIN, item, "ba") == pytest.approx(-1.3 * sign)


def test_taste_differs_between_items_and_turns_with_the_order() -> None:
    mind = replace(FLAT, spread=2.0)
    tastes = [lean(mind, PLAIN, replace(ITEM, id=str(i))) for i in range(400)]
    assert np.std(tastes) == pytest.approx(2.0, rel=0.15)
    assert np.mean(tastes) == pytest.approx(0, abs=0.35)
    assert lean(mind, PLAIN, order="ba") == pytest.approx(-lean(mind, PLAIN))


def test_the_bank_is_seen_as_it_is() -> None:
    for item in read_bank():
        for order, first in (("ab", item.response_a), ("ba", item.response_b)):
            asked = request(Stimulus.of(item), item, order)  # type: ignore[arg-type]  # orders
            sight = look(asked)
            assert sight is not None
            assert sight.texts[0] == first
            assert not any(map(any, sight.cues(CUES, asked.subject).values()))


def test_a_wider_band_gives_more_ties_and_less_noise_decides() -> None:
    ties = [probabilities(replace(FLAT, tie=tie), request(PLAIN), 0)[2] for tie in (0.0, 0.5, 2.0)]
    assert ties[0] == pytest.approx(0)
    assert ties == sorted(ties)
    first, *_ = probabilities(replace(FLAT, position=0.5, noise=0.0), request(PLAIN), 0)
    assert first == pytest.approx(1)


def test_where_no_pair_is_shown_nothing_can_be_said() -> None:
    asked = request(PLAIN)
    blind = replace(asked, messages=(replace(asked.messages[-1], content="Hello."),))
    assert probabilities(replace(FLAT, refusal=0.1), blind, 0) == pytest.approx((0, 0, 0, 0.1, 0.9))


NUMBERS = st.floats(-50, 50)


@settings(max_examples=60, deadline=None)
@given(
    st.builds(
        Mind,
        position=NUMBERS,
        length=NUMBERS,
        tie=st.floats(0, 20),
        noise=st.floats(0, 5),
        refusal=st.floats(0, 1),
        invalid=st.floats(0, 1),
    ),
    st.sampled_from([3, 2]),
    st.text(),
)
def test_probabilities_are_probabilities(mind: Mind, labels: int, text: str) -> None:
    found = probabilities(mind, request(PLAIN.with_response("a", text), tie=labels == 3), 0)
    assert sum(found) == pytest.approx(1)
    assert all(0 <= p <= 1 for p in found)
    assert labels == 3 or found[2] == 0


@settings(max_examples=30, deadline=None)
@given(
    st.text(st.sampled_from(list("AB[]\n ")), max_size=30)
    | st.sampled_from(["\n\n[Response B]\n", "[End of response A]"])
)
def test_hostile_responses_never_stop_it(text: str) -> None:
    found = probabilities(
        PRESETS["strong"], request(PLAIN.with_response("b", text).with_response("a", text)), 0
    )
    assert sum(found) == pytest.approx(1)


def drawn(judge: SimJudge, asked: list[Request]) -> list[str]:
    async def ask_all() -> list[str]:
        return [(await judge.ask(one)).text for one in asked]

    return [Pairwise().read(text, truncated=False, refused=False).outcome for text in asyncio.run(ask_all())]


def test_draws_match_the_probabilities() -> None:
    mind = replace(FLAT, position=0.4, cues={"authority": 0.5}, refusal=0.1, invalid=0.15, tie=0.5)
    asked = [request(cued("authority", "b"), replicate=i) for i in range(3000)]
    outcomes = drawn(SimJudge("null", mind, seed=5), asked)
    expected = np.array(probabilities(mind, asked[0], 5)) * len(asked)
    assert expected.min() > 50
    assert chisquare([outcomes.count(name) for name in OUTCOMES], expected).pvalue > 0.001


def test_a_reply_depends_on_the_request_and_the_seed_alone() -> None:
    asked = [request(PLAIN, replicate=i) for i in range(60)]
    outcomes = drawn(SimJudge("mild", PRESETS["mild"]), asked)
    assert drawn(SimJudge("mild", PRESETS["mild"]), asked[::-1])[::-1] == outcomes
    assert drawn(SimJudge("mild", PRESETS["mild"], seed=1), asked) != outcomes


def test_a_reply_tells_its_truth_and_its_tokens() -> None:
    asked = request(PLAIN)
    reply = asyncio.run(SimJudge("mild", PRESETS["mild"], seed=3).ask(asked))
    assert reply.truth == probabilities(PRESETS["mild"], asked, 3)
    assert reply.usage.prompt > 50
    assert reply.usage.completion > 0
    assert reply.served_model == "sim/mild"


def test_without_a_tie_on_offer_none_is_given() -> None:
    asked = [request(PLAIN, tie=False, replicate=i) for i in range(200)]
    assert "tie" not in drawn(SimJudge("null", replace(FLAT, tie=5.0)), asked)


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_says_what_is_planted(name: str) -> None:
    judge = SimJudge.from_spec(parse_spec(f"sim/{name}"))
    assert judge.truth()["position"] == PRESETS[name].position
    assert SimJudge(name, PRESETS[name]).truth()["cues"] == PRESETS[name].cues
    assert json.loads(json.dumps(judge.identity)) == judge.identity
    assert judge.spec == f"sim/{name}"
    assert not judge.effective(Sampling())
    assert not judge.capabilities.network


def test_options_replace_what_a_preset_plants() -> None:
    judge = SimJudge.from_spec(parse_spec("sim/mild?position=0.4&authority=-2&seed=9&latency=0.5"))
    expected = replace(PRESETS["mild"], position=0.4, cues={**PRESETS["mild"].cues, "authority": -2.0})
    assert judge.truth() == SimJudge("mild", expected).truth()
    assert judge.identity["seed"] == 9
    other = SimJudge.from_spec(parse_spec("sim/mild?position=0.5&authority=-2&seed=9"))
    assert judge.identity != other.identity


@pytest.mark.parametrize(
    ("text", "message", "suggestion"),
    [
        ("sim/mlid", "unknown simulated judge 'mlid'", "mild"),
        ("sim/mild?postion=1", "unknown option 'postion'", "position"),
        ("sim/mild?cues=1", "unknown option 'cues'", None),
        ("sim/mild?position=much", "'position' is 'much'", None),
        ("sim/mild?position=nan", "'position' is 'nan'", None),
        ("sim/mild?length=inf", "'length' is 'inf'", None),
        ("sim/mild?seed=1.5", "'seed' is '1.5'", None),
        ("sim/mild?refusal=1.5", "'refusal' is 1.5", None),
        ("sim/mild?invalid=-0.1", "'invalid' is -0.1", None),
        ("sim/mild?tie=-1", "'tie' is -1", None),
        ("sim/mild?noise=-1", "'noise' is -1", None),
        ("sim/mild?latency=-1", "'latency' is -1", None),
        ("sim/mild?position=", "'position' is ''", None),
    ],
)
def test_a_wrong_option_is_told(text: str, message: str, suggestion: str | None) -> None:
    with pytest.raises(InputError, match=message) as caught:
        SimJudge.from_spec(parse_spec(text))
    assert caught.value.expected
    assert suggestion is None or caught.value.suggestion == suggestion


def test_a_simulated_judge_has_no_server() -> None:
    with pytest.raises(InputError, match="no server"):
        SimJudge.from_spec(parse_spec("sim/mild"), "http://localhost:8000")
