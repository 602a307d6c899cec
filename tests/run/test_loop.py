import asyncio
import os
import signal
from pathlib import Path

import pytest

import judgebench
from judgebench.run.loop import complete


async def answer() -> int:
    await asyncio.sleep(0)
    return 42


def test_it_completes_without_a_loop() -> None:
    assert complete(answer()) == 42


def test_it_completes_within_a_running_loop() -> None:
    async def notebook() -> int:
        return complete(answer())

    assert asyncio.run(notebook()) == 42


def test_what_it_raises_reaches_the_caller() -> None:
    async def broken() -> None:
        raise ValueError("broken")

    async def notebook() -> None:
        complete(broken())

    with pytest.raises(ValueError, match="broken"):
        asyncio.run(notebook())


def test_an_interrupt_within_a_running_loop_cancels_it_and_waits_for_its_end() -> None:
    said = []

    async def patient() -> None:
        os.kill(os.getpid(), signal.SIGINT)  # what Ctrl-C and a notebook do
        try:
            await asyncio.Event().wait()
        finally:
            said.append("ended")

    async def notebook() -> None:
        complete(patient())

    loop = (
        asyncio.new_event_loop()
    )  # asyncio.run would take the interrupt for itself, as a notebook's does not
    try:
        with pytest.raises(KeyboardInterrupt):
            loop.run_until_complete(notebook())
    finally:
        loop.close()
    assert said == ["ended"]


def test_a_suite_runs_within_a_running_loop(tmp_path: Path) -> None:
    suite = tmp_path / "suite.yaml"
    suite.write_text("suite: small\nitems:\n  - {source: bank, limit: 4}\nperturbations: [position]\n")

    async def notebook() -> judgebench.Run:
        return judgebench.run(suite, judge="sim/null", out=tmp_path / "run")

    assert asyncio.run(notebook()).complete
