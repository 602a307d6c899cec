"""What an importer hands over: the verdicts of one judge, each in the item's frame."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Literal

from judgebench.items import Item
from judgebench.judges.columns import Columns
from judgebench.judges.tidy import RecordedVerdict
from judgebench.registry import Registry
from judgebench.run.pairs import AuthoredPair


@dataclass(frozen=True, slots=True)
class Recording:
    """All verdicts of one judge in a file or folder.

    Attributes:
        suite: A name for the set of items.
        judge: A judge spec of the form `recorded/NAME`.
        verdicts: The verdicts; each iteration gives them all, so that a long file need not be in memory.
        frame: How the publisher's verdicts were turned into the item's frame, in words.
        published: Figures that the publisher states, and the same by the publisher's own rule from these verdicts.
        items: The items with their texts, where they are on record; as `verdicts`.
        unknown: What the record does not say, in words (`the order in which responses were shown`).
        protocol: How the judge was asked: `recorded` for pairs; `scored` where a verdict is the higher of two scores,
            each of a response shown alone; `pointwise` where it is about one response, `a`
            saying that it is right and `b` that it is not, or a score in its place.
        cluster: What the claims generalise over, unless the user says otherwise.
        pairs: Who wrote what, and what gold and a panel say of it, where that is on record.
    """

    suite: str
    judge: str
    verdicts: Iterable[RecordedVerdict]
    frame: str
    published: Mapping[str, tuple[Any, Any]] = field(default_factory=lambda: MappingProxyType({}))
    items: Iterable[Item] = ()
    unknown: Sequence[str] = ()
    protocol: Literal["recorded", "scored", "pointwise"] = "recorded"
    cluster: Literal["item", "source"] = "item"
    pairs: Sequence[AuthoredPair] = ()


@dataclass(frozen=True, slots=True)
class Importer:
    """A format of recorded judgments.

    Attributes:
        name: The value of `--format`.
        summary: What it reads, in half a line.
        read: From a path to the recordings in it, one a judge.
        misfit: Why a path is not in this format, at a glance; None where it looks so. Without it `read` has to tell.
        read_mapped: The same as `read` where the user says what columns and values stand for.
    """

    name: str
    summary: str
    read: Callable[[Path], list[Recording]]
    misfit: Callable[[Path], str | None] | None = None
    read_mapped: Callable[[Path, Columns], list[Recording]] | None = None


importers: Final[Registry[Importer]] = Registry(
    "importers",
    Importer,
    {
        "llmbar": "judgebench.run.imports.llmbar:llmbar",
        "tidy": "judgebench.run.imports.tidy:tidy",
        "judgebench": "judgebench.run.imports.judgebench_outputs:judgebench",
        "alpaca_eval": "judgebench.run.imports.alpaca_eval:alpaca_eval",
        "pandalm": "judgebench.run.imports.pandalm:pandalm",
        "rewardbench": "judgebench.run.imports.rewardbench:rewardbench",
        "rm_bench": "judgebench.run.imports.rm_bench:rm_bench",
        "arena": "judgebench.run.imports.arena:arena",
        "inspect": "judgebench.run.imports.inspect_log:inspect_log",
        "lm_eval": "judgebench.run.imports.lm_eval:lm_eval",
        "mapped": "judgebench.run.imports.mapped:mapped",
        "mt_bench": "judgebench.run.imports.mt_bench:mt_bench",
        "self_preference": "judgebench.run.imports.self_preference:self_preference",
        "self_scores": "judgebench.run.imports.self_scores:self_scores",
    },
)
