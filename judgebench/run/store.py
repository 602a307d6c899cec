"""The store of a run: `judgments.db`, append-only attempts and, apart from them, verdicts."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import astuple
from itertools import islice
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Self, TypeVar

from judgebench.errors import InputError
from judgebench.judges.base import Request, Usage
from judgebench.judges.thinking import estimated_tokens
from judgebench.protocols.messages import Message, OutputContract
from judgebench.protocols.reading import PARSER_VERSION
from judgebench.run import schema
from judgebench.run.columns import (
    attempt_values,
    contract_of,
    contract_text,
    judgment_of,
    packed,
    stored_reply,
    trial_values,
    unpacked,
)
from judgebench.run.flags import Flags
from judgebench.run.folding import Folding
from judgebench.run.jobs import Jobs
from judgebench.run.parts import ADD_PART, COSTS, combined_in, members, with_parts
from judgebench.run.records import (
    Attempt,
    Counts,
    JudgmentRow,
    PartRow,
    StoredReply,
    Totals,
    TrialRow,
    VerdictRow,
)

STORE: Final = "judgments.db"
BATCH: Final = 200
_NUMBERS_HELD: Final = 4096

T = TypeVar("T")


class Store:
    """`judgments.db`, open for writing by one process at a time, for reading by any number.

    Use it as a context manager. What `append`, `register` and `put_verdicts` write becomes durable with
    `commit`: from then on the end of the process, even by kill -9, loses nothing of it. The `add_` methods
    commit by themselves.

    Args:
        path: The database; it is made if it does not exist, unless `read_only`.
        read_only: Take no lock and write nothing.

    Raises:
        InputError: Another process is writing there, there is nothing to read, or the file is no store of
            this version.
    """

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self.path = path
        self._lock: sqlite3.Connection | None = None
        self._numbers: dict[str, int] = {}
        self._folding = Folding(path)
        if read_only and not path.is_file():
            raise InputError("no run is stored here", file=path)
        if not read_only:
            self._lock = _lock(path)
        try:
            self._db = _connect(path, read_only=read_only)
            self._answered = Flags(
                n for (n,) in self._db.execute("SELECT request FROM attempts WHERE status = 'ok'")
            )
        except BaseException:
            self._unlock()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Commit and close; a store that was written becomes a single file again."""
        if self._lock is not None:
            self._db.commit()
            self._folding.close()
            # a reader may hold the log open; then it stays, and the next writer folds it in
            with contextlib.suppress(sqlite3.OperationalError):
                self._db.execute("PRAGMA journal_mode = DELETE")
        self._db.close()
        self._unlock()

    def _unlock(self) -> None:
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def commit(self) -> None:
        """Make durable what was written since the last time."""
        self._db.commit()
        self._folding.committed(self._db)

    def put_meta(self, key: str, value: str) -> None:
        """Set a fact about the run."""
        self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))
        self._db.commit()

    def get_meta(self, key: str) -> str | None:
        """A fact about the run; None if it was never set."""
        found = self._db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return None if found is None else str(found[0])

    def add_items(self, items: Iterable[tuple[str, str]]) -> None:
        """Add items as (id, JSON text); one that is there stays as it is."""
        for chunk in _chunks(items):
            self._db.executemany("INSERT OR IGNORE INTO items VALUES (?, ?)", chunk)
        self._db.commit()

    def items(self) -> Iterator[tuple[str, str]]:
        """The items as (id, JSON text), in the order in which they were added."""
        yield from self._db.execute("SELECT item_id, json FROM items ORDER BY rowid")

    def add_trials(self, trials: Iterable[TrialRow]) -> None:
        """Add trials, a batch at a time; one whose ordinal is there stays as it is."""
        for chunk in _chunks(trials):
            for trial in chunk:
                self.add_trial(trial)
            self.commit()

    def add_trial(self, trial: TrialRow) -> None:
        """Add a trial unless its ordinal is there; durable with the next `commit`."""
        number = self._entered(trial.request_key)
        self._db.execute(schema.ADD_TRIAL, trial_values(trial, number))
        for place, part in enumerate(trial.parts):
            values = (number, place, self._entered(part.key), part.turned, trial.rule)
            self._db.execute(ADD_PART, values)

    def add_requests(self, requests: Iterable[Request]) -> None:
        """Add what is to be sent, a batch at a time; one that is there stays as it is."""
        for chunk in _chunks(requests):
            for request in chunk:
                self.register(request)
        self._db.commit()

    def register(self, request: Request) -> int:
        """Enter a request unless it is there, and give its small integer; durable with the next `commit`."""
        number = self._entered(request.key)
        if number not in self._answered:
            values = (number, packed(request.messages), contract_text(request.contract), request.replicate)
            self._db.execute("INSERT OR IGNORE INTO prompts VALUES (?, ?, ?, ?)", values)
        return number

    def messages(self, key: str) -> tuple[Message, ...] | None:
        """The chat that was sent for a request; None if there is no such request or it was never sent."""
        sql = "SELECT messages FROM prompts JOIN requests ON id = request WHERE key = ?"
        found = self._db.execute(sql, (key,)).fetchone()
        return None if found is None else unpacked(found[0])

    def contract(self, key: str) -> OutputContract:
        """The form that the reply to a registered request must have."""
        sql = "SELECT contract FROM prompts JOIN requests ON id = request WHERE key = ?"
        return contract_of(self._db.execute(sql, (key,)).fetchone()[0])

    @property
    def jobs(self) -> Jobs:
        """The batches that were handed in."""
        return Jobs(self._db)

    def unsettled(self) -> Iterator[tuple[tuple[Message, ...], Usage | None]]:
        """Attempts that may have been billed and bear no cost: what was sent, and the tokens of those answered."""
        for sent, answered, *tokens in self._db.execute(schema.UNSETTLED):
            yield unpacked(sent), Usage(*(n or 0 for n in tokens)) if answered else None

    def reply_text(self, key: str) -> str | None:
        """The text of the answer to a request; None where it has none."""
        sql = "SELECT text FROM attempts JOIN requests r ON r.id = request WHERE r.key = ? AND status = 'ok'"
        found = self._db.execute(sql, (key,)).fetchone()
        return None if found is None else str(found[0])

    def combined(self, key: str) -> tuple[PartRow, ...]:
        """The requests whose replies a combination is made of; empty for a request that is sent itself."""
        return combined_in(self._db, key)

    def is_answered(self, key: str) -> bool:
        """Whether a request has its answer."""
        found = self._db.execute("SELECT id FROM requests WHERE key = ?", (key,)).fetchone()
        return found is not None and found[0] in self._answered

    def answered(self, keys: Iterable[str]) -> set[str]:
        """Those of the keys whose requests have their answer."""
        return {key for key in keys if self.is_answered(key)}

    def has_answer(self, number: int) -> bool:
        """Whether the request that `register` gave this number has its answer."""
        return number in self._answered

    def append(self, attempt: Attempt) -> None:
        """Add an attempt of a registered request; durable with `commit`; a second answer is an error."""
        number = self._number(attempt.key)
        self._db.execute(schema.ADD_ATTEMPT, (number, *attempt_values(attempt)))
        if attempt.reply is not None:
            self._answered.add(number)

    def _number(self, key: str) -> int:
        """The small integer of a request that is entered; those of the last ones are in memory."""
        number = self._numbers.get(key)
        if number is None:
            number = int(self._db.execute("SELECT id FROM requests WHERE key = ?", (key,)).fetchone()[0])
        return number

    def _entered(self, key: str) -> int:
        """The small integer of a request, which is entered unless it is there."""
        if (number := self._numbers.get(key)) is not None:
            return number
        added = self._db.execute("INSERT OR IGNORE INTO requests (key) VALUES (?)", (key,))
        number = added.lastrowid if added.rowcount else self._number(key)
        if len(self._numbers) >= _NUMBERS_HELD:
            self._numbers.clear()
        self._numbers[key] = int(number or 0)
        return self._numbers[key]

    def replies(self) -> Iterator[StoredReply]:
        """Every answer with its contract, for reading them again; verdicts may be put meanwhile."""
        for row in self._db.execute(schema.REPLIES):
            yield stored_reply(row)

    def put_verdicts(self, verdicts: Iterable[VerdictRow]) -> None:
        """Set what a parser version read; durable with the next `commit`."""
        rows = (
            (
                self._number(v.key),
                v.parser_version,
                v.outcome,
                v.reason,
                json.dumps(astuple(v.probabilities)) if v.probabilities else None,
                json.dumps(v.scores) if v.scores else None,
            )
            for v in verdicts
        )
        self._db.executemany(schema.ADD_VERDICT, rows)

    def totals(self) -> Totals:
        """What the run has used so far."""
        by_model: Mapping[str, int] = MappingProxyType(dict(self._db.execute(schema.BY_MODEL)))
        return Totals(*(*self._db.execute(schema.TOTALS).fetchone(), by_model))

    def served_model(self, others: Iterable[tuple[str, int]]) -> str | None:
        """The model that most answers of the audited judge are from; None where no provider says.

        Args:
            others: The mitigations and places of the members of combinations that are other judges.
        """
        row = self._db.execute(schema.BY_AUDITED_MODEL, (json.dumps(list(others)),)).fetchone()
        return None if row is None else str(row[0])

    def of_items(self, key: str) -> dict[str, Any]:
        """What items hold under a key, by item, for those that hold something."""
        told = self._db.execute(schema.OF_ITEMS, {"key": key})
        return {item: json.loads(found) for item, found in told}

    def estimated_reasoning(self) -> int:
        """The tokens of thinking that no provider counted, by its share of the characters of each reply."""
        return sum(estimated_tokens(*row) for row in self._db.execute(schema.UNCOUNTED_THINKING))

    def failed_checks(self) -> list[tuple[str, str, str, str, int]]:
        """The changes whose manipulation check failed: item, perturbation, arm, target, repeat."""
        return self._db.execute(schema.FAILED_CHECKS).fetchall()

    def counts(self, parser_version: int = PARSER_VERSION) -> Counts:
        """How many items and trials there are, and what is wrong with how many, by that parser's verdicts."""
        return Counts(*self._db.execute(schema.COUNTS, (parser_version,)).fetchone())

    def judgment_rows(self, parser_version: int = PARSER_VERSION, *, since: int = 0) -> Iterator[JudgmentRow]:
        """Every trial from an ordinal on, in the order of the plan, with that parser's verdict where it has one."""
        several = self._db.execute("SELECT 1 FROM parts LIMIT 1").fetchone() is not None
        for row in self._db.execute(schema.JUDGMENTS, (parser_version, since)):
            yield with_parts(self._db, judgment_of(row)) if several else judgment_of(row)

    def combine(self, parser_version: int = PARSER_VERSION) -> None:
        """Set the verdicts of all combinations whose members have theirs, and make them durable."""
        self.put_verdicts(members(self._db, parser_version))
        self._db.commit()

    def costs(self) -> list[tuple[str, str, str, float, float | None, float]]:
        """What a verdict takes: item, protocol, mitigation; the means of tokens, USD and seconds over its trials."""
        return self._db.execute(COSTS).fetchall()


def _connect(path: Path, *, read_only: bool) -> sqlite3.Connection:
    """The database with its tables; the version of the schema is checked."""
    uri = path.resolve().as_uri() + ("?mode=ro" if read_only else "")
    db = sqlite3.connect(uri, uri=True)
    try:
        if not read_only:
            # NORMAL in a write-ahead log: a commit survives the end of the process; a power cut may take the
            # last few. The log is folded in by `Folding`
            db.executescript(
                "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 0;"
                + schema.TABLES
            )
            db.execute("INSERT OR IGNORE INTO meta VALUES ('schema', ?)", (str(schema.SCHEMA_VERSION),))
            db.commit()
        found = db.execute("SELECT value FROM meta WHERE key = 'schema'").fetchone()
    except sqlite3.DatabaseError as error:
        db.close()
        raise InputError(f"not a store of judgments: {error}", file=path) from error
    if found is None or found[0] != str(schema.SCHEMA_VERSION):
        db.close()
        raise InputError(
            f"a store of version {found[0] if found else 'unknown'}",
            file=path,
            expected=str(schema.SCHEMA_VERSION),
        )
    return db


def _lock(path: Path) -> sqlite3.Connection:
    """Hold a lock file beside the store through SQLite, which is portable and lets go when the process ends.

    Raises:
        InputError: Another process holds it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = sqlite3.connect(path.with_suffix(".lock"), timeout=0, isolation_level=None)
    try:
        lock.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as error:
        lock.close()
        raise InputError(
            "another run is writing here",
            file=path.parent,
            expected="to wait for it to end, or another --out",
        ) from error
    return lock


def _chunks(rows: Iterable[T]) -> Iterator[list[T]]:
    iterator = iter(rows)
    while chunk := list(islice(iterator, BATCH)):
        yield chunk
