"""From a point to the road: the nearest one its mode may use, on this side of every river."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import shapely

from geodata.geodesy import distance_m
from geodata.roads.engine import NO_EDGE, RefusalError, understood
from geodata.roads.errors import RoadsEngineError
from geodata.roads.parallel import in_order

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geodata.geodesy import BoolArray, FloatArray, IntArray
    from geodata.roads.costing import Costing
    from geodata.roads.engine import Engine

SNAP_M = 500.0
"""Farther than this from any road, a point is unreachable by road: six minutes' walk over ground of
which nothing is known."""
REACH = 50
"""A road counts only if so many edges can be reached from it, and it from as many: a car park cut
off by a mapping error should not strand whoever stands on it."""
CUTOFF_M = 25
"""A snapped point is on its road; farther off the engine need not look."""
_RADII = (0, 100, 500)
"""The nearest road first; where a river is in the way, all roads in a growing circle."""


class Snapped(NamedTuple):
    """Points brought to the road for one mode; arrays of shape (n,)."""

    lon: FloatArray
    """WGS 84, on the road; NaN where there is none near enough."""
    lat: FloatArray
    metres: FloatArray
    """Straight to the road, to be walked; NaN where there is none."""
    inside: BoolArray
    """In the area the network covers, or at one of its roads. Inside and NaN: unreachable by road.
    Not inside: the network cannot know, only an estimate can be had."""

    def take(self, rows: IntArray | BoolArray) -> Snapped:
        """Choose rows."""
        return Snapped(self.lon[rows], self.lat[rows], self.metres[rows], self.inside[rows])

    @property
    def found(self) -> BoolArray:
        """Where there is a road near enough."""
        return ~np.isnan(self.metres)


def place_of(lon: float, lat: float, *, node_m: float = 0) -> dict[str, float]:
    """Name a place on the road to the engine; a junction within ``node_m`` takes its place."""
    return {
        "lon": lon,
        "lat": lat,
        "radius": 0,
        "search_cutoff": CUTOFF_M,
        "minimum_reachability": REACH,
        "node_snap_tolerance": node_m,
    }


_MOST = (2**53, 180, 90, 2**53)
"""Of a row of candidates; whole numbers beyond are not exact."""


class _Candidates(NamedTuple):
    """Points on roads, one a row; many may be for one of the points asked about."""

    row: IntArray
    lon: FloatArray
    lat: FloatArray
    edge: IntArray
    """The engine's number of the road, in one direction."""


def snap(
    engine: Engine, rivers: shapely.STRtree, lon: FloatArray, lat: FloatArray, costing: Costing
) -> Snapped:
    """Snap points in chunks over all cores; ``inside`` holds only where a road was found.

    From a closed section they are brought on to its ends (`Closures.freed`).
    """
    chunks = [slice(at, at + engine.batch) for at in range(0, lon.size, engine.batch)]
    found = in_order(lambda part: _snap(engine, rivers, lon[part], lat[part], costing), chunks)
    best = np.concatenate([*found, np.empty((4, 0))], axis=1)
    inside = ~np.isnan(best[2])
    if costing.closures is not None:
        best = costing.closures.freed(best[:3], np.nan_to_num(best[3], nan=-1).astype(np.int64))
    return Snapped(best[0], best[1], best[2], inside=inside)


def _snap(
    engine: Engine, rivers: shapely.STRtree, lon: FloatArray, lat: FloatArray, costing: Costing
) -> FloatArray:
    """Give longitude, latitude, metres and edge (46 bits, so it fits), shape (4, n)."""
    best = np.full((4, lon.size), np.nan)
    rows = np.arange(lon.size)
    for radius in _RADII:
        near = _locate(engine, rows, np.stack((lon, lat)), costing, radius)
        metres = distance_m(lon[near.row], lat[near.row], near.lon, near.lat)
        barred = _barred(rivers, lon, lat, near)
        good = ~barred & (metres <= SNAP_M)
        order = np.lexsort((near.lat, near.lon, metres, near.row))
        order = order[good[order]]
        first = order[np.unique(near.row[order], return_index=True)[1]]
        found = near.lon[first], near.lat[first], metres[first], near.edge[first]
        best[:, near.row[first]] = found
        rows = np.setdiff1d(near.row[barred], near.row[good])
        if not rows.size:
            break
    return best


def _barred(
    rivers: shapely.STRtree, lon: FloatArray, lat: FloatArray, near: _Candidates
) -> BoolArray:
    """Tell which straight legs touch a river."""
    ends = np.column_stack((lon[near.row], lat[near.row], near.lon, near.lat))
    legs = shapely.linestrings(ends.reshape(-1, 2, 2))
    barred = np.zeros(near.row.size, dtype=np.bool_)
    barred[rivers.query(legs, predicate="intersects")[0]] = True
    return barred


def _locate(
    engine: Engine, rows: IntArray, lonlat: FloatArray, costing: Costing, radius: int
) -> _Candidates:
    """Ask the engine for the roads near some rows: the nearest one, or all in a circle."""
    places = [
        {**place_of(x, y), "radius": radius, "search_cutoff": SNAP_M}
        for x, y in lonlat[:, rows].T.tolist()
    ]
    request = {"locations": places, "verbose": True, **costing.request()}
    try:
        answers: Sequence[Any] = engine.ask("locate", request)
    except RefusalError as error:
        if error.code != NO_EDGE:
            raise RoadsEngineError(f"the routing engine refused a point: {error}") from None
        answers = []
    with understood():
        found = [
            (row, edge["correlated_lon"], edge["correlated_lat"], edge["edge_id"]["value"])
            for row, answer in zip(rows.tolist(), answers, strict=bool(answers))
            for edge in answer["edges"] or ()
            if min(edge["outbound_reach"], edge["inbound_reach"]) >= REACH
        ]
        columns = np.array(found, dtype=np.float64).reshape(-1, 4)
        if not (np.abs(columns) <= _MOST).all():
            raise ValueError
        row, lon, lat, edge = columns.T
        return _Candidates(row.astype(np.int64), lon, lat, edge.astype(np.int64))
