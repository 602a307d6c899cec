"""Which items need a human: those whose verdict depends most on what must not matter.

An item is asked in many ways that differ in nothing that should count: in either order, again, with a placebo,
with a cue. How often the verdict is not the item's usual one is how little it can be relied on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from judgebench.analysis.effects import is_invariance
from judgebench.analysis.panels import VERDICTS, probabilities
from judgebench.errors import InputError
from judgebench.stats import Estimate, Interval, proportion, separation, shrunken_proportions

Floats = npt.NDArray[np.float64]

KEPT: Final = (1.0, 0.9, 0.8, 0.7, 0.5)
_WAY: Final = ["item_id", "perturbation", "arm", "target", "order"]
_UNCHANGED: Final = frozenset({"control", "placebo"})


@dataclass(frozen=True, slots=True)
class Routing:
    """The items of a run, the least reliable first.

    Attributes:
        items: A row an item: `item_id`, `category`, `gold`, `verdict` (the usual one, absent where there is none),
            `unreliability` with `conf_low` and `conf_high` (share of ways with another verdict, shrunken),
            `ways`, `missing` (trials without a verdict), `by_order` (share of pairs of orders that differ).
        separation: P(an item that the judge gets wrong ranks above one that it gets right); None without gold, or
            where it is right or wrong on all.
        kept: For each share of items that the judge keeps, the most reliable first: its accuracy on them; empty
            without gold.
    """

    items: pd.DataFrame
    separation: Interval | None
    kept: tuple[tuple[float, Estimate], ...]


def route(judgments: pd.DataFrame, *, level: float = 0.95) -> Routing:
    """Rank the items of one judge, protocol and mitigation by how much the verdict depends on what must not matter.

    Counted are controls, placebos and the changes of the invariance family: the others ought to change the verdict.
    Repeats of one way of asking are averaged; a way without any verdict is left out and counted as missing. The
    shares are shrunken toward their mean by `shrunken_proportions`, since an item is asked in few ways. Items
    without any verdict come first.

    Raises:
        InputError: There is no judgment to count.
    """
    counted = judgments[_counts(judgments)]
    if counted.empty:
        raise InputError("there are no judgments from which reliability can be told")
    p = pd.DataFrame(probabilities(counted), columns=list(VERDICTS), index=counted.index)
    keyed = pd.concat([counted[_WAY].fillna(""), p], axis=1)
    ways = keyed.groupby(_WAY, sort=False)[list(VERDICTS)].mean().dropna()
    table = _items(counted, p, ways, level)
    table = table.sort_values(["verdict_known", "unreliability", "item_id"], ascending=[True, False, True])
    table = table.drop(columns="verdict_known").reset_index(drop=True)
    judged = table[table["gold"].notna() & table["verdict"].notna()]
    return Routing(table, _separation(judged, level), tuple(_kept(judged, level)))


def _counts(judgments: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Which judgments must all agree."""
    arm = judgments["arm"].to_numpy()
    names = judgments["perturbation"].fillna("none")
    invariant = names.map({name: is_invariance(str(name).partition("@")[0]) for name in names.unique()})
    chosen = np.isin(arm, sorted(_UNCHANGED)) | ((arm == "treatment") & invariant.to_numpy(dtype=bool))
    return np.asarray(chosen, dtype=np.bool_)


def _items(counted: pd.DataFrame, p: pd.DataFrame, ways: pd.DataFrame, level: float) -> pd.DataFrame:
    facts = counted.groupby("item_id", sort=False).agg(category=("category", "first"), gold=("gold", "first"))
    missing = p[VERDICTS[0]].isna().groupby(counted["item_id"], sort=False).sum()
    share = ways.groupby("item_id", sort=False).mean().reindex(facts.index)
    known = share.notna().all(axis=1).to_numpy()
    n = (
        ways.groupby("item_id", sort=False)
        .size()
        .reindex(facts.index, fill_value=0)
        .to_numpy(dtype=np.float64)
    )
    usual = share.fillna(0.0).to_numpy().argmax(axis=1)
    other = np.where(known, 1 - share.fillna(0.0).to_numpy().max(axis=1), 0.0)
    found = shrunken_proportions(other * n, n, level=level)
    return facts.assign(
        verdict=np.where(known, np.array(VERDICTS, dtype=object)[usual], np.array(None, dtype=object)),
        unreliability=found.estimate,
        conf_low=found.conf_low,
        conf_high=found.conf_high,
        ways=n.astype(np.int64),
        missing=missing.reindex(facts.index).to_numpy(),
        by_order=_by_order(ways).reindex(facts.index).to_numpy(),
        verdict_known=known,
    ).reset_index()


def _by_order(ways: pd.DataFrame) -> pd.Series[float]:
    """Mean over the ways that were asked in both orders of how likely the two verdicts differ, an item each."""
    both = ways.reset_index().pivot_table(index=_WAY[:-1], columns="order", values=list(VERDICTS))
    if not {"ab", "ba"} <= set(both.columns.get_level_values("order")):
        return pd.Series(dtype=np.float64)
    ab, ba = (both.xs(order, axis=1, level="order")[list(VERDICTS)] for order in ("ab", "ba"))
    differs = pd.Series(1 - (ab.to_numpy() * ba.to_numpy()).sum(axis=1), both.index)
    return differs.groupby(level="item_id").mean()


def _right(judged: pd.DataFrame) -> Floats:
    """1 where the usual verdict is gold's, shape (items,)."""
    return np.asarray(judged["verdict"] == judged["gold"], dtype=np.float64)


def _separation(judged: pd.DataFrame, level: float) -> Interval | None:
    right = _right(judged).astype(bool)
    unreliability = judged["unreliability"].to_numpy(dtype=np.float64)
    if right.all() or not right.any():
        return None
    return separation(unreliability[~right], unreliability[right], level=level)


def _kept(judged: pd.DataFrame, level: float) -> list[tuple[float, Estimate]]:
    """The accuracy on the most reliable items, for each share of them; the table has the least reliable first."""
    right = _right(judged)[::-1]
    counts = [(share, max(1, round(share * right.size))) for share in KEPT] if right.size else []
    return [(share, proportion(right[:n], np.arange(n), level=level)) for share, n in counts]
