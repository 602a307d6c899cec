"""The end of the process at any moment: nothing that was answered is lost, next to nothing is asked again."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from counting_server import CountingServer, serving

from judgebench.run.store import Store

COUNT = 240
CONCURRENCY = 5


@pytest.fixture
def server() -> Iterator[CountingServer]:
    with serving(CountingServer(COUNT // 2)) as server:
        yield server


def start(server: CountingServer, store: Path) -> subprocess.Popen[bytes]:
    script = Path(__file__).with_name("asking_process.py")
    return subprocess.Popen([sys.executable, script, server.url, store, str(COUNT), str(CONCURRENCY)])


def test_after_kill_9_a_resumed_run_loses_nothing_and_repeats_at_most_what_was_in_flight(
    server: CountingServer, tmp_path: Path
) -> None:
    path = tmp_path / "judgments.db"
    with start(server, path) as process:
        assert server.half_way.wait(20)
        process.kill()
    with server.guard:
        answered_before, asked_before = set(server.answered), Counter(server.asked)
    with Store(path, read_only=True) as store:
        kept = store.totals().answered
    assert kept >= COUNT // 2 - CONCURRENCY
    with start(server, path) as process:
        assert process.wait(20) == 0
    asked_again = {question for question, times in server.asked.items() if times > asked_before[question] > 0}
    assert len(asked_again & answered_before) <= CONCURRENCY
    assert len(server.answered) == COUNT
    with Store(path, read_only=True) as store:
        assert store.totals().answered == COUNT


@pytest.mark.slow
@pytest.mark.parametrize("share", [random.Random(n).uniform(0.3, 0.7) for n in range(10)])  # moments
def test_killed_at_any_moment_a_run_ends_with_the_totals_of_an_undisturbed_one(
    server: CountingServer, tmp_path: Path, share: float
) -> None:
    with start(server, tmp_path / "whole.db") as process:
        assert process.wait(60) == 0
    server.answered.clear()
    server.asked.clear()
    path = tmp_path / "judgments.db"
    with start(server, path) as process:
        while True:
            with server.guard:
                if len(server.answered) >= share * COUNT:
                    break
            time.sleep(0.001)
        process.kill()
    with server.guard:
        answered_before, asked_before = set(server.answered), Counter(server.asked)
    with start(server, path) as process:
        assert process.wait(60) == 0
    again = {question for question, times in server.asked.items() if times > asked_before[question] > 0}
    assert len(again & answered_before) <= CONCURRENCY
    with Store(tmp_path / "whole.db", read_only=True) as whole, Store(path, read_only=True) as resumed:
        assert resumed.totals() == whole.totals()
        assert resumed.totals().answered == COUNT
