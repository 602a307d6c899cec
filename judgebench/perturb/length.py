"""Length: the response padded to a multiple of its length, with nothing in the padding that is new, or trimmed.

The padding says sentences of the response again and fills up with sentences that say nothing, so that it
adds no quality. A dose under 1 leaves off sentences from the end, and with them what they say: read it next to gold.
"""

from __future__ import annotations

import re
from typing import Annotated, Final

from annotated_types import Interval

from judgebench.perturb.base import Check, Draw, perturbation
from judgebench.perturb.prose import sentences

_LEAD_INS: Final = (
    "To say it again:",
    "Once more:",
    "In other words:",
    "As said above:",
    "To repeat:",
    "Put once again:",
)
_FILLERS: Final = (
    "That is the answer.",
    "This is what there is to say.",
    "The points above stand as they are given.",
    "That covers what was asked, as far as it goes.",
    "It may help to read the above once more from the top.",
    "As stated, the above is meant as the reply to the question.",
    "So much for that.",
    "All of this refers to what was asked at the start.",
    "With that said, the reply given above remains the reply.",
    "This closes the answer, which can be found in the text above.",
)
_NUMBER: Final = re.compile(r"\d+(?:[.,]\d+)*")
_LAST_ROOM: Final = 120
TOLERANCE: Final = 0.1
TRIM_TOLERANCE: Final = 0.5
"""A text can only be trimmed where its sentences end."""


@perturbation(
    "length",
    family="invariance",
    summary="padding that says nothing new, to a multiple of the length; trimmed where that is under 1",
    papers=("arXiv:2306.05685",),
    dose=(1.5, 2.0),
)
def length(text: str, draw: Draw, *, dose: Annotated[float, Interval(gt=0, le=10)] = 1.5) -> str:
    """Pad or trim the response to `dose` times its length in characters, as closely as whole sentences allow.

    Args:
        text: The response.
        draw: The stream.
        dose: The wanted length, as a multiple of the response's.
    """
    return _trimmed(text, dose) if dose < 1 else _padded(text, draw, dose)


def _trimmed(text: str, dose: float) -> str:
    """The text up to the end of the sentence, but never the last, that comes nearest to the wanted length."""
    ends = [end for _, end in sentences(text) if end < len(text.rstrip())]
    return text[: min(ends, key=lambda end: abs(end - dose * len(text)))] if ends else text


def _padded(text: str, draw: Draw, dose: float) -> str:
    wanted = round(len(text) * dose)
    pool = _pool(text, draw)
    padded, separator = text, "\n\n"
    while pool:
        room = wanted - len(padded) - len(separator)
        addition = pool.pop(_next(pool, room, wanted * TOLERANCE / 2))
        if abs(len(padded) + len(separator) + len(addition) - wanted) >= abs(len(padded) - wanted):
            break
        padded, separator = padded + separator + addition, " "
        pool = pool or _pool(text, draw)
    return padded


def _next(pool: list[str], room: int, slack: float) -> int:
    """The first piece that fits while there is much room; then, of those that overshoot by little, the closest."""
    fitting = [place for place, piece in enumerate(pool) if len(piece) <= room + slack] or range(len(pool))
    return fitting[0] if room > _LAST_ROOM else min(fitting, key=lambda place: abs(len(pool[place]) - room))


def _pool(text: str, draw: Draw) -> list[str]:
    """Sentences to pad with, in drawn order: those of the response, led in, between ones that say nothing."""
    own = [f"{draw.choice(_LEAD_INS)} {text[start:end]}" for start, end in sentences(text)]
    pool = [*own, *_FILLERS]
    draw.rng.shuffle(pool)
    return pool


@length.applies
def _can_be_trimmed(text: str, draw: Draw, *, dose: float) -> bool:
    del draw
    trimmed = _trimmed(text, dose)
    near = abs(len(trimmed) - dose * len(text)) <= TRIM_TOLERANCE * dose * len(text)
    return dose >= 1 or (near and trimmed != text)


@length.check
def _longer_and_nothing_new(before: str, after: str, *, dose: float) -> Check:
    ratio = len(after) / len(before) if before else 0.0
    long, short = (before, after) if dose < 1 else (after, before)
    failures = [] if long.startswith(short) else ["the response was altered"]
    if abs(ratio - dose) > (TRIM_TOLERANCE if dose < 1 else TOLERANCE) * dose:
        failures.append(f"{ratio:.2f} times as long, not {dose:g}")
    if dose > 1 and set(_NUMBER.findall(after)) != set(_NUMBER.findall(before)):
        failures.append("the padding brings a number that was not there")
    return Check(tuple(failures), {"dose": dose})
