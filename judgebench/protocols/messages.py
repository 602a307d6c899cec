"""What a judge is sent and how its reply is bound: the types between protocols and judges."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from typing import Any, Literal

import orjson

OWN = "own "
Role = Literal["system", "user", "assistant"]


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a chat.

    Attributes:
        role: Whose it is.
        content: What it says.
        shared: So many characters at its beginning it has in common with others of the suite, for providers that
            are told what to cache; no part of the question.
    """

    role: Role
    content: str
    shared: int = field(default=0, compare=False)


@lru_cache(maxsize=256)
def chat_json(messages: tuple[Message, ...]) -> bytes:
    """The chat as canonical JSON in UTF-8: a list of pairs of role and content.

    A question that is asked again comes soon after its first time.
    """
    pairs = [[m.role, m.content] for m in messages]
    try:
        return orjson.dumps(pairs)
    except TypeError:  # half a character, which is in no UTF-8
        text = json.dumps(pairs, ensure_ascii=False, separators=(",", ":"))
        return text.encode("utf-8", "surrogatepass")


@dataclass(frozen=True, slots=True)
class OutputContract:
    """What form the reply must have.

    Attributes:
        form: `pairwise`: the reply ends in `[[A]]`, `[[B]]` or `[[C]]`; `label`: it is a label and nothing else;
            `choice`, `pointwise` and `rubric` for those protocols, the last with its criteria; with `, verdict first`
            where the reply is to begin with it; `own` for a user's judge. With the labels it decides how a reply is
            read.
        labels: The labels on offer, in the order shown (first response, second response, tie; or the responses of a
            list), or those of the scores, lowest first.
        top_logprobs: How many log probabilities of alternatives are wanted at the verdict's place; 0: none. They
            are those of the free reply: a provider never reads them under a constraint.
        constrained: The provider holds the reply to one of the labels (or to `{"verdict": label}`).
    """

    form: str
    labels: tuple[str, ...]
    top_logprobs: int = 0
    constrained: bool = False

    def document(self) -> dict[str, Any]:
        """It as JSON values; what is not asked for is left out, so that the keys of other requests stay the same."""
        optional = {"top_logprobs", "constrained"}
        return {name: value for name, value in asdict(self).items() if value or name not in optional}

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> OutputContract:
        """The contract that `document` gave."""
        return cls(**{**document, "labels": tuple(document["labels"])})

    def answer(self, label: str) -> str:
        """How a reply of this form ends that gives a label."""
        if self.form.startswith(OWN):
            before, after = json.loads(self.form.split(" ", 3)[3])
            return f"{before}{label}{after}"
        return label if self.form == "label" else f"[[{label}]]"
