"""Where one text differs from another, for a reader's eye: whole words, and no speckles."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Final

__all__ = ["changed_spans"]

_WORD: Final = re.compile(r"\s*\S+|\s+")
_WORTH_SEEING: Final = 3  # a shorter run of equal words between two changes is marked with them
_LARGEST: Final = (
    1_000_000  # words of one text times words of the other; beyond it the whole middle is marked
)


def changed_spans(before: str, after: str) -> tuple[tuple[int, int], ...]:
    """The parts of `after` that are not in `before`, as (start, end) in characters, in order and apart.

    Text that was only taken away has no span. A pure insertion is one span, however the words around it repeat.
    """
    start = _shared(before, after)
    behind = min(_shared(before[::-1], after[::-1]), len(before) - start, len(after) - start)
    end = len(after) - behind
    if start == end:
        return ()
    if start + behind == len(before):
        return tuple(_trimmed(after, *_inserted(after, start, end)))
    while start and not after[start - 1].isspace():
        start -= 1
    while behind and not after[len(after) - behind].isspace():
        behind -= 1
    end = len(after) - behind
    spans = _by_words(before[start : len(before) - behind], after[start:end])
    return tuple(span for first, last in spans for span in _trimmed(after, start + first, start + last))


def _shared(one: str, other: str) -> int:
    """How many characters two texts begin with together."""
    unlike = (at for at, (mine, theirs) in enumerate(zip(one, other, strict=False)) if mine != theirs)
    return next(unlike, min(len(one), len(other)))


def _inserted(after: str, start: int, end: int) -> tuple[int, int]:
    """The same insertion, turned back until it begins with a word: its text may repeat what stands beside it."""
    while end > start > 0 and after[start - 1] == after[end - 1] and not after[start - 1].isspace():
        start, end = start - 1, end - 1
    return start, end


def _by_words(before: str, after: str) -> Iterator[tuple[int, int]]:
    """The spans of `after` that a comparison word by word finds changed."""
    old, new = _WORD.findall(before), _WORD.findall(after)
    if len(old) * len(new) > _LARGEST:
        yield 0, len(after)
        return
    places = [0]
    for word in new:
        places.append(places[-1] + len(word))
    at = 0
    for block in SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks():
        last = block.b + block.size == len(new)
        if block.size < _WORTH_SEEING and block.b and not last:
            continue
        if block.b > at:
            yield places[at], places[block.b]
        at = block.b + block.size


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The span without blanks at its ends; none where it holds nothing else."""
    part = text[start:end]
    if core := part.strip():
        first = start + part.index(core)
        yield first, first + len(core)
