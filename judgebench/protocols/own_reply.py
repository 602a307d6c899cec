"""How the reply of a user's own judge is read: by their pattern or their JSON field, and by nothing else."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from judgebench.protocols.reading import Outcome, Reading, is_refusal, strip_thinking
from judgebench.suite.strict_yaml import Document

_SPECIAL: Final = re.compile(r"\\(.)")
_DECODER: Final = json.JSONDecoder()
SAMPLES: Final = 101
"""A scale of the user's own has no labels; a simulated judge answers on so many of its points at most."""


class ReplyRule(Protocol):
    """What a judge file says of a reply."""

    pattern: str | None
    field: str | None
    means: dict[str, Any]
    scale: list[int | float] | None
    example: str | None


@dataclass(frozen=True, slots=True)
class Rule:
    """How a reply is read.

    Attributes:
        pattern: A regular expression with one group, or None where a field is read.
        field: The JSON field, or None.
        means: What the judge says to the outcome that it is; empty where it says a score.
        scale: The least and the greatest score.
        example: A reply as it may come.
    """

    pattern: re.Pattern[str] | None
    field: str | None
    means: Mapping[str, Outcome]
    scale: tuple[float, float] | None
    example: str | None

    @property
    def labels(self) -> tuple[str, ...]:
        """What the judge may say: for first, second and tie, or the whole numbers of the scale."""
        if self.scale is None:
            return tuple(
                next((said for said, outcome in self.means.items() if outcome == wanted), "")
                for wanted in ("first", "second", "tie")
                if wanted in self.means.values()
            )
        low, high = math.ceil(self.scale[0]), math.floor(self.scale[1])
        step = max(1, math.ceil((high - low) / (SAMPLES - 1)))
        return tuple(str(score) for score in range(low, high + 1, step))

    def said(self, answer: str) -> Iterator[tuple[str, int]]:
        """All that the reply says in the declared form, each with the place where it ends."""
        if self.pattern is not None:
            for match in self.pattern.finditer(answer):
                if match.group(1) is not None:
                    yield match.group(1), match.end()
            return
        for start in (m.start() for m in re.finditer(r"\{", answer)):
            try:
                found, end = _DECODER.raw_decode(answer, start)
            except (ValueError, RecursionError):
                continue
            if isinstance(found, dict) and self.field in found:
                yield _plain(found[self.field]), end

    def read(self, text: str, *, truncated: bool, refused: bool) -> Reading:
        """The reading of the last thing said; a reply that was cut counts only where that ends it."""
        answer = strip_thinking(text)[0]
        if refused:
            return Reading("refused", "refusal")
        found = list(self.said(answer))
        if truncated and not (found and not answer[found[-1][1] :].strip(" \t\r\n`")):
            return Reading("invalid", "truncated")
        if not found:
            return Reading("refused", "refusal") if is_refusal(answer) else Reading("invalid", "no mark")
        return self._outcome(found[-1][0].strip())

    def _outcome(self, said: str) -> Reading:
        if self.scale is None:
            found = self.means.get(said)
            return Reading("invalid", "unknown label") if found is None else Reading(found)
        try:
            score = float(said)
        except ValueError:
            return Reading("invalid", "unknown label")
        if not self.scale[0] <= score <= self.scale[1]:
            return Reading("invalid", "off the scale")
        return Reading("scored", scores=(("", score),))

    @property
    def digest(self) -> str:
        """A short hash over all that decides how a reply is read."""
        said = (self.pattern and self.pattern.pattern, self.field, dict(self.means), self.scale)
        return hashlib.sha256(json.dumps(said).encode("utf-8", "surrogatepass")).hexdigest()[:12]

    def answer_form(self) -> str:
        """A reply of this form as JSON, [before, after], with what is said between the two."""
        if self.pattern is None:
            name = json.dumps(self.field)
            quote = '"' if self.scale is None else ""
            return json.dumps([f"{{{name}: {quote}", f"{quote}}}"])
        if self.example is not None and (match := _last(self.pattern, self.example)):
            return json.dumps([self.example[: match.start(1)], self.example[match.end(1) :]])
        head, _, rest = self.pattern.pattern.partition("(")
        tail = rest.rpartition(")")[2]
        return json.dumps([_unescaped(head), _unescaped(tail)])


def _last(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    found = None
    for match in pattern.finditer(text):
        found = match
    return found


def _unescaped(pattern: str) -> str:
    """A pattern of plain and escaped characters as the text that it matches."""
    return (
        _SPECIAL.sub(lambda m: " " if m.group(1) == "s" else m.group(1), pattern)
        .replace("*", "")
        .replace("?", "")
    )


def _plain(value: Any) -> str:
    """A JSON value as the text that the file's `means` would spell."""
    return value if isinstance(value, str) else json.dumps(value)


def rule_of(document: Document, kind: str, reply: ReplyRule) -> Rule:
    """The rule that a judge file states.

    Raises:
        InputError: It states none, two, one that does not fit the kind, or one that cannot read its own example.
    """
    path = ("reply",)
    if (reply.pattern is None) == (reply.field is None):
        both = "both 'pattern' and 'field'" if reply.pattern is not None else "neither 'pattern' nor 'field'"
        raise document.error(path, f"the reply has {both}", expected="one of them")
    pattern = None if reply.pattern is None else _compiled(document, reply.pattern)
    if kind == "pairwise":
        _check_means(document, reply)
        scale = None
    else:
        scale = _scale(document, reply)
    rule = Rule(pattern, reply.field, dict(reply.means), scale, reply.example)
    if reply.example is not None:
        found = rule.read(reply.example, truncated=False, refused=False)
        if found.outcome in {"invalid", "refused"}:
            raise document.error(
                (*path, "example"),
                f"the example cannot be read: {found.reason}",
                expected="a reply that the pattern or the field finds",
            )
    return rule


def _compiled(document: Document, text: str) -> re.Pattern[str]:
    place = ("reply", "pattern")
    try:
        pattern = re.compile(text, re.MULTILINE)
    except re.error as error:
        where = "" if error.pos is None else f" at its character {error.pos + 1}"
        raise document.error(
            place,
            f"the pattern is no regular expression: {error.msg}{where}",
            expected="one as Python reads it",
        ) from error
    if pattern.groups != 1:
        raise document.error(
            place,
            f"the pattern has {pattern.groups} groups",
            expected="one group (...) around what is said; others as (?:...)",
        )
    return pattern


def _check_means(document: Document, reply: ReplyRule) -> None:
    path = ("reply", "means")
    if reply.scale is not None:
        raise document.error(("reply", "scale"), "a pairwise judge has no scale", expected="'means'")
    for wanted in ("first", "second"):
        if wanted not in reply.means.values():
            raise document.error(
                path,
                f"nothing that the judge says means {wanted!r}",
                expected="{A: first, B: second} or the like",
            )


def _scale(document: Document, reply: ReplyRule) -> tuple[float, float]:
    if reply.means:
        raise document.error(("reply", "means"), "a pointwise judge says a score", expected="'scale'")
    if reply.scale is None:
        raise document.error(("reply",), "the key 'scale' is missing", expected="scale: [lowest, highest]")
    low, high = map(float, reply.scale)
    if not low < high:
        raise document.error(
            ("reply", "scale"), f"the scale goes from {low:g} to {high:g}", expected="upwards"
        )
    return low, high
