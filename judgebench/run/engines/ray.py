"""Asking from the workers of a Ray cluster: Ray Data deals blocks of requests out, the answers come back to one store.

Every worker opens a judge of its own (its connections, or its model in process) and paces it by itself. Whether a
request needs asking, what it may cost and where its answer goes is decided here, in the one process that has the store.
"""

from __future__ import annotations

import asyncio
import importlib
import logging
import os
import pickle
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from judgebench.judges.base import Judge, JudgeFault, Reply, Request
from judgebench.judges.http import load_sdk
from judgebench.protocols.reading import PARSER_VERSION, Reading
from judgebench.run.budget import BudgetGuard, Room
from judgebench.run.engines.worker import RETRY, Work, Worker, unpack
from judgebench.run.flags import Flags
from judgebench.run.prices import Price
from judgebench.run.progress import Progress
from judgebench.run.records import Attempt, VerdictRow
from judgebench.run.runner import Outcome
from judgebench.run.store import Store

WORKERS_VARIABLE: Final = "JUDGEBENCH_RAY_WORKERS"

_BLOCK: Final = 32
_WINDOW: Final = 4096


@dataclass(frozen=True, slots=True)
class RayOptions:
    """How to ask; nothing here can change an answer.

    Attributes:
        max_concurrency: Requests in flight at most, over all workers.
        base_url: The address that the judge was made with.
        plugins: Files that every worker loads first.
        price: What the judge's tokens cost, if known.
        budget: Stops the run before it spends too much, if given.
        workers: How many; by default what `JUDGEBENCH_RAY_WORKERS` says, or one for each two CPUs of the cluster.
    """

    max_concurrency: int = 64
    base_url: str | None = None
    plugins: tuple[Path, ...] = ()
    price: Price | None = None
    budget: BudgetGuard | None = None
    workers: int | None = None


async def ask_with_ray(
    judge: Judge,
    requests: Iterable[Request],
    store: Store,
    *,
    read: Callable[[Reply, Request], Reading],
    progress: Progress,
    options: RayOptions,
    stop: asyncio.Event,
) -> Outcome:
    """Ask whatever has no answer in the store with Ray's workers, and store what comes.

    Args:
        judge: The judge; workers open their own of the same spec.
        requests: What to ask.
        store: Where answers, attempts and verdicts go.
        read: Reads the verdict in an answer.
        progress: Is told of each request.
        options: How to ask.
        stop: Ends the run when set; it continues from there another time.
    """
    return await _Run(judge, requests, store, read, progress, options, stop).until_done()


class _Run:
    """The state of one `ask_with_ray`."""

    def __init__(
        self,
        judge: Judge,
        requests: Iterable[Request],
        store: Store,
        read: Callable[[Reply, Request], Reading],
        progress: Progress,
        options: RayOptions,
        stop: asyncio.Event,
    ) -> None:
        self._store = store
        self._read = read
        self._progress = progress
        self._options = options
        self._stop = stop
        self._outcome = Outcome()
        self._fresh = self._unanswered(requests)
        self._again: deque[tuple[Request, int]] = deque()
        self._last_fault: JudgeFault | None = None
        self._work = Work(
            judge.spec, options.base_url, options.plugins, options.price, options.budget is not None
        )

    async def until_done(self) -> Outcome:
        """Ask window by window: as much as memory and the budget take at once."""
        started_here = False
        try:
            while not self._is_over() and (window := self._window()):
                if not started_here:
                    started_here = _start()  # in the main thread, whose signals Ray minds
                await self._ask(window)
        finally:
            self._store.commit()
            if started_here:
                await asyncio.to_thread(_end)
        if self._stop.is_set():
            self._outcome.stopped, self._outcome.message = "interrupted", "interrupted"
        elif not self._outcome.message and self._last_fault is not None and not self._outcome.answered:
            self._outcome.message = f"no request was answered; the last fault: {self._last_fault}"
        return self._outcome

    def _is_over(self) -> bool:
        return self._stop.is_set() or self._outcome.stopped is not None

    def _unanswered(self, requests: Iterable[Request]) -> Iterator[Request]:
        """The requests to ask, each once, entered in the store."""
        seen = Flags()
        for request in requests:
            number = self._store.register(request)
            if number in seen:
                self._outcome.duplicates += 1
            elif self._store.has_answer(number):
                self._outcome.skipped += 1
                self._progress.skipped()
            else:
                yield request
            seen.add(number)

    def _window(self) -> dict[str, tuple[Request, int]]:
        """The next requests, each with its attempts so far; none where the budget has no room for a single one."""
        window: dict[str, tuple[Request, int]] = {}
        while len(window) < _WINDOW and (asked := self._next()) is not None:
            budget = self._options.budget
            if budget is not None and budget.reserve(asked[0]) is not Room.YES:
                self._again.appendleft(asked)
                if not window:
                    self._outcome.stopped = "budget"
                    self._outcome.message = (
                        f"the next request may exceed the budget: {budget.spent_usd:.4f} USD are spent"
                    )
                break
            window[asked[0].key] = asked
        self._store.commit()
        return window

    def _next(self) -> tuple[Request, int] | None:
        if self._again:
            return self._again.popleft()
        request = next(self._fresh, None)
        return None if request is None else (request, 0)

    async def _ask(self, window: dict[str, tuple[Request, int]]) -> None:
        async for answers in _blocks(list(window.values()), self._work, self._options):
            for attempts in answers:
                self._keep(window[attempts[0].key][0], attempts)
            self._store.commit()
            if self._stop.is_set():
                return

    def _keep(self, request: Request, attempts: Sequence[Attempt]) -> None:
        """Store all attempts of a request, and the verdict if the last was answered."""
        for made in attempts:
            self._store.append(made)
            self._outcome.retries += made.number > 1
        last = attempts[-1]
        if self._options.budget is not None:
            # those before the last were refused, which costs nothing
            self._options.budget.settle(request, last.cost_usd, last.fault)
        if last.reply is not None:
            found = self._read(last.reply, request)
            self._store.put_verdicts([VerdictRow.of(request.key, PARSER_VERSION, found)])
            self._outcome.answered += 1
            self._progress.answered(last.cost_usd)
        elif last.fault is not None and RETRY.delay(last.fault, last.number) is not None:
            self._progress.retried()
            self._again.append((request, last.number))
        else:
            self._last_fault = last.fault
            self._outcome.failed += 1
            self._progress.failed()


async def _blocks(
    requests: Sequence[tuple[Request, int]], work: Work, options: RayOptions
) -> AsyncIterator[list[list[Attempt]]]:
    """What the workers bring, block by block as they finish."""
    results = await asyncio.to_thread(_results, requests, work, options)
    while (rows := await asyncio.to_thread(next, results, None)) is not None:
        yield [unpack(packed) for packed in rows["attempts"]]


def _results(
    requests: Sequence[tuple[Request, int]], work: Work, options: RayOptions
) -> Iterator[dict[str, Any]]:
    """A data set of the requests put through the workers; nothing is asked before the first block is taken."""
    ray = load_sdk("ray")
    data = importlib.import_module("ray.data")
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    data.DataContext.get_current().enable_progress_bars = False
    workers = options.workers or _workers(ray)
    share = max(1, options.max_concurrency // workers)
    block = max(1, min(_BLOCK, -(-len(requests) // workers)))
    rows = [{"request": pickle.dumps(request)} for request in requests]
    asked = data.from_items(rows, override_num_blocks=min(len(rows), -(-len(rows) // block))).map_batches(
        Worker,
        batch_size=block,
        batch_format="numpy",
        concurrency=min(workers, -(-len(rows) // block)),
        fn_constructor_kwargs={"work": work, "max_concurrency": share},
    )
    batches: Iterator[dict[str, Any]] = iter(
        asked.iter_batches(batch_size=None, batch_format="numpy", prefetch_batches=0)
    )
    return batches


def _workers(ray: Any) -> int:
    told = os.environ.get(WORKERS_VARIABLE, "")
    if told.isdigit() and int(told):
        return int(told)
    return max(1, int(ray.cluster_resources().get("CPU", 1)) // 2)


def _start() -> bool:
    """Join the cluster that Ray's own variable names, or start one on this machine; whether it was started here."""
    ray = load_sdk("ray")
    if ray.is_initialized():
        return False
    address = os.environ.get("RAY_ADDRESS")
    # what the workers print is not for the terminal, which shows the progress
    quiet: dict[str, Any] = {"logging_level": logging.WARNING, "log_to_driver": False}
    if address:
        ray.init(address=address, **quiet)
    else:
        ray.init(include_dashboard=False, _node_ip_address="127.0.0.1", **quiet)
    return True


def _end() -> None:
    load_sdk("ray").shutdown()
