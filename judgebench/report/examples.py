"""The trials behind a bias: a sample of its items with the prompts and replies, those whose verdict turned first.

A run of a hundred thousand judgments has more behind it than a page can hold. So every item is classed by what came
of the change, and of each class a fixed number is drawn; how many there were is told beside them.
"""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Final

import pandas as pd

from judgebench.report.kinds import KEPT, Asked, kind_between, kind_of_change, kind_of_orders
from judgebench.report.model import Example, Sample
from judgebench.report.showings import prompt_of, showing_of
from judgebench.run.records import JudgmentRow
from judgebench.run.store import STORE, Store
from judgebench.suite.factorial import factors_in

__all__ = ["BETWEEN", "comparisons", "samples"]

BETWEEN: Final = " | "
"""What stands between two protocols in the name of what is told by both."""

_CONTROL: Final = ("none", "control", "")
_CHANGED: Final = frozenset({"treatment", "positive_control"})

Line = tuple[str, str, str]
"""(perturbation, protocol, mitigation)."""
Arm = tuple[str, str, str]
"""(perturbation, arm, target)."""
Ways = Mapping[tuple[str, str], Mapping[Arm, Asked]]
"""What an item was shown as, arm by arm, under each protocol and mitigation."""


@dataclass(frozen=True, slots=True)
class _Case:
    """An item with one change: what it was shown as, by arm; or unchanged: by protocol, of which there are two.

    Attributes:
        item_id: The item.
        target: Which response carries the change; empty for none.
        arms: What was asked, the unchanged first.
        by_protocol: Whether the arms are told apart by their protocols.
    """

    item_id: str
    target: str
    arms: tuple[Asked, ...]
    by_protocol: bool = False

    @property
    def draw(self) -> bytes:
        """Its place in the draw: the same in every run, and nothing to do with its place in the file."""
        return hashlib.blake2b(f"{self.item_id}\0{self.target}".encode(), digest_size=8).digest()


@dataclass(slots=True)
class _Found:
    """The cases of one line so far: how many of each kind, and the few that are kept."""

    counts: dict[str, int] = field(default_factory=dict)
    kept: dict[str, list[_Case]] = field(default_factory=dict)

    def add(self, kind: str, case: _Case) -> None:
        self.counts[kind] = self.counts.get(kind, 0) + 1
        kept = [*self.kept.get(kind, ()), case]
        self.kept[kind] = heapq.nsmallest(KEPT[kind], kept, key=lambda own: own.draw)


def comparisons(effects: pd.DataFrame) -> list[Line]:
    """The lines of an effects table that hold two protocols against each other, such as `pointwise | pairwise`."""
    both = effects[effects["protocol"].astype(str).str.contains(BETWEEN, regex=False)]
    return list(
        dict.fromkeys(zip(both["perturbation"], both["protocol"], both["mitigation"].fillna(""), strict=True))
    )


def samples(out: Path, compared: Iterable[Line] = ()) -> list[Sample]:
    """For each perturbation, protocol and mitigation the trials to look at; none where a run keeps no prompts.

    Which items of a kind are kept depends on their ids alone, so that the same run gives the same page.

    Args:
        out: The run directory.
        compared: Lines of two protocols, of which the unchanged items are shown under both.
    """
    if not (out / STORE).is_file():
        return []
    found: dict[Line, _Found] = {}
    with Store(out / STORE, read_only=True) as store:
        for line, kind, case in _classed(store, tuple(compared)):
            found.setdefault(line, _Found()).add(kind, case)
        largest = max((name.count("+") for name, _, _ in found), default=0)
        told = {line: own for line, own in found.items() if line[0].count("+") in {0, largest}}
        return [_sample(store, line, own) for line, own in told.items()]


def _classed(store: Store, compared: tuple[Line, ...]) -> Iterator[tuple[Line, str, _Case]]:
    """Every item with each of its changes and comparisons, and what came of it."""
    for item_id, rows in groupby(store.judgment_rows(), key=lambda row: row.trial.item_id):
        ways = _ways(rows)
        for (protocol, mitigation), arms in ways.items():
            control = arms.get(_CONTROL, {})
            if len({order for order in control if len(order) > 1}) > 1:
                case = _Case(item_id, "", (control,))
                yield ("position", protocol, mitigation), kind_of_orders(control), case
            for (perturbation, arm, target), asked in arms.items():
                if arm in _CHANGED:
                    placebo = arms.get((perturbation, "placebo", target), {})
                    like = {order: row for order, row in control.items() if order in asked}
                    case = _Case(item_id, target, (like, asked, placebo))
                    for name in _told_of(perturbation):
                        yield (name, protocol, mitigation), kind_of_change(like, asked, target), case
        for line in compared:
            one, two = (_unchanged(ways, protocol, line[2]) for protocol in line[1].split(BETWEEN, 1))
            if one and two:
                yield line, kind_between(one, two), _Case(item_id, "", (one, two), by_protocol=True)


def _unchanged(ways: Ways, protocol: str, mitigation: str) -> Asked:
    """The item as it is under a protocol; under all of its criteria where the protocol is a rubric's as a whole."""
    return {
        name.removeprefix(protocol) + order: row
        for (name, way), arms in ways.items()
        if way == mitigation and (name == protocol or name.startswith(f"{protocol}/"))
        for order, row in arms.get(_CONTROL, {}).items()
    }


def _told_of(perturbation: str) -> tuple[str, ...]:
    """The lines whose trials those of a perturbation are; of a combination: two that interact, and all together."""
    factors = factors_in(perturbation)
    if not factors:
        return (perturbation,)
    if len(factors) == 1:  # shown by itself too
        return ()
    together = "+".join(factors)
    return (together, " x ".join(factors)) if len(factors) == 2 else (together,)


def _ways(rows: Iterator[JudgmentRow]) -> dict[tuple[str, str], dict[Arm, dict[str, JudgmentRow]]]:
    """What an item was shown as under each protocol and mitigation, each arm in its orders."""
    ways: dict[tuple[str, str], dict[Arm, dict[str, JudgmentRow]]] = {}
    for row in rows:
        t = row.trial
        if t.repeat == 0:
            arms = ways.setdefault((t.protocol, t.mitigation), {})
            arms.setdefault((t.perturbation, t.arm, t.target or ""), {}).setdefault(t.order, row)
    return ways


def _sample(store: Store, line: Line, found: _Found) -> Sample:
    kinds = [kind for kind in KEPT if kind in found.counts]
    return Sample(
        *line,
        kinds=tuple((kind, found.counts[kind]) for kind in kinds),
        examples=tuple(_example(store, kind, case) for kind in kinds for case in found.kept[kind]),
    )


def _example(store: Store, kind: str, case: _Case) -> Example:
    before = {order: prompt_of(store, row) for order, row in case.arms[0].items()}
    asked = [(order, row) for arm in case.arms for order, row in arm.items()]
    return Example(
        item_id=case.item_id,
        kind=kind,
        showings=tuple(
            showing_of(
                store, row, row.trial.protocol if case.by_protocol else row.trial.arm, before.get(order)
            )
            for order, row in asked
        ),
        target=case.target,
        gold=asked[0][1].trial.gold,
    )
