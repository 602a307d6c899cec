"""Asks that come one by one, answered many at a time: for models that run in this process."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from judgebench.errors import InputError
from judgebench.judges.base import JudgeFault, Reply, Request

Answer = Reply | JudgeFault
_GATHER_S: Final = 0.002
_SHOWN: Final = 300


class Gatherer:
    """Collects the requests that are asked while the model is busy, and gives them to it together.

    The model is only ever touched by one thread. A batch that fails as a whole is asked again half by half, so that
    a request that cannot be answered (a prompt beyond the context) fails alone.

    Args:
        answer: From requests to as many answers, in the same order; called in the thread.
        most: Requests in a batch at most.
    """

    def __init__(self, answer: Callable[[Sequence[Request]], Sequence[Answer]], most: int) -> None:
        self._answer = answer
        self._most = most
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="model")
        self._waiting: list[tuple[Request, asyncio.Future[Reply]]] = []
        self._task: asyncio.Task[None] | None = None

    async def load(self, work: Callable[[], object], spec: str) -> None:
        """Load the model in its thread.

        Raises:
            InputError: It does not load, whatever the library raises then.
        """
        try:
            await asyncio.get_running_loop().run_in_executor(self._thread, work)
        except Exception as error:
            self._thread.shutdown()
            said = " ".join(f"{type(error).__name__}: {error}".split())
            raise InputError(
                f"judge {spec} does not load: {said[:_SHOWN]}", expected="a model by its name or its folder"
            ) from error

    async def ask(self, request: Request) -> Reply:
        """The reply to a request, once its batch is done.

        Raises:
            JudgeFault: There is none.
        """
        future: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._waiting.append((request, future))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._drain())
        return await future

    async def close(self) -> None:
        """Let go of the thread; a batch in work is waited for."""
        if self._task is not None:
            await asyncio.gather(self._task, return_exceptions=True)
        self._thread.shutdown()

    async def _drain(self) -> None:
        """Answer batch after batch until nothing waits."""
        loop = asyncio.get_running_loop()
        while self._waiting:
            # those that are on their way still fit into this batch
            await asyncio.sleep(_GATHER_S)
            batch, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
            wanted = [(request, future) for request, future in batch if not future.done()]
            answers = await loop.run_in_executor(self._thread, self._safely, [r for r, _ in wanted])
            for (_, future), found in zip(wanted, answers, strict=True):
                if future.done():  # given up meanwhile
                    continue
                if isinstance(found, JudgeFault):
                    future.set_exception(found)
                else:
                    future.set_result(found)

    def _safely(self, requests: Sequence[Request]) -> Sequence[Answer]:
        """An answer to each, whatever the model raises."""
        if not requests:
            return []
        try:
            return self._answer(requests)
        except Exception as error:  # noqa: BLE001  # an engine may raise anything; it becomes the fault of a request
            if half := len(requests) // 2:
                return [*self._safely(requests[:half]), *self._safely(requests[half:])]
            if isinstance(error, JudgeFault):
                return [error]
            return [JudgeFault("fatal", f"{type(error).__name__}: {error}"[:_SHOWN])]
