"""Distraction: an irrelevant sentence inside the response or about it, which praises nobody and claims nothing."""

from __future__ import annotations

from typing import Final, Literal

from judgebench.perturb.base import Draw, perturbation
from judgebench.perturb.cues import check_where, inside, placebo_where

_SENTENCES: Final = (
    "The neighbour's cat has been asleep on the warm bonnet of the car since breakfast.",
    "Somebody on the third floor is learning the trombone, mostly on Sunday afternoons.",
    "The ferry to the island was painted green last spring and blue the spring before.",
    "A jar of plum jam keeps longer when the lid is wiped dry before it is closed.",
    "My cousin once walked home eleven kilometres in the rain for a forgotten umbrella.",
    "The bakery at the corner sells its last poppy-seed rolls shortly before noon.",
    "Snow fell on the football pitch overnight, and the goalposts have icicles now.",
    "The old clock in the hall runs four minutes fast, and nobody minds any more.",
)
_ABOUT: Final = (
    "{target} was written by somebody who likes to eat oranges on the way to work.",
    "{target} comes from a writer whose street has a fountain with three stone ducks.",
    "The writer of {target} has a grey scooter and parks it under the chestnut tree.",
    "Whoever wrote {target} spends the winter evenings mending old wall clocks.",
    "The writer of {target} grew up beside a canal with a drawbridge and two locks.",
    "{target} was finished on the day on which the swimming pool opened its gates.",
)


@perturbation(
    "distraction",
    family="invariance",
    summary="an irrelevant sentence inside the response or about it",
    places={"about": "after_responses"},
    papers=("arXiv:2309.17012", "arXiv:2410.02736"),
    markers=(*_SENTENCES, *(max(part, key=len) for part in (s.split("{target}") for s in _ABOUT))),
)
def distraction(text: str, draw: Draw, *, where: Literal["inside", "about"] = "inside") -> str:
    """Put an irrelevant sentence after one of the response's sentences, or in a note that names the response.

    Args:
        text: The response; empty for a note.
        draw: The stream.
        where: Inside the response (at its end where it has no sentence), or about it in a note.
    """
    return draw.choice(_ABOUT) if where == "about" else inside(text, draw.choice(_SENTENCES), draw)


distraction.placebo(placebo_where("about"))
distraction.check(check_where("about"))
