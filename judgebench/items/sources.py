"""Where items come from: a suite's `items:` names sources, plugins of the group `judgebench.sources`."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar, Final

from judgebench.errors import InputError, nearest
from judgebench.items.bank import BankSet, read_bank
from judgebench.items.files import read_item_file
from judgebench.items.model import Item
from judgebench.registry import Registry


@dataclass(frozen=True)
class ItemSource:
    """A source of items; its fields are the options that a suite may give it (a list comes as a tuple).

    Attributes:
        path_options: The options that hold a path; the suite makes them absolute from its own folder.
    """

    path_options: ClassVar[tuple[str, ...]] = ()

    def load(self) -> list[Item]:
        """All items of the source, in a stable order."""
        raise InputError(f"the source {type(self).__name__} does not say how its items are loaded")


@dataclass(frozen=True)
class FileSource(ItemSource):
    """Items from a JSONL, CSV or Parquet file."""

    path_options: ClassVar[tuple[str, ...]] = ("path",)
    path: Path

    def load(self) -> list[Item]:
        """The items of the file, with the file's stem as source where a row names none."""
        return [
            item if item.source else replace(item, source=self.path.stem)
            for item in read_item_file(self.path)
        ]


@dataclass(frozen=True)
class BankSource(ItemSource):
    """The built-in bank.

    Attributes:
        set: `pairs` with one better response, `ties` of two equally good ones, or `choice`, questions with four
            options.
        categories: Only these categories; all where None.
    """

    set: BankSet = "pairs"
    categories: tuple[str, ...] | None = None

    def load(self) -> list[Item]:
        """The items of the set."""
        items = read_bank(self.set)
        known = sorted({str(item.category) for item in items})
        for category in self.categories or ():
            if category not in known:
                raise InputError(
                    f"the item bank has no category {category!r}",
                    expected=f"one of {', '.join(known)}",
                    suggestion=nearest(category, known),
                )
        return [item for item in items if self.categories is None or item.category in self.categories]


sources: Final[Registry[type[ItemSource]]] = Registry(
    "sources",
    ItemSource,
    {
        "alpaca_eval": "judgebench.items.public.alpaca_eval:AlpacaEval",
        "bank": "judgebench.items.sources:BankSource",
        "evalbiasbench": "judgebench.items.public.evalbiasbench:EvalBiasBench",
        "file": "judgebench.items.sources:FileSource",
        "humans_llms": "judgebench.items.public.humans_llms:HumansLlms",
        "judgebench": "judgebench.items.public.judgebench_pairs:JudgeBenchPairs",
        "llmbar": "judgebench.items.public.llmbar:LlmBar",
        "mt_bench": "judgebench.items.public.mt_bench:MtBench",
        "pandalm": "judgebench.items.public.pandalm:PandaLm",
        "preferences": "judgebench.items.public.preferences:Preferences",
        "prompts": "judgebench.items.authored:PromptSource",
        "responses": "judgebench.items.authored:ResponseSource",
        "rewardbench": "judgebench.items.public.rewardbench:RewardBench",
        "rm_bench": "judgebench.items.public.rm_bench:RmBench",
    },
)


def sample(items: list[Item], limit: int | None, seed: int) -> list[Item]:
    """At most `limit` items, drawn by the seed and left in their order: no category is cut off at the end."""
    if limit is None or limit >= len(items):
        return items
    rng = random.Random(f"judgebench:items:{seed}")  # noqa: S311  # a design, not a secret
    chosen = set(rng.sample(range(len(items)), limit))
    return [item for index, item in enumerate(items) if index in chosen]


def distinct(items: list[Item]) -> list[Item]:
    """The same items, once it is sure that no id comes twice across sources."""
    seen: dict[str, Item] = {}
    for item in items:
        if item.id in seen:
            raise InputError(
                f"the item id {item.id!r} comes from two sources ({seen[item.id].source} and {item.source})",
                expected="ids that are unique within the suite",
            )
        seen[item.id] = item
    return items
