"""The styles that a model can be told to put a text in, so that what differs between texts is what they say."""

from __future__ import annotations

from typing import Final, Literal

Style = Literal["plain", "formal", "chatty"]

_STYLES: Final = {
    "plain": "short plain sentences, without markup, greetings or closing remarks",
    "formal": "the formal style of a report, in complete sentences and without markup",
    "chatty": "the style of a friendly chat message, without markup",
}


def in_style(style: Style) -> str:
    """What a model is told that puts a text in a style."""
    return f"Rewrite the text in {_STYLES[style]}. Keep every fact, number and name."
