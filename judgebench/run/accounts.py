"""Accounts: what a provider bears from one account is found out once and shared by the judges of a process."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from judgebench.judges.base import Judge
from judgebench.run.limiter import Limiter
from judgebench.run.pace import Pace

_STALE_S: Final = 300.0


class Account:
    """How many requests are in flight at a provider, and how fast they follow one another.

    Attributes:
        limiter: Slots for what is in flight.
        pace: When the next may be sent.
    """

    def __init__(self) -> None:
        self.limiter = Limiter()
        self.pace = Pace()
        self._users = 0
        self._used_until = time.monotonic()

    @contextmanager
    def used(self, most: int, rpm: float | None = None, tpm: float | None = None) -> Iterator[None]:
        """Use the account for a run with at most so many requests in flight.

        Runs at the same time share the largest of their bounds; the pace is the one told last.
        """
        self.pace.tell(rpm, tpm)
        self.limiter.join(most)
        self._users += 1
        try:
            yield
        finally:
            self._users -= 1
            self.limiter.leave(most)
            self._used_until = time.monotonic()

    @property
    def stale(self) -> bool:
        """Whether what was found out is too long ago to go by."""
        return self._users == 0 and time.monotonic() - self._used_until > _STALE_S


class _Known(threading.local):
    """The accounts of a thread: a limiter belongs to one event loop at a time."""

    def __init__(self) -> None:
        self.accounts: dict[str, Account] = {}


_KNOWN: Final = _Known()


def account_of(judge: Judge) -> Account:
    """The account that a judge asks from: that of its provider and endpoint, since a process has one key for each."""
    identity = judge.identity
    parts = [identity.get("provider"), identity.get("endpoint") or identity.get("model")]
    name = json.dumps(parts, default=str)
    found = _KNOWN.accounts.get(name)
    if found is None or found.stale:
        found = _KNOWN.accounts[name] = Account()
    return found
