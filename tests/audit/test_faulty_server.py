"""A whole audit against a server that fails in the ways that servers do: all is answered, and no key is written."""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

KEY = "sk-known-0123456789abcdef"
WIRES: dict[str, dict[str, Any]] = {
    "completions": {
        "id": "c1", "object": "chat.completion", "created": 1, "model": "served",
        "choices": [
            {"index": 0, "message": {"role": "assistant", "content": "Because. [[A]]"}, "finish_reason": "stop"}
        ],
        "usage": {"prompt_tokens": 100, "completion_tokens": 5, "total_tokens": 105},
    },
    "messages": {
        "id": "m1", "type": "message", "role": "assistant", "model": "served",
        "content": [{"type": "text", "text": "Because. [[A]]"}], "stop_reason": "end_turn",
        "usage": {"input_tokens": 100, "output_tokens": 5},
    },
}  # fmt: skip

Plan = Callable[[int, int], str]


class Server(ThreadingHTTPServer):
    """Does what `plan(number of the request, time of asking the same)` says: a fault by name, or `ok`."""

    daemon_threads = True

    def __init__(self, plan: Plan) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.plan = plan
        self.asked: Counter[bytes] = Counter()
        self.faults: Counter[str] = Counter()
        self.guard = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 1 << 16
    server: Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with self.server.guard:
            self.server.asked[body] += 1
            does = self.server.plan(self.server.asked.total(), self.server.asked[body])
            self.server.faults[does] += 1
        sent = json.dumps(WIRES[self.path.rpartition("/")[2]]).encode()
        secret = self.headers.get("Authorization") or self.headers.get("x-api-key") or ""
        if does == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True
            self.connection.close()
        elif does == "malformed":
            self.reply(200, sent[: len(sent) // 2])
        elif does == "ok":
            self.reply(200, sent)
        else:
            error = {"error": {"message": f"refused: {secret}", "type": "error", "code": does}}
            self.reply(int(does), json.dumps(error).encode())

    def reply(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        if status == 429:
            self.send_header("Retry-After", "0")
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except (OSError, ValueError):
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the name is the base class's
        del format, args


@pytest.fixture
def served() -> Iterator[Callable[[Plan], Server]]:
    running: list[Server] = []

    def start(plan: Plan) -> Server:
        server = Server(plan)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        running.append(server)
        return server

    yield start
    for server in running:
        server.shutdown()
        server.server_close()


@pytest.fixture(autouse=True)
def known_key(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "VLLM_API_KEY"):
        monkeypatch.setenv(variable, KEY)


FAULTS = ("429", "500", "reset", "malformed")


def now_and_then(number: int, _times: int) -> str:
    """One request in five fails, in each of the ways in turn."""
    return "ok" if number % 5 else FAULTS[number // 5 % 4]


def holds_key(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and KEY.encode() in path.read_bytes()]


@pytest.mark.parametrize("provider", ["vllm", "openai", "anthropic"])
def test_faults_of_transport_leave_no_trial_without_an_answer_and_no_key_in_a_file(
    provider: str, cli: Any, small_suite: Path, served: Callable[[Plan], Server]
) -> None:
    server = served(now_and_then)
    url = server.url.removesuffix("/v1") if provider == "anthropic" else server.url
    done = cli("run", small_suite, "--judge", f"{provider}/m", "--base-url", url, "--out", "out", "--yes")
    assert done.returncode == 0, done.stderr
    manifest = json.loads((small_suite.parent / "out" / "run.json").read_text())
    counts = manifest["counts"]
    assert (manifest["state"], counts["missing"], counts["answered"]) == ("complete", 0, counts["requests"])
    assert counts["faults"] == sum(server.faults[fault] for fault in FAULTS)
    assert all(server.faults[fault] for fault in FAULTS)
    assert holds_key(small_suite.parent) == []
    assert KEY not in done.stdout + done.stderr


@pytest.mark.parametrize("provider", ["vllm", "openai", "anthropic"])
def test_a_refused_key_that_the_server_echoes_is_nowhere_to_be_read(
    provider: str, cli: Any, small_suite: Path, served: Callable[[Plan], Server]
) -> None:
    server = served(lambda _number, _times: "401")
    url = server.url.removesuffix("/v1") if provider == "anthropic" else server.url
    done = cli("run", small_suite, "--judge", f"{provider}/m", "--base-url", url, "--out", "out", "--yes")
    assert done.returncode == 3
    assert "401" in done.stderr
    assert server.faults["401"] < 200
    assert holds_key(small_suite.parent) == []
    assert KEY not in done.stdout + done.stderr


def test_a_server_that_dies_half_way_leaves_a_run_that_the_same_command_completes(
    cli: Any, small_suite: Path, served: Callable[[Plan], Server]
) -> None:
    alive = 60
    server = served(lambda number, _times: "ok" if number <= alive else "404")
    command = ("run", small_suite, "--judge", "vllm/m", "--base-url", server.url, "--out", "out")
    first = cli(*command)
    assert first.returncode == 3
    manifest = json.loads((small_suite.parent / "out" / "run.json").read_text())
    missing = manifest["counts"]["missing"]
    assert f"{missing} of {manifest['counts']['trials']} trials have no reply" in first.stderr
    assert "to continue: judgebench run" in first.stderr
    assert manifest["counts"]["answered"] == alive
    server.plan = lambda _number, _times: "ok"
    second = cli(*command)
    assert second.returncode == 0
    counts = json.loads((small_suite.parent / "out" / "run.json").read_text())["counts"]
    assert counts["missing"] == 0
    assert server.faults["ok"] == counts["answered"] == counts["requests"]
