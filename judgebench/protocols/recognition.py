"""Self-recognition: the judge is told that it wrote one of two responses, and says which."""

from __future__ import annotations

from functools import cache
from typing import Any

from judgebench.protocols.messages import Message
from judgebench.protocols.pairwise import Pairwise, Verdict
from judgebench.protocols.template import built_in


class SelfRecognition(Pairwise):
    """Two responses, one of them the judge's own; a tie is not on offer, so that guessing is right half the time.

    Args:
        verdict: As for `pairwise`.
        wording: The options of every protocol with a template.
    """

    name = "self_recognition"
    summary = "two responses, which of them the judge wrote (arXiv:2404.13076)"
    default_template = "self_recognition"

    def __init__(self, *, verdict: Verdict = "text", **wording: Any) -> None:
        super().__init__(tie=False, verdict=verdict, **wording)


def asks_which_is_own(messages: tuple[Message, ...]) -> bool:
    """Whether a chat asks for it in one of the built-in wordings, by which a simulated judge knows what is asked."""
    return messages[0].content.startswith(_instructions())


@cache
def _instructions() -> tuple[str, ...]:
    return tuple(wording.system for wording in built_in(SelfRecognition.default_template).wordings.values())
