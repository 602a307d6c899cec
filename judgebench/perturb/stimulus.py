"""The stimulus: what a judge is shown, in the item's frame, and the record of what was changed in it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Literal

from judgebench.items import Item, Letter
from judgebench.items.model import LETTERS

NotePlace = Literal["system", "in_prompt", "before_target", "after_responses", "system_and_after"]
"""Where a note stands: at the end of the system prompt, of the user's request, directly before the response that it
speaks of, after both responses, or at the end of the system prompt and after both."""
Place = Literal["response", "prompt", "label", "order"] | NotePlace

TARGET: Final = "{target}"
OTHER: Final = "{other}"


@dataclass(frozen=True, slots=True)
class Note:
    """A text beside the responses; `{target}` and `{other}` in it become the names they are shown under."""

    place: NotePlace
    text: str
    target: Letter


@dataclass(frozen=True, slots=True)
class Stimulus:
    """What is shown of an item, before it is known which response is shown first.

    Attributes:
        prompt: What was asked.
        response_a: The response a.
        response_b: The response b.
        reference: A correct answer, for protocols that show it.
        note: A text beside the responses.
        further: The responses from c on.
        prompt_b: What the response b answers, where that is not what a answers.
        labels: The labels of response_a, of response_b and of a tie; None where a label tells the place alone.
    """

    prompt: str
    response_a: str
    response_b: str
    reference: str | None = None
    note: Note | None = None
    further: tuple[str, ...] = ()
    prompt_b: str | None = None
    labels: tuple[str, str, str] | None = None

    @classmethod
    def of(cls, item: Item) -> Stimulus:
        """The item as it is."""
        return cls(item.prompt, item.response_a, item.response_b, item.reference, further=item.responses[2:])

    def response(self, letter: Letter) -> str:
        """The response of that letter."""
        return (self.response_a, self.response_b, *self.further)[LETTERS.index(letter)]

    def labels_in(self, order: str) -> tuple[str, str, str] | None:
        """The labels as they are displayed: first response, second response, tie."""
        if self.labels is None or order == "ab":
            return self.labels
        a, b, tie = self.labels
        return b, a, tie

    def with_response(self, letter: Letter, text: str) -> Stimulus:
        """The same with another text as the response of that letter."""
        if letter == "a":
            return replace(self, response_a=text)
        if letter == "b":
            return replace(self, response_b=text)
        place = LETTERS.index(letter) - 2
        return replace(self, further=(*self.further[:place], text, *self.further[place + 1 :]))


@dataclass(frozen=True, slots=True)
class Change:
    """One splice: at `start` of `field`, `removed` gave way to `inserted`.

    Attributes:
        field: `response_a`, `response_b`, `prompt`, or `note` or `labels` (which start out empty).
    """

    field: str
    start: int
    removed: str
    inserted: str

    @classmethod
    def between(cls, field: str, before: str, after: str) -> Change:
        """The smallest splice that turns `before` into `after`.

        Of several equal splices that only insert, it is one that starts and ends between words, and best
        after the end of a sentence, since that is where a text is put in.
        """
        start = _shared_prefix(before, after)
        end = _shared_prefix(before[start:][::-1], after[start:][::-1])
        removed, inserted = before[start : len(before) - end], after[start : len(after) - end]
        if inserted and not removed:
            start = _natural_start(before, inserted, start)
            inserted = after[start : start + len(inserted)]
        return cls(field, start, removed, inserted)

    def apply(self, text: str) -> str:
        """Make the change again in the original text."""
        return text[: self.start] + self.inserted + text[self.start + len(self.removed) :]


def _shared_prefix(one: str, two: str) -> int:
    """How many leading characters the two share, by halving, since the texts may be long."""
    low, high = 0, min(len(one), len(two))
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if one.startswith(two[:middle]) else (low, middle - 1)
    return low


def _natural_start(before: str, inserted: str, last: int) -> int:
    """Where to put an insertion that gives the same text at `last` and, turned round, at places before it.

    Turning takes the last letter of the insertion to its front, which is the letter that stands before it.
    """
    size = len(inserted)
    best, best_worth = last, -1
    for start in range(last, -1, -1):
        first, final = inserted[(start - last) % size], inserted[(start - last - 1) % size]
        worth = _worth(before, start, first, final)
        if worth > best_worth:
            best, best_worth = start, worth
        if start == 0 or before[start - 1] != final:
            break
    return best


def _worth(before: str, start: int, first: str, final: str) -> int:
    """How natural a place for an insertion is: blanks on both sides count first, then a sentence's end."""
    head, following = before[max(0, start - 2) : start], before[start : start + 1]
    ahead = not head or head[-1].isspace() or first.isspace()
    behind = not following or following.isspace() or final.isspace()
    ends = not head.strip() or head.rstrip()[-1] in ".!?:\"')`"
    return 2 * (ahead and behind) + ends
