"""Asking in blocks of items, in random order, with a look after each that may end the run: a declared stopping rule.

What a look computes is the analysis's business: it comes in through `Stopper`.
"""

from __future__ import annotations

import json
import random
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, islice
from pathlib import Path
from typing import Any, Final, Protocol

from judgebench.errors import InputError
from judgebench.judges.base import Judge
from judgebench.run.export import judgment
from judgebench.run.questions import Ways, questions
from judgebench.run.runner import Outcome
from judgebench.run.store import Store
from judgebench.suite import Suite
from judgebench.suite.trials import count_trials

_DECLARED: Final = ("rule", "every")


@dataclass(frozen=True, slots=True)
class Look:
    """What the items answered so far say.

    Attributes:
        items: Items that are complete.
        effects: The confirmatory effects with their limits, as JSON values.
        holds: Whether the rule is met.
    """

    items: int
    effects: tuple[Mapping[str, Any], ...]
    holds: bool


class Stopper(Protocol):
    """A stopping rule with what it has seen.

    Attributes:
        declared: The rule and what it is held to, as JSON values; `rule` and `every` among them.
        every: Items between two looks.
        minimum: Items before the first.
    """

    declared: Mapping[str, Any]
    every: int
    minimum: int

    def observe(self, judgments: Sequence[Mapping[str, Any]]) -> None:
        """Take in complete items, as rows of `judgments.parquet`, in the order in which they were asked."""

    def look(self) -> Look:
        """Judge what has been taken in."""


class Blocks:
    """The items of a suite in the random order of its seed, cut where the rule is looked at.

    Args:
        suite: The suite.
        stopper: The rule.
        earlier: What the manifest says of an earlier session's order and looks.

    Attributes:
        record: What the manifest is to say: what was declared, the order, the looks, and where they ended.
    """

    def __init__(self, suite: Suite, stopper: Stopper, earlier: Mapping[str, Any] | None) -> None:
        self._suite = suite
        self._stopper = stopper
        self._looked = 0
        self.record: dict[str, Any] = dict(earlier) if earlier else _fresh(suite, stopper)

    @property
    def declared(self) -> dict[str, Any]:
        """The rule as the locked plan has it; with the suite and its seed it says what is asked in which order."""
        return {name: self.record[name] for name in self._stopper.declared}

    @property
    def rule(self) -> str:
        """What was declared, in words."""
        return _told(self.record)

    def show(self, suite: Suite) -> None:
        """Take the same items with the texts that have been written for them since."""
        self._suite = suite

    def __iter__(self) -> Iterator[Suite]:
        """The blocks to ask, each a suite of its own, up to the one after which the rule held."""
        items = {item.id: item for item in self._suite.items}
        order = self.record["order"]
        every = self._stopper.every
        start, end = 0, -(-self._stopper.minimum // every) * every
        while start < len(order) and start != self.record["stopped_at_items"]:
            yield replace(self._suite, items=tuple(items[name] for name in order[start:end]))
            start, end = min(end, len(order)), end + every

    def look(self, asked: int) -> None:
        """Look at what was observed, unless an earlier session did so after as many items."""
        self._looked += 1
        looks = self.record["looks"]
        if self._looked <= len(looks):
            return
        look = self._stopper.look()
        looks.append({"asked": asked, "items": look.items, "effects": list(look.effects)})
        if look.holds:
            self.record["stopped_at_items"] = asked

    def observe(self, judgments: Sequence[Mapping[str, Any]]) -> None:
        """Show the rule the items that have all their replies."""
        of_items = (list(rows) for _, rows in groupby(judgments, key=lambda row: row["item_id"]))
        complete = [rows for rows in of_items if all(row["verdict"] != "error" for row in rows)]
        self._stopper.observe([row for rows in complete for row in rows])


def _fresh(suite: Suite, stopper: Stopper) -> dict[str, Any]:
    order = [item.id for item in suite.items]
    random.Random(f"judgebench:stopping:{suite.spec.seed}").shuffle(order)  # noqa: S311  # a design, not a secret
    return {**stopper.declared, "order": order, "looks": [], "stopped_at_items": None}


async def ask_in_blocks(
    blocks: Blocks,
    ways: Ways,
    judge: Judge,
    store: Store,
    *,
    ask: Callable[[Suite], Awaitable[Outcome]],
    save: Callable[[], None],
) -> Outcome:
    """Ask block after block until the rule holds, the items end, or asking is stopped.

    A block's trials enter the store before they are asked, and no others do, so that what is in the store is the
    run. `save` is called after every look.
    """
    total, trials, items = Outcome(), 0, 0
    for block in blocks:
        count = _enter(block, ways, judge, store, trials)
        total = joined(total, await ask(block))
        if total.stopped is not None:
            break
        rows = islice(store.judgment_rows(since=trials), count)
        blocks.observe([judgment(row, suite=block.spec.suite, judge=judge.spec) for row in rows])
        trials, items = trials + count, items + len(block.items)
        blocks.look(items)
        save()
    return total


def _enter(block: Suite, ways: Ways, judge: Judge, store: Store, first: int) -> int:
    """Enter a block's items and trials, with ordinals from `first`, and give the number of trials."""
    rows = (question.row() for question in questions(block, ways, judge))
    store.add_items((item.id, json.dumps(item.to_dict(), ensure_ascii=False)) for item in block.items)
    store.add_trials(replace(row, ordinal=first + row.ordinal) for row in rows)
    return count_trials(block, ways.layouts)


def joined(one: Outcome, two: Outcome) -> Outcome:
    """What came of asking twice, as one."""
    return Outcome(
        answered=one.answered + two.answered,
        skipped=one.skipped + two.skipped,
        duplicates=one.duplicates + two.duplicates,
        failed=one.failed + two.failed,
        retries=one.retries + two.retries,
        stopped=two.stopped,
        message=two.message,
    )


def check_declared(out: Path, earlier: Mapping[str, Any] | None, stopper: Stopper | None) -> None:
    """Check that a run goes on under the rule that it was started with, or under none.

    Raises:
        InputError: It does not.
    """
    if earlier is None:
        return
    was, wanted = earlier.get("stopping"), None if stopper is None else stopper.declared
    if _told(was) != _told(wanted):
        raise InputError(
            f"the run there was started with {_told(was)}, and this asks for {_told(wanted)}",
            file=out,
            expected="the same, since a rule is declared before the first request; or another --out",
        )


def _told(declared: Mapping[str, Any] | None) -> str:
    if declared is None:
        return "no stopping rule"
    rule, every = (declared[name] for name in _DECLARED)
    return f"--stop-when {rule!r} --stop-every {every}"
