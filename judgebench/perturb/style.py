"""Style: the response rewritten into one plain style by a model, so that what differs is what is said."""

from __future__ import annotations

from typing import Final, Literal

from judgebench.perturb.base import Draw, perturbation
from judgebench.perturb.cues import content_is_kept

_STYLES: Final = {
    "plain": "short plain sentences, without markup, greetings or closing remarks",
    "formal": "the formal style of a report, in complete sentences and without markup",
    "chatty": "the style of a friendly chat message, without markup",
}
Style = Literal["plain", "formal", "chatty"]


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
    return f"Rewrite the text in {_STYLES[into]}. Keep every fact, number and name."


style.check(content_is_kept)
