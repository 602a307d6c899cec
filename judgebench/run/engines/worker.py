"""What a worker of a Ray cluster does: opens its own judge, asks blocks of requests, and gives back every attempt."""

from __future__ import annotations

import asyncio
import pickle
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from judgebench.judges.base import Judge, JudgeFault, Request
from judgebench.judges.factory import open_judge
from judgebench.registry import load_plugin_file
from judgebench.run.attempts import attempt
from judgebench.run.budget import may_be_billed
from judgebench.run.limiter import Limiter
from judgebench.run.prices import Price
from judgebench.run.records import Attempt
from judgebench.run.retry import RetryPolicy

RETRY: Final = RetryPolicy()
_TIMEOUT_S: Final = 120.0


@dataclass(frozen=True, slots=True)
class Work:
    """What a worker is told.

    Attributes:
        spec: The judge's spec; its key comes from the worker's own environment.
        base_url: The address that it was made with.
        plugins: Files to load first.
        price: What tokens cost, if known.
        budgeted: Whether what may have been billed goes back before it is asked again, so that it is set aside anew.
    """

    spec: str
    base_url: str | None
    plugins: tuple[Path, ...]
    price: Price | None
    budgeted: bool = False


class Worker:
    """An actor that asks; Ray Data calls it with several blocks at a time.

    Args:
        work: What to ask with.
        max_concurrency: Requests in flight at most.
    """

    def __init__(self, work: Work, max_concurrency: int) -> None:
        self._work = work
        self._limiter = Limiter()
        self._limiter.join(max_concurrency)
        self._opening = asyncio.Lock()
        self._judge: Judge | None = None

    async def __call__(self, batch: dict[str, Any]) -> AsyncIterator[dict[str, Any]]:
        """Ask a block of pickled (request, attempts so far), and give the pickled attempts of each."""
        judge = await self._opened()
        # pickled by the process that made this one
        asked: list[tuple[Request, int]] = [pickle.loads(packed) for packed in batch["request"]]  # noqa: S301
        made = await asyncio.gather(*(self._settle(judge, request, before) for request, before in asked))
        yield {"attempts": [pack(attempts) for attempts in made]}

    async def _opened(self) -> Judge:
        """The judge, opened by the first block; it stays open as long as the worker lives."""
        async with self._opening:
            if self._judge is None:
                for file in self._work.plugins:
                    load_plugin_file(file)
                judge = open_judge(self._work.spec, base_url=self._work.base_url)
                self._judge = await judge.__aenter__()
            return self._judge

    async def _settle(self, judge: Judge, request: Request, before: int) -> list[Attempt]:
        """All attempts until the request is answered, given up, or must go back."""
        attempts: list[Attempt] = []
        while True:
            made = await self._attempt(judge, request, before + len(attempts) + 1)
            attempts.append(made)
            if made.fault is None or (self._work.budgeted and may_be_billed(made.fault)):
                return attempts
            delay = RETRY.delay(made.fault, made.number)
            if delay is None:
                return attempts
            await asyncio.sleep(delay)

    async def _attempt(self, judge: Judge, request: Request, number: int) -> Attempt:
        network = judge.capabilities.network
        ticket = await self._limiter.acquire(again=number > 1) or 0
        fault: JudgeFault | None = JudgeFault("transient", "not sent")
        try:
            made = await attempt(
                judge, request, number, timeout_s=_TIMEOUT_S if network else None, price=self._work.price
            )
            fault = made.fault
        finally:
            self._limiter.release(ticket, fault)
        return made


def pack(attempts: Sequence[Attempt]) -> bytes:
    """Attempts as bytes: a fault as its parts, and headers as a plain mapping, for neither can be pickled."""
    return pickle.dumps([_plain(made) for made in attempts])


def unpack(packed: bytes) -> list[Attempt]:
    """The attempts that `pack` made bytes of."""
    return [
        replace(made, fault=None if parts is None else _fault(*parts))
        for made, parts in pickle.loads(packed)  # noqa: S301  # a worker of ours made it
    ]


def _plain(made: Attempt) -> tuple[Attempt, tuple[Any, ...] | None]:
    if made.fault is not None:
        fault = made.fault
        return replace(made, fault=None), (fault.kind, str(fault), fault.status, fault.retry_after)
    if made.reply is not None:
        return replace(made, reply=replace(made.reply, headers=dict(made.reply.headers))), None
    return made, None


def _fault(kind: Any, message: str, status: int | None, retry_after: float | None) -> JudgeFault:
    return JudgeFault(kind, message, status=status, retry_after=retry_after)
