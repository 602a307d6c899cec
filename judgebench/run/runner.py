"""Asking a judge all that has no answer yet: bounded, paced, retried, stored, resumable at any point."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final, Literal

from judgebench.judges.base import Judge, JudgeFault, Reply, Request
from judgebench.protocols.reading import PARSER_VERSION, Reading
from judgebench.run.accounts import Account
from judgebench.run.attempts import attempt
from judgebench.run.budget import BudgetGuard, Room
from judgebench.run.flags import Flags
from judgebench.run.order import LeadersFirst
from judgebench.run.prices import Price
from judgebench.run.progress import Progress
from judgebench.run.records import Attempt, VerdictRow
from judgebench.run.retry import RetryPolicy
from judgebench.run.store import Store
from judgebench.run.turns import Turns

Stopped = Literal["interrupted", "budget", "refused"]

_YIELD_EVERY: Final = 20
_PER_TURN: Final = 3
_ASIDE: Final = 8
_SAVE_EVERY_S: Final = 0.02
_HOPELESS: Final = frozenset({401, 403, 404})


@dataclass(frozen=True, slots=True)
class RunnerOptions:
    """How to ask; nothing here can change an answer.

    Attributes:
        max_concurrency: Requests in flight at most.
        timeout_s: Seconds an attempt may take.
        retry: When to ask again.
        price: What the judge's tokens cost, if known.
        budget: Stops the run before it spends too much, if given.
        hopeless_after: The run stops when this many requests have failed with the same 401, 403 or 404 and
            none has been answered.
        grace_s: Seconds that requests in flight are given to end after `stop` is set.
        rpm: Requests a minute at most; None: as many as the provider bears.
        tpm: Tokens a minute at most, of prompts and answers.
        account: What bounds and paces the requests, shared by those that ask from the same account.
    """

    max_concurrency: int = 64
    timeout_s: float = 120.0
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    price: Price | None = None
    budget: BudgetGuard | None = None
    hopeless_after: int = 20
    grace_s: float = 5.0
    rpm: float | None = None
    tpm: float | None = None
    account: Account = field(default_factory=Account)


@dataclass(slots=True)
class Outcome:
    """What came of asking.

    Attributes:
        answered: Requests answered now.
        skipped: Requests that had their answer before.
        duplicates: Requests that were given more than once.
        failed: Requests given up after retries or for good.
        retries: Attempts after the first.
        stopped: Why not everything was asked; None if it was.
        message: What to tell the user about that, or about failures that all have the same cause.
    """

    answered: int = 0
    skipped: int = 0
    duplicates: int = 0
    failed: int = 0
    retries: int = 0
    stopped: Stopped | None = None
    message: str = ""


async def ask_all(
    judge: Judge,
    requests: Iterable[Request],
    store: Store,
    *,
    read: Callable[[Reply, Request], Reading],
    progress: Progress,
    options: RunnerOptions | None = None,
    stop: asyncio.Event | None = None,
) -> Outcome:
    """Ask whatever has no answer in the store, once, and store what comes.

    The requests are taken a few ahead of the free slots, so memory does not depend on how many there are; each is
    entered in the store before it is sent. The answers that come in a turn of the event loop are committed before
    anything else is done, so that kill -9 loses what is in flight and next to nothing else. What cannot be read
    as a verdict is an answer like any other and is never asked again; faults of transport are, by
    `options.retry`. One failure never ends the run.

    Args:
        judge: The judge, open.
        requests: What to ask, more or less in the order of asking: see `LeadersFirst`.
        store: Where answers, attempts and verdicts go.
        read: Reads the verdict in an answer.
        progress: Is told of each request.
        options: How to ask.
        stop: Ends the run when set; it continues from there another time.

    Raises:
        Exception: What the iterable or `read` raises; all that was answered is in the store.
    """
    told = options or RunnerOptions()
    run = _Run(judge, requests, store, read, progress, told)
    with told.account.used(told.max_concurrency, told.rpm, told.tpm):
        return await run.until_done(stop or asyncio.Event())


class _Run:
    """The state of one `ask_all`."""

    def __init__(
        self,
        judge: Judge,
        requests: Iterable[Request],
        store: Store,
        read: Callable[[Reply, Request], Reading],
        progress: Progress,
        options: RunnerOptions,
    ) -> None:
        self._judge = judge
        self._store = store
        self._read = read
        self._progress = progress
        self._options = options
        self._network = judge.capabilities.network
        self._costly = self._network or judge.capabilities.gathers
        self._limiter = options.account.limiter
        self._pace = options.account.pace
        self._turns = Turns(_PER_TURN, store.commit)
        self._fresh = self._unanswered(requests)
        most = options.max_concurrency
        self._order = LeadersFirst(self._fresh, ahead=most, most=_ASIDE * most)
        self._outcome = Outcome()
        self._halted = asyncio.Event()
        self._save_by = 0.0
        self._same_fault: tuple[int, int, str] = (0, 0, "")

    async def until_done(self, stop: asyncio.Event) -> Outcome:
        """Run the workers to the end, or to a halt."""
        # twice as many workers as slots, so that those that wait to ask again leave no slot empty
        most = self._options.max_concurrency
        count = 2 * most if self._network else most if self._judge.capabilities.gathers else 1
        workers = [asyncio.create_task(self._work()) for _ in range(count)]
        watcher = asyncio.create_task(self._watch(stop, workers))
        try:
            done, _ = await asyncio.wait(workers, return_when=asyncio.FIRST_EXCEPTION)
            for worker in done:
                if not worker.cancelled() and (error := worker.exception()) is not None:
                    raise error
        finally:
            for task in (watcher, *workers):
                task.cancel()
            await asyncio.gather(watcher, *workers, return_exceptions=True)
            self._store.commit()
        self._explain_failures()
        return self._outcome

    async def _watch(self, stop: asyncio.Event, workers: list[asyncio.Task[None]]) -> None:
        """Halt when `stop` is set; what is in flight after the time of grace is left for another time."""
        await stop.wait()
        self._halt("interrupted", "interrupted")
        await asyncio.sleep(self._options.grace_s)
        for worker in workers:
            worker.cancel()

    def _halt(self, why: Stopped, message: str) -> None:
        if self._outcome.stopped is None:
            self._outcome.stopped, self._outcome.message = why, message
        self._halted.set()
        self._order.close()
        self._limiter.dismiss(self)

    def _unanswered(self, requests: Iterable[Request]) -> Iterator[Request | None]:
        """The requests to ask, each once, entered in the store; None now and then, to let others run."""
        seen = Flags()
        for count, request in enumerate(requests, 1):
            number = self._store.register(request)
            if number in seen:
                self._outcome.duplicates += 1
                self._progress.skipped()
            elif self._store.has_answer(number):
                self._outcome.skipped += 1
                self._progress.skipped()
            else:
                yield request
            seen.add(number)
            if count % _YIELD_EVERY == 0:
                yield None

    async def _work(self) -> None:
        """Ask one request after the other, as long as there are any."""
        if self._network:
            while (request := await self._next()) is not None:
                await self._settle(request)
            return
        for fresh in self._fresh:
            if self._halted.is_set():
                return
            if fresh is None:
                await asyncio.sleep(0)
            else:
                await self._settle(fresh)

    async def _next(self) -> Request | None:
        """The next request to send; None when there are no more, or the run was halted."""
        while not self._halted.is_set():
            await self._turns.kept()
            request = self._order.next()
            if request is not None or self._order.ended:
                return request
            await self._turns.take()
            await self._order.changed()
        return None

    async def _settle(self, request: Request) -> None:
        """Ask until the request is answered, given up, or the run is halted."""
        number = 1
        while (made := await self._attempt(request, number)) is not None:
            if made.reply is not None:
                self._same_fault = (0, 0, "")
                return
            fault = made.fault or JudgeFault("fatal", "no fault was recorded")
            delay = self._options.retry.delay(fault, number)
            if delay is None:
                self._give_up(fault)
                return
            self._progress.retried()
            if await self._pause(delay):
                return
            self._outcome.retries += 1
            number += 1

    async def _attempt(self, request: Request, number: int) -> Attempt | None:
        """Send once with a slot and room in the budget; None if the run was halted first."""
        if not self._network:
            return await self._send(request, number, None) if await self._afford(request) else None
        if self._halted.is_set() or (ticket := await self._limiter.acquire(self, again=number > 1)) is None:
            return None
        fault: JudgeFault | None = JudgeFault("transient", "not sent")
        try:
            wait_s = self._pace.take(request, time.monotonic())
            if (wait_s and await self._pause(wait_s)) or not await self._afford(request):
                return None
            await self._turns.take()
            made = await self._send(request, number, self._options.timeout_s)
            fault = made.fault
        finally:
            self._limiter.release(ticket, fault)
        self._order.answered(request)
        if made.reply is not None:
            self._turns.spread(made.latency_s, self._limiter.limit)
            self._pace.settle(request, made.reply, time.monotonic())
        return made

    async def _send(self, request: Request, number: int, timeout_s: float | None) -> Attempt:
        """Send once and keep what comes of it."""
        made = await attempt(self._judge, request, number, timeout_s=timeout_s, price=self._options.price)
        self._keep(request, made)
        return made

    async def _afford(self, request: Request) -> bool:
        """Set the cost aside, waiting for what is in flight if need be; halt when there is no room."""
        budget = self._options.budget
        while budget is not None and (room := budget.reserve(request)) is not Room.YES:
            if room is Room.NO:
                self._halt(
                    "budget", f"the next request may exceed the budget: {budget.spent_usd:.4f} USD are spent"
                )
                return False
            await budget.settled()
            if self._halted.is_set():
                return False
        return True

    async def _pause(self, delay_s: float) -> bool:
        """Wait before asking again; True if the run was halted meanwhile."""
        if delay_s > 0 and not self._halted.is_set():
            try:
                async with asyncio.timeout(delay_s):
                    await self._halted.wait()
            except TimeoutError:
                return False
        return self._halted.is_set()

    def _keep(self, request: Request, made: Attempt) -> None:
        """Store an attempt, and the verdict in its answer; soon, unless asking again costs nothing."""
        self._store.append(made)
        if self._options.budget is not None:
            self._options.budget.settle(request, made.cost_usd, made.fault)
        if made.reply is not None:
            found = self._read(made.reply, request)
            self._store.put_verdicts([VerdictRow.of(request.key, PARSER_VERSION, found)])
            self._outcome.answered += 1
            self._progress.answered(made.cost_usd)
        if self._network:
            self._turns.came()
        elif self._costly:
            self._store.commit()
        elif (now := time.monotonic()) >= self._save_by:
            self._save_by = now + _SAVE_EVERY_S
            self._store.commit()

    def _give_up(self, fault: JudgeFault) -> None:
        """Count a failure; a run in which nothing but the same refusal has come back is halted."""
        self._outcome.failed += 1
        self._progress.failed()
        status, count, _ = self._same_fault
        count = count + 1 if fault.status == status else 1
        self._same_fault = (fault.status or 0, count, str(fault))
        hopeless = fault.status in _HOPELESS and self._outcome.answered == 0
        if hopeless and count >= self._options.hopeless_after:
            self._halt("refused", f"the first {count} requests all failed alike: {fault}")

    def _explain_failures(self) -> None:
        _, count, text = self._same_fault
        if not self._outcome.message and count and self._outcome.answered == 0:
            self._outcome.message = f"no request was answered; the last fault: {text}"
