"""The tidy format: a row a verdict with `item_id, judge, order, verdict`, as JSONL, CSV or Parquet.

Verdicts are in the item's frame: the response shown first won where (verdict is a) = (order is ab). The order may be
empty where nobody wrote it down. Optional columns: `gold, source, category, perturbation, arm, target, repeat`; others
are left alone. An arm other than control needs its perturbation and its target, and a perturbation its arm.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final, Literal

from judgebench.errors import InputError
from judgebench.items import Item
from judgebench.items.model import PAIR_KEYS
from judgebench.items.rows import read_rows
from judgebench.judges.columns import NUMBERS, REQUIRED, TEXTS, TIDY, Columns, TidyRow
from judgebench.judges.contradictions import Contradictions, Trial
from judgebench.judges.spool import Group, Spool


@dataclass(frozen=True, slots=True)
class RecordedVerdict:
    """One verdict on record.

    Attributes:
        item_id: The item.
        order: `ab` where response_a was shown first, `a` where it was shown alone; None where nobody wrote it down.
        verdict: `a`, `b`, `tie`, `invalid`, `refused` or `error`, in the item's frame; None where there is but a score.
        gold: Which response is better, if it is known.
        source: Where the item comes from.
        category: Its kind of task.
        perturbation: `none`, or what was changed.
        arm: `control`, or the arm of the change.
        target: The response that was changed.
        repeat: Which time of asking, from 0.
        p_a: Probability of response a, where label probabilities are on record; so `p_b`, `p_tie`.
        captured_mass: How much of the probability the labels held before it was shared out among them.
        score_a: Score of response a, where responses were scored one by one; so `score_b`.
    """

    item_id: str
    order: Literal["ab", "ba", "a"] | None
    verdict: str | None
    gold: str | None = None
    source: str | None = None
    category: str | None = None
    perturbation: str = "none"
    arm: str = "control"
    target: str | None = None
    repeat: int = 0
    p_a: float | None = None
    p_b: float | None = None
    p_tie: float | None = None
    captured_mass: float | None = None
    score_a: float | None = None
    score_b: float | None = None


VERDICT_FIELDS: Final = tuple(f.name for f in fields(RecordedVerdict))
_OTHER: Final = {"a": "b", "b": "a"}
_NO_NUMBERS: Final = (None,) * len(NUMBERS)
_AS_IT_IS: Final = ("none", "control", None, 0)
_REMEMBERED: Final = (
    *REQUIRED[1:],
    "gold",
    "source",
    "category",
    "perturbation",
    "arm",
    "target",
    "repeat",
    *NUMBERS,
)
_MOST_REMEMBERED: Final = 4096
_ABSENT: Final = object()


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a file holds of one judge, read again from where it is set aside each time it is asked for.

    Attributes:
        verdicts: The verdicts, in the order of the file.
        items: The items they are about, in the order of their first rows; none where the file holds no texts.
    """

    verdicts: Group[RecordedVerdict]
    items: Group[Item]


def read_tidy(path: Path, columns: Columns = TIDY) -> dict[str, Recorded]:
    """The verdicts of each judge in a file, judges in the order of their first rows.

    The file is read once and in little memory; what it holds is set aside on disk.

    Args:
        path: The file.
        columns: Where the tidy columns stand in it.

    Raises:
        InputError: A row lacks a column or has a value that is not allowed, or gives a trial twice, or an item a
            second gold or a second text.
    """
    verdicts, items, judges = Spool(), Spool(), set[str]()
    seen, texts, known = Contradictions(), dict[int, int](), _Known(columns)
    for row in _rows(path, columns):
        judge, verdict = known.judge_and_verdict(row)
        if judge not in judges:
            judges.add(row.checked_judge(judge))
        seen.add(_trial(judge, verdict), verdict[0], verdict[3])
        verdicts.add(judge, verdict)
        if columns.foreign:
            _set_item_aside(row, judge, items, texts)
    if not judges:
        raise InputError("the file is empty", file=path, expected="at least one verdict")
    if seen.suspected():
        seen.refuse(_trials(path, columns))
    return {
        judge: Recorded(Group(verdicts, judge, RecordedVerdict), Group(items, judge, Item))
        for judge in verdicts.groups()
    }


def _rows(path: Path, columns: Columns) -> Iterator[TidyRow]:
    for line, text, values in read_rows(path, kind="file of verdicts"):
        row = TidyRow(path, line, text, values, columns)
        if "\\u" in text:  # the only way in which a line of UTF-8 can hold one
            row.refuse_half_characters()
        yield row


def _trials(path: Path, columns: Columns) -> Iterator[tuple[TidyRow, Trial, str | None]]:
    """Each row with its trial and its item's gold."""
    for row in _rows(path, columns):
        verdict = _verdict(row)
        yield row, _trial(row.judge(), verdict), verdict[3]


class _Known:
    """What rows say apart from their item, as it was checked before: long logs say the same few things again and again.

    Only texts and nothing are remembered. No other value equals them, while 1, 1.0 and true equal one another.
    """

    def __init__(self, columns: Columns) -> None:
        self._names = tuple(columns.source(key) for key in _REMEMBERED)
        self._found: dict[tuple[Any, ...], tuple[str, tuple[Any, ...]]] = {}

    def judge_and_verdict(self, row: TidyRow) -> tuple[str, tuple[Any, ...]]:
        """The judge of a row, and the values of its `RecordedVerdict`.

        Raises:
            InputError: A value is missing or not allowed.
        """
        said = tuple([row.values.get(name, _ABSENT) for name in self._names])
        try:
            found = self._found.get(said)
        except TypeError:  # a list or an object
            found = None
        if found is not None:
            return found[0], (row.required("item_id"), *found[1])
        judge, verdict = row.judge(), _verdict(row)
        if all(value is None or value is _ABSENT or type(value) is str for value in said):
            if len(self._found) == _MOST_REMEMBERED:
                self._found.clear()
            self._found[said] = judge, verdict[1:]
        return judge, verdict


def _trial(judge: str, verdict: tuple[Any, ...]) -> Trial:
    """What tells a trial from others: its item, judge and order, and the design."""
    return (verdict[0], judge, verdict[1], *verdict[6:10])


def _verdict(row: TidyRow) -> tuple[Any, ...]:
    """The values of a `RecordedVerdict`, checked and in the item's frame."""
    order = _order(row)
    verdict = row.choice("verdict") or row.required("verdict")
    numbers = row.numbers() if row.columns.foreign else _NO_NUMBERS
    if row.columns.displayed and order == "ba":
        verdict = _OTHER.get(verdict, verdict)
        p_a, p_b, p_tie, mass, score_a, score_b = numbers
        numbers = (p_b, p_a, p_tie, mass, score_b, score_a)
    design = _AS_IT_IS if row.is_plain() else _design(row)
    return (
        row.required("item_id"),
        order,
        verdict,
        row.choice("gold"),
        row.value("source"),
        row.value("category"),
        *design,
        *numbers,
    )


def _design(row: TidyRow) -> tuple[str, str, str | None, int]:
    """Perturbation, arm, target and repeat."""
    if row.value("perturbation") not in {None, "none"}:
        row.required("arm")
    arm = row.choice("arm") or "control"
    if arm == "control":
        return "none", arm, None, row.repeat()
    return row.required("perturbation"), arm, row.choice("target") or row.required("target"), row.repeat()


def _order(row: TidyRow) -> str | None:
    """Which response was shown first; what the file must say of it depends on what it claims to be."""
    order = row.choice("order")
    if order is not None:
        return order
    columns = row.columns
    needed = not columns.foreign or columns.displayed or "order" in columns.names
    if needed and columns.source("order") not in row.values:
        raise row.absent("order")
    if columns.displayed:
        raise row.fault(
            "order",
            "a verdict about the first and the second response shown, and no order",
            "the order, ab or ba, in each row: without it nobody can tell which response won",
        )
    return None


def _set_item_aside(row: TidyRow, judge: str, items: Spool, texts: dict[int, int]) -> None:
    """Keep the item of a row that holds its texts, once a judge.

    Raises:
        InputError: The item had another text before.
    """
    if any(row.value(key) is None for key in TEXTS):
        return
    keys = ("item_id", *PAIR_KEYS[1:])
    item = tuple(row.value(key) for key in keys)
    name, content = hash((judge, item[0])), hash(item)
    if name not in texts:
        items.add(judge, item)
    if texts.setdefault(name, content) != content:
        raise row.fault(
            "response_a",
            f"the item {item[0]!r} had another text, gold, category or author before",
            "an item the same in all its rows; response_a and response_b do not change places with the order",
        )
