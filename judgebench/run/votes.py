"""Principles voted by a judge: for each item, which response a principle favours, asked in both orders.

A principle votes where the judge names the same response in both orders. Where it names two, or neither, the principle
does not choose; where a reply is missing or cannot be read there is no vote, which is another thing.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Literal

from judgebench.errors import InputError
from judgebench.items import Item
from judgebench.items.rows import read_rows
from judgebench.judges.base import Judge, Reply, Request, Sampling, Subject
from judgebench.judges.keys import request_key
from judgebench.judges.spec import parse_spec
from judgebench.perturb import Stimulus
from judgebench.protocols import Reading
from judgebench.protocols.principle import PrincipleVote
from judgebench.run.budget import BudgetGuard
from judgebench.run.export import verdict_of
from judgebench.run.manifest import write_text
from judgebench.run.prices import load_prices
from judgebench.run.progress import Progress
from judgebench.run.runner import Outcome, RunnerOptions, ask_all
from judgebench.run.session import SessionOptions, interruptible
from judgebench.run.store import Store

VOTES: Final = "votes.jsonl"
_STORE: Final = "votes.db"
_SUMMARY: Final = "votes.json"
_ORDERS: Final[tuple[Literal["ab", "ba"], ...]] = ("ab", "ba")
_SAMPLING: Final = Sampling()
_PAIR: Final = 2


@dataclass(frozen=True, slots=True)
class Voted:
    """What came of a vote.

    Attributes:
        path: The file of votes, with `item_id`, `principle` and `vote`.
        votes: Principles by items, each asked in both orders.
        chosen: Of these, where both replies name the same response.
        divided: Where they name two different ones: the voter went by the place.
        absent: Where a reply is missing or cannot be read.
        unanswered: Requests without a reply, which the next call asks again.
        cost_usd: What all sessions cost; None where no price is known.
        stopped: Why not all was asked; empty where it was.
    """

    path: Path
    votes: int
    chosen: int
    divided: int
    absent: int
    unanswered: int
    cost_usd: float | None
    stopped: str


def read_principles(path: Path) -> list[str]:
    """The principles of a file: a line each in .txt, or the column `principle` of JSONL, CSV or Parquet.

    Raises:
        InputError: The file cannot be read, a row has no principle, one comes twice, or there is none.
    """
    found: dict[str, int] = {}
    for line, text in _lines(path):
        if text in found:
            raise InputError(
                f"the principle {text[:60]!r} comes twice",
                file=path,
                line=line,
                expected=f"each once; it stands in line {found[text]} too",
            )
        found[text] = line
    if not found:
        raise InputError("no principles", file=path, expected="a principle a line")
    return list(found)


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    if path.suffix.lower() == ".txt":
        try:
            lines = path.read_text(encoding="utf-8-sig").splitlines()
        except OSError as error:
            raise InputError(f"cannot be read: {error.strerror}", file=path) from error
        except UnicodeDecodeError as error:
            raise InputError("not UTF-8", file=path) from error
        yield from ((number, line.strip()) for number, line in enumerate(lines, 1) if line.strip())
        return
    for number, _, row in read_rows(path, kind="file of principles"):
        text = row.get("principle")
        if not isinstance(text, str) or not text.strip():
            raise InputError(
                "'principle' is missing", file=path, line=number, expected="a principle in words in every row"
            )
        yield number, text.strip()


async def vote(
    judge: Judge, items: Sequence[Item], principles: Sequence[str], out: Path, options: SessionOptions
) -> Voted:
    """Ask a judge what has no answer in `out` yet, and write the votes.

    Args:
        judge: The voter.
        items: Pairs.
        principles: In words.
        out: A folder of this voter, which is there: the store of requests and replies, the votes, and what they cost.
        options: Concurrency, budget, progress.

    Raises:
        InputError: An item has more than two responses, a budget has no price, or no vote came of it.
    """
    for item in items:
        if len(item.responses) != _PAIR:
            raise InputError(
                f"the item {item.id!r} has {len(item.responses)} responses", expected="pairs to vote on"
            )
    spec = parse_spec(judge.spec)
    price = load_prices(options.prices).find(spec.provider, spec.model)
    if options.budget_usd is not None:
        BudgetGuard(options.budget_usd, price)  # refused without a price, before anything is opened
    async with judge:
        with Store(out / _STORE) as store, interruptible() as stop:
            spent = store.totals().cost_usd or 0.0
            budget = None if options.budget_usd is None else BudgetGuard(options.budget_usd, price, spent)
            told = RunnerOptions(max_concurrency=options.max_concurrency, price=price, budget=budget)
            ballot = _Ballot(judge, items, principles)
            with Progress(ballot.size, mode=options.progress, spent_usd=spent) as progress:

                def read(reply: Reply, _: Request) -> Reading:
                    return _reading_of(reply)

                outcome = await ask_all(
                    judge, ballot.requests(), store, read=read, progress=progress, options=told, stop=stop
                )
            return _written(ballot, store, out, outcome)


@dataclass(frozen=True, slots=True)
class _Ballot:
    """What is asked: every principle of every item, in both orders."""

    judge: Judge
    items: Sequence[Item]
    principles: Sequence[str]

    @property
    def size(self) -> int:
        """Requests."""
        return len(self.items) * len(self.principles) * len(_ORDERS)

    def requests(self) -> Iterator[Request]:
        """One after the other, those of an item in an order together, since they share a prefix."""
        for item in self.items:
            for order in _ORDERS:
                for principle in self.principles:
                    yield self.request(item, principle, order)

    def request(self, item: Item, principle: str, order: Literal["ab", "ba"]) -> Request:
        """The question of one principle on one item."""
        protocol = PrincipleVote(principle)
        messages = protocol.render(Stimulus.of(item), order)
        parameters = self.judge.effective(_SAMPLING)
        key = request_key(self.judge.identity, messages, parameters, protocol.contract, 0)
        return Request(key, messages, _SAMPLING, protocol.contract, 0, Subject(item.id, item.gold, order))


def _reading_of(reply: Reply) -> Reading:
    return PrincipleVote("").read(  # the same form for all principles
        reply.text, truncated=reply.finish == "length", refused=reply.finish == "refusal"
    )


def _written(ballot: _Ballot, store: Store, out: Path, outcome: Outcome) -> Voted:
    """Write the votes and their summary, from all replies of all sessions."""
    wanted = {request.key for request in ballot.requests()}
    said = {stored.key: _reading_of(stored.reply) for stored in store.replies() if stored.key in wanted}
    counts, lines = Counter[str](), []
    for item in ballot.items:
        for principle in ballot.principles:
            ab, ba = (_side(said, ballot.request(item, principle, order).key, order) for order in _ORDERS)
            counts[_kind(ab, ba)] += 1
            if ab is not None and ba is not None:
                choice = ab if ab == ba and ab != "tie" else "none"
                lines.append({"item_id": item.id, "principle": principle, "vote": choice, "ab": ab, "ba": ba})
    if not lines:
        raise InputError(
            f"no vote can be read: {outcome.message or 'no reply ends in [[A]], [[B]] or [[C]]'}",
            expected="a judge that answers; `judgebench doctor` tells more",
        )
    write_text(out / VOTES, "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines))
    totals = store.totals()
    voted = Voted(
        out / VOTES,
        sum(counts.values()),
        counts["chosen"],
        counts["divided"],
        counts["absent"],
        len(wanted) - len(said),
        totals.cost_usd,
        outcome.message if counts["absent"] else "",
    )
    summary: dict[str, Any] = {
        "judge": ballot.judge.spec,
        "judge_identity": dict(ballot.judge.identity),
        "sampling": dict(ballot.judge.effective(_SAMPLING)),
        "served_models": dict(totals.by_model),
        "principles": list(ballot.principles),
        "tokens": {"prompt": totals.prompt_tokens, "completion": totals.completion_tokens},
        **{name: value for name, value in asdict(voted).items() if name != "path"},
    }
    write_text(out / _SUMMARY, json.dumps(summary, indent=1, ensure_ascii=False) + "\n")
    return voted


def _side(said: dict[str, Reading], key: str, order: Literal["ab", "ba"]) -> str | None:
    """a, b or tie; None where there is no reply or none that can be read."""
    found = verdict_of(said[key].outcome, order) if key in said else None
    return found if found in {"a", "b", "tie"} else None


def _kind(ab: str | None, ba: str | None) -> str:
    if ab is None or ba is None:
        return "absent"
    if ab == ba:
        return "neither" if ab == "tie" else "chosen"
    return "divided" if "tie" not in {ab, ba} else "neither"
