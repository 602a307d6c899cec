"""What comes before the judge is asked about authored pairs: responses are written, gold and recognition are found."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from judgebench.items import Item
from judgebench.items.answers import verified_gold
from judgebench.judges.base import Judge
from judgebench.judges.families import families_of
from judgebench.run.authorship import AUTHORS, Writer, named_authors, write_responses, writers_of
from judgebench.run.desk import Desk
from judgebench.run.familiarity import FAMILIARITY, Surprises, ask_familiarity, without_familiarity
from judgebench.run.pairs import AUTHORED, pairs_from, relations_of, write_pairs
from judgebench.run.panel import PANEL, Panel, Said, ask_panel, majority, panel_of
from judgebench.run.progress import Mode
from judgebench.run.recognition import RECOGNITION, Recognition, ask_recognition, recognition_of
from judgebench.run.runner import RunnerOptions
from judgebench.run.store import Store
from judgebench.suite import Suite

_LETTERS = {1.0: "a", 0.0: "b", 0.5: "tie"}


@dataclass(frozen=True)
class Preparation:
    """Who writes and who says what is gold.

    Attributes:
        writers: The authors that are asked to write.
        panel: The judges whose majority is gold, if the suite names any.
        relations: What each author is to the judge.
        recognition: What the judge is asked about its own responses, if the suite wants it.
    """

    writers: tuple[Writer, ...]
    panel: Panel | None
    relations: Mapping[str, str]
    recognition: Recognition | None


def preparation_of(suite: Suite, judge: Judge) -> Preparation | None:
    """What a suite wants done before the judge is asked; None where it is not about authors.

    Raises:
        InputError: A spec is wrong, a member of the panel is of the judge's family and the suite does not allow it, or
            the judge is to know its own responses and there are none.
    """
    if suite.spec.self_preference is None:
        return None
    writers, panel = writers_of(suite, judge), panel_of(suite, judge)
    relations = relations_of(suite, judge, {writer.told.title: writer.model for writer in writers})
    return Preparation(writers, panel, relations, recognition_of(suite, judge, relations))


@dataclass(frozen=True)
class Bureau:
    """How models are asked meanwhile; the attributes are those of `Desk`."""

    options: RunnerOptions
    budget_usd: float | None
    progress: Mode
    stop: asyncio.Event
    prices: Path | None = None

    @contextmanager
    def desk(self, path: Path, purpose: str, spent_usd: float = 0.0) -> Iterator[Desk]:
        """A desk with its store open."""
        with Store(path) as store:
            yield Desk(
                store,
                self.options,
                self.budget_usd,
                self.progress,
                self.stop,
                purpose,
                spent_usd,
                self.prices,
            )


async def prepare(
    suite: Suite, judge: Judge, wanted: Preparation, out: Path, asking: Bureau
) -> tuple[Suite, dict[str, Any]]:
    """Have the responses written, ask the panel and what the judge knows of its own, and write `authored.parquet`.

    Returns:
        The suite with responses and gold, and what the manifest holds as `self_preference`.

    Raises:
        IncompleteRun: Some requests have no reply; the same command asks for those alone.
        InputError: There is a budget, and the price of a model is unknown.
    """
    spec = suite.spec.self_preference
    assert spec is not None  # noqa: S101  # there is a preparation only where the suite has the section
    told: dict[str, Any] = {"authors": named_authors(suite)}
    if wanted.writers:
        with asking.desk(out / AUTHORS, "writes responses") as desk:
            suite, told = await write_responses(suite, wanted.writers, desk)
    if spec.check is not None:
        suite = replace(suite, items=tuple(_verified(item, spec.check) for item in suite.items))
    said = Said()
    if wanted.panel is not None:
        with asking.desk(out / PANEL, "is asked as a member of the panel", spent_on(told)) as desk:
            said, told["panel"] = await ask_panel(wanted.panel.of(suite), out, desk)
    if wanted.recognition is not None:
        asked = wanted.recognition.of(suite, wanted.relations)
        with asking.desk(out / RECOGNITION, "is asked which responses it wrote", spent_on(told)) as desk:
            told["recognition"] = await ask_recognition(asked, judge, out, desk)
    surprises: Surprises = {}
    if spec.familiarity:
        surprises, told["familiarity"] = await _familiarity(suite, judge, out, asking, spent_on(told))
    for author in told["authors"]:
        author["relation"] = wanted.relations[author["name"]]
    members = [member.judge.spec for member in wanted.panel.members] if wanted.panel else []
    write_pairs(out / AUTHORED, pairs_from(suite, wanted.relations, said, members, surprises))
    told |= {
        "families": sorted(families_of(judge.spec, spec.family)),
        "gold": _sources(suite, said.shares),
        "split": spec.split,
    }
    return replace(suite, items=tuple(_with_gold(item, said.shares) for item in suite.items)), told


async def _familiarity(
    suite: Suite, judge: Judge, out: Path, asking: Bureau, spent_usd: float
) -> tuple[Surprises, dict[str, Any]]:
    """How familiar the responses are to the judge, and what the manifest says of it."""
    if not judge.capabilities.prompt_logprobs:
        return {}, without_familiarity(judge)
    with asking.desk(out / FAMILIARITY, "says how likely responses are", spent_usd) as desk:
        return await ask_familiarity(suite, judge, desk)


def spent_on(told: dict[str, Any]) -> float:
    """What the preparation has cost, by what the manifest says of it."""
    return sum(
        float(told.get(part, {}).get("cost_usd") or 0.0)
        for part in ("writing", "panel", "recognition", "familiarity")
    )


def _verified(item: Item, check: Any) -> Item:
    return item if item.gold is not None else replace(item, gold=verified_gold(item, check))


def _with_gold(item: Item, shares: Mapping[str, Mapping[str, float]]) -> Item:
    """The item with the panel's majority as its gold, where it has none of its own."""
    if item.gold is not None:
        return item
    said = majority(shares.get(item.id, {}))
    return item if said is None else replace(item, gold=_LETTERS[said])  # type: ignore[arg-type]


def _sources(suite: Suite, shares: Mapping[str, Mapping[str, float]]) -> dict[str, int]:
    """How many pairs have gold of their own (from people or a check), how many the panel's, how many none."""
    own = sum(item.gold is not None for item in suite.items)
    panel = sum(item.gold is None and item.id in shares for item in suite.items)
    return {"items": own, "panel": panel, "none": len(suite.items) - own - panel}
