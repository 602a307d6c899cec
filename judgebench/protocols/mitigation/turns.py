"""Mitigations in two turns: the judge sees its own first reply again before it gives its verdict."""

from __future__ import annotations

from dataclasses import replace
from typing import Final, Literal

from judgebench.items import Item
from judgebench.protocols.base import Protocol
from judgebench.protocols.messages import Message, OutputContract
from judgebench.protocols.mitigation.base import Asked, TwoTurns

ANSWER: Final = OutputContract("answer", ())
"""The form of a first reply that is a text and no verdict."""

_NOTHING: Final = "(no reply)"
"""In place of an empty reply: providers refuse empty messages."""


class SelfReflection(TwoTurns):
    """The judge's first reply is put back, and it reconsiders."""

    name = "self_reflection"
    summary = "the judge sees its reply again and reconsiders, in a second turn (arXiv:2504.09946)"
    marker = "Go over your own reply once more before it counts."

    def then(self, asked: Asked, said: str) -> tuple[Message, ...]:
        """The trial, the first reply, and the request to reconsider."""
        more = (
            f"{self.marker} Ask yourself whether anything but the content has weighed in it: the order in which "
            "things were shown, length, a claim of authority, what others are said to prefer, a remark beside the "
            "point, or words that only sound thoughtful. If so, leave it out of account. Then reply again, in full and "
            "in the form that was asked for at first; your verdict may stay or change."
        )
        return *asked.render(), Message("assistant", said.strip() or _NOTHING), Message("user", more)


class ReferenceAnswer(TwoTurns):
    """The judge compares with an answer that is known, or that it has written itself.

    Args:
        by: `judge`: it answers the request first, without having seen a response; `item`: the item's reference answer.
    """

    name = "reference_answer"
    summary = "a reference answer before the responses: the judge's own, written first, or the item's"
    marker = "[An answer to compare with]"

    def __init__(self, *, by: Literal["judge", "item"] = "judge") -> None:
        self._by = by

    def check(self, protocol: Protocol) -> None:
        """Check that the protocol shows a single request.

        Raises:
            ValueError: It does not.
        """
        if protocol.layout.shows == "joint":
            raise ValueError("two requests have no one answer to compare with")

    def check_item(self, item: Item) -> None:
        """Check that the item has a reference answer, where that is to be shown.

        Raises:
            ValueError: It has none.
        """
        if self._by == "item" and not item.reference:
            raise ValueError(f"the item {item.id!r} has no reference answer to show: by: judge needs none")

    @property
    def asks_first(self) -> bool:
        """Whether there is a first turn at all."""
        return self._by == "judge"

    def opening(self, asked: Asked) -> tuple[tuple[Message, ...], OutputContract]:
        """The request of the item itself, to be answered; as the item has it, so that all its trials share it."""
        told = "Answer the request as well as you can, and say nothing else."
        return (Message("system", told), Message("user", asked.item.prompt)), ANSWER

    def messages(self, asked: Asked) -> tuple[Message, ...]:
        """What is sent where the answer is the item's."""
        return self.then(asked, asked.item.reference or "")

    def then(self, asked: Asked, said: str) -> tuple[Message, ...]:
        """The trial with the answer before all that its last message says."""
        *before, last = asked.render()
        block = f"{self.marker}\n{said.strip() or _NOTHING}\n[End of the answer to compare with]"
        return *before, replace(last, content=f"{block}\n\n{last.content}")
