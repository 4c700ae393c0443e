"""Jobs on disk: what every worker process knows of them.

One SQLite file in a folder for its owner alone. Every change names the state it starts from, so
that of two processes one wins and the other is told. A process at work holds the lock of a file
(``flock``) that its jobs name; the system gives the lock back the moment the process ends, however
it ends, and whoever looks at one of its jobs next finds it failed. Who asked is known by a mark
only, which no other process understands.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import sqlite3
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING, Literal, NamedTuple

from geodata.errors import MissingError
from stations.errors import of_disk, of_full_disk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

type State = Literal["queued", "running", "done", "failed", "cancelled"]

KEPT_S = 3_600.0
"""How long a job that has ended is kept."""
MOST_ENDED = 16
"""How many jobs of one sender that have ended are kept; the oldest go first."""
MOST_BYTES = 32 << 20
"""Bytes of all results of one sender; the oldest go first."""
MOST_ENDED_IN_ALL = 512
"""How many of one asker, the public being one."""
MOST_BYTES_IN_ALL = 256 << 20
"""Bytes of all results of one asker."""
LARGEST = 16 << 20
"""Bytes of one result."""
_CANNOT = "jobs cannot be taken down now"
LOST = "the server process at work on it ended; please ask again"
NO_JOB = f"no such job is open to you; a job is kept for {KEPT_S / 3600:.0f} hour after its end"

_TABLE = """
CREATE TABLE IF NOT EXISTS jobs (
    id TEXT PRIMARY KEY, kind TEXT NOT NULL, asker TEXT NOT NULL, sender TEXT NOT NULL,
    owner TEXT NOT NULL,
    state TEXT NOT NULL, stage TEXT NOT NULL DEFAULT '', done INTEGER NOT NULL DEFAULT 0,
    total INTEGER NOT NULL DEFAULT 0, created REAL NOT NULL, updated REAL NOT NULL,
    status INTEGER, detail TEXT, result BLOB
)
"""
_UNENDED = "state IN ('queued', 'running')"
_ABANDON = """
UPDATE jobs SET state = 'failed', status = 503, detail = ?, updated = ?
WHERE owner = ? AND state IN ('queued', 'running')
"""
_SET_BACK = "UPDATE jobs SET updated = ? WHERE updated > ?"
_FORGET_OLD = "DELETE FROM jobs WHERE updated < ? AND state NOT IN ('queued', 'running')"
_FORGET_MANY = """
DELETE FROM jobs WHERE id IN (
    SELECT id FROM (
        SELECT id, row_number() OVER newest AS number,
            sum(ifnull(length(result), 0)) OVER newest AS bytes
        FROM jobs WHERE state NOT IN ('queued', 'running')
        WINDOW newest AS (PARTITION BY {} ORDER BY updated DESC, rowid DESC)
    ) WHERE number > ? OR bytes > ?
)
"""
_UNENDED_OF = f"SELECT count(*) FROM jobs WHERE owner = ? AND sender = ? AND {_UNENDED}"  # noqa: S608


class Job(NamedTuple):
    """What is known of a job; instants in seconds since 1970."""

    id: str
    kind: str
    asker: str
    """Whose it is: others are not told that it is there."""
    sender: str
    """A mark of who asked, of one process; never told."""
    owner: str
    state: State
    stage: str
    done: int
    total: int
    """0: not known how much there is to do."""
    created: float
    updated: float
    status: int | None
    """Of a job that failed: the HTTP status it would have been answered with."""
    detail: str | None

    @property
    def ended(self) -> bool:
        """Whether nothing will change any more."""
        return self.state not in {"queued", "running"}


_COLUMNS = ", ".join(Job._fields)


class Records:
    """The jobs of all processes that share a folder; each process has one object."""

    def __init__(self, folder: Path, clock: Callable[[], float]) -> None:
        """Take the folder, made when the first job is begun, and what tells the time."""
        self._folder, self._clock = folder, clock
        self._owner = ""
        self._lock_file = -1

    def add(self, kind: str, asker: str, sender: str) -> Job:
        """Take down a new job of this process, queued."""
        self._take_part()
        now = self._clock()
        id_ = secrets.token_urlsafe(24)
        job = Job(id_, kind, asker, sender, self._owner, "queued", "", 0, 0, now, now, None, None)
        with self._open() as store:
            marks = ", ".join("?" * len(job))
            store.execute(f"INSERT INTO jobs ({_COLUMNS}) VALUES ({marks})", job)  # noqa: S608
            self._make_room(store)
        return job

    def unended(self, sender: str) -> int:
        """Count the jobs of a sender to this process that wait or run."""
        with self._open() as store:
            [count] = store.execute(_UNENDED_OF, (self._owner, sender)).fetchone()
        return int(count)

    def counts(self) -> dict[str, int]:
        """Count the jobs kept, by state."""
        with self._open() as store:
            return dict(store.execute("SELECT state, count(*) FROM jobs GROUP BY state").fetchall())

    def get(self, id_: str, asker: str) -> Job:
        """Return a job, failed if its process has ended; `MissingError` for another's."""
        with self._open() as store:
            job = self._found(store, id_, asker)
            if job.ended or not self._abandoned(job.owner):
                return job
            store.execute(_ABANDON, (LOST, self._clock(), job.owner))
            self._lock_path(job.owner).unlink(missing_ok=True)
            return self._found(store, id_, asker)

    def result(self, id_: str, asker: str) -> bytes | None:
        """Return what came of a job; None if nothing did, or not yet."""
        with self._open() as store:
            self._found(store, id_, asker)
            [found] = store.execute("SELECT result FROM jobs WHERE id = ?", (id_,)).fetchone()
        return found  # type: ignore[no-any-return]

    def begin(self, id_: str) -> bool:
        """Set a queued job running; False if it has been cancelled."""
        return self._change(id_, "state = 'running'", (), "state = 'queued'")

    def advance(self, id_: str, stage: str, done: int, total: int) -> bool:
        """Take down how far a job is; False if it no longer runs."""
        values = (stage, done, total)
        return self._change(id_, "stage = ?, done = ?, total = ?", values, "state = 'running'")

    def finish(self, id_: str, result: bytes) -> None:
        """Keep what came of a job, unless it was cancelled meanwhile."""
        if len(result) > LARGEST:
            detail = f"the answer is larger than {LARGEST >> 20} MB; ask for fewer rows"
            self.fail(id_, 413, detail)
            return
        self._change(id_, "state = 'done', result = ?", (result,), "state = 'running'")

    def fail(self, id_: str, status: int, detail: str) -> None:
        """Take down why nothing came of a job."""
        self._change(id_, "state = 'failed', status = ?, detail = ?", (status, detail), _UNENDED)

    def cancel(self, id_: str, asker: str) -> Job:
        """Give up a job; one that has ended stays as it is."""
        self.get(id_, asker)
        self._change(id_, "state = 'cancelled'", (), _UNENDED)
        return self.get(id_, asker)

    def _change(self, id_: str, change: str, values: tuple[object, ...], only: str) -> bool:
        with self._open() as store:
            asked = f"UPDATE jobs SET {change}, updated = ? WHERE id = ? AND {only}"  # noqa: S608
            changed = store.execute(asked, (*values, self._clock(), id_)).rowcount == 1
            self._make_room(store)
        return changed

    def _found(self, store: sqlite3.Connection, id_: str, asker: str) -> Job:
        asked = f"SELECT {_COLUMNS} FROM jobs WHERE id = ? AND asker = ?"  # noqa: S608
        row = store.execute(asked, (id_, asker)).fetchone()
        if row is None:
            raise MissingError(NO_JOB)
        return Job(*row)

    def _make_room(self, store: sqlite3.Connection) -> None:
        """Forget the jobs that ended too long ago, or before too many, or too large, others.

        Where a clock that was ahead has been put right, what lies ahead is of now: it would push
        out all that ends from now on.
        """
        now = self._clock()
        store.execute(_SET_BACK, (now, now))
        store.execute(_FORGET_OLD, (now - KEPT_S,))
        store.execute(_FORGET_MANY.format("asker, sender"), (MOST_ENDED, MOST_BYTES))
        store.execute(_FORGET_MANY.format("asker"), (MOST_ENDED_IN_ALL, MOST_BYTES_IN_ALL))

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with closing(sqlite3.connect(self._folder / "jobs-3.db", autocommit=True)) as store:
                store.execute("PRAGMA journal_mode = WAL")
                store.execute("PRAGMA synchronous = OFF")  # no job outlives its process
                store.execute("PRAGMA secure_delete = ON")
                store.execute(_TABLE)
                yield store
        except OSError as error:
            raise of_disk(error, _CANNOT) from error
        except sqlite3.Error as error:
            raise of_full_disk(self._folder)(_CANNOT) from error

    def _take_part(self) -> None:
        """Take a lock that says this process is alive; files that nobody holds are left overs."""
        if self._takes_part():
            return
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for path in self._folder.glob("owner-*"):
            owner = path.name.removeprefix("owner-")
            if self._abandoned(owner):
                path.unlink(missing_ok=True)
        owner = secrets.token_hex(8)
        aside = self._folder / f"new-{owner}"
        before, self._lock_file = self._lock_file, os.open(aside, os.O_RDWR | os.O_CREAT, 0o600)
        if before >= 0:
            os.close(before)
        fcntl.flock(self._lock_file, fcntl.LOCK_EX)
        aside.rename(self._lock_path(owner))  # whoever sees it finds it held
        self._owner = owner

    def _takes_part(self) -> bool:
        """Tell whether others see the lock; not where a disk was put in place of the one it is on.

        They would find our jobs failed.
        """
        if not self._owner:
            return False
        with suppress(FileNotFoundError):
            there = self._lock_path(self._owner).stat()
            return os.path.samestat(there, os.fstat(self._lock_file))
        return False

    def _abandoned(self, owner: str) -> bool:
        """Tell whether the process of this name has ended."""
        if owner == self._owner:
            return False
        with suppress(FileNotFoundError):
            file = os.open(self._lock_path(owner), os.O_RDWR)
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            finally:
                os.close(file)
        return True

    def _lock_path(self, owner: str) -> Path:
        return self._folder / f"owner-{owner}"
