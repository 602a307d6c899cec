"""Self-recognition: the judge is told that it wrote one of two responses, and says which."""

from __future__ import annotations

from typing import Any, Final

from judgebench.protocols.pairwise import Pairwise, Verdict

ASKED: Final = "You wrote one of the two responses"
"""What the built-in words begin with, by which a simulated judge knows what it is asked."""


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
