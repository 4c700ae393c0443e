"""The hash chain over the register's history: a later change of anything in it shows.

A *link* covers one revision with all its rows, or the pieces of evidence or steps of findings that
one transaction recorded. Its hash is SHA-256 over the hash before, the link's own number, kind and
last item, and one line of JSON for each row, in the order of the tables' keys: its table and its
cells as SQLite holds them, by column, without those that are NULL: numbers for yes and no, times
and JSON as texts. So a column that is added to the schema later changes no hash, and neither does
another database. What the chain proves and what not: README.md.
"""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import (
    JSON,
    Boolean,
    Integer,
    Text,
    cast,
    func,
    insert,
    select,
    type_coerce,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import NullType

from stations.store._drafts import tables_there
from stations.store._tables import (
    activity_steps,
    evidence,
    finding_steps,
    layer_versions,
    links,
    revisions,
    signatures,
    site_versions,
    station_versions,
    visits,
)
from stations.store._types import UtcDateTime

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Mapping

    from sqlalchemy import Column, ColumnElement, Table
    from sqlalchemy.engine import Connection, Row

GENESIS = "0" * 64
"""What stands for the hash before the first link."""
_BY_NUMBER = {
    "revision": revisions,
    "evidence": evidence,
    "finding": finding_steps,
    "visit": visits,
    "signature": signatures,
    "activity": activity_steps,
}
_BY_REVISION = (station_versions, layer_versions, site_versions)
_HELD: Mapping[str, tuple[Column[Any], ...]] = {
    kind: (table.c.number, *(each.c.revision for each in _BY_REVISION if kind == "revision"))
    for kind, table in _BY_NUMBER.items()
}
"""Kind of link → the columns that number its rows, each in its table."""
_CHUNK = 2000


@dataclass(frozen=True)
class Broken:
    """The first link that is not what was recorded."""

    kind: str
    """``revision``, ``evidence``, ``finding``, ``visit``, ``signature``, ``activity``;
    ``link``: the chain."""
    first: int
    """Number of the first item it covers: a revision, a piece of evidence, a finding's step…"""
    last: int
    why: str


@dataclass(frozen=True)
class Verdict:
    """Whether the history is what was recorded."""

    links: int
    """How many links there are."""
    head: str
    """The last link's hash, 64 hex digits: note it elsewhere to be able to prove more later."""
    broken: Broken | None
    """None: whole."""


def extend(connection: Connection, kind: str, last: int | None = None) -> None:
    """Add the link over what was recorded of a kind since the one before, up to ``last``, or all.

    Nothing new adds none.
    """
    newest = connection.execute(select(func.max(_HELD[kind][0]))).scalar() or 0
    upto = newest if last is None else last
    after = connection.execute(select(func.max(links.c.last)).where(links.c.kind == kind)).scalar()
    if upto <= (after or 0):
        return
    head = connection.execute(select(links).order_by(links.c.number.desc()).limit(1)).first()
    number, before = (head.number + 1, head.hash) if head else (1, GENESIS)
    rows = (_lines(connection, column, after or 0, upto) for column in _HELD[kind])
    lines = (line for _, line in chain.from_iterable(rows))
    made = _hash(before, number, kind, upto, lines)
    told = {"number": number, "kind": kind, "last": upto, "hash": made}
    connection.execute(insert(links), told)


def begin(connection: Connection) -> None:
    """Chain the history of a register that had no chain: each revision, then all evidence."""
    for number in connection.execute(select(revisions.c.number).order_by(revisions.c.number)).all():
        extend(connection, "revision", number[0])
    extend(connection, "evidence")


def _lines(
    connection: Connection, by: Column[Any], after: int | None, upto: int | None
) -> Generator[tuple[int, bytes]]:
    """Yield the number and the line of each row above ``after``, up to ``upto``; None no limit."""
    table: Table = by.table
    columns = sorted(table.columns, key=lambda column: column.name)
    keys = [by, *(each for each in table.primary_key if each is not by)]
    wanted = [_as_held(each, connection.dialect.name) for each in columns]
    query = select(by, *wanted).order_by(*keys)
    if after is not None:
        query = query.where(by > after)
    if upto is not None:
        query = query.where(by <= upto)
    else:
        query = query.execution_options(yield_per=_CHUNK)
    names = [str(each.name) for each in columns]  # plain texts: SQLAlchemy has its own
    with connection.execute(query) as result:
        for number, *cells in result:
            held = {n: cell for n, cell in zip(names, cells, strict=True) if cell is not None}
            yield number, _line(str(table.name), held)


def _as_held(column: Column[Any], dialect: str) -> ColumnElement[Any]:
    """Return a column's cells as they are in SQLite's file; the same where they are read there."""
    kind = column.type
    if dialect == "postgresql" and isinstance(kind, Boolean):
        return cast(column, Integer)
    if dialect == "postgresql" and isinstance(kind, UtcDateTime):
        return func.to_char(func.timezone("UTC", column), "YYYY-MM-DD HH24:MI:SS.US")
    if dialect == "postgresql" and isinstance(kind, JSON):
        return cast(column, Text)
    return type_coerce(column, NullType())


def _line(table: str, held: Mapping[str, object]) -> bytes:
    try:
        return orjson.dumps([table, held], _blob, orjson.OPT_APPEND_NEWLINE)
    except TypeError:
        return b"holds bytes that are no text\n"  # equals no line that was ever recorded


def _blob(value: object) -> dict[str, str]:
    if isinstance(value, bytes):
        return {"hex": value.hex()}
    raise TypeError


def _hash(before: str, number: int, kind: str, last: int, lines: Iterable[bytes]) -> str:
    made = hashlib.sha256(f"{before} {number} {kind} {last}\n".encode())
    for line in lines:
        made.update(line)
    return made.hexdigest()


class _Stream:
    """The rows of one table, by number, taken link by link."""

    def __init__(self, connection: Connection, by: Column[Any]) -> None:
        self._rows = _lines(connection, by, None, None)
        self._ahead: tuple[int, bytes] | None = None

    def up_to(self, last: int) -> Iterator[bytes]:
        """Take the rows that are next, as far as their number is not above ``last``."""
        while (row := self.next()) is not None and row[0] <= last:
            self._ahead = None
            yield row[1]

    def close(self) -> None:
        """Read no more."""
        self._rows.close()

    def next(self) -> tuple[int, bytes] | None:
        """Return the row that is next, without taking it."""
        if self._ahead is None:
            self._ahead = next(self._rows, None)
        return self._ahead


class _Verifying:
    """One pass over the whole history."""

    def __init__(self, connection: Connection) -> None:
        there = tables_there(connection)
        self._streams = {
            kind: [_Stream(connection, column) for column in columns]
            for kind, columns in _HELD.items()
            if columns[0].table.name in there
        }
        self._last = dict.fromkeys(self._streams, 0)
        self.count, self.head = 0, GENESIS

    def follow(self, link: Row[Any]) -> Broken | None:
        """Compute one link's hash anew."""
        number, kind, last, told = link.number, link.kind, link.last, link.hash
        if kind not in self._streams or number != self.count + 1:
            return Broken("link", self.count + 1, self.count + 1, "not a link of this chain")
        first = self._last[kind] + 1
        lines = chain.from_iterable(each.up_to(last) for each in self._streams[kind])
        if _hash(self.head, number, kind, last, lines) != told:
            return Broken(kind, first, last, "is not what was recorded")
        self.count, self.head, self._last[kind] = number, told, last
        return None

    def close(self) -> None:
        """Read no more."""
        for stream in chain.from_iterable(self._streams.values()):
            stream.close()

    def beyond(self) -> Broken | None:
        """Tell of a row no link covers."""
        for kind, streams in self._streams.items():
            for stream in streams:
                if row := stream.next():
                    return Broken(kind, row[0], row[0], "was added behind the chain's back")
        return None


def verify(connection: Connection) -> Verdict:
    """Compute every hash anew; tell the first that differs."""
    try:
        return _passed(connection)
    except DBAPIError as error:
        own = hasattr(error.orig, "sqlite_errorcode")  # the database's own: damaged, locked
        if own or connection.dialect.name != "sqlite":
            raise
    with _any_bytes(connection):
        return _passed(connection)


@contextmanager
def _any_bytes(connection: Connection) -> Iterator[None]:
    """Let texts that are not UTF-8 be read, which takes longer: somebody has put them there."""
    raw = connection.connection.driver_connection
    if not isinstance(raw, sqlite3.Connection):
        yield
        return
    raw.text_factory = lambda cell: cell.decode("utf-8", "surrogateescape")
    try:
        yield
    finally:
        raw.text_factory = str


def _passed(connection: Connection) -> Verdict:
    passing = _Verifying(connection)
    count = connection.execute(select(func.count()).select_from(links)).scalar_one()
    query = select(links).order_by(links.c.number).execution_options(yield_per=_CHUNK)
    try:
        with connection.execute(query) as chain_:
            for link in chain_:
                if broken := passing.follow(link):
                    return Verdict(count, passing.head, broken)
        return Verdict(count, passing.head, passing.beyond())
    finally:
        passing.close()


def links_with(connection: Connection, head: str) -> int | None:
    """Return the number of the link whose hash begins with ``head``, the first; None: no link's."""
    query = select(func.min(links.c.number)).where(links.c.hash.startswith(head, autoescape=True))
    return connection.execute(query).scalar()
