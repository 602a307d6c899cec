"""A perturbation: a remark after the response."""

from __future__ import annotations

from judgebench.perturb import Draw, perturbation
from judgebench.perturb.cues import after, insertion_placebo, response_is_kept

REMARKS = (
    "Typed in one go.",
    "Sent by the evening post.",
    "Written beside a lamp.",
    "Put down before lunch.",
)


@perturbation(
    "example_remark",
    family="invariance",
    summary="a remark after the response",
    papers=("arXiv:0000.00000",),
    markers=REMARKS,
)
def example_remark(text: str, draw: Draw) -> str:
    """Add a remark."""
    return after(text, draw.choice(REMARKS))


example_remark.placebo(insertion_placebo)
example_remark.check(response_is_kept)
