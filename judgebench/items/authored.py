"""Prompts without responses, responses by author, and the pairs that they make."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any, ClassVar, Final

from judgebench.errors import InputError
from judgebench.items.model import LONE_SURROGATE, Item
from judgebench.items.rows import column_of, read_rows, unknown_key
from judgebench.items.sources import ItemSource

_PROMPT_KEYS: Final = ("id", "prompt", "category", "source", "reference")
_RESPONSE_KEYS: Final = ("prompt_id", "prompt", "author", "response", "category", "source", "reference")
_BETWEEN: Final = "~"


def pair_id(prompt_id: str, one: str, two: str) -> str:
    """The id of the pair of two authors' responses to a prompt."""
    return _BETWEEN.join((prompt_id, one, two))


def pairs_of(prompt: Item, responses: Mapping[str, str], seed: int) -> Iterator[Item]:
    """A pair for every two authors of responses to a prompt; which of them is `a` is drawn by the seed.

    Args:
        prompt: An item that has the prompt with its category, source and reference; its responses are left aside.
        responses: The responses by author.
        seed: The suite's.
    """
    for one, two in combinations(responses, 2):
        name = pair_id(prompt.id, one, two)
        drawn = hashlib.sha256(f"{seed}\x1fsides\x1f{name}".encode("utf-8", "surrogatepass")).digest()[0] % 2
        a, b = (two, one) if drawn else (one, two)
        yield Item(
            name,
            prompt.prompt,
            responses[a],
            responses[b],
            category=prompt.category,
            source=prompt.source,
            author_a=a,
            author_b=b,
            reference=prompt.reference,
        )


def prompt_of(item: Item) -> str:
    """The prompt that a pair belongs to, as its id tells where the authors follow it."""
    for authors in ((item.author_a, item.author_b), (item.author_b, item.author_a)):
        ending = f"{_BETWEEN}{authors[0]}{_BETWEEN}{authors[1]}"
        if item.id.endswith(ending):
            return item.id.removesuffix(ending)
    return item.id


@dataclass(frozen=True)
class PromptSource(ItemSource):
    """Prompts alone, for suites whose authors write the responses: `id, prompt`, and `category, source, reference`."""

    path_options: ClassVar[tuple[str, ...]] = ("path",)
    path: Path

    def load(self) -> list[Item]:
        """An item a prompt, without a word in its responses."""
        found: dict[str, Item] = {}
        for row in _rows(self.path, "prompt file", _PROMPT_KEYS, ("id", "prompt")):
            item = row.prompt("id", self.path.stem)
            if item.id in found:
                raise row.fault("id", f"the id {item.id!r} comes twice", "a different id for every prompt")
            found[item.id] = item
        return list(found.values())


@dataclass(frozen=True)
class ResponseSource(ItemSource):
    """Responses by author: `prompt_id, prompt, author, response`, and `category, source, reference`.

    Every two responses to a prompt make a pair.

    Attributes:
        path: The file.
        seed: Decides which of a pair's authors is `a`.
    """

    path_options: ClassVar[tuple[str, ...]] = ("path",)
    path: Path
    seed: int = 0

    def load(self) -> list[Item]:
        """The pairs."""
        prompts: dict[str, Item] = {}
        responses: dict[str, dict[str, str]] = {}
        for row in _rows(
            self.path, "response file", _RESPONSE_KEYS, ("prompt_id", "prompt", "author", "response")
        ):
            prompt = row.prompt("prompt_id", self.path.stem)
            if prompts.setdefault(prompt.id, prompt).prompt != prompt.prompt:
                raise row.fault(
                    "prompt", f"the prompt {prompt.id!r} had another text before", "one text a prompt"
                )
            author, by_author = str(row.values["author"]), responses.setdefault(prompt.id, {})
            if author in by_author:
                raise row.fault("author", f"a second response of {author!r} to this prompt", "one an author")
            by_author[author] = str(row.values["response"])
        pairs = [
            pair for name, said in responses.items() for pair in pairs_of(prompts[name], said, self.seed)
        ]
        if not pairs:
            raise InputError(
                "no prompt has two responses", file=self.path, expected="responses of two authors or more"
            )
        return pairs


@dataclass(frozen=True, slots=True)
class _Row:
    """A row with its place."""

    path: Path
    line: int
    text: str
    values: Mapping[str, Any]

    def fault(self, key: str, message: str, expected: str) -> InputError:
        return InputError(
            message, file=self.path, line=self.line, column=column_of(self.text, key), expected=expected
        )

    def prompt(self, key: str, source: str) -> Item:
        values = self.values
        return Item(
            str(values[key]),
            str(values["prompt"]),
            "",
            "",
            category=values.get("category"),
            source=values.get("source") or source,
            reference=values.get("reference"),
        )


def _rows(path: Path, kind: str, known: tuple[str, ...], required: tuple[str, ...]) -> Iterable[_Row]:
    count = 0
    for line, text, values in read_rows(path, kind=kind, known=known, filled=("prompt", "response")):
        row, count = _Row(path, line, text, values), count + 1
        for key in values:
            if key not in known:
                raise unknown_key(path, line, column_of(text, key), key, known)
        for key in required:
            if values.get(key) is None:
                raise row.fault(key, f"{key!r} is missing", f"values of {', '.join(required)}")
        for key, value in values.items():
            if value is not None and (not isinstance(value, str) or LONE_SURROGATE.search(value)):
                raise row.fault(key, f"{key!r} is {str(value)[:40]!a}", "text")
        yield row
    if not count:
        raise InputError(f"the {kind} is empty", file=path, expected="at least one row")
