"""Pairwise judging: two responses, one verdict, a tie on offer."""

from __future__ import annotations

from typing import Final, Literal

from judgebench.perturb import Stimulus
from judgebench.perturb.stimulus import OTHER, TARGET, Note
from judgebench.protocols.base import Protocol
from judgebench.protocols.messages import Message, OutputContract
from judgebench.protocols.reading import Reading, read_label

_INSTRUCTION: Final = (
    "You compare two responses to the same request and decide which one is better. Look at whether each "
    "response does what was asked, whether what it says is correct and complete, and whether it is "
    "clear and safe."
)
_TIE: Final = " If they are equally good, say so."
_TAIL: Final = (
    "Which response is better? Explain your decision briefly, then end your reply with your verdict on a "
    "line of its own: "
    "[[{first}]] if response {first} is better, [[{second}]] if response {second} is better"
)
_QUESTION: Final = "[Request]\n{text}\n[End of request]"
_RESPONSE: Final = "[Response {label}]\n{text}\n[End of response {label}]"


class Pairwise(Protocol):
    """The default protocol; the reply ends in `[[A]]`, `[[B]]` or, where a tie is on offer, `[[C]]`.

    Args:
        tie: Whether a tie is on offer.
        labels: What the first response, the second and a tie are called.
    """

    name = "pairwise"

    def __init__(self, *, tie: bool = True, labels: tuple[str, str, str] = ("A", "B", "C")) -> None:
        self.contract = OutputContract("pairwise", labels if tie else labels[:2])

    def with_labels(self, labels: tuple[str, ...]) -> Pairwise:
        """The same under other labels."""
        return Pairwise(tie=len(self.contract.labels) > 2, labels=(labels[0], labels[1], labels[-1]))

    def render(self, stimulus: Stimulus, order: Literal["ab", "ba"]) -> tuple[Message, ...]:
        """System message: instruction. User message: request, first response, second response, note, tail."""
        first, second = (
            (stimulus.response_a, stimulus.response_b)
            if order == "ab"
            else (stimulus.response_b, stimulus.response_a)
        )
        labels = self.contract.labels
        system = _INSTRUCTION + (_TIE if labels[2:] else "")
        tail = _TAIL.replace("{first}", labels[0]).replace("{second}", labels[1])
        shown = [_shown(labels[0], first), _shown(labels[1], second)]
        prompt, behind, note = stimulus.prompt, [], stimulus.note
        if note is not None:
            text, second_place = _named(note, order, labels), (note.target == "a") != (order == "ab")
            if note.place in {"system", "system_and_after"}:
                system = f"{system}\n\n{text}"
            if note.place in {"after_responses", "system_and_after"}:
                behind = [text]
            if note.place == "in_prompt":
                prompt = f"{prompt}\n\n{text}"
            if note.place == "before_target":
                shown.insert(int(second_place), text)
        tail += f", [[{labels[2]}]] if they are equally good." if labels[2:] else "."
        parts = [_QUESTION.replace("{text}", prompt), *shown, *behind, tail]
        return Message("system", system), Message("user", "\n\n".join(parts))

    def read(self, text: str, *, truncated: bool, refused: bool) -> Reading:
        """The last label in double brackets: `[[A]]`, `[[B]]` or `[[C]]`."""
        return read_label(text, self.contract.labels, truncated=truncated, refused=refused)


def _shown(label: str, text: str) -> str:
    """A response under its label. The text goes in last, so that nothing in it is taken for a placeholder."""
    return _RESPONSE.replace("{label}", label).replace("{text}", text)


def _named(note: Note, order: Literal["ab", "ba"], labels: tuple[str, ...]) -> str:
    """The note with the names under which the responses are displayed."""
    first, second = (f"response {label}" for label in labels[:2])
    target_first = (note.target == "a") == (order == "ab")
    target, other = (first, second) if target_first else (second, first)
    text = note.text.replace(TARGET, target).replace(OTHER, other)
    return text[:1].upper() + text[1:]
