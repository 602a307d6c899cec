"""The plan: what a run will ask and what that costs, before anything is sent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from judgebench.judges.base import Judge, Request, Usage
from judgebench.perturb.rewriting import RewriteJob
from judgebench.run.authorship import prompts_of
from judgebench.run.desk import price_of
from judgebench.run.preparation import preparation_of
from judgebench.run.prices import Price
from judgebench.run.questions import Ways, questions
from judgebench.run.rewrites import Rewriters, rewriters_of
from judgebench.suite import Suite

CHARACTERS_PER_TOKEN: Final = 4
REPLY_TOKENS: Final = 80
"""A verdict with a short explanation; reasoning models think on top of that, up to `max_tokens`."""

_CHANGED: Final = frozenset({"treatment", "positive_control"})


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run will ask.

    Attributes:
        items: Items.
        trials: Trials.
        naive_requests: What it would take if every change were asked with controls of its own.
        requests: Distinct requests: controls serve all changes, and identical requests are sent once.
        prompt_tokens: Estimate, from characters.
        completion_tokens: Estimate.
        cost_usd: Estimate, rewrites included; None where a price is unknown.
        rewrites: Requests to the models that rewrite texts and check the rewrites.
        prepared: Requests to authors and to a panel.
    """

    items: int
    trials: int
    naive_requests: int
    requests: int
    prompt_tokens: int
    completion_tokens: int
    cost_usd: float | None
    rewrites: int = 0
    prepared: int = 0

    @property
    def saved(self) -> int:
        """Requests that sharing saves."""
        return self.naive_requests - self.requests


def plan(suite: Suite, ways: Ways, judge: Judge, price: Price | None) -> Plan:
    """Expand the suite without sending anything."""
    seen: set[str] = set()
    trials = changed = characters = 0
    for question in questions(suite, ways, judge):
        trials += 1
        changed += question.trial.arm in _CHANGED
        if question.request.key not in seen:
            seen.add(question.request.key)
            characters += sum(len(m.content) for m in question.request.messages)
    prompt = characters // CHARACTERS_PER_TOKEN
    completion = len(seen) * min(REPLY_TOKENS, suite.spec.sampling.max_tokens)
    cost = None if price is None else price.cost(Usage(prompt=prompt, completion=completion))
    rewrites, rewrites_usd = _rewrites(rewriters_of(suite, judge))
    prepared, prepared_usd = _prepared(suite, judge)
    costs = (cost, rewrites_usd, prepared_usd)
    return Plan(
        items=len(suite.items),
        trials=trials,
        naive_requests=trials + changed,
        requests=len(seen),
        prompt_tokens=prompt,
        completion_tokens=completion,
        cost_usd=None if None in costs else sum(found for found in costs if found is not None),
        rewrites=rewrites,
        prepared=prepared,
    )


def _prepared(suite: Suite, judge: Judge) -> tuple[int, float | None]:
    """Requests to authors and to a panel, with what they may cost: a response half as long as its cap."""
    wanted = preparation_of(suite, judge)
    if wanted is None:
        return 0, 0.0
    asked: list[tuple[Judge, list[Request], int]] = [
        (writer.model, [writer.request(prompt) for prompt in prompts_of(suite)], writer.told.max_tokens // 2)
        for writer in wanted.writers
    ]
    if wanted.panel is not None:
        for member in wanted.panel.members:
            requests = [question.request for question in wanted.panel.questions(member.judge)]
            asked.append((member.judge, requests, min(REPLY_TOKENS, suite.spec.sampling.max_tokens)))
    count, costs = 0, list[float | None]()
    for model, requests, reply_tokens in asked:
        count += len({request.key for request in requests})
        prompt = sum(len(m.content) for request in requests for m in request.messages)
        usage = Usage(prompt // CHARACTERS_PER_TOKEN, len(requests) * reply_tokens)
        price = price_of(model)
        costs.append(None if price is None else price.cost(usage))
    return count, None if None in costs else sum(found for found in costs if found is not None)


def _rewrites(rewriters: Rewriters | None) -> tuple[int, float | None]:
    """Requests for rewrites and their checks, with what they may cost: a rewrite as long as its text."""
    if rewriters is None:
        return 0, 0.0
    count, costs = 0, []
    for model, ask in ((rewriters.writer, rewriters.rewrite), (rewriters.checker, _checked(rewriters))):
        if model is None:
            continue
        requests = [ask(job) for job in rewriters.jobs]
        count += len({request.key for request in requests})
        prompt = sum(len(m.content) for request in requests for m in request.messages)
        reply = sum(len(job.text) for job in rewriters.jobs)
        usage, price = Usage(prompt // CHARACTERS_PER_TOKEN, reply // CHARACTERS_PER_TOKEN), price_of(model)
        costs.append(None if price is None else price.cost(usage))
    known = [cost for cost in costs if cost is not None]
    return count, sum(known) if len(known) == len(costs) else None


def _checked(rewriters: Rewriters) -> Callable[[RewriteJob], Request]:
    return lambda job: rewriters.check(job, job.stand_in().text)
