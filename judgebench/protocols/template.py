"""Templates: the wordings of a protocol, in a file that a user can copy and edit.

What stands in braces is put in once: the texts of an item are never searched for placeholders.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import BeforeValidator, Field

from judgebench.errors import InputError, nearest
from judgebench.suite.schema import Strict
from judgebench.suite.strict_yaml import Document, parse, read_text
from judgebench.suite.validate import check_model

Reasoning = Literal["before", "after", "none"]
Part = Literal["request", "reference", "criterion", "responses", "note", "criteria", "levels", "ask"]

PLAIN: Final = "plain"
"""The name of a template's own wording, beside those of its paraphrases."""
_BRACES: Final = re.compile(r"\{\{|\}\}|\{([A-Za-z_]+)\}")
_KNOWN: Final[Mapping[str, tuple[str, ...]]] = {
    "request": ("prompt",),
    "reference": ("reference",),
    "criterion": ("criterion",),
    "response": ("label", "text", "prompt"),
    "criteria": ("criteria",),
    "levels": ("levels",),
    "verdict": ("mark", "label", "low", "high", "name"),
    "verdict_tie": ("mark",),
    "ask": ("verdicts", "low", "high", "count"),
}
_NEEDED: Final[Mapping[str, str]] = {"response": "text", "verdict": "mark", "ask": "verdicts"}


class Wording(Strict):
    """How a protocol words what it says; the built-in files explain each key."""

    system: str
    system_tie: str = ""
    user: Annotated[
        tuple[Part, ...], BeforeValidator(lambda parts: tuple(parts) if isinstance(parts, list) else parts)
    ] = Field(min_length=1)
    request: str
    reference: str = ""
    criterion: str = ""
    noun: str = Field(default="response", pattern=r"^[A-Za-z]+$")
    response: str
    criteria: str = ""
    levels: str = ""
    verdict: str
    verdict_tie: str = ""
    ask: dict[Reasoning, str] = Field(min_length=1)


class _Paraphrase(Strict):
    """What a paraphrase may say in other words; what it leaves out stays."""

    system: str | None = None
    system_tie: str | None = None
    request: str | None = None
    reference: str | None = None
    criterion: str | None = None
    response: str | None = None
    criteria: str | None = None
    levels: str | None = None
    verdict: str | None = None
    verdict_tie: str | None = None
    ask: dict[Reasoning, str] | None = None


class _File(Wording):
    paraphrases: dict[str, _Paraphrase] = Field(default_factory=dict)


class Template:
    """A template file: its own wording and those of its paraphrases, by name.

    Attributes:
        wordings: `plain` and the paraphrases, in the order of the file.
    """

    def __init__(self, document: Document) -> None:
        checked = check_model(document, _File, document.data)
        _check_placeholders(document, document.data, ())
        for name in checked.paraphrases:
            _check_placeholders(document, document.data["paraphrases"][name], ("paraphrases", name))
        own = checked.model_dump(exclude={"paraphrases"})
        said = {
            name: {key: value for key, value in p.model_dump().items() if value is not None}
            for name, p in checked.paraphrases.items()
        }
        self.wordings: Mapping[str, Wording] = {
            PLAIN: Wording(**own),
            **{name: Wording(**{**own, **words, "ask": {**own["ask"], **words.get("ask", {})}})
               for name, words in said.items()},
        }  # fmt: skip

    def wording(self, name: str) -> Wording:
        """The wording of that name.

        Raises:
            InputError: There is none.
        """
        if name not in self.wordings:
            raise InputError(
                f"unknown paraphrase {name!r}",
                expected=f"one of {', '.join(self.wordings)}, or all",
                suggestion=nearest(name, self.wordings),
            )
        return self.wordings[name]


def _check_placeholders(document: Document, data: Mapping[str, Any], path: tuple[str, ...]) -> None:
    """Check that every placeholder is one that is put in there, and that those that must stand there do.

    Raises:
        InputError: One is unknown or missing.
    """
    for key, known in _KNOWN.items():
        said = data.get(key)
        texts = said if isinstance(said, dict) else {} if said is None else {None: said}
        for style, text in texts.items():
            place = (*path, key) if style is None else (*path, key, style)
            _check_text(document, place, text, known, _NEEDED.get(key))


def _check_text(
    document: Document, place: tuple[str, ...], text: str, known: tuple[str, ...], needed: str | None
) -> None:
    found = [name for match in _BRACES.finditer(text) if (name := match.group(1))]
    for name in found:
        if name not in known:
            raise document.error(
                place,
                f"unknown placeholder {{{name}}}",
                expected=f"one of {', '.join(f'{{{k}}}' for k in known)}; a brace itself is written twice",
                suggestion=nearest(name, known),
            )
    if needed is not None and needed not in found:
        raise document.error(place, f"the placeholder {{{needed}}} is missing", expected="it is required")


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with its placeholders replaced, in one pass, so that nothing in a value is taken for one.

    A doubled brace stands for a brace; a placeholder without a value stays as it is.
    """
    return "".join([said if name is None else values.get(name, said) for said, name in _pieces(text)])


@lru_cache(maxsize=1024)
def _pieces(text: str) -> tuple[tuple[str, str | None], ...]:
    """The text cut at its placeholders: what is said, and the name where that is a placeholder."""
    found: list[tuple[str, str | None]] = []
    end = 0
    for match in _BRACES.finditer(text):
        found.append((text[end : match.start()], None))
        name = match.group(1)
        found.append((match.group(0)[0] if name is None else match.group(0), name))
        end = match.end()
    return (*found, (text[end:], None))


def read_template(path: Path) -> Template:
    """The template in a file.

    Raises:
        InputError: It is not one.
    """
    return Template(parse(read_text(path), str(path)))


def template_text(name: str) -> str:
    """The text of a built-in template."""
    return (files("judgebench.protocols.templates") / f"{name}.yaml").read_text("utf-8")


def template_names() -> tuple[str, ...]:
    """The names of the built-in templates."""
    found = (entry.name for entry in files("judgebench.protocols.templates").iterdir())
    return tuple(sorted(name.removesuffix(".yaml") for name in found if name.endswith(".yaml")))


@cache
def built_in(name: str) -> Template:
    """A built-in template."""
    return Template(parse(template_text(name), f"{name}.yaml"))
