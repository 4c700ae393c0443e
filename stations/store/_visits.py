"""Recording and reading visits, inside the transaction the caller has begun."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from itertools import batched
from typing import TYPE_CHECKING

import pandas as pd
from sqlalchemy import func, insert, select

from geodata.errors import UsageError
from stations.errors import StationMissingError, StoreConflictError
from stations.store._door import NOT_TEXT, askable
from stations.store._tables import station_versions, visits

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime
    from typing import Any

    from sqlalchemy.engine import Connection

_BATCH = 500
"""How many numbers one statement asks for."""
VISIT_COLUMNS: Mapping[str, str] = {
    "station": "str",
    "at": "datetime64[us, UTC]",
    "who": "str",
    "received": "datetime64[us, UTC]",
    "key": "str",
    "form": "str",
    "outcome": "str",
    "lon": "float64",  # WGS 84; NaN: no position was sent, as in the next three
    "lat": "float64",
    "accuracy_m": "float64",
    "distance_m": "float64",
    "answers": "str",  # a JSON object: question's id → answer, as sent
    "photos": "str",  # a JSON list
    "note": "str",
    "told": "str",  # a JSON object: the questions' words then, and what came of it
}


@dataclass(frozen=True)
class Visit:
    """One visit (现场核查) to be recorded; what it means is for `stations.audit.visits`."""

    station: str
    at: datetime
    """Aware: when somebody was there."""
    who: str
    received: datetime
    """Aware: when it was sent."""
    key: str
    """The sender's mark, one a visit of a station."""
    form: str
    """The version of the form it was filled with; "" not told."""
    outcome: str
    """One of `trust.OUTCOMES`; "" nothing can be said."""
    answers: str
    """This and the next: JSON."""
    photos: str
    note: str
    told: str
    lon: float | None = None
    """WGS 84; None: no position was sent."""
    lat: float | None = None
    accuracy_m: float | None = None
    distance_m: float | None = None
    """From the pin as the register had it."""


def add_visit(connection: Connection, visit: Visit, number: int) -> None:
    """Write a visit as ``number``; `StoreConflictError` if others came first."""
    _check(visit)
    known = select(station_versions.c.id).where(station_versions.c.id == visit.station).limit(1)
    if connection.execute(known).first() is None:
        raise StationMissingError(f"no station {visit.station[:80]!r} in the register's history")
    newest = visits_number(connection)
    if number != newest + 1:
        raise StoreConflictError(
            f"visits are at {newest}, this was to be {number}; read them again"
        )
    connection.execute(insert(visits), {"number": number, **asdict(visit)})


def _check(visit: Visit) -> None:
    if visit.at.utcoffset() is None or visit.received.utcoffset() is None:
        raise UsageError("expected times with their zone, e.g. 2026-11-22T08:00:00+08:00")
    for what in ("who", "key"):
        if not getattr(visit, what).strip():
            raise UsageError(f"a visit says its {what} in plain text")
    for what in ("who", "key", "form", "answers", "photos", "note", "told"):
        if NOT_TEXT.search(getattr(visit, what)):
            raise UsageError(f"{what} must be plain text")


def visits_number(connection: Connection) -> int:
    """Return the number of the newest visit, 0 for none."""
    return connection.execute(select(func.max(visits.c.number))).scalar() or 0


def read_visits(
    connection: Connection,
    station: str | None,
    key: str | None,
    after: int,
    numbers: Collection[int] | None,
) -> pd.DataFrame:
    """Return visits above ``after``, of one station, one key and of some numbers if given."""
    columns = [visits.c[name] for name in ("number", *VISIT_COLUMNS)]
    query = select(*columns).where(visits.c.number > after).order_by(visits.c.number)
    for column, asked in ((visits.c.station, station), (visits.c.key, key)):
        if asked is not None and not askable([asked]):
            return visits_frame([])
        if asked is not None:
            query = query.where(column == asked)
    if numbers is None:
        return visits_frame(connection.execute(query).all())
    batches = batched(sorted(numbers), _BATCH)
    parts = (connection.execute(query.where(visits.c.number.in_(each))) for each in batches)
    return visits_frame([row for part in parts for row in part.all()])


def visit_marks(
    connection: Connection, station: str | None, who: str | None, since: datetime | None
) -> pd.DataFrame:
    """Return ``station`` and ``at`` of visits, indexed by number, without what was answered."""
    query = select(visits.c.number, visits.c.station, visits.c.at).order_by(visits.c.number)
    for column, asked in ((visits.c.station, station), (visits.c.who, who)):
        if asked is not None:
            query = query.where(column == asked)
    if since is not None:
        query = query.where(visits.c.at >= since)
    return marks_frame(connection.execute(query).all())


def marks_frame(rows: Sequence[Sequence[Any]]) -> pd.DataFrame:
    """Return rows, each a number, a station and an instant, as a frame."""
    frame = pd.DataFrame(rows, columns=["number", "station", "at"])
    frame["at"] = pd.to_datetime(frame["at"], utc=True)
    kinds = {"number": "int64", **{name: VISIT_COLUMNS[name] for name in ("station", "at")}}
    return frame.astype(kinds).set_index("number")


def visits_frame(rows: Sequence[Sequence[Any]]) -> pd.DataFrame:
    """Return rows, each a number and `VISIT_COLUMNS`, as a frame."""
    frame = pd.DataFrame(rows, columns=["number", *VISIT_COLUMNS])
    for name in ("at", "received"):
        frame[name] = pd.to_datetime(frame[name], utc=True)
    return frame.astype({"number": "int64", **VISIT_COLUMNS}).set_index("number")
