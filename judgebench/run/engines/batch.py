"""Asking through a provider's batch service: handed in, waited for, collected, and asked again where that can help.

A batch is written into the store before it is handed in, and its id as soon as it comes back, so that any process can
go on from any moment. Answers go into the same store under the same keys as those of the runner.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from judgebench.judges.base import JudgeFault, Reply, Request
from judgebench.judges.batches import BatchService, BatchState
from judgebench.protocols.messages import OutputContract
from judgebench.protocols.reading import Reading
from judgebench.run.budget import BudgetGuard, Room, largest_cost
from judgebench.run.engines.chunk import Chunk
from judgebench.run.engines.collect import Collector
from judgebench.run.flags import Flags
from judgebench.run.jobs import Job, Jobs
from judgebench.run.prices import Price
from judgebench.run.progress import Progress
from judgebench.run.retry import RetryPolicy
from judgebench.run.runner import Outcome, Stopped
from judgebench.run.store import Store

_YIELD_EVERY: Final = 500
_SLOWER: Final = 1.5
_MOST_HALVINGS: Final = 16


@dataclass(frozen=True, slots=True)
class BatchOptions:
    """How to ask in batches; nothing here can change an answer.

    Attributes:
        price: What the judge's tokens cost in a batch, if known.
        budget: Holds back what may cost too much, if given; its price is that of a batch too.
        rounds: How often a request is handed in at most.
        retry: When a call to the service is made again.
        first_poll_s: Seconds until the first look at a batch; the next are up to `slowest_poll_s` apart.
        slowest_poll_s: The longest time between two looks.
        patience: Looks in a row that may bring no answer.
        largest: Requests in a batch at most, if the provider's own limit is not to be used.
    """

    price: Price | None = None
    budget: BudgetGuard | None = None
    rounds: int = 3
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    first_poll_s: float = 5.0
    slowest_poll_s: float = 60.0
    patience: int = 30
    largest: int | None = None


async def ask_in_batches(
    service: BatchService,
    requests: Callable[[], Iterable[Request]],
    store: Store,
    *,
    read: Callable[[OutputContract, Reply], Reading],
    progress: Progress,
    options: BatchOptions | None = None,
    stop: asyncio.Event | None = None,
) -> Outcome:
    """Ask whatever has no answer in the store in batches, and store what comes.

    Batches that an earlier process handed in are waited for first of all and never handed in again. What failed in a
    way that asking again can help, such as a batch that expired half done, goes into the next batch.

    Args:
        service: The provider's batch service.
        requests: Gives what to ask, as often as it is called.
        store: Where batches, answers, attempts and verdicts go.
        read: Reads the verdict in an answer.
        progress: Is told of each request.
        options: How to ask.
        stop: Ends the waiting when set; batches go on at the provider, and the run from there another time.
    """
    run = _Run(service, requests, store, read, progress, options or BatchOptions(), stop or asyncio.Event())
    return await run.until_done()


async def collect_ended(
    service: BatchService,
    store: Store,
    *,
    read: Callable[[OutputContract, Reply], Reading],
    progress: Progress,
    options: BatchOptions,
) -> None:
    """Take in the batches of an earlier process that have ended; hand nothing in and wait for nothing."""
    run = _Run(service, lambda: (), store, read, progress, options, asyncio.Event())
    await run.look()


class _Run:
    """The state of one `ask_in_batches`."""

    def __init__(
        self,
        service: BatchService,
        requests: Callable[[], Iterable[Request]],
        store: Store,
        read: Callable[[OutputContract, Reply], Reading],
        progress: Progress,
        options: BatchOptions,
        stop: asyncio.Event,
    ) -> None:
        self._service = service
        self._requests = requests
        self._store = store
        self._jobs: Jobs = store.jobs
        self._progress = progress
        self._options = options
        self._stop = stop
        self._outcome = Outcome()
        self._collector = Collector(service, store, read, progress, self._outcome, options.price)
        self._round = 1
        self._halvings = 0
        self._crowded = False
        self._silent = 0
        for job in self._jobs.open():
            if options.budget is not None:
                options.budget.hold(job.held_usd)

    async def until_done(self) -> Outcome:
        """Hand in, wait and collect, round by round, until nothing is left that another round could answer."""
        while self._outcome.stopped is None:
            self._crowded = False
            self._collector.begin_round(self._round, last=self._round >= self._options.rounds)
            await self._hand_in_all()
            await self._wait()
            if not (self._collector.again or self._crowded) or self._outcome.stopped is not None:
                break
            self._round += 0 if self._crowded else 1
        self._explain()
        return self._outcome

    async def look(self) -> bool:
        """Look at every open batch once and collect those that have ended; whether there were any."""
        moved, done = False, 0
        for job in self._jobs.open():
            if self._is_over():
                break
            named = await self._named(job)
            state = None if named is None else await self._state(named)
            if named is not None and state is not None:
                done += state.done
                if state.ended:
                    moved |= await self._finish(named, state)
        open_jobs = self._jobs.open()
        waiting = sum(job.size for job in open_jobs)
        self._progress.note(
            f"{len(open_jobs)} batches, {min(done, waiting)} of {waiting} done there" if open_jobs else ""
        )
        return moved

    def _halt(self, why: Stopped, message: str) -> None:
        if self._outcome.stopped is None:
            self._outcome.stopped, self._outcome.message = why, message

    def _unanswered(self) -> Iterator[tuple[int, Request] | None]:
        """The requests to hand in now, each once, with their numbers; None now and then, to let others run."""
        seen, flying = Flags(), Flags(self._jobs.in_flight())
        first = self._round == 1 and not self._halvings
        for count, request in enumerate(self._requests(), 1):
            number = self._store.register(request)
            if number in seen:
                self._outcome.duplicates += first
            elif self._store.has_answer(number):
                if first:
                    self._outcome.skipped += 1
                    self._progress.skipped()
            elif number not in flying and number not in self._collector.given_up:
                yield number, request
            seen.add(number)
            if count % _YIELD_EVERY == 0:
                yield None

    async def _hand_in_all(self) -> None:
        """Cut what is to be asked into batches that the provider and the budget have room for."""
        chunk = self._chunk()
        for found in self._unanswered():
            if self._is_over():
                break
            if found is None:
                await asyncio.sleep(0)
                continue
            number, request = found
            entry = self._service.entry(request)
            if not chunk.fits(entry):
                chunk = await self._hand_in(chunk)
            while (room := self._room(request)) is Room.NOT_YET:
                chunk = await self._hand_in(chunk)
                await self._wait()
                if self._is_over():
                    return
            if room is Room.NO:
                self._halt("budget", self._over_budget())
                break
            chunk.add(number, entry, self._largest(request))
        if not self._is_over():
            await self._hand_in(chunk)

    def _chunk(self) -> Chunk:
        limits = self._service.limits
        most = min(limits.requests, self._options.largest or limits.requests)
        return Chunk(max(1, most >> self._halvings), limits.size)

    def _room(self, request: Request) -> Room:
        return Room.YES if self._options.budget is None else self._options.budget.reserve(request)

    def _largest(self, request: Request) -> float:
        return 0.0 if self._options.price is None else largest_cost(request, self._options.price)

    def _over_budget(self) -> str:
        spent = 0.0 if self._options.budget is None else self._options.budget.spent_usd
        return f"the next request may exceed the budget: {spent:.4f} USD are spent"

    async def _hand_in(self, chunk: Chunk) -> Chunk:
        """Hand a chunk in, unless it is empty, and give an empty one."""
        if chunk.numbers:
            job = self._jobs.begin(chunk.numbers, chunk.held_usd)
            number = 1
            while not await self._submit(job, chunk, number):
                number += 1
        return self._chunk()

    async def _submit(self, job: Job, chunk: Chunk, number: int) -> bool:
        """Make one call that hands a batch in; False if another is to be made."""
        try:
            self._jobs.name(job, await self._service.submit(chunk.entries, job.mark))
        except JudgeFault as fault:
            # what broke off may have arrived; what was refused has not
            if fault.status is None and await self._found(job) is not None:
                return True
            delay = self._options.retry.delay(fault, number)
            if delay is not None:
                return await self._paused(delay)
            self._halt("refused", f"a batch could not be handed in: {fault}")
            if fault.status is not None:
                self._close(job, spent_usd=0.0)
                self._jobs.end(job, "never")
        return True

    async def _found(self, job: Job) -> Job | None:
        """The batch with its id, if the provider has it."""
        try:
            found = await self._service.find(
                job.mark, since=job.begun_at, size=job.size, known=self._jobs.known()
            )
        except JudgeFault:
            return None
        return None if found is None else self._jobs.name(job, found)

    async def _named(self, job: Job) -> Job | None:
        """The batch with its id; one that was never handed in is closed."""
        if job.job is not None:
            return job
        try:
            found = await self._service.find(
                job.mark, since=job.begun_at, size=job.size, known=self._jobs.known()
            )
        except JudgeFault as fault:
            self._heard_nothing(fault)
            return None
        if found is not None:
            return self._jobs.name(job, found)
        self._close(job, spent_usd=0.0)
        self._jobs.end(job, "never")
        self._collector.again = True
        return None

    async def _wait(self) -> None:
        """Look at the open batches, ever more slowly, until all have ended or the user stops."""
        pause = self._options.first_poll_s
        while self._jobs.open() and not self._is_over():
            pause = (
                self._options.first_poll_s
                if await self.look()
                else min(self._options.slowest_poll_s, pause * _SLOWER)
            )
            if self._jobs.open() and not self._is_over():
                await self._paused(pause)

    def _is_over(self) -> bool:
        """Whether waiting has no sense: a budget that is used up still lets batches that are out be collected."""
        return self._stop.is_set() or self._outcome.stopped not in {None, "budget"}

    async def _paused(self, delay_s: float) -> bool:
        """Wait; True if the user stopped meanwhile."""
        try:
            async with asyncio.timeout(delay_s):
                await self._stop.wait()
        except TimeoutError:
            return False
        return True

    async def _state(self, job: Job) -> BatchState | None:
        """How a batch is getting on; None if that cannot be told now. One that is gone is written off."""
        try:
            state = await self._service.state(job.job or "")
        except JudgeFault as fault:
            if fault.status == 404:
                self._write_off(job)
            else:
                self._heard_nothing(fault)
            return None
        self._silent = 0
        return state

    def _write_off(self, job: Job) -> None:
        """The provider no longer has a batch: it may have been billed, and its requests are asked again."""
        self._close(job, spent_usd=job.held_usd)
        self._jobs.end(job, "lost")
        self._collector.again = True

    def _heard_nothing(self, fault: JudgeFault) -> None:
        self._silent += 1
        if not fault.retriable or self._silent >= self._options.patience:
            self._halt("refused", f"the batches cannot be looked at: {fault}")

    async def _finish(self, job: Job, state: BatchState) -> bool:
        """Take in a batch that has ended; whether it is done with."""
        if state.problem:
            return self._refused(job, state)
        for number in range(1, self._options.retry.attempts + 1):
            fault = await self._collector.collect(job)
            if fault is None:
                break
            if fault.status == 404:
                self._write_off(job)
                return True
            delay = self._options.retry.delay(fault, number)
            if delay is None or await self._paused(delay):
                if self._collector.cut_short:
                    break  # what could be read is kept, and the rest asked again
                self._halt("refused", f"the results of a batch cannot be read: {fault}")
                return False
        self._close(job, spent_usd=self._collector.conclude(job))
        self._jobs.end(job, "collected")
        return True

    def _refused(self, job: Job, state: BatchState) -> bool:
        """The provider took none of a batch: try smaller ones where it was too much at once."""
        self._close(job, spent_usd=0.0)
        self._jobs.end(job, "never")
        if state.smaller and self._halvings < _MOST_HALVINGS:
            self._halvings += not self._crowded
            self._crowded = True
        else:
            self._halt("refused", f"a batch was refused: {state.problem}")
        return True

    def _close(self, job: Job, *, spent_usd: float) -> None:
        if self._options.budget is not None:
            self._options.budget.conclude(job.held_usd, spent_usd)

    def _explain(self) -> None:
        jobs = self._jobs.open()
        if self._stop.is_set():
            self._halt("interrupted", "interrupted")
        if jobs:
            inside = sum(job.size for job in jobs)
            self._outcome.message += (
                f"; {inside} requests are in {len(jobs)} batches at the provider, which go on there"
            )
        elif not self._outcome.message and self._outcome.failed and not self._outcome.answered:
            self._outcome.message = f"no request was answered; the last fault: {self._collector.last_fault}"
        if self._collector.strangers:
            self._outcome.message += (
                f"; {self._collector.strangers} results bear ids that were not asked, and were passed over"
            )
        self._outcome.message = self._outcome.message.removeprefix("; ")
