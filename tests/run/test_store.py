from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from judgebench.errors import InputError
from judgebench.judges.base import JudgeFault, Reply, Request, Usage
from judgebench.protocols.messages import OutputContract
from judgebench.protocols.reading import PARSER_VERSION
from judgebench.protocols.tokens import LabelProbabilities, TokenLogprobs
from judgebench.run.records import Attempt, TrialRow, VerdictRow
from judgebench.run.store import Store

MakeRequests = Callable[..., list[Request]]
MakeTrial = Callable[..., TrialRow]

REPLY = Reply(
    "Because. [[A]]",
    finish="length",
    thinking="Hm.",
    usage=Usage(100, 10, 40, 5),
    served_model="m1",
    fingerprint="fp",
    headers={"x-request-id": "r1"},
    truth=(0.5, 0.25, 0.125, 0.0625, 0.0625),
    logprobs=(TokenLogprobs("A", (("A", -0.693147), ("\ud800", -1.5))),),
)


def answer(request: Request, reply: Reply = REPLY, **changes: Any) -> Attempt:
    return Attempt(
        **{"key": request.key, "number": 1, "started_at": 1.0, "latency_s": 0.5, "reply": reply, **changes}
    )


def failure(request: Request, fault: JudgeFault) -> Attempt:
    return Attempt(request.key, 1, 1.0, 0.5, fault=fault)


def test_an_answer_comes_back_as_it_was(store: Store, requests: MakeRequests) -> None:
    (request,) = requests(1)
    store.add_requests([request])
    store.append(answer(request))
    (stored,) = store.replies()
    assert stored.key == request.key
    assert replace(stored.reply, headers=dict(stored.reply.headers)) == REPLY
    assert stored.contract == OutputContract("pairwise", ("A", "B", "C"))
    assert store.messages(request.key) == request.messages


def test_a_failure_is_on_file_and_is_no_answer(
    store: Store, requests: MakeRequests, fault: Callable[..., JudgeFault]
) -> None:
    (request,) = requests(1)
    store.add_requests([request])
    store.append(failure(request, fault("rate_limit", status=429)))
    assert not store.is_answered(request.key)
    assert list(store.replies()) == []
    totals = store.totals()
    assert (totals.requests, totals.answered, totals.attempts, totals.faults) == (1, 0, 1, 1)
    store.append(answer(request, number=2))
    assert store.answered([request.key, "other"]) == {request.key}


def test_adding_again_changes_nothing(store: Store, requests: MakeRequests, trial: MakeTrial) -> None:
    both = requests(1, 2)
    for _ in range(2):
        store.add_items([("i1", '{"id": "i1"}'), ("i2", "{}")])
        store.add_trials(trial(n, r.key) for n, r in enumerate(both))
        store.add_requests(both)
    store.add_trials([trial(0, both[1].key, item_id="other")])
    assert list(store.items()) == [("i1", '{"id": "i1"}'), ("i2", "{}")]
    assert [(row.trial.ordinal, row.trial.item_id) for row in store.judgment_rows()] == [(0, "i1"), (1, "i1")]
    assert store.totals().requests == 2


def test_a_request_can_be_answered_only_once(store: Store, requests: MakeRequests) -> None:
    (request,) = requests(1)
    store.add_requests([request])
    store.append(answer(request))
    with pytest.raises(sqlite3.IntegrityError):
        store.append(answer(request))


def test_judgments_come_in_the_order_of_the_plan_with_all_of_the_trial(
    store: Store, requests: MakeRequests, trial: MakeTrial
) -> None:
    one, two = requests(1, 2)
    planned = [
        trial(0, two.key, category="c", gold=None, record='{"added": 3}'),
        trial(1, one.key, perturbation="length", arm="treatment", target="b", order="ba", repeat=2),
    ]
    store.add_trials(reversed(planned))
    store.add_requests([one, two])
    store.append(answer(one, cost_usd=0.5))
    store.put_verdicts([VerdictRow(one.key, PARSER_VERSION, "first", "")])
    unanswered, answered = store.judgment_rows()
    assert [unanswered.trial, answered.trial] == planned
    assert (unanswered.outcome, unanswered.latency_s, unanswered.prompt_tokens) == (None, None, 0)
    assert (answered.outcome, answered.reason, answered.latency_s, answered.cost_usd) == (
        "first",
        "",
        0.5,
        0.5,
    )
    assert json.loads(answered.truth or "") == list(REPLY.truth or ())


def test_tokens_and_cost_of_a_shared_request_are_counted_once(
    store: Store, requests: MakeRequests, trial: MakeTrial
) -> None:
    (request,) = requests(1)
    store.add_trials(trial(n, request.key) for n in range(3))
    store.add_requests([request])
    store.append(answer(request, cost_usd=0.5))
    rows = list(store.judgment_rows())
    assert [row.prompt_tokens for row in rows] == [100, 0, 0]
    assert [row.completion_tokens for row in rows] == [10, 0, 0]
    assert [row.cost_usd for row in rows] == [0.5, 0.0, 0.0]
    assert store.totals().cost_usd == 0.5
    assert store.totals().prompt_tokens == 100


def test_a_new_parser_reads_again_without_asking(
    store: Store, requests: MakeRequests, trial: MakeTrial
) -> None:
    (request,) = requests(1)
    store.add_trials([trial(0, request.key)])
    store.add_requests([request])
    store.append(answer(request))
    store.put_verdicts([VerdictRow(request.key, 1, "first", "")])
    store.put_verdicts(VerdictRow(stored.key, 2, "second", "") for stored in store.replies())
    assert [row.outcome for row in store.judgment_rows(1)] == ["first"]
    assert [row.outcome for row in store.judgment_rows(2)] == ["second"]
    assert [row.outcome for row in store.judgment_rows(3)] == [None]
    store.put_verdicts([VerdictRow(request.key, 2, "invalid", "no mark")])
    assert [(row.outcome, row.reason) for row in store.judgment_rows(2)] == [("invalid", "no mark")]


def test_probabilities_stand_with_the_verdict_that_was_read_from_them(
    store: Store, requests: MakeRequests, trial: MakeTrial
) -> None:
    (request,) = requests(1)
    store.add_trials([trial(0, request.key)])
    store.add_requests([request])
    store.append(answer(request))
    known = LabelProbabilities(0.1, 0.7, 0.2, 0.9)
    store.put_verdicts([VerdictRow(request.key, PARSER_VERSION, "second", "", known)])
    assert [row.probabilities for row in store.judgment_rows()] == [known]
    store.put_verdicts([VerdictRow(request.key, PARSER_VERSION, "second", "")])
    assert [row.probabilities for row in store.judgment_rows()] == [None]


def test_totals_survive_closing(tmp_path: Path, requests: MakeRequests) -> None:
    path = tmp_path / "run" / "judgments.db"
    one, two = requests(1, 2)
    with Store(path) as store:
        store.put_meta("suite", "text")
        store.add_requests([one, two])
        store.append(answer(one, cost_usd=0.5))
        before = store.totals()
    assert [p.name for p in path.parent.iterdir() if "-wal" in p.name or "-shm" in p.name] == []
    with Store(path) as store:
        assert store.totals() == before
        assert store.get_meta("suite") == "text"
        assert store.get_meta("none") is None
        assert store.has_answer(store.register(one))
        assert not store.has_answer(store.register(two))
    assert before.by_model == {"m1": 1}


def test_thinking_that_no_provider_counted_is_estimated_apart(store: Store, requests: MakeRequests) -> None:
    counted, apart, within, plain = asked = requests(1, 2, 3, 4)
    store.add_requests(asked)
    half = "x" * 10
    store.append(answer(counted, Reply(half, thinking=half, usage=Usage(9, 40, reasoning=30))))
    store.append(answer(apart, Reply(half, thinking=half, usage=Usage(9, 40))))
    store.append(answer(within, Reply("<think>abc</think>" + "x" * 18, usage=Usage(9, 100))))
    store.append(answer(plain, Reply(half, usage=Usage(9, 40))))
    assert store.totals().reasoning_tokens == 30
    assert store.estimated_reasoning() == 20 + 50


def test_an_unknown_cost_stays_unknown(store: Store, requests: MakeRequests) -> None:
    (request,) = requests(1)
    store.add_requests([request])
    store.append(answer(request))
    assert store.totals().cost_usd is None


def test_text_that_is_not_valid_unicode_is_kept_as_well_as_can_be(
    store: Store, requests: MakeRequests
) -> None:
    (request,) = requests(1)
    store.add_requests([request])
    store.append(answer(request, Reply("\ud800 [[A]]")))
    assert [stored.reply.text for stored in store.replies()] == ["? [[A]]"]


def test_one_process_writes_and_others_may_read(tmp_path: Path, requests: MakeRequests) -> None:
    path = tmp_path / "judgments.db"
    with Store(path) as store:
        store.add_requests(requests(1))
        with pytest.raises(InputError, match="another run is writing here"):
            Store(path)
        with Store(path, read_only=True) as reader:
            assert reader.totals().requests == 1
            with pytest.raises(sqlite3.OperationalError, match="readonly"):
                reader.put_meta("a", "b")
    Store(path).close()


def test_what_is_no_store_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no run is stored here"):
        Store(tmp_path / "none.db", read_only=True)
    other = tmp_path / "other.db"
    other.write_text("something else entirely, and long enough to be looked at" * 40)
    for read_only in (True, False):
        with pytest.raises(InputError, match="not a store of judgments"):
            Store(other, read_only=read_only)


def test_a_store_of_another_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "judgments.db"
    with Store(path) as store:
        store.put_meta("schema", "999")
    with pytest.raises(InputError, match="a store of version 999"):
        Store(path)
