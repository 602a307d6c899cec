"""What requests have in common: the same request twice, the same beginning of a prompt."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from typing import Final

import numpy as np

from judgebench.judges.base import Request

_RECENT: Final = 8192


class Distinct:
    """Counts distinct keys in eight bytes each.

    Equal requests belong to the same item, so they come near each other: among the last 8192 distinct keys one that
    comes again is known at once. The count is exact either way (two of a million keys share eight bytes once in
    37 million suites).
    """

    def __init__(self) -> None:
        self._recent: dict[str, None] = {}
        self._heads = array("Q")

    def add(self, key: str) -> bool:
        """Take a key in; whether it is new, as far as is known at once."""
        if key in self._recent:
            return False
        if len(self._recent) == _RECENT:
            del self._recent[next(iter(self._recent))]
        self._recent[key] = None
        self._heads.append(int(key[:16], 16))
        return True

    def __len__(self) -> int:
        return int(np.unique(np.frombuffer(self._heads, np.uint64)).size)


class Prefixes:
    """Adds up the beginnings of prompts that an earlier prompt has: what a provider that caches prefixes saves.

    Attributes:
        shared: Characters so far.
    """

    def __init__(self) -> None:
        self.shared = 0
        self._item = ""
        self._prompts: list[str] = []

    def add(self, request: Request) -> None:
        """Take in the next prompt; it is held against those of the same item, and one of the item before."""
        if request.subject.item_id != self._item:
            self._item = request.subject.item_id
            del self._prompts[1:]
        prompt = "".join(message.content for message in request.messages)
        # in order, the prompt that begins most like this one stands beside it
        place = bisect_left(self._prompts, prompt)
        beside = self._prompts[max(0, place - 1) : place + 1]
        self.shared += max((_common(prompt, other) for other in beside), default=0)
        self._prompts.insert(place, prompt)


def _common(one: str, two: str) -> int:
    """The length of the beginning that two texts have in common."""
    low, high = 0, min(len(one), len(two))
    while low < high:
        middle = (low + high + 1) // 2
        if one[:middle] == two[:middle]:
            low = middle
        else:
            high = middle - 1
    return low
