"""How familiar each response is to the judge: what a token of it surprises the judge, given its prompt.

Asked before the trials, in a store of its own (`familiarity.db`). It explains verdicts and is none, so a run does
without it where a response has none: where the judge cannot say it, or the text is too long for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from judgebench.items import Item
from judgebench.judges.base import Judge, Request, Sampling
from judgebench.judges.likelihood import LIKELIHOOD, likelihood_in
from judgebench.protocols import Message
from judgebench.run.desk import Desk, request_of, used
from judgebench.suite import Suite

FAMILIARITY: Final = "familiarity.db"
_SAMPLING: Final = Sampling(0.0, 1)

Surprises = Mapping[tuple[str, str], float | None]
"""Nats a token, by prompt and response."""


def familiarity_requests(suite: Suite, judge: Judge) -> dict[tuple[str, str], Request]:
    """What the judge is asked of each response of a known author, by prompt and response."""
    texts = dict.fromkeys((item.prompt, text) for item in suite.items for text in _texts(item))
    return {place: _request(judge, *place) for place in texts}


def _texts(item: Item) -> tuple[str, ...]:
    return () if None in item.authors else (item.response_a, item.response_b)


def _request(judge: Judge, prompt: str, response: str) -> Request:
    messages = Message("user", prompt), Message("assistant", response)
    return request_of(judge, messages, _SAMPLING, LIKELIHOOD)


async def ask_familiarity(suite: Suite, judge: Judge, desk: Desk) -> tuple[Surprises, dict[str, Any]]:
    """Ask the judge, which is open, how much each response surprises it.

    Returns:
        The figures, None where there is none, and what the manifest says of them.

    Raises:
        InputError: There is a budget, and the judge's price is unknown.
    """
    wanted = familiarity_requests(suite, judge)
    replies, why = await desk.some_replies(judge, list(wanted.values()), is_open=True)
    found = {
        place: likelihood_in(replies[request.key]).per_token if request.key in replies else None
        for place, request in wanted.items()
    }
    unknown = sum(nats is None for nats in found.values())
    told = {"responses": len(found), "unknown": unknown, "why": why if len(replies) < len(found) else ""}
    return found, {**told, **used(desk.store.totals())}


def without_familiarity(judge: Judge) -> dict[str, Any]:
    """What the manifest says where the judge cannot tell."""
    return {"responses": 0, "unknown": 0, "why": f"{judge.spec} gives no log probabilities of a prompt"}
