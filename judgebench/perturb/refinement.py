"""Refinement: a history of revisions shown after the response, of which the response is the last."""

from __future__ import annotations

from typing import Final

from judgebench.perturb.base import Draw, perturbation
from judgebench.perturb.cues import after, insertion_placebo, response_is_kept

_WORDINGS: Final = (
    "Revision history: draft (v1), first revision (v2), second revision (v3, shown here).",
    "This is the third version; two earlier ones were read over and revised.",
    "Changes since the first draft: wording revised twice, then proofread.",
    "[Refined answer. Earlier drafts: two. Review rounds passed: two.]",
    "Status: rewritten after self-review, then reviewed and polished again.",
    "After a critique of my first attempt I reworked it; the above is the result.",
)


@perturbation(
    "refinement",
    family="invariance",
    summary="a history of revisions after the response",
    papers=("arXiv:2410.02736",),
    markers=_WORDINGS,
)
def refinement(text: str, draw: Draw) -> str:
    """Say that the response has been revised."""
    return after(text, draw.choice(_WORDINGS))


refinement.placebo(insertion_placebo)
refinement.check(response_is_kept)
