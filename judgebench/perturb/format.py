"""Format: markup put on the response's own sentences; stripped of it, the text is the one that stood there."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final, Literal

from judgebench.perturb.base import Check, Draw, perturbation
from judgebench.perturb.prose import sentences

Style = Literal["any", "bullets", "headings", "bold", "table", "code", "emoji"]

_EMOJI: Final = "\U0001f4a1\U0001f31f\U0001f680\U0001f4cc\u2705\U0001f389\U0001f50d\U0001f4da"
_MARKUP: Final = {
    "bullets": re.compile(r"^[ \t]*[-*+] +", re.MULTILINE),
    "headings": re.compile(r"^[ \t]*#{1,6} +", re.MULTILINE),
    "bold": re.compile(r"\*\*"),
    "table": re.compile(
        r"^[ \t]*\|(?:[ \t]*:?-{3,}:?[ \t]*\|)+[ \t]*$|(?:^[ \t]*\|)|(?:\|[ \t]*$)", re.MULTILINE
    ),
    "code": re.compile(r"^[ \t]*`{3,}[a-z]*[ \t]*$", re.MULTILINE),
    "emoji": re.compile(f"[{_EMOJI}]"),
}
_FENCE: Final = re.compile(r"`{3,}")
_BOLD_WORDS: Final = re.compile(r"\S+(?: \S+){0,2}")


def strip_markup(text: str) -> str:
    """The text without markup, its blanks each a single one: what two texts of the same content share."""
    for pattern in _MARKUP.values():
        text = pattern.sub(" ", text)
    return " ".join(text.split())


@perturbation(
    "format",
    family="invariance",
    summary="bullets, headings, bold type, a table, a code fence or emoji, with the words as they are",
    papers=("arXiv:2409.11704", "arXiv:2402.10669"),
    levels="style",
)
def format(text: str, draw: Draw, *, style: Style = "any") -> str:  # noqa: A001  # the bias is called so
    """Put markup on the response.

    Args:
        text: The response.
        draw: The stream.
        style: Every sentence a bullet; the first a heading; the first words of each in bold; a table of one column;
            all in a code fence; an emoji before each. `any` draws one.
    """
    return _MAKERS[draw.choice(STYLES) if style == "any" else style](text, draw)


def _each(text: str, turn: Callable[[str], str], *, apart: str | None = None) -> str:
    """Every prose sentence turned into something else; `apart` goes in place of the blanks between two."""
    made, at, spans = [], 0, sentences(text)
    for start, end in spans:
        gap = text[at:start]
        made += [
            gap if apart is None or at == 0 or "\n\n" in gap or gap.strip() else apart,
            turn(text[start:end]),
        ]
        at = end
    return "".join([*made, text[at:]])


def _bullets(text: str, draw: Draw) -> str:
    del draw
    return _each(text, lambda sentence: f"- {sentence}", apart="\n")


def _headings(text: str, draw: Draw) -> str:
    del draw
    spans = sentences(text)
    if not spans:
        return text
    start, end = spans[0]
    rest = text[end:].lstrip(" ")
    return f"{text[:start]}## {text[start:end]}\n\n{rest}" if rest else f"{text[:start]}## {text[start:]}"


def _bold(text: str, draw: Draw) -> str:
    del draw
    return _each(
        text, lambda sentence: _BOLD_WORDS.sub(lambda found: f"**{found.group()}**", sentence, count=1)
    )


def _table(text: str, draw: Draw) -> str:
    """The first run of sentences as the rows of a table; rows may not be broken by lines."""
    del draw
    spans = sentences(text)
    if not spans:
        return text
    run = [spans[0]]
    for span in spans[1:]:
        if text[run[-1][1] : span[0]].strip() or "\n\n" in text[run[-1][1] : span[0]]:
            break
        run.append(span)
    head, *rows = [f"| {' '.join(text[start:end].split())} |" for start, end in run]
    table = "\n".join([head, "| --- |", *rows])
    lead, tail = text[: run[0][0]].rstrip(" "), text[run[-1][1] :].lstrip(" ")
    return f"{lead}{table}" + (f"\n\n{tail}" if tail.strip() else tail)


def _code(text: str, draw: Draw) -> str:
    del draw
    fence = "`" * max(3, 1 + max(map(len, _FENCE.findall(text)), default=0))
    return f"{fence}\n{text}\n{fence}"


def _emoji(text: str, draw: Draw) -> str:
    return _each(text, lambda sentence: f"{draw.choice(_EMOJI)} {sentence}")


_MAKERS: Final[Mapping[str, Callable[[str, Draw], str]]] = {
    "bullets": _bullets,
    "headings": _headings,
    "bold": _bold,
    "table": _table,
    "code": _code,
    "emoji": _emoji,
}
STYLES: Final = tuple(_MAKERS)


@format.applies
def _has_prose(text: str, draw: Draw, *, style: Style) -> bool:
    del draw, style
    return bool(sentences(text))


@format.placebo
def _blanks(text: str, draw: Draw, cue: str, *, style: Style) -> str:
    """As many characters more as the markup has, all of them blanks between sentences, which nobody sees."""
    del draw, style
    ends = [end for _, end in sentences(text)] or [len(text)]
    each, left = divmod(len(cue) - len(text), len(ends))
    widths = [each + (place < left) for place in range(len(ends))]
    made, at = "", 0
    for end, width in zip(ends, widths, strict=True):
        made, at = made + text[at:end] + " " * width, end
    return made + text[at:]


@format.presence
def _kinds_of_markup(text: str) -> float:
    return float(sum(pattern.search(text) is not None for pattern in _MARKUP.values()))


@format.check
def _the_words_are_the_same(before: str, after: str, *, style: Style) -> Check:
    failures = [] if strip_markup(after) == strip_markup(before) else ["the words are not the same"]
    shown = [
        name
        for name, pattern in _MARKUP.items()
        if len(pattern.findall(after)) > len(pattern.findall(before))
    ]
    if not shown or style not in {"any", *shown}:
        failures.append("the markup is not there")
    return Check(tuple(failures))
