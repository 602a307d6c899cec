"""A judge of the user's own: their prompt as it is, their placeholders, their form of the reply.

    - file: my_judge.yaml

names a file that says where the prompt is, what its placeholders stand for, and how a reply is read. The prompt itself
is sent unchanged but for what goes into the placeholders.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import Field

from judgebench.errors import nearest
from judgebench.perturb import Stimulus
from judgebench.perturb.stimulus import Note
from judgebench.protocols.base import Protocol
from judgebench.protocols.messages import Message, OutputContract
from judgebench.protocols.own_reply import Rule, rule_of
from judgebench.protocols.reading import Reading
from judgebench.protocols.templated import named, texts_in
from judgebench.suite.layout import Layout
from judgebench.suite.schema import Strict
from judgebench.suite.strict_yaml import Document, parse, read_text
from judgebench.suite.validate import check_model

Verdict = Literal["first", "second", "tie"]

_LIKELY: Final = re.compile(r"\{\{\s*\w+\s*\}\}|\{\w+\}|\$\w+|<\w+>")
"""What looks like a placeholder, for messages only."""


class PlaceholdersSpec(Strict):
    """The placeholders as the prompt spells them."""

    prompt: str | None = Field(default=None, min_length=1)
    first: str | None = Field(default=None, min_length=1)
    second: str | None = Field(default=None, min_length=1)
    response: str | None = Field(default=None, min_length=1)
    reference: str | None = Field(default=None, min_length=1)

    def spelt(self) -> dict[str, str]:
        """Those that there are, by what they stand for."""
        return self.model_dump(exclude_none=True)


class ReplySpec(Strict):
    """How a reply is read.

    Attributes:
        pattern: A regular expression with one group; the group of its last match is what the judge said.
        field: Or: the field of a JSON object in the reply, the last one that has it.
        means: Of a pairwise judge: what it says to the verdict that this is.
        scale: Of a pointwise judge: the least and the greatest score.
        example: A reply as it may come; it must be readable.
    """

    pattern: str | None = None
    field: str | None = None
    means: dict[str, Verdict] = Field(default_factory=dict)
    scale: list[int | float] | None = Field(default=None, min_length=2, max_length=2)
    example: str | None = None


class NamesSpec(Strict):
    """What the prompt calls the responses, for cues that speak of them."""

    first: str = "response A"
    second: str = "response B"


class JudgeFile(Strict):
    """A judge file."""

    name: str | None = Field(default=None, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")
    kind: Literal["pairwise", "pointwise"]
    prompt: str
    system: str | None = None
    placeholders: PlaceholdersSpec
    reply: ReplySpec
    names: NamesSpec = NamesSpec()


class OwnJudge(Protocol):
    """The prompt and the reply's form are those of the user's file.

    Args:
        path: The judge file; the prompts that it names are relative to it.
    """

    name = "file"
    summary = "a judge of your own: your prompt, your placeholders, your form of the reply"
    paths = ("path",)

    def __init__(self, *, path: str) -> None:
        loaded = _read(path)
        self._spec, self._rule = loaded.spec, loaded.rule
        self._user, self._system = loaded.user, loaded.system
        self._put = loaded.placeholders
        pairwise = self._spec.kind == "pairwise"
        reference = "reference" in self._spec.placeholders.spelt()
        self.layout = Layout("pair" if pairwise else "single", reference=reference)
        self.scale = None if pairwise else self._rule.scale
        self.contract = OutputContract(
            f"own {self._spec.kind} {self._rule.digest} {self._rule.answer_form()}", self._rule.labels
        )

    @classmethod
    def title(cls, options: Mapping[str, Any]) -> str:
        """The name that the file gives, or its own."""
        path = str(options["path"])
        return _read(path).spec.name or Path(path).stem

    def render(self, stimulus: Stimulus, order: str) -> tuple[Message, ...]:
        """The user's prompts with the texts in the places of the placeholders, and a note where it belongs."""
        note, place = self._note(stimulus, order), None if stimulus.note is None else stimulus.note.place
        texts = _noted(texts_in(stimulus, order), stimulus.note, note, order)
        prompt = f"{stimulus.prompt}\n\n{note}" if place == "in_prompt" else stimulus.prompt
        values = {"prompt": prompt, "reference": stimulus.reference or ""}
        values |= dict(zip(("first", "second") if len(order) == 2 else ("response",), texts, strict=True))
        system = "" if self._system is None else self._filled(self._system, values)
        if place in {"system", "system_and_after"}:
            system = f"{system}\n\n{note}".strip()
        user = Message("user", self._filled(self._user, values))
        return (Message("system", system), user) if system else (user,)

    def _note(self, stimulus: Stimulus, order: str) -> str:
        if len(order) == 1:
            return named(stimulus.note, "this response", "the other response")
        names = (self._spec.names.first, self._spec.names.second)
        turned = stimulus.note is not None and order.index(stimulus.note.target) == 1
        return named(stimulus.note, *(names[::-1] if turned else names))

    def _filled(self, prompt: str, values: Mapping[str, str]) -> str:
        return self._put.sub(lambda found: values[str(found.lastgroup)], prompt)

    def read(self, text: str, *, truncated: bool, refused: bool) -> Reading:
        """By the user's pattern or field."""
        return self._rule.read(text, truncated=truncated, refused=refused)


def _noted(texts: list[str], note: Note | None, said: str, order: str) -> list[str]:
    """The texts with a note before the one that it speaks of, or after the last."""
    if note is not None and note.place == "before_target" and note.target in order:
        at = order.index(note.target)
        return [f"{said}\n\n{text}" if place == at else text for place, text in enumerate(texts)]
    if note is not None and note.place in {"after_responses", "system_and_after"}:
        return [*texts[:-1], f"{texts[-1]}\n\n{said}"]
    return texts


class _Loaded:
    """A judge file with its prompts, checked.

    Raises:
        InputError: A placeholder, the pattern or a key is wrong.
    """

    def __init__(self, path: Path) -> None:
        document = parse(read_text(path), str(path))
        self.spec = check_model(document, JudgeFile, document.data)
        self.user, user_file = _prompt(document, path.parent, "prompt", self.spec.prompt)
        self.system = None
        if self.spec.system is not None:
            self.system, _ = _prompt(document, path.parent, "system", self.spec.system)
        _check_placeholders(document, self.spec, f"{self.system or ''}\n{self.user}", user_file)
        self.rule: Rule = rule_of(document, self.spec.kind, self.spec.reply)
        spelt = sorted(self.spec.placeholders.spelt().items(), key=lambda pair: -len(pair[1]))
        # the longest first, so that a placeholder that begins like another one is found whole
        self.placeholders = re.compile("|".join(f"(?P<{name}>{re.escape(text)})" for name, text in spelt))


def _read(path: str) -> _Loaded:
    return _Loaded(Path(path))


def _prompt(document: Document, folder: Path, key: str, said: str) -> tuple[str, str]:
    """A prompt's text and the file that it stands in: several lines are the text itself, one line names a file."""
    if "\n" in said:
        return said, document.file
    path = folder / said
    if not path.is_file():
        raise document.error(
            (key,), f"no such prompt file: {path}", expected="a file beside this one, or the text itself (|)"
        )
    return read_text(path), str(path)


def _check_placeholders(document: Document, spec: JudgeFile, prompts: str, file: str) -> None:
    """Check that the placeholders that the kind needs are named and stand in the prompts.

    Raises:
        InputError: One is missing, is not in the prompts, or two are the same.
    """
    spelt = spec.placeholders.spelt()
    needed = ("first", "second") if spec.kind == "pairwise" else ("response",)
    for name in needed:
        if name not in spelt:
            raise document.error(
                ("placeholders",),
                f"a {spec.kind} judge needs the placeholder {name!r}",
                expected=f"{', '.join(needed)}, and if the prompt has them prompt and reference",
            )
    for name, text in spelt.items():
        place = ("placeholders", name)
        if name not in {*needed, "prompt", "reference"}:
            raise document.error(place, f"a {spec.kind} judge has no placeholder {name!r}")
        if text not in prompts:
            seen = sorted(set(_LIKELY.findall(prompts)) - set(spelt.values()))
            raise document.error(
                place,
                f"the placeholder {text!r} does not stand in the prompt ({file})",
                expected=f"what the prompt has, such as {', '.join(seen)}" if seen else "what the prompt has",
                suggestion=nearest(text, seen),
            )
    if len(set(spelt.values())) < len(spelt):
        raise document.error(
            ("placeholders",), "two placeholders are spelt alike", expected="one spelling each"
        )
