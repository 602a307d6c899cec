from __future__ import annotations

import time
from collections.abc import Callable
from email.utils import formatdate

import pytest

from judgebench.judges.base import JudgeFault
from judgebench.judges.http import status_fault
from judgebench.run.retry import RetryPolicy

MakeFault = Callable[..., JudgeFault]


@pytest.mark.parametrize("kind", ["rate_limit", "overloaded", "transient", "timeout", "malformed"])
def test_faults_of_transport_are_asked_again_up_to_the_last_attempt(fault: MakeFault, kind: str) -> None:
    policy = RetryPolicy(attempts=3)
    assert [policy.delay(fault(kind), n) is None for n in (1, 2, 3)] == [False, False, True]


def test_a_fatal_fault_is_never_asked_again(fault: MakeFault) -> None:
    assert RetryPolicy().delay(fault("fatal"), 1) is None


def test_the_wait_is_drawn_from_a_range_that_doubles_up_to_its_cap(fault: MakeFault) -> None:
    policy = RetryPolicy(attempts=10, base_s=1.0, cap_s=5.0)
    for number, widest in [(1, 1.0), (2, 2.0), (3, 4.0), (4, 5.0), (8, 5.0)]:
        drawn = [policy.delay(fault("transient"), number) or 0.0 for _ in range(300)]
        assert max(drawn) <= widest
        assert min(drawn) < 0.2 * widest
        assert max(drawn) > 0.8 * widest


def test_the_wait_that_the_provider_asks_for_is_never_cut_short(fault: MakeFault) -> None:
    drawn = [RetryPolicy().delay(fault("rate_limit", retry_after=7.0), 1) or 0.0 for _ in range(100)]
    assert min(drawn) >= 7.0
    assert max(drawn) <= 7.7


def test_a_provider_that_names_a_date_is_waited_for_until_then() -> None:
    date = formatdate(time.time() + 60, usegmt=True)
    delay = RetryPolicy().delay(status_fault(429, {"retry-after": date}, "", None), 1)
    assert delay is not None
    assert 50 < delay <= 67


def test_a_provider_that_asks_for_too_long_a_wait_is_not_waited_for(fault: MakeFault) -> None:
    assert RetryPolicy(longest_s=60).delay(fault("rate_limit", retry_after=61.0), 1) is None


def test_in_tests_nothing_sleeps(fault: MakeFault) -> None:
    assert RetryPolicy(sleeps=False).delay(fault("rate_limit", retry_after=7.0), 1) == 0.0
