"""Where else it is said that a station is: its entrance, a map platform's row, sister records."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from stations.audit.quality import names
from stations.audit.quality.maplist import matches
from stations.audit.quality.pairs import told
from stations.audit.quality.places import lost
from stations.audit.quality.uploads import batches

if TYPE_CHECKING:
    from geodata.geodesy import FloatArray, IntArray
    from stations.audit.ruling import Context

SISTERS = 4
"""Records that share name and telephone or host; of more, none is anybody's sister."""


class References(NamedTuple):
    """Places told independently of some rows' positions; arrays of one length."""

    source: str
    row: IntArray
    lon: FloatArray
    lat: FloatArray
    other: IntArray
    """The row that tells it, of a sister record; -1 otherwise."""


def entrances(context: Context) -> References:
    """Return the recorded entrances."""
    frame = context.registry.stations
    lon, lat = (
        frame[name].to_numpy(dtype=np.float64, na_value=np.nan)
        for name in ("entrance_lon", "entrance_lat")
    )
    rows = np.flatnonzero((np.abs(lon) <= 180) & (np.abs(lat) <= 90))  # noqa: PLR2004 - degrees
    return References("entrance", rows, lon[rows], lat[rows], np.full(len(rows), -1))


def listed(context: Context) -> References:
    """Return where a map platform has the stations that were not matched by their place."""
    found = context.derived(matches)
    if context.platform is None:
        none = np.empty(0)
        return References("platform", found.station, none, none, found.row)
    station, row = found.station[found.apart], found.row[found.apart]
    where = context.platform.geometry.iloc[row]
    unknown = np.full(len(row), -1)
    return References("platform", station, where.x.to_numpy(), where.y.to_numpy(), unknown)


def sisters(context: Context) -> References:
    """Return where records of other uploads have a station of the same name and telephone or host.

    Both ways: each of two sisters is told of by the other.
    """
    known, batch = context.derived(told), context.derived(batches)
    marks = [
        pd.Series(known.core) + "|" + pd.Series(each)
        for each in (names.tails(known.phone), known.host)
    ]
    blank = [(known.core == "") | (each == "") for each in (known.phone, known.host)]
    found = [
        _pairs(mark.where(~none).to_numpy(dtype=object))
        for mark, none in zip(marks, blank, strict=True)
    ]
    row, other = np.unique(np.concatenate(found, axis=1), axis=1)
    gone = context.derived(lost).any
    apart = (batch.code[row] != batch.code[other]) & ~gone[row] & ~gone[other]
    row, other = row[apart], other[apart]
    return References(
        "sister", row, context.registry.lon[other], context.registry.lat[other], other
    )


def _pairs(marks: np.ndarray) -> IntArray:
    """Return the ordered pairs (2, k) of rows with the same mark."""
    code, _ = pd.factorize(marks)
    count = np.bincount(code[code >= 0], minlength=1)
    rows = np.flatnonzero((code >= 0) & (count[np.maximum(code, 0)] <= SISTERS))
    rows = rows[np.argsort(code[rows], kind="stable")]
    found = [np.empty((2, 0), dtype=np.int64)]
    for step in range(1, min(SISTERS, len(rows))):
        same = np.flatnonzero(code[rows[:-step]] == code[rows[step:]])
        one, two = rows[same], rows[same + step]
        found += [np.stack((one, two)), np.stack((two, one))]
    return np.concatenate(found, axis=1)
