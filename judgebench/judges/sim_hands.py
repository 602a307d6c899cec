"""What simulated judges write, and how they know it again.

A simulated author ends a response with a mark that says in which hand it is written and how good it is, in the logits
of `Mind`. A simulated judge reads the mark in the prompt: its merit is what the response is worth to it, and its
own hand is what it may prefer. A rewrite by a simulated model keeps the merit and loses the hand; whose views the
response has is still to be seen. How much a text surprises it is drawn by the text, and is less in its own hand, if it
has that habit.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from judgebench.judges.base import Request
from judgebench.judges.sim_draws import item_normal

_MARK: Final = re.compile(r"\((?:(?P<kind>hand|views) (?P<author>\d+), )?merit (?P<merit>[+-]\d+\.\d+)\)")
_TEXT: Final = re.compile(r"<text>\n(.*)\n</text>", re.DOTALL)
_TWO: Final = re.compile(r"<one>\n(.*)\n</one>\n\n<two>\n(.*)\n</two>", re.DOTALL)
_USUAL: Final = 2.5
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
        author: The number of the hand that its author writes in; None where the mark names nobody.
        in_hand: Whether it is written in that hand; not so after a rewrite, which leaves the author's views alone.
        merit: How good it is.
    """

    author: int | None
    in_hand: bool
    merit: float

    def is_in(self, hand: float) -> bool:
        """Whether it is written in that hand."""
        return self.in_hand and self.author == hand


def mark_in(text: str) -> Mark | None:
    """The mark of a response; None where it is not a simulated one."""
    found = _MARK.search(text)
    if found is None:
        return None
    author = int(found["author"]) if found["author"] else None
    return Mark(author, found["kind"] == "hand", float(found["merit"]))


def written(hand: float, merit: float, key: str) -> str:
    """A response of that merit in that hand; its words depend on the request's key alone."""
    return f"{_WORDS[int(key[:8], 16) % len(_WORDS)]}\n\n(hand {hand:.0f}, merit {merit:+.4f})"


def rewritten(request: Request) -> str:
    """The text that is to be rewritten, without its hand."""
    found = _TEXT.search(request.messages[-1].content)
    return _MARK.sub(_without_hand, found[1] if found else "")


def surprise(text: str, hand: float, habit: float, seed: int) -> float:
    """What a token of the text surprises a judge, in nats: by the text, and `habit` less in its own hand."""
    mark = mark_in(text)
    own = mark is not None and mark.is_in(hand)
    return max(_USUAL + _VARIES * item_normal(seed, f"surprise\x1f{text}") - habit * own, 0.0)


def _without_hand(mark: re.Match[str]) -> str:
    views = f"views {mark['author']}, " if mark["author"] else ""
    return f"({views}merit {mark['merit']})"


def says_the_same(request: Request) -> bool:
    """Whether the two texts of a check of their content differ in nothing but the hand."""
    found = _TWO.search(request.messages[-1].content)
    return found is not None and _MARK.sub(_without_hand, found[1]) == _MARK.sub(_without_hand, found[2])


@dataclass(frozen=True, slots=True)
class Apart:
    """What sets the first of two simulated responses apart from the second.

    Attributes:
        merit: How much better it is.
        hand: 1 where it alone is in the judge's hand, -1 where the second alone is, else 0.
        views: The same of the judge's views.
    """

    merit: float
    hand: int
    views: int


def apart(first: str, second: str, hand: float) -> Apart | None:
    """What sets two responses apart before a judge of that hand; None where one has no mark."""
    one, two = mark_in(first), mark_in(second)
    if one is None or two is None:
        return None
    views = (one.author == hand) - (two.author == hand)
    in_hand = one.is_in(hand) - two.is_in(hand)
    return Apart(one.merit - two.merit, in_hand, views)
