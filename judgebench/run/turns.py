"""A few pieces of work to each turn of the event loop: what has come goes before what is to be sent."""

from __future__ import annotations

import asyncio
from collections import deque


class Turns:
    """Lets `per_turn` callers go on in each turn of the loop, fewer after a turn in which answers came.

    An answer that lies unread in its socket is lost to kill -9 and asked again. How many lie there is seen from
    inside: it is about as many as are found in a turn of the loop. So each answer takes the place of a caller in
    the next turn. While fewer come than `per_turn`, nothing waits; when the process is slower than its judge,
    what is sent falls behind what comes until no more is in flight than can be read in time. More in flight would
    gain nothing then, since the process is the bottleneck.
    """

    def __init__(self, per_turn: int) -> None:
        self._per_turn = per_turn
        self._left = per_turn
        self._came = 0
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._ticking = False

    def came(self) -> None:
        """An answer has come in this turn."""
        self._came += 1
        self._tick_soon()

    async def take(self) -> None:
        """Go on now, or in a later turn, in the order of the calls."""
        self._tick_soon()
        if self._left > 0:
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
        self._left = max(0, self._per_turn - self._came)
        self._came = 0
        while self._waiting and self._left > 0:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(None)
                self._left -= 1
        if busy or self._waiting:
            self._tick_soon()
