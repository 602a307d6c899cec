"""A few pieces of work to each turn of the event loop: what has come goes before what is to be sent."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final

_SPREAD: Final = 0.5
"""Of the distance at which so many in flight would be sent for ever: what was held up catches up at twice the rate."""
_FINEST_S: Final = 0.0001
"""Where less lies between two callers, waiting costs more than it spreads: a timer waits a millisecond at least."""
_NEWEST: Final = 0.1
"""The weight of the last answer in the mean latency."""


class Turns:
    """Lets `per_turn` callers go on in each turn of the loop, and none after a turn in which more answers came.

    An answer that lies unread in its socket is lost to kill -9 and asked again. How many lie there is seen from
    inside: it is about as many as are found in a turn of the loop. While no more come than `per_turn`, nothing
    waits; when the process is slower than its judge, what is sent falls behind what comes until no more is in
    flight than can be read in time. More in flight would gain nothing then, since the process is the bottleneck.

    What is sent together is answered together, wave after wave, more than can be read at once; so callers are also
    spread over the time that an answer takes, see `spread`.

    Args:
        per_turn: How many may go on in a turn.
        keep: Makes durable what came in a turn, all at once and before anything else is done.
    """

    def __init__(self, per_turn: int, keep: Callable[[], None]) -> None:
        self._per_turn = per_turn
        self._keep = keep
        self._left = per_turn
        self._came = 0
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._after: list[asyncio.Future[None]] = []
        self._ticking = False
        self._failed: Exception | None = None
        self._latency_s = 0.0
        self._every_s = 0.0
        self._due = 0.0

    def spread(self, latency_s: float, in_flight: int) -> None:
        """Let callers go on at even distances from now on, twice as close as so many in flight need.

        Args:
            latency_s: Seconds that an answer takes.
            in_flight: How many requests are in flight at most.
        """
        known = self._latency_s or latency_s
        self._latency_s = known + _NEWEST * (latency_s - known)
        every_s = _SPREAD * self._latency_s / in_flight
        self._every_s = every_s if every_s >= _FINEST_S else 0.0

    def came(self) -> None:
        """An answer has come in this turn."""
        self._came += 1
        self._tick_soon()

    async def kept(self) -> None:
        """Go on once what came in this turn is kept.

        Raises:
            Exception: What keeping anything has raised.
        """
        if self._came:
            waiter = asyncio.get_running_loop().create_future()
            self._after.append(waiter)
            await waiter
        if self._failed is not None:
            raise self._failed

    async def take(self) -> None:
        """Go on now, or in a later turn, in the order of the calls."""
        self._tick_soon()
        loop = asyncio.get_running_loop()
        if not self._came and not self._waiting and self._may_go(loop.time()):
            return
        waiter = loop.create_future()
        self._waiting.append(waiter)
        await waiter

    def _tick_soon(self) -> None:
        if not self._ticking:
            self._ticking = True
            asyncio.get_running_loop().call_soon(self._tick)

    def _may_go(self, now: float) -> bool:
        """Whether one more may go on at that moment, which then counts as gone."""
        if self._left <= 0 or now < self._due:
            return False
        self._left -= 1
        # timers are late by a millisecond or so: a few that are overdue may go together
        self._due = max(self._due, now - self._per_turn * self._every_s) + self._every_s
        return True

    def _tick(self) -> None:
        self._ticking = False
        busy = self._came > 0 or self._left < self._per_turn
        if self._came:
            try:
                self._keep()
            except Exception as error:  # noqa: BLE001  # such as a full disk: the loop would log it, `kept` raises it
                self._failed = error
        self._left = self._per_turn if self._came <= self._per_turn else 0
        self._came = 0
        loop = asyncio.get_running_loop()
        now = loop.time()
        while self._waiting and (self._waiting[0].done() or self._may_go(now)):
            _go_on(self._waiting.popleft())
        for waiter in self._after:
            _go_on(waiter)
        self._after.clear()
        if busy or (self._waiting and now >= self._due):
            self._tick_soon()
        elif self._waiting:
            loop.call_at(self._due, self._tick_soon)


def _go_on(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_result(None)
