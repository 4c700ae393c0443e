"""Searches over positions whose answers pyproj has the last word on."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial import cKDTree

from geodata.geodesy import ellipsoid
from geodata.geodesy.results import Neighbours, Pairs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from geodata.geodesy.lonlat import BoolArray, FloatArray, IntArray
    from geodata.geodesy.positions import Positions

BLOCK_PAIRS = 1_000_000
"""Candidate pairs measured at once."""


class Batch:
    """Some queries against the positions of an index."""

    def __init__(self, places: Positions, lon: FloatArray, lat: FloatArray) -> None:
        self._places = places
        self._lon, self._lat = lon, lat
        self._xyz = ellipsoid.to_ecef(lon, lat)

    def nearest(self, k: int, within_m: float) -> Neighbours:
        """Find the nearest ``k`` rows: in the tree's order where the bounds prove it."""
        places = self._places
        columns = min(k, len(places))
        chord, place = places.tree.query(
            self._xyz, k=columns + 1, distance_upper_bound=ellipsoid.reach_one(within_m)
        )
        asked = self._unproven(chord, place, within_m, k)
        chord, place = chord[:, :columns], place[:, :columns]
        rows, metres = places.first[place], ellipsoid.middle_m(chord)
        self._measure_far(chord, place, metres)
        if columns < k:
            wider = ((0, 0), (0, k - columns))
            rows = np.pad(rows, wider, constant_values=-1)
            metres = np.pad(metres, wider, constant_values=np.inf)
        if asked.size:
            rows[asked], metres[asked] = self._decide(asked, chord[asked, -1], k, within_m)
        return Neighbours(rows, metres)

    def _unproven(self, chord: FloatArray, place: IntArray, within_m: float, k: int) -> IntArray:
        """List queries whose answer the bounds leave open, or that meet several rows in a place."""
        is_open = ellipsoid.overlap(chord[:, :-1], chord[:, 1:]).any(axis=1)
        if within_m < ellipsoid.LONGEST_M:
            found = chord[:, :-1]
            is_open |= ((found > ellipsoid.sure_chord(within_m)) & (found < np.inf)).any(axis=1)
        if k > 1 and self._places.repeats:
            is_open |= (self._places.counts[place[:, :-1]] > 1).any(axis=1)
        return np.flatnonzero(is_open)

    def _measure_far(self, chord: FloatArray, place: IntArray, metres: FloatArray) -> None:
        query, column = np.nonzero((chord > ellipsoid.MIDPOINT_CHORD_M) & (chord < np.inf))
        if query.size:
            metres[query, column] = self._inverse(query, place[query, column])

    def _inverse(self, query: IntArray, place: IntArray) -> FloatArray:
        places = self._places
        return ellipsoid.inverse_m(
            self._lon[query], self._lat[query], places.lon[place], places.lat[place]
        )

    def _decide(
        self, asked: IntArray, chord: FloatArray, k: int, within_m: float
    ) -> tuple[IntArray, FloatArray]:
        """Measure every position that can be among the first ``k``; ``chord`` is the k-th one's."""
        rows = np.full((asked.size, k), -1, dtype=np.int64)
        metres = np.full((asked.size, k), np.inf)
        reach = ellipsoid.reach_m(np.minimum(ellipsoid.most_m(chord), within_m))
        for query, place in self._candidates(asked, reach):
            measured = self._inverse(asked[query], place)
            entry, row = self._places.expand(place, k)
            found = _sorted(Pairs(query[entry], row, measured[entry]), within_m)
            rank = np.arange(found.row.size) - np.searchsorted(found.query, found.query)
            kept = rank < k
            rows[found.query[kept], rank[kept]] = found.row[kept]
            metres[found.query[kept], rank[kept]] = found.metres[kept]
        return rows, metres

    def _candidates(
        self, asked: IntArray, reach: FloatArray
    ) -> Iterator[tuple[IntArray, IntArray]]:
        """Yield (number in ``asked``, position) of all within chord ``reach``, block by block."""
        tree, xyz = self._places.tree, self._xyz[asked]
        counts = tree.query_ball_point(
            xyz, np.minimum(reach, ellipsoid.ALL_CHORD_M), return_length=True
        )
        block = np.cumsum(counts) // BLOCK_PAIRS
        for members in np.split(np.arange(asked.size), np.flatnonzero(np.diff(block)) + 1):
            query, place = ball(tree, xyz[members], reach[members])
            yield members[query], place

    def within(self, radius_m: float) -> Pairs:
        """Find all pairs at most ``radius_m`` apart, inclusive; for at most ``PART`` queries."""
        reach = min(ellipsoid.reach_one(radius_m), ellipsoid.ALL_CHORD_M)
        found = cKDTree(self._xyz).sparse_distance_matrix(
            self._places.tree, reach, output_type="ndarray"
        )
        order = np.argsort(found["v"])
        order = order[np.argsort(found["i"][order].astype(np.uint16), kind="stable")]
        query, place, chord = (found[column][order] for column in "ijv")
        metres = ellipsoid.middle_m(chord)
        asked = np.flatnonzero(_undecided(query, chord, radius_m))
        metres[asked] = self._inverse(query[asked], place[asked])
        entry, row = self._places.expand(place, self._places.place_of.size)
        pairs = Pairs(query[entry], row, metres[entry])
        return _sorted(pairs, radius_m) if asked.size or self._places.repeats else pairs

    def touching(self, radius_m: float) -> tuple[IntArray, IntArray]:
        """List (query, row) of all pairs at most ``radius_m`` apart, sorted by query alone.

        For at most ``PART`` queries; quicker than `within`, for whom order and metres are nothing.
        """
        reach = min(ellipsoid.reach_one(radius_m), ellipsoid.ALL_CHORD_M)
        queries = cKDTree(self._xyz, balanced_tree=False, compact_nodes=False)
        found = queries.sparse_distance_matrix(self._places.tree, reach, output_type="ndarray")
        found = found[np.argsort(found["i"].astype(np.uint16), kind="stable")]
        query, place = found["i"].astype(np.int64), found["j"].astype(np.int64)
        asked = np.flatnonzero(found["v"] > ellipsoid.sure_chord(radius_m))
        near = np.ones(query.size, dtype=np.bool_)
        near[asked] = self._inverse(query[asked], place[asked]) <= radius_m
        entry, row = self._places.expand(place[near], self._places.place_of.size)
        return query[near][entry], row

    def pairs_about(self, radius_m: float) -> float:
        """Count the pairs of `touching`, as if all positions had as many rows each."""
        reach = min(ellipsoid.reach_one(radius_m), ellipsoid.ALL_CHORD_M)
        counts = self._places.tree.query_ball_point(self._xyz, reach, return_length=True)
        return float(counts.sum() * self._places.place_of.size / len(self._places))

    def any_within(self, radius_m: float) -> BoolArray:
        """Tell whether any point is at most ``radius_m`` away, inclusive."""
        reach = ellipsoid.reach_one(radius_m)
        chord, _ = self._places.tree.query(self._xyz, distance_upper_bound=reach)
        hit: BoolArray = chord <= ellipsoid.sure_chord(radius_m)
        asked = np.flatnonzero(np.isfinite(chord) & ~hit)
        if asked.size:
            rows, _ = self._decide(asked, chord[asked], 1, radius_m)
            hit[asked] = rows[:, 0] >= 0
        return hit


def _undecided(query: IntArray, chord: FloatArray, limit_m: float) -> BoolArray:
    """Pairs, sorted by query and chord, whose order, limit or millimetre the bounds leave open."""
    undecided: BoolArray = chord > min(ellipsoid.sure_chord(limit_m), ellipsoid.MIDPOINT_CHORD_M)
    clash = ellipsoid.overlap(chord[:-1], chord[1:]) & (query[:-1] == query[1:])
    undecided[:-1] |= clash
    undecided[1:] |= clash
    return undecided


def _sorted(pairs: Pairs, limit_m: float) -> Pairs:
    order = np.lexsort((pairs.row, pairs.metres, pairs.query))
    order = order[pairs.metres[order] <= limit_m]
    return Pairs(pairs.query[order], pairs.row[order], pairs.metres[order])


def ball(tree: cKDTree, xyz: FloatArray, reach: FloatArray) -> tuple[IntArray, IntArray]:
    """List (query, position) of all positions at most a chord of ``reach`` from each query."""
    lists = tree.query_ball_point(xyz, np.minimum(reach, ellipsoid.ALL_CHORD_M))
    counts = np.fromiter(map(len, lists), np.int64, len(lists))
    place = np.fromiter(chain.from_iterable(lists), np.int64, counts.sum())
    return np.repeat(np.arange(counts.size), counts), place
