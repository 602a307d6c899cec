"""Which engine asks: this process, the provider's batch service, or workers of a Ray cluster."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from judgebench.errors import InputError
from judgebench.judges.base import Judge, Reply, Request
from judgebench.judges.batches import BatchJudge
from judgebench.judges.http import load_sdk
from judgebench.protocols.messages import OutputContract
from judgebench.protocols.reading import Reading
from judgebench.run.accounts import account_of
from judgebench.run.budget import BudgetGuard
from judgebench.run.engines.batch import BatchOptions, ask_in_batches, collect_ended
from judgebench.run.engines.ray import RayOptions, ask_with_ray
from judgebench.run.flags import Flags
from judgebench.run.prices import Price
from judgebench.run.progress import Progress
from judgebench.run.runner import Outcome, RunnerOptions, ask_all
from judgebench.run.store import Store

Engine = Literal["local", "batch", "ray"]


def check_engine(engine: Engine, judge: Judge, *, paced: bool = False) -> None:
    """Refuse an engine that this judge or this installation does not have.

    Raises:
        InputError: The provider takes no batches, Ray is not installed, or the engine cannot keep a pace.
    """
    if engine != "local" and paced:
        raise InputError(
            f"--engine {engine} keeps no pace of its own, so --rpm and --tpm have no place here",
            expected="--engine local, or neither of the two",
        )
    if engine == "batch" and not isinstance(judge, BatchJudge):
        raise InputError(
            f"judge {judge.spec} takes no batches, so --engine batch has no place here",
            expected="--engine local, or a judge of openai or anthropic",
        )
    if engine == "ray" and find_spec("ray") is None:
        load_sdk("ray")  # says what to install


def price_with(engine: Engine, price: Price | None) -> Price | None:
    """What tokens cost with an engine: a batch costs a part of the price."""
    return price.batched() if engine == "batch" and price is not None else price


@dataclass(frozen=True, slots=True)
class Means:
    """What asking takes, whoever asks.

    Attributes:
        judge: The judge, open.
        store: Where answers go.
        read: Reads the verdict in an answer.
        progress: Is told of each request.
        max_concurrency: Requests in flight at most; shared among workers.
        price: The list price, if known.
        budget_usd: What the run may spend, if that is limited.
        spent_usd: What it has spent before.
        stop: Ends the asking when set.
        base_url: The address that the judge was made with, for engines that open judges of their own.
        plugins: Files that they load first.
        rpm: Requests a minute at most.
        tpm: Tokens a minute at most.
    """

    judge: Judge
    store: Store
    read: Callable[[OutputContract, Reply], Reading]
    progress: Progress
    max_concurrency: int
    price: Price | None
    budget_usd: float | None
    spent_usd: float
    stop: asyncio.Event
    base_url: str | None = None
    plugins: tuple[Path, ...] = ()
    rpm: float | None = None
    tpm: float | None = None


class Asking:
    """Asks with one engine; the budget is one over all that is asked.

    Args:
        engine: Which.
        means: What it takes.
    """

    def __init__(self, engine: Engine, means: Means) -> None:
        self._engine = engine
        self._means = means
        self._price = price_with(engine, means.price)
        self._budget = (
            None
            if means.budget_usd is None
            else BudgetGuard(means.budget_usd, self._price, means.spent_usd + means.store.jobs.lost_usd())
        )

    async def ask(self, requests: Callable[[], Iterable[Request]]) -> Outcome:
        """Ask what has no answer."""
        if self._engine == "batch" and isinstance(self._means.judge, BatchJudge):
            return await self._in_batches(self._means.judge, requests)
        beside = await self._collected()
        outcome = await self._directly(self._not_in_batches(requests))
        if beside and not outcome.stopped:
            outcome.message = (
                f"{beside} requests are in batches that have not ended; --engine batch waits for them"
            )
        return outcome

    async def _directly(self, requests: Iterable[Request]) -> Outcome:
        means = self._means

        def read(reply: Reply, request: Request) -> Reading:
            return means.read(request.contract, reply)

        if self._engine == "ray":
            told = RayOptions(means.max_concurrency, means.base_url, means.plugins, self._price, self._budget)
            return await ask_with_ray(
                means.judge, requests, means.store,
                read=read, progress=means.progress, options=told, stop=means.stop,
            )  # fmt: skip
        options = RunnerOptions(
            max_concurrency=means.max_concurrency, price=self._price, budget=self._budget, rpm=means.rpm,
            tpm=means.tpm, account=account_of(means.judge),
        )  # fmt: skip
        return await ask_all(
            means.judge, requests, means.store,
            read=read, progress=means.progress, options=options, stop=means.stop,
        )  # fmt: skip

    async def _in_batches(self, judge: BatchJudge, requests: Callable[[], Iterable[Request]]) -> Outcome:
        means = self._means
        return await ask_in_batches(
            judge.batches(), requests, means.store,
            read=means.read, progress=means.progress, stop=means.stop,
            options=BatchOptions(price=self._price, budget=self._budget),
        )  # fmt: skip

    async def _collected(self) -> int:
        """Take in what an earlier session's batches have brought, and give how many requests are still in them."""
        means = self._means
        if not means.store.jobs.open() or not isinstance(means.judge, BatchJudge):
            return 0
        options = BatchOptions(price=price_with("batch", means.price), budget=self._budget)
        await collect_ended(
            means.judge.batches(), means.store, read=means.read, progress=means.progress, options=options
        )
        return sum(job.size for job in means.store.jobs.open())

    def _not_in_batches(self, requests: Callable[[], Iterable[Request]]) -> Iterator[Request]:
        """The requests that are not in a batch already: they would be paid twice."""
        store = self._means.store
        if not store.jobs.open():
            yield from requests()
            return
        flying = Flags(store.jobs.in_flight())
        for request in requests():
            if store.register(request) not in flying:
                yield request
