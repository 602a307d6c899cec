"""The simulated judge's mind: what it sees in a rendered prompt, and with which probabilities it answers.

It reads the prompt as a real judge would: lengths and cues are those that stand there, and the response
shown first is the one that comes first. Only the quality of the item is told to it from outside, as its
gold.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from statistics import NormalDist
from types import MappingProxyType
from typing import Final

from judgebench.items import Gold
from judgebench.judges.base import Request
from judgebench.perturb import perturbations
from judgebench.protocols.messages import Message

CUES: Final = ("authority", "bandwagon", "distraction", "superficial_reflection")

_RESPONSE: Final = re.compile(r"\[Response ([AB])\]\n(.*)\n\[End of response \1\]", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Mind:
    """The planted effects, in logits for the response shown first unless said otherwise.

    Attributes:
        quality: For the better response by gold.
        spread: Standard deviation between items of how much better one response looks, whatever gold says.
        position: For the response shown first.
        length: Per unit of log length ratio, for the longer one.
        cues: For the response that bears the cue, by perturbation.
        attention: Against a reply that says nothing (the positive control).
        tie: Half-width of the band in which it calls a tie.
        noise: Scale of the logistic noise; 1 draws from the logits as they are, towards 0 it becomes
            deterministic.
        refusal: Probability of a refusal.
        invalid: Probability of a reply without a verdict.
    """

    quality: float = 1.5
    spread: float = 1.0
    position: float = 0.0
    length: float = 0.0
    cues: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    attention: float = 6.0
    tie: float = 0.2
    noise: float = 0.4
    refusal: float = 0.0
    invalid: float = 0.0


PRESETS: Final[Mapping[str, Mind]] = MappingProxyType(
    {
        "null": Mind(),
        "mild": Mind(
            position=0.45,
            length=0.4,
            cues={"authority": 0.35, "bandwagon": 0.6, "distraction": -0.35, "superficial_reflection": 0.0},
            refusal=0.005,
            invalid=0.01,
        ),
        "strong": Mind(
            position=0.9,
            length=1.2,
            cues={"authority": 1.2, "bandwagon": 1.5, "distraction": -1.0, "superficial_reflection": 0.8},
            refusal=0.01,
            invalid=0.02,
        ),
        "length": Mind(length=1.5),
        "position": Mind(position=0.8),
    }
)


@dataclass(frozen=True, slots=True)
class Sight:
    """What stands in a rendered prompt.

    Attributes:
        first: The response shown first.
        second: The other.
        cues: For each cue: +1 where the first bears it, -1 where the second does, 0 otherwise.
    """

    first: str
    second: str
    cues: Mapping[str, int]


@cache
def _markers(name: str) -> tuple[str, ...]:
    return perturbations.get(name).markers


def look(messages: Sequence[Message]) -> Sight | None:
    """What stands in the prompt; None where no pair of responses can be found in it."""
    user = messages[-1].content
    second_start = user.rfind("\n\n[Response B]\n")
    head, tail = user[:second_start], user[second_start:]
    first, second = _RESPONSE.search(head), _RESPONSE.search(tail)
    if second_start < 0 or first is None or second is None:
        return None
    notes = (messages[0].content if messages[0].role == "system" else "") + tail[second.end() :]
    cues = {name: _side(name, first.group(2), second.group(2), notes) for name in CUES}
    return Sight(first.group(2), second.group(2), cues)


def _side(name: str, first: str, second: str, notes: str) -> int:
    """Which response bears the cue, in its text or by a note that names it."""
    for marker in _markers(name):
        if marker in first or marker in second:
            return (marker in first) - (marker in second)
        at = notes.find(marker)
        if at >= 0:
            start, end = notes.rfind("\n", 0, at) + 1, notes.find("\n", at)
            line = notes[start : end if end >= 0 else None].lower()
            return ("response a" in line) - ("response b" in line)
    return 0


def probabilities(mind: Mind, request: Request, seed: int) -> tuple[float, float, float, float, float]:
    """The probabilities of (first, second, tie, refused, invalid).

    With u the logit for the first response and t the tie band, over logistic noise of scale s:
    P(first) = F((u - t)/s), P(second) = F((-u - t)/s), and the rest is a tie (an ordered logit), each times
    the probability that there is a verdict at all, which a reply that is held to the labels always has.
    """
    sight = look(request.messages)
    if request.contract.constrained:
        mind = replace(mind, refusal=0.0, invalid=0.0)
    verdict = (1 - mind.refusal) * (1 - mind.invalid)
    if sight is None:
        return 0.0, 0.0, 0.0, mind.refusal, 1 - mind.refusal
    logit = _logit(mind, sight, request, seed)
    scale = max(mind.noise, 1e-6)
    if len(request.contract.labels) > 2:
        first, second = _logistic((logit - mind.tie) / scale), _logistic((-logit - mind.tie) / scale)
    else:
        first, second = (p := _logistic(logit / scale)), 1 - p
    return (
        verdict * first,
        verdict * second,
        verdict * max(0.0, 1 - first - second),
        mind.refusal,
        (1 - mind.refusal) * mind.invalid,
    )


def _logit(mind: Mind, sight: Sight, request: Request, seed: int) -> float:
    subject = request.subject
    sign = 1 if subject.order == "ab" else -1
    better: Mapping[Gold | None, int] = {"a": 1, "b": -1}
    merit = mind.quality * better.get(subject.gold, 0) + mind.spread * _item_normal(seed, subject.item_id)
    empty = _markers("positive_control")
    attention = mind.attention * ((sight.second in empty) - (sight.first in empty))
    return (
        sign * merit
        + mind.position
        + mind.length * math.log((len(sight.first) + 1) / (len(sight.second) + 1))
        + sum(weight * sight.cues.get(name, 0) for name, weight in mind.cues.items())
        + attention
    )


def _item_normal(seed: int, item_id: str) -> float:
    """A standard normal draw of the item's own."""
    return NormalDist().inv_cdf((uniform(f"item\x1f{seed}\x1f{item_id}") * (1 - 2e-12)) + 1e-12)


def uniform(name: str) -> float:
    """A uniform draw in [0, 1) that depends on the name alone."""
    return int.from_bytes(hashlib.sha256(name.encode("utf-8", "surrogatepass")).digest()[:7], "big") / 2**56


def _logistic(x: float) -> float:
    return 1 / (1 + math.exp(-x)) if x > -700 else 0.0


def with_options(mind: Mind, options: Mapping[str, float]) -> Mind:
    """The mind with some of its numbers replaced; a cue's name sets its weight."""
    cues = {**mind.cues, **{k: v for k, v in options.items() if k in CUES}}
    return replace(mind, cues=cues, **{k: v for k, v in options.items() if k not in CUES})
