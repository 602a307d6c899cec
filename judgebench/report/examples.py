"""The trials behind a bias: a sample of its items with the prompts and replies, those whose verdict turned first.

A run of a hundred thousand judgments has more behind it than a page can hold. So every item is classed by what came
of the change, and of each class a fixed number is drawn; how many there were is told beside them.
"""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Final

from judgebench.report.differences import changed_spans
from judgebench.report.model import Example, Sample, Showing
from judgebench.run.export import SCORED, score_columns, verdict_of
from judgebench.run.records import JudgmentRow
from judgebench.run.store import STORE, Store
from judgebench.suite.factorial import factors_in

__all__ = ["KEPT", "samples"]

KEPT: Final[Mapping[str, int]] = {
    "moved toward the changed response": 20,
    "the first shown won in both orders": 20,
    "moved away from the changed response": 16,
    "the second shown won in both orders": 16,
    "moved toward it in one order, away in the other": 10,
    "another verdict": 20,
    "a tie in one order only": 10,
    "same verdict": 12,
    "without a verdict": 8,
}
"""How many items of each kind are kept for a line of the tables, the most telling kind first."""

_TOWARD, _FIRST, _AWAY, _SECOND, _MIXED, _OTHER, _HALF, _SAME, _NONE = KEPT
_CONTROL: Final = ("none", "control", "")
_UNREAD: Final = frozenset({"invalid", "refused", "error"})

Line = tuple[str, str, str]
"""(perturbation, protocol, mitigation)."""
Arm = tuple[str, str, str]
"""(perturbation, arm, target)."""
Asked = Mapping[str, JudgmentRow]
"""The first repeat of what was asked, by order."""


@dataclass(frozen=True, slots=True)
class _Case:
    """An item with one change: what it was shown as, by arm."""

    item_id: str
    target: str
    arms: tuple[Asked, ...]

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


def samples(out: Path) -> list[Sample]:
    """For each perturbation, protocol and mitigation the trials to look at; none where a run keeps no prompts.

    Which items of a kind are kept depends on their ids alone, so that the same run gives the same page.

    Args:
        out: The run directory.
    """
    if not (out / STORE).is_file():
        return []
    found: dict[Line, _Found] = {}
    with Store(out / STORE, read_only=True) as store:
        for line, kind, case in _classed(store):
            found.setdefault(line, _Found()).add(kind, case)
        largest = max((name.count("+") for name, _, _ in found), default=0)
        told = {line: own for line, own in found.items() if line[0].count("+") in {0, largest}}
        return [_sample(store, line, own) for line, own in told.items()]


def _classed(store: Store) -> Iterator[tuple[Line, str, _Case]]:
    """Every item with each of its changes, and what came of it."""
    for item_id, rows in groupby(store.judgment_rows(), key=lambda row: row.trial.item_id):
        for (protocol, mitigation), arms in _ways(rows).items():
            control = arms.get(_CONTROL, {})
            if len({order for order in control if len(order) > 1}) > 1:
                case = _Case(item_id, "", (control,))
                yield ("position", protocol, mitigation), _kind_of_orders(control), case
            for (perturbation, arm, target), asked in arms.items():
                if arm == "treatment":
                    placebo = arms.get((perturbation, "placebo", target), {})
                    like = {order: row for order, row in control.items() if order in asked}
                    case = _Case(item_id, target, (like, asked, placebo))
                    for name in _told_of(perturbation):
                        yield (name, protocol, mitigation), _kind(like, asked, target), case


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


def _kind(control: Asked, treated: Asked, target: str) -> str:
    """What the change did to the verdicts of an item, or to the scores of its changed response."""
    pairs = [(control[order], row) for order, row in treated.items() if order in control]
    worth = [(_worth(old, target), _worth(new, target)) for old, new in pairs]
    shifts = [new - old for old, new in worth if old is not None and new is not None]
    up, down = any(shift > 0 for shift in shifts), any(shift < 0 for shift in shifts)
    if up or down:
        return _MIXED if up and down else _TOWARD if up else _AWAY
    if len(shifts) < len(treated):
        return _NONE
    return _SAME if all(_said(old) == _said(new) for old, new in pairs) else _OTHER


def _kind_of_orders(control: Asked) -> str:
    """What the order did to the verdicts of an item to which nothing was done."""
    verdicts = {order: _said(row) for order, row in control.items()}
    if not _UNREAD.isdisjoint(verdicts.values()):
        return _NONE
    if len(set(verdicts.values())) == 1:
        return _SAME
    if set(verdicts) != {"ab", "ba"}:
        return _OTHER
    if "tie" in verdicts.values():
        return _HALF
    return _FIRST if verdicts["ab"] == "a" else _SECOND


def _worth(row: JudgmentRow, target: str) -> float | None:
    """What a verdict or a score is worth to the target; None where there is neither."""
    score = _score(row)
    if score is not None:
        return score
    said = _said(row)
    return None if said in _UNREAD else 0.5 if said == "tie" else float(said == target)


def _said(row: JudgmentRow) -> str:
    """The verdict in the item's frame, or the score."""
    score = _score(row)
    if score is not None:
        return f"{score:g}"
    verdict = verdict_of(row.outcome, row.trial.order)
    return "invalid" if verdict == SCORED else verdict


def _score(row: JudgmentRow) -> float | None:
    if len(row.trial.order) > 1:  # what a pair has is a stated confidence
        return None
    return next((s for s in score_columns(row, row.trial.order).values() if s is not None), None)


def _sample(store: Store, line: Line, found: _Found) -> Sample:
    kinds = [kind for kind in KEPT if kind in found.counts]
    return Sample(
        *line,
        kinds=tuple((kind, found.counts[kind]) for kind in kinds),
        examples=tuple(_example(store, kind, case) for kind in kinds for case in found.kept[kind]),
    )


def _example(store: Store, kind: str, case: _Case) -> Example:
    control = {order: _prompt(store, row) for order, row in case.arms[0].items()}
    rows = [row for asked in case.arms for row in asked.values()]
    return Example(
        item_id=case.item_id,
        kind=kind,
        showings=tuple(_showing(store, row, control) for row in rows),
        target=case.target,
        gold=rows[0].trial.gold,
    )


def _showing(store: Store, row: JudgmentRow, control: Mapping[str, str]) -> Showing:
    prompt = _prompt(store, row)
    return Showing(
        arm=row.trial.arm,
        order=row.trial.order,
        prompt=prompt,
        reply=store.reply_text(row.trial.request_key),
        verdict=_said(row),
        changed=changed_spans(control.get(row.trial.order, prompt), prompt),
    )


def _prompt(store: Store, row: JudgmentRow) -> str:
    """All that was sent, one message after the other; empty where nothing was."""
    return "\n\n".join(message.content for message in store.messages(row.trial.request_key) or ())
