from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from judgebench.judges.base import Reply, Request, Usage
from judgebench.run.pace import Bucket, Pace, Quota, quota_of, tokens_of

MakeRequests = Callable[..., list[Request]]
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def waits(bucket: Bucket, amounts: list[float], now: float = 0.0) -> list[float]:
    return [bucket.take(amount, now) for amount in amounts]


def test_without_a_bound_nothing_waits() -> None:
    assert waits(Bucket(), [1, 1, 1000]) == [0, 0, 0]


def test_a_seconds_worth_may_go_at_once_and_the_rest_follows_at_the_rate() -> None:
    assert waits(Bucket(120), [1, 1, 1, 1]) == pytest.approx([0, 0, 0, 0.5])


def test_over_a_minute_no_more_go_than_allowed_and_a_second_more() -> None:
    bucket = Bucket(60)
    assert sum(wait <= 60 for wait in waits(bucket, [1] * 100)) == 62


def test_tokens_that_were_not_used_are_given_back(requests: MakeRequests) -> None:
    (request,) = requests(1)
    expected = tokens_of(request)
    pace = Pace(tpm=60 * expected)
    first = [pace.take(request, 0.0) for _ in range(3)]
    pace.settle(request, Reply("[[A]]", usage=Usage(expected - 1, 0)), 0.0)
    pace.settle(request, Reply("[[A]]", usage=Usage(2 * expected, 0)), 0.0)
    assert first == pytest.approx([0, 0, 1])
    assert pace.take(request, 0.0) == pytest.approx(2 - 1 / expected + 1)


@pytest.mark.parametrize(
    ("headers", "quota"),
    [
        (
            {
                "x-ratelimit-limit-requests": "500",
                "x-ratelimit-remaining-requests": "20",
                "x-ratelimit-reset-requests": "1m2.5s",
            },
            Quota(500, 20, 62.5),
        ),
        (
            {
                "x-ratelimit-limit-requests": "500",
                "x-ratelimit-remaining-requests": "499",
                "x-ratelimit-reset-requests": "120ms",
            },
            Quota(500, 499, 0.12),
        ),
        (
            {
                "anthropic-ratelimit-requests-limit": "50",
                "anthropic-ratelimit-requests-remaining": "0",
                "anthropic-ratelimit-requests-reset": "2026-01-01T00:00:30Z",
            },
            Quota(50, 0, 30),
        ),
        ({"x-ratelimit-remaining-requests": "20"}, None),
        (
            {
                "x-ratelimit-limit-requests": "nan",
                "x-ratelimit-remaining-requests": "20",
                "x-ratelimit-reset-requests": "soon",
            },
            None,
        ),
    ],
)
def test_the_quota_that_a_provider_tells(headers: dict[str, str], quota: Quota | None) -> None:
    assert quota_of(headers, "requests", NOW) == quota


def test_when_little_is_left_requests_go_as_fast_as_the_allowance_refills() -> None:
    bucket = Bucket()
    bucket.heed(Quota(600, 30, 57), 0.0)
    assert waits(bucket, [1] * 12)[-1] == pytest.approx(0.1)
    bucket.heed(Quota(600, 300, 30), 0.0)
    assert waits(bucket, [1] * 100)[-1] == 0


def test_when_all_is_gone_the_next_waits_until_something_comes_back() -> None:
    bucket = Bucket()
    bucket.heed(Quota(60, 0, 60), 0.0)
    assert bucket.take(1, 0.0) == pytest.approx(1)
