"""The pairs of authors in one style: what is left of the preference for one's own, and what the style carried."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from judgebench.analysis.measurement import CHECKED
from judgebench.analysis.own_comparison import Comparison, ends_of
from judgebench.analysis.panels import Bools, Experiment
from judgebench.analysis.quantities import Quantity
from judgebench.suite.restyling import STYLE_EQUALISED

EQUALISED = "_equalised"
"""What the name of a bias ends in where it was measured on pairs in one style."""


def restyled(data: Experiment) -> Experiment | None:
    """The same items as they were shown in one style; None where they were not."""
    panel = data.arms.get((STYLE_EQUALISED, "treatment", 0))
    return None if panel is None else replace(data, control=panel, arms={})


@dataclass(frozen=True, slots=True)
class Restyled:
    """A comparison on pairs as they were written, and on the same pairs in one style.

    Gold and panel are those of the pairs as they were written: a rewrite keeps what is said.

    Attributes:
        plain: As they were written.
        equal: In one style.
    """

    plain: Comparison
    equal: Comparison

    @classmethod
    def of(cls, plain: Comparison, data: Experiment) -> Restyled:
        """The comparison with its counterpart, on the items that were asked both ways."""
        both = np.asarray(plain.data.control.asked.any(axis=(1, 2)) & data.control.asked.any(axis=(1, 2)))
        own, other = plain.own & both, plain.other & both
        equal = replace(plain, data=data, own=own, other=other, bias=f"{plain.bias}{EQUALISED}")
        return cls(replace(plain, own=own, other=other), equal)

    def rows(self) -> Iterator[dict[str, Any]]:
        """The estimates in one style, and what the style carried."""
        yield from self.equal.rows()
        passed = np.asarray(~self.equal.data.control.failed.any(axis=(1, 2)))
        found = [self._carried(self.plain.own), self._adjusted()]
        if self.plain.stratum == "all" and not passed[self.plain.own].all():
            checked = self._carried(np.asarray(self.plain.own & passed))
            found.append(checked and checked | {"stratum": CHECKED})
        yield from (row for row in found if row is not None)

    def _carried(self, chosen: Bools) -> dict[str, Any] | None:
        """By how much more the own response wins as it was written, on the same pairs."""
        less = Quantity(*self.plain.means()) - Quantity(*self.equal.means())
        return self.plain.measured("carried_by_style", "plain - style equalised", less, chosen, asked=chosen)

    def _adjusted(self) -> dict[str, Any] | None:
        """The same less what the style does to responses of others in pairs that are as uneven."""
        (plain, plain_low, plain_high), (equal, low, high) = self.plain.means(), self.equal.means()
        found = self.plain.matched((plain, equal), (plain, equal))
        if found is None:
            return None
        chosen = np.asarray(self.plain.own | self.plain.other)
        gone = np.asarray(chosen & (np.isnan(plain) | np.isnan(equal)) & ~np.isnan(self.plain.pairs.gap))
        ends = (found, found)
        if gone.any():
            least, most = (plain_low, high), (plain_high, low)
            ends = (self.plain.matched(least, most) or found, self.plain.matched(most, least) or found)
        contrast = "(plain - equalised) own - (plain - equalised) other"
        return self.plain.row(
            "carried_by_style_adjusted", contrast, found.effect, ends_of(found, *ends), gone
        )
