"""The plan: what a run will ask and what that costs, before anything is sent.

Tokens are counted without a tokenizer, which providers do not all publish: four characters to the token, and a short
reply. On the prompts of the built-in items that is 2 to 6 % under what OpenAI's tokenizers count; other languages and
code have more tokens to the character. docs/money.md has the figures.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from judgebench.judges.base import Judge, Request, Usage
from judgebench.judges.thinking import NO_THINKING
from judgebench.perturb.rewriting import RewriteJob
from judgebench.run.authorship import prompts_of
from judgebench.run.budget import largest_cost
from judgebench.run.desk import price_of
from judgebench.run.familiarity import familiarity_requests
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
        prepared: Requests to authors and to a panel, and about what the judge knows of them.
        shared_tokens: Of the prompts' tokens, those of beginnings that an earlier prompt has: a provider that
            caches prefixes computes them once.
        most_usd: What it costs at most, with every reply as long as it may be; None where the price is unknown.
        answered: Requests that an earlier session has had answered.
        left_usd: Estimate for the others, and for other models unless something is answered: they are asked first.
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
    prices: Path | None = None,
) -> Plan:
    """Expand the suite without sending anything.

    Args:
        suite: The suite.
        ways: Its protocols and mitigations.
        judge: The judge.
        price: What the judge's tokens cost, if known.
        is_answered: Whether the request of a key has its answer already.
        prices: The user's price file, for models other than the judge, if it is not to be looked for.
    """
    seen, prefixes = Distinct(), Prefixes()
    trials = naive = 0
    asked: dict[str | None, _Tally] = {None: _Tally(judge, price)}
    asked |= {spec: _Tally(other, price_of(other, prices)) for spec, other in ways.panel.items()}
    for question in questions(suite, ways, judge):
        trials += 1
        for who, request in question.posed.sent():
            naive += 2 if question.trial.arm in _CHANGED else 1
            if seen.add(request.key):
                prefixes.add(request)
                asked[who].add(request, answered=is_answered is not None and is_answered(request.key))
    each = list(asked.values())
    usages = [tally.usage(suite) for tally in each]
    answered = sum(tally.answered for tally in each)
    rewrites, prepared = _rewrites(rewriters_of(suite, judge), prices), _prepared(suite, judge, prices)
    before_usd = _sum(rewrites.usd, prepared.usd)
    return Plan(
        items=len(suite.items),
        trials=trials,
        naive_requests=naive,
        requests=len(seen),
        prompt_tokens=sum(usage.prompt for usage in usages),
        completion_tokens=sum(usage.completion for usage in usages),
        cost_usd=_sum(before_usd, *(t.cost(usage) for t, usage in zip(each, usages, strict=True))),
        most_usd=_sum(*(tally.most_usd for tally in each), rewrites.most_usd, prepared.most_usd),
        answered=answered,
        left_usd=_sum(0.0 if answered else before_usd, *(t.cost(t.usage(suite, left=True)) for t in each)),
        rewrites=rewrites.requests,
        prepared=prepared.requests,
        shared_tokens=prefixes.shared // CHARACTERS_PER_TOKEN,
    )


@dataclass(slots=True)
class _Tally:
    """What one judge is asked: the audited one, or another of a panel, which has a price of its own."""

    judge: Judge
    price: Price | None
    requests: int = 0
    characters: int = 0
    answered: int = 0
    left: int = 0
    most: float = 0.0

    def add(self, request: Request, *, answered: bool) -> None:
        """Count a request that was not seen before."""
        length = sum(len(m.content) for m in request.messages)
        self.requests += 1
        self.characters += length
        self.most += 0.0 if self.price is None else largest_cost(request, self.price)
        self.answered += answered
        self.left += 0 if answered else length

    @property
    def most_usd(self) -> float | None:
        """With every reply as long as it may be; None where the price is unknown and something is asked."""
        return None if self.price is None and self.requests else self.most

    def cost(self, usage: Usage) -> float | None:
        """USD; None where the price is unknown and something is asked."""
        if self.price is None:
            return None if self.requests else 0.0
        return self.price.cost(usage)

    def usage(self, suite: Suite, *, left: bool = False) -> Usage:
        """An estimate of the tokens, of all requests or of those that are left to ask."""
        longest = suite.spec.sampling.max_tokens
        reply = longest if _thinks(suite, self.judge) else min(REPLY_TOKENS, longest)
        if left:
            return _usage(self.left, self.requests - self.answered, reply)
        return _usage(self.characters, self.requests, reply)


def _thinks(suite: Suite, judge: Judge) -> bool:
    """Whether a reply may hold thinking up to the token limit: the judge does, or the suite asks for an effort."""
    asked = suite.spec.sampling.reasoning_effort
    efforts = {asked} if isinstance(asked, str) else set(asked or ())
    return judge.capabilities.reasoning or bool(efforts - {NO_THINKING})


def _usage(characters: int, requests: int, reply: int) -> Usage:
    return Usage(prompt=characters // CHARACTERS_PER_TOKEN, completion=requests * reply)


@dataclass(frozen=True, slots=True)
class _Before:
    """What models other than the judge are asked before it: requests, likely cost, and the most."""

    requests: int
    usd: float | None
    most_usd: float | None


def _sum(*costs: float | None) -> float | None:
    """The sum; None where one is unknown."""
    return None if None in costs else sum(cost for cost in costs if cost is not None)


def _before(asked: Sequence[tuple[Judge, Sequence[Request], int, int]], prices: Path | None) -> _Before:
    """The cost of requests to models, each with the tokens of all its replies, and tokens that prompts may yet grow."""
    count, costs, mosts = 0, list[float | None](), list[float | None]()
    for model, requests, replies, growth in asked:
        distinct = {request.key: request for request in requests}.values()
        count += len(distinct)
        prompt = sum(len(m.content) for request in distinct for m in request.messages) // CHARACTERS_PER_TOKEN
        price = price_of(model, prices)
        costs.append(None if price is None else price.cost(Usage(prompt, replies)))
        most = None if price is None else sum(largest_cost(request, price) for request in distinct)
        mosts.append(_sum(most, None if price is None else price.cost(Usage(prompt=growth))))
    return _Before(count, _sum(*costs), _sum(*mosts))


def _prepared(suite: Suite, judge: Judge, prices: Path | None) -> _Before:
    """Requests to authors, to a panel, and about what the judge knows: a response is likely half as long as its cap."""
    wanted = preparation_of(suite, judge)
    if wanted is None:
        return _before((), prices)
    asked = list[tuple[Judge, Sequence[Request], int, int]]()
    longest = 0
    for writer in wanted.writers:
        requests = [writer.request(prompt) for prompt in prompts_of(suite)]
        asked.append((writer.model, requests, len(requests) * writer.told.max_tokens // 2, 0))
        longest = max(longest, writer.told.max_tokens)
    if wanted.panel is not None:
        for member in wanted.panel.members:
            requests = [question.request for question in wanted.panel.questions(member.judge)]
            replies = len(requests) * min(REPLY_TOKENS, suite.spec.sampling.max_tokens)
            # its prompts show two responses that may not be written yet
            asked.append((member.judge, requests, replies, 2 * longest * len(requests)))
    if wanted.recognition is not None:
        requests = [question.request for question in wanted.recognition.questions(judge)]
        replies = len(requests) * min(REPLY_TOKENS, suite.spec.sampling.max_tokens)
        asked.append((judge, requests, replies, 2 * longest * len(requests)))
    spec = suite.spec.self_preference
    if spec is not None and spec.familiarity and judge.capabilities.prompt_logprobs:
        requests = list(familiarity_requests(suite, judge).values())
        asked.append((judge, requests, len(requests), longest * len(requests)))
    return _before(asked, prices)


def _rewrites(rewriters: Rewriters | None, prices: Path | None) -> _Before:
    """Requests for rewrites and their checks: a rewrite is likely to be as long as its text."""
    if rewriters is None:
        return _before((), prices)
    replies = sum(len(job.text) for job in rewriters.jobs) // CHARACTERS_PER_TOKEN
    asked = [(rewriters.writer, [rewriters.rewrite(job) for job in rewriters.jobs], replies, 0)]
    if rewriters.checker is not None:
        check = _checked(rewriters)
        # it shows the rewrite, which may be as long as it is allowed to be
        growth = rewriters.sampling.max_tokens * len(rewriters.jobs)
        asked.append((rewriters.checker, [check(job) for job in rewriters.jobs], replies, growth))
    return _before(asked, prices)


def _checked(rewriters: Rewriters) -> Callable[[RewriteJob], Request]:
    return lambda job: rewriters.check(job, job.stand_in().text)
