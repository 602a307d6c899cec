"""Taking in the results of a batch: answers and errors in any order, some of them broken, some not ours."""

from __future__ import annotations

import time
from collections.abc import Callable

from judgebench.judges.base import JudgeFault, Reply
from judgebench.judges.batches import BatchResult, BatchService
from judgebench.protocols.messages import OutputContract
from judgebench.protocols.reading import PARSER_VERSION, Reading
from judgebench.run.flags import Flags
from judgebench.run.jobs import Job
from judgebench.run.prices import Price
from judgebench.run.progress import Progress
from judgebench.run.records import Attempt, VerdictRow
from judgebench.run.runner import Outcome
from judgebench.run.store import Store


class Collector:
    """Stores what batches bring.

    Args:
        service: The provider's batch service.
        store: Where answers, attempts and verdicts go.
        read: Reads the verdict in an answer.
        progress: Is told of each request.
        outcome: Is kept up to date.
        price: What tokens cost in a batch, if known.

    Attributes:
        again: Whether a request of this round may be answered if it is asked again.
        given_up: The numbers of the requests that are not to be asked again.
        cut_short: Whether lines of the batch read last were broken.
        strangers: Results under keys that were not asked.
        last_fault: What the last request without an answer met with.
    """

    def __init__(
        self,
        service: BatchService,
        store: Store,
        read: Callable[[OutputContract, Reply], Reading],
        progress: Progress,
        outcome: Outcome,
        price: Price | None,
    ) -> None:
        self._service = service
        self._store = store
        self._read = read
        self._progress = progress
        self._outcome = outcome
        self._price = price
        self._round, self._last = 1, False
        self._left: dict[str, int] = {}
        self._of: int | None = None
        self._spent_usd = 0.0
        self.again = False
        self.given_up = Flags()
        self.cut_short = False
        self.strangers = 0
        self.last_fault: JudgeFault | None = None

    def begin_round(self, number: int, *, last: bool) -> None:
        """From here on failures are those of another round; of the last one, they are for good."""
        self._round, self._last, self.again = number, last, False

    async def collect(self, job: Job) -> JudgeFault | None:
        """Read the results of a batch; a second time, only those that did not come the first time.

        Nothing is durable before `conclude`, so that a process that ends meanwhile leaves the batch open and whole.

        Returns:
            The fault that ended the reading, or that some lines were broken; None if all could be read.
        """
        if self._of != job.number:
            self._of, self._spent_usd = job.number, 0.0
            self._left = {key: number for number, key in self._store.jobs.members(job)}
        self.cut_short, strangers = False, 0
        try:
            async for result in self._service.results(job.job or ""):
                if result.key is None:
                    self.cut_short = True
                elif not self._take(job, result, result.key):
                    strangers += 1
        except JudgeFault as fault:
            return fault
        self.strangers += 0 if self.cut_short else strangers
        return JudgeFault("malformed", "lines of the results are cut short") if self.cut_short else None

    def conclude(self, job: Job) -> float:
        """Record the requests that got no result, make all durable, and give what the batch has cost in USD."""
        for key in list(self._left):
            self._fail(job, key, JudgeFault("transient", "the batch ended without a result for this request"))
        self._store.commit()
        self._of = None
        return self._spent_usd

    def _take(self, job: Job, result: BatchResult, key: str) -> bool:
        """Store one result; False if its key was not asked in this batch."""
        if key not in self._left:
            return self._store.is_answered(key)
        if self._store.has_answer(self._left[key]):
            del self._left[key]
            return True
        contract = self._store.contract(key)
        try:
            reply = self._service.read(result, contract)
        except JudgeFault as fault:
            self._fail(job, key, fault)
        else:
            self._answer(job, key, reply, contract)
        return True

    def _answer(self, job: Job, key: str, reply: Reply, contract: OutputContract) -> None:
        del self._left[key]
        cost = None if self._price is None else self._price.cost(reply.usage)
        self._store.append(self._attempt(job, key, reply=reply, cost_usd=cost))
        reading = self._read(contract, reply)
        self._store.put_verdicts([VerdictRow.of(key, PARSER_VERSION, reading)])
        self._spent_usd += cost or 0.0
        self._outcome.answered += 1
        self._progress.answered(cost)

    def _fail(self, job: Job, key: str, fault: JudgeFault) -> None:
        """Record a failure, which costs nothing in a batch, and whether it is one for good."""
        number = self._left.pop(key)
        self._store.append(self._attempt(job, key, fault=fault, cost_usd=0.0))
        self.last_fault = fault
        if fault.retriable and not self._last:
            self.again = True
            self._outcome.retries += 1
            self._progress.retried()
            return
        self.given_up.add(number)
        self._outcome.failed += 1
        self._progress.failed()

    def _attempt(
        self,
        job: Job,
        key: str,
        *,
        cost_usd: float | None,
        reply: Reply | None = None,
        fault: JudgeFault | None = None,
    ) -> Attempt:
        """An attempt that took from the handing in until now."""
        took_s = time.time() - job.begun_at
        return Attempt(key, self._round, job.begun_at, took_s, reply=reply, fault=fault, cost_usd=cost_usd)
