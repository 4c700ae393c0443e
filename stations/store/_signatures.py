"""Recording and reading what was signed off by name, inside the transaction begun."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import func, insert, select

from geodata.errors import UsageError
from stations.errors import StoreClockError
from stations.store._chain import GENESIS
from stations.store._door import NOT_TEXT, in_turn
from stations.store._tables import links, signatures

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.engine import Connection, Row


@dataclass(frozen=True)
class Signature:
    """A document somebody signed off by name; part of the hash chain."""

    number: int
    """1 for the first; no number is left out."""
    at: datetime
    """Aware, in UTC."""
    who: str
    about: str
    """What kind of document it is, in a word or two."""
    document: Mapping[str, Any]


def add_signature(
    connection: Connection, about: str, document: Mapping[str, Any], *, who: str, at: datetime
) -> Signature:
    """Write a signature; `UsageError` for empty texts, and a time before the newest one's."""
    if at.utcoffset() is None:
        raise UsageError("expected a time with its zone, e.g. 2026-11-22T08:00:00+08:00")
    for what, text in (("who", who), ("about", about)):
        if not text.strip() or NOT_TEXT.search(text):
            raise UsageError(f"a signature says {what} in plain text, got {text[:80]!r}")
    latest = connection.execute(select(func.max(signatures.c.at))).scalar()
    dated = in_turn(at, latest)
    if latest is not None and dated is None:
        raise StoreClockError(f"expected a time not before the newest one's, {latest.isoformat()}")
    number = (connection.execute(select(func.max(signatures.c.number))).scalar() or 0) + 1
    text = orjson.dumps(document, option=orjson.OPT_SORT_KEYS).decode()
    row = {"number": number, "at": dated, "who": who.strip(), "about": about, "document": text}
    connection.execute(insert(signatures), row)
    found = select(signatures).where(signatures.c.number == number)
    return _signature_of(connection.execute(found).one())


def read_signatures(connection: Connection) -> list[Signature]:
    """Return every signature, oldest first."""
    rows = connection.execute(select(signatures).order_by(signatures.c.number))
    return [_signature_of(row) for row in rows]


def head_of(connection: Connection) -> str:
    """Return the hash of the chain's newest link, as recorded; of none: `GENESIS`."""
    newest = select(links.c.hash).order_by(links.c.number.desc()).limit(1)
    return connection.execute(newest).scalar() or GENESIS


def _signature_of(row: Row[Any]) -> Signature:
    return Signature(row.number, row.at, row.who, row.about, orjson.loads(row.document))
