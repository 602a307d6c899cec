from __future__ import annotations

import asyncio
from collections.abc import Callable

from judgebench.judges.base import JudgeFault
from judgebench.run.limiter import Limiter

MakeFault = Callable[..., JudgeFault]


def bounded(most: int, start: int | None = None) -> Limiter:
    limiter = Limiter(start)
    limiter.join(most)
    return limiter


async def fill(limiter: Limiter) -> list[int]:
    """Take every slot that is free."""
    tickets = []
    while limiter.in_flight < limiter.limit:
        ticket = await limiter.acquire()
        assert ticket is not None
        tickets.append(ticket)
    return tickets


async def clean_round(limiter: Limiter) -> None:
    for ticket in await fill(limiter):
        limiter.release(ticket)


def test_it_starts_low_and_doubles_in_each_clean_round_up_to_the_most() -> None:
    async def scenario() -> list[int]:
        limiter = bounded(50, start=8)
        seen = [limiter.limit]
        for _ in range(4):
            await clean_round(limiter)
            seen.append(limiter.limit)
        return seen

    assert asyncio.run(scenario()) == [8, 16, 32, 50, 50]


def test_a_refusal_cuts_to_four_fifths_once_for_all_that_were_in_flight(fault: MakeFault) -> None:
    async def scenario() -> list[int]:
        limiter = bounded(20, start=20)
        tickets = await fill(limiter)
        for ticket in tickets:
            limiter.release(ticket, fault("rate_limit"))
        seen = [limiter.limit]
        ticket = await limiter.acquire()
        assert ticket is not None
        limiter.release(ticket, fault("overloaded"))
        return [*seen, limiter.limit]

    assert asyncio.run(scenario()) == [16, 12]


def test_after_a_cut_it_grows_by_a_twentieth_for_a_clean_round_and_at_least_by_one(fault: MakeFault) -> None:
    async def scenario(start: int) -> tuple[int, int]:
        limiter = bounded(1000, start=start)
        (ticket, *rest) = await fill(limiter)
        limiter.release(ticket, fault("rate_limit"))
        for ticket in rest:
            limiter.release(ticket, fault("transient"))
        before = limiter.limit
        await clean_round(limiter)
        return before, limiter.limit

    assert asyncio.run(scenario(10)) == (8, 9)
    assert asyncio.run(scenario(500)) == (400, 420)


def test_it_does_not_grow_while_nothing_presses_against_it() -> None:
    async def scenario() -> int:
        limiter = bounded(64, start=8)
        for _ in range(100):
            ticket = await limiter.acquire()
            assert ticket is not None
            limiter.release(ticket)
        return limiter.limit

    assert asyncio.run(scenario()) == 8


def test_it_never_falls_below_one(fault: MakeFault) -> None:
    async def scenario() -> int:
        limiter = bounded(4)
        for _ in range(30):
            ticket = await limiter.acquire()
            assert ticket is not None
            limiter.release(ticket, fault("rate_limit"))
        return limiter.limit

    assert asyncio.run(scenario()) == 1


def test_other_faults_leave_the_limit_alone(fault: MakeFault) -> None:
    async def scenario() -> int:
        limiter = bounded(8)
        for ticket in await fill(limiter):
            limiter.release(ticket, fault("timeout"))
        return limiter.limit

    assert asyncio.run(scenario()) == 8


def test_a_request_that_is_asked_again_goes_first() -> None:
    async def scenario() -> list[str]:
        limiter = bounded(1)
        order: list[str] = []

        async def one(name: str, *, again: bool) -> None:
            ticket = await limiter.acquire(again=again)
            assert ticket is not None
            order.append(name)
            limiter.release(ticket)

        held = await limiter.acquire()
        tasks = [asyncio.create_task(one(name, again=name == "again")) for name in ("new", "newer", "again")]
        await asyncio.sleep(0)
        limiter.release(held or 0)
        await asyncio.gather(*tasks)
        return order

    assert asyncio.run(scenario()) == ["again", "new", "newer"]


def test_several_refusals_in_a_row_hold_everything_for_as_long_as_the_provider_asks(fault: MakeFault) -> None:
    async def scenario() -> tuple[float, float]:
        loop = asyncio.get_running_loop()
        limiter = bounded(8)
        tickets = await fill(limiter)
        start = loop.time()
        for ticket in tickets[:2]:
            limiter.release(ticket, fault("rate_limit", retry_after=0.1))
        limiter.release(tickets[2])
        limiter.release(await limiter.acquire() or 0)
        stray = loop.time() - start
        for ticket in tickets[3:6]:
            limiter.release(ticket, fault("rate_limit", retry_after=0.1))
        await limiter.acquire()
        return stray, loop.time() - start

    stray, wall = asyncio.run(scenario())
    assert stray < 0.05
    assert wall >= 0.1


def test_dismissing_an_owner_lets_go_those_that_wait_for_it_and_no_others() -> None:
    async def scenario() -> list[int | None]:
        limiter = bounded(1)
        held = await limiter.acquire()
        owners = ("one", "one", "other")
        waiting = [asyncio.create_task(limiter.acquire(owner)) for owner in owners]
        await asyncio.sleep(0)
        limiter.dismiss("one")
        limiter.release(held or 0)
        return await asyncio.gather(*waiting)

    assert asyncio.run(scenario()) == [None, None, 0]


def test_a_waiter_that_is_cancelled_as_its_slot_comes_leaves_the_slot_to_the_next() -> None:
    async def scenario() -> int | None:
        limiter = bounded(1)
        held = await limiter.acquire()
        first = asyncio.create_task(limiter.acquire())
        second = asyncio.create_task(limiter.acquire())
        await asyncio.sleep(0)
        limiter.release(held or 0)
        first.cancel()
        return await asyncio.wait_for(second, 1)

    assert asyncio.run(scenario()) is not None
