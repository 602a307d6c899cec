"""How many requests are in flight: as many as the provider bears, found out by asking.

The limit starts low and grows by 1 with each answer, which doubles it in a round (as many answers as the
limit), until the first refusal (429 or overload). A refusal cuts it to 80 %, once for all that were in flight
when the cut came; after that a clean round adds 5 %, at least 1, and only if the limit was reached in it,
since a limit that nothing presses against says nothing. A refused request waits as long as the provider asks
for; only when several in a row are refused, with no answer between them, does everything wait, so that a
stray refusal holds up no other request.

Judges of one account share a limiter, one after the other or at the same time: what the first has found out about
the account the next need not find out again.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from typing import Final

from judgebench.judges.base import JudgeFault

_CUT: Final = 0.8
_GROWTH: Final = 1.05
_WALL: Final = 3


@dataclass(frozen=True, slots=True)
class _Waiter:
    """Somebody who waits for a slot."""

    owner: object
    slot: asyncio.Future[int | None]


class Limiter:
    """Slots for requests in flight; `join` says how many at most.

    Args:
        start: The limit at first; by default half of the first bound, and 8 at least.
    """

    def __init__(self, start: int | None = None) -> None:
        self._bounds: list[int] = []
        self._most = 0.0
        self._limit = float(start or 0)
        self._slow_start = True
        self._in_flight = 0
        self._clean = 0
        self._pressed = False
        self._epoch = 0
        self._refusals = 0
        self._hold_until = 0.0
        self._waiting: deque[_Waiter] = deque()

    def join(self, most: int) -> None:
        """Bound the limit for somebody who uses it; of several bounds the largest holds."""
        self._limit = self._limit or float(max(8, most // 2))
        self._bounds.append(most)
        self._bound()

    def leave(self, most: int) -> None:
        """Take a bound of `join` away."""
        self._bounds.remove(most)
        self._bound()

    def _bound(self) -> None:
        if self._bounds:
            self._most = float(max(self._bounds))
            self._limit = max(1.0, min(self._limit, self._most))

    @property
    def limit(self) -> int:
        """How many requests may be in flight now."""
        return int(self._limit)

    @property
    def in_flight(self) -> int:
        """How many are."""
        return self._in_flight

    async def acquire(self, owner: object = None, *, again: bool = False) -> int | None:
        """Wait for a slot; a request that is asked again goes before new ones.

        Args:
            owner: Who asks, for `dismiss`.
            again: Whether the request was sent before.

        Returns:
            A ticket for `release`; None if the owner was dismissed meanwhile.
        """
        if not self._waiting and self._free() > 0:
            return self._take()
        loop = asyncio.get_running_loop()
        if loop.time() < self._hold_until:
            # what held everything may have been of another loop
            loop.call_at(self._hold_until, self._wake)
        waiter: asyncio.Future[int | None] = loop.create_future()
        (self._waiting.appendleft if again else self._waiting.append)(_Waiter(owner, waiter))
        try:
            return await waiter
        except asyncio.CancelledError:
            # the slot may have come in the same instant: it goes to the next
            if waiter.done() and not waiter.cancelled() and waiter.result() is not None:
                self._in_flight -= 1
                self._wake()
            raise

    def release(self, ticket: int, fault: JudgeFault | None = None) -> None:
        """Give a slot back; a fault other than a refusal says nothing about the limit."""
        self._in_flight -= 1
        if fault is None:
            self._succeed()
        elif fault.kind in {"rate_limit", "overloaded"}:
            self._refuse(ticket, fault.retry_after)
        self._wake()

    def dismiss(self, owner: object) -> None:
        """Let all that wait for this owner go without a slot."""
        gone = [waiter for waiter in self._waiting if waiter.owner is owner]
        self._waiting = deque(waiter for waiter in self._waiting if waiter.owner is not owner)
        for waiter in gone:
            _give(waiter.slot, None)

    def _refuse(self, ticket: int, retry_after: float | None) -> None:
        self._refusals += 1
        if ticket == self._epoch:
            self._limit = max(1.0, self._limit * _CUT)
            self._epoch += 1
            self._slow_start = False
            self._clean, self._pressed = 0, False
        if self._refusals >= _WALL and retry_after:
            loop = asyncio.get_running_loop()
            self._hold_until = max(self._hold_until, loop.time() + retry_after)
            loop.call_at(self._hold_until, self._wake)

    def _succeed(self) -> None:
        self._refusals = 0
        self._clean += 1
        if self._slow_start and self._pressed:
            self._limit = min(self._limit + 1, self._most)
        if self._clean < int(self._limit):
            return
        if self._pressed and not self._slow_start:
            self._limit = min(max(self._limit + 1, self._limit * _GROWTH), self._most)
        self._clean, self._pressed = 0, self._in_flight + 1 >= int(self._limit)

    def _free(self) -> int:
        if self._hold_until and asyncio.get_running_loop().time() < self._hold_until:
            return 0
        return int(self._limit) - self._in_flight

    def _take(self) -> int:
        self._in_flight += 1
        self._pressed = self._pressed or self._in_flight >= int(self._limit)
        return self._epoch

    def _wake(self) -> None:
        while self._waiting and self._free() > 0:
            slot = self._waiting.popleft().slot
            if not slot.done():
                _give(slot, self._take())


def _give(slot: asyncio.Future[int | None], ticket: int | None) -> None:
    if not slot.done():
        slot.set_result(ticket)
