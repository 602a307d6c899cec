"""Which of two responses a principle favours: the principle is applied, nobody is asked which response is better."""

from __future__ import annotations

from typing import Final

from judgebench.perturb import Stimulus
from judgebench.protocols.base import Protocol
from judgebench.protocols.messages import Message, OutputContract
from judgebench.protocols.reading import Reading, read_label

_INSTRUCTION: Final = (
    "You are given a request, two responses to it, and one principle for choosing between responses. Apply the "
    "principle as it is written, whether or not you agree with it, and leave all other merits of the responses aside."
)
_TAIL: Final = (
    "Which response does the principle favour? Say in a sentence what in the responses it looks at, then end your "
    "reply with the answer on a line of its own: [[A]] if it favours response A, [[B]] if it favours response B, [[C]] "
    "if it favours neither or has nothing to do with them."
)
_QUESTION: Final = "[Request]\n{text}\n[End of request]"
_RESPONSE: Final = "[Response {label}]\n{text}\n[End of response {label}]"
_PRINCIPLE: Final = "[Principle]\n{text}\n[End of principle]"


class PrincipleVote(Protocol):
    """A principle's choice; the reply ends in `[[A]]`, `[[B]]` or `[[C]]`, the last for neither.

    The principle comes after the responses, so that all principles of an item share a long prefix.

    Args:
        principle: In words, such as `prefer the response that admits what it does not know`.
    """

    name = "principle_vote"

    def __init__(self, principle: str) -> None:
        self.principle = principle
        self.contract = OutputContract("pairwise", ("A", "B", "C"))

    def render(self, stimulus: Stimulus, order: str) -> tuple[Message, ...]:
        """System message: instruction. User message: request, both responses, principle, tail."""
        shown = (stimulus.response_a, stimulus.response_b)
        first, second = shown if order == "ab" else shown[::-1]
        parts = (
            _QUESTION.replace("{text}", stimulus.prompt),
            *(
                _RESPONSE.replace("{label}", label).replace("{text}", text)
                for label, text in (("A", first), ("B", second))
            ),
            _PRINCIPLE.replace("{text}", self.principle),
            _TAIL,
        )
        return Message("system", _INSTRUCTION), Message("user", "\n\n".join(parts))

    def read(self, text: str, *, truncated: bool, refused: bool) -> Reading:
        """The last `[[A]]`, `[[B]]` or `[[C]]`."""
        return read_label(text, self.contract.labels, truncated=truncated, refused=refused)
