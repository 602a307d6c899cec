"""A few pieces of work to each turn of the event loop: what has come goes before what is to be sent."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable


class Turns:
    """Lets `per_turn` callers go on in each turn of the loop, and none after a turn in which more answers came.

    An answer that lies unread in its socket is lost to kill -9 and asked again. How many lie there is seen from
    inside: it is about as many as are found in a turn of the loop. While no more come than `per_turn`, nothing
    waits; when the process is slower than its judge, what is sent falls behind what comes until no more is in
    flight than can be read in time. More in flight would gain nothing then, since the process is the bottleneck.

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

    def came(self) -> None:
        """An answer has come in this turn."""
        self._came += 1
        self._tick_soon()

    async def kept(self) -> None:
        """Go on once what came in this turn is kept."""
        if self._came:
            waiter = asyncio.get_running_loop().create_future()
            self._after.append(waiter)
            await waiter

    async def take(self) -> None:
        """Go on now, or in a later turn, in the order of the calls."""
        self._tick_soon()
        if self._left > 0 and not self._came:
            self._left -= 1
            return
        waiter = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        await waiter

    def _tick_soon(self) -> None:
        if not self._ticking:
            self._ticking = True
            asyncio.get_running_loop().call_soon(self._tick)

    def _tick(self) -> None:
        self._ticking = False
        busy = self._came > 0 or self._left < self._per_turn
        if self._came:
            self._keep()
        self._left = self._per_turn if self._came <= self._per_turn else 0
        self._came = 0
        while self._waiting and self._left > 0:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(None)
                self._left -= 1
        for waiter in self._after:
            if not waiter.done():
                waiter.set_result(None)
        self._after.clear()
        if busy or self._waiting:
            self._tick_soon()
