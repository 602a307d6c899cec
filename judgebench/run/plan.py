"""The plan: what a run will ask and what that costs, before anything is sent.

Tokens are counted without a tokenizer, which providers do not all publish: four characters to the token, and a short
reply. On the prompts of the built-in items that is 2 to 6 % under what OpenAI's tokenizers count; other languages and
code have more tokens to the character. docs/money.md has the figures.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from judgebench.judges.base import Judge, Usage
from judgebench.run.budget import largest_cost
from judgebench.run.prices import Price
from judgebench.run.questions import Ways, questions
from judgebench.suite import Suite

CHARACTERS_PER_TOKEN: Final = 4
REPLY_TOKENS: Final = 80
"""A verdict with a short explanation; for a model that reasons, `max_tokens` are counted."""

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
        cost_usd: Estimate; None where the price is unknown.
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
    seen: set[str] = set()
    trials = changed = characters = answered = left = 0
    most = 0.0
    for question in questions(suite, ways, judge):
        trials += 1
        changed += question.trial.arm in _CHANGED
        request = question.request
        if request.key in seen:
            continue
        seen.add(request.key)
        length = sum(len(m.content) for m in request.messages)
        characters += length
        most += 0.0 if price is None else largest_cost(request, price)
        if is_answered is not None and is_answered(request.key):
            answered += 1
        else:
            left += length
    longest = suite.spec.sampling.max_tokens
    reply = longest if judge.capabilities.reasoning else min(REPLY_TOKENS, longest)
    whole, rest = _usage(characters, len(seen), reply), _usage(left, len(seen) - answered, reply)
    return Plan(
        items=len(suite.items),
        trials=trials,
        naive_requests=trials + changed,
        requests=len(seen),
        prompt_tokens=whole.prompt,
        completion_tokens=whole.completion,
        cost_usd=None if price is None else price.cost(whole),
        most_usd=None if price is None else most,
        answered=answered,
        left_usd=None if price is None else price.cost(rest),
    )


def _usage(characters: int, requests: int, reply: int) -> Usage:
    return Usage(prompt=characters // CHARACTERS_PER_TOKEN, completion=requests * reply)
