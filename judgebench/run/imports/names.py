"""Names that a judge spec and an item's id can carry, from whatever a publisher calls things."""

from __future__ import annotations

import re
from typing import Final

_UNFIT: Final = re.compile("[\\s?\ud800-\udfff]+")


def judge_name(*parts: str) -> str:
    """The parts as one name, without what a judge spec cannot hold: blanks, question marks, halves of characters."""
    return "/".join(_UNFIT.sub("-", part.strip()).strip("-/") for part in parts if part.strip())


def judge_of(*parts: str) -> str:
    """The judge spec of a recorded judge; blanks and '?' have no place in one."""
    return "recorded/" + re.sub(r"[\s?]+", "-", "/".join(parts))
