"""The lines of the polygons, edge by edge: what is border, what is coast, what is near.

The coordinates lie on a grid of 0.000001° and neighbours share whole edges, so an edge that only
one polygon has is on the outer line. Edges are compared by their doubled midpoints, which are whole
numbers; no tolerance is involved.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import shapely

from geodata.boundaries import source
from geodata.boundaries.points import province_of

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from geodata.boundaries.locate import BoolArray, FloatArray, IntArray, Polygons

_GRID = 1e-6
_RADIUS = 6371008.8
"""Mean radius of the Earth in metres."""
_MAINLAND_LATITUDES = (3.0, 54.5)
"""Degrees; the mainland with the islands of 三沙 and a margin lies between them."""
_FOREIGN_REACH = 0.01
"""Degrees (1 km) from a foreign country's polygon within which the outer line is a land border.

Land seen across the sea is much further off: 3 % of the outer line is 5 to 100 km from it.
"""


def outer_edges(polygons: Polygons) -> FloatArray:
    """Return the edges (n, 2, 2) in lon/lat that only one of the polygons has."""
    edges, keys, _ = _edges(polygons)
    _, first, count = np.unique(keys, return_index=True, return_counts=True)
    lone: FloatArray = edges[np.sort(first[count == 1])]
    return lone


def edges_on_national_line(counties: Polygons) -> tuple[FloatArray, IntArray]:
    """Return the edges (n, 2, 2) that no other county of China has, and whose they are (n,)."""
    edges, keys, owner = _edges(counties)
    national = np.isin(keys, _national_keys())
    return edges[national], owner[national]


def on_land_border(edges: FloatArray) -> BoolArray:
    """Tell which edges of the national line have another country behind them, not the sea."""
    points = shapely.points(edges.mean(axis=1))
    border = np.zeros(len(edges), dtype=bool)
    for country in _foreign_countries():
        rest = np.flatnonzero(~border)
        border[rest] = shapely.dwithin(country, points[rest], _FOREIGN_REACH)
    return border


def near_mainland_line(lon: ArrayLike, lat: ArrayLike, metres: float) -> BoolArray:
    """Tell which WGS 84 positions lie within ``metres`` of mainland China's border or coast.

    For distances of some kilometres: measured on Mercator's plane with the scale at the point, true
    to 1 %. Broadcast against each other; False for NaN.
    """
    x, y = np.broadcast_arrays(np.asarray(lon, dtype=float), np.asarray(lat, dtype=float))
    near = np.zeros(x.size, dtype=bool)
    south, north = _MAINLAND_LATITUDES
    rows = np.flatnonzero((y.ravel() > south) & (y.ravel() < north) & np.isfinite(x.ravel()))
    position = np.stack([x.ravel()[rows], y.ravel()[rows]], axis=-1)
    reach = np.degrees(metres / _RADIUS) / np.cos(np.radians(position[:, 1]))
    points = shapely.points(_mercator(position))
    hit, _ = _mainland_tree().query(points, predicate="dwithin", distance=reach)
    near[rows[hit]] = True
    return near.reshape(x.shape)


def _edges(polygons: Polygons) -> tuple[FloatArray, IntArray, IntArray]:
    """Return the edges (n, 2, 2), a number for each, and the row of the polygon it is from.

    The number is the same for the same edge either way round.
    """
    parts, polygon = shapely.get_parts(polygons, return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    start = np.flatnonzero(ring[1:] == ring[:-1])
    grid = np.rint(points / _GRID).astype(np.int64)
    middle = grid[start] + grid[start + 1]
    edges = np.stack([points[start], points[start + 1]], axis=1)
    return edges, (middle[:, 0] << 32) + middle[:, 1], polygon[part[ring[start]]]


@cache
def _national_keys() -> IntArray:
    outline = np.array([source.national_outline()], dtype=object)
    return _edges(outline)[1]


def _foreign_countries() -> Polygons:
    """Return the countries around China, prepared; one with its inmost point in China is China."""
    china = shapely.box(*source.national_outline().bounds)
    countries = source.countries()
    countries = countries[shapely.intersects(countries, china)]
    point = shapely.get_coordinates(shapely.point_on_surface(countries))
    foreign: Polygons = countries[province_of(point[:, 0], point[:, 1]) == 0]
    shapely.prepare(foreign)
    return foreign


@cache
def _mainland_tree() -> shapely.STRtree:
    polygons, codes = source.province_polygons()
    edges = outer_edges(polygons[~np.isin(codes, source.NOT_MAINLAND)])
    return shapely.STRtree(shapely.linestrings(_mercator(edges)))


def _mercator(points: FloatArray) -> FloatArray:
    """Project (…, 2) lon/lat degrees to the sphere's Mercator plane, in degrees of longitude."""
    projected = np.empty_like(points)
    projected[..., 0] = points[..., 0]
    projected[..., 1] = np.degrees(np.arctanh(np.sin(np.radians(points[..., 1]))))
    return projected
