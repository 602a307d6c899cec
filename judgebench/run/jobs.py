"""The batches of a run that were handed in: written down before they are, so that no process has to remember them."""

from __future__ import annotations

import sqlite3
import time
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final, Literal

Ending = Literal["collected", "lost", "never"]

_COLUMNS: Final = "id, mark, job, begun_at, size, held_usd"


@dataclass(frozen=True, slots=True)
class Job:
    """A batch.

    Attributes:
        number: Its number in the store.
        mark: The name it was given before it was handed in.
        job: The provider's id; None as long as it has not come back.
        begun_at: Unix time just before it was handed in.
        size: Requests in it.
        held_usd: What it costs at most, set aside in the budget.
    """

    number: int
    mark: str
    job: str | None
    begun_at: float
    size: int
    held_usd: float


class Jobs:
    """The batches in a store; every change is durable at once.

    Args:
        db: The store's connection.
    """

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def begin(self, requests: Iterable[int], held_usd: float) -> Job:
        """Enter a batch of requests, by their numbers in the store, before it is handed in."""
        members = list(requests)
        mark, now = uuid.uuid4().hex, time.time()
        row = (mark, now, len(members), held_usd)
        sql = "INSERT INTO batches (mark, state, begun_at, size, held_usd) VALUES (?, 'open', ?, ?, ?)"
        number = self._db.execute(sql, row).lastrowid or 0
        self._db.executemany("INSERT INTO batch_requests VALUES (?, ?)", ((number, m) for m in members))
        self._db.commit()
        return Job(number, mark, None, now, len(members), held_usd)

    def name(self, job: Job, provider_id: str) -> Job:
        """Write down the id that the provider gave a batch."""
        self._db.execute("UPDATE batches SET job = ? WHERE id = ?", (provider_id, job.number))
        self._db.commit()
        return replace(job, job=provider_id)

    def end(self, job: Job, how: Ending) -> None:
        """Close a batch: its results are in, they can no longer be had, or it was never handed in."""
        self._db.execute("UPDATE batches SET state = ? WHERE id = ?", (how, job.number))
        self._db.commit()

    def open(self) -> list[Job]:
        """The batches whose results are not in, oldest first."""
        rows = self._db.execute(f"SELECT {_COLUMNS} FROM batches WHERE state = 'open' ORDER BY id")  # noqa: S608
        return [Job(*row) for row in rows]

    def known(self) -> frozenset[str]:
        """The providers' ids of all batches of the run."""
        return frozenset(j for (j,) in self._db.execute("SELECT job FROM batches WHERE job IS NOT NULL"))

    def members(self, job: Job) -> Iterator[tuple[int, str]]:
        """Number and key of each request in a batch."""
        sql = "SELECT r.id, r.key FROM batch_requests b JOIN requests r ON r.id = b.request WHERE b.batch = ?"
        yield from self._db.execute(sql, (job.number,))

    def in_flight(self) -> Iterator[int]:
        """The numbers of the requests in open batches."""
        sql = "SELECT b.request FROM batch_requests b JOIN batches j ON j.id = b.batch WHERE j.state = 'open'"
        return (number for (number,) in self._db.execute(sql))

    def lost_usd(self) -> float:
        """What batches whose results cannot be had may have cost."""
        found = self._db.execute(
            "SELECT COALESCE(SUM(held_usd), 0) FROM batches WHERE state = 'lost'"
        ).fetchone()
        return float(found[0])
