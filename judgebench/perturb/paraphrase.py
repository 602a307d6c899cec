"""Paraphrase: the response in other words by a model; what every other rewrite is to be read against."""

from __future__ import annotations

from typing import Final

from judgebench.perturb.base import Draw, perturbation
from judgebench.perturb.cues import content_is_kept

_TOLD: Final = (
    "Say the text in other words.",
    "Reword the text sentence by sentence.",
    "Put the text into your own words.",
    "Rephrase the text from start to end.",
    "Write the text again with other words and the same meaning.",
    "Give the text a new wording.",
)


@perturbation(
    "paraphrase",
    family="invariance",
    summary="the response in other words, by a model",
)
def paraphrase(text: str, draw: Draw) -> str:
    """Nothing by itself: a model says the response in other words."""
    del draw
    return text


@paraphrase.rewrite
def _told(draw: Draw) -> str | None:
    kept = "Keep its tone, its length, its layout, and every fact, number and name."
    return f"{draw.choice(_TOLD)} {kept}"


paraphrase.check(content_is_kept)
