"""What is known of the pairs of an experiment beside the verdicts: who wrote them, what gold and a panel say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from judgebench.analysis.measurement import ALL
from judgebench.analysis.moderators import MIN_STRATUM
from judgebench.analysis.panels import Bools, Experiment, Floats, Ints

UNRELATED: Final = "none"


@dataclass(frozen=True, slots=True)
class Pairs:
    """What is known of each item, in the order of an experiment's items; all of shape (items,).

    Attributes:
        prompt: Codes of the prompts.
        target: 0 where the target author wrote response a, 1 where b, for pairs that have one; else 0 for a.
        opponent: The other author; empty where the pair is not the target's.
        gold: Gold's win for the target; NaN where there is none.
        gap: By how much the target is better, by what pairs are matched on; NaN where nothing says so.
        panel: The panel's share for the target; NaN where there is none.
        nats: By how much less a token of the target surprises the judge than one of the other, in nats; NaN where that
            is not known.
        own: Whether the pair is one of a target author's and an unrelated one's.
        other: Whether both authors are unrelated to the judge.
    """

    prompt: Ints
    target: Ints
    opponent: np.ndarray
    gold: Floats
    gap: Floats
    panel: Floats
    nats: Floats
    own: Bools
    other: Bools


def pairs_in(data: Experiment, authored: pd.DataFrame, relation: str) -> Pairs:
    """What is known of the items of an experiment where authors of that relation to the judge are the target."""
    table = authored.set_index("item_id").loc[list(data.items)]
    a, b = (table[f"relation_{side}"].to_numpy(dtype=object) for side in "ab")
    is_a, is_b = (a == relation) & (b == UNRELATED), (b == relation) & (a == UNRELATED)
    target = np.where(is_b, 1, 0)
    names = np.where(is_b, table["author_a"], table["author_b"])
    gold, gap, panel = (table[name].to_numpy(dtype=np.float64) for name in ("gold_a", "gap_a", "panel_a"))
    lead = _column(table, "nats_b") - _column(table, "nats_a")
    return Pairs(
        prompt=pd.factorize(table["prompt_id"])[0].astype(np.int64),
        target=target,
        opponent=np.where(is_a | is_b, names, "").astype(object),
        gold=np.where(target == 1, 1 - gold, gold),
        gap=np.asarray(
            np.where(target == 1, -gap, gap).round(9), dtype=np.float64
        ),  # thirds equal on both sides
        panel=np.where(target == 1, 1 - panel, panel),
        nats=np.where(target == 1, -lead, lead),
        own=np.asarray(is_a | is_b),
        other=np.asarray((a == UNRELATED) & (b == UNRELATED)),
    )


def _column(table: pd.DataFrame, name: str) -> Floats:
    """A column of figures; NaN where a record has none of that name."""
    return table[name].to_numpy(dtype=np.float64) if name in table else np.full(len(table), np.nan)


def tasks_of(data: Experiment, own: Bools) -> Iterator[tuple[str, Bools]]:
    """All items, and each category that has enough of a comparison's, as a stratum and its items."""
    yield ALL, np.ones(own.size, dtype=bool)
    labels = data.category
    large = [code for code in range(len(labels.names)) if (own & (labels.codes == code)).sum() >= MIN_STRATUM]
    if len(labels.names) > 1:
        for code in large:
            yield f"category: {labels.names[code]}", labels.codes == code
