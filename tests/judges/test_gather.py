"""Models in this process answer in batches what is asked one by one."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence

import pytest

from judgebench.errors import InputError
from judgebench.judges.base import JudgeFault, Reply, Request
from judgebench.judges.gather import Gatherer

MakeRequest = Callable[..., Request]


class Model:
    """Echoes its prompts; says in how many calls, of which sizes, in which threads it was asked."""

    def __init__(self, *, cannot: str = "") -> None:
        self.batches: list[int] = []
        self.threads: set[int] = set()
        self.cannot = cannot

    def answer(self, requests: Sequence[Request]) -> list[Reply]:
        self.batches.append(len(requests))
        self.threads.add(threading.get_ident())
        texts = [request.messages[-1].content for request in requests]
        if self.cannot in texts:
            raise ValueError(f"too long: {self.cannot}")
        return [Reply(text) for text in texts]


def ask(model: Model, requests: Sequence[Request], most: int = 100) -> list[Reply | BaseException]:
    async def scenario() -> list[Reply | BaseException]:
        gatherer = Gatherer(model.answer, most)
        try:
            return await asyncio.gather(*map(gatherer.ask, requests), return_exceptions=True)
        finally:
            await gatherer.close()

    return asyncio.run(scenario())


def test_what_is_asked_at_once_is_one_batch_and_each_gets_its_own_answer(make_request: MakeRequest) -> None:
    model = Model()
    found = ask(model, [make_request(str(n)) for n in range(40)])
    assert [reply.text for reply in found if isinstance(reply, Reply)] == [str(n) for n in range(40)]
    assert model.batches == [40]


def test_a_batch_is_no_larger_than_allowed_and_all_are_answered_in_one_thread(
    make_request: MakeRequest,
) -> None:
    model = Model()
    assert len(ask(model, [make_request(str(n)) for n in range(25)], most=10)) == 25
    assert model.batches == [10, 10, 5]
    assert len(model.threads) == 1
    assert threading.get_ident() not in model.threads


def test_a_request_that_cannot_be_answered_fails_alone(make_request: MakeRequest) -> None:
    model = Model(cannot="7")
    found = ask(model, [make_request(str(n)) for n in range(16)])
    faults = [n for n, reply in enumerate(found) if isinstance(reply, JudgeFault)]
    assert faults == [7]
    fault = found[7]
    assert isinstance(fault, JudgeFault)
    assert (fault.kind, str(fault)) == ("fatal", "ValueError: too long: 7")
    assert len(model.batches) <= 1 + 2 * 4


def test_one_that_is_given_up_holds_up_no_other(make_request: MakeRequest) -> None:
    model = Model()

    async def scenario() -> tuple[bool, str]:
        gatherer = Gatherer(model.answer, 100)
        lost, kept = (asyncio.create_task(gatherer.ask(make_request(text))) for text in ("lost", "kept"))
        await asyncio.sleep(0)
        lost.cancel()
        reply = await kept
        await gatherer.close()
        return lost.cancelled(), reply.text

    assert asyncio.run(scenario()) == (True, "kept")


def test_it_goes_on_after_a_pause(make_request: MakeRequest) -> None:
    model = Model()

    async def scenario() -> list[str]:
        gatherer = Gatherer(model.answer, 100)
        texts = [(await gatherer.ask(make_request(text))).text for text in ("one", "two")]
        await gatherer.close()
        return texts

    assert asyncio.run(scenario()) == ["one", "two"]
    assert model.batches == [1, 1]


def test_a_model_that_does_not_load_is_told_in_words() -> None:
    def load() -> None:
        raise ValueError("no such\nmodel")

    async def scenario() -> None:
        gatherer = Gatherer(Model().answer, 1)
        try:
            await gatherer.load(load, "vllm/m")
        finally:
            await gatherer.close()

    with pytest.raises(InputError, match="judge vllm/m does not load: ValueError: no such model"):
        asyncio.run(scenario())
