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
        places, first, place_of, counts = np.unique(
            lon + 1j * lat, return_index=True, return_inverse=True, return_counts=True
        )
        self.lon = np.ascontiguousarray(places.real)
        self.lat = np.ascontiguousarray(places.imag)
        self.xyz = to_ecef(self.lon, self.lat)
        self.tree = cKDTree(self.xyz)
        self.first: IntArray = np.append(first, -1).astype(np.int64)
        """Lowest row of each position, and -1 after the last: the tree's sign for "none"."""
        self.counts: IntArray = np.append(counts, 1).astype(np.int64)
        self.place_of: IntArray = place_of.astype(np.int64)
        """Position of each row."""
        self.rows: IntArray = np.argsort(self.place_of, kind="stable")
        """Rows by position, ascending within one."""
        self.starts: IntArray = np.cumsum(self.counts) - self.counts
        self.repeats = len(places) < lon.size

    def __len__(self) -> int:
        return self.lon.size

    def expand(self, place: IntArray, most: int) -> tuple[IntArray, IntArray]:
        """List the rows at each of ``place``, at most the first ``most`` of one position.

        Returns for every row found the number of the entry of ``place`` it is for, and the row.
        """
        counts = np.minimum(self.counts[place], most)
        entry = np.repeat(np.arange(place.size), counts)
        within = np.arange(entry.size) - np.repeat(np.cumsum(counts) - counts, counts)
        return entry, self.rows[self.starts[place[entry]] + within]
