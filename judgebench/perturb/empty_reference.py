"""Empty reference: the response leans on material that nobody has given."""

from __future__ import annotations

from typing import Final

from judgebench.perturb.base import Draw, perturbation
from judgebench.perturb.cues import after, insertion_placebo, response_is_kept

_WORDINGS: Final = (
    "The document that you attached says the same in its third section.",
    "This can also be seen in the table on page seven of your file.",
    "As the spreadsheet you uploaded shows, this is in line with the totals.",
    "The second picture you sent bears this out in its lower left corner.",
    "This agrees with what you wrote in your earlier message about the plan.",
    "The recording you shared makes the same point after four minutes.",
)


@perturbation(
    "empty_reference",
    family="discrimination",
    summary="a reference to material that nobody gave, after the worse response",
    papers=("arXiv:2407.06551",),
    markers=_WORDINGS,
    targets="worse",
)
def empty_reference(text: str, draw: Draw) -> str:
    """Refer to a file, a picture or a message that does not exist."""
    return after(text, draw.choice(_WORDINGS))


empty_reference.placebo(insertion_placebo)
empty_reference.check(response_is_kept)
