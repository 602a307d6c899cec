"""The simulated judge's mind: what it sees in a rendered prompt, and with which probabilities it answers.

It reads the prompt as a real judge would: lengths and cues are those that stand there, and the response
shown first is the one that comes first. Only the quality of the item is told to it from outside, as its
gold.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from statistics import NormalDist
from types import MappingProxyType
from typing import Final

from judgebench.items import Gold
from judgebench.judges.base import Request, Subject
from judgebench.perturb import Perturbation, perturbations
from judgebench.protocols.messages import Message

_NO_CUES: Final = frozenset({"position", "identical_pair", "length", "positive_control"})
"""Perturbations for which a mind has numbers of their own, or none."""


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


def cue_names() -> tuple[str, ...]:
    """The perturbations that a mind can react to by a weight of their own."""
    return tuple(name for name in perturbations.names() if name not in _NO_CUES)


@dataclass(frozen=True, slots=True)
class Sight:
    """What stands in a rendered prompt.

    Attributes:
        first: The response shown first.
        second: The other.
        cues: For each cue: how much more of it the first bears than the second; 1 and -1 where only one does.
    """

    first: str
    second: str
    cues: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class _Shown:
    """The parts of a prompt: the responses with their labels, and what stands before, between and after them."""

    first: str
    second: str
    labels: tuple[str, str]
    outside: tuple[str, str, str]


def _parted(messages: Sequence[Message], labels: Sequence[str]) -> _Shown | None:
    """The prompt taken apart; None where no pair of responses can be found in it."""
    user, (one, two) = messages[-1].content, labels[:2]
    openings = [f"[Response {label}]\n" for label in (one, two)]
    closings = [f"\n[End of response {label}]" for label in (one, two)]
    second = user.rfind(f"\n\n{openings[1]}") + 2
    first = user.find(openings[0])
    first_end, second_end = user.rfind(closings[0], 0, max(second, 0)), user.rfind(closings[1])
    if not 0 <= first < first_end < second < second_end:
        return None
    system = messages[0].content if messages[0].role == "system" else ""
    outside = (
        f"{system}\n{user[:first]}",
        user[first_end + len(closings[0]) : second],
        user[second_end + len(closings[1]) :],
    )
    shown = user[first + len(openings[0]) : first_end], user[second + len(openings[1]) : second_end]
    return _Shown(*shown, (one, two), outside)


def look(request: Request, cues: Iterable[str]) -> Sight | None:
    """What stands in the prompt; None where no pair of responses can be found in it."""
    shown = _parted(request.messages, request.contract.labels)
    if shown is None:
        return None
    seen = {name: _side(perturbations.get(name), shown, request.subject) for name in cues}
    return Sight(shown.first, shown.second, seen)


def _side(plugin: Perturbation, shown: _Shown, subject: Subject) -> float:
    """How much more of the cue the first response bears.

    A cue is known by its markers, by the plugin's own eye for it, or by the order of the labels; an edit that leaves
    nothing to know it by (a wrong number, say) is known by the trial, as a reader knows it who reads closely.
    """
    if plugin.place == "label":
        return 1.0 if shown.labels[0] < shown.labels[1] else -1.0
    if plugin.presence_of is not None:
        return plugin.presence_of(shown.first) - plugin.presence_of(shown.second)
    if plugin.markers:
        return _marked(plugin.markers, shown)
    if subject.perturbation.partition("@")[0] != plugin.id or subject.arm != plugin.arm:
        return 0.0
    return 1.0 if (subject.target == "a") == (subject.order == "ab") else -1.0


def _marked(markers: Iterable[str], shown: _Shown) -> int:
    """Which response bears a marker: in its text, by a note that names it, or by a note directly before it."""
    for marker in markers:
        if marker in shown.first or marker in shown.second:
            return (marker in shown.first) - (marker in shown.second)
        for text, side in zip(shown.outside, (1, -1, 0), strict=True):
            at = text.find(marker)
            if at >= 0:
                line = text[text.rfind("\n", 0, at) + 1 :].partition("\n")[0]
                named = [re.search(rf"\bresponse {label}\b", line, re.IGNORECASE) for label in shown.labels]
                return (named[0] is not None) - (named[1] is not None) if any(named) else side
    return 0


def probabilities(mind: Mind, request: Request, seed: int) -> tuple[float, float, float, float, float]:
    """The probabilities of (first, second, tie, refused, invalid).

    With u the logit for the first response and t the tie band, over logistic noise of scale s:
    P(first) = F((u - t)/s), P(second) = F((-u - t)/s), and the rest is a tie (an ordered logit), each times
    the probability that there is a verdict at all, which a reply that is held to the labels always has.
    """
    sight = look(request, mind.cues)
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
    merit = (
        0.0
        if sight.first == sight.second
        else mind.quality * better.get(subject.gold, 0) + mind.spread * _item_normal(seed, subject.item_id)
    )
    empty = perturbations.get("positive_control").markers
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
    names = cue_names()
    cues = {**mind.cues, **{k: v for k, v in options.items() if k in names}}
    return replace(mind, cues=cues, **{k: v for k, v in options.items() if k not in names})
