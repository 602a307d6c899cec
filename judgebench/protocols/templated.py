"""What all protocols with a template share: its options, and the messages that it makes of a stimulus."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import takewhile
from pathlib import Path
from typing import Any, ClassVar, Final, Literal

from judgebench.items.model import LETTERS
from judgebench.perturb import Stimulus
from judgebench.perturb.stimulus import OTHER, TARGET, Note
from judgebench.protocols.base import Protocol
from judgebench.protocols.messages import Message
from judgebench.protocols.template import PLAIN, Reasoning, Template, Wording, built_in, fill, read_template

Labels = Literal["letters", "numbers", "roman"]
Reference = Literal["none", "shown"]

_ROMAN: Final = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x")


def names_of(kind: Labels, count: int) -> tuple[str, ...]:
    """The first labels of a kind.

    Raises:
        ValueError: There are not so many.
    """
    known: Mapping[Labels, Sequence[str]] = {
        "letters": [chr(ord("A") + place) for place in range(26)],
        "numbers": [str(place + 1) for place in range(max(count, 1))],
        "roman": _ROMAN,
    }
    if count > len(known[kind]):
        raise ValueError(f"there are {len(known[kind])} labels of the kind {kind!r}, and {count} are needed")
    return tuple(known[kind][:count])


class Templated(Protocol):
    """A protocol whose words stand in a template.

    Args:
        reasoning: Whether reasons are asked for `before` the verdict, `after` it, or not at all (`none`).
        reference: Whether the item's reference answer is `shown`; items without one are then left out.
        template: A file with the words, in place of the built-in ones.
        paraphrase: Which of its wordings is used.
    """

    paths = ("template",)
    settled: ClassVar[tuple[str, ...]] = ("paraphrase",)
    default_template: ClassVar[str]

    def __init__(
        self,
        *,
        reasoning: Reasoning = "before",
        reference: Reference = "none",
        template: str | None = None,
        paraphrase: str = PLAIN,
    ) -> None:
        self.words: Wording = _template(self, template).wording(paraphrase)
        if reasoning not in self.words.ask:
            raise ValueError(
                f"its template does not ask for reasons {reasoning!r}, only {', '.join(self.words.ask)}"
            )
        self.reasoning: Reasoning = reasoning
        self.reference: Reference = reference
        self.layout = replace(type(self).layout, reference=reference == "shown")

    @classmethod
    def arms(cls, options: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """One for each paraphrase that is named."""
        rest = {name: value for name, value in options.items() if name != "paraphrases"}
        wanted = options.get("paraphrases")
        if wanted is None:
            yield "", rest
            return
        names = list(_template(cls, options.get("template")).wordings) if wanted == "all" else wanted
        for name in [names] if isinstance(names, str) else names:
            yield f"~{name}", {**rest, "paraphrase": name}

    def messages(
        self,
        shown: Sequence[tuple[str, str, str]],
        stimulus: Stimulus,
        note: str,
        *,
        order: str,
        verdicts: str,
        system_more: str = "",
        more: Mapping[str, str] | None = None,
    ) -> tuple[Message, ...]:
        """The chat: instruction as system message, the template's parts as user message.

        Args:
            shown: (label, text, prompt) of the responses, in the order shown.
            stimulus: What is shown.
            note: What the note says, names put in; empty where there is none.
            order: The letters of the responses, in the order shown.
            verdicts: The forms of the verdict, in words.
            system_more: What the instruction ends in.
            more: Values of further placeholders, and parts of their name.
        """
        place = None if stimulus.note is None else stimulus.note.place
        noted = f"\n\n{note}" if place == "in_prompt" else ""
        ahead = _ahead(stimulus.note, note, order) if place == "before_target" else {}
        words, values = self.words, {"prompt": stimulus.prompt + noted, **(more or {})}
        parts = {
            "request": fill(words.request, values),
            "reference": self._reference_part(stimulus),
            "criterion": fill(words.criterion, values) if "criterion" in values else "",
            "responses": "\n\n".join(self._responses(shown, ahead, noted)),
            "note": note if place in {"after_responses", "system_and_after"} else "",
            "criteria": fill(words.criteria, values) if "criteria" in values else "",
            "levels": fill(words.levels, values) if values.get("levels") else "",
            "ask": fill(words.ask[self.reasoning], {**values, "verdicts": verdicts}),
        }
        system = " ".join(part for part in (words.system, system_more) if part)
        if place in {"system", "system_and_after"}:
            system = f"{system}\n\n{note}"
        user = "\n\n".join(parts[name] for name in words.user if parts[name])
        # a note and the question end a prompt; what is before them comes again with other notes, and asked again
        before = takewhile(lambda name: name not in {"note", "ask"}, words.user)
        shared = sum(len(parts[name]) + 2 for name in before if parts[name])
        return Message("system", system), Message("user", user, shared)

    def _responses(
        self, shown: Sequence[tuple[str, str, str]], notes: Mapping[int, str], noted: str
    ) -> Iterator[str]:
        """The responses in their blocks, a note before the one that it speaks of; `noted` ends every prompt."""
        for place, (label, text, prompt) in enumerate(shown):
            if place in notes:
                yield notes[place]
            yield fill(self.words.response, {"label": label, "text": text, "prompt": prompt + noted})

    def _reference_part(self, stimulus: Stimulus) -> str:
        if self.reference == "none" or stimulus.reference is None:
            return ""
        return fill(self.words.reference, {"reference": stimulus.reference})


def _ahead(note: Note | None, said: str, order: str) -> Mapping[int, str]:
    """The place of the response that a note speaks of, with the note; nothing where that one is not shown."""
    return {order.index(note.target): said} if note is not None and note.target in order else {}


def _template(owner: type[Templated] | Templated, path: str | None) -> Template:
    return built_in(owner.default_template) if path is None else read_template(Path(path))


def leading(form: str, reasoning: Reasoning) -> str:
    """The form of a reply, told apart where it is to begin with its verdict, since it is then read otherwise."""
    return f"{form}, verdict first" if reasoning == "after" else form


def named(note: Note | None, target: str, other: str) -> str:
    """The note with the names under which the responses are displayed; empty where there is none."""
    if note is None:
        return ""
    said = note.text.replace(TARGET, target).replace(OTHER, other)
    return "\n".join(line[:1].upper() + line[1:] for line in said.split("\n"))


def texts_in(stimulus: Stimulus, order: str) -> list[str]:
    """The responses in the order shown."""
    known = dict(zip(LETTERS, (stimulus.response_a, stimulus.response_b, *stimulus.further), strict=False))
    return [text for shown in order for letter, text in known.items() if letter == shown]
