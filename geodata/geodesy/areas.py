"""Areas of polygons on the ellipsoid.

An edge is straight in longitude and latitude, as GeoJSON has it (RFC 7946, section 3.1.1).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import shapely

from geodata.errors import UsageError
from geodata.geodesy.ellipsoid import WGS84

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geodata.geodesy.lonlat import FloatArray

type Areas = npt.NDArray[np.object_] | Sequence[Any]
"""Shapely polygons and multipolygons in degrees of longitude and latitude."""

_POLYGONAL = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(3)
_SERIES = [(n + 1) / (2 * n + 1) * WGS84.es**n for n in range(8)]


def checked_areas(areas: Areas) -> npt.NDArray[np.object_]:
    """Give a flat array of geometries; UsageError names the first that is no polygon."""
    array = np.asarray(areas, dtype=np.object_).ravel()
    good = np.isin(shapely.get_type_id(array), _POLYGONAL)
    if not good.all():
        raise UsageError(f"area {int(np.argmin(good))} must be a Polygon or MultiPolygon")
    return array


def area_m2(areas: Areas) -> FloatArray:
    """Measure areas in square metres, shape (n,); holes are left out, an empty area has 0.

    For polygons of China's counties and smaller the figure is exact to 1e-9: the strip between
    each edge and the equator is integrated over the edge (Gauss, three nodes) from the closed
    formula for a strip's area. Rings must be simple and not cross the antimeridian (RFC 7946 cuts
    them there).
    """
    array = checked_areas(areas)
    polygons, area_of = shapely.get_parts(array, return_index=True)
    rings, polygon_of = shapely.get_rings(polygons, return_index=True)
    sizes = np.abs(_ring_areas(rings))
    shell = np.diff(polygon_of, prepend=-1) > 0
    signed = np.where(shell, sizes, -sizes)
    return np.bincount(area_of[polygon_of], signed, minlength=array.size)


def _ring_areas(rings: npt.NDArray[np.object_]) -> FloatArray:
    degrees, ring_of = shapely.get_coordinates(rings, return_index=True)
    lon, lat = np.deg2rad(degrees).T
    inside = ring_of[1:] == ring_of[:-1]
    width = np.where(inside, np.diff(lon), 0.0)
    middle, half = (lat[1:] + lat[:-1]) / 2, np.diff(lat) / 2
    strip = sum(
        w * strip_m2(middle + half * node) for node, w in zip(_NODES, _WEIGHTS, strict=True)
    )
    sizes: FloatArray = np.bincount(ring_of[1:], width * strip / 2, minlength=rings.size)
    return sizes


def strip_m2(lat: FloatArray) -> FloatArray:
    """Area from the equator to a latitude (radians), per radian of longitude.

    The integral of ``b² cos φ / (1 - e² sin² φ)²`` as a series in ``e² sin² φ``: the terms are
    ``(n + 1) / (2n + 1)``; the first one left out is below 1e-16 of the whole.
    """
    sin = np.sin(lat)
    square = sin * sin
    total = np.full_like(square, _SERIES[-1])
    for term in _SERIES[-2::-1]:
        total *= square
        total += term
    total *= sin
    total *= WGS84.b**2
    return total
