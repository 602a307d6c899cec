"""What the simulated judge sees in a rendered prompt: the responses, in the order shown, and who bears which cue."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from judgebench.judges.base import Request, Subject
from judgebench.perturb import Perturbation, perturbations
from judgebench.protocols.messages import Message
from judgebench.suite.factorial import factors_in

_NOUNS: Final = "(?:option|response|answer|assistant|candidate)"
_PAIR: Final = ("A", "B")

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Sight:
    """The parts of a prompt that matter.

    Attributes:
        texts: The responses, in the order shown.
        labels: What the prompt calls them.
        outside: What stands before each of them, the system message before the first, and what stands after the last.
    """

    texts: tuple[str, ...]
    labels: tuple[str, ...]
    outside: tuple[str, ...]

    def cues(self, names: Iterable[str], subject: Subject) -> dict[str, list[float]]:
        """For each cue how much of it each response bears, 1 where it is there or not."""
        return {name: _borne(perturbations.get(name), self, subject) for name in names}


def look(request: Request) -> Sight | None:
    """What stands in a request's prompt; None where its responses cannot be found there.

    They are looked for in what the user says last, then in what was said before. Two responses in blocks of their own
    are taken as they stand; others are looked for by their texts.
    """
    messages = request.messages
    for end in range(len(messages), 0, -1):
        if messages[end - 1].role == "user" and (found := _look(messages[:end], request)) is not None:
            return found
    return None


def _look(messages: Sequence[Message], request: Request) -> Sight | None:
    """What stands in the last of the messages."""
    subject, labels = request.subject, request.contract.labels
    if len(subject.order) == 2:
        for pair in dict.fromkeys((labels[:2], _PAIR)):
            found = look_at_pair(messages, pair)
            if found is not None:
                return found
    spans = _located(messages[-1].content, subject.shown)
    return None if spans is None else _sight(messages, spans, labels)


def look_at_pair(messages: Sequence[Message], labels: Sequence[str] = _PAIR) -> Sight | None:
    """What stands in a prompt in the built-in layout of pairs; None where it is not in it."""
    user, (one, two) = messages[-1].content, labels[:2]
    openings = [f"[Response {label}]\n" for label in (one, two)]
    closings = [f"\n[End of response {label}]" for label in (one, two)]
    second = user.rfind(f"\n\n{openings[1]}") + 2
    first = user.find(openings[0])
    ends = user.rfind(closings[0], 0, max(second, 0)), user.rfind(closings[1])
    if not 0 <= first < ends[0] < second < ends[1]:
        return None
    return _sight(
        messages, [(first + len(openings[0]), ends[0]), (second + len(openings[1]), ends[1])], (one, two)
    )


def _sight(messages: Sequence[Message], spans: Sequence[Span], labels: Sequence[str]) -> Sight:
    user, system = messages[-1].content, messages[0].content if messages[0].role == "system" else ""
    edges = [0, *(edge for span in spans for edge in span), len(user)]
    outside = [user[edges[i] : edges[i + 1]] for i in range(0, len(edges), 2)]
    texts = tuple(user[start:end] for start, end in spans)
    return Sight(texts, tuple(labels[: len(texts)]), (f"{system}\n{outside[0]}", *outside[1:]))


def _located(prompt: str, texts: Sequence[str]) -> list[Span] | None:
    """Where the texts stand, each after the one before it; None where one is missing, or there is none.

    Texts in blocks of their own are looked for there first, since a short one may stand elsewhere too.
    """
    for before, after in (("]\n", "\n["), ("", "")):
        spans: list[Span] = []
        for text in texts:
            start = prompt.find(f"{before}{text}{after}", spans[-1][1] if spans else 0)
            if start < 0:
                break
            spans.append((start + len(before), start + len(before) + len(text)))
        else:
            return spans or None
    return None


def _borne(plugin: Perturbation, sight: Sight, subject: Subject) -> list[float]:
    """How much of the cue each response bears.

    A cue is known by its markers, by the plugin's own eye for it, or by the order of the labels; an edit that leaves
    nothing to know it by (a wrong number, say) is known by the trial, as a reader knows it who reads closely.
    """
    count = len(sight.texts)
    if plugin.place == "label":
        return _only(count, int(sight.labels[0] > sight.labels[1]) if count == 2 else None)
    if plugin.presence_of is not None:
        return [plugin.presence_of(text) for text in sight.texts]
    if plugin.markers:
        return _marked(plugin.markers, sight)
    shown_ids = {
        name.partition("@")[0] for name in factors_in(subject.perturbation) or (subject.perturbation,)
    }
    treated = plugin.id in shown_ids and subject.arm == plugin.arm
    shown = treated and subject.target is not None and subject.target in subject.order
    return _only(count, subject.order.index(subject.target) if shown and subject.target else None)


def _only(count: int, place: int | None) -> list[float]:
    return [float(number == place) for number in range(count)]


def _marked(markers: Iterable[str], sight: Sight) -> list[float]:
    """Which response bears a marker: in its text, by a note that names it, or by a note directly before it."""
    count = len(sight.texts)
    for marker in markers:
        if any(marker in text for text in sight.texts):
            return [float(marker in text) for text in sight.texts]
        for place, text in enumerate(sight.outside):
            at = text.find(marker)
            if at >= 0:
                return _only(count, _named(_line_at(text, at), sight, place))
    return _only(count, None)


def _named(line: str, sight: Sight, place: int) -> int | None:
    """The response that a note speaks of: the first that it names, or else the next one, or the only one."""
    said = {
        found.start(): number
        for number, label in enumerate(sight.labels)
        if (found := re.search(rf"\b{_NOUNS} {re.escape(label)}\b", line, re.IGNORECASE))
    }
    if said:
        return said[min(said)]
    count = len(sight.texts)
    return 0 if count == 1 else place if place < count else None


def _line_at(text: str, at: int) -> str:
    """The line of the text that holds a place."""
    return text[text.rfind("\n", 0, at) + 1 :].partition("\n")[0]


def weighed(weights: Mapping[str, float], borne: Mapping[str, Sequence[float]], place: int) -> float:
    """What the cues that a response bears weigh together."""
    return sum(weight * borne[name][place] for name, weight in weights.items())
