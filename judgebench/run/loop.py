"""Run a coroutine from ordinary code, wherever that is: in a notebook a loop is already running."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from concurrent.futures import Future
from threading import Thread
from typing import Any, TypeVar

T = TypeVar("T")


def complete(coroutine: Coroutine[Any, Any, T]) -> T:
    """What the coroutine returns, once it has ended.

    Where the caller's thread has a running event loop, as in a notebook, it runs in a thread of its own: a loop cannot
    wait within itself. An interrupt of the caller then cancels it, and is raised once it has ended.
    """
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(coroutine)
    running: list[tuple[asyncio.AbstractEventLoop, asyncio.Task[Any]]] = []
    ended: Future[T] = Future()

    async def noted() -> T:
        task = asyncio.current_task()
        if task is not None:
            running.append((asyncio.get_running_loop(), task))
        return await coroutine

    def work() -> None:
        try:
            ended.set_result(asyncio.run(noted()))
        except BaseException as error:  # noqa: BLE001  # whatever it is, the caller raises it
            ended.set_exception(error)

    thread = Thread(target=work, name="judgebench")
    try:
        thread.start()
        return ended.result()
    except KeyboardInterrupt:
        for loop, task in running:
            loop.call_soon_threadsafe(task.cancel)
        raise
    finally:
        thread.join()
