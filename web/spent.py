"""Counts of ``limits`` in one SQLite file, for all processes of a machine that serve a register.

The library itself counts in memory or in a server of its own (Redis, Memcached, MongoDB). SQLite
makes what is done `Spent.together` one step, beside other processes too, and takes back what a
killed one had begun. Nothing waits for the disk: these counts may die with the machine.
"""

from __future__ import annotations

import hashlib
import sqlite3
import threading
import time
import weakref
from contextlib import contextmanager
from typing import TYPE_CHECKING, Never

from limits.storage import MovingWindowSupport, Storage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

MOST = 500_000
"""Entries kept; beyond them the oldest are forgotten."""
SET_BACK_S = 5.0
"""A clock that goes back farther was put right: all counts begin anew."""
BUSY_S = 1.0
"""How long to wait while another process counts."""
_TABLE = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = OFF;
CREATE TABLE IF NOT EXISTS spent (number INTEGER PRIMARY KEY, key BLOB, at REAL, until REAL);
CREATE INDEX IF NOT EXISTS spent_key ON spent (key, at);
CREATE INDEX IF NOT EXISTS spent_until ON spent (until);
"""


class Spent(Storage, MovingWindowSupport):
    """A storage for moving windows, shared by all threads; what fails is an ``sqlite3.Error``."""

    STORAGE_SCHEME = ["stations"]  # noqa: RUF012 - as the library declares it

    def __init__(self, path: Path | None, clock: Callable[[], float] = time.time) -> None:
        """Count in a file that is opened when first asked for, or if None in memory.

        ``clock`` tells seconds since 1970.
        """
        super().__init__()
        self._path, self._clock = path, clock
        self._opened: sqlite3.Connection | None = None
        self._turn = threading.RLock()

    @contextmanager
    def together(self) -> Iterator[None]:
        """Let nobody else count until the block ends; an exception takes back what was counted."""
        with self._turn, self._connection() as connection:
            connection.execute("BEGIN IMMEDIATE")
            _forget(connection, self._clock())
            yield

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Count ``amount`` under a key if the window has room; only within `together`."""
        if self.get_moving_window(key, limit, expiry)[1] + amount > limit:
            return False
        now = self._clock()
        entry = (_short(key), now, now + expiry)
        with self._turn:
            self._connection().executemany(_INSERT, [entry] * amount)
        return True

    def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:
        """Return when the first in the window came, seconds since 1970, and how many there are."""
        del limit
        now = self._clock()
        with self._turn:
            told = self._connection().execute(_WINDOW, (_short(key), now - expiry))
            first, count = told.fetchone()
        return now if first is None else first, count

    def clear(self, key: str) -> None:
        """Forget what was counted under a key."""
        with self._turn, self._connection() as connection:
            connection.execute("DELETE FROM spent WHERE key = ?", (_short(key),))

    def reset(self) -> int:
        """Forget everything; return how many entries there were."""
        with self._turn, self._connection() as connection:
            return connection.execute("DELETE FROM spent").rowcount

    def check(self) -> bool:
        """Tell whether it can be asked."""
        try:
            self.get_moving_window("", 1, 1)
        except sqlite3.Error:
            return False
        return True

    @property
    def base_exceptions(self) -> type[Exception]:
        """What the database raises."""
        return sqlite3.Error

    def incr(self, key: str, expiry: int, amount: int = 1) -> Never:
        """Refuse: there are moving windows only."""
        raise NotImplementedError

    def get(self, key: str) -> Never:
        """Refuse, as `incr` does."""
        raise NotImplementedError

    def get_expiry(self, key: str) -> Never:
        """Refuse, as `incr` does."""
        raise NotImplementedError

    def _connection(self) -> sqlite3.Connection:
        if self._opened is None:
            name = ":memory:" if self._path is None else str(self._path)
            made = sqlite3.connect(
                name, timeout=BUSY_S, isolation_level=None, check_same_thread=False
            )
            try:
                made.executescript(_TABLE)
            except sqlite3.Error:
                made.close()
                raise
            weakref.finalize(self, made.close)
            self._opened = made
        return self._opened


_INSERT = "INSERT INTO spent (key, at, until) VALUES (?, ?, ?)"
_WINDOW = "SELECT min(at), count(*) FROM spent WHERE key = ? AND at >= ?"
_LATEST = "SELECT number, at FROM spent ORDER BY number DESC LIMIT 1"


def _forget(connection: sqlite3.Connection, now: float) -> None:
    """Drop what counts no more, what is too much, and all of it if the clock was put right."""
    number, at = connection.execute(_LATEST).fetchone() or (0, now)
    if at > now + SET_BACK_S:
        connection.execute("DELETE FROM spent")
    connection.execute("DELETE FROM spent WHERE until < ? OR number <= ?", (now, number - MOST))


def _short(key: str) -> bytes:
    """Return a few bytes for a key of any length."""
    return hashlib.blake2b(key.encode(), digest_size=16).digest()
