"""The plan: what a run will ask and what that costs, before anything is sent.

Tokens are counted without a tokenizer, which providers do not all publish: four characters to the token, and a short
reply. On the prompts of the built-in items that is 2 to 6 % under what OpenAI's tokenizers count; other languages and
code have more tokens to the character. docs/money.md has the figures.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from judgebench.judges.base import Judge, Request, Usage
from judgebench.perturb.rewriting import RewriteJob
from judgebench.run.authorship import prompts_of
from judgebench.run.budget import largest_cost
from judgebench.run.desk import price_of
from judgebench.run.pace import CHARACTERS_PER_TOKEN, REPLY_TOKENS
from judgebench.run.preparation import preparation_of
from judgebench.run.prices import Price
from judgebench.run.questions import Ways, questions
from judgebench.run.rewrites import Rewriters, rewriters_of
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
        prepared: Requests to authors and to a panel.
        shared_tokens: Of the prompts' tokens, those of beginnings that an earlier prompt has: a provider that
            caches prefixes computes them once.
        most_usd: What it costs at most, with every reply as long as it may be; None where the price is unknown.
        answered: Requests that an earlier session has had answered.
        left_usd: Estimate for the others.
    """

    items: int
    trials: int
    naive_requests: int
    requests: int
    prompt_tokens: int
    completion_tokens: int
    cost_usd: float | None
    most_usd: float | None = None
    answered: int = 0
    left_usd: float | None = None
    rewrites: int = 0
    prepared: int = 0
    shared_tokens: int = 0

    @property
    def saved(self) -> int:
        """Requests that sharing saves."""
        return self.naive_requests - self.requests


def plan(
    suite: Suite,
    ways: Ways,
    judge: Judge,
    price: Price | None,
    is_answered: Callable[[str], bool] | None = None,
) -> Plan:
    """Expand the suite without sending anything.

    Args:
        suite: The suite.
        ways: Its protocols and mitigations.
        judge: The judge.
        price: What the judge's tokens cost, if known.
        is_answered: Whether the request of a key has its answer already.
    """
    seen, prefixes = Distinct(), Prefixes()
    trials = naive = characters = answered = left = 0
    most = 0.0
    for question in questions(suite, ways, judge):
        trials += 1
        for request in question.posed.sent():
            naive += 2 if question.trial.arm in _CHANGED else 1
            if not seen.add(request.key):
                continue
            prefixes.add(request)
            length = sum(len(m.content) for m in request.messages)
            characters += length
            most += 0.0 if price is None else largest_cost(request, price)
            if is_answered is not None and is_answered(request.key):
                answered += 1
            else:
                left += length
    longest = suite.spec.sampling.max_tokens
    reply = longest if judge.capabilities.reasoning else min(REPLY_TOKENS, longest)
    requests = len(seen)
    whole, rest = _usage(characters, requests, reply), _usage(left, requests - answered, reply)
    rewrites, rewrites_usd = _rewrites(rewriters_of(suite, judge))
    prepared, prepared_usd = _prepared(suite, judge)
    before_usd = None if rewrites_usd is None or prepared_usd is None else rewrites_usd + prepared_usd
    return Plan(
        items=len(suite.items),
        trials=trials,
        naive_requests=naive,
        requests=requests,
        prompt_tokens=whole.prompt,
        completion_tokens=whole.completion,
        cost_usd=_together(price, whole, before_usd),
        most_usd=None if price is None else most,
        answered=answered,
        left_usd=_together(price, rest, before_usd),
        rewrites=rewrites,
        prepared=prepared,
        shared_tokens=prefixes.shared // CHARACTERS_PER_TOKEN,
    )


def _together(price: Price | None, usage: Usage, before_usd: float | None) -> float | None:
    """What the judge costs, with what comes before it; None where a price is unknown."""
    return None if price is None or before_usd is None else price.cost(usage) + before_usd


def _usage(characters: int, requests: int, reply: int) -> Usage:
    return Usage(prompt=characters // CHARACTERS_PER_TOKEN, completion=requests * reply)


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
