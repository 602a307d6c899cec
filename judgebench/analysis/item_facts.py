"""What is known of the items beside their texts: what people said of them, and the attributes of their responses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from judgebench.items.model import AttributeValue

ItemVotes = Mapping[str, Mapping[str, float]]
"""By item: how many people said which verdict."""

ItemAttributes = Mapping[str, Mapping[str, Mapping[str, AttributeValue]]]
"""By item, letter of the response, and name."""

DEGREES: Final = ("all agree", "most agree", "divided")
"""All votes for one verdict; more than half of them; no more than half for any."""


@dataclass(frozen=True, slots=True)
class ItemFacts:
    """What items hold beside their texts, for those that hold something."""

    votes: ItemVotes = field(default_factory=dict)
    attributes: ItemAttributes = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Votes:
    """The votes on the items of an experiment.

    Attributes:
        shares: Of the votes on each item those for a, b, ..., and a tie, shape (items, verdicts); NaN where there are
            none.
        degree: The place of how far people agree in `DEGREES`, shape (items,); -1 where nobody voted.
    """

    shares: npt.NDArray[np.float64]
    degree: npt.NDArray[np.int64]

    @classmethod
    def on(cls, items: Sequence[str], letters: Sequence[str], votes: ItemVotes) -> Votes | None:
        """The votes on these items, whose responses have these letters; None where nobody voted on any."""
        if not any(item in votes for item in items):
            return None
        verdicts = (*letters, "tie")
        counts = np.array([[votes.get(item, {}).get(v, 0.0) for v in verdicts] for item in items])
        total = counts.sum(axis=1, keepdims=True)
        shares = np.divide(counts, total, out=np.full_like(counts, np.nan), where=total > 0)
        most = shares.max(axis=1)
        degree = np.select([most == 1, most > 0.5, most > 0], [0, 1, 2], -1)
        return cls(shares, degree.astype(np.int64))
