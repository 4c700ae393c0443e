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
    from shapely.geometry.base import BaseGeometry

    from geodata.boundaries.locate import BoolArray, FloatArray, IntArray, Polygons

_GRID = 1e-6
_RADIUS = 6371008.8
"""Mean radius of the Earth in metres."""
_MAINLAND_LATITUDES = (3.0, 54.5)
"""Degrees; the mainland with the islands of 三沙 and a margin lies between them."""
_FOREIGN_REACH = 0.01
"""Degrees (1 km) from a foreign country's polygon within which the outer line is a land border. The next foreign
land seen across the sea lies much further off: only 1 % of the outer line is 5 to 50 km from it."""


def outer_edges(polygons: Polygons) -> FloatArray:
    """Return the edges (n, 2, 2) in lon/lat that only one of the polygons has."""
    edges, keys = _edges(polygons)
    _, first, count = np.unique(keys, return_index=True, return_counts=True)
    return edges[np.sort(first[count == 1])]


def edges_on_national_line(polygon: BaseGeometry) -> FloatArray:
    """Return the edges (n, 2, 2) of one county that it shares with no other county of China."""
    edges, keys = _edges(np.array([polygon], dtype=object))
    return edges[np.isin(keys, _national_keys())]


def on_land_border(edges: FloatArray) -> BoolArray:
    """Tell which edges of the national line have another country behind them, not the sea."""
    points = shapely.points(edges.mean(axis=1))
    border = np.zeros(len(edges), dtype=bool)
    for country in _foreign_countries():
        rest = np.flatnonzero(~border)
        border[rest] = shapely.dwithin(country, points[rest], _FOREIGN_REACH)
    return border


def near_mainland_line(lon: ArrayLike, lat: ArrayLike, metres: float) -> BoolArray:
    """Tell which WGS 84 positions lie within ``metres`` (some kilometres at most) of mainland China's border or coast.

    Measured on Mercator's plane with the scale at the point, true to 1 %. Broadcast; False for NaN.
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


def _edges(polygons: Polygons) -> tuple[FloatArray, IntArray]:
    """Return the edges (n, 2, 2) and a number for each that is the same for the same edge either
    way round."""
    rings = shapely.get_rings(shapely.get_parts(polygons))
    points, ring = shapely.get_coordinates(rings, return_index=True)
    start = np.flatnonzero(ring[1:] == ring[:-1])
    grid = np.rint(points / _GRID).astype(np.int64)
    middle = grid[start] + grid[start + 1]
    return np.stack([points[start], points[start + 1]], axis=1), (middle[:, 0] << 32) + middle[:, 1]


@cache
def _national_keys() -> IntArray:
    outline = source.national_outline()
    return np.unique(_edges(np.array([outline], dtype=object))[1])


@cache
def _foreign_countries() -> tuple[BaseGeometry, ...]:
    """Countries near China, prepared; a country of frykit's world with a point in China is
    China."""
    countries = source.countries()
    around = countries[
        shapely.intersects(countries, shapely.box(*source.national_outline().bounds))
    ]
    point = shapely.get_coordinates(shapely.point_on_surface(around))
    foreign = around[province_of(point[:, 0], point[:, 1]) == 0]
    shapely.prepare(foreign)
    return tuple(foreign)


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
