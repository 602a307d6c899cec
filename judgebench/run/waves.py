"""Asking in waves: all that depends on nothing, then the second turns, then the other judges of panels."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager

from judgebench.judges.base import Judge, Request
from judgebench.protocols.mitigation.base import TwoTurns
from judgebench.run.blocks import joined
from judgebench.run.mitigating import TURN
from judgebench.run.questions import Ways, questions
from judgebench.run.runner import Outcome
from judgebench.run.store import Store
from judgebench.suite import Suite

Ask = Callable[[Judge, Iterator[Request]], Awaitable[Outcome]]


async def ask_in_waves(suite: Suite, ways: Ways, judge: Judge, store: Store, ask: Ask) -> Outcome:
    """Ask all that a suite's trials take, wave after wave, and combine what is to be combined.

    A second turn is asked once the first has its answer, in this session or an earlier one, and is left for another
    session where it has none.
    """
    outcome = await ask(judge, _first(suite, ways, judge))
    if outcome.stopped is None and any(isinstance(m, TwoTurns) for m in ways.mitigations.values()):
        outcome = joined(outcome, await ask(judge, _second(suite, ways, judge, store)))
    for spec, other in ways.panel.items():
        if outcome.stopped is None:
            outcome = joined(outcome, await ask(other, _of_panel(suite, ways, judge, spec)))
    store.combine()
    return outcome


def _first(suite: Suite, ways: Ways, judge: Judge) -> Iterator[Request]:
    """What the audited judge can be asked at once."""
    for question in questions(suite, ways, judge):
        posed = question.posed
        yield from (part.request for part in posed.parts if part.judge is None)
        if not posed.rule:
            yield posed.request


def _second(suite: Suite, ways: Ways, judge: Judge, store: Store) -> Iterator[Request]:
    """The second turns whose first has its answer."""
    for question in questions(suite, ways, judge):
        if question.posed.rule == TURN:
            said = store.reply_text(question.posed.parts[0].request.key)
            if said is not None:
                yield question.posed.second(said)


def _of_panel(suite: Suite, ways: Ways, judge: Judge, spec: str) -> Iterator[Request]:
    """What another judge of a panel is asked."""
    for question in questions(suite, ways, judge):
        yield from (part.request for part in question.posed.parts if part.judge == spec)


@asynccontextmanager
async def opened(ways: Ways) -> AsyncIterator[None]:
    """The judges of panels, connected."""
    async with AsyncExitStack() as stack:
        for other in ways.panel.values():
            await stack.enter_async_context(other)
        yield
