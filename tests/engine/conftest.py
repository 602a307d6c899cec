"""The real vLLM, in an environment of its own, and a stand-in for it, behind the same fixtures.

`JUDGEBENCH_VLLM_ENV` names a virtual environment with vLLM; `.ci/run` makes one with its build for CPUs. Where it is
absent the tests marked `vllm` are skipped.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

sys.path.insert(0, str(Path(__file__).parent))
from fake_engine import Behaviour

sys.path.pop(0)

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
START_S = 300.0
QUIET = {
    "HF_HUB_OFFLINE": "1",
    "VLLM_CPU_KVCACHE_SPACE": "1",
    "VLLM_CPU_OMP_THREADS_BIND": "nobind",
    "VLLM_NO_USAGE_STATS": "1",
    "VLLM_ENABLE_V1_MULTIPROCESSING": "0",
    "PYTHONPATH": str(ROOT),
}


@pytest.fixture(scope="session")
def vllm_python() -> Path:
    """The interpreter of the environment with vLLM."""
    named = os.environ.get("JUDGEBENCH_VLLM_ENV")
    if not named:
        pytest.skip("JUDGEBENCH_VLLM_ENV names no environment with vLLM")
    python = Path(named) / "bin" / "python"
    if not python.exists():
        pytest.skip(f"no interpreter at {python}")
    return python


@pytest.fixture(scope="session")
def run_there(vllm_python: Path) -> Callable[..., str]:
    """Run Python in that environment and give what it prints."""

    def run(*arguments: str | Path, given: str = "") -> str:
        command = [str(vllm_python), *map(str, arguments)]
        done = subprocess.run(
            command, env=os.environ | QUIET, input=given, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr[-4000:]
        return done.stdout

    return run


@pytest.fixture(scope="session")
def tiny(run_there: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the random models `judge`, `other` and `reward`."""
    folder = tmp_path_factory.mktemp("tiny")
    run_there(HERE / "tiny_model.py", folder)
    return folder


@pytest.fixture(scope="session")
def vllm_server(vllm_python: Path, tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the real server, which serves the tiny judge as `tiny`."""
    with served(vllm_python, tiny / "judge", "tiny", tmp_path_factory.mktemp("server") / "log") as address:
        yield address


@contextlib.contextmanager
def served(vllm_python: Path, model: Path, name: str, log: Path) -> Iterator[str]:
    """A real server of a model under a name, and its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        str(vllm_python), "-m", "vllm.entrypoints.openai.api_server", "--model", str(model),
        "--host", "127.0.0.1", "--port", str(port), "--served-model-name", name, "--dtype", "float32",
        "--enforce-eager", "--max-model-len", "2048", "--max-logprobs", "20",
        "--structured-outputs-config", '{"backend": "xgrammar", "disable_any_whitespace": true}',
    ]  # fmt: skip
    with log.open("wb") as output:
        server = subprocess.Popen(
            command, env=os.environ | QUIET, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )
    try:
        _wait_for(f"http://127.0.0.1:{port}/health", server, log)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGTERM)
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()


def _wait_for(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + START_S
    while time.monotonic() < end and server.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=2):  # noqa: S310  # our own address
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.5)
    pytest.fail(f"the server did not start:\n{log.read_text(errors='replace')[-4000:]}")


@contextlib.contextmanager
def serving(behaviour: Behaviour) -> Iterator[str]:
    """The stand-in on a real socket, in a thread with a loop of its own."""
    started: list[Any] = []
    ready = threading.Event()

    async def serve() -> None:
        runner = web.AppRunner(behaviour.application())
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        stop = asyncio.Event()
        started.extend((runner.addresses[0][1], asyncio.get_running_loop(), stop))
        ready.set()
        await stop.wait()
        await runner.cleanup()

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    ready.wait(10)
    port, loop, stop = started
    try:
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()


@pytest.fixture(scope="module", params=["fake", pytest.param("vllm", marks=pytest.mark.vllm)])
def two_engines(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, str]]:
    """The addresses of two servers, of the models `tiny` and `other`: first stand-ins, then real ones."""
    if request.param == "fake":
        with serving(Behaviour()) as one, serving(Behaviour(model="other", served="other")) as two:
            yield one, two
        return
    one, python, tiny = (request.getfixturevalue(name) for name in ("vllm_server", "vllm_python", "tiny"))
    with served(python, tiny / "other", "other", tmp_path_factory.mktemp("other") / "log") as two:
        yield one, two


@pytest.fixture
def serve() -> Iterator[Callable[..., str]]:
    """Start a stand-in that behaves as told and give its address."""
    with contextlib.ExitStack() as servers:
        yield lambda **told: servers.enter_context(serving(Behaviour(**told)))


@pytest.fixture(scope="module", params=["fake", pytest.param("vllm", marks=pytest.mark.vllm)])
def engine(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a server of the model `tiny`: first the stand-in, then the real one."""
    if request.param == "vllm":
        yield request.getfixturevalue("vllm_server")
        return
    with serving(Behaviour()) as address:
        yield address
