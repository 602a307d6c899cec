"""Fallacy: a subtle error in the better response, which a judge that reads must find. Also a positive control.

One number is altered, one word turned into its opposite, or one sentence negated; where the response has none of these,
a conclusion that does not follow is added.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final, Literal

from judgebench.perturb.base import Check, Draw, perturbation
from judgebench.perturb.cues import after as behind
from judgebench.perturb.cues import inside
from judgebench.perturb.stimulus import Change

Kind = Literal["any", "number", "opposite", "negation", "reasoning"]

_NUMBER: Final = re.compile(r"(?<![\w.,])\d{1,6}(?![\w]|[.,]\d)")
_PAIRS: Final = (
    ("always", "never"), ("before", "after"), ("more", "less"), ("increase", "decrease"), ("first", "last"),
    ("largest", "smallest"), ("higher", "lower"), ("above", "below"), ("true", "false"), ("all", "none"),
    ("earlier", "later"), ("left", "right"), ("north", "south"), ("east", "west"), ("add", "subtract"),
    ("minimum", "maximum"), ("longer", "shorter"), ("open", "closed"), ("up", "down"), ("and", "or"),
)  # fmt: skip
_OPPOSITES: Final[Mapping[str, str]] = {
    one: other for pair in _PAIRS[:-1] for one, other in (pair, pair[::-1])
} | {"and": "or"}
_OPPOSITE: Final = re.compile(rf"\b(?:{'|'.join(_OPPOSITES)})\b")
_NEGATABLE: Final = re.compile(r"\b(is|are|was|were|can|does|has to|must|should|will)\b(?! not\b|n't)")
_FALLACIES: Final = (
    "It follows that the opposite must hold in all other cases as well.",
    "Since nobody has ever shown otherwise, this settles the matter for good.",
    "One case of this kind is known, so it is so every time.",
    "It came after the other, and therefore it came about because of it.",
    "Most people believe it, which is what makes it true.",
    "Whoever doubts this would have to doubt everything else too, so it is certain.",
)

_LONGEST: Final = 2 + max(map(len, _FALLACIES))


@perturbation(
    "fallacy",
    family="discrimination",
    summary="a subtle error in the better response: a number, an opposite, a negation, a false conclusion",
    papers=("arXiv:2402.10669", "arXiv:2410.02736"),
    levels="kind",
    targets="better",
)
def fallacy(text: str, draw: Draw, *, kind: Kind = "any") -> str:
    """Put one error into the response.

    Args:
        text: The response.
        draw: The stream.
        kind: What is wrong; `any` takes the first of number, opposite and negation that the response has, and
            otherwise adds a conclusion that does not follow.
    """
    wrong = _first_edit(text, draw, kind)
    return text if wrong is None else wrong


def _with_number(text: str, draw: Draw) -> str | None:
    return _spliced(text, draw, _NUMBER, lambda found: _another_number(found, draw))


def _another_number(found: str, draw: Draw) -> str:
    """A number as long, near enough to be overlooked."""
    value = int(found)
    near = [
        n for step in (1, 2, 10) for n in (value + step, value - step) if len(str(n)) == len(found) and n >= 0
    ]
    return str(draw.choice(near or [value + 1]))


def _with_opposite(text: str, draw: Draw) -> str | None:
    return _spliced(text, draw, _OPPOSITE, lambda found: _OPPOSITES[found])


def _with_negation(text: str, draw: Draw) -> str | None:
    return _spliced(text, draw, _NEGATABLE, lambda found: f"{found} not")


def _spliced(text: str, draw: Draw, pattern: re.Pattern[str], turn: Callable[[str], str]) -> str | None:
    """One of the pattern's finds turned into something else; None where there is none."""
    found = list(pattern.finditer(text))
    if not found:
        return None
    one = draw.choice(found)
    return text[: one.start()] + turn(one.group()) + text[one.end() :]


def _with_false_conclusion(text: str, draw: Draw) -> str:
    cue = draw.choice(_FALLACIES)
    return inside(text, cue, draw) if text else behind(text, cue)


_EDITS: Final[Mapping[str, Callable[[str, Draw], str | None]]] = {
    "number": _with_number,
    "opposite": _with_opposite,
    "negation": _with_negation,
    "reasoning": _with_false_conclusion,
}


def _first_edit(text: str, draw: Draw, kind: Kind) -> str | None:
    """The first edit of that kind that the text admits."""
    edits = _EDITS.values() if kind == "any" else [_EDITS[kind]]
    return next((wrong for edit in edits if (wrong := edit(text, draw)) is not None), None)


@fallacy.applies
def _has_something_to_get_wrong(text: str, draw: Draw, *, kind: Kind) -> bool:
    return _first_edit(text, draw, kind) is not None


@fallacy.check
def _one_small_error(before: str, after: str, *, kind: Kind) -> Check:
    change = Change.between("text", before, after)
    small = len(change.removed) <= _LONGEST and len(change.inserted) <= _LONGEST
    return Check(() if small else (f"more than one error of the kind {kind}",))
