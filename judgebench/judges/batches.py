"""The contract of a provider's batch service: many requests handed in at once, answered within a day at half price.

The judge of a provider that has one is a `BatchJudge`. What is sent for a request is what `ask` would send, so its key
is the same, and a run may change between the two ways at any time.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from judgebench.judges.base import Judge, JudgeFault, Reply, Request
from judgebench.protocols.messages import OutputContract


@dataclass(frozen=True, slots=True)
class BatchLimits:
    """What one batch may hold.

    Attributes:
        requests: Requests at most.
        size: Bytes of all entries at most.
    """

    requests: int
    size: int


@dataclass(frozen=True, slots=True)
class BatchState:
    """How a batch is getting on.

    Attributes:
        ended: Whether nothing more will come; a batch that expired or was cancelled has ended too.
        done: Requests that are finished, as far as the provider tells before the end.
        problem: Why the provider refused the batch as a whole; empty if it did not.
        smaller: Whether a smaller batch, or the same later, may be accepted.
    """

    ended: bool
    done: int = 0
    problem: str = ""
    smaller: bool = False


@dataclass(frozen=True, slots=True)
class BatchResult:
    """One line of a batch's results.

    Attributes:
        key: The request's key; None where the line is cut short or cannot be read.
        outcome: The body of the answer for `read`, or why there is none.
        request_id: The provider's name for the exchange, if it gives one.
    """

    key: str | None
    outcome: bytes | JudgeFault
    request_id: str | None = None


class BatchService(ABC):
    """A provider's batch service, of an open judge; what is sent is sent once, and a failure is a `JudgeFault`.

    Args:
        sdk: The module of the provider's SDK.
        client: Its asynchronous client, open.
        body: What is sent for a request.
        read: The reply in the body of an answer.
    """

    limits: BatchLimits

    def __init__(
        self,
        sdk: Any,
        client: Any,
        *,
        body: Callable[[Request], Mapping[str, Any]],
        read: Callable[[bytes, Mapping[str, str], OutputContract], Reply],
    ) -> None:
        self._sdk = sdk
        self._client = client
        self._body = body
        self._read = read

    @abstractmethod
    def entry(self, request: Request) -> bytes:
        """The request as one entry of a batch, as JSON, named by its key."""

    @abstractmethod
    def read(self, result: BatchResult, contract: OutputContract) -> Reply:
        """The answer that a result holds, to a request of that contract.

        Raises:
            JudgeFault: It holds none.
        """

    @abstractmethod
    async def submit(self, entries: Sequence[bytes], mark: str) -> str:
        """Hand a batch in and give its id.

        Args:
            entries: What `entry` made.
            mark: A name of the caller's, put on the batch where the provider allows it.
        """

    @abstractmethod
    async def find(self, mark: str, *, since: float, size: int, known: frozenset[str]) -> str | None:
        """The id of a batch that may have been handed in without its id coming back; None if there is none.

        Args:
            mark: The mark that it was given.
            since: Unix time before which it was not handed in.
            size: How many requests it holds.
            known: Ids of batches that are accounted for.
        """

    @abstractmethod
    async def state(self, batch: str) -> BatchState:
        """How a batch is getting on."""

    @abstractmethod
    def results(self, batch: str) -> AsyncIterator[BatchResult]:
        """All results of a batch that has ended, in any order: answers and errors alike."""


class BatchJudge(Judge):
    """A judge whose provider takes batches."""

    @abstractmethod
    def batches(self) -> BatchService:
        """The batch service; the judge is open."""
