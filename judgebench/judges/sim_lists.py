"""The simulated judge where it does not compare a pair: choices from a list, and scores.

A response j has the utility

    u_j = merit_j + length log(1 + |j|) + sum of the cues that it bears - attention if it says nothing

less what it surprises, in the logits of `Mind`. Of two responses the difference is what a pair is judged by. From a
list, with `position` for the response shown first and noise of scale s, P(j) is proportional to exp(u_j / s): a
conditional logit. A score is an ordered logit: the scale is cut at even steps over [-3, 3] logits about u_j, with
lengths counted from 200 characters.
"""

from __future__ import annotations

import math
import re
from itertools import pairwise
from typing import Final

from judgebench.judges.base import Request
from judgebench.judges.sim_draws import item_normal
from judgebench.judges.sim_hands import mark_in
from judgebench.judges.sim_model import (
    Mind,
    ease,
    list_merit,
    logistic,
    of_pair,
    says_nothing,
    wording_normal,
)
from judgebench.judges.sim_sight import look, weighed
from judgebench.protocols.messages import OWN, OutputContract

SPAN: Final = 3.0
USUAL_LENGTH: Final = 200


def is_scored(contract: OutputContract) -> bool:
    """Whether a reply of this form is a score."""
    return contract.form.startswith(("pointwise", "rubric", f"{OWN}pointwise"))


def is_choice(contract: OutputContract) -> bool:
    """Whether a reply of this form names a response of a list."""
    return contract.form.startswith("choice")


def probabilities(mind: Mind, request: Request, seed: int) -> tuple[float, ...]:
    """The probabilities of the outcomes that the contract allows, then of (refused, invalid); not for scores."""
    return of_list(mind, request, seed) if is_choice(request.contract) else of_pair(mind, request, seed)


def of_list(mind: Mind, request: Request, seed: int) -> tuple[float, ...]:
    """The probability of each place of a list, then of (refused, invalid)."""
    found = utilities(mind, request, seed)
    if found is None:
        return *[0.0] * len(request.contract.labels), mind.refusal, 1 - mind.refusal
    scale = max(mind.noise, 1e-6)
    logits = [(u + (mind.position if place == 0 else 0.0)) / scale for place, u in enumerate(found)]
    top = max(logits)
    weights = [math.exp(logit - top) for logit in logits]
    verdict = (1 - mind.refusal) * (1 - mind.invalid) / sum(weights)
    return *(weight * verdict for weight in weights), mind.refusal, (1 - mind.refusal) * mind.invalid


def of_scale(mind: Mind, request: Request, seed: int, criterion: str = "") -> list[float]:
    """The probability of each score, lowest first, given that there is one; empty where nothing is seen."""
    found = utilities(mind, request, seed)
    if found is None:
        return []
    apart = item_normal(seed, f"{request.subject.item_id}\x1f{request.subject.order}\x1f{criterion}")
    lost = mind.halo if len(criteria_of(request.contract)) > 1 else 0.0
    latent = found[0] + mind.lenient - mind.length * math.log(1 + USUAL_LENGTH)
    latent += mind.spread / 2 * (1 - lost) * apart if criterion else 0.0
    cuts = len(request.contract.labels) - 1
    steps = [SPAN * (2 * (cut + 0.5) / cuts - 1) for cut in range(cuts)]
    scale = max(mind.noise, 1e-6)
    below = [0.0, *(logistic((step - latent) / scale) for step in steps), 1.0]
    return [high - low for low, high in pairwise(below)]


def criteria_of(contract: OutputContract) -> tuple[str, ...]:
    """The criteria of a rubric, and one without a name for any other score."""
    head = contract.form.partition(",")[0].split(" ")
    return tuple(head[3:] if head[1:2] == ["from"] else head[1:]) if head[0] == "rubric" else ("",)


def scores_of(contract: OutputContract) -> list[float]:
    """What the labels of a scale stand for."""
    if all(re.fullmatch(r"-?\d+", label) for label in contract.labels):
        return [float(label) for label in contract.labels]
    low = re.search(r"from (-?\d+)", contract.form)
    return [float(low.group(1) if low else 1) + place for place in range(len(contract.labels))]


def utilities(mind: Mind, request: Request, seed: int) -> list[float] | None:
    """The utility of each response, in the order shown; None where they do not stand in the prompt."""
    subject, sight = request.subject, look(request)
    if sight is None or len(sight.texts) != len(subject.order):
        return None
    borne, empty = sight.cues(mind.cues, subject), says_nothing()
    return [
        _merit(mind, request, seed, letter, text)
        + ease(mind, text, seed)
        + mind.length * math.log(1 + len(text))
        + weighed(mind.cues, borne, place)
        - (mind.attention if text in empty else 0.0)
        for place, (letter, text) in enumerate(zip(subject.order, sight.texts, strict=True))
    ]


def _merit(mind: Mind, request: Request, seed: int, letter: str, text: str) -> float:
    """What gold and taste give a response: in a list each has a taste of its own, of a pair half of what parts it.

    What a simulated author wrote says itself how good it is and in which hand, and has a taste of its own too.
    """
    subject = request.subject
    if len(subject.order) > 1:
        return list_merit(mind, request, seed, letter)
    if (mark := mark_in(text)) is not None:
        taste = mind.spread * item_normal(seed, f"taste\x1f{text}") / math.sqrt(2)
        own = mind.own * mark.is_in(mind.hand) + mind.views * (mark.author == mind.hand)
        return mark.merit + own + taste
    side = 1 if letter == "a" else -1
    better = {"a": 1, "b": -1}.get(subject.gold or "", 0)
    taste = mind.spread * item_normal(seed, subject.item_id) + mind.template * wording_normal(seed, request)
    return side * (mind.quality * better + taste) / 2
