"""The end of the process while responses are written: none is lost, and next to none is asked for again."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from counting_server import CountingServer, serving

from judgebench.run.authorship import AUTHORS
from judgebench.run.store import Store

PROMPTS = 60
CONCURRENCY = 5
SUITE = """
suite: own
items: [{{source: prompts, path: prompts.jsonl}}]
perturbations: [position]
self_preference:
  authors:
    - {{judge: self, name: mine}}
    - {{judge: vllm/other, base_url: "{url}", name: other}}
"""


def asked_to_write(body: dict[str, Any]) -> str | None:
    """Who is asked to write what; None where the judge is to compare."""
    chat = body["messages"]
    return None if len(chat) > 1 else f"{body['model']}: {chat[0]['content']}"


def start(server: CountingServer, folder: Path) -> subprocess.Popen[bytes]:
    command = ["run", "suite.yaml", "--judge", "vllm/mine", "--base-url", server.url, "--out", "run",
               "--max-concurrency", str(CONCURRENCY), "--yes"]  # fmt: skip
    quiet = subprocess.DEVNULL
    return subprocess.Popen(
        [sys.executable, "-m", "judgebench", *command], cwd=folder, stdout=quiet, stderr=quiet
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    "share", [0.25, 0.75]
)  # while the first author writes, and while the second one does
def test_after_kill_9_the_same_command_keeps_what_was_written_and_asks_for_the_rest(
    tmp_path: Path, share: float
) -> None:
    count = 2 * PROMPTS
    rows = [{"id": f"q{i}", "prompt": f"What of {i}?"} for i in range(PROMPTS)]
    (tmp_path / "prompts.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    with serving(CountingServer(int(share * count), asked_to_write)) as server:
        (tmp_path / "suite.yaml").write_text(SUITE.format(url=server.url))
        with start(server, tmp_path) as process:
            assert server.half_way.wait(60)
            process.kill()
        with server.guard:
            answered_before, asked_before = set(server.answered), Counter(server.asked)
        assert len(answered_before) < count
        with Store(tmp_path / "run" / AUTHORS, read_only=True) as store:
            kept = {stored.key: stored.reply for stored in store.replies()}
        assert len(kept) >= len(answered_before) - CONCURRENCY
        with start(server, tmp_path) as process:
            assert process.wait(120) == 0
        again = {question for question, times in server.asked.items() if times > asked_before[question] > 0}
        assert len(again & answered_before) <= CONCURRENCY
        assert len(server.answered) == count
    with Store(tmp_path / "run" / AUTHORS, read_only=True) as store:
        written = {stored.key: stored.reply for stored in store.replies()}
    assert len(written) == count
    assert all(written[key] == reply for key, reply in kept.items())
    assert json.loads((tmp_path / "run" / "run.json").read_text())["state"] == "complete"
