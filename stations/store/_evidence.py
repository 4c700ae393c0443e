"""Recording and reading evidence, inside the transaction the caller has begun."""

from __future__ import annotations

from itertools import batched
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import func, select, tuple_, type_coerce
from sqlalchemy.types import NullType

from stations.errors import StationMissingError, StoreConflictError
from stations.store._bulk import insert_rows
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
_UTC = pa.timestamp("us", "UTC")
_ARROW = pa.schema(
    [
        ("number", pa.int64()),
        *((n, _UTC if n == "at" else pa.large_string()) for n in EVIDENCE_COLUMNS),
        ("received", _UTC),
    ]
)
_PANDAS = {pa.large_string(): pd.StringDtype(na_value=np.nan)}
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
        insert_rows(connection, evidence, batch)
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
    columns = (evidence.c.number, *_PIECE, evidence.c.received)
    as_held: list[Any] = [type_coerce(each, NullType()).label(each.name) for each in columns]
    query = select(*as_held).where(evidence.c.number > number)
    if stations is not None:
        return _heard([_about(connection, query, set(stations))])
    query = query.order_by(evidence.c.number).execution_options(yield_per=_BATCH)
    return _heard(connection.execute(query).partitions())


def said_after(connection: Connection, number: int) -> tuple[int, set[str], bool]:
    """Return the newest number, about whom the pieces above ``number`` are, if any is a merger."""
    query = select(evidence.c.number, evidence.c.station, evidence.c.kind)
    rows = connection.execute(query.where(evidence.c.number > number)).all()
    merged = any(row.kind == MERGER for row in rows)
    return max((row.number for row in rows), default=number), {row.station for row in rows}, merged


def nothing_heard() -> pd.DataFrame:
    """Return what `evidence_after` does where there is none."""
    return _heard([])


def _heard(parts: Iterable[Sequence[Row[Any]]]) -> pd.DataFrame:
    """Build the frame part by part: millions of rows are never held as Python's objects."""
    batches = [
        pa.RecordBatch.from_arrays(
            [_cells(*each) for each in zip(zip(*rows, strict=True), _ARROW.types, strict=True)],
            schema=_ARROW,
        )
        for rows in parts
        if rows
    ]
    table = pa.Table.from_batches(batches, _ARROW)
    frame: pd.DataFrame = table.to_pandas(types_mapper=_PANDAS.get, use_threads=False)
    return frame.set_index("number")


def _cells(cells: tuple[Any, ...], kind: pa.DataType) -> pa.Array:
    """Take a column's cells as the database's driver gives them: SQLite's times are texts."""
    if kind == _UTC and isinstance(cells[0], str):
        return pc.assume_timezone(pa.array(cells).cast(pa.timestamp("us")), "UTC")
    return pa.array(cells, kind)


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
