"""The plan: what a run will ask and what that costs, before anything is sent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from judgebench.judges.base import Judge, Request, Usage
from judgebench.perturb.rewriting import RewriteJob
from judgebench.run.pace import CHARACTERS_PER_TOKEN, REPLY_TOKENS
from judgebench.run.prices import Price
from judgebench.run.questions import Ways, questions
from judgebench.run.rewrites import Rewriters, price_of, rewriters_of
from judgebench.run.sharing import Distinct, Prefixes
from judgebench.suite import Suite

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
        shared_tokens: Of the prompts' tokens, those of beginnings that an earlier prompt has: a provider that
            caches prefixes computes them once.
    """

    items: int
    trials: int
    naive_requests: int
    requests: int
    prompt_tokens: int
    completion_tokens: int
    cost_usd: float | None
    rewrites: int = 0
    shared_tokens: int = 0

    @property
    def saved(self) -> int:
        """Requests that sharing saves."""
        return self.naive_requests - self.requests


def plan(suite: Suite, ways: Ways, judge: Judge, price: Price | None) -> Plan:
    """Expand the suite without sending anything."""
    seen, prefixes = Distinct(), Prefixes()
    trials = changed = characters = 0
    for question in questions(suite, ways, judge):
        trials += 1
        changed += question.trial.arm in _CHANGED
        if seen.add(question.request.key):
            prefixes.add(question.request)
            characters += sum(len(m.content) for m in question.request.messages)
    prompt = characters // CHARACTERS_PER_TOKEN
    requests = len(seen)
    completion = requests * min(REPLY_TOKENS, suite.spec.sampling.max_tokens)
    cost = None if price is None else price.cost(Usage(prompt=prompt, completion=completion))
    rewrites, rewrites_usd = _rewrites(rewriters_of(suite, judge))
    return Plan(
        items=len(suite.items),
        trials=trials,
        naive_requests=trials + changed,
        requests=requests,
        prompt_tokens=prompt,
        completion_tokens=completion,
        cost_usd=None if cost is None or rewrites_usd is None else cost + rewrites_usd,
        rewrites=rewrites,
        shared_tokens=prefixes.shared // CHARACTERS_PER_TOKEN,
    )


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
