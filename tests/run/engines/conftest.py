from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from batch_provider import BatchProvider

from judgebench.judges.base import Judge, Reply, Request, Sampling, Subject
from judgebench.judges.batches import BatchJudge
from judgebench.judges.factory import open_judge
from judgebench.judges.keys import request_key
from judgebench.protocols.messages import Message, OutputContract
from judgebench.protocols.reading import Reading, read_label
from judgebench.run.engines.batch import BatchOptions, ask_in_batches
from judgebench.run.progress import Progress
from judgebench.run.retry import RetryPolicy
from judgebench.run.runner import Outcome
from judgebench.run.store import Store

CONTRACT = OutputContract("pairwise", ("A", "B", "C"))
QUICK = {"first_poll_s": 0.001, "slowest_poll_s": 0.01, "retry": RetryPolicy(sleeps=False)}


@pytest.fixture(params=["openai", "anthropic"])
def service(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def provider() -> Iterator[BatchProvider]:
    with BatchProvider().running() as running:
        yield running


@pytest.fixture
def judge(service: str, provider: BatchProvider) -> Judge:
    return open_judge(f"{service}/some-model", base_url=provider.url)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "judgments.db"


@pytest.fixture
def requests(judge: Judge) -> Callable[[int], list[Request]]:
    def make(count: int) -> list[Request]:
        sampling = Sampling(max_tokens=200)
        made = []
        for number in range(count):
            chat = (Message("system", "You judge."), Message("user", f"question {number}"))
            key = request_key(judge.identity, chat, judge.effective(sampling), CONTRACT, 0)
            made.append(Request(key, chat, sampling, CONTRACT, 0, Subject(f"i{number}", "a", "ab")))
        return made

    return make


@pytest.fixture
def batch(judge: BatchJudge, provider: BatchProvider, path: Path) -> Callable[..., Outcome]:
    """Ask in batches as a process would: the store is opened for it and closed after it.

    With `stop_when_waiting` the user stops it once a batch has been looked at, by when all are handed in.
    """

    def go(requests: list[Request], *, stop_when_waiting: bool = False, **options: Any) -> Outcome:
        def read(contract: OutputContract, reply: Reply) -> Reading:
            return read_label(reply.text, contract.labels)

        async def scenario() -> Outcome:
            stop = asyncio.Event()
            provider.polled.clear()

            async def interrupt() -> None:
                assert await asyncio.to_thread(provider.polled.wait, 30)
                stop.set()

            user = asyncio.create_task(interrupt()) if stop_when_waiting else None
            told = BatchOptions(**{**QUICK, **options})
            with Store(path) as store:
                async with judge:
                    outcome = await ask_in_batches(
                        judge.batches(), lambda: requests, store,
                        read=read, progress=Progress(mode="off"), options=told, stop=stop,
                    )  # fmt: skip

            if user is not None:
                await user
            return outcome

        return asyncio.run(scenario())

    return go
