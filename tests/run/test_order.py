from __future__ import annotations

import asyncio
from collections.abc import Iterator

from judgebench.judges.base import Request, Sampling, Subject
from judgebench.protocols.messages import Message, OutputContract
from judgebench.run.order import LeadersFirst, group_of

CONTRACT = OutputContract("pairwise", ("A", "B", "C"))


def request(item: str, number: int, *, system: str = "Judge.") -> Request:
    chat = (Message("system", system), Message("user", f"{item} {number}"))
    return Request(f"{item}-{number}", chat, Sampling(), CONTRACT, 0, Subject(item, "a", "ab"))


def of_items(count: int, each: int) -> Iterator[Request]:
    return (request(f"i{item}", number) for item in range(count) for number in range(each))


def taken(order: LeadersFirst, tries: int = 100) -> list[str]:
    """What is at hand now."""
    return [found.key for _ in range(tries) if (found := order.next()) is not None]


def test_leaders_go_first_and_the_others_follow_the_answer() -> None:
    async def scenario() -> list[list[str]]:
        order = LeadersFirst(of_items(2, 3), ahead=8, most=8)
        first = taken(order)
        order.answered(request("i1", 0))
        second = taken(order)
        order.answered(request("i0", 0))
        return [first, second, taken(order)]

    assert asyncio.run(scenario()) == [["i0-0", "i1-0"], ["i1-1", "i1-2"], ["i0-1", "i0-2"]]


def test_no_more_than_the_most_wait_in_memory() -> None:
    async def scenario() -> tuple[list[str], int]:
        pulled = 0

        def counted() -> Iterator[Request]:
            nonlocal pulled
            for found in of_items(1, 1000):
                pulled += 1
                yield found

        order = LeadersFirst(counted(), ahead=8, most=16)
        return taken(order), pulled

    assert asyncio.run(scenario()) == (["i0-0"], 17)


def test_once_a_leader_is_answered_the_rest_of_its_group_goes_straight_through() -> None:
    async def scenario() -> list[str]:
        order = LeadersFirst(of_items(1, 30), ahead=4, most=4)
        taken(order)
        order.answered(request("i0", 0))
        return taken(order)

    assert sorted(asyncio.run(scenario())) == sorted(f"i0-{n}" for n in range(1, 30))


def test_while_enough_followers_are_ready_no_further_leader_is_looked_for() -> None:
    async def scenario() -> list[str]:
        order = LeadersFirst(of_items(3, 5), ahead=2, most=400)
        first = [found for _ in range(6) if (found := order.next()) is not None]
        order.answered(first[0])
        return [found.key for found in first] + [
            found.key for _ in range(4) if (found := order.next()) is not None
        ]

    # of the four that are ready two go, the others are kept until the next leader is out
    assert asyncio.run(scenario()) == ["i0-0", "i1-0", "i0-1", "i0-2", "i0-3"]


def test_a_leader_that_hangs_holds_its_group_up_only_for_a_while() -> None:
    async def scenario() -> list[str]:
        order = LeadersFirst(of_items(1, 3), ahead=8, most=8, patience_s=0.01)
        taken(order)
        await asyncio.wait_for(order.changed(), 5)
        return taken(order)

    assert asyncio.run(scenario()) == ["i0-1", "i0-2"]


def test_those_who_wait_are_woken_when_the_last_is_given_out_or_nothing_more_is() -> None:
    async def scenario(*, closed: bool) -> bool:
        order = LeadersFirst(of_items(1, 2), ahead=8, most=8)
        taken(order)
        waiting = asyncio.create_task(order.changed())
        await asyncio.sleep(0)
        if closed:
            order.close()
        else:
            order.answered(request("i0", 0))
        await asyncio.wait_for(waiting, 5)
        taken(order)
        return order.ended

    assert asyncio.run(scenario(closed=True))
    assert asyncio.run(scenario(closed=False))


def test_prompts_with_another_instruction_are_another_group() -> None:
    assert group_of(request("i0", 0)) == group_of(request("i0", 1))
    assert group_of(request("i0", 0)) != group_of(request("i0", 0, system="Judge well."))
    assert group_of(request("i0", 0)) != group_of(request("i1", 0))
