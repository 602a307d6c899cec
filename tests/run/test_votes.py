"""Principles voted by a judge: the questions, the rule by which two replies make a vote, and going on."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd
import pytest

from judgebench.analysis import Settings
from judgebench.analysis.observational import Brought, observe, read_votes
from judgebench.analysis.observational.features import differences
from judgebench.analysis.observational.principles import rule_votes
from judgebench.errors import InputError
from judgebench.items import Item
from judgebench.judges.base import Capabilities, Judge, JudgeFault, Reply, Request, Usage
from judgebench.judges.spec import JudgeSpec
from judgebench.run.session import SessionOptions
from judgebench.run.votes import read_principles, vote

QUIET = SessionOptions(progress="off")
LONGER, FIRST, NOTHING = "prefer the longer response", "prefer what comes first", "prefer rhymes"


class Voter(Judge):
    """Applies the principle that it reads in the prompt; counts what it was asked."""

    capabilities = Capabilities(network=False, deterministic=True)

    def __init__(self, fault: str | None = None) -> None:
        self.asked: list[Request] = []
        self.fault = fault

    @classmethod
    def from_spec(cls, spec: JudgeSpec, base_url: str | None) -> Self:
        raise NotImplementedError

    @property
    def spec(self) -> str:
        return "python/tests:Voter"

    @property
    def identity(self) -> Mapping[str, Any]:
        return {"provider": "python", "model": "tests:Voter"}

    async def ask(self, request: Request) -> Reply:
        self.asked.append(request)
        text = request.messages[-1].content
        if self.fault and self.fault in text:
            raise JudgeFault("fatal", "no")
        return Reply(text=said(text), usage=Usage(10, 1))


def said(prompt: str) -> str:
    first, second = re.findall(r"\[Response [AB]\]\n(.*?)\n\[End of response", prompt, re.DOTALL)
    principle = re.search(r"\[Principle\]\n(.*)\n\[End of principle\]", prompt)
    assert principle
    match principle[1]:
        case "prefer the longer response":
            label = "C" if len(first) == len(second) else "A" if len(first) > len(second) else "B"
        case "prefer what comes first":
            label = "A"
        case "prefer rhymes":
            label = "C"
        case other:
            return f"no idea what {other} means"
    return f"It looks at the text. [[{label}]]"


def pairs(count: int) -> list[Item]:
    rng = np.random.default_rng(7)
    sizes = rng.integers(1, 9, size=(count, 2))
    return [
        Item(f"i{n}", f"Say it {n} times.", "word " * int(a), "word " * int(b), gold="a" if n % 3 else "b")
        for n, (a, b) in enumerate(sizes)
    ]


def ballot(voter: Voter, items: list[Item], principles: list[str], out: Path) -> Any:
    return asyncio.run(vote(voter, items, principles, out, QUIET))


def test_a_principle_votes_where_both_orders_name_the_same_response(tmp_path: Path) -> None:
    items = pairs(40)
    voted = ballot(Voter(), items, [LONGER, FIRST, NOTHING], tmp_path)
    found = read_votes(voted.path).loc[[item.id for item in items]]
    by_rule = rule_votes(differences(items))["longer"]
    assert found[LONGER].tolist() == by_rule.loc[found.index].tolist()
    assert set(found[FIRST]) == set(found[NOTHING]) == {0.0}
    assert (voted.votes, voted.divided, voted.absent, voted.unanswered) == (120, 40, 0, 0)
    assert voted.chosen == int((by_rule != 0).sum())


def test_planted_strength_of_a_voted_principle_is_found(tmp_path: Path) -> None:
    rng = np.random.default_rng(11)
    items = [item for item in pairs(900) if len(item.response_a) != len(item.response_b)]
    votes = read_votes(ballot(Voter(), items, [LONGER], tmp_path).path)
    longer = ["a" if len(item.response_a) > len(item.response_b) else "b" for item in items]
    says = [side if rng.random() < 0.8 else "ab".replace(side, "") for side in longer]
    table = pd.DataFrame([
        {"suite": "s", "judge": "j", "item_id": item.id, "source": "x", "category": None, "perturbation": "none",
         "arm": "control", "target": None, "order": "ab", "protocol": "pairwise", "mitigation": "none", "repeat": 0,
         "verdict": verdict, "p_a": None, "p_b": None, "p_tie": None, "score_a": None,
         "score_b": None, "gold": item.gold}
        for item, verdict in zip(items, says, strict=True)
    ])  # fmt: skip
    found = observe(table, [], Settings(), Brought(votes=votes), n_resamples=100).table.set_index(
        ["estimand", "contrast"]
    )
    judge = found.loc["strength", f"{LONGER}: judge"]
    assert judge["conf_low"] < 0.6 < judge["conf_high"]
    assert judge["conf_high"] - judge["conf_low"] < 0.15
    gold = found.loc["strength", f"{LONGER}: gold"]
    assert gold["conf_low"] < 0 < gold["conf_high"]
    assert found.loc["strength", f"{LONGER}: judge - gold"]["conf_low"] > 0.4
    assert found.loc["relevance", LONGER]["estimate"] == 1


def test_what_was_answered_is_never_asked_again(tmp_path: Path) -> None:
    items = [item for item in pairs(40) if len(item.response_a) != len(item.response_b)][:10]
    broken = Voter(fault=FIRST)
    voted = ballot(broken, items, [LONGER, FIRST], tmp_path)
    assert (voted.absent, voted.unanswered) == (10, 20)
    assert read_votes(voted.path).columns.tolist() == [LONGER]
    mended = Voter()
    voted = ballot(mended, items, [LONGER, FIRST, NOTHING], tmp_path)
    assert {
        found.group(1)
        for r in mended.asked
        if (found := re.search(r"\[Principle\]\n(.*)\n", r.messages[-1].content))
    } == {FIRST, NOTHING}
    assert len(mended.asked) == 40
    assert (voted.votes, voted.absent) == (30, 0)
    summary = json.loads((tmp_path / "votes.json").read_text())
    assert summary["tokens"] == {"prompt": 600, "completion": 60}
    assert summary["judge"] == "python/tests:Voter"


def test_a_reply_without_a_mark_is_no_vote_and_not_a_neutral_one(tmp_path: Path) -> None:
    voted = ballot(Voter(), pairs(4), [LONGER, "be bold"], tmp_path)
    assert (voted.absent, voted.unanswered) == (4, 0)
    assert read_votes(voted.path).columns.tolist() == [LONGER]


def test_a_vote_that_brings_nothing_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no vote can be read"):
        ballot(Voter(), pairs(2), ["be bold"], tmp_path)


def test_an_item_with_three_responses_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="'i' has 3 responses"):
        ballot(Voter(), [Item("i", "p", "x", "y", response_c="z")], [LONGER], tmp_path)


def test_a_budget_without_a_price_is_refused_before_anything_is_asked(tmp_path: Path) -> None:
    voter = Voter()
    with pytest.raises(InputError, match="price"):
        asyncio.run(vote(voter, pairs(2), [LONGER], tmp_path, SessionOptions(budget_usd=1.0, progress="off")))
    assert not voter.asked


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("p.txt", "\ufeffprefer rhymes\n\n  be bold  \n"),
        ("p.jsonl", '{"principle": "prefer rhymes"}\n{"principle": "be bold", "note": 1}\n'),
        ("p.csv", "principle\nprefer rhymes\nbe bold\n"),
    ],
)
def test_principles_are_read_from_lines_and_tables(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    assert read_principles(path) == ["prefer rhymes", "be bold"]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("p.txt", "x\ny\nx\n", "line 3.*'x' comes twice|'x' comes twice"),
        ("p.txt", "\n", "no principles"),
        ("p.jsonl", '{"principle": 3}\n', "'principle' is missing"),
        ("p.md", "x\n", "cannot tell the format"),
    ],
)
def test_broken_principles_are_told(tmp_path: Path, name: str, text: str, message: str) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=message):
        read_principles(path)


VOTER = """
import re

def vote(chat):
    first, second = re.findall(r"\\[Response [AB]\\]\\n(.*?)\\n\\[End", chat[-1]["content"], re.DOTALL)
    if "flaky" in chat[-1]["content"]:
        raise RuntimeError("gone")
    return "[[A]]" if len(first) > len(second) else "[[B]]"
"""


@pytest.fixture
def recorded_run(cli, tmp_path: Path) -> None:
    """An imported log with texts, in `out`, and a voter that looks at length, in `voter.py`."""
    rows = [
        {"item_id": item.id, "judge": "j", "verdict": "a" if len(item.response_a) > len(item.response_b) else "b",
         "prompt": item.prompt, "response_a": item.response_a, "response_b": item.response_b, "gold": item.gold}
        for item in pairs(40) if len(item.response_a) != len(item.response_b)
    ]  # fmt: skip
    (tmp_path / "log.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (tmp_path / "voter.py").write_text(VOTER)
    assert cli("import", "log.jsonl", "--format", "mapped", "--judge", "j", "--out", "out").returncode == 0


@pytest.mark.usefixtures("recorded_run")
def test_observe_has_a_judge_vote_and_tells_strength_and_how_the_vote_went(cli, tmp_path: Path) -> None:
    (tmp_path / "p.txt").write_text("prefer the longer response\n")
    command = (
        "observe",
        "out",
        "--principles",
        "p.txt",
        "--vote-by",
        "python/voter:vote",
        "--resamples",
        "100",
    )
    done = cli(*command)
    assert done.returncode == 0, done.stderr
    assert "prefer the longer response: judge +1.000" in " ".join(done.stdout.split())
    assert "0 go by the place, 0 are absent" in done.stdout
    votes = next((tmp_path / "out" / "votes").glob("*/votes.jsonl"))
    assert cli("observe", "out", "--principles", votes, "--resamples", "100").returncode == 0


@pytest.mark.usefixtures("recorded_run")
def test_observe_with_votes_that_failed_leaves_with_3_and_says_how_to_go_on(cli, tmp_path: Path) -> None:
    (tmp_path / "p.txt").write_text("prefer the longer response\nprefer flaky ones\n")
    command = (
        "observe",
        "out",
        "--principles",
        "p.txt",
        "--vote-by",
        "python/voter:vote",
        "--resamples",
        "100",
    )
    done = cli(*command)
    assert done.returncode == 3
    assert "the same command asks what was not answered" in done.stderr


@pytest.mark.usefixtures("recorded_run")
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ((), "--vote-by has nothing to vote on"),
        (("--principles", "absent.txt"), "absent.txt"),
    ],
)
def test_a_vote_that_cannot_be_held_is_told(cli, options: tuple[str, ...], message: str) -> None:
    done = cli("observe", "out", "--vote-by", "python/voter:vote", *options)
    assert done.returncode == 2
    assert message in done.stderr
