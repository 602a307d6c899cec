"""Stopping early by a declared rule: what it says, and the looks that hold asking to it.

Limits come from betting confidence sequences, which stay valid however often they are looked at, each at 1 - alpha / k
for the k confirmatory effects. What computes them loads pandas and is imported at the first look.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

from judgebench.analysis.planning import comparisons
from judgebench.errors import InputError, nearest
from judgebench.items.authored import prompt_of
from judgebench.run.arms import ProtocolArm, protocol_arms
from judgebench.run.blocks import Look
from judgebench.suite import Suite

if TYPE_CHECKING:
    from judgebench.analysis.sequential import Key, Limits, Series

EVERY: Final = 10
MINIMUM: Final = 20
"""Items before the first look."""

_DECIDED: Final = "decided"
_WIDTH: Final = re.compile(r"width\s*<\s*(\d*\.?\d+)")
_EXAMPLES: Final = (_DECIDED, "width<0.05")


@dataclass(frozen=True, slots=True)
class Rule:
    """When to stop.

    Attributes:
        width: All intervals are narrower than this, in probability or as a share of the scale of scores; None for: all
            effects are decided.
    """

    width: float | None = None

    @property
    def text(self) -> str:
        """The rule as it is written."""
        return _DECIDED if self.width is None else f"width<{self.width:g}"

    def holds(self, limits: Iterable[Limits], margin: float) -> bool:
        """Whether all effects meet it.

        An effect is decided where its limits exclude 0 or lie inside (-margin, margin).
        """
        if self.width is None:
            return all(
                each.lower > 0 or each.upper < 0 or (-margin < each.lower and each.upper < margin)
                for each in limits
            )
        return all(each.upper - each.lower < self.width for each in limits)


def parse_rule(text: str) -> Rule:
    """The rule that `--stop-when` names.

    Raises:
        InputError: It names none.
    """
    said = text.strip()
    if said == _DECIDED:
        return Rule()
    found = _WIDTH.fullmatch(said)
    if found is None:
        raise InputError(
            f"unknown stopping rule {text!r}",
            expected="decided, or width<X with X in probability",
            suggestion=nearest(said, _EXAMPLES),
        )
    width = float(found.group(1))
    if not 0 < width < 1:
        raise InputError(f"the width of the stopping rule is {width:g}", expected="a number between 0 and 1")
    return Rule(width)


def _measured(arm: ProtocolArm, confirmatory: Sequence[str]) -> int:
    """How many of the effects an arm measures: single responses have no order."""
    single = arm.protocol.layout.shows == "single"
    return sum(not (single and name == "position") for name in confirmatory)


class Watch:
    """A rule on the confirmatory effects of a suite, with the items seen so far.

    Args:
        rule: The rule.
        suite: The suite.
        every: Items between two looks.

    Raises:
        InputError: The suite has no effect that is decided, speaks of sources, or has several pairs of a prompt.
    """

    def __init__(self, rule: Rule, suite: Suite, every: int = EVERY) -> None:
        spec = suite.spec
        confirmatory = [c.perturbation for c in comparisons(suite) if c.confirmatory]
        if not confirmatory:
            raise InputError(
                "--stop-when needs an effect to decide, and the right effect of no perturbation here is 0",
                file=suite.document.file,
                expected="position, length or another of the invariance family",
            )
        if spec.analysis.cluster != "item":
            raise InputError(
                "--stop-when counts items as independent, and the suite clusters them by source",
                file=suite.document.file,
                expected="cluster: item",
            )
        if spec.self_preference is not None and len(set(map(prompt_of, suite.items))) < len(suite.items):
            raise InputError(
                "--stop-when counts items as independent, and several pairs of authors share a prompt",
                file=suite.document.file,
                expected="two authors, which make one pair a prompt",
            )
        arms = protocol_arms(suite)
        if other := next((arm for arm in arms if arm.protocol.layout.shows == "pairs"), None):
            raise InputError(
                f"--stop-when takes items as independent, and {other.name} compares pairs out of one item",
                file=suite.document.file,
                expected="protocols that show an item at once, or single responses",
            )
        self.every, self.minimum = every, MINIMUM
        self._rule, self._margin = rule, spec.analysis.margin
        each = [_measured(arm, confirmatory) for arm in arms]
        self._effects = sum(each) * len(spec.mitigations)
        if not self._effects:
            raise InputError(
                "--stop-when needs an effect to decide, and a score has no place to be first in",
                file=suite.document.file,
                expected="a change of the responses, beside position",
            )
        self._scales = {arm.name: arm.protocol.scale for arm in arms if arm.protocol.scale is not None}
        self._level = 1 - spec.analysis.alpha / self._effects
        self._seen: dict[Key, Series] = {}
        self._items: set[str] = set()
        self._confirmatory = frozenset(confirmatory)
        self.declared: Mapping[str, Any] = {
            "rule": rule.text,
            "every": every,
            "minimum": MINIMUM,
            "level": self._level,
            "confirmatory": confirmatory,
        }

    def observe(self, judgments: Sequence[Mapping[str, Any]]) -> None:
        """Take in complete items, as rows of `judgments.parquet`, in the order in which they were asked."""
        from judgebench.analysis.sequential import primary_series, table_of

        if not judgments:
            return
        order = list(dict.fromkeys(str(row["item_id"]) for row in judgments))
        self._items.update(order)
        table = table_of(judgments)
        for key, series in primary_series(table, order, self._confirmatory, self._scales).items():
            self._seen[key] = self._seen[key] + series if key in self._seen else series

    def look(self) -> Look:
        """The confirmatory effects on all items seen, and whether the rule holds for every one of them."""
        from judgebench.analysis.sequential import limits

        found = {key: limits(series, self._level) for key, series in self._seen.items()}
        known = {key: each for key, each in found.items() if each is not None}
        effects = tuple({**key._asdict(), **asdict(each)} for key, each in known.items())
        holds = len(known) == self._effects and self._rule.holds(known.values(), self._margin)
        return Look(len(self._items), effects, holds)
