"""Asking models for something other than a verdict of the judge: rewrites, checks, responses, a panel's verdicts.

Each kind has a store of its own in the run directory, so that a run which is continued asks for none of it again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from judgebench.errors import IncompleteRun
from judgebench.judges.base import Judge, Reply, Request, Sampling, Subject
from judgebench.judges.keys import request_key
from judgebench.judges.spec import parse_spec
from judgebench.protocols import Message, OutputContract, Reading
from judgebench.protocols.reading import strip_thinking
from judgebench.run.accounts import account_of
from judgebench.run.budget import BudgetGuard
from judgebench.run.prices import Price, load_prices
from judgebench.run.progress import Mode, Progress
from judgebench.run.records import Totals
from judgebench.run.runner import RunnerOptions, ask_all
from judgebench.run.store import Store


def _unread(reply: Reply, request: Request) -> Reading:
    """These replies hold no verdict on a pair."""
    del request
    return Reading("refused" if reply.finish == "refusal" else "invalid", "no verdict was asked for")


@dataclass(frozen=True, slots=True)
class Desk:
    """Where such replies are asked for and kept.

    Attributes:
        store: Where they are kept.
        options: How fast they are asked for.
        budget_usd: What may be spent, with what the store says was spent; None for no limit.
        progress: How progress is shown.
        stop: Ends the asking when set.
        purpose: What the models do, in words that go on from `which`.
        spent_usd: What the run has spent elsewhere.
        prices: The user's price file, if it is not to be looked for.
    """

    store: Store
    options: RunnerOptions
    budget_usd: float | None
    progress: Mode
    stop: asyncio.Event
    purpose: str
    spent_usd: float = 0.0
    prices: Path | None = None

    async def replies(
        self,
        model: Judge,
        requests: Sequence[Request],
        *,
        read: Callable[[Reply, Request], Reading] = _unread,
        is_open: bool = False,
    ) -> dict[str, Reply]:
        """The reply to every request, by key; those on file are not asked for again.

        Args: as `some_replies`.

        Raises:
            IncompleteRun: Some have no reply; the same command asks for those alone.
            InputError: There is a budget, and the model's price is unknown.
        """
        found, message = await self.some_replies(model, requests, read=read, is_open=is_open)
        wanted = len({request.key for request in requests})
        if len(found) < wanted:
            why = f" ({message})" if message else ""
            raise IncompleteRun(
                f"{wanted - len(found)} of {wanted} requests to {model.spec}, which {self.purpose}, "
                f"have no reply{why}; the same command asks for those alone"
            )
        return found

    async def some_replies(
        self,
        model: Judge,
        requests: Sequence[Request],
        *,
        read: Callable[[Reply, Request], Reading] = _unread,
        is_open: bool = False,
    ) -> tuple[dict[str, Reply], str]:
        """The replies that there are, by key, and what is told of the others; those on file are not asked for again.

        Args:
            model: Who is asked.
            requests: What is asked; the same request twice is sent once.
            read: Reads the verdict in a reply, where there is one.
            is_open: Whether the model is open already, and stays so.

        Raises:
            InputError: There is a budget, and the model's price is unknown.
        """
        price, spent = price_of(model, self.prices), self.spent_usd + (self.store.totals().cost_usd or 0.0)
        budget = None if self.budget_usd is None else BudgetGuard(self.budget_usd, price, spent)
        options = replace(self.options, price=price, budget=budget, account=account_of(model))
        distinct = {request.key: request for request in requests}
        async with nullcontext(model) if is_open else model:
            with Progress(len(distinct), mode=self.progress) as progress:
                done = await ask_all(
                    model, distinct.values(), self.store, read=read, progress=progress, options=options,
                    stop=self.stop,
                )  # fmt: skip
        found = {stored.key: stored.reply for stored in self.store.replies() if stored.key in distinct}
        return found, done.message


def price_of(model: Judge, prices: Path | None = None) -> Price | None:
    """What a model's tokens cost, if it is known; `prices` is the user's file, if it is not to be looked for."""
    spec = parse_spec(model.spec)
    return load_prices(prices).find(spec.provider, spec.model)


def chat(user: str, system: str | None = None) -> tuple[Message, ...]:
    """A chat of one message of the user's, after one of the system's where there is one."""
    return (*((Message("system", system),) if system else ()), Message("user", user))


def request_of(
    model: Judge, messages: tuple[Message, ...], sampling: Sampling, contract: OutputContract
) -> Request:
    """A request that belongs to no trial."""
    key = request_key(model.identity, messages, model.effective(sampling), contract, 0)
    return Request(key, messages, sampling, contract, 0, Subject("", None, "ab"))


def text_of(reply: Reply, *, whole: bool = True) -> str:
    """What a model wrote; empty where it refused or, where the `whole` text is wanted, was cut short."""
    if reply.finish == "refusal" or (whole and reply.finish == "length"):
        return ""
    return strip_thinking(reply.text)[0].strip()


def used(totals: Totals) -> dict[str, Any]:
    """What was used of which models, for the manifest."""
    return {
        "served_models": dict(totals.by_model),
        "tokens": {"prompt": totals.prompt_tokens, "completion": totals.completion_tokens},
        "cost_usd": totals.cost_usd,
    }
