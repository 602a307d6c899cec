"""A panel of judges whose majority stands in for gold: asked in both orders, before the judge that is audited.

Where the suite has responses scored one by one, the panel scores them too, and its mean is the score by gold.

Their replies have a store of their own (`panel.db`), and what they said is a table in the form of
`judgments.parquet`, a row a member, pair and order (`panel.parquet`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from judgebench.judges.base import Judge, Reply, Request
from judgebench.judges.factory import open_judge
from judgebench.judges.families import families_of
from judgebench.protocols import Reading
from judgebench.run.desk import Desk, used
from judgebench.run.export import judgment, write_table
from judgebench.run.questions import Question, Ways, check_capable, questions, ways_of
from judgebench.run.records import JudgmentRow
from judgebench.suite import Suite

PANEL: Final = "panel.db"
PANEL_TABLE: Final = "panel.parquet"

_WINS: Final = {"a": 1.0, "b": 0.0, "tie": 0.5}


@dataclass(frozen=True)
class Member:
    """A judge of the panel."""

    judge: Judge
    families: frozenset[str]


@dataclass(frozen=True)
class Panel:
    """The judges whose majority is gold.

    Attributes:
        members: The judges.
        suite: The pairs as they are put to them: nothing changed, in both orders, once, under the suite's first
            pairwise protocol, and response by response under its first pointwise one.
        ways: How they are asked.
        related: Specs of the members that share a family with the judge, which the suite allows.
    """

    members: tuple[Member, ...]
    suite: Suite
    ways: Ways
    related: tuple[str, ...]

    def questions(self, judge: Judge) -> Iterator[Question]:
        """Every pair in both orders, and every response where these are scored, once, for a member."""
        first = {layout.shows: name for name, layout in reversed(list(self.ways.layouts.items()))}
        asked = (found for found in questions(self.suite, self.ways, judge) if found.trial.repeat == 0)
        return (found for found in asked if found.trial.protocol in first.values())

    def of(self, items: Suite) -> Panel:
        """The same panel for pairs whose responses have been written since."""
        return replace(self, suite=replace(self.suite, items=items.items))


def panel_of(suite: Suite, judge: Judge) -> Panel | None:
    """The panel of a suite; None where it names none.

    Raises:
        InputError: A spec is wrong, a member comes twice, or one is of the family of the judge that is audited and
            the suite does not allow that.
    """
    told = suite.spec.self_preference
    if told is None or not told.panel:
        return None
    own, members, related = families_of(judge.spec, told.family), list[Member](), list[str]()
    for index, entry in enumerate(told.panel):
        place = ("self_preference", "panel", index)
        member = open_judge(entry.judge, base_url=entry.base_url)
        if any(member.identity == known.judge.identity for known in members):
            raise suite.document.error(
                place, f"{member.spec!r} comes twice in the panel", expected="each once"
            )
        families = families_of(member.spec, entry.family)
        if families & own or member.identity == judge.identity:
            if not told.allow_family:
                raise suite.document.error(
                    place,
                    f"{member.spec!r} is of the family of the judge that is audited ({', '.join(sorted(own))})",
                    expected="a judge of another family; or `family:` where the names mislead, or `allow_family: true`",
                )
            related.append(member.spec)
        members.append(Member(member, families))
    pairwise = [entry for entry in suite.spec.protocols if "pairwise" in entry] or [{"pairwise": {}}]
    pointwise = [entry for entry in suite.spec.protocols if "pointwise" in entry]
    plain = suite.spec.model_copy(
        update={
            "protocols": pairwise[:1] + pointwise[:1], "mitigations": [{"none": {}}], "orders": "both", "repeats": 1,
            "self_preference": None, "factorial": None,
        }
    )  # fmt: skip
    asked = replace(suite, spec=plain, variants=())
    ways = ways_of(asked)
    for found in members:
        check_capable(asked, ways, found.judge)
    return Panel(tuple(members), asked, ways, tuple(related))


@dataclass(frozen=True, slots=True)
class Said:
    """What a panel says.

    Attributes:
        shares: For each pair the share that each member gives to response a, by the member's spec: the mean over the
            orders in which it gave a verdict, no entry where it gave none.
        points: For each pair and letter the mean score of the response, where responses are scored: by the members
            that score any, no entry where one of these gave it none.
    """

    shares: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    points: Mapping[tuple[str, str], float] = field(default_factory=dict)


async def ask_panel(panel: Panel, out: Path, desk: Desk) -> tuple[Said, dict[str, Any]]:
    """Ask every member about every pair in both orders, and write `panel.parquet`.

    Returns:
        What it says, and what the manifest says of the panel.

    Raises:
        IncompleteRun: Some have no reply; the same command asks for those alone.
        InputError: There is a budget, and the price of a member is unknown.
    """

    def read(reply: Reply, request: Request) -> Reading:
        return panel.ways.reading(request.contract, reply)

    rows: list[dict[str, Any]] = []
    for member in panel.members:
        asked = list(panel.questions(member.judge))
        replies = await desk.replies(member.judge, [question.request for question in asked], read=read)
        rows += [
            judged(panel.ways, panel.suite, member.judge, question, replies[question.request.key])
            for question in asked
        ]
    write_table(out / PANEL_TABLE, iter(rows))
    told = {
        "members": [{"judge": m.judge.spec, "families": sorted(m.families)} for m in panel.members],
        "related": list(panel.related),
        "no_verdict": sum(row["verdict"] not in {*_WINS, None} for row in rows),
        **used(desk.store.totals()),
    }
    return Said(_shares(rows), _points(rows)), told


def judged(ways: Ways, suite: Suite, judge: Judge, question: Question, reply: Reply) -> dict[str, Any]:
    """What a reply says, as a row in the form of `judgments.parquet`."""
    read = ways.reading(question.request.contract, reply)
    usage = reply.usage
    row = JudgmentRow(
        question.row(), read.outcome, read.reason, usage.prompt, usage.completion, usage.cached, usage.reasoning,
        cost_usd=None, latency_s=None, truth=None, probabilities=read.probabilities, scores=read.scores,
    )  # fmt: skip
    return judgment(row, suite=suite.spec.suite, judge=judge.spec)


def _shares(rows: list[dict[str, Any]]) -> dict[str, dict[str, float]]:
    votes: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        if row["verdict"] in _WINS:
            votes[row["item_id"]][row["judge"]].append(_WINS[row["verdict"]])
    return {
        item: {judge: sum(given) / len(given) for judge, given in by_judge.items()}
        for item, by_judge in votes.items()
    }


def _points(rows: list[dict[str, Any]]) -> dict[tuple[str, str], float]:
    given: dict[tuple[str, str], dict[str, float]] = defaultdict(dict)
    for row in rows:
        if row["verdict"] is None:  # scored
            score = row["score_a"] if row["order"] == "a" else row["score_b"]
            given[row["item_id"], row["order"]][row["judge"]] = score
    members = {judge for by_judge in given.values() for judge in by_judge}
    return {
        place: sum(by_judge.values()) / len(members)
        for place, by_judge in given.items()
        if len(by_judge) == len(members)
    }


def majority(shares: Mapping[str, float]) -> float | None:
    """What a panel's votes come to for response a: 1, 0, or 1/2 where they are split; None without votes.

    Each member has a vote an order, so that the majority is that of the votes' mean.
    """
    if not shares:
        return None
    mean = sum(shares.values()) / len(shares)
    return 1.0 if mean > 0.5 else 0.0 if mean < 0.5 else 0.5
