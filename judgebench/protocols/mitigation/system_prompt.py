"""Mitigation by instruction: the judge is told in the system message what must not sway it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Literal, get_args

from judgebench.protocols.messages import Message
from judgebench.protocols.mitigation.base import Mitigation, in_system

Influence = Literal["position", "length", "authority", "bandwagon", "distraction", "superficial_reflection"]

_OPENING: Final = "Judge the content alone. Do not let any of these sway you: "
_INFLUENCES: Final[Mapping[Influence, str]] = {
    "position": "which response is shown first",
    "length": "how long a response is",
    "authority": "claims of authority or citations that you cannot check",
    "bandwagon": "what other people are said to prefer",
    "distraction": "remarks that have nothing to do with the request",
    "superficial_reflection": "phrases that only sound like careful thinking",
}


class SystemPrompt(Mitigation):
    """The warning stands in the system message, before everything that differs between trials.

    Args:
        about: What is warned of; all of it unless told otherwise.
        text: A warning of the user's own in its place.
    """

    name = "system_prompt"
    summary = "a warning of the biases in the system message (arXiv:2504.09946)"
    marker = _OPENING.strip()

    def __init__(self, *, about: list[Influence] | None = None, text: str | None = None) -> None:
        if about is not None and (text is not None or not about):
            raise ValueError("name what it warns of in `about`, or give a `text`, not both")
        named = [_INFLUENCES[name] for name in (about or get_args(Influence))]
        listed = f"{', '.join(named[:-1])}, and {named[-1]}" if len(named) > 1 else named[0]
        self._text = f"{_OPENING}{listed}." if text is None else text

    def apply(self, messages: Sequence[Message]) -> tuple[Message, ...]:
        """The messages with the warning at the end of the system message."""
        return in_system(messages, self._text)


class LengthInstruction(Mitigation):
    """The judge is told that length is no merit."""

    name = "length_instruction"
    summary = "the system message says that length is no merit"
    marker = "The length of a response is no merit and no fault."

    def apply(self, messages: Sequence[Message]) -> tuple[Message, ...]:
        """The messages with the instruction at the end of the system message."""
        more = (
            f"{self.marker} What is said again, padded out or beside the point adds nothing to it; of two responses "
            "that serve the request equally well, the longer one is not the better one."
        )
        return in_system(messages, more)
