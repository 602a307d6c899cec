"""The runner beside bare clients, on pinned cores: CPU, share of the ideal, memory, disk, and what kill -9 costs.

It needs a load server, started as `SERVER PORT RESPONSES`: one that answers chat completions and messages, takes the
latency in ms from the first part of the path (`/l50/v1`; `/lh/v1`: log-normal) and counts at `/stats` what it was asked
(`requests`) and has answered (`ok`). Bare loops and ours take turns in the same window, so that the ratios hold on a
machine that is not quiet; wall-clock figures hold on a quiet one only.

Usage: python benchmarks/runner.py --server PATH --responses DIR [--inspect PYTHON] [--parts cpu ideal memory kills]
       [--rounds 3] [--trials 1000000] [--out benchmarks/runner.md]
"""

import argparse
import http.client
import json
import os
import platform
import random
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from markdown_page import table

ASKING = Path(__file__).with_name("asking.py")
SERVER_CORE, CLIENT_CORE = 0, 1
COUNTS = {"vllm": 6000, "openai": 2000, "anthropic": 2000}
PARTS = ("cpu", "ideal", "memory", "kills", "inspect")


class Load:
    """The load server, on a free port."""

    def __init__(self, port: int) -> None:
        self.port = port

    def url(self, path: str, provider: str = "vllm") -> str:
        """The base URL of a way to behave."""
        return f"http://127.0.0.1:{self.port}/{path}" + ("" if provider == "anthropic" else "/v1")

    def get(self, path: str) -> dict[str, Any]:
        """What the server says of itself."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port)
        try:
            connection.request("GET", path)
            found: dict[str, Any] = json.loads(connection.getresponse().read())
        finally:
            connection.close()
        return found


@contextmanager
def serving(server: Path, responses: Path) -> Iterator[Load]:
    """Start the server on its core and stop it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = ["taskset", "-c", str(SERVER_CORE), str(server), str(port), str(responses)]
    with subprocess.Popen(command) as process:
        load = Load(port)
        try:
            for _ in range(200):
                try:
                    load.get("/reset")
                    break
                except OSError:
                    time.sleep(0.02)
            yield load
        finally:
            process.terminate()


def start(*arguments: object, python: str = sys.executable, folder: Path) -> subprocess.Popen[str]:
    """Start a process of asking.py on the client's core."""
    command = ["taskset", "-c", str(CLIENT_CORE), python, str(ASKING), *map(str, arguments), str(folder)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def measure(*arguments: object, python: str = sys.executable) -> dict[str, Any]:
    """Run a process of asking.py in a folder of its own, and give its figures."""
    folder = Path(tempfile.mkdtemp(prefix="runner-"))
    try:
        with start(*arguments, python=python, folder=folder) as process:
            printed, _ = process.communicate()
        if process.returncode:
            raise SystemExit(f"{arguments} ended with {process.returncode}")
        found: dict[str, Any] = json.loads(printed.splitlines()[-1])
        return found
    finally:
        shutil.rmtree(folder)


def cpu(load: Load, rounds: int) -> list[str]:
    """CPU a request at no latency, ours and bare in turns."""
    rows = []
    for provider, count in COUNTS.items():
        url = load.url("l0rn", provider)
        pairs = [
            [measure(kind, provider, url, count, 64)["cpu_ms"] for kind in ("bare", "ours")]
            for _ in range(rounds)
        ]
        bare, own = (statistics.median(column) for column in zip(*pairs, strict=True))
        ratio = statistics.median(mine / its for its, mine in pairs)
        goal = "3 (and 0.5 ms)" if provider == "vllm" else "1.35"
        rows.append((provider, f"{bare:.3f}", f"{own:.3f}", f"{ratio:.2f}", goal))
    heads = ("provider", "bare loop, CPU ms", "ours, CPU ms", "ratio", "goal, at most")
    return ["## CPU a request, no latency, 64 in flight", table(heads, rows)]


def ideal(load: Load) -> list[str]:
    """How near a run comes to requests x latency / slots."""
    rows = []
    for in_flight, count, goal in ((64, 4000, 94), (256, 10_000, 92)):
        found = measure("ours", "vllm", load.url("l500rn"), count, in_flight)
        share = count * 0.5 / in_flight / found["wall_s"]
        memory, disk = f"{found['rss_mb']:.0f}", f"{found['kb']:.2f}"
        rows.append((str(in_flight), str(count), f"{share:.1%}", f"{goal}%", memory, disk))
    heads = ("in flight", "requests", "of the ideal", "goal, at least", "RSS, MB", "disk, KB a request")
    note = (
        "From opening the run directory to the last file of it. Goals: at most 150 MB at 256, at most 1.5 KB."
    )
    return ["## 500 ms a request", table(heads, rows), note]


def memory(trials: int) -> list[str]:
    """Memory with few and with many trials of the same items."""
    rows = []
    for count in (10_000, trials):
        found = measure("sim", "-", "-", count, "-")
        figures = (f"{found['rss_mb']:.1f}", f"{found['cpu_ms']:.3f}", f"{found['kb']:.2f}")
        rows.append((f"{count:,}", *figures))
    more = float(rows[1][1]) - float(rows[0][1])
    heads = ("trials", "RSS, MB", "CPU ms a trial", "disk, KB a trial")
    return [
        "## Memory, simulated judge, 500 items",
        table(heads, rows),
        f"{more:+.1f} MB; goal: at most 10 MB more.",
    ]


def kills(load: Load, times: int, seed: int) -> list[str]:
    """Kill a run at a random moment, finish it by the same command, and count what was asked again."""
    rng = random.Random(seed)  # noqa: S311  # moments, no secret
    rows = []
    for path, count in (("l0rn", 4000), ("l50rn", 4000), ("l500rn", 1200), ("lhrn", 1200)):
        whole = measure("ours", "vllm", load.url(path), count, 64)["tokens"]
        found = [killed(load, path, count, rng.uniform(0.3, 0.6), rng.uniform(0, 0.5)) for _ in range(times)]
        repeats = [again for again, _ in found]
        equal = all(tokens == whole for _, tokens in found)
        listed = ", ".join(map(str, repeats))
        rows.append((LATENCIES[path], str(count), listed, str(max(repeats)), "yes" if equal else "NO"))
    heads = (
        "latency",
        "requests",
        "asked again, kill by kill",
        "most",
        "all answered, tokens as undisturbed",
    )
    return [
        f"## kill -9, 64 in flight, {times} times",
        table(heads, rows),
        "Goal: at most 5 answered requests again.",
    ]


LATENCIES = {"l0rn": "none", "l50rn": "50 ms", "l500rn": "500 ms", "lhrn": "log-normal, median 400 ms"}


def killed(load: Load, path: str, count: int, share: float, wait_s: float) -> tuple[int, dict[str, int]]:
    """Kill one run some time after that share is answered; the answers that came twice, and the tokens in the end."""
    folder = Path(tempfile.mkdtemp(prefix="runner-"))
    load.get("/reset")
    asked: tuple[object, ...] = ("ours", "vllm", load.url(path), count, 64)
    try:
        with start(*asked, folder=folder) as process:
            while load.get("/stats")["ok"] < share * count:
                time.sleep(0.001)
            # answers come in waves: the moment at which they reach a number is always within one
            time.sleep(wait_s)
            process.send_signal(signal.SIGKILL)
        with start(*asked, folder=folder) as process:
            printed, _ = process.communicate()
        found = json.loads(printed.splitlines()[-1])
        if found["state"] != "complete":
            raise SystemExit(f"incomplete after kill -9: {found}")
        return load.get("/stats")["ok"] - count, found["tokens"]
    finally:
        shutil.rmtree(folder)


def inspect(load: Load, python: str) -> list[str]:
    """The same prompts through inspect_ai and through ours, in turns."""
    url = load.url("l0rn")
    pairs = [
        (measure("inspect", "openai", url, 500, 64, python=python), measure("ours", "vllm", url, 6000, 64))
        for _ in range(2)
    ]
    rows = []
    for name, column in zip(("inspect_ai", "judgebench, vllm"), zip(*pairs, strict=True), strict=True):
        rate = statistics.median(found["count"] / found["wall_s"] for found in column)
        spent = statistics.median(found["cpu_ms"] for found in column)
        rows.append((name, f"{rate:.0f}", f"{spent:.2f}", f"{max(found['rss_mb'] for found in column):.0f}"))
    rates = statistics.median((b["count"] / b["wall_s"]) / (a["count"] / a["wall_s"]) for a, b in pairs)
    spent = statistics.median(a["cpu_ms"] / b["cpu_ms"] for a, b in pairs)
    told = f"{rates:.0f} times the requests a second; {spent:.0f} times less CPU a request. Goal: at least 25 times."
    return [
        "## inspect_ai, no latency, 64 in flight",
        table(("", "requests/s", "CPU ms", "RSS, MB"), rows),
        told,
    ]


def machine(load_before: float) -> str:
    """What it was measured on."""
    packages = ", ".join(f"{name} {version(name)}" for name in ("aiohttp", "openai", "anthropic"))
    when = datetime.now(UTC).date().isoformat()
    return (
        f"{os.cpu_count()} cores; Python {platform.python_version()}; {packages}; {when}. Load average "
        f"{load_before:.1f} at the start, {os.getloadavg()[0]:.1f} at the end: above 1, other work took CPU, "
        "caches and moments from what is measured."
    )


def main() -> None:
    """Measure the parts that are asked for and write the page."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--server", type=Path, required=True)
    parser.add_argument("--responses", type=Path, required=True)
    parser.add_argument("--inspect", metavar="PYTHON", help="an interpreter that has inspect_ai and openai")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--trials", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path)
    told = parser.parse_args()
    before = os.getloadavg()[0]
    with serving(told.server, told.responses) as load:
        parts: dict[str, Callable[[], list[str]]] = {
            "cpu": lambda: cpu(load, told.rounds),
            "ideal": lambda: ideal(load),
            "memory": lambda: memory(told.trials),
            "kills": lambda: kills(load, told.kills, told.seed),
            "inspect": lambda: inspect(load, told.inspect) if told.inspect else [],
        }
        found = []
        for part in told.parts:
            found += parts[part]()
            print(*found[-3:], sep="\n", file=sys.stderr, flush=True)
    how = (
        "`python benchmarks/runner.py --server PATH --responses DIR --inspect PYTHON`: a load server on one core, the "
        "client on the other, a process for each figure."
    )
    page = [
        "# The runner beside bare clients",
        how,
        machine(before),
        *found,
    ]
    text = "\n\n".join(page) + "\n"
    if told.out is None:
        print(text)
    else:
        told.out.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
