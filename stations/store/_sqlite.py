"""A SQLite file as the register's home: opening it, knowing it for ours, saying what went wrong."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from sqlalchemy import create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.pool import QueuePool

from geodata.errors import StoreError, UsageError
from stations.errors import (
    StoreBusyError,
    StoreForeignError,
    StoreFullError,
    StoreMissingError,
    StoreReadOnlyError,
    of_full_disk,
)
from stations.store._following import Follower, asker
from stations.store._meta import APPLICATION_ID, make_tables, require_ours

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy.engine import Connection, Engine

_CODE_MASK = 0xFF  # the primary part of SQLite's extended result codes
_UNREADABLE = {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY}
_CAUSES: dict[int, tuple[type[StoreError], str]] = {
    sqlite3.SQLITE_BUSY: (StoreBusyError, "somebody else is writing to it; try again in a moment"),
    sqlite3.SQLITE_LOCKED: (StoreBusyError, "somebody else is using it; try again in a moment"),
    sqlite3.SQLITE_READONLY: (
        StoreReadOnlyError,
        "it cannot be written; check the rights of the file and of its folder",
    ),
    sqlite3.SQLITE_NOTADB: (StoreForeignError, "this file is not a station register"),
    sqlite3.SQLITE_ERROR: (StoreForeignError, "the tables of a station register are not in it"),
    sqlite3.SQLITE_CONSTRAINT: (StoreError, "the change breaks a rule of the register's tables"),
    sqlite3.SQLITE_CORRUPT: (StoreError, "the file is damaged; restore a backup"),
    sqlite3.SQLITE_FULL: (StoreFullError, "the disk is full"),
    sqlite3.SQLITE_IOERR: (StoreError, "the disk fails; look at it, and at what it logged"),
    sqlite3.SQLITE_CANTOPEN: (StoreError, "the file cannot be opened; check its folder and rights"),
}


def path_of(url: URL) -> Path:
    """Return the file of a ``sqlite:///path`` URL; one that says more raises `UsageError`."""
    path = url.database or ""
    if url != URL.create("sqlite", database=path) or path in {"", ":memory:"} or "\0" in path:
        raise UsageError("expected a file and nothing else: sqlite:///stations.db")
    return Path(path)


@dataclass(frozen=True)
class SqliteFile:
    """A register in a file."""

    path: Path
    engine: Engine
    followers: list[Follower] = field(default_factory=list)

    @classmethod
    def open(cls, path: Path, *, create: bool, busy_s: float) -> SqliteFile:
        """Open the register at ``path``, making it first if ``create`` and there is none."""
        return cls(path, _open_engine(path, create=create, busy_s=busy_s))

    @property
    def files(self) -> Path:
        """The folder the file is in."""
        return self.path.absolute().parent

    @contextmanager
    def transaction(self, *, writes: bool, patient: bool) -> Iterator[Connection]:
        """Begin a transaction, as `Database` says."""
        with explained(self.path), self.engine.connect() as connection:
            connection.execution_options(writes=writes, patient=patient)
            with connection.begin():
                yield connection

    def follow(self, told: Callable[[], object], every_s: float) -> None:
        """Call ``told`` time and again: the file tells nobody what others record."""
        follower = asker(told, every_s)
        self.followers.append(follower)
        follower.start()

    def close(self) -> None:
        """Stop following, and let go of the file."""
        for each in self.followers:
            each.stop()
        self.engine.dispose()


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn the database's errors into ours; no SQL and no value gets into the message."""
    try:
        yield
    except DBAPIError as error:
        raise _cause(path, error.orig) from error.orig
    except sqlite3.Error as error:
        raise _cause(path, error) from error


def _code(error: object) -> int:
    return getattr(error, "sqlite_errorcode", -1) & _CODE_MASK


def _cause(path: Path, error: object) -> StoreError:
    kind, text = _CAUSES.get(_code(error), (StoreError, f"the database failed ({error})"))
    if kind is StoreError:
        kind = of_full_disk(path.parent)
    return kind(f"{path}: {text}")


class _Connection(sqlite3.Connection):
    """A connection that knows which file it was opened on."""

    file: tuple[int, int] | None = None
    """Device and inode; None: it is for one use, see `_connect_unchanging`."""
    used = False


def _file(path: Path) -> tuple[int, int] | None:
    with suppress(OSError):
        found = path.stat()
        return found.st_dev, found.st_ino
    return None


def _connect(path: Path, mode: str, busy_s: float) -> _Connection:
    """Open ``path`` and read its header, so that a file that cannot be read fails here."""
    file = _file(path)
    connection = sqlite3.connect(
        f"file:{quote(str(path.absolute()))}?{mode}",
        factory=_Connection,
        uri=True,
        timeout=busy_s,
        isolation_level=None,  # transactions begin where we say so, see `_begin`
        check_same_thread=False,  # the pool hands a connection to one thread at a time
    )
    try:
        connection.execute("PRAGMA application_id")
        connection.execute("PRAGMA foreign_keys = ON")
    except sqlite3.Error:
        connection.close()
        raise
    connection.file = file
    return connection


def _has_unmerged_writes(path: Path) -> bool:
    log = path.with_name(path.name + "-wal")
    return log.exists() and log.stat().st_size > 0


def _connect_somehow(path: Path, busy_s: float) -> _Connection:
    """Open a file to be written where that can be, else to be read."""
    try:
        return _connect(path, "mode=rw", busy_s)
    except sqlite3.OperationalError as error:
        if _code(error) not in _UNREADABLE or not path.is_file():
            raise
        connection = _connect_unchanging(path, busy_s)
        connection.file = None
        return connection


def _connect_unchanging(path: Path, busy_s: float) -> _Connection:
    """Open a file on a medium where SQLite may not even put its lock files.

    Such a connection is used once: SQLite does not notice there that somebody else has replaced
    the file, and next time it may be possible to write.
    """
    try:
        return _connect(path, "mode=ro", busy_s)  # enough while somebody else has it open
    except sqlite3.OperationalError:
        if _has_unmerged_writes(path):
            raise StoreReadOnlyError(
                f"{path}: its last changes are still in {path.name}-wal and cannot be merged "
                "here; open it once where it can be written, or copy both files to such a place"
            ) from None
    return _connect(path, "mode=ro&immutable=1", busy_s)


def _begin(connection: Connection, busy_s: float) -> None:
    options = connection.get_execution_options()
    if not options.get("patient", True):
        connection.exec_driver_sql("PRAGMA busy_timeout = 0")
    try:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("writes") else "BEGIN")
    finally:
        if not options.get("patient", True):
            connection.exec_driver_sql(f"PRAGMA busy_timeout = {int(busy_s * 1000)}")


def _make_engine(path: Path, *, create: bool, busy_s: float) -> Engine:
    """Return an engine on the file, after one connection to it has succeeded.

    A connection is not used again once the file has been moved away or another one put in its
    place: what is recorded must be in the file of that name.
    """
    if create and not path.is_file():
        _connect(path, "mode=rwc", busy_s).close()
    connect = partial(_connect_somehow, path, busy_s)
    connect().close()
    engine = create_engine("sqlite://", creator=connect, poolclass=QueuePool, hide_parameters=True)
    event.listen(engine, "begin", lambda connection: _begin(connection, busy_s))
    event.listen(engine, "checkout", lambda raw, *_: _require_same(raw, path))
    return engine


def _require_same(connection: _Connection, path: Path) -> None:
    """Have the pool open the file anew unless the connection is on the file that is there."""
    if connection.used and (connection.file is None or connection.file != _file(path)):
        raise DisconnectionError
    connection.used = True


def _require_place(path: Path, *, create: bool) -> None:
    try:
        if create:
            path.parent.mkdir(parents=True, exist_ok=True)
        exists, is_folder = path.exists(), path.is_dir()
    except OSError as error:
        raise StoreError(f"{path}: {error.strerror}") from error
    if is_folder:
        raise StoreForeignError(f"{path}: a folder, not a register; name the file in it")
    if not exists and not create:
        raise StoreMissingError(
            f"{path}: no register here yet; `stations demo` makes one to try things with, "
            "`stations import FILE --as stations` one of your own"
        )


def _open_engine(path: Path, *, create: bool, busy_s: float) -> Engine:
    _require_place(path, create=create)
    with explained(path):
        engine = _make_engine(path, create=create, busy_s=busy_s)
        try:
            if create:
                _initialise(engine)
            _check(engine, path)
        except BaseException:
            engine.dispose()
            raise
    return engine


def _pragma(connection: Connection, name: str) -> object:
    return connection.exec_driver_sql(f"PRAGMA {name}").scalar()


def _is_blank(connection: Connection) -> bool:
    objects = connection.exec_driver_sql("SELECT count(*) FROM sqlite_schema").scalar()
    return not objects and _pragma(connection, "application_id") == 0


def _initialise(engine: Engine) -> None:
    """Make the tables in an empty file, in one transaction; leave any other file alone."""
    with engine.connect() as connection:
        if not _is_blank(connection):
            return
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        if not _is_blank(connection):  # somebody else was faster
            return
        make_tables(connection)
        connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")


def _check(engine: Engine, path: Path) -> None:
    """Refuse what is not a register, or a newer program's; then let readers and writers overlap."""
    with engine.connect() as connection:
        if _pragma(connection, "application_id") != APPLICATION_ID:
            raise StoreForeignError(f"{path}: this database is not a station register")
        require_ours(connection, str(path))
    with suppress(sqlite3.OperationalError):  # without WAL it works too, only not side by side
        raw = engine.raw_connection()
        try:
            raw.cursor().execute("PRAGMA journal_mode = WAL")
        finally:
            raw.close()
