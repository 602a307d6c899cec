"""Mitigations that ask several times: both orders, several samples, several judges."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator

from judgebench.protocols.base import Protocol
from judgebench.protocols.mitigation.base import Combination, Member, Rule
from judgebench.suite.schema import Strict


class SwapAndAverage(Combination):
    """Both orders of a pair are asked, and their verdicts averaged: two that contradict each other are a tie."""

    name = "swap_and_average"
    summary = "both orders, averaged into one verdict; a contradiction is a tie"
    rule = "mean"

    def check(self, protocol: Protocol) -> None:
        """Check that two responses are shown.

        Raises:
            ValueError: They are not.
        """
        if protocol.layout.shows not in {"pair", "joint"}:
            raise ValueError("only a pair can be swapped, and the protocol shows none")

    def members(self, order: str, repeat: int) -> tuple[Member, ...]:
        """The order of the trial, and the other one."""
        return Member(order, repeat), Member(order[::-1], repeat)


class SelfConsistency(Combination):
    """The same request several times, and what most replies say.

    Args:
        k: How many samples; odd, so that two sides cannot be equal.
        temperature: At which they are drawn.
    """

    name = "self_consistency"
    summary = "k samples of the same request, and the majority of their verdicts"

    def __init__(self, *, k: int = 5, temperature: float = 0.7) -> None:
        if not (3 <= k <= 15 and k % 2):
            raise ValueError(f"k is an odd number from 3 to 15, not {k}")
        if not 0 < temperature <= 2:
            raise ValueError(f"the temperature lies above 0 and is at most 2, not {temperature:g}")
        self._k = k
        self.temperature = temperature

    def members(self, order: str, repeat: int) -> tuple[Member, ...]:
        """The samples; those of another repeat are others."""
        return tuple(Member(order, repeat * self._k + sample) for sample in range(self._k))


class OtherJudge(Strict):
    """A judge of a panel with the server that it is asked at."""

    judge: str
    base_url: str | None = None


def _in_full(value: Any) -> Any:
    """A bare spec stands for an entry that names nothing else."""
    return {"judge": value} if isinstance(value, str) else value


class Panel(Combination):
    """The audited judge and others, each asked the same.

    Args:
        judges: The others: specs, or a spec with the address of its server, `{judge: SPEC, base_url: URL}`.
        rule: How their verdicts are combined.
    """

    name = "panel"
    summary = "the judge together with others: the majority of the verdicts, or their mean"

    def __init__(
        self, *, judges: list[Annotated[OtherJudge, BeforeValidator(_in_full)]], rule: Rule = "majority"
    ) -> None:
        told = [OtherJudge.model_validate(_in_full(judge)) for judge in judges]
        self.judges = tuple(other.judge for other in told)
        if not told or len({*self.judges}) < len(told):
            raise ValueError("`judges` names at least one other judge, each once")
        self.addresses = {other.judge: other.base_url for other in told if other.base_url is not None}
        self.rule = rule

    def members(self, order: str, repeat: int) -> tuple[Member, ...]:
        """The audited judge first."""
        return tuple(Member(order, repeat, judge) for judge in (None, *self.judges))
