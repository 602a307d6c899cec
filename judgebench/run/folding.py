"""Folding the store's write-ahead log into the database, aside, so that no answer waits for the disk.

SQLite does it by itself in the middle of a commit: up to 60 ms now and then, while answers lie unread in their
sockets, where kill -9 loses them. Rejected: a commit that waits for no disk at all (`synchronous = OFF`), since a
power cut could then take the whole run, and folding only at the end, since the log has 20 KB an answer.
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from pathlib import Path
from typing import Final

_EVERY: Final = 500
"""Commits between two times of folding."""
_LOG_PAGES: Final = 16_000
"""A log of 64 MB is to begin anew."""


class Folding:
    """Folds the log of a database from a thread of its own, which is started when there is something to fold.

    Args:
        path: The database.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._commits = 0
        self._wanted = threading.Event()
        self._closed = False
        self._long = False
        self._thread: threading.Thread | None = None

    def committed(self, db: sqlite3.Connection) -> None:
        """A commit was made through this connection.

        SQLite begins the log anew when all of it is folded in as a transaction starts, and no one reads an older state.
        While the next commit follows at once that comes about only between two of them, so a long log is folded to its
        end there: the thread has left little of it.
        """
        self._commits += 1
        if self._long:
            self._long = False
            with contextlib.suppress(sqlite3.OperationalError):
                db.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        if self._commits % _EVERY:
            return
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="folding", daemon=True)
            self._thread.start()
        self._wanted.set()

    def close(self) -> None:
        """End the thread, after what it is doing."""
        self._closed = True
        self._wanted.set()
        if self._thread is not None:
            self._thread.join()

    def _work(self) -> None:
        with contextlib.closing(sqlite3.connect(self._path)) as db:
            db.execute("PRAGMA cache_size = -256")
            while self._wanted.wait() and not self._closed:
                self._wanted.clear()
                # when the disk is full or the log busy, the next time will do
                with contextlib.suppress(sqlite3.OperationalError):
                    _, pages, _ = db.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
                    self._long = pages > _LOG_PAGES
