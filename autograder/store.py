"""Keeps every result that was ever graded in one SQLite file, written as results arrive.

A result stands under the submission's name, the digest of what was handed in and the conditions of its grading (see
``identity``). Each run of ``grade`` lists the result of each submission, new or kept from an earlier run, so that the
results of any run can be told, and two of them compared. Nothing is ever overwritten.
"""

from __future__ import annotations

import os
import sqlite3
import sys
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, overload

import msgspec

from autograder.identity import Conditions
from autograder.results import Result

if sys.platform != "win32":
    import fcntl

__all__ = ["FILE_NAME", "Change", "Graded", "Run", "Store", "StoreError", "StoredResults"]

FILE_NAME = "grades.sqlite"

_MIGRATIONS = (
    """
    CREATE TABLE conditions (
        id INTEGER PRIMARY KEY,
        digest TEXT NOT NULL UNIQUE,
        json TEXT NOT NULL
    );
    CREATE TABLE results (
        id INTEGER PRIMARY KEY,
        submission TEXT NOT NULL,
        content TEXT NOT NULL,
        conditions INTEGER NOT NULL REFERENCES conditions (id),
        graded_at TEXT NOT NULL,
        final INTEGER NOT NULL,
        student TEXT NOT NULL,
        topic TEXT NOT NULL,
        status TEXT NOT NULL,
        total REAL NOT NULL,
        possible REAL NOT NULL,
        seconds REAL NOT NULL,
        json_zlib BLOB NOT NULL
    );
    CREATE INDEX results_by_key ON results (submission, content, conditions);
    CREATE INDEX results_by_conditions ON results (conditions);
    CREATE TABLE runs (
        id INTEGER PRIMARY KEY,
        started_at TEXT NOT NULL,
        finished_at TEXT,
        found INTEGER NOT NULL
    );
    CREATE TABLE grades (
        run INTEGER NOT NULL REFERENCES runs (id),
        submission TEXT NOT NULL,
        result INTEGER NOT NULL REFERENCES results (id),
        new INTEGER NOT NULL,
        PRIMARY KEY (run, submission)
    ) WITHOUT ROWID;
    """,
)
"""What makes a file of each version from one of the version before; the first from an empty file."""

_BUSY_SECONDS = 60.0
_ELSEWHERE = "move it away and grade again, or choose another folder with --out"


class StoreError(Exception):
    """The store cannot be read or written; the message names the file and the mend."""


@dataclass(frozen=True)
class Graded:
    """A result, and what it belongs to: the digest of what was handed in, and the number of the conditions."""

    result: Result
    content: str
    conditions: int

    @property
    def final(self) -> bool:
        """Whether it need not be tried again: not so where the grader failed, and not the submission."""
        return self.result.is_certain


@dataclass(frozen=True)
class Run:
    """One run of ``grade``: how many submissions it found, has results of, and graded itself."""

    id: int
    started_at: str
    finished_at: str
    found: int
    done: int
    new: int


@dataclass(frozen=True)
class Change:
    """What two runs say of one submission; None where a run has no result of it."""

    submission: str
    before: Result | None
    after: Result | None
    reasons: tuple[str, ...]


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _decoded(data: bytes) -> Result:
    return msgspec.json.decode(zlib.decompress(data), type=Result)


class Store:
    """The file; made where there is none, and brought up to date where it is older.

    Args:
        path: the file.
        create: False to take only one that is there; it may lie where nothing can be written.

    Raises:
        StoreError: it is not there, no such file, broken, or of a newer version. Every method raises it, too, when the
            disk is full or the file cannot be read any more; what was added before then is kept.
    """

    def __init__(self, path: Path, *, create: bool = True) -> None:
        self.path = path
        self._lock = -1
        if not create and not path.is_file():
            raise StoreError(
                f"{path}: there is no such file; run `autograder grade` first, or name its folder"
            )
        log = path.with_name(f"{path.name}-wal")
        fixed = not (create or os.access(path.parent, os.W_OK) or log.exists())
        name = f"{path.absolute().as_uri()}?immutable=1" if fixed else path
        with self._errors():
            self._file = sqlite3.connect(name, timeout=_BUSY_SECONDS, isolation_level=None, uri=fixed)
        try:
            with self._errors():
                self._file.execute("PRAGMA journal_mode = WAL")
                self._file.execute("PRAGMA synchronous = FULL")  # what is told as done outlives a power cut
                self._migrate()
        except BaseException:
            self._file.close()
            raise

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """SQLite's errors, and those of what it gives, as ones that name the file and the mend."""
        try:
            yield
        except (zlib.error, msgspec.MsgspecError) as error:
            raise StoreError(f"{self.path}: a result in it is broken ({error}); {_ELSEWHERE}") from None
        except sqlite3.Error as error:
            name = getattr(error, "sqlite_errorname", "")
            if name.startswith(("SQLITE_FULL", "SQLITE_IOERR")):
                mend = "is the disk full? Make room and grade again: what is done is kept"
            elif name.startswith(("SQLITE_NOTADB", "SQLITE_CORRUPT")):
                mend = _ELSEWHERE
            else:
                mend = "may it be written to, and is nobody else writing to it?"
            raise StoreError(f"{self.path}: {error}; {mend}") from None

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """All of what is written inside, or nothing."""
        with self._errors():
            self._file.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._file.execute("COMMIT")
            except BaseException:
                if self._file.in_transaction:
                    with suppress(
                        sqlite3.Error
                    ):  # the disk may be full for that, too; it is undone at the next start
                        self._file.execute("ROLLBACK")
                raise

    def _migrate(self) -> None:
        known = len(_MIGRATIONS)
        while (version := self._version()) < known:
            with self._transaction():
                if self._version() == version:  # nobody else did it meanwhile
                    for statement in _MIGRATIONS[version].split(";"):
                        self._file.execute(statement)
                    self._file.execute(f"PRAGMA user_version = {version + 1:d}")
        if version > known:
            raise StoreError(
                f"{self.path}: it was written by a newer autograder (version {version}, this one knows {known}); "
                "update this one, or choose another folder with --out"
            )

    def _version(self) -> int:
        version: int = self._file.execute("PRAGMA user_version").fetchone()[0]
        return version

    def claim(self) -> None:
        """Be the only one who grades into the store's folder, until the store is closed or the process ends.

        Raises:
            StoreError: somebody else is at it.
        """
        if sys.platform == "win32":
            return
        lock = os.open(self.path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            raise StoreError(
                f"{self.path.parent}: another `autograder grade` is grading into it; wait for its end, "
                "or choose another folder with --out"
            ) from None
        except OSError:  # a file system without locks
            pass
        self._lock = lock

    def close(self) -> None:
        self._file.close()
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # Writing

    def begin(self, found: int) -> int:
        """Start a run that found so many submissions; returns its number."""
        with self._transaction():
            cursor = self._file.execute("INSERT INTO runs (started_at, found) VALUES (?, ?)", (_now(), found))
        assert cursor.lastrowid is not None
        return cursor.lastrowid

    def finish(self, run: int) -> None:
        """Note that a run has a result of each of its submissions."""
        with self._transaction():
            self._file.execute("UPDATE runs SET finished_at = ? WHERE id = ?", (_now(), run))

    def number_of(self, conditions: Conditions) -> int:
        """The number under which conditions stand, new or not."""
        digest = conditions.digest
        with self._transaction():
            self._file.execute(
                "INSERT OR IGNORE INTO conditions (digest, json) VALUES (?, ?)",
                (digest, msgspec.json.encode(conditions).decode()),
            )
            found: tuple[int] = self._file.execute(
                "SELECT id FROM conditions WHERE digest = ?", (digest,)
            ).fetchone()
        return found[0]

    def knows(self, conditions: Iterable[int]) -> bool:
        """Whether anything was ever graded under one of these conditions."""
        with self._errors():
            rows = self._file.execute("SELECT DISTINCT conditions FROM results").fetchall()
        return not {row[0] for row in rows}.isdisjoint(conditions)

    def find(self, submission: str, content: str, conditions: int) -> int | None:
        """The number of the last result that was graded under this key, unless the grader failed on it."""
        with self._errors():
            found = self._file.execute(
                "SELECT id FROM results WHERE submission = ? AND content = ? AND conditions = ? AND final "
                "ORDER BY id DESC LIMIT 1",
                (submission, content, conditions),
            ).fetchone()
        return found[0] if found else None

    def keep(self, run: int, kept: Iterable[tuple[str, int]]) -> None:
        """List results of earlier runs, by submission and number, as this run's."""
        with self._transaction():
            self._file.executemany(
                "INSERT OR REPLACE INTO grades (run, submission, result, new) VALUES (?, ?, ?, 0)",
                ((run, submission, result) for submission, result in kept),
            )

    def add(self, run: int, graded: Iterable[Graded]) -> None:
        """Keep new results: all of them or, when it fails, none."""
        now = _now()
        with self._transaction():
            for item in graded:
                result = item.result
                cursor = self._file.execute(
                    "INSERT INTO results (submission, content, conditions, graded_at, final, student, topic, status, "
                    "total, possible, seconds, json_zlib) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (
                        *(result.submission, item.content, item.conditions, now, item.final),
                        *(result.student, result.topic, result.status),
                        *(result.total, result.possible, result.seconds),
                        zlib.compress(msgspec.json.encode(result), 1),
                    ),
                )
                self._file.execute(
                    "INSERT OR REPLACE INTO grades (run, submission, result, new) VALUES (?, ?, ?, 1)",
                    (run, result.submission, cursor.lastrowid),
                )

    # Reading

    def runs(self) -> list[Run]:
        """All runs, the first one first."""
        with self._errors():
            rows = self._file.execute(
                "SELECT id, started_at, coalesce(finished_at, ''), found, "
                "(SELECT count(*) FROM grades WHERE run = runs.id), "
                "(SELECT count(*) FROM grades WHERE run = runs.id AND new) FROM runs ORDER BY id"
            ).fetchall()
        return [Run(*row) for row in rows]

    def last_class(self) -> Iterator[tuple[str, str, str]]:
        """Submission, student and topic of each result of the last run that has any."""
        with self._errors():
            yield from self._file.execute(
                "SELECT grades.submission, student, topic FROM grades JOIN results ON results.id = result "
                "WHERE run = (SELECT max(run) FROM grades) ORDER BY grades.submission"
            )

    def results(self, run: int) -> StoredResults:
        """The results of a run by submission; they stay in the file until each is looked at."""
        with self._errors():
            rows = self._file.execute(
                "SELECT result FROM grades WHERE run = ? ORDER BY submission", (run,)
            ).fetchall()
        return StoredResults(self, [row[0] for row in rows])

    def counts(self, run: int) -> dict[str, int]:
        """How many results of a run have each status; where the grader itself failed, ``failed``."""
        with self._errors():
            rows = self._file.execute(
                "SELECT CASE WHEN final THEN status ELSE 'failed' END AS kind, count(*) FROM grades "
                "JOIN results ON results.id = result WHERE run = ? GROUP BY kind",
                (run,),
            ).fetchall()
        return dict(rows)

    def result(self, number: int) -> Result:
        with self._errors():
            (data,) = self._row("SELECT json_zlib FROM results WHERE id = ?", number)
            return _decoded(data)

    def conditions(self, number: int) -> Conditions:
        with self._errors():
            (text,) = self._row("SELECT json FROM conditions WHERE id = ?", number)
            return msgspec.json.decode(text, type=Conditions)

    def changes(self, before: int, after: int) -> Iterator[Change]:
        """What differs between two runs, by submission: those of which one run has no result, or another one.

        A result that is another one and says the same comes too, with the reasons why it was graded again.
        """
        with self._errors():
            rows = self._file.execute(
                "SELECT submission, max(CASE run WHEN :before THEN result END), "
                "max(CASE run WHEN :after THEN result END) "
                "FROM grades WHERE run IN (:before, :after) GROUP BY submission ORDER BY submission",
                {"before": before, "after": after},
            ).fetchall()
        told: dict[tuple[int, int], tuple[str, ...]] = {}
        for submission, old, new in rows:
            if old == new:
                continue
            reasons: tuple[str, ...] = ()
            if old is not None and new is not None:
                old_content, old_conditions = self._key(old)
                new_content, new_conditions = self._key(new)
                pair = old_conditions, new_conditions
                if pair not in told:
                    told[pair] = _differences(*map(self.conditions, pair))
                reasons = (
                    *(["another file was handed in"] if old_content != new_content else []),
                    *told[pair],
                )
                reasons = reasons or ("it was graded afresh",)
            yield Change(
                submission,
                None if old is None else self.result(old),
                None if new is None else self.result(new),
                reasons,
            )

    def _key(self, number: int) -> tuple[str, int]:
        with self._errors():
            content, conditions = self._row("SELECT content, conditions FROM results WHERE id = ?", number)
        return content, conditions

    def _row(self, query: str, number: int) -> tuple[Any, ...]:
        found: tuple[Any, ...] | None = self._file.execute(query, (number,)).fetchone()
        if found is None:
            raise StoreError(f"{self.path}: row {number} of it is missing; {_ELSEWHERE}")
        return found


def _differences(before: Conditions, after: Conditions) -> tuple[str, ...]:
    """What differs between the conditions of two gradings, in words."""
    reasons = []
    if before.topic != after.topic:
        reasons.append(f"the topic is {after.topic or 'not known'}, not {before.topic or 'unknown'}")
    else:
        for name in sorted({*before.files, *after.files}):
            old, new = before.files.get(name), after.files.get(name)
            if old != new:
                what = "is new" if old is None else "is gone" if new is None else "has changed"
                reasons.append(f"{name} {what}")
    if before.engine != after.engine:
        reasons.append(f"the grader is {after.engine}, not {before.engine}")
    for name in sorted({*before.limits, *after.limits}):
        old, new = before.limits.get(name), after.limits.get(name)
        if old != new:
            reasons.append(f"{name.replace('_', ' ')}: {new}, not {old}")
    return tuple(reasons)


class StoredResults(Sequence[Result]):
    """Results by submission, each read from the store when it is looked at: a class of any size takes little memory."""

    def __init__(self, store: Store, numbers: Sequence[int]) -> None:
        self._store = store
        self._numbers = numbers

    def __len__(self) -> int:
        return len(self._numbers)

    @overload
    def __getitem__(self, index: int) -> Result: ...

    @overload
    def __getitem__(self, index: slice) -> StoredResults: ...

    def __getitem__(self, index: int | slice) -> Result | StoredResults:
        if isinstance(index, slice):
            return StoredResults(self._store, self._numbers[index])
        return self._store.result(self._numbers[index])

    def __iter__(self) -> Iterator[Result]:
        return map(self._store.result, self._numbers)
