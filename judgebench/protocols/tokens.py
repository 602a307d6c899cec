"""Log probabilities at the verdict's place: which token that is, and what its alternatives say of the labels.

The place is the first token of the answer that holds more than white space and brackets where the reply is a label, and
the label in the last mark where it ends in `[[A]]`. Thinking is passed over. An alternative counts for a label when it
is that label once white space and brackets are taken off and case is ignored: " A", "A" and "a" are summed.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

from judgebench.protocols.messages import OutputContract

MARK: Final = re.compile(r"\[\[([A-Z])\]\]")
OPEN, CLOSE = "<think>", "</think>"

_AROUND: Final = " \t\r\n\u2581\u0120\u010a[](){}*_\"'`.:"
"""What may stand around a label in a token: white space (also as tokenizers spell it), brackets and quotes."""
_IMPOSSIBLE: Final = -9000.0
"""Servers give -9999 for what a mask has ruled out."""
_DIGITS: Final = 6
_MOST: Final = 8


@dataclass(frozen=True, slots=True)
class TokenLogprobs:
    """A token of the reply with its likeliest alternatives.

    Attributes:
        token: The token that was drawn.
        top: (token, natural logarithm of its probability), likeliest first, the drawn one among them.
    """

    token: str
    top: tuple[tuple[str, float], ...]

    @classmethod
    def of(cls, token: str, logprob: float, top: Iterable[tuple[str, float]]) -> TokenLogprobs:
        """The record of a token: rounded to 1e-6, without what is impossible, with the drawn one where it is missing.

        Providers give tokens as text, and two tokens may have the same; both are kept.
        """
        found = list(top)
        if all(other != token for other, _ in found):
            found.append((token, logprob))
        known = [(text, round(value, _DIGITS)) for text, value in found if value > _IMPOSSIBLE]
        return cls(token, tuple(sorted(known, key=lambda pair: -pair[1])))


@dataclass(frozen=True, slots=True)
class LabelProbabilities:
    """The probabilities of the labels, in the frame of the display.

    Attributes:
        first: Of the response shown first, shared out among the labels so that the three sum to 1.
        second: Of the other.
        tie: Of a tie; 0 where none is on offer.
        mass: What the labels held together before that.
    """

    first: float
    second: float
    tie: float
    mass: float


def verdict_tokens(tokens: Sequence[TokenLogprobs], contract: OutputContract) -> tuple[TokenLogprobs, ...]:
    """Those of a reply's tokens that reading its verdict needs: the verdict's, and what leads up to it."""
    answer = _answer(tokens)
    if contract.form == "label":
        place = verdict_place(answer, contract)
        return tuple(answer[: place + 1][-_MOST:]) if place is not None else ()
    found = _mark(answer)
    if found is None:
        return ()
    first, _, last = found
    return tuple(answer[first : last + 1])


def verdict_place(tokens: Sequence[TokenLogprobs], contract: OutputContract) -> int | None:
    """The index of the token that says the verdict; None where there is none."""
    if contract.form == "label":
        return next((n for n, found in enumerate(tokens) if _plain(found.token)), None)
    found = _mark(tokens)
    return None if found is None else found[1]


def label_probabilities(token: TokenLogprobs, labels: Sequence[str]) -> LabelProbabilities | None:
    """What the alternatives at the verdict's place give to each label; None where no label is among them.

    Labels beyond the alternatives that the provider tells have at most the probability of the last of those, and count
    as 0.
    """
    folded = [label.casefold() for label in labels]
    fold = str.casefold if len(set(folded)) == len(labels) else str
    names = [fold(label) for label in labels]
    held = [0.0] * len(labels)
    for text, logprob in token.top:
        plain = fold(_plain(text))
        if plain in names:
            held[names.index(plain)] += math.exp(logprob)
    mass = sum(held)
    if not mass > 0:
        return None
    first, second, tie = (*(p / mass for p in held), 0.0)[:3]
    return LabelProbabilities(first, second, tie, min(1.0, mass))


def _plain(token: str) -> str:
    return token.strip(_AROUND)


def _answer(tokens: Sequence[TokenLogprobs]) -> Sequence[TokenLogprobs]:
    """The tokens after the thinking; none where it never ends."""
    text = "".join(found.token for found in tokens)
    closed = text.rfind(CLOSE)
    if OPEN in text[max(closed, 0) :]:
        return ()
    return tokens[_index_at(tokens, closed + len(CLOSE) - 1) + 1 :] if closed >= 0 else tokens


def _index_at(tokens: Sequence[TokenLogprobs], place: int) -> int:
    """The index of the token that holds the character at a place of the text that the tokens make."""
    ends = accumulate(len(found.token) for found in tokens)
    return next(number for number, end in enumerate(ends) if end > place)


def _mark(tokens: Sequence[TokenLogprobs]) -> tuple[int, int, int] | None:
    """The indices of the tokens with the start, the label and the end of the last mark."""
    marks = list(MARK.finditer("".join(found.token for found in tokens)))
    if not marks:
        return None
    last = marks[-1]
    return (
        _index_at(tokens, last.start()),
        _index_at(tokens, last.start(1)),
        _index_at(tokens, last.end() - 1),
    )
