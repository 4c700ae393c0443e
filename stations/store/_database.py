"""What a database must be able to do to hold a register, and which one a URL names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from geodata.errors import UsageError
from stations.store import _sqlite

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path

    from sqlalchemy.engine import Connection

EXPECTED = "expected a store like sqlite:///stations.db or postgresql://user@host/database"


class Database(Protocol):
    """A database that holds a register; safe to share between threads."""

    @property
    def files(self) -> Path:
        """The folder of what belongs to the register but is no row, such as photos."""

    def transaction(self, *, writes: bool, patient: bool) -> AbstractContextManager[Connection]:
        """Begin a transaction that ends with the block: committed, or undone by an exception.

        It sees one state throughout. Only one at a time ``writes``; not ``patient``:
        `StoreBusyError` at once where another does. The database's errors come out as ours.
        """

    def follow(self, told: Callable[[], object], every_s: float) -> None:
        """Call ``told`` from a thread of its own until `close`.

        Soon after something is recorded if it can tell, else every ``every_s`` seconds.
        """

    def close(self) -> None:
        """Let go of it."""


def open_database(url: str, *, create: bool, busy_s: float) -> Database:
    """Open the register a URL names, making it first if ``create`` and there is none."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):  # the second: a port that is no number
        raise UsageError(EXPECTED) from None
    if parsed.drivername == "sqlite":
        return _sqlite.SqliteFile.open(_sqlite.path_of(parsed), create=create, busy_s=busy_s)
    if parsed.drivername == "postgresql":
        from stations.store import _postgres  # noqa: PLC0415 - the driver, for who has none of it

        return _postgres.PostgresDatabase.open(parsed, create=create, busy_s=busy_s)
    kind = parsed.drivername[:80]
    raise UsageError(f"no store of the kind {kind!r}; {EXPECTED}")
