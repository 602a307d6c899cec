"""Mitigation by blinding: who wrote a response, and its markup, are taken away before the judge sees it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from judgebench.items import Item
from judgebench.perturb import Stimulus
from judgebench.protocols.mitigation.base import Mitigation

_FENCE: Final = re.compile(
    r"(^[ \t]*(?:`{3,}|~{3,}).*?^[ \t]*(?:`{3,}|~{3,})[ \t]*$)", re.DOTALL | re.MULTILINE
)
_FENCE_LINE: Final = re.compile(r"^[ \t]*(?:`{3,}|~{3,}).*\n?", re.MULTILINE)
_MARKS: Final = (
    (re.compile(r"^[ \t]{0,3}#{1,6}[ \t]+", re.MULTILINE), ""),
    (re.compile(r"^[ \t]*[-*+][ \t]+", re.MULTILINE), ""),
    (re.compile(r"^[ \t]*>[ \t]?", re.MULTILINE), ""),
    (re.compile(r"^[ \t]*\|(?:[ \t]*:?-{3,}:?[ \t]*\|)+[ \t]*\n?", re.MULTILINE), ""),
    (re.compile(r"^[ \t]*\|[ \t]*|[ \t]*\|[ \t]*$", re.MULTILINE), ""),
    (re.compile(r"\*\*(?=\S)(.+?)(?<=\S)\*\*", re.DOTALL), r"\1"),
    (re.compile(r"__(?=\S)(.+?)(?<=\S)__", re.DOTALL), r"\1"),
    (re.compile(r"[\U0001f300-\U0001faff\u2600-\u27bf\ufe0f]+[ \t]?"), ""),
)
_MODELS: Final = re.compile(
    r"\b(?:GPT|ChatGPT|Claude|Gemini|Gemma|Llama|Mistral|Mixtral|Qwen|DeepSeek|Grok|Phi|Command R|Vicuna|Alpaca)"
    r"(?:[ -]?\d[\w.]*)?(?:[ -](?:Pro|Flash|Ultra|Large|Small|Medium|Opus|Sonnet|Haiku|Turbo|Mini|\d+[bB])\b)*",
)
_ORIGIN: Final = re.compile(
    r"\b(?:written|generated|authored|produced|composed) by\b|\b(?:comes?|is|are) from\b|\bgoes back to\b|"
    r"\b(?:author|origin|provenance|label)\b",
    re.IGNORECASE,
)
_NAME: Final = "[name withheld]"


class Blinding(Mitigation):
    """The responses without markup and without the names of models and authors; a code block keeps its content.

    A note beside the responses that says where one of them comes from is left out as a whole.
    """

    name = "blinding"
    summary = "author labels and markup are stripped before the judge sees a response"

    def show(self, item: Item, stimulus: Stimulus) -> Stimulus:
        """The stimulus with plain and nameless responses."""
        names = [name for name in item.authors if name]
        for letter in item.letters:
            text = withheld(plain(stimulus.response(letter)), names)
            stimulus = stimulus.with_response(letter, text)
        note = stimulus.note
        if note is not None and _tells_the_author(note.text, names):
            return replace(stimulus, note=None)
        return stimulus


def plain(text: str) -> str:
    """The text without headings, bullets, bold type, quotes, tables' rules, fences and emoji; its words stay."""
    parts = _FENCE.split(text)
    return "".join(_FENCE_LINE.sub("", part) if _FENCE.fullmatch(part) else _unmarked(part) for part in parts)


def _unmarked(text: str) -> str:
    for pattern, kept in _MARKS:
        text = pattern.sub(kept, text)
    return text


def withheld(text: str, authors: Iterable[str]) -> str:
    """The text with the names of models, and of the authors, withheld."""
    for name in authors:
        text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", _NAME, text)
    return _MODELS.sub(_NAME, text)


def _tells_the_author(note: str, authors: Iterable[str]) -> bool:
    return withheld(note, authors) != note or _ORIGIN.search(note) is not None
