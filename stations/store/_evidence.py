"""Recording and reading evidence, inside the transaction the caller has begun."""

from __future__ import annotations

from itertools import batched
from typing import TYPE_CHECKING, Any

import pandas as pd
from sqlalchemy import func, insert, select, tuple_

from stations.errors import StationMissingError, StoreConflictError
from stations.store._door import askable
from stations.store._tables import evidence, station_versions
from stations.trust import ACTS, EVIDENCE_COLUMNS, Evidence, evidence_frame

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import Select
    from sqlalchemy.engine import Connection, Row

_BATCH = 1000  # few enough values for one statement of any database
_, MERGER = ACTS
_PIECE = [evidence.c[name] for name in EVIDENCE_COLUMNS]


def add_evidence(
    connection: Connection, pieces: Sequence[Evidence], received: datetime
) -> list[bool]:
    """Write the pieces whose station and key are new; tell which were."""
    _refuse_unknown(connection, {piece.station for piece in pieces})
    known = _known(connection, ((piece.station, piece.key) for piece in pieces))
    number = connection.execute(select(func.max(evidence.c.number))).scalar() or 0
    added: list[bool] = []
    rows: list[dict[str, Any]] = []
    for piece in pieces:
        mark = piece.station, piece.key
        added.append(mark not in known)
        if mark not in known:
            known.add(mark)
            told = {name: getattr(piece, name) for name in EVIDENCE_COLUMNS}
            rows.append({**told, "received": received, "number": number + len(rows) + 1})
    for batch in batched(rows, _BATCH):
        connection.execute(insert(evidence), batch)
    return added


def add_own_evidence(
    connection: Connection, pieces: Sequence[Evidence], received: datetime
) -> None:
    """Write what the program itself says; `StoreConflictError` if a key stands for other words."""
    added = add_evidence(connection, pieces, received)
    for piece, new in zip(pieces, added, strict=True):
        if not new and evidence_with(connection, piece.station, piece.key) != piece:
            raise StoreConflictError(
                f"station {piece.station[:80]!r} has other evidence under the key {piece.key!r}: "
                "expected a key that is free, or the same again"
            )


def _refuse_unknown(connection: Connection, stations: set[str]) -> None:
    for batch in batched(sorted(stations), _BATCH):
        query = select(station_versions.c.id).where(station_versions.c.id.in_(batch)).distinct()
        if missing := set(batch).difference(connection.execute(query).scalars()):
            raise StationMissingError(f"no station {min(missing)[:80]!r} in the register's history")


def _known(connection: Connection, marks: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    mark = evidence.c.station, evidence.c.key
    found: set[tuple[str, str]] = set()
    for batch in batched(marks, _BATCH):
        rows = connection.execute(select(*mark).where(tuple_(*mark).in_(batch)))
        found.update((row.station, row.key) for row in rows)
    return found


def evidence_after(
    connection: Connection, number: int, stations: Iterable[str] | None
) -> pd.DataFrame:
    """Return what has a higher number, in the order it was recorded; of some stations, or all.

    Besides `EVIDENCE_COLUMNS` it has ``received``: when each piece came in.
    """
    columns = [evidence.c.number, *_PIECE, evidence.c.received]
    query = select(*columns).where(evidence.c.number > number)
    rows: Sequence[Any]
    if stations is None:
        rows = list(connection.execute(query.order_by(evidence.c.number)))
    else:
        rows = _about(connection, query, set(stations))
    frame = evidence_frame(Evidence(*tuple(row)[1:-1]) for row in rows)
    came = pd.to_datetime([row.received for row in rows], utc=True).as_unit("us")
    frame = frame.assign(received=pd.Series(came, frame.index, dtype="datetime64[us, UTC]"))
    return frame.set_axis(pd.Index([row.number for row in rows], dtype="int64", name="number"))


def _about(
    connection: Connection, query: Select[Any], stations: set[str]
) -> list[Row[tuple[Any, ...]]]:
    """Return the pieces about stations, and about those they are heirs to, and so on."""
    rows: list[Row[tuple[Any, ...]]] = []
    asked, done = stations, set[str]()
    while asked:
        done |= asked
        new: set[str] = set()
        for batch in batched(askable(asked), _BATCH):
            found = connection.execute(query.where(evidence.c.station.in_(batch))).all()
            new.update(row.note for row in found if row.kind == MERGER)
            rows += found
        asked = new - done
    return sorted(rows, key=lambda row: row.number)


def mergers(connection: Connection) -> pd.DataFrame:
    """Return the mergers there were, an evidence frame, in the order they were recorded."""
    query = select(*_PIECE).where(evidence.c.kind == MERGER).order_by(evidence.c.number)
    return evidence_frame(Evidence(*row) for row in connection.execute(query))


def evidence_with(connection: Connection, station: str, key: str) -> Evidence | None:
    """Return the piece recorded for a station with a key."""
    if not askable([station + key]):
        return None
    query = select(*_PIECE).where(evidence.c.station == station, evidence.c.key == key)
    row = connection.execute(query).one_or_none()
    return None if row is None else Evidence(*row)
