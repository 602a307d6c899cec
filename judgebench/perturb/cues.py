"""What most cues need: places to put a text, placebos for it, and checks that nothing else was touched."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Final

from judgebench.perturb.base import Check, Draw
from judgebench.perturb.neutral import SHORTEST, neutral_text
from judgebench.perturb.prose import sentences
from judgebench.perturb.stimulus import TARGET, Change

_NUMBER: Final = re.compile(r"\d+(?:[.,]\d+)*")
_NAME: Final = re.compile(r"(?<![.!?:\"'\u201c(] )(?<![.!?:]\n)(?<!^)\b[A-Z][a-z]{2,}\b")
_NAMING: Final = ("About {target}: ", "On {target}: ", "Concerning {target}: ", "Regarding {target}: ")


def after(text: str, cue: str) -> str:
    """The text with the cue as a paragraph of its own behind it."""
    return f"{text}\n\n{cue}"


def before(text: str, cue: str) -> str:
    """The text with the cue as a paragraph of its own in front of it."""
    return f"{cue}\n\n{text}"


def inside(text: str, cue: str, draw: Draw, ends: Sequence[int] | None = None) -> str:
    """The text with the cue behind one of its sentences, or behind all of it where it has none.

    Args:
        text: The text.
        cue: What is put in.
        draw: Chooses the sentence.
        ends: The places to choose from; the ends of all sentences where None.
    """
    ends = [end for _, end in sentences(text)] if ends is None else ends
    if not ends:
        return after(text, cue)
    place = draw.choice(ends)
    return f"{text[:place]} {cue}{text[place:]}"


def insertion_placebo(text: str, draw: Draw, cue: str, **_options: Any) -> str:
    """A placebo for any cue that only adds text: neutral, as long, in its place, between the same blanks."""
    change = Change.between("text", text, cue)
    core = change.inserted.strip()
    lead, _, trail = change.inserted.partition(core) if core else (change.inserted, "", "")
    neutral = neutral_text(len(core), draw.rng)
    return replace(change, inserted=lead + neutral + trail).apply(text)


def note_placebo(text: str, draw: Draw, cue: str, **_options: Any) -> str:
    """A placebo for any note: as long, naming the same response once, without anything said of it."""
    fitting = [start for start in _NAMING if len(start) + SHORTEST <= len(cue)] or [min(_NAMING, key=len)]
    start = draw.choice(fitting)
    return text + start + neutral_text(max(len(cue) - len(start), SHORTEST), draw.rng)


def placebo_where(note_at: str) -> Callable[..., str]:
    """The placebo of a cue that is a note where `where` is `note_at`, and otherwise a text in the response."""

    def placebo(text: str, draw: Draw, cue: str, *, where: str, **options: Any) -> str:
        return (note_placebo if where == note_at else insertion_placebo)(text, draw, cue, **options)

    return placebo


def response_is_kept(before: str, after: str, **_options: Any) -> Check:
    """Whether text was only added: in one place, or on both sides."""
    kept = before in after or not Change.between("text", before, after).removed
    return Check(() if kept else ("the response was altered",))


def names_the_target_once(before: str, after: str, **_options: Any) -> Check:
    """Whether a note says once which response it means."""
    named = after.count(TARGET) - before.count(TARGET)
    return Check(() if named == 1 else ("the note does not name the target once",))


def check_where(note_at: str) -> Callable[..., Check]:
    """The check of a cue that is a note where `where` is `note_at`, and otherwise a text in the response."""

    def check(before: str, after: str, *, where: str, **options: Any) -> Check:
        return (names_the_target_once if where == note_at else response_is_kept)(before, after, **options)

    return check


def content_is_kept(before: str, after: str, **_options: Any) -> Check:
    """Whether a rewrite has all numbers and proper names of the original and no new number."""
    failures = []
    if lost := _missing(_NUMBER, before, after):
        failures.append(f"the number {lost} was lost")
    if new := _missing(_NUMBER, after, before):
        failures.append(f"the number {new} is new")
    names = {name for name in _NAME.findall(before) if name.lower() not in after.lower()}
    if names:
        failures.append(f"the name {min(names)} was lost")
    return Check(tuple(failures))


def _missing(pattern: re.Pattern[str], one: str, other: str) -> str | None:
    return min(set(pattern.findall(one)) - set(pattern.findall(other)), default=None)
