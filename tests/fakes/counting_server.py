"""An OpenAI-compatible server on a real socket that counts what it was asked and what it has answered."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from batch_provider import completion
from sdk_schemas import check_request

REPLY = json.dumps(completion("[[A]]")).encode()


def first_message(body: dict[str, Any]) -> str | None:
    """The question of a chat: what its first message says."""
    return str(body["messages"][0]["content"])


class CountingServer(ThreadingHTTPServer):
    """Answers everything alike.

    Args:
        enough: How many questions are answered when the event `half_way` is set.
        question: What a request asks, by its body; None where it is not to be counted.
    """

    daemon_threads = True

    def __init__(self, enough: int, question: Callable[[dict[str, Any]], str | None] = first_message) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.enough, self.question = enough, question
        self.asked: Counter[str] = Counter()
        self.answered: set[str] = set()
        self.half_way = threading.Event()
        self.guard = threading.Lock()

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def asking(self, question: str) -> None:
        """A question has come."""
        with self.guard:
            self.asked[question] += 1

    def answer(self, question: str) -> None:
        """Its answer is out."""
        with self.guard:
            self.answered.add(question)
            if len(self.answered) >= self.enough:
                self.half_way.set()


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    wbufsize = 1 << 16  # one packet a reply, or each waits for an acknowledgement
    server: CountingServer

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        check_request("vllm", body)
        question = self.server.question(body)
        if question is not None:
            self.server.asking(question)
        time.sleep(0.005)
        self.send_response(200)
        self.send_header("Content-Length", str(len(REPLY)))
        self.end_headers()
        self.wfile.write(REPLY)
        self.wfile.flush()
        if question is not None:
            self.server.answer(question)

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except ConnectionError:
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the name is the base class's
        del format, args


@contextmanager
def serving(server: CountingServer) -> Iterator[CountingServer]:
    """The server while it serves."""
    with server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()
