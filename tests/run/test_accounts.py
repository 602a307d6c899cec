from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

from judgebench.judges.base import JudgeFault
from judgebench.run.accounts import Account, account_of


class Named:
    def __init__(self, **identity: str) -> None:
        self.identity = identity


def account(**identity: str) -> Account:
    judge: Any = Named(**identity)
    return account_of(judge)


def test_judges_of_one_endpoint_share_an_account_and_others_do_not() -> None:
    one = account(provider="openai", endpoint="https://x.test/v1", model="m1")
    assert account(provider="openai", endpoint="https://x.test/v1", model="m2") is one
    assert account(provider="openai", endpoint="https://y.test/v1", model="m1") is not one
    assert account(provider="vllm", endpoint="https://x.test/v1", model="m1") is not one


def test_each_thread_has_accounts_of_its_own() -> None:
    found: list[Account] = []
    thread = threading.Thread(target=lambda: found.append(account(provider="p", endpoint="e")))
    thread.start()
    thread.join()
    assert found[0] is not account(provider="p", endpoint="e")


def test_what_one_run_found_out_the_next_starts_from(fault: Callable[..., JudgeFault]) -> None:
    async def refused(shared: Account) -> None:
        with shared.used(40):
            ticket = await shared.limiter.acquire()
            assert ticket is not None
            shared.limiter.release(ticket, fault("rate_limit"))

    shared = Account()
    asyncio.run(refused(shared))
    with shared.used(40):
        assert shared.limiter.limit == 16
    with shared.used(4):
        assert shared.limiter.limit == 4


def test_two_runs_at_once_have_no_more_in_flight_than_the_larger_bound() -> None:
    async def scenario() -> int:
        shared = Account()
        with shared.used(8), shared.used(5):
            tickets = [await shared.limiter.acquire(owner) for owner in "ab" for _ in range(4)]
            assert None not in tickets
            waiting = asyncio.create_task(shared.limiter.acquire("b"))
            await asyncio.sleep(0)
            assert not waiting.done()
            shared.limiter.dismiss("b")
            assert await waiting is None
        return shared.limiter.in_flight

    assert asyncio.run(scenario()) == 8
