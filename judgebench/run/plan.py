"""The plan: what a run will ask and what that costs, before anything is sent.

Tokens are counted without a tokenizer, which providers do not all publish: four characters to the token, and a short
reply. On the prompts of the built-in items that is 2 to 6 % under what OpenAI's tokenizers count; other languages and
code have more tokens to the character. docs/money.md has the figures.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from judgebench.judges.base import Judge, Request, Usage
from judgebench.perturb.rewriting import RewriteJob
from judgebench.run.budget import largest_cost
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
        most_usd: What it costs at most, with every reply as long as it may be; None where the price is unknown.
        answered: Requests that an earlier session has had answered.
        left_usd: Estimate for the others, and for the rewrites unless something is answered: they come first.
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
    prices: Path | None = None,
) -> Plan:
    """Expand the suite without sending anything.

    Args:
        suite: The suite.
        ways: Its protocols and mitigations.
        judge: The judge.
        price: What the judge's tokens cost, if known.
        is_answered: Whether the request of a key has its answer already.
        prices: The user's price file, for the models that rewrite, if it is not to be looked for.
    """
    seen, prefixes = Distinct(), Prefixes()
    trials = changed = characters = answered = left = 0
    most = 0.0
    for question in questions(suite, ways, judge):
        trials += 1
        changed += question.trial.arm in _CHANGED
        request = question.request
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
    rewrites, rewrites_usd, rewrites_most = _rewrites(rewriters_of(suite, judge), prices)
    return Plan(
        items=len(suite.items),
        trials=trials,
        naive_requests=trials + changed,
        requests=requests,
        prompt_tokens=whole.prompt,
        completion_tokens=whole.completion,
        cost_usd=_together(price, whole, rewrites_usd),
        most_usd=None if price is None or rewrites_most is None else most + rewrites_most,
        answered=answered,
        left_usd=_together(price, rest, 0.0 if answered else rewrites_usd),
        rewrites=rewrites,
        shared_tokens=prefixes.shared // CHARACTERS_PER_TOKEN,
    )


def _together(price: Price | None, usage: Usage, rewrites_usd: float | None) -> float | None:
    """What the judge and the rewrites cost; None where a price is unknown."""
    return None if price is None or rewrites_usd is None else price.cost(usage) + rewrites_usd


def _usage(characters: int, requests: int, reply: int) -> Usage:
    return Usage(prompt=characters // CHARACTERS_PER_TOKEN, completion=requests * reply)


def _rewrites(rewriters: Rewriters | None, prices: Path | None) -> tuple[int, float | None, float | None]:
    """Requests for rewrites and their checks, what they may cost (a rewrite as long as its text), and at most."""
    if rewriters is None:
        return 0, 0.0, 0.0
    count, cost, most, known = 0, 0.0, 0.0, True
    reply = sum(len(job.text) for job in rewriters.jobs) // CHARACTERS_PER_TOKEN
    for model, ask in ((rewriters.writer, rewriters.rewrite), (rewriters.checker, _checked(rewriters))):
        if model is None:
            continue
        requests = list({request.key: request for request in map(ask, rewriters.jobs)}.values())
        count += len(requests)
        price = price_of(model, prices)
        if price is None:
            known = False
            continue
        prompt = sum(len(m.content) for request in requests for m in request.messages) // CHARACTERS_PER_TOKEN
        cost += price.cost(Usage(prompt, reply))
        # the check also shows the rewrite, which may be as long as it is allowed
        longer = rewriters.sampling.max_tokens * len(requests) if model is rewriters.checker else 0
        most += sum(largest_cost(request, price) for request in requests) + price.cost(Usage(prompt=longer))
    return (count, cost, most) if known else (count, None, None)


def _checked(rewriters: Rewriters) -> Callable[[RewriteJob], Request]:
    return lambda job: rewriters.check(job, job.stand_in().text)
