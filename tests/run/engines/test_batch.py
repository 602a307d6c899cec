"""Both batch services, driven by the official SDKs over a real socket."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from batch_provider import BatchProvider

from judgebench.judges.base import Request
from judgebench.run.budget import BudgetGuard
from judgebench.run.engines.chunk import Chunk
from judgebench.run.prices import Price
from judgebench.run.runner import Outcome
from judgebench.run.store import Store

MakeRequests = Callable[[int], list[Request]]
Batch = Callable[..., Outcome]

PRICE = Price(input=1.0, output=10.0).batched()
COST = (1000 * 0.5 + 100 * 5.0) / 1e6


def test_every_request_is_answered_under_its_own_key_whatever_the_order_of_the_results(
    batch: Batch, requests: MakeRequests, provider: BatchProvider, path: Path
) -> None:
    provider.text = lambda text: f"[[{'ABC'[int(text.split()[1]) % 3]}]]"
    told = requests(7)
    assert batch(told, price=PRICE) == Outcome(answered=7)
    with Store(path, read_only=True) as store:
        assert [store.reply_text(r.key) for r in told] == [f"[[{'ABC'[n % 3]}]]" for n in range(7)]
        totals = store.totals()
        assert not store.jobs.open()
    assert (totals.answered, totals.attempts, totals.by_model) == (7, 7, {"served-1": 7})
    assert totals.cost_usd == pytest.approx(7 * COST)


def test_what_is_answered_is_not_handed_in_again(
    batch: Batch, requests: MakeRequests, provider: BatchProvider
) -> None:
    batch(requests(3))
    assert batch(requests(5) + requests(2)) == Outcome(answered=2, skipped=3, duplicates=2)
    assert provider.sizes == [3, 2]


def test_a_batch_is_looked_at_until_it_has_ended(
    batch: Batch, requests: MakeRequests, provider: BatchProvider
) -> None:
    provider.ends_after = 4
    assert batch(requests(3)) == Outcome(answered=3)
    assert provider.batches.popitem()[1].polls >= 5


def test_what_expired_or_broke_is_handed_in_again_and_the_rest_of_its_batch_is_kept(
    batch: Batch, requests: MakeRequests, provider: BatchProvider, path: Path
) -> None:
    fates = {2: "expired", 3: "500", 4: "canceled", 5: "missing"}
    provider.fate = lambda text, times: "ok" if times > 1 else fates.get(int(text.split()[1]), "ok")
    assert batch(requests(8), price=PRICE) == Outcome(answered=8, retries=4)
    assert provider.sizes == [8, 4]
    with Store(path, read_only=True) as store:
        totals = store.totals()
    assert (totals.attempts, totals.faults) == (12, 4)
    assert totals.cost_usd == pytest.approx(8 * COST)


def test_a_request_that_the_provider_refuses_is_given_up_and_no_other(
    batch: Batch, requests: MakeRequests, provider: BatchProvider
) -> None:
    provider.fate = lambda text, _: "400" if text == "question 1" else "ok"
    assert batch(requests(4)) == Outcome(answered=3, failed=1)
    assert provider.sizes == [4]
    provider.fate = lambda *_: "ok"
    assert batch(requests(4)) == Outcome(answered=1, skipped=3)


def test_what_never_succeeds_is_given_up_after_the_last_round(
    batch: Batch, requests: MakeRequests, provider: BatchProvider
) -> None:
    provider.fate = lambda text, _: "expired" if text == "question 0" else "ok"
    assert batch(requests(3), rounds=3) == Outcome(answered=2, failed=1, retries=2)
    assert provider.sizes == [3, 1, 1]


def test_when_nothing_is_answered_the_last_fault_is_told(
    batch: Batch, requests: MakeRequests, provider: BatchProvider
) -> None:
    provider.fate = lambda *_: "400"
    outcome = batch(requests(3))
    assert (outcome.failed, outcome.stopped) == (3, None)
    assert "no request was answered; the last fault" in outcome.message
    assert "told 400" in outcome.message


def test_results_that_are_not_ours_are_passed_over_and_counted(
    batch: Batch, requests: MakeRequests, provider: BatchProvider, path: Path
) -> None:
    provider.strangers = True
    outcome = batch(requests(3))
    assert outcome.answered == 3
    assert outcome.message == "1 results bear ids that were not asked, and were passed over"
    with Store(path, read_only=True) as store:
        assert store.totals().requests == 3


def test_results_that_are_cut_short_are_read_again(
    batch: Batch, requests: MakeRequests, provider: BatchProvider, path: Path
) -> None:
    provider.cut = 2
    assert batch(requests(5)) == Outcome(answered=5)
    assert provider.sizes == [5]
    with Store(path, read_only=True) as store:
        assert store.totals().attempts == 5


def test_of_results_that_stay_cut_short_the_whole_lines_are_kept_and_the_rest_is_handed_in_again(
    batch: Batch, requests: MakeRequests, provider: BatchProvider
) -> None:
    provider.cut = 6  # as often as a call is made
    assert batch(requests(5)) == Outcome(answered=5, retries=1)
    assert provider.sizes == [5, 1]


@pytest.mark.parametrize("separator", ["\u2028", "\u0085", "\x0b"])
def test_a_text_may_hold_any_separator_of_lines(
    batch: Batch, requests: MakeRequests, provider: BatchProvider, path: Path, separator: str
) -> None:
    provider.text = lambda _: f"One.{separator}Two. [[B]]"
    told = requests(2)
    batch(told)
    with Store(path, read_only=True) as store:
        assert store.reply_text(told[0].key) == f"One.{separator}Two. [[B]]"


def test_the_user_may_stop_and_a_later_process_picks_the_batches_up(
    batch: Batch, requests: MakeRequests, provider: BatchProvider, path: Path
) -> None:
    provider.ends_after = 10**9
    outcome = batch(requests(5), stop_when_waiting=True, largest=3)
    assert outcome.stopped == "interrupted"
    assert outcome.message == "interrupted; 5 requests are in 2 batches at the provider, which go on there"
    with Store(path, read_only=True) as store:
        assert [job.job for job in store.jobs.open()] == list(provider.batches)
    provider.ends_after = 0
    assert batch(requests(6)).answered == 6
    assert provider.sizes == [3, 2, 1]


def test_a_batch_whose_id_never_came_back_is_found_again_and_not_paid_twice(
    batch: Batch, requests: MakeRequests, provider: BatchProvider
) -> None:
    provider.refuse[("POST", "batches")] = [0]
    assert batch(requests(4)) == Outcome(answered=4)
    assert provider.sizes == [4]


def test_a_batch_that_a_killed_process_was_handing_in_is_found_by_the_next(
    batch: Batch, requests: MakeRequests, provider: BatchProvider, path: Path
) -> None:
    told = requests(4)
    provider.ends_after = 10**9
    batch(told, stop_when_waiting=True)
    with Store(path) as store:  # as it is just before the id is written down
        store._db.execute("UPDATE batches SET job = NULL")
    provider.ends_after = 0
    assert batch(told).answered == 4
    assert provider.sizes == [4]


def test_a_batch_that_never_reached_the_provider_is_handed_in_anew(
    batch: Batch, requests: MakeRequests, provider: BatchProvider, path: Path
) -> None:
    told = requests(4)
    with Store(path) as store:
        store.jobs.begin([store.register(request) for request in told], 0.0)
    assert batch(told).answered == 4
    assert provider.sizes == [4]


def test_calls_that_fail_for_a_moment_are_made_again(
    batch: Batch, requests: MakeRequests, provider: BatchProvider
) -> None:
    provider.refuse = {("POST", "batches"): [503, 429], ("GET", "_1"): [500, 0], ("GET", "results"): [500],
                       ("GET", "content"): [500]}  # fmt: skip
    assert batch(requests(4)) == Outcome(answered=4)
    assert provider.sizes == [4]


def test_a_batch_that_may_not_be_handed_in_ends_the_run_with_the_reason(
    batch: Batch, requests: MakeRequests, provider: BatchProvider
) -> None:
    provider.refuse[("POST", "batches")] = [401]
    outcome = batch(requests(4))
    assert outcome.stopped == "refused"
    assert outcome.message == "a batch could not be handed in: HTTP 401: told 401"
    assert batch(requests(4)).answered == 4


def test_a_batch_that_is_gone_is_written_off_and_its_requests_are_handed_in_again(
    batch: Batch, requests: MakeRequests, provider: BatchProvider, path: Path
) -> None:
    provider.refuse[("GET", "_1")] = [404]
    guard = BudgetGuard(1.0, PRICE)
    assert batch(requests(4), price=PRICE, budget=guard).answered == 4
    assert provider.sizes == [4, 4]
    with Store(path, read_only=True) as store:
        assert store.jobs.lost_usd() > 4 * COST / 2
        assert guard.spent_usd == pytest.approx(4 * COST + store.jobs.lost_usd())


def test_batches_hold_no_more_than_the_provider_takes(
    batch: Batch, requests: MakeRequests, provider: BatchProvider
) -> None:
    assert batch(requests(10), largest=4).answered == 10
    assert provider.sizes == [4, 4, 2]


def test_a_chunk_is_full_by_count_or_by_bytes() -> None:
    chunk = Chunk(most=3, room=100)
    assert chunk.fits(b"x" * 1000)  # alone, the provider has the last word
    chunk.add(1, b"x" * 50, 0.0)
    assert chunk.fits(b"x" * 48)
    assert not chunk.fits(b"x" * 49)
    chunk.add(2, b"x", 0.0)
    chunk.add(3, b"x", 0.0)
    assert not chunk.fits(b"x")


@pytest.mark.parametrize("service", ["openai"], indirect=True)
def test_where_too_much_is_queued_smaller_batches_are_handed_in(
    batch: Batch, requests: MakeRequests, provider: BatchProvider
) -> None:
    provider.refuse_batch = [("token_limit_exceeded", "Enqueued token limit reached")] * 2
    assert batch(requests(8), largest=8) == Outcome(answered=8)
    assert provider.sizes == [8, 4, 4, 2, 2]  # one half was taken in the second round


@pytest.mark.parametrize("service", ["openai"], indirect=True)
def test_a_batch_that_fails_as_a_whole_ends_the_run_with_the_providers_words(
    batch: Batch, requests: MakeRequests, provider: BatchProvider
) -> None:
    provider.refuse_batch = [("invalid_model", "There is no such model")]
    outcome = batch(requests(3))
    assert (outcome.stopped, outcome.message) == ("refused", "a batch was refused: There is no such model")


def test_a_budget_holds_for_whole_batches_and_a_larger_one_continues(
    batch: Batch, requests: MakeRequests, provider: BatchProvider, path: Path
) -> None:
    told = requests(40)
    guard = BudgetGuard(10.5 * COST, PRICE)
    outcome = batch(told, price=PRICE, budget=guard)
    assert outcome.stopped == "budget"
    assert 5 <= outcome.answered <= 10
    assert guard.spent_usd == pytest.approx(outcome.answered * COST)
    assert guard.spent_usd <= 10.5 * COST
    rest = batch(told, price=PRICE, budget=BudgetGuard(1.0, PRICE, guard.spent_usd))
    assert (rest.answered, rest.stopped) == (40 - outcome.answered, None)
    assert sum(provider.sizes) == 40


def test_what_an_earlier_process_handed_in_counts_against_the_budget(
    batch: Batch, requests: MakeRequests, provider: BatchProvider
) -> None:
    provider.ends_after = 10**9
    batch(requests(5), price=PRICE, budget=BudgetGuard(1.0, PRICE), stop_when_waiting=True)
    outcome = batch(requests(10), price=PRICE, budget=BudgetGuard(5.2 * COST, PRICE), stop_when_waiting=True)
    assert outcome.stopped in {"interrupted", "budget"}
    assert provider.sizes == [5]
