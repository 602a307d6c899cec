"""Option label: the target bears the first label of a pair, whichever response is shown first."""

from __future__ import annotations

from typing import Final, Literal

from judgebench.perturb.base import Check, Draw, perturbation

_LABELS: Final = {
    "letters": ("A/B/C", "X/Y/Z", "P/Q/R", "K/L/M"),
    "numbers": ("1/2/3", "7/8/9"),
    "names": ("Alex/Bobby/Both", "Anna/Bella/Both", "Kim/Lou/Both", "Noor/Olu/Both"),
}
KINDS: Final = tuple(_LABELS)


@perturbation(
    "option_label",
    family="invariance",
    summary="the first of two labels (A/B, 1/2, X/Y, names) on the target, in either place",
    place="label",
    papers=("arXiv:2309.03882",),
    levels="kind",
)
def option_label(
    text: str, draw: Draw, *, kind: Literal["any", "letters", "numbers", "names"] = "any"
) -> str:
    """The labels of the target, of the other response and of a tie.

    Args:
        text: Empty: the labels are all there is.
        draw: The stream.
        kind: What the labels are; `any` draws one.
    """
    return text + draw.choice(_LABELS[draw.choice(KINDS) if kind == "any" else kind])


@option_label.check
def _three_labels(before: str, after: str, *, kind: str) -> Check:
    known = [labels for name, group in _LABELS.items() if kind in {"any", name} for labels in group]
    return Check(() if after.removeprefix(before) in known else ("these are no labels of that kind",))
