from __future__ import annotations

import shutil
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from judgebench.run import folding
from judgebench.run.folding import Folding

EVERY = folding._EVERY
LONG_S = 30.0


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "x.db"


@pytest.fixture
def db(path: Path) -> Iterator[sqlite3.Connection]:
    """A database that folds nothing by itself, as the store's."""
    with closing(sqlite3.connect(path, timeout=1.0)) as db:
        db.executescript("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; CREATE TABLE t (x)")
        yield db


def write(db: sqlite3.Connection, rows: int = 1) -> None:
    db.executemany("INSERT INTO t VALUES (?)", [("x" * 1000,)] * rows)
    db.commit()


def folded_rows(path: Path) -> int:
    """The rows that are there without the log."""
    alone = shutil.copy(path, path.with_name("alone.db"))
    with closing(sqlite3.connect(alone)) as db:
        try:
            return int(db.execute("SELECT COUNT(*) FROM t").fetchone()[0])
        except sqlite3.DatabaseError:
            return 0  # copied in the middle of folding, or before


def until(reached: Callable[[], bool]) -> bool:
    end = time.monotonic() + LONG_S
    while not reached():
        if time.monotonic() > end:
            return False
        time.sleep(0.005)
    return True


def threads() -> list[str]:
    return [t.name for t in threading.enumerate() if t.name == "folding"]


def test_the_log_is_folded_in_after_some_hundred_commits(path: Path, db: sqlite3.Connection) -> None:
    folder = Folding(path)
    for _ in range(EVERY):
        write(db)
        folder.committed(db)
    assert until(lambda: folded_rows(path) == EVERY)
    folder.close()


def test_few_commits_start_no_thread_and_fold_nothing(path: Path, db: sqlite3.Connection) -> None:
    folder = Folding(path)
    for _ in range(EVERY - 1):
        write(db)
        folder.committed(db)
    assert threads() == []
    assert folded_rows(path) == 0
    folder.close()


def test_closing_ends_the_thread(path: Path, db: sqlite3.Connection) -> None:
    folder = Folding(path)
    write(db)
    for _ in range(EVERY):
        folder.committed(db)
    assert threads() == ["folding"]
    folder.close()
    assert threads() == []


def test_a_reader_that_stays_holds_up_no_commit(
    path: Path, db: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folding, "_LOG_PAGES", 1)
    write(db, 10)
    folder = Folding(path)
    with closing(sqlite3.connect(path)) as reader:
        reader.execute("BEGIN")
        assert reader.execute("SELECT COUNT(*) FROM t").fetchone() == (10,)
        for _ in range(3 * EVERY):
            write(db)  # gives up after a second
            folder.committed(db)
        assert reader.execute("SELECT COUNT(*) FROM t").fetchone() == (10,)
    for _ in range(EVERY):
        write(db)
        folder.committed(db)
    assert until(lambda: folded_rows(path) == 10 + 4 * EVERY)
    folder.close()


def test_the_log_stays_short_while_one_commit_follows_the_other(
    path: Path, db: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folding, "_LOG_PAGES", 10)
    folder = Folding(path)
    log = path.with_name(f"{path.name}-wal")

    def anew() -> bool:
        """Whether a hundred commits have made the log no longer, since it began anew."""
        before = log.stat().st_size
        for _ in range(100):
            write(db)
            folder.committed(db)
        return log.stat().st_size == before

    assert until(anew)
    folder.close()


def test_what_is_folded_and_what_is_not_yet_are_both_there(path: Path, db: sqlite3.Connection) -> None:
    folder = Folding(path)
    for _ in range(EVERY + EVERY // 2):
        write(db)
        folder.committed(db)
    folder.close()
    with closing(sqlite3.connect(path)) as other:
        assert other.execute("SELECT COUNT(*) FROM t").fetchone() == (EVERY + EVERY // 2,)
