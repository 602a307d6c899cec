"""What simulated judges write, and how they know it again.

A simulated author ends a response with a mark that says in which hand it is written and how good it is, in the logits
of `Mind`. A simulated judge reads the mark in the prompt: its merit is what the response is worth to it, and its
own hand is what it may prefer. A rewrite by a simulated model keeps the merit and loses the hand. How much a text
surprises it is drawn by the text, and is less in its own hand, if it has that habit.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from judgebench.judges.base import Request
from judgebench.judges.sim_draws import item_normal

_MARK: Final = re.compile(r"\((?:hand (?P<hand>\d+), )?merit (?P<merit>[+-]\d+\.\d+)\)")
_TEXT: Final = re.compile(r"<text>\n(.*)\n</text>", re.DOTALL)
USUAL: Final = 2.5
_VARIES: Final = 0.5
"""Mean and standard deviation between texts of what a token surprises, in nats."""
_WORDS: Final = (
    "Here is what can be said about it in short.",
    "Let us take this step by step.",
    "There are a few things to bear in mind.",
)


@dataclass(frozen=True, slots=True)
class Mark:
    """The end of a simulated response.

    Attributes:
        hand: In which hand it is written; None after a rewrite.
        merit: How good it is.
    """

    hand: int | None
    merit: float


def mark_in(text: str) -> Mark | None:
    """The mark of a response; None where it is not a simulated one."""
    found = _MARK.search(text)
    if found is None:
        return None
    return Mark(int(found["hand"]) if found["hand"] else None, float(found["merit"]))


def written(hand: float, merit: float, key: str) -> str:
    """A response of that merit in that hand; its words depend on the request's key alone."""
    return f"{_WORDS[int(key[:8], 16) % len(_WORDS)]}\n\n(hand {hand:.0f}, merit {merit:+.4f})"


def rewritten(request: Request) -> str:
    """The text that is to be rewritten, without its hand."""
    found = _TEXT.search(request.messages[-1].content)
    text = found[1] if found else ""
    return _MARK.sub(lambda mark: f"(merit {mark['merit']})", text)


def surprise(text: str, hand: float, habit: float, seed: int) -> float:
    """What a token of the text surprises a judge, in nats: by the text, and `habit` less in its own hand."""
    mark = mark_in(text)
    own = mark is not None and mark.hand == hand
    return max(USUAL + _VARIES * item_normal(seed, f"surprise\x1f{text}") - habit * own, 0.0)


def difference(first: str, second: str, hand: float) -> tuple[float | None, int]:
    """How much better the first text is by the marks, None where one has none; and 1 or -1 where one is in the hand."""
    one, two = mark_in(first), mark_in(second)
    if one is None or two is None:
        return None, 0
    return one.merit - two.merit, (one.hand == hand) - (two.hand == hand)
