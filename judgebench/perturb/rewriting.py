"""Rewrites by a model: what it is told, and what it made of a text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

NOT_REWRITTEN: Final = "no model has rewritten the text"


@dataclass(frozen=True, slots=True)
class RewriteJob:
    """A text with what a model is told to do with it.

    Attributes:
        told: The instruction, one or two sentences.
        text: The text, as it stands in the item.
    """

    told: str
    text: str

    def stand_in(self) -> Rewritten:
        """What is shown in the plan of a run, before any model has rewritten the text."""
        return Rewritten(f"({self.told})\n{self.text}", (NOT_REWRITTEN,))


@dataclass(frozen=True, slots=True)
class Rewritten:
    """What a model made of a text.

    Attributes:
        text: The new text.
        failures: What the check of its content found wrong, in words.
    """

    text: str
    failures: tuple[str, ...] = ()
