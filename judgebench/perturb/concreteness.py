"""Concreteness: precise figures from nowhere, put into the response as if they bore it out."""

from __future__ import annotations

from typing import Final

from judgebench.perturb.base import Draw, perturbation
from judgebench.perturb.cues import insertion_placebo, inside, response_is_kept

_WORDINGS: Final = (
    "In a comparison of {large} cases, this held in {share} percent of them.",
    "Measured over {large} trials, the deviation came to {share} permille.",
    "The figure usually given here is {share} percent, from a sample of {large}.",
    "To be precise, {large} records were checked, and {share} percent agreed.",
    "On a scale of one hundred this rates at {share}, averaged over {large} ratings.",
    "A count of {large} entries puts the share at {share} percent.",
)
_MARKERS: Final = (
    "In a comparison of",
    "the deviation came to",
    "The figure usually given here",
    "records were checked",
    "On a scale of one hundred",
    "entries puts the share",
)


@perturbation(
    "concreteness",
    family="discrimination",
    summary="precise figures from nowhere inside the worse response",
    papers=("arXiv:2407.06551",),
    markers=_MARKERS,
    targets="worse",
)
def concreteness(text: str, draw: Draw) -> str:
    """Put a sentence with precise figures into the response."""
    wording = draw.choice(_WORDINGS).replace("{large}", str(draw.rng.randint(1201, 9873)))
    share = f"{draw.rng.randint(61, 97)}.{draw.rng.randint(1, 9)}"
    return inside(text, wording.replace("{share}", share), draw)


concreteness.placebo(insertion_placebo)
concreteness.check(response_is_kept)
