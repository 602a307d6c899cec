"""Style: the response rewritten into one plain style by a model, so that what differs is what is said."""

from __future__ import annotations

from judgebench.perturb.base import Draw, perturbation
from judgebench.perturb.cues import content_is_kept
from judgebench.perturb.styles import Style, in_style


@perturbation(
    "style",
    family="invariance",
    summary="the response in a plain, formal or chatty style, by a model",
    papers=("arXiv:2506.02592",),
    levels="into",
)
def style(text: str, draw: Draw, *, into: Style = "plain") -> str:
    """Nothing by itself: a model rewrites the response.

    Args:
        text: The response.
        draw: The stream.
        into: The style.
    """
    del draw, into
    return text


@style.rewrite
def _told(draw: Draw, *, into: Style) -> str | None:
    del draw
    return in_style(into)


style.check(content_is_kept)
