"""Points that stand for areas: a grid of cells of equal area inside each."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely

from geodata.geodesy import area_m2

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geodata.geodesy import FloatArray, IntArray

FEWEST, MOST = 64, 400
"""Points a small and a huge area have, about."""
WIDEST_M = 100.0
"""Points are no wider apart than this, as long as there are not more than `MOST`."""
CLOSEST_M = 0.1
"""Nor closer than this: positions are not finer."""
FINEST = 1_000.0
"""Nor closer than this part of the box around them, so that a thread of land is soon done."""
SPHERE_M = 6_371_007.18
"""Radius of the sphere with the ellipsoid's area; it only sets how far apart points stand."""
COS, SIN = np.cos(np.arctan(0.618)), np.sin(np.arctan(0.618))
"""The grid's slant: a slope far from every simple fraction."""
ERROR = (
    "the share of an area partly in reach is off by 0.014 on average and 0.06 at worst, "
    "against 16 times as many points (Liechtenstein's industrial areas, on foot and by e-bike)"
)
"""As measured; see README.md."""


class Samples(NamedTuple):
    """Points of sites, sorted by site; WGS 84 degrees."""

    site: IntArray
    lon: FloatArray
    lat: FloatArray

    def only(self, kept: np.ndarray) -> Samples:
        """Choose by row numbers or truth values."""
        return Samples(self.site[kept], self.lon[kept], self.lat[kept])


def samples_of(shapes: np.ndarray, density: float = 1.0) -> Samples:
    """Return each point itself, and of each area the grid points inside it.

    The grid's cells have equal area, its origin is fixed: the same shape has the same points,
    whatever stands beside it, and about `FEWEST` to `MOST` of them. An area that holds none has
    one representative point, an empty geometry none. ``density`` multiplies their number.
    """
    is_point = shapely.get_type_id(shapes) == shapely.GeometryType.POINT
    parts = [
        _inside(shape, density) if not point else shapely.get_coordinates(shape)
        for shape, point in zip(shapes, is_point, strict=True)
    ]
    site = np.repeat(np.arange(len(shapes)), [len(part) for part in parts])
    lon, lat = np.concatenate([*parts, np.empty((0, 2))]).T
    return Samples(site, lon, lat)


def _inside(area: shapely.Geometry, density: float) -> FloatArray:
    if shapely.is_empty(area):
        return np.empty((0, 2))
    step = _spacing_m(float(area_m2([area])[0]), density)
    _, south, _, north = np.deg2rad(area.bounds)
    stretch = max(float(np.cos((south + north) / 2)), 1e-3)
    found = [_grid(polygon, step, stretch) for polygon in shapely.get_parts(area)]
    inside = np.concatenate(found)
    if inside.size:
        return inside
    middle: FloatArray = shapely.get_coordinates(shapely.point_on_surface(area))
    return middle


def _spacing_m(size_m2: float, density: float) -> float:
    """Return how far apart the points of an area of so many square metres stand."""
    fine = min(np.sqrt(size_m2 / FEWEST), WIDEST_M)
    return max(float(fine), float(np.sqrt(size_m2 / MOST)), CLOSEST_M) / float(np.sqrt(density))


def _grid(polygon: shapely.Geometry, step: float, stretch: float) -> FloatArray:
    """Return the points of a slanted square grid that fall inside.

    It lies in the plane of longitude and sine of latitude, where areas are true on a sphere (and
    to 1e-4 within any area on the ellipsoid), pulled so that squares are square here. The slant
    keeps it off the directions streets and fences have: a strip meets its fair number of points.
    """
    west, south, east, north = np.deg2rad(polygon.bounds)
    x = np.array([west, east, east, west]) * SPHERE_M * stretch
    y = np.sin(np.array([south, south, north, north])) * SPHERE_M / stretch
    step = max(step, float(max(np.ptp(x), np.ptp(y))) / FINEST)
    across, up = SPHERE_M * stretch / step, SPHERE_M / stretch / step
    u, v = (COS * x + SIN * y) / step, (COS * y - SIN * x) / step
    u, v = (each.ravel() for each in np.meshgrid(_between(u), _between(v)))
    lon = np.rad2deg((COS * u - SIN * v) / across)
    lat = np.rad2deg(np.arcsin(np.clip((SIN * u + COS * v) / up, -1, 1)))
    shapely.prepare(polygon)
    inside = shapely.intersects_xy(polygon, lon, lat)
    return np.column_stack((lon[inside], lat[inside]))


def _between(values: FloatArray) -> FloatArray:
    """Return the whole numbers from the least value to the greatest."""
    return np.arange(np.floor(values.min()), np.ceil(values.max()) + 1)


def described() -> Mapping[str, str]:
    """Return how areas are sampled, in words, and how far the shares are off."""
    return {
        "method": f"areas by about {FEWEST} to {MOST} grid points of equal area each",
        "error": ERROR,
    }
