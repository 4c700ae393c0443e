"""Each recorded pair read as WGS 84, as GCJ-02 and as BD-09."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from geodata import datum
from geodata.geodesy import distance_m
from stations.audit.quality.places import lost

if TYPE_CHECKING:
    import pandas as pd

    from geodata.geodesy import BoolArray, FloatArray, IntArray
    from stations.audit.ruling import Context

DATUMS = ("wgs84", "gcj02", "bd09")
_DECLARED = {"wgs84": 0, "cgcs2000": 0, "gcj02": 1, "bd09": 2}


class Readings(NamedTuple):
    """The ways to read the pairs of some rows; k of them, ascending."""

    row: IntArray
    """(k,) rows of the register: those whose pair came in degrees, in mainland China."""
    declared: IntArray
    """(k,) position in `DATUMS` of what the record says."""
    lon: FloatArray
    """(k, 3) WGS 84 longitude if the pair is in each of `DATUMS`."""
    lat: FloatArray

    def metres(self) -> FloatArray:
        """Return how far each reading lies from the recorded position, (k, 3)."""
        rows = np.arange(len(self.row))
        lon, lat = self.lon[rows, self.declared], self.lat[rows, self.declared]
        return self.to(np.arange(len(rows)), lon, lat)

    def to(self, place: IntArray, lon: FloatArray, lat: FloatArray) -> FloatArray:
        """Return the metres from the readings at some places in here to as many points, (m, 3)."""
        found = np.empty((len(place), len(DATUMS)))
        for number in range(len(DATUMS)):
            found[:, number] = distance_m(
                self.lon[place, number], self.lat[place, number], lon, lat
            )
        return found


def readings(context: Context) -> Readings:
    """Read every pair in every datum.

    Where the datums do not differ (outside the mainland, on a grid) there is nothing to read.
    """
    frame, gone = context.registry.stations, context.derived(lost).any
    return read(frame["datum_in"], context.registry.lon, context.registry.lat, ~gone)


def read(
    said: pd.Series[str], every_lon: FloatArray, every_lat: FloatArray, wanted: BoolArray
) -> Readings:
    """Do the same for any positions with the datum each was said to be in."""
    code = said.map(_DECLARED).fillna(-1).to_numpy(dtype=np.int64)
    row = np.flatnonzero((code >= 0) & wanted)
    declared, lon, lat = code[row], every_lon[row], every_lat[row]
    x, y = lon.copy(), lat.copy()
    for number in np.unique(declared).tolist():
        mine = declared == number
        x[mine], y[mine] = datum.from_wgs84(lon[mine], lat[mine], DATUMS[number])
    pairs = [datum.to_wgs84(x, y, name) for name in DATUMS]
    east, north = (np.column_stack(axis) for axis in zip(*pairs, strict=True))
    places = np.arange(len(row))
    east[places, declared], north[places, declared] = lon, lat
    differ = (np.ptp(east, axis=1) > 0) & np.isfinite(east + north).all(axis=1)
    return Readings(row[differ], declared[differ], east[differ], north[differ])
