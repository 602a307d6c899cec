"""Gold that can be verified: whether a response gives the reference answer."""

from __future__ import annotations

import re
from typing import Final, Literal

from judgebench.items.model import Gold, Item

Check = Literal["exact", "contains", "number"]
_NUMBER: Final = re.compile(r"-?\d[\d,]*(?:\.\d+)?")


def is_right(response: str, reference: str, check: Check) -> bool:
    """Whether a response gives the reference answer.

    Args:
        response: The response.
        reference: The answer.
        check: `exact`: they are the same but for case and blanks; `contains`: the answer stands in the response as
            words of its own; `number`: the last number in the response is the last in the answer.
    """
    said, wanted = _plain(response), _plain(reference)
    if check == "exact":
        return said == wanted
    if check == "contains":
        return re.search(rf"(?<!\w){re.escape(wanted)}(?!\w)", said) is not None
    one, two = _last_number(said), _last_number(wanted)
    return one is not None and one == two


def verified_gold(item: Item, check: Check) -> Gold | None:
    """The response that is right where the other is not, `tie` where both or neither is; None without a reference."""
    if not item.reference:
        return None
    a, b = (is_right(text, item.reference, check) for text in (item.response_a, item.response_b))
    return "tie" if a == b else "a" if a else "b"


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def _last_number(text: str) -> float | None:
    found = _NUMBER.findall(text)
    return float(found[-1].replace(",", "")) if found else None
