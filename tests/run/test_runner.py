from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest

from judgebench.errors import InputError
from judgebench.judges.base import Capabilities, JudgeFault, Request
from judgebench.run.budget import BudgetGuard
from judgebench.run.prices import Price
from judgebench.run.records import TrialRow
from judgebench.run.retry import RetryPolicy
from judgebench.run.runner import Outcome
from judgebench.run.store import Store

MakeRequests = Callable[..., list[Request]]
MakeFault = Callable[..., JudgeFault]
Run = Callable[..., Outcome]
Scripted = Callable[..., Any]


def always(text: str) -> Callable[[int, int], str]:
    return lambda _number, _attempt: text


@pytest.mark.parametrize("network", [True, False])
def test_everything_is_asked_once_and_stored_with_its_verdict(
    run: Run,
    store: Store,
    requests: MakeRequests,
    scripted: Scripted,
    trial: Callable[..., TrialRow],
    network: bool,  # a parameter of the test, not of an interface
) -> None:
    judge = scripted(lambda number, _: ["[[A]]", "[[B]]", "[[C]]", "no idea"][number % 4], network=network)
    told = requests(*range(8))
    store.add_trials(trial(n, request.key) for n, request in enumerate(told))
    assert run(judge, told) == Outcome(answered=8)
    assert sorted(judge.asked) == list(range(8))
    assert [row.outcome for row in store.judgment_rows()] == ["first", "second", "tie", "invalid"] * 2


def test_what_is_answered_is_not_asked_again(run: Run, requests: MakeRequests, scripted: Scripted) -> None:
    judge = scripted(always("[[A]]"))
    run(judge, requests(*range(5)))
    assert run(judge, requests(*range(8))) == Outcome(answered=3, skipped=5)
    assert sorted(judge.asked) == list(range(8))


def test_a_request_that_is_given_twice_is_sent_once_and_another_replicate_is_another_request(
    run: Run, requests: MakeRequests, scripted: Scripted
) -> None:
    judge = scripted(always("[[A]]"))
    told = [*requests(1, 1, 2, 1), *requests(1, replicate=1)]
    assert run(judge, told) == Outcome(answered=3, duplicates=2)
    assert sorted(judge.asked) == [1, 1, 2]


@pytest.mark.parametrize("kind", ["rate_limit", "overloaded", "transient", "timeout", "malformed"])
def test_faults_of_transport_are_asked_again_until_answered(
    run: Run, store: Store, requests: MakeRequests, scripted: Scripted, fault: MakeFault, kind: str
) -> None:
    judge = scripted(lambda _, attempt: fault(kind) if attempt < 4 else "[[A]]")
    assert run(judge, requests(*range(6))) == Outcome(answered=6, retries=18)
    totals = store.totals()
    assert (totals.answered, totals.faults, totals.attempts) == (6, 18, 24)


def test_after_the_last_attempt_a_request_is_given_up_and_asked_another_time(
    run: Run, store: Store, requests: MakeRequests, scripted: Scripted, fault: MakeFault
) -> None:
    judge = scripted(lambda number, attempt: fault("transient") if number == 1 and attempt <= 6 else "[[A]]")
    assert run(judge, requests(0, 1, 2)) == Outcome(answered=2, failed=1, retries=5)
    assert run(judge, requests(0, 1, 2)) == Outcome(answered=1, skipped=2)
    assert store.totals().answered == 3


def test_what_cannot_be_read_is_an_answer_and_never_asked_again(
    run: Run, requests: MakeRequests, scripted: Scripted
) -> None:
    judge = scripted(always("I like both."))
    assert run(judge, requests(1, 2)) == Outcome(answered=2)
    assert run(judge, requests(1, 2)) == Outcome(skipped=2)
    assert sorted(judge.asked) == [1, 2]


@pytest.mark.parametrize("error", [ValueError("a bug"), KeyError("x"), RuntimeError("closed")])
def test_whatever_one_request_raises_never_ends_the_run(
    run: Run, requests: MakeRequests, scripted: Scripted, error: Exception
) -> None:
    judge = scripted(lambda number, _: error if number == 3 else "[[A]]")
    outcome = run(judge, requests(*range(10)))
    assert (outcome.answered, outcome.failed, outcome.stopped) == (9, 1, None)


def test_a_connection_error_out_of_a_users_judge_is_asked_again(
    run: Run, requests: MakeRequests, scripted: Scripted
) -> None:
    judge = scripted(lambda _, attempt: ConnectionResetError("gone") if attempt == 1 else "[[A]]")
    assert run(judge, requests(1)) == Outcome(answered=1, retries=1)


def test_wrong_input_that_the_judge_finds_ends_the_run(
    run: Run, requests: MakeRequests, scripted: Scripted
) -> None:
    with pytest.raises(InputError, match="no such thing"):
        run(scripted(lambda *_: InputError("no such thing")), requests(1))


def test_a_store_that_can_keep_nothing_ends_the_run(
    run: Run, store: Store, requests: MakeRequests, scripted: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full() -> None:
        raise OSError("no space left")

    monkeypatch.setattr(store, "commit", full)
    with pytest.raises(OSError, match="no space left"):
        run(scripted(always("[[A]]")), requests(*range(40)))


def test_a_fault_in_the_plan_ends_the_run_with_all_answers_kept(
    run: Run, store: Store, requests: MakeRequests, scripted: Scripted
) -> None:
    def plan() -> Iterator[Request]:
        yield from requests(*range(400))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run(scripted(always("[[A]]"), network=False), plan())
    assert store.totals().answered == 400


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_run_in_which_all_fail_alike_stops_early_and_says_so(
    run: Run, requests: MakeRequests, scripted: Scripted, fault: MakeFault, status: int
) -> None:
    judge = scripted(lambda *_: fault("fatal", status=status))
    outcome = run(judge, requests(*range(500)), hopeless_after=20, max_concurrency=8)
    assert outcome.stopped == "refused"
    assert "the first 20 requests all failed alike: told to: fatal" in outcome.message
    assert 20 <= len(judge.asked) <= 28


def test_refusals_after_an_answer_or_of_another_kind_do_not_stop_the_run(
    run: Run, requests: MakeRequests, scripted: Scripted, fault: MakeFault
) -> None:
    mixed = scripted(lambda number, _: fault("fatal", status=404) if number else "[[A]]")
    assert run(mixed, requests(*range(50)), max_concurrency=1).failed == 49
    bad = scripted(lambda *_: fault("fatal", status=400))
    outcome = run(bad, requests(*range(100, 150)))
    assert (outcome.failed, outcome.stopped) == (50, None)
    assert "no request was answered; the last fault: told to: fatal" in outcome.message


def test_no_more_than_the_most_are_in_flight_and_a_hung_one_holds_up_no_other(
    run: Run, requests: MakeRequests, scripted: Scripted
) -> None:
    def script(number: int, attempt: int) -> Any:
        return asyncio.sleep(60) if number % 10 == 0 and attempt == 1 else "[[A]]"

    judge = scripted(script)
    start = time.monotonic()
    outcome = run(judge, requests(*range(100)), max_concurrency=16, timeout_s=0.1)
    assert outcome == Outcome(answered=100, retries=10)
    assert judge.most_in_flight <= 16
    assert time.monotonic() - start < 2


def test_the_requests_are_taken_only_as_they_are_asked(
    run: Run, requests: MakeRequests, scripted: Scripted
) -> None:
    answered = 0
    ahead = []

    def script(_number: int, _attempt: int) -> str:
        nonlocal answered
        answered += 1
        return "[[A]]"

    def plan() -> Iterator[Request]:
        for number, request in enumerate(requests(*range(1000))):
            ahead.append(number - answered)
            yield request

    run(scripted(script), plan(), max_concurrency=4)
    assert max(ahead) <= 8


def test_when_told_to_stop_what_is_in_flight_ends_and_the_rest_is_asked_another_time(
    run: Run, store: Store, requests: MakeRequests, scripted: Scripted
) -> None:
    async def slow() -> str:
        await asyncio.sleep(0.02)
        return "[[A]]"

    judge = scripted(lambda *_: slow())
    first = run(judge, requests(*range(100)), max_concurrency=4, stop_after=0.1)
    assert first.stopped == "interrupted"
    assert 0 < first.answered < 100
    assert first.answered == len(judge.asked) == store.totals().answered
    second = run(judge, requests(*range(100)), max_concurrency=100)
    assert (second.answered, second.skipped) == (100 - first.answered, first.answered)
    assert len(judge.asked) == 100


def test_what_outlasts_the_grace_is_left_for_another_time(
    run: Run, store: Store, requests: MakeRequests, scripted: Scripted
) -> None:
    judge = scripted(lambda number, _: asyncio.sleep(60) if number == 2 else "[[A]]")
    start = time.monotonic()
    outcome = run(judge, requests(1, 2, 3), stop_after=0.05, grace_s=0.05)
    assert time.monotonic() - start < 1
    assert (outcome.answered, outcome.failed, outcome.stopped) == (2, 0, "interrupted")
    assert store.totals().attempts == 2


def test_a_stop_does_not_wait_for_a_retry(
    run: Run, requests: MakeRequests, scripted: Scripted, fault: MakeFault
) -> None:
    judge = scripted(lambda *_: fault("rate_limit", retry_after=30.0))
    start = time.monotonic()
    outcome = run(judge, requests(1, 2), stop_after=0.05, grace_s=10, retry=RetryPolicy())
    assert time.monotonic() - start < 1
    assert (outcome.failed, outcome.stopped) == (0, "interrupted")


def test_the_time_a_provider_asks_for_is_waited(
    run: Run, requests: MakeRequests, scripted: Scripted, fault: MakeFault
) -> None:
    judge = scripted(lambda _, n: fault("rate_limit", retry_after=0.2) if n == 1 else "[[A]]")
    start = time.monotonic()
    run(judge, requests(1), retry=RetryPolicy(base_s=0.001))
    assert 0.2 <= time.monotonic() - start < 1


def test_a_budget_is_never_exceeded_and_a_larger_one_continues(
    run: Run, store: Store, requests: MakeRequests, scripted: Scripted
) -> None:
    price = Price(input=0.0, output=1.0)  # 10 tokens are answered, 50 at most: 1e-5 and 5e-5 USD
    judge = scripted(always("[[A]]"))
    first = run(judge, requests(*range(100)), price=price, budget=BudgetGuard(30.5e-5, price))
    assert first.stopped == "budget"
    assert "may exceed the budget" in first.message
    spent = store.totals().cost_usd
    assert spent == pytest.approx(first.answered * 1e-5)
    assert 25.5e-5 <= spent <= 30.5e-5
    guard = BudgetGuard(1.0, price, spent_usd=spent)
    second = run(judge, requests(*range(100)), price=price, budget=guard)
    assert (second.answered, second.skipped, second.stopped) == (100 - first.answered, first.answered, None)
    assert store.totals().cost_usd == pytest.approx(100e-5)
    assert len(judge.asked) == 100


def test_the_cost_of_an_answer_is_stored_with_it(
    run: Run, store: Store, requests: MakeRequests, scripted: Scripted
) -> None:
    run(scripted(always("[[A]]")), requests(1), price=Price(input=1.0, cached=0.5, output=2.0))
    assert store.totals().cost_usd == pytest.approx((60 * 1.0 + 40 * 0.5 + 10 * 2.0) / 1e6)


def test_a_judge_that_answers_together_what_is_asked_at_once_is_asked_at_once(
    scripted: Any, requests: Any, run: Any
) -> None:
    judge = scripted(lambda number, attempt: "[[A]]", network=False)
    judge.capabilities = Capabilities(network=False, gathers=True)
    assert run(judge, requests(*range(50)), max_concurrency=16).answered == 50
    assert judge.most_in_flight == 16
    alone = scripted(lambda number, attempt: "[[A]]", network=False)
    run(alone, requests(*range(50, 60)), max_concurrency=16)
    assert alone.most_in_flight == 1


def test_the_answers_of_a_gathering_judge_are_on_disk_before_it_is_asked_for_more(
    scripted: Any, requests: Any, run: Any, store: Store
) -> None:
    on_disk = []

    def script(number: int, _attempt: int) -> str:
        with closing(sqlite3.connect(store.path)) as other:
            on_disk.append((number, *other.execute("SELECT COUNT(*) FROM attempts").fetchone()))
        return "[[A]]"

    judge = scripted(script, network=False)
    judge.capabilities = Capabilities(network=False, gathers=True)
    run(judge, requests(*range(30)), max_concurrency=4)
    # at most three others are in flight
    assert all(kept >= number - 3 for number, kept in on_disk)
