"""Judgments as dense panels: items by orders by repeats by verdicts, one for each thing an item was shown as.

A panel holds for every trial the probabilities of (a, b, tie): one-hot for a sampled verdict, the label
probabilities for a logprob verdict, and the planted ones for the truth of a simulated judge. So every estimand is
written once and serves all three.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from judgebench.analysis.item_facts import Votes
from judgebench.analysis.schema import PROMPT
from judgebench.errors import InputError
from judgebench.items.model import LETTERS

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

VERDICTS: Final = ("a", "b", "tie")
ORDERS: Final = ("ab", "ba")
UNKNOWN: Final = -1

Key = tuple[str, str, int]
"""Perturbation, arm, and target: 0 for a, 1 for b, and so on."""
Change = tuple[str, str, str, str, int]
"""One change of one item: its id, the perturbation, the arm, the target, the repeat."""


@dataclass(frozen=True, slots=True)
class Panel:
    """What was answered where an item was shown as one thing.

    The orders are ab, ba and, where nobody wrote the order of some trial down, a third for those; for lists each item's
    own orders, sorted.

    Attributes:
        p: Probabilities of a, b and tie, shape (items, orders, repeats, 3), for lists of each response and of a tie;
            NaN where there is no verdict.
        asked: Whether the trial belongs to the design, shape (items, orders, repeats).
        failed: Whether its manipulation check failed, same shape.
    """

    p: Floats
    asked: Bools
    failed: Bools


@dataclass(frozen=True, slots=True)
class Labels:
    """To which of several named groups each item belongs.

    Attributes:
        codes: Places among the names, shape (items,); `UNKNOWN` where an item has no name, or more than one.
        names: The names.
    """

    codes: Ints
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Experiment:
    """All judgments of one judge under one protocol and mitigation.

    Attributes:
        items: Item ids, shape (items,).
        letters: Those of the responses: a and b, and for lists as many as the longest has.
        gold: 0 for a, 1 for b, ..., the number of letters for tie, -1 for unknown, shape (items,).
        shown: For lists, the place among the letters of the response that stands in each place of each order, shape
            (items, orders, letters); -1 where there is none. Empty for pairs.
        cluster: Codes of what the claim generalises over, shape (items,).
        category: The items' categories.
        source: Their sources.
        control: The items as they are.
        arms: The panel of each change.
        checked: Whether it is known which manipulation checks failed.
        part: Whether the items are a part of those of a longer record, so that what is small or empty here may not be
            so there.
        votes: What people said of the items; None where nobody was asked.
    """

    items: npt.NDArray[np.object_]
    letters: tuple[str, ...]
    gold: Ints
    shown: Ints
    cluster: Ints
    category: Labels
    source: Labels
    control: Panel
    arms: Mapping[Key, Panel]
    checked: bool
    part: bool = False
    votes: Votes | None = None

    def perturbations(self) -> list[str]:
        """The names of the perturbations, in the order of the design."""
        return list(dict.fromkeys(name for name, _, _ in self.arms))

    def says(self, gold: Ints) -> Bools:
        """Whether gold names a response."""
        return np.asarray((gold >= 0) & (gold < len(self.letters)))

    def panels(self, perturbation: str, arm: str) -> Iterator[tuple[int, Panel]]:
        """The panels of an arm, by target."""
        for target in range(len(self.letters)):
            if (perturbation, arm, target) in self.arms:
                yield target, self.arms[perturbation, arm, target]


@dataclass(frozen=True, slots=True)
class _Trials:
    """Where each row belongs in a panel, and what was answered; all of shape (rows,), `p` (rows, 3)."""

    item: Ints
    order: Ints
    repeat: Ints
    p: Floats
    ids: npt.NDArray[np.object_]

    def panel(self, rows: Ints, failed: Collection[tuple[str, int]] = ()) -> Panel:
        """The panel of some of the rows; `failed` holds the items and repeats whose checks failed.

        Raises:
            InputError: A trial comes twice.
        """
        item, order, repeat = self.item[rows], self.order[rows], self.repeat[rows]
        shape = (
            len(self.ids),
            max(int(self.order.max(initial=0)) + 1, len(ORDERS)),
            int(repeat.max(initial=0)) + 1,
        )
        places = (item * shape[1] + order) * shape[2] + repeat
        flat_p = np.full((math.prod(shape), self.p.shape[1]), np.nan)
        flat_asked = np.zeros(math.prod(shape), dtype=bool)
        flat_p[places] = self.p.take(rows, axis=0)
        flat_asked[places] = True
        p, asked = flat_p.reshape(*shape, self.p.shape[1]), flat_asked.reshape(shape)
        if int(asked.sum()) != rows.size:
            _, first = np.unique(places, return_index=True)
            twice = int(np.setdiff1d(np.arange(rows.size), first)[0])
            raise InputError(
                f"a trial of the item {self.ids[item[twice]]!r} comes twice",
                expected="one row for each item, arm, target, order and repeat of a judge",
            )
        return Panel(p, asked, self._failed(failed, asked))

    def _failed(self, failed: Collection[tuple[str, int]], asked: Bools) -> Bools:
        found = np.zeros_like(asked)
        place = {item: number for number, item in enumerate(self.ids)} if failed else {}
        for item, repeat in failed:
            if item in place and repeat < asked.shape[2]:
                found[place[item], :, repeat] = asked[place[item], :, repeat]
        return found


def experiment(
    judgments: pd.DataFrame, *, cluster: str = "item", failed: Collection[Change] | None = None
) -> Experiment:
    """The panels of one judge's judgments under one protocol and mitigation.

    Args:
        judgments: Rows as in `judgments.parquet`; where `p_a` or `p_b` is given, probabilities count, else the
            verdict; probabilities that were too little for a verdict (`invalid`) count as none.
        cluster: `item`; `source` where the claim is about sources in general; or `prompt`, which the rows then number.
        failed: The changes whose manipulation check failed; None where that is not known.

    Raises:
        InputError: A trial comes twice, an item has two golds or two sources, or a change has no target.
    """
    codes, ids = pd.factorize(judgments["item_id"])
    item = codes.astype(np.int64)
    letters = _letters(judgments["order"])
    verdicts = (*letters, "tie")
    order = _order_codes(judgments["order"], item, letters)
    trials = _Trials(
        item,
        order,
        judgments["repeat"].to_numpy(dtype=np.int64),
        probabilities(judgments, verdicts),
        np.asarray(ids, dtype=object),
    )
    in_control = (judgments["arm"] == "control").to_numpy(dtype=bool)
    source = _labels(judgments["source"], trials)
    clusters = {
        "source": lambda: _cluster(judgments, trials, source),
        "prompt": lambda: _prompts(judgments, trials),
    }
    failures = _by_key(failed or (), letters)
    return Experiment(
        items=trials.ids,
        letters=letters,
        gold=_of_items(_codes(judgments["gold"], verdicts), trials, "gold"),
        shown=_places(judgments["order"], trials, letters),
        cluster=clusters[cluster]() if cluster in clusters else np.arange(len(trials.ids)),
        category=_labels(judgments["category"], trials),
        source=source,
        control=trials.panel(np.flatnonzero(in_control)),
        arms={
            key: trials.panel(rows, failures.get(key, ()))
            for key, rows in _arm_rows(judgments, np.flatnonzero(~in_control), letters)
        },
        checked=failed is not None,
    )


def _letters(orders: pd.Series[str]) -> tuple[str, ...]:
    """The letters of the responses: two, or as many as the longest order has."""
    longest = max((len(order) for order in orders.dropna().unique()), default=2)
    return LETTERS[: max(longest, 2)]


def _order_codes(orders: pd.Series[str], item: Ints, letters: tuple[str, ...]) -> Ints:
    """The place of each row's order on the panel's axis: ab, ba, unknown; of lists its rank among those of the item."""
    codes = _codes(orders, ORDERS)
    codes[codes < 0] = len(ORDERS)
    if len(letters) == 2:
        return codes
    names, labels = pd.factorize(orders, sort=True)
    pairs = np.unique(item * (len(labels) + 1) + names)
    starts = np.searchsorted(pairs, item * (len(labels) + 1))
    return np.asarray(np.searchsorted(pairs, item * (len(labels) + 1) + names) - starts, dtype=np.int64)


def _places(orders: pd.Series[str], trials: _Trials, letters: tuple[str, ...]) -> Ints:
    """Which response stands in each place of each order of each item, shape (items, orders, letters)."""
    if len(letters) == 2:
        return np.empty((0, 0, 2), dtype=np.int64)
    codes, labels = pd.factorize(orders)
    table = np.full((len(labels) + 1, len(letters)), UNKNOWN, dtype=np.int64)
    for row, label in enumerate(labels):
        table[row, : len(label)] = [letters.index(letter) for letter in label]
    count = max(int(trials.order.max(initial=0)) + 1, len(ORDERS))
    found = np.full((len(trials.ids), count, len(letters)), UNKNOWN, dtype=np.int64)
    found[trials.item, trials.order] = table[codes]
    return found


def _by_key(
    failed: Collection[Change], letters: tuple[str, ...]
) -> Mapping[Key, Collection[tuple[str, int]]]:
    found: dict[Key, list[tuple[str, int]]] = defaultdict(list)
    for item, perturbation, arm, target, repeat in failed:
        if target in letters:
            found[perturbation, arm, letters.index(target)].append((item, repeat))
    return found


def _cluster(judgments: pd.DataFrame, trials: _Trials, source: Labels) -> Ints:
    """The sources as clusters; items without one form a cluster of their own.

    Raises:
        InputError: An item has two.
    """
    _of_items(_coded(judgments["source"])[0], trials, "source")
    return np.where(source.codes == UNKNOWN, len(source.names), source.codes)


def _prompts(judgments: pd.DataFrame, trials: _Trials) -> Ints:
    """The numbers of the prompts as clusters, the same in all experiments of a run.

    Raises:
        InputError: An item has two.
    """
    return _of_items(judgments[PROMPT].to_numpy(dtype=np.int64), trials, "prompt")


def _labels(values: pd.Series[str], trials: _Trials) -> Labels:
    codes, names = _coded(values)
    found, differing = _last_of_items(codes, trials)
    found[trials.item[differing]] = UNKNOWN
    return Labels(found, tuple(map(str, names)))


def _of_items(values: Ints, trials: _Trials, what: str) -> Ints:
    """The one value of each item, shape (items,), from those of its rows.

    Raises:
        InputError: An item has two.
    """
    found, differing = _last_of_items(values, trials)
    if differing.size:
        item = trials.ids[trials.item[differing[0]]]
        raise InputError(
            f"the item {item!r} has more than one {what}", expected=f"one {what} in all its rows"
        )
    return found


def _last_of_items(values: Ints, trials: _Trials) -> tuple[Ints, Ints]:
    """The value of each item's last row, shape (items,), and the rows that have another one."""
    found = np.empty(len(trials.ids), dtype=np.int64)
    found[trials.item] = values
    return found, np.flatnonzero(found[trials.item] != values)


def _arm_rows(judgments: pd.DataFrame, rows: Ints, letters: tuple[str, ...]) -> Iterator[tuple[Key, Ints]]:
    """The rows of every (perturbation, arm, target), in the order of the design.

    Raises:
        InputError: One of the three is not given.
    """
    if not rows.size:
        return
    (names, perturbations), (kinds, arms) = (_coded(judgments[name]) for name in ("perturbation", "arm"))
    names, kinds, targets = names[rows], kinds[rows], _codes(judgments["target"], letters)[rows]
    if min(names.min(), kinds.min(), targets.min()) < 0:
        raise InputError(
            "a judgment outside the controls lacks its perturbation, arm or target",
            expected=f"the three of them for every change, target being {' or '.join(letters)}",
        )
    cell, cells = pd.factorize((names * len(arms) + kinds) * len(letters) + targets)
    ends = np.cumsum(np.bincount(cell))[:-1]
    for code, chosen in zip(cells, np.split(np.argsort(cell, kind="stable"), ends), strict=True):
        rest, target = divmod(int(code), len(letters))
        name, arm = divmod(rest, len(arms))
        yield (str(perturbations[name]), str(arms[arm]), target), rows[chosen]


def probabilities(judgments: pd.DataFrame, verdicts: tuple[str, ...] = VERDICTS) -> Floats:
    """(rows, verdicts): one-hot for verdicts, probabilities where there are any, NaN where there is no verdict."""
    verdict = _codes(judgments["verdict"], verdicts)
    p = np.eye(len(verdicts))[verdict]
    p[verdict < 0] = np.nan
    counted = judgments["verdict"].isna() | (verdict >= 0)
    columns = [f"p_{verdict}" for verdict in verdicts]
    if not set(columns) <= set(judgments.columns):
        return p  # of lists only what was planted is known as probabilities
    given = np.flatnonzero((counted & (judgments["p_a"].notna() | judgments["p_b"].notna())).to_numpy())
    if given.size:
        labels = judgments[columns].iloc[given].fillna(0.0).to_numpy(dtype=np.float64)
        total = labels.sum(axis=1, keepdims=True)
        p[given] = np.divide(labels, total, out=np.full_like(labels, np.nan), where=total > 0)
    return p


def _coded(values: pd.Series[str]) -> tuple[Ints, Sequence[str]]:
    """The code of each value, -1 where one is missing, and what the codes stand for."""
    if isinstance(values.dtype, pd.CategoricalDtype):  # they are codes already: no text is looked at
        return np.asarray(values.cat.codes, dtype=np.int64), list(values.cat.categories)
    codes, names = pd.factorize(values)
    return np.array(codes, dtype=np.int64), list(names)


def _codes(values: pd.Series[str], names: tuple[str, ...]) -> Ints:
    """The place of each value among the names, -1 where it is none of them."""
    codes, found = _coded(values)
    places = [names.index(value) if value in names else -1 for value in found]
    return np.array([*places, -1], dtype=np.int64)[codes]  # a missing value has code -1, the last place
