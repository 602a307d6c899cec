"""The simulated judge's mind: what it sees in a rendered prompt, and with which probabilities it answers.

It reads the prompt as a real judge would: lengths and cues are those that stand there, and the response
shown first is the one that comes first. Only the quality of the item is told to it from outside, as its
gold; what simulated authors wrote says itself how good it is.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cache
from types import MappingProxyType
from typing import Any, Final

from judgebench.items import Gold
from judgebench.judges.base import Request, Subject
from judgebench.judges.sim_draws import item_normal
from judgebench.judges.sim_hands import Apart, apart, surprise
from judgebench.judges.sim_sight import Sight, look, weighed
from judgebench.perturb import perturbations
from judgebench.protocols import mitigations
from judgebench.protocols.recognition import asks_which_is_own

_NO_CUES: Final = frozenset({"position", "identical_pair", "length", "positive_control"})
"""Perturbations for which a mind has numbers of their own, or none."""
_WORDING: Final = 60
FACTORS: Final = ("mitigated", "dulled")
"""The kinds of options that are about mitigations."""
_SELDOM: Final = frozenset({
    "hand", "skill", "craft", "own", "views", "recognition", "doubt", "vanity", "familiar", "habit", "lenient",
})  # fmt: skip


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
        halo: How much of what sets the criteria of a rubric apart is lost when they are rated together, 0 to 1.
        template: Standard deviation over items of what each wording of the judge's instruction adds to one response.
        hand: The hand in which it writes where it is an author, a whole number.
        skill: How good what it writes is on average.
        craft: Standard deviation of that between prompts.
        own: For a response in its own hand, which a rewrite takes away.
        views: For a response with its own views, which are its hand's and stay in a rewrite.
        recognition: For a response in its own hand where it is asked which one it wrote.
        doubt: Standard deviation of that between items.
        vanity: What a response that it knows for its own gains by that when it is to choose the better one: a factor.
        familiar: Per nat by which a token of the response surprises it less; see `sim_hands.surprise`.
        habit: Nats by which a response in its own hand surprises it less; it prefers that only by `familiar`.
        lenient: On every score.
        circular: Of an item with three or more responses compared two by two: for the response before the other one in
            a circle, so that no order of them is right.
        mitigated: What a mitigation that it sees leaves of position, length and all cues: a factor, by mitigation.
        dulled: What it leaves of quality, by mitigation.
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
    halo: float = 0.0
    template: float = 0.0
    hand: float = 0.0
    skill: float = 0.0
    craft: float = 1.0
    own: float = 0.0
    views: float = 0.0
    recognition: float = 0.0
    doubt: float = 0.0
    vanity: float = 0.0
    familiar: float = 0.0
    habit: float = 0.0
    lenient: float = 0.0
    circular: float = 0.0
    mitigated: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    dulled: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))

    def told(self) -> dict[str, Any]:
        """The numbers; the seldom ones and those about mitigations only where they are not the usual ones."""
        numbers = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in FACTORS}
        numbers |= {"cues": dict(self.cues)}
        numbers |= {name: dict(getattr(self, name)) for name in FACTORS if getattr(self, name)}
        usual = {f.name: f.default for f in fields(self) if f.name in _SELDOM}
        return {name: value for name, value in numbers.items() if name not in usual or value != usual[name]}


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


@cache
def says_nothing() -> tuple[str, ...]:
    """The replies of the positive control."""
    return perturbations.get("positive_control").markers


def of_pair(mind: Mind, request: Request, seed: int) -> tuple[float, float, float, float, float]:
    """The probabilities of (first, second, tie, refused, invalid) where two responses are compared.

    With u the logit for the first response and t the tie band, over logistic noise of scale s:
    P(first) = F((u - t)/s), P(second) = F((-u - t)/s), and the rest is a tie (an ordered logit), each times
    the probability that there is a verdict at all, which a reply that is held to the labels always has.
    """
    sight = look(request)
    if request.contract.constrained:
        mind = replace(mind, refusal=0.0, invalid=0.0)
    verdict = (1 - mind.refusal) * (1 - mind.invalid)
    if sight is None or len(sight.texts) != 2:
        return 0.0, 0.0, 0.0, mind.refusal, 1 - mind.refusal
    weigh = _knowing if asks_which_is_own(request.messages) else _logit
    logit = weigh(mind, sight, request, seed)
    scale = max(mind.noise, 1e-6)
    if len(request.contract.labels) > 2:
        first, second = logistic((logit - mind.tie) / scale), logistic((-logit - mind.tie) / scale)
    else:
        first, second = (p := logistic(logit / scale)), 1 - p
    return (
        verdict * first,
        verdict * second,
        verdict * max(0.0, 1 - first - second),
        mind.refusal,
        (1 - mind.refusal) * mind.invalid,
    )


def _logit(mind: Mind, sight: Sight, request: Request, seed: int) -> float:
    subject, (first, second) = request.subject, sight.texts
    sign = 1 if subject.order == "ab" else -1
    better: Mapping[Gold | None, int] = {"a": 1, "b": -1}
    written = apart(first, second, mind.hand)
    told = mind.quality * better.get(subject.gold, 0) if written is None else sign * written.merit
    merit = told + mind.spread * item_normal(seed, subject.item_id)
    if len(subject.letters) > 2:
        sign, merit = 1, _lead(mind, request, seed)
    merit += mind.template * wording_normal(seed, request)
    empty, borne = says_nothing(), sight.cues(mind.cues, subject)
    return (
        (0.0 if first == second else sign * merit)
        + mind.position
        + mind.length * math.log((len(first) + 1) / (len(second) + 1))
        + weighed(mind.cues, borne, 0)
        - weighed(mind.cues, borne, 1)
        + _for_own(mind, written, subject, seed)
        + (ease(mind, first, seed) - ease(mind, second, seed))
        + mind.attention * ((second in empty) - (first in empty))
    )


def _for_own(mind: Mind, written: Apart | None, subject: Subject, seed: int) -> float:
    """What it adds for a response that it wrote, or one like it, or one that it knows for its own."""
    if written is None:
        return 0.0
    known = mind.vanity * _knows(mind, subject, seed)
    return (mind.own + known) * written.hand + mind.views * written.views


def _knows(mind: Mind, subject: Subject, seed: int) -> float:
    """How well it knows its own response of an item."""
    return mind.recognition + mind.doubt * item_normal(seed, f"doubt\x1f{subject.item_id}")


def _knowing(mind: Mind, sight: Sight, request: Request, seed: int) -> float:
    """The logit for the response shown first being its own: what it knows of its hand, and its liking for a place."""
    first, second = sight.texts
    written = apart(first, second, mind.hand)
    own = 0 if written is None else written.hand
    return mind.position + own * _knows(mind, request.subject, seed)


def ease(mind: Mind, text: str, seed: int) -> float:
    """What a text gains by how little it surprises the mind."""
    return -mind.familiar * surprise(text, mind.hand, mind.habit, seed) if mind.familiar else 0.0


def _lead(mind: Mind, request: Request, seed: int) -> float:
    """How much better the first of two responses of a longer list is, by gold, taste, and place in the circle."""
    subject = request.subject
    one, other = subject.order[0], subject.order[1]
    size = len(subject.letters)
    ahead = (subject.letters.index(other) - subject.letters.index(one)) % size
    turn = (ahead < size / 2) - (ahead > size / 2)
    return (
        list_merit(mind, request, seed, one) - list_merit(mind, request, seed, other) + mind.circular * turn
    )


def list_merit(mind: Mind, request: Request, seed: int, letter: str) -> float:
    """What gold and its own taste give a response of a list."""
    taste = item_normal(seed, f"{request.subject.item_id}\x1f{letter}") / math.sqrt(2)
    return mind.quality * (request.subject.gold == letter) + mind.spread * taste


def wording_normal(seed: int, request: Request) -> float:
    """A standard normal draw of the item under this wording of the instruction, told by how it begins."""
    return item_normal(seed, f"{request.messages[0].content[:_WORDING]}\x1f{request.subject.item_id}")


def logistic(x: float) -> float:
    """The logistic function."""
    return 1 / (1 + math.exp(-x)) if x > -700 else 0.0


def with_options(mind: Mind, options: Mapping[str, float]) -> Mind:
    """The mind with some of its numbers replaced; a cue's name sets its weight, `mitigated.NAME` what is left of it."""
    names = cue_names()
    cues = {**mind.cues, **{k: v for k, v in options.items() if k in names}}
    factors: dict[str, dict[str, float]] = {kind: {} for kind in FACTORS}
    plain = {}
    for key, value in options.items():
        kind, dot, name = key.partition(".")
        if dot:
            factors[kind][name] = value
        elif key not in names:
            plain[key] = value
    return replace(mind, cues=cues, **plain, **factors)  # type: ignore[arg-type]  # the keys were checked


def factor_names() -> tuple[str, ...]:
    """The options about mitigations that a prompt shows."""
    seen = [name for name in mitigations.names() if mitigations.get(name).marker]
    return tuple(f"{kind}.{name}" for kind in FACTORS for name in seen)


def under_mitigations(mind: Mind, request: Request) -> Mind:
    """The mind as the mitigations that it sees in the prompt leave it."""
    said = [message.content for message in request.messages]
    for name in {*mind.mitigated, *mind.dulled}:
        if any(mitigations.get(name).marker in text for text in said):
            left, quality = mind.mitigated.get(name, 1.0), mind.dulled.get(name, 1.0)
            mind = replace(
                mind,
                position=mind.position * left,
                length=mind.length * left,
                cues={cue: weight * left for cue, weight in mind.cues.items()},
                quality=mind.quality * quality,
            )
    return mind
