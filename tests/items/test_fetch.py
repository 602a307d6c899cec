"""Fetching sets from a server of the test's own: whole, in parts, wrong, changed, and not at all."""

from __future__ import annotations

import hashlib
import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from judgebench.errors import FetchFailed, InputError
from judgebench.items import cache, remote
from judgebench.items.fetch import fetch, set_named
from judgebench.items.remote import RemoteFile, RemoteSet

CONTENT = bytes(range(256)) * 1000
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class Server(ThreadingHTTPServer):
    """Serves `content` at every path.

    Attributes:
        breaks_after: How many bytes of a reply are sent before the connection is dropped.
        ranges: Whether it can give parts.
        asked: The Range header of each request, None where there was none.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.content = CONTENT
        self.breaks_after: int | None = None
        self.ranges = True
        self.asked: list[str | None] = []

    def url(self, path: str = "data.bin") -> str:
        return f"http://127.0.0.1:{self.server_port}/{path}"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        asked = self.headers["Range"]
        self.server.asked.append(asked)
        body = self.server.content
        if self.path == "/absent":
            self.send_error(404)
            return
        start = int(asked.removeprefix("bytes=").removesuffix("-")) if asked and self.server.ranges else 0
        if start >= len(body):
            self.send_error(416)
            return
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(body) - start))
        self.end_headers()
        end = len(body) if self.server.breaks_after is None else start + self.server.breaks_after
        self.wfile.write(body[start:end])

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    thread = threading.Thread(target=made.serve_forever, args=(0.01,))
    thread.start()
    yield made
    made.shutdown()
    made.server_close()
    thread.join()


def some_set(server: Server, sha256: str | None = SHA256, path: str = "data.bin") -> RemoteSet:
    return RemoteSet(
        "some", "MIT", "https://example.org", (RemoteFile("in/data.bin", server.url(path), sha256),)
    )


def files_in(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_a_set_is_fetched_verified_and_locked(server: Server, tmp_path: Path) -> None:
    lines: list[str] = []
    fetch(some_set(server), tmp_path, lines.append)
    assert (tmp_path / "in" / "data.bin").read_bytes() == CONTENT
    assert files_in(tmp_path) == {"in/data.bin", "lock.json"}
    entry = json.loads((tmp_path / "lock.json").read_text())["files"]["in/data.bin"]
    assert entry == {"url": server.url(), "sha256": SHA256, "pinned": True}
    assert lines == ["in/data.bin: 256,000 bytes, sha256 as pinned"]


def test_what_is_here_is_not_asked_for_again(server: Server, tmp_path: Path) -> None:
    fetch(some_set(server), tmp_path, lambda _: None)
    lines: list[str] = []
    fetch(some_set(server), tmp_path, lines.append)
    assert (server.asked, lines) == ([None], ["in/data.bin: already here"])


def test_an_interrupted_fetch_goes_on_where_it_stopped(server: Server, tmp_path: Path) -> None:
    server.breaks_after = 100_000
    with pytest.raises(FetchFailed, match="100,000 bytes are kept, and the same command goes on"):
        fetch(some_set(server), tmp_path, lambda _: None)
    assert files_in(tmp_path) == {"in/data.bin.part"}
    server.breaks_after = None
    fetch(some_set(server), tmp_path, lambda _: None)
    assert server.asked == [None, "bytes=100000-"]
    assert (tmp_path / "in" / "data.bin").read_bytes() == CONTENT
    assert files_in(tmp_path) == {"in/data.bin", "lock.json"}


@pytest.mark.parametrize("kept", [b"x" * 10, b"x" * len(CONTENT), b"x" * (len(CONTENT) + 5)])
def test_a_server_that_gives_no_parts_or_has_no_more_gives_all_again(
    server: Server, tmp_path: Path, kept: bytes
) -> None:
    server.ranges = len(kept) > 10
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "data.bin.part").write_bytes(kept)
    fetch(some_set(server), tmp_path, lambda _: None)
    assert (tmp_path / "in" / "data.bin").read_bytes() == CONTENT


def test_another_content_is_refused_and_nothing_of_it_is_left(server: Server, tmp_path: Path) -> None:
    server.content = b"something else"
    found = hashlib.sha256(server.content).hexdigest()
    with pytest.raises(FetchFailed, match=f"its sha256 is {found}, not {SHA256}"):
        fetch(some_set(server), tmp_path, lambda _: None)
    assert files_in(tmp_path) == set()


def test_a_hash_that_nobody_knew_holds_from_the_first_fetch_on(server: Server, tmp_path: Path) -> None:
    lines: list[str] = []
    fetch(some_set(server, None), tmp_path, lines.append)
    assert lines == [f"in/data.bin: 256,000 bytes, sha256 {SHA256}, on first sight"]
    assert not json.loads((tmp_path / "lock.json").read_text())["files"]["in/data.bin"]["pinned"]
    (tmp_path / "in" / "data.bin").unlink()
    server.content = b"changed since"
    with pytest.raises(FetchFailed, match="not the one that was pinned"):
        fetch(some_set(server, None), tmp_path, lambda _: None)
    assert files_in(tmp_path) == {"lock.json"}


def test_a_file_that_was_changed_here_is_fetched_again(server: Server, tmp_path: Path) -> None:
    fetch(some_set(server), tmp_path, lambda _: None)
    (tmp_path / "in" / "data.bin").write_bytes(b"edited")
    fetch(some_set(server), tmp_path, lambda _: None)
    assert (tmp_path / "in" / "data.bin").read_bytes() == CONTENT


def test_the_answer_of_the_server_is_told(server: Server, tmp_path: Path) -> None:
    with pytest.raises(FetchFailed, match="absent: the server answered 404 Not Found"):
        fetch(some_set(server, path="absent"), tmp_path, lambda _: None)


def test_a_broken_lock_file_and_a_folder_that_is_a_file_are_told(server: Server, tmp_path: Path) -> None:
    (tmp_path / "lock.json").write_text("[]")
    with pytest.raises(InputError, match="the lock file is broken"):
        fetch(some_set(server), tmp_path, lambda _: None)
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="the folder cannot be written"):
        fetch(some_set(server), tmp_path / "file", lambda _: None)


@pytest.fixture
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(cache.CACHE_VARIABLE, str(tmp_path / "cache"))
    return tmp_path / "cache"


def enter(monkeypatch: pytest.MonkeyPatch, name: str, *files: RemoteFile) -> None:
    monkeypatch.setitem(remote.SETS, name, RemoteSet(name, "MIT", "https://example.org", files))


def test_no_network_is_one_message_and_no_traceback(
    cli, own_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    enter(monkeypatch, "llmbar", RemoteFile("x.json", f"http://127.0.0.1:{port}/x.json"))
    done = cli("data", "fetch", "llmbar")
    assert done.returncode == 1
    assert "cannot be fetched" in done.stderr
    assert "Is there a network?" in done.stderr
    assert "Traceback" not in done.stderr + done.stdout
    assert not cache.is_fetched("llmbar")


PAIRS = [{"input": "i", "output_1": "1", "output_2": "2", "label": 1}]


def test_a_fetched_set_is_found_by_its_source_and_by_cache_paths(
    cli, own_cache: Path, server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    server.content = json.dumps(PAIRS).encode()
    enter(monkeypatch, "llmbar", RemoteFile("Natural/dataset.json", server.url()))
    suite = "suite: s\nitems: [{%s}]\nperturbations: [position]\n"
    written = {}
    for key, items in {
        "bare": "source: llmbar",
        "cached": "source: llmbar, path: 'cache:llmbar'",
        "inside": "source: llmbar, path: 'cache:llmbar/Natural/dataset.json'",
    }.items():
        written[key] = tmp_path / f"{key}.yaml"
        written[key].write_text(suite % items)
        done = cli("validate", written[key])
        assert done.returncode == 2
        assert "was not fetched" in done.stderr
        assert "judgebench data fetch llmbar" in done.stderr
        assert f"{key}.yaml:2:" in done.stderr
    fetched = cli("data", "fetch", "llmbar")
    assert fetched.returncode == 0
    assert "Its hashes were not known beforehand" in fetched.stdout
    assert f"in {own_cache / 'llmbar'}" in cli("data", "list").stdout
    for path in written.values():
        assert "1 items" in cli("validate", path).stdout


def test_a_path_may_start_at_the_users_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache.resolved("~/sets/x.json", Path("/suites")) == tmp_path / "sets" / "x.json"
    assert cache.resolved("x.json", Path("/suites")) == Path("/suites/x.json")


def test_a_set_can_go_to_a_folder_of_ones_own(
    cli, own_cache: Path, server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    enter(monkeypatch, "pandalm", RemoteFile("data.bin", server.url(), SHA256))
    done = cli("data", "fetch", "pandalm", "--to", tmp_path / "mine")
    assert done.returncode == 0
    assert f"path: {tmp_path / 'mine'}" in done.stdout
    assert files_in(tmp_path / "mine") == {"data.bin", "lock.json"}
    assert not own_cache.exists()


def test_names_that_cannot_be_fetched_are_told(cli) -> None:
    done = cli("data", "fetch", "lmbar")
    assert (done.returncode, "did you mean 'llmbar'?" in done.stderr) == (2, True)
    with pytest.raises(InputError, match="no address is pinned for 'humans_llms'"):
        set_named("humans_llms")


def test_every_set_has_a_source_and_every_address_is_https_at_a_fixed_revision(cli) -> None:
    from judgebench.items import sources

    assert set(remote.SETS) <= set(sources.names())
    listed = cli("data", "list").stdout
    for name, found in remote.SETS.items():
        assert name in listed
        for file in found.files:
            assert file.url.startswith("https://")
            assert not {"main", "master", "HEAD"} & set(file.url.split("/"))
            assert file.sha256 is None or len(bytes.fromhex(file.sha256)) == 32


HERE = {
    "llmbar": "llmbar/Dataset/LLMBar",
    "evalbiasbench": "evalbiasbench",
    "judgebench": "judgebench/data",
    "pandalm": "pandalm",
}


@pytest.mark.parametrize("name", HERE)
def test_the_pinned_hashes_are_those_of_the_publishers_files(name: str, data: Path) -> None:
    for file in remote.SETS[name].files:
        assert hashlib.sha256((data / HERE[name] / file.path).read_bytes()).hexdigest() == file.sha256
