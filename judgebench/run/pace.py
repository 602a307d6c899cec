"""Requests and tokens a minute: as the user says, and as the provider says when little is left."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from judgebench.judges.base import Reply, Request

CHARACTERS_PER_TOKEN: Final = 4
REPLY_TOKENS: Final = 80
"""A verdict with a short explanation; reasoning models think on top of that, up to `max_tokens`."""

_BURST_S: Final = 1.0
_LITTLE: Final = 0.1
_LONGEST_S: Final = 60.0
_DURATION: Final = re.compile(r"(\d+(?:\.\d+)?)(ms|h|m|s)")
_SECONDS: Final = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3}
_PARTS: Final = ("limit", "remaining", "reset")
_HEADERS: Final = {
    kind: tuple(
        tuple(name.format(part, kind) for part in _PARTS)
        for name in ("x-ratelimit-{0}-{1}", "anthropic-ratelimit-{1}-{0}")
    )
    for kind in ("requests", "tokens")
}


@dataclass(frozen=True, slots=True)
class Quota:
    """What a provider says of an allowance that refills steadily.

    Attributes:
        limit: The whole allowance.
        remaining: What is left of it.
        reset_s: Seconds until it is whole again.
    """

    limit: float
    remaining: float
    reset_s: float

    @property
    def rate(self) -> float:
        """How much comes back in a second; without bound where that cannot be told."""
        used = self.limit - self.remaining
        return used / self.reset_s if used > 0 and self.reset_s > 0 else math.inf


def quota_of(headers: Mapping[str, str], kind: str, now: datetime | None = None) -> Quota | None:
    """The quota of `requests` or `tokens` in the headers of OpenAI or Anthropic; None where there is none."""
    for whole, rest, again in _HEADERS[kind]:
        if whole not in headers:
            continue
        try:
            limit, left = float(headers[whole]), float(headers[rest])
            reset = _seconds(headers[again], now or datetime.now(UTC))
        except (KeyError, ValueError):
            continue
        if all(math.isfinite(value) and value >= 0 for value in (limit, left, reset)):
            return Quota(limit, left, reset)
    return None


def _seconds(text: str, now: datetime) -> float:
    """Seconds from `6m0s`, `120ms`, or a time in ISO 8601.

    Raises:
        ValueError: It is neither.
    """
    if (parts := _DURATION.findall(text)) and "".join(map("".join, parts)) == text:
        return sum(float(number) * _SECONDS[unit] for number, unit in parts)
    at = datetime.fromisoformat(text)
    return max(0.0, (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() - now.timestamp())


class Bucket:
    """An allowance that refills steadily: a second's worth may be taken at once, the rest is waited for.

    Args:
        per_minute: What the user allows; None: as much as the provider bears.
    """

    def __init__(self, per_minute: float | None = None) -> None:
        self._told = self._learned = math.inf
        self._clear_at = -math.inf
        self.tell(per_minute)

    def tell(self, per_minute: float | None) -> None:
        """Set what the user allows."""
        self._told = math.inf if per_minute is None else per_minute / 60

    def take(self, amount: float, now: float) -> float:
        """Take so much, and give the seconds to wait before using it."""
        rate = min(self._told, self._learned)
        if math.isinf(rate):
            return 0.0
        start = max(self._clear_at, now - _BURST_S)
        self._clear_at = start + amount / rate
        return max(0.0, start - now)

    def correct(self, more: float) -> None:
        """What was taken turned out to be so much more, or less where negative."""
        rate = min(self._told, self._learned)
        if math.isfinite(rate):
            self._clear_at += more / rate

    def heed(self, quota: Quota | None, now: float) -> None:
        """Slow down to the rate at which the provider's allowance refills once little of it is left."""
        if quota is None:
            return
        little = quota.remaining <= _LITTLE * quota.limit
        self._learned = quota.rate if little else math.inf
        if quota.remaining < 1:
            # all is gone: what is needed next comes back with time
            self._clear_at = max(self._clear_at, now + min(1 / self._learned, _LONGEST_S))


class Pace:
    """When the next request may be sent.

    Args:
        rpm: Requests a minute at most.
        tpm: Tokens a minute at most, of prompts and answers.
    """

    def __init__(self, rpm: float | None = None, tpm: float | None = None) -> None:
        self._requests = Bucket(rpm)
        self._tokens = Bucket(tpm)

    def tell(self, rpm: float | None, tpm: float | None) -> None:
        """Set what the user allows from now on."""
        self._requests.tell(rpm)
        self._tokens.tell(tpm)

    def take(self, request: Request, now: float) -> float:
        """Seconds to wait before sending a request."""
        return max(self._requests.take(1, now), self._tokens.take(tokens_of(request), now))

    def settle(self, request: Request, reply: Reply, now: float) -> None:
        """Put the tokens that were used in place of those that were expected, and heed what the provider says."""
        used = reply.usage.prompt + reply.usage.completion
        if used:
            self._tokens.correct(used - tokens_of(request))
        if reply.headers:
            self._requests.heed(quota_of(reply.headers, "requests"), now)
            self._tokens.heed(quota_of(reply.headers, "tokens"), now)


def tokens_of(request: Request) -> int:
    """The tokens of a request and its answer before it is sent, from the characters."""
    prompt = sum(len(m.content) for m in request.messages) // CHARACTERS_PER_TOKEN
    return prompt + min(REPLY_TOKENS, request.sampling.max_tokens)
