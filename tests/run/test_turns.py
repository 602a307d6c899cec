from __future__ import annotations

import asyncio

import pytest

from judgebench.run.turns import Turns


def _nothing() -> None:
    """Nothing came that is to be kept."""


def test_so_many_go_on_in_a_turn_of_the_loop_in_the_order_in_which_they_came() -> None:
    async def scenario() -> list[list[int]]:
        turns = Turns(3, _nothing)
        gone: list[int] = []

        async def one(number: int) -> None:
            await turns.take()
            gone.append(number)

        tasks = [asyncio.create_task(one(number)) for number in range(8)]
        seen = []
        while len(gone) < 8:
            await asyncio.sleep(0)
            if not seen or len(gone) > len(seen[-1]):
                seen.append(list(gone))
        await asyncio.gather(*tasks)
        return seen

    seen = asyncio.run(scenario())
    assert seen == [list(range(3)), list(range(6)), list(range(8))]


def test_one_that_is_cancelled_while_it_waits_holds_up_no_other() -> None:
    async def scenario() -> bool:
        turns = Turns(1, _nothing)
        first, second, third = (asyncio.create_task(turns.take()) for _ in range(3))
        await asyncio.sleep(0)
        second.cancel()
        await asyncio.wait_for(asyncio.gather(first, third), 1)
        return second.cancelled()

    assert asyncio.run(scenario())


def test_all_that_came_in_a_turn_is_kept_at_once_before_anyone_goes_on() -> None:
    async def scenario() -> list[str]:
        happened: list[str] = []
        turns = Turns(3, lambda: happened.append("keep"))

        async def answer(number: int) -> None:
            turns.came()
            happened.append(f"answer {number}")
            await turns.kept()
            happened.append(f"next {number}")

        await asyncio.gather(*(answer(number) for number in range(3)))
        return happened

    before, after = ["answer 0", "answer 1", "answer 2"], ["next 0", "next 1", "next 2"]
    assert asyncio.run(scenario()) == [*before, "keep", *after]


def test_nothing_is_sent_in_the_turn_after_one_in_which_too_much_came() -> None:
    async def scenario() -> list[str]:
        happened: list[str] = []
        turns = Turns(2, lambda: happened.append("keep"))

        async def send() -> None:
            await turns.take()
            happened.append("send")

        for _ in range(3):
            turns.came()
        sending = asyncio.create_task(send())
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        happened.append("turn")
        await sending
        return happened

    assert asyncio.run(scenario()) == ["keep", "turn", "send"]


def test_callers_are_spread_over_the_time_that_an_answer_takes() -> None:
    async def scenario() -> list[float]:
        loop, turns = asyncio.get_running_loop(), Turns(2, _nothing)
        turns.spread(0.2, 10)  # one every 10 ms, twice as close as 10 in 200 ms
        gone: list[float] = []

        async def one() -> None:
            await turns.take()
            gone.append(loop.time())

        await asyncio.gather(*(one() for _ in range(10)))
        return gone

    gone = asyncio.run(scenario())
    # three at the start, since what is overdue goes together; timers are late, never early
    assert gone[-1] - gone[0] >= 0.065


def test_what_keeping_raises_reaches_those_who_wait_for_it() -> None:
    def full() -> None:
        raise OSError("no space left")

    async def scenario() -> None:
        turns = Turns(3, full)
        turns.came()
        await asyncio.wait_for(turns.kept(), 1)

    with pytest.raises(OSError, match="no space left"):
        asyncio.run(scenario())
