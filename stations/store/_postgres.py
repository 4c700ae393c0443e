"""A PostgreSQL database with PostGIS as the register's home; what its errors mean is said here."""

from __future__ import annotations

from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
from sqlalchemy import create_engine, func, select, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionLeftError

from geodata.errors import StoreError, UsageError
from stations.errors import (
    StoreBusyError,
    StoreForeignError,
    StoreMissingError,
    StoreReadOnlyError,
)
from stations.store._following import Follower, listener
from stations.store._meta import APPLICATION, APPLICATION_ID, make_tables, require_ours
from stations.store._tables import meta

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy.engine import Connection, Engine
    from sqlalchemy.pool import PoolProxiedConnection

_LIBPQ = frozenset(
    {"host", "passfile", "port", "sslcert", "sslkey", "sslmode", "sslrootcert", "service"}
)
"""What a URL may say after its ``?`` to the client library, besides ``files`` to us."""
_AT_ONCE = 20
"""Connections one process has at most, besides the one it listens on."""
_SESSION = {
    "timezone": "UTC",
    "statement_timeout": "10min",  # a question nobody waits for any more
    "idle_in_transaction_session_timeout": "2min",  # a writer that stands still keeps all others
    "tcp_keepalives_idle": "30",
    "tcp_keepalives_interval": "10",
    "tcp_keepalives_count": "3",
}
_CLIENT = {
    "application_name": APPLICATION,
    "connect_timeout": 10,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}
_MAY_NOT = "this user may not do that; ask its owner for the rights, or connect as the owner"
_GONE = (
    "the connection was lost; what was being recorded may be there or not, look before doing "
    "it again"
)
_CAUSES: dict[str, tuple[type[StoreError], str]] = {
    "55P03": (StoreBusyError, "somebody else is writing to it; try again in a moment"),
    "40P01": (StoreBusyError, "somebody else is using it; try again in a moment"),
    "40001": (StoreBusyError, "somebody else is using it; try again in a moment"),
    "53300": (StoreBusyError, "too many are connected to it; try again in a moment"),
    "57014": (StoreBusyError, "it took too long and was given up"),
    "25006": (StoreReadOnlyError, "this server only reads; connect to the one that is written to"),
    "42501": (StoreReadOnlyError, _MAY_NOT),
    "42P01": (StoreForeignError, "the tables of a station register are not in it"),
    "42703": (StoreForeignError, "the tables of a station register are not in it"),
    "53100": (StoreError, "the disk is full"),
    "54000": (StoreError, "a text is too long to be a key"),
}
_CLASSES: dict[str, tuple[type[StoreError], str]] = {
    "08": (StoreError, _GONE),
    "57": (StoreError, _GONE),
    "23": (StoreError, "the change breaks a rule of the register's tables"),
    "XX": (StoreError, "the database is damaged; restore a backup"),
}
"""What begins an SQLSTATE that `_CAUSES` does not know → what it means."""


@dataclass(frozen=True)
class PostgresDatabase:
    """A register in a database of a server."""

    name: str
    """What people know it by: the URL without its password."""
    engine: Engine
    folder: Path | None
    followers: list[Follower] = field(default_factory=list)

    @classmethod
    def open(cls, url: URL, *, create: bool, busy_s: float) -> PostgresDatabase:
        """Open the register in a database, making it first if ``create`` and it is empty."""
        folder = _checked(url)
        shown = (url.drivername, url.username, None, url.host, url.port, url.database)
        name = URL.create(*shown).render_as_string()
        made = cls(name, _make_engine(url, busy_s), folder)
        try:
            with explained(name):
                if create:
                    _initialise(made.engine, name)
                _check(made.engine, name)
        except BaseException:
            made.close()
            raise
        return made

    @property
    def files(self) -> Path:
        """The folder the URL names; `UsageError` if it names none."""
        if self.folder is None:
            raise UsageError(
                "where are the photos? name a folder that all servers share in the store's URL: "
                "postgresql://…/database?files=/srv/stations"
            )
        return self.folder.absolute()

    @contextmanager
    def transaction(self, *, writes: bool, patient: bool) -> Iterator[Connection]:
        """Begin a transaction, as `Database` says; writers wait at the row of ``meta``."""
        with explained(self.name), self.engine.connect() as connection:
            if writes:
                connection.execution_options(isolation_level="READ COMMITTED")
            else:
                options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
                connection.execution_options(**options)
            with connection.begin():
                if writes:
                    turn = select(meta.c.value).where(meta.c.key == "schema_version")
                    connection.execute(turn.with_for_update(nowait=not patient, key_share=True))
                yield connection
                if writes:
                    connection.execute(select(func.gis.refresh()))

    def follow(self, told: Callable[[], object], every_s: float) -> None:
        """Listen to what the database tells of each link that is added to the chain."""
        del every_s
        follower = listener(partial(_listening, self.engine, self.name), told)
        self.followers.append(follower)
        follower.start()

    def close(self) -> None:
        """Stop listening, and end all connections."""
        for each in self.followers:
            each.stop()
        self.engine.dispose()


def _checked(url: URL) -> Path | None:
    said = dict(url.query)
    unknown = said.keys() - _LIBPQ - {"files"}
    if unknown:
        raise UsageError(
            f"a store's URL cannot say {min(unknown)[:80]!r}; it may say files, "
            + ", ".join(sorted(_LIBPQ))
        )
    told = (url.username, url.password, url.host, url.database, *said, *said.values())
    if not url.database or any("\0" in str(each) for each in told):
        raise UsageError("expected a database's name: postgresql://user@host/database")
    folder = said.get("files")
    if isinstance(folder, tuple):
        raise UsageError("expected one folder: files=/srv/stations")
    return Path(folder) if folder else None


def _make_engine(url: URL, busy_s: float) -> Engine:
    session = {**_SESSION, "lock_timeout": f"{max(1, round(busy_s * 1000))}ms"}
    options = " ".join(f"-c {name}={value}" for name, value in session.items())
    return create_engine(
        url.set(drivername="postgresql+psycopg").difference_update_query(["files"]),
        connect_args={**_CLIENT, "options": options},
        hide_parameters=True,
        max_overflow=_AT_ONCE - 5,
        pool_pre_ping=True,
        pool_timeout=max(1.0, busy_s),
        use_native_hstore=False,
    )


@contextmanager
def explained(name: str) -> Iterator[None]:
    """Turn the database's errors into ours; no SQL and no value gets into the message."""
    try:
        yield
    except DBAPIError as error:
        raise _cause(name, error.orig) from error.orig
    except psycopg.Error as error:
        raise _cause(name, error) from error
    except NoConnectionLeftError:
        told = "all its connections are in use; try again in a moment"
        raise StoreBusyError(f"{name}: {told}") from None


def _cause(name: str, error: object) -> StoreError:
    state = getattr(error, "sqlstate", None)
    if state is None:
        return _no_connection(name, error)
    known = _CAUSES.get(state) or _CLASSES.get(state[:2])
    kind, told = known or (StoreError, f"the database failed (SQLSTATE {state})")
    return kind(f"{name}: {told}")


def _no_connection(name: str, error: object) -> StoreError:
    """Say why there is no connection: only a text tells, which holds no password."""
    said = " ".join(str(error).split("\n")[0].split())
    if "database" in said and "does not exist" in said:
        return StoreMissingError(
            f"{name}: no such database; its owner makes it: createdb -E UTF8 NAME"
        )
    if not isinstance(error, psycopg.OperationalError):
        return StoreError(f"{name}: the database failed ({type(error).__name__})")
    return StoreError(f"{name}: no connection to the database ({said[:300]}); is it running?")


def _initialise(engine: Engine, name: str) -> None:
    """Make the tables in a database that has none, in one transaction; leave others alone."""
    with engine.connect() as connection, connection.begin():
        connection.execute(select(func.pg_advisory_xact_lock(APPLICATION_ID)))
        if not _is_blank(connection):
            return
        _add_postgis(connection, name)
        make_tables(connection)
        layout = (files(__package__) / "postgresql.sql").read_bytes()
        _driver(connection.connection).execute(layout)


def _is_blank(connection: Connection) -> bool:
    """Tell whether there is no table or view but an extension's."""
    return not connection.execute(text(_OBJECTS)).scalar_one()


_OBJECTS = """SELECT count(*) FROM pg_class
WHERE relnamespace = to_regnamespace(current_schema()) AND relkind IN ('r', 'v', 'm', 'p', 'f')
AND NOT EXISTS (SELECT 1 FROM pg_depend WHERE objid = pg_class.oid AND deptype = 'e')"""


def _add_postgis(connection: Connection, name: str) -> None:
    if connection.execute(text("SHOW server_encoding")).scalar_one() != "UTF8":
        raise StoreForeignError(f"{name}: expected a database in UTF-8: createdb -E UTF8 NAME")
    try:
        connection.execute(text("CREATE EXTENSION IF NOT EXISTS postgis"))
    except DBAPIError as error:
        raise StoreError(
            f"{name}: the database needs PostGIS; install it (Debian: postgresql-postgis) and "
            "have the server's superuser run there: CREATE EXTENSION postgis"
        ) from error.orig


def _check(engine: Engine, name: str) -> None:
    with engine.connect() as connection, connection.begin():
        if connection.execute(text("SELECT to_regclass('meta')")).scalar() is None:
            if _is_blank(connection):
                raise StoreMissingError(
                    f"{name}: no register in this database yet; `stations demo` makes one to try "
                    "things with, `stations import FILE --as stations` one of your own"
                )
            raise StoreForeignError(f"{name}: this database is not a station register")
        require_ours(connection, name)


@contextmanager
def _listening(engine: Engine, name: str) -> Iterator[psycopg.Connection]:
    """Take a connection out of the pool, for good, that hears what is recorded."""
    with explained(name):
        pooled = engine.raw_connection()
        connection = _driver(pooled)
        pooled.detach()
        with closing(connection):  # not the pool's, which would ask a lost one to roll back
            connection.autocommit = True
            yield connection


def _driver(pooled: PoolProxiedConnection) -> psycopg.Connection:
    found = pooled.driver_connection
    if not isinstance(found, psycopg.Connection):
        raise StoreError("the connection is not one of psycopg's")
    return found
