"""The register itself: read any state it ever had, add a change to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from geodata.errors import UsageError
from stations.errors import LayerMissingError, StationMissingError
from stations.schema import SITE_COLUMNS, STATION_COLUMNS, LayerInfo
from stations.store._chain import extend
from stations.store._changed import STATION, Changed, changed, newest_revision
from stations.store._commit import record
from stations.store._door import NOT_TEXT, check
from stations.store._findings import record_beside
from stations.store._frames import sites_frame, stations_frame
from stations.store._legacy import sites_completed, stations_completed
from stations.store._opened import Opened
from stations.store._origins import position_revisions
from stations.store._queries import (
    areas_of,
    known_number,
    layers_at,
    newest,
    newest_number,
    present,
    revision_of,
)
from stations.store._records import Revision, station_records
from stations.store._tables import revisions, site_versions, station_versions
from stations.store._versions import columns_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from datetime import datetime

    import geopandas as gpd
    import pandas as pd

    from stations.store._findings import Beside
    from stations.store._records import Changes


class Register(Opened):
    """What the register says, and said at each revision."""

    def revision(self) -> int:
        """Return the newest revision's number, 0 for an empty register."""
        with self.transaction(writes=False) as connection:
            return newest_number(connection)

    def newest(self) -> Revision | None:
        """Return the newest revision; None for an empty register."""
        with self.transaction(writes=False) as connection:
            return newest_revision(connection)

    def recorded(self, number: int) -> Revision | None:
        """Return a revision by its number; None if there is none."""
        with self.transaction(writes=False) as connection:
            row = connection.execute(select(revisions).where(revisions.c.number == number)).first()
            return None if row is None else revision_of(row)

    def changed(self, since: int, until: int, most: int) -> Changed | None:
        """Return what changed from revision ``since`` to ``until``, both there, in few rows.

        None if more than ``most`` rows were recorded of stations: read the whole then.
        """
        with self.transaction(writes=False) as connection:
            return changed(connection, since, until, most)

    def revisions(self) -> list[Revision]:
        """Return every revision, oldest first."""
        with self.transaction(writes=False) as connection:
            rows = connection.execute(select(revisions).order_by(revisions.c.number))
            return [revision_of(row) for row in rows]

    def areas(self, numbers: Collection[int]) -> dict[int, set[str]]:
        """Return the area codes of the stations that each of some revisions touched.

        As it left them; of those it removed, as they were before.
        """
        with self.transaction(writes=False) as connection:
            return areas_of(connection, numbers)

    def revision_at(self, moment: datetime) -> int:
        """Return the newest revision made at or before ``moment`` (aware), 0 if there is none."""
        if moment.utcoffset() is None:
            raise UsageError("expected a time with its zone, e.g. 2026-11-22T08:00:00+08:00")
        newest = select(func.max(revisions.c.number)).where(revisions.c.at <= moment)
        with self.transaction(writes=False) as connection:
            return connection.execute(newest).scalar() or 0

    def stations(self, as_of: int | None = None) -> gpd.GeoDataFrame:
        """Return the stations frame of `stations.schema`, sorted by id."""
        table = station_versions
        with self.transaction(writes=False) as connection:
            number = known_number(connection, as_of)
            wanted = columns_of(connection, table, STATION)
            result = connection.execute(select(*wanted).where(newest(table, number)))
            return stations_completed(stations_frame(result, STATION_COLUMNS))

    def present(self, ids: Collection[str]) -> set[str]:
        """Return which of some ids the newest revision holds."""
        with self.transaction(writes=False) as connection:
            return present(connection, ids)

    def layers(self, as_of: int | None = None) -> list[LayerInfo]:
        """Return every demand layer, sorted by name, restricted ones too."""
        with self.transaction(writes=False) as connection:
            return layers_at(connection, known_number(connection, as_of))

    def sites(self, layer: str, as_of: int | None = None) -> gpd.GeoDataFrame:
        """Return the sites frame of ``layer``, sorted by id; no such layer: `LayerMissingError`."""
        table = site_versions
        with self.transaction(writes=False) as connection:
            number = known_number(connection, as_of)
            if layer not in {info.name for info in layers_at(connection, number)}:
                raise LayerMissingError(f"no layer {layer[:80]!r} at revision {number}")
            wanted = columns_of(connection, table, ("id", *SITE_COLUMNS, "geometry"))
            query = select(*wanted).where(table.c.layer == layer, newest(table, number))
            return sites_completed(sites_frame(connection.execute(query), SITE_COLUMNS))

    def position_revisions(self, as_of: int | None = None) -> pd.Series[int]:
        """Return the revision that last set each station's position, or its datum; by id."""
        with self.transaction(writes=False) as connection:
            return position_revisions(connection, known_number(connection, as_of))

    def history(self, station_id: str) -> list[tuple[Revision, dict[str, Any] | None]]:
        """Return each revision that touched a station, oldest first, with its record after it.

        The record is as in `station_records`; None: that revision removed the station. A
        station that never was raises `StationMissingError`.
        """
        table = station_versions
        mine = table.c.id == station_id
        missing = StationMissingError(f"no station {station_id[:80]!r} in the register's history")
        if NOT_TEXT.search(station_id):
            raise missing
        with self.transaction(writes=False) as connection:
            told = select(revisions, table.c.deleted).join(table).where(mine)
            rows = connection.execute(told.order_by(revisions.c.number)).all()
            wanted = columns_of(connection, table, STATION)
            kept = select(*wanted).where(mine, ~table.c.deleted).order_by(table.c.revision)
            frame = stations_completed(stations_frame(connection.execute(kept), STATION_COLUMNS))
        if not rows:
            raise missing
        records = iter(station_records(frame))
        return [(revision_of(row), None if row.deleted else next(records)) for row in rows]

    def commit(
        self,
        changes: Changes,
        *,
        who: str,
        why: str,
        at: datetime,
        base: int | None = None,
        progress: Callable[[int, int], None] | None = None,
        beside: Beside | None = None,
    ) -> Revision:
        """Record ``changes`` as the next revision, in one transaction: all of it or nothing.

        ``at`` is aware and not before the newest revision's: earlier by a day at most, for
        whoever waited for somebody else's turn, it counts as that one's. ``base`` is the revision
        the changes were worked out from: `StoreConflictError` if the register has moved on.
        ``progress`` is called with rows written and rows in all, before anything is final.
        ``beside`` is recorded in the same transaction; its errors are those of `add_steps`.
        Empty changes, and rows that break the schema, raise `UsageError` (with every fault in
        `FaultyDataError`); removing what is not there raises a `MissingError`.
        """
        check(changes, who=who, why=why, at=at)
        with self.transaction(writes=True) as connection:
            made = record(
                connection, changes, who=who, why=why, at=at, base=base, progress=progress
            )
            extend(connection, "revision")
            if beside is not None:
                record_beside(connection, beside, received=at)
            return made
