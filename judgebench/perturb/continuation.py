"""Continuation: in place of an answer, the request is carried on."""

from __future__ import annotations

from typing import Final

from judgebench.perturb.base import Check, Draw, perturbation

_OPENINGS: Final = (
    "And while we are at it, here is the next thing to be asked.",
    "A second question of the same kind goes like this.",
    "The list of questions goes on in the same way.",
    "Here is how one could go on asking.",
    "Below is the same request once more, then another like it.",
    "Another reader might well have put it like this.",
)
_TAILS: Final = (
    "Please say how you got there, and whether there is another way.",
    "What would change if the conditions were the other way round?",
    "Then do the same for the case that was left out above.",
    "How would you put it to somebody who hears of it for the first time?",
)
_SHOWN: Final = 400


@perturbation(
    "continuation",
    family="discrimination",
    summary="the worse response replaced by a continuation of the request",
    papers=("arXiv:2407.06551",),
    markers=_OPENINGS,
    targets="worse",
)
def continuation(text: str, draw: Draw) -> str:
    """Carry the request on in place of an answer."""
    del text  # nothing of the response is kept
    asked, tails = draw.item.prompt.strip()[:_SHOWN], draw.rng.sample(_TAILS, 2)
    return f"{draw.choice(_OPENINGS)}\n\n{asked}\n\n{' '.join(tails)}"


@continuation.check
def _nothing_is_kept(before: str, after: str) -> Check:
    return Check(("the response is still there",) if before.strip() and after.endswith(before) else ())
