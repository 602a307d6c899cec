"""What the simulated judge sees of a prompt does not hang on what its responses are called."""

from __future__ import annotations

from typing import Any

import pytest

from judgebench.items import Item
from judgebench.judges.base import Request, Sampling, Subject
from judgebench.judges.sim_sight import Sight, look
from judgebench.perturb import Stimulus, perturb, perturbations
from judgebench.protocols import Protocol
from judgebench.protocols.choice import Listwise
from judgebench.protocols.pairwise import Pairwise

PAIR = Item("i", "Name a number.", "One is a number.", "Two is a number.", category="factual")
LIST = Item(
    "i", "Name a number.", "One is a number.", "Two is a number.", response_c="Three is a number.", category="factual"
)  # fmt: skip
NOTES = ("authority", "bandwagon", "sycophancy", "confidence", "model_name")


def seen(protocol: Protocol, stimulus: Stimulus, order: str, name: str, target: Any) -> Sight:
    protocol = protocol.sized(len(order))
    shown = tuple(stimulus.response(letter) for letter in order)
    subject = Subject("i", None, order, name, "treatment", target, 0, shown)
    messages = protocol.render(stimulus, order)
    found = look(Request("0" * 64, messages, Sampling(), protocol.contract, 0, subject))
    assert found is not None
    return found


@pytest.mark.parametrize("labels", ["letters", "numbers", "roman"])
@pytest.mark.parametrize("name", NOTES)
@pytest.mark.parametrize(
    ("kind", "item", "order"), [(Pairwise, PAIR, "ab"), (Pairwise, PAIR, "ba"), (Listwise, LIST, "cab")]
)
def test_a_cue_is_seen_on_its_response_whatever_the_labels(
    kind: Any, item: Item, order: str, name: str, labels: Any
) -> None:
    plugin = perturbations.get(name)
    for target in item.letters:
        for seed in range(4):  # each draws a wording of its own
            stimulus = perturb(plugin, item, target, "treatment", seed=seed, replicate=0, options={}).stimulus
            sight = seen(kind(labels=labels), stimulus, order, name, target)
            subject = Subject("i", None, order, name, "treatment", target)
            borne = sight.cues([name], subject)[name]
            assert borne == [float(letter == target) for letter in order]


@pytest.mark.parametrize("labels", ["letters", "numbers", "roman"])
def test_the_responses_are_seen_in_the_order_shown_and_under_their_labels(labels: Any) -> None:
    sight = seen(Listwise(labels=labels), Stimulus.of(LIST), "bca", "none", None)
    assert sight.texts == (LIST.response_b, LIST.response_c, LIST.response_a)
    assert len({*sight.labels}) == 3
