"""Which revision each station's position came with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
from sqlalchemy import select

from stations.store._tables import station_versions

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

_PLACE = ("deleted", "lon", "lat", "position_in", "datum_in", "datum_by")


def position_revisions(connection: Connection, as_of: int) -> pd.Series[int]:
    """Return the revision that last set where a station is, or how that is known; by id."""
    table = station_versions
    wanted = [table.c[name] for name in ("id", "revision", *_PLACE)]
    query = select(*wanted).where(table.c.revision <= as_of).order_by(table.c.id, table.c.revision)
    rows = pd.DataFrame(connection.execute(query).all(), columns=["id", "revision", *_PLACE])
    place = pd.factorize(pd.MultiIndex.from_frame(rows[list(_PLACE)]))[0]
    code = pd.Series(place, index=rows.index)
    moved = (rows["id"] != rows["id"].shift()) | (code != code.shift())
    last = rows[moved].groupby("id", sort=True).last()
    found = last.loc[~last["deleted"].astype(bool), "revision"]
    return found.astype("int64")
