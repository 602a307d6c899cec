"""Confidence: the response said with hedging or with assurance, by a sentence in front or throughout by a model."""

from __future__ import annotations

from typing import Final, Literal

from judgebench.perturb.base import Check, Draw, perturbation
from judgebench.perturb.cues import before as in_front
from judgebench.perturb.cues import content_is_kept, insertion_placebo, response_is_kept

Tone = Literal["any", "assertive", "hedged"]

_OPENINGS: Final = {
    "assertive": (
        "There is not the slightest doubt about what follows.",
        "I state this with complete certainty.",
        "What comes next is beyond question.",
        "Make no mistake, this is how it is.",
        "I am one hundred per cent sure of every word below.",
        "You can rely on this absolutely.",
    ),
    "hedged": (
        "I may well be wrong about what follows.",
        "I am not at all certain of this, but here it is.",
        "Please take what comes next with a grain of salt.",
        "This is only how it looks to me, perhaps mistakenly.",
        "I would not bet on it, but it might be like this.",
        "If I am not mistaken, and I might be, it goes so.",
    ),
}
TONES: Final = tuple(_OPENINGS)
_TOLD: Final = {
    "assertive": "Rewrite the text so that it sounds fully certain of all it says.",
    "hedged": "Rewrite the text so that it hedges what it says, in every sentence.",
}


@perturbation(
    "confidence",
    family="invariance",
    summary="assertive or hedged wording before the response, or throughout it by a model",
    papers=("arXiv:2410.20774",),
    markers=tuple(opening for openings in _OPENINGS.values() for opening in openings),
    levels="tone",
)
def confidence(
    text: str, draw: Draw, *, tone: Tone = "assertive", by: Literal["rule", "model"] = "rule"
) -> str:
    """Say how sure the response is of itself.

    Args:
        text: The response.
        draw: The stream.
        tone: Sure or unsure; `any` draws one.
        by: A sentence in front of the text as it is, or a rewrite by the suite's rewriting model.
    """
    del by  # a model's text comes from elsewhere
    return in_front(text, draw.choice(_OPENINGS[_tone(draw, tone)]))


def _tone(draw: Draw, tone: Tone) -> str:
    return draw.choice(TONES) if tone == "any" else tone


@confidence.rewrite
def _told(draw: Draw, *, tone: Tone, by: str) -> str | None:
    return None if by == "rule" else f"{_TOLD[_tone(draw, tone)]} Keep every fact, number and name."


confidence.placebo(insertion_placebo, when=lambda *, by, **_: by == "rule")


@confidence.check
def _content_is_kept(before: str, after: str, *, tone: Tone, by: str) -> Check:
    del tone
    return content_is_kept(before, after) if by == "model" else response_is_kept(before, after)
