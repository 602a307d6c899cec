"""The end of the process at any moment: nothing that was answered is lost, next to nothing is asked again."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from batch_provider import completion
from sdk_schemas import check_request

from judgebench.run.store import Store

COUNT = 240
CONCURRENCY = 5
REPLY = json.dumps(completion("[[A]]")).encode()


class Server(ThreadingHTTPServer):
    """Counts what it was asked and what it has answered; sets `half_way` when half is answered."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: Counter[str] = Counter()
        self.answered: set[str] = set()
        self.half_way = threading.Event()
        self.guard = threading.Lock()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 1 << 16  # one packet a reply, or each waits for an acknowledgement
    server: Server

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        check_request("vllm", body)
        question = body["messages"][0]["content"]
        with self.server.guard:
            self.server.asked[question] += 1
        time.sleep(0.005)
        self.send_response(200)
        self.send_header("Content-Length", str(len(REPLY)))
        self.end_headers()
        self.wfile.write(REPLY)
        self.wfile.flush()
        with self.server.guard:
            self.server.answered.add(question)
            if len(self.server.answered) >= COUNT // 2:
                self.server.half_way.set()

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except ConnectionError:
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the name is the base class's
        del format, args


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def start(server: Server, store: Path) -> subprocess.Popen[bytes]:
    script = Path(__file__).with_name("asking_process.py")
    url = f"http://127.0.0.1:{server.server_address[1]}"
    return subprocess.Popen([sys.executable, script, url, store, str(COUNT), str(CONCURRENCY)])


def test_after_kill_9_a_resumed_run_loses_nothing_and_repeats_at_most_what_was_in_flight(
    server: Server, tmp_path: Path
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
    server: Server, tmp_path: Path, share: float
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
