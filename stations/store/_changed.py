"""What became of the register from one revision to a later one."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import and_, func, select

from stations.schema import STATION_COLUMNS
from stations.store._frames import stations_frame
from stations.store._legacy import stations_completed
from stations.store._queries import newest, revision_of
from stations.store._tables import layer_versions, revisions, site_versions, station_versions
from stations.store._versions import columns_of

if TYPE_CHECKING:
    import geopandas as gpd
    from sqlalchemy import ColumnElement, Table
    from sqlalchemy.engine import Connection

    from stations.store._records import Revision

STATION = ("id", *STATION_COLUMNS, "lon", "lat")
"""The columns of a stations frame's rows."""


class Changed(NamedTuple):
    """The difference between two revisions."""

    stations: gpd.GeoDataFrame
    """A stations frame of those added or changed, as the later one has them."""
    removed: frozenset[str]
    """Ids of which the later one has none; the earlier one may not have had them either."""
    layers: frozenset[str]
    """Names of the layers described anew, or with another site."""


def newest_revision(connection: Connection) -> Revision | None:
    """Return the newest revision; None before the first."""
    query = select(revisions).order_by(revisions.c.number.desc()).limit(1)
    row = connection.execute(query).one_or_none()
    return None if row is None else revision_of(row)


def changed(connection: Connection, since: int, until: int, most: int) -> Changed | None:
    """Return what changed after ``since``; None if that is more than ``most`` rows of stations."""
    table = station_versions
    rows = connection.execute(
        select(func.count()).where(_between(table, since, until))
    ).scalar_one()
    if rows > most:
        return None
    wanted = columns_of(connection, table, STATION)
    last = select(*wanted).where(newest(table, until), table.c.revision > since)
    frame = stations_completed(stations_frame(connection.execute(last), STATION_COLUMNS))
    touched = connection.execute(select(table.c.id).where(_between(table, since, until)).distinct())
    gone = frozenset(touched.scalars()).difference(frame.index)
    layers = frozenset(
        name
        for of, key in ((layer_versions, "name"), (site_versions, "layer"))
        for name in connection.execute(
            select(of.c[key]).where(_between(of, since, until)).distinct()
        ).scalars()
    )
    return Changed(frame, gone, layers)


def _between(table: Table, since: int, until: int) -> ColumnElement[bool]:
    return and_(table.c.revision > since, table.c.revision <= until)
