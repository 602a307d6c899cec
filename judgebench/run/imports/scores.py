"""Verdicts that scores make."""

from __future__ import annotations


def better(score_a: float, score_b: float) -> str:
    """The verdict that two scores make."""
    if score_a == score_b:
        return "tie"
    return "a" if score_a > score_b else "b"
