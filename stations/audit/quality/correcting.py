"""Positions read anew in the datum they behave like: as one revision, and only when told to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from geodata.errors import UsageError
from stations.audit.quality.readings import DATUMS, read
from stations.errors import StationMissingError
from stations.schema import WGS84
from stations.store import Changes

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from stations.store import Revision, Store


def corrected(stations: gpd.GeoDataFrame, ids: Sequence[str], datum: str) -> gpd.GeoDataFrame:
    """Return some rows of a stations frame, their recorded pairs read in ``datum``.

    The pair as it came stays, and so does everything else but the position, ``datum_in`` and
    ``datum_by``, which is then the operator. An id that is not there raises `StationMissingError`;
    a datum that is none of `DATUMS`, no id, and a record whose pair has no other reading (outside
    the mainland, on a grid, said to be in that datum already) raise `UsageError`.
    """
    if datum not in DATUMS:
        raise UsageError(f"expected a datum of {', '.join(DATUMS)}, not {datum[:40]!r}")
    wanted = sorted(set(ids))
    if not wanted:
        raise UsageError("expected at least one station")
    if strange := next((each for each in wanted if each not in stations.index), None):
        raise StationMissingError(f"no station {strange[:80]!r} to correct")
    rows = stations.loc[wanted].copy()
    lon, lat = rows.geometry.x.to_numpy(), rows.geometry.y.to_numpy()
    found = read(rows["datum_in"], lon, lat, np.ones(len(rows), dtype=bool))
    number = DATUMS.index(datum)
    _refuse_unread(rows, found.row[found.declared != number], datum)
    points = gpd.points_from_xy(found.lon[:, number].round(7), found.lat[:, number].round(7))
    rows.geometry = gpd.GeoSeries(points, rows.index, crs=WGS84)
    rows["datum_in"] = pd.Series(datum, rows.index, dtype="str")
    rows["datum_by"] = pd.Series("operator", rows.index, dtype="str")
    return rows


def _refuse_unread(rows: gpd.GeoDataFrame, read_rows: np.ndarray, datum: str) -> None:
    left = np.setdiff1d(np.arange(len(rows)), read_rows)
    if left.size:
        first = rows.index[left[0]]
        raise UsageError(
            f"{left.size} of the records, {first[:80]!r} first, cannot be read in {datum} "
            "otherwise than now: leave them out"
        )


def correct(
    store: Store,
    ids: Sequence[str],
    datum: str,
    *,
    who: str,
    at: datetime,
    why: str,
    base: int | None = None,
) -> Revision:
    """Record `corrected` as one revision; ``base`` and errors as in `Store.commit`."""
    number = store.revision() if base is None else base
    rows = corrected(store.stations(), ids, datum)  # should they have changed, commit refuses
    told = f"datum {datum} for {len(rows)} stations" + (f": {why}" if why else "")
    return store.commit(Changes(stations=rows), who=who, why=told, at=at, base=number)
