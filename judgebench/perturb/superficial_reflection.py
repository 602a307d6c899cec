"""Superficial reflection: words that look like thinking, before the response, inside it or between the two."""

from __future__ import annotations

from typing import Final, Literal

from judgebench.perturb.base import Draw, perturbation
from judgebench.perturb.cues import before, insertion_placebo, inside, response_is_kept
from judgebench.perturb.prose import sentences

_PHRASES: Final = (
    "Wait, let me think about this for a moment. Yes, I have gone over it again.",
    "Hmm, let me slow down here and reflect on it carefully before I go on.",
    "Hold on, I want to double-check my thinking. All right, I am done with that.",
    "Let me pause and consider this step by step. Okay, I have considered it.",
    "Actually, let me reconsider this from the beginning. Good, I have done so.",
    "Give me a second to reflect. I have now looked at this from several angles.",
)


@perturbation(
    "superficial_reflection",
    family="invariance",
    summary='phrases such as "wait, let me think about this" before or inside the response, or between the two',
    places={"between": "before_target"},
    papers=("arXiv:2504.09946", "arXiv:2507.13758"),
    markers=_PHRASES,
)
def superficial_reflection(
    text: str, draw: Draw, *, where: Literal["before", "inside", "between"] = "before"
) -> str:
    """Put a phrase of reflection before the response, after one of its sentences, or outside it.

    Args:
        text: The response; empty for a note.
        draw: The stream.
        where: At the response's start; after one of its sentences but the last; or outside the responses and directly
            before the one it is meant for, which is between the two where that one is shown second.
    """
    phrase = draw.choice(_PHRASES)
    if where == "between":
        return phrase
    ends = [end for _, end in sentences(text)][:-1]
    return inside(text, phrase, draw, ends) if where == "inside" and ends else before(text, phrase)


superficial_reflection.placebo(insertion_placebo)
superficial_reflection.check(response_is_kept)
