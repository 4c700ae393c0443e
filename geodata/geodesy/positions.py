"""The distinct positions of a set of points, in a k-d tree, each with its rows in order."""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree

from geodata.geodesy.ellipsoid import to_ecef
from geodata.geodesy.lonlat import FloatArray, IntArray, canonical


class Positions:
    """Distinct positions of ``n`` points; a thousand stations in one house are one position.

    A k-d tree over points that coincide degrades to a list; over distinct ones it cannot.
    """

    def __init__(self, lon: FloatArray, lat: FloatArray) -> None:
        lon, lat = canonical(lon, lat)
        self.rows: IntArray = _sorted_rows(lon, lat)
        """Rows by position, ascending within one."""
        lon, lat = lon[self.rows], lat[self.rows]
        new = np.ones(lon.size, dtype=np.bool_)
        new[1:] = (lon[1:] != lon[:-1]) | (lat[1:] != lat[:-1])
        starts = np.flatnonzero(new)
        self.lon, self.lat = lon[starts], lat[starts]
        self.xyz = to_ecef(self.lon, self.lat)
        self.tree = cKDTree(self.xyz, balanced_tree=False)
        self.first: IntArray = np.append(self.rows[starts], -1)
        """Lowest row of each position, and -1 after the last: the tree's sign for "none"."""
        self.starts: IntArray = np.append(starts, lon.size)
        self.counts: IntArray = np.append(np.diff(self.starts), 1)
        self.place_of: IntArray = np.empty(lon.size, dtype=np.int64)
        """Position of each row."""
        self.place_of[self.rows] = np.cumsum(new) - 1
        self.repeats = starts.size < lon.size

    def __len__(self) -> int:
        return self.lon.size

    def expand(self, place: IntArray, most: int) -> tuple[IntArray, IntArray]:
        """List the rows at each of ``place``, at most the first ``most`` of one position.

        Returns for every row found the number of the entry of ``place`` it is for, and the row.
        """
        if not self.repeats:
            return np.arange(place.size), self.first[place]
        counts = np.minimum(self.counts[place], most)
        entry = np.repeat(np.arange(place.size), counts)
        within = np.arange(entry.size) - np.repeat(np.cumsum(counts) - counts, counts)
        return entry, self.rows[self.starts[place[entry]] + within]


def _sorted_rows(lon: FloatArray, lat: FloatArray) -> IntArray:
    """Sort rows by longitude, latitude, row: the quick way, then once more where longitudes tie."""
    rows = np.argsort(lon).astype(np.int64)
    same = np.zeros(rows.size + 1, dtype=np.bool_)
    same[1:-1] = lon[rows[1:]] == lon[rows[:-1]]
    tied = np.flatnonzero(same[1:] | same[:-1])
    some = rows[tied]
    rows[tied] = some[np.lexsort((some, lat[some], lon[some]))]
    return rows
