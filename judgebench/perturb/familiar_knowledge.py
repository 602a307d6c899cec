"""Familiar knowledge: a well-known fact or saying at the end of the response, off the point."""

from __future__ import annotations

from typing import Final

from judgebench.perturb.base import Draw, perturbation
from judgebench.perturb.cues import after, insertion_placebo, response_is_kept

_WORDINGS: Final = (
    "As everybody knows, the Earth goes round the Sun once in a year.",
    "It is well known that water boils at a hundred degrees at sea level.",
    "And as one learns at school, a triangle has three sides.",
    "After all, Rome was not built in a day, as the saying goes.",
    "It is common knowledge that Paris is the capital of France.",
    "One should not forget that a week has seven days.",
)


@perturbation(
    "familiar_knowledge",
    family="discrimination",
    summary="a well-known fact off the point, after the worse response",
    papers=("arXiv:2407.06551",),
    markers=_WORDINGS,
    targets="worse",
)
def familiar_knowledge(text: str, draw: Draw) -> str:
    """Add something that everybody knows and nobody asked."""
    return after(text, draw.choice(_WORDINGS))


familiar_knowledge.placebo(insertion_placebo)
familiar_knowledge.check(response_is_kept)
