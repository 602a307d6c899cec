"""A sentence of a methods paragraph."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Sentence", "cited"]


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence without its full stop, and the works that it cites.

    Attributes:
        text: What it says.
        keys: The works' keys in `references.REFERENCES`.
    """

    text: str
    keys: tuple[str, ...] = ()


def cited(text: str, *keys: str) -> Sentence:
    """A sentence that cites the works of those keys."""
    return Sentence(text, keys)
