"""Identical pair: the same response twice, so that nothing but the place can decide; the right verdict is a tie."""

from __future__ import annotations

from judgebench.perturb.base import Check, Draw, perturbation


@perturbation(
    "identical_pair",
    family="invariance",
    summary="the other response in the target's place as well, so that only position is left",
    papers=("arXiv:2305.17926",),
)
def identical_pair(text: str, draw: Draw) -> str:
    """Show the other response twice."""
    del text  # nothing of it is kept
    return draw.item.response("b" if draw.target == "a" else "a")


@identical_pair.applies
def _the_two_differ(text: str, draw: Draw) -> bool:
    return identical_pair.apply is not None and identical_pair.apply(text, draw) != text


@identical_pair.check
def _it_is_another_text(before: str, after: str) -> Check:
    return Check(() if before != after else ("the two were the same before",))
