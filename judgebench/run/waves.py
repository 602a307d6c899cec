"""Asking in waves: all that depends on nothing, then the second turns, then the other judges of panels."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

from judgebench.judges.base import Judge, Request
from judgebench.protocols.mitigation.base import TwoTurns
from judgebench.run.blocks import joined
from judgebench.run.mitigating import TURN
from judgebench.run.questions import Question, Ways
from judgebench.run.runner import Outcome
from judgebench.run.store import Store

Ask = Callable[[Judge, Callable[[], Iterator[Request]]], Awaitable[Outcome]]


async def ask_in_waves(
    questions: Callable[[], Iterator[Question]],
    ways: Ways,
    judge: Judge,
    store: Store,
    ask: Ask,
) -> Outcome:
    """Ask all that the trials of a suite take, wave after wave, and combine what is to be combined.

    A second turn is asked once the first has its answer, in this session or an earlier one, and is left for another
    session where it has none.

    Args:
        questions: The trials with their requests, from the beginning each time.
        ways: Protocols and mitigations.
        judge: The audited judge.
        store: Where the answers are.
        ask: Asks a judge some requests.
    """
    outcome = await ask(judge, lambda: _first(questions()))
    if outcome.stopped is None and any(isinstance(m, TwoTurns) for m in ways.mitigations.values()):
        outcome = joined(outcome, await ask(judge, lambda: _second(questions(), store)))
    for spec, other in ways.panel.items():
        if outcome.stopped is None:
            outcome = joined(outcome, await ask(other, partial(_members_of, questions, spec)))
    store.combine()
    return outcome


def _first(questions: Iterator[Question]) -> Iterator[Request]:
    """What the audited judge can be asked at once."""
    for question in questions:
        posed = question.posed
        yield from (part.request for part in posed.parts if part.judge is None)
        if not posed.rule:
            yield posed.request


def _second(questions: Iterator[Question], store: Store) -> Iterator[Request]:
    """The second turns whose first has its answer."""
    for question in questions:
        if question.posed.rule == TURN:
            said = store.reply_text(question.posed.parts[0].request.key)
            if said is not None:
                yield question.posed.second(said)


def _members_of(questions: Callable[[], Iterator[Question]], spec: str) -> Iterator[Request]:
    """What another judge of a panel is asked."""
    for question in questions():
        yield from (part.request for part in question.posed.parts if part.judge == spec)


@asynccontextmanager
async def opened(ways: Ways) -> AsyncIterator[None]:
    """The judges of panels, connected."""
    async with AsyncExitStack() as stack:
        for other in ways.panel.values():
            await stack.enter_async_context(other)
        yield
