"""Providers and runner together, over a real socket that fails in every way there is."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from judgebench.judges.base import Judge, Request
from judgebench.protocols.reading import read_label
from judgebench.run.progress import Progress
from judgebench.run.retry import RetryPolicy
from judgebench.run.runner import Outcome, RunnerOptions, ask_all
from judgebench.run.store import Store

pytestmark = pytest.mark.slow

QUICK = RunnerOptions(retry=RetryPolicy(sleeps=False), max_concurrency=8, hopeless_after=10)


async def run(judge: Judge, requests: list[Request], path: Path) -> Outcome:
    with Store(path) as store:
        return await ask_all(
            judge,
            requests,
            store,
            read=lambda reply, request: read_label(reply.text, request.contract.labels),
            progress=Progress(mode="off"),
            options=QUICK,
        )


def test_every_request_is_answered_whatever_fails_on_the_way(
    provider: str,
    fake: Callable[..., Any],
    answer: Any,
    make_judge: Callable[..., Judge],
    make_request: Callable[..., Request],
    known_key: str,
    tmp_path: Path,
) -> None:
    failures = [
        answer(status=429, headers={"retry-after": "0"}),
        answer(status=500),
        answer(status=529),
        answer(fault="reset"),
        answer(fault="truncated"),
        answer(body={}),
        answer(fault="hang"),
        answer(),
    ]
    times: Counter[str] = Counter()

    def plan(_: int, body: dict[str, Any]) -> Any:
        question = body["messages"][-1]["content"]
        times[question] += 1
        return failures[int(question) % len(failures)] if times[question] == 1 else answer()

    async def scenario() -> Outcome:
        async with fake(plan).running() as server, make_judge(provider, server, "?timeout=1") as judge:
            requests = [make_request(str(number)) for number in range(24)]
            return await run(judge, requests, tmp_path / "judgments.db")

    assert asyncio.run(scenario()) == Outcome(answered=24, retries=21)
    with Store(tmp_path / "judgments.db", read_only=True) as store:
        totals = store.totals()
    assert (totals.answered, totals.faults) == (24, 21)


def test_a_wrong_key_stops_the_run_early_and_is_in_no_file(
    provider: str,
    fake: Callable[..., Any],
    answer: Any,
    make_judge: Callable[..., Judge],
    make_request: Callable[..., Request],
    known_key: str,
    tmp_path: Path,
) -> None:
    refusal = answer(status=401, body={"error": {"message": f"Incorrect API key provided: {known_key}"}})

    async def scenario() -> tuple[Outcome, int]:
        async with fake(refusal).running() as server, make_judge(provider, server) as judge:
            requests = [make_request(str(number)) for number in range(200)]
            return await run(judge, requests, tmp_path / "judgments.db"), len(server.bodies)

    outcome, sent = asyncio.run(scenario())
    assert outcome.stopped == "refused"
    assert "HTTP 401" in outcome.message
    assert known_key not in outcome.message
    assert 10 <= sent <= 18
    for path in tmp_path.iterdir():
        assert known_key.encode() not in path.read_bytes()
