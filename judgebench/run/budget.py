"""A guard that stops a run before it spends more than it may."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from enum import Enum, auto
from typing import Final

from judgebench.errors import InputError
from judgebench.judges.base import JudgeFault, Request, Sampling, Usage
from judgebench.protocols.messages import Message
from judgebench.run.prices import Price
from judgebench.run.store import Store

_AROUND: Final = 16
_FORM: Final = 1024


class Room(Enum):
    """Whether a request fits into the budget."""

    YES = auto()
    NOT_YET = auto()
    """Only if what is in flight turns out to cost less than was set aside for it."""
    NO = auto()


def largest_usage(messages: Sequence[Message], max_tokens: int, *, constrained: bool) -> Usage:
    """The most tokens that a chat takes: a byte of prompt to the token, and all tokens of the answer.

    No tokenizer makes a token of less than a byte; English has about four bytes to the token. On top of them come the
    few that a provider puts around each message, and those in which it describes the form of a constrained reply; all
    may be written to its cache.
    """
    prompt = sum(len(m.content.encode(errors="replace")) + _AROUND for m in messages)
    prompt += _FORM if constrained else 0
    return Usage(prompt=prompt, completion=max_tokens, written=prompt)


def largest_cost(request: Request, price: Price) -> float:
    """USD that a request costs at most."""
    most = request.sampling.max_tokens
    return price.cost(largest_usage(request.messages, most, constrained=request.contract.constrained))


def spent_usd(store: Store, price: Price | None, sampling: Sampling) -> float:
    """USD that a run has spent in all its processes, counting in full what may have been billed and bears no cost.

    What was in flight when a process was killed has left no trace and is not counted.
    """
    spent = store.totals().cost_usd or 0.0
    if price is None:
        return spent
    for messages, usage in store.unsettled():
        most = largest_usage(messages, sampling.max_tokens, constrained=True)
        spent += price.cost(usage or most)
    return spent


def may_be_billed(fault: JudgeFault) -> bool:
    """Whether a request without an answer may have been answered at the provider: it broke off, or was cut short."""
    return fault.status is None or fault.status == 200


class BudgetGuard:
    """Sets aside the largest cost of each request in flight, so that the sum never exceeds the budget.

    Args:
        budget_usd: What the run may spend over all its processes.
        price: The price of the judge's tokens.
        spent_usd: What it has spent already.

    Raises:
        InputError: The price is unknown, or the budget is not positive.
    """

    def __init__(self, budget_usd: float, price: Price | None, spent_usd: float = 0.0) -> None:
        if price is None:
            raise InputError(
                "a budget was given, but the price of this judge is unknown",
                expected="a price for it in the file that the environment variable JUDGEBENCH_PRICES names",
            )
        if not budget_usd > 0:
            raise InputError(f"the budget is {budget_usd:g} USD", expected="more than 0")
        self._budget = budget_usd
        self._price = price
        self._spent = spent_usd
        self._reserved = 0.0
        self._settled = asyncio.Event()

    @property
    def spent_usd(self) -> float:
        """What was spent, counting as spent in full an attempt whose fate is unknown."""
        return self._spent

    def reserve(self, request: Request) -> Room:
        """Set the largest cost of a request aside if there is room; with `NOT_YET`, wait for `settled`."""
        largest = largest_cost(request, self._price)
        if self._spent + self._reserved + largest <= self._budget:
            self._reserved += largest
            return Room.YES
        if self._reserved > 0 and self._spent + largest <= self._budget:
            self._settled.clear()
            return Room.NOT_YET
        return Room.NO

    def hold(self, usd: float) -> None:
        """Set aside what an earlier process has sent and no one knows the cost of yet, room or not."""
        self._reserved += usd

    def conclude(self, held_usd: float, spent_usd: float) -> None:
        """Replace what was set aside for a whole batch by what it cost."""
        self._reserved = max(0.0, self._reserved - held_usd)
        self._spent += spent_usd
        self._settled.set()

    async def settled(self) -> None:
        """Wait until something in flight has ended."""
        await self._settled.wait()

    def settle(self, request: Request, cost_usd: float | None, fault: JudgeFault | None = None) -> None:
        """Replace what was set aside by what it cost.

        A request that timed out or broke off may have been answered and billed, so all of its share stays
        spent; one that the provider refused with a status costs nothing.
        """
        largest = largest_cost(request, self._price)
        self._reserved = max(0.0, self._reserved - largest)
        if fault is not None:
            self._spent += largest if may_be_billed(fault) else 0.0
        else:
            self._spent += largest if cost_usd is None else cost_usd
        self._settled.set()
