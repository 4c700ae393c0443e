"""Degrees as a plane: boxes of areas, scaled to metres at their middle, and how far that is off.

In the plane of longitude times ``p(φ₀)`` and latitude times ``m(φ₀)`` (metres a degree of either
has at the box's middle latitude φ₀) an edge that is straight in degrees is straight. A curve on
the ellipsoid that stays in a band of latitudes is between ``low`` and ``high`` times as long as
its image, where these are the least and greatest of ``p(φ)/p(φ₀)`` and ``m(φ)/m(φ₀)`` in the band.
So plane distances, times these two, bound geodesic ones.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely

from geodata.geodesy.ellipsoid import WGS84

if TYPE_CHECKING:
    import numpy.typing as npt

    from geodata.geodesy.lonlat import FloatArray, IntArray

LEAST_DEGREE_M = 110_574.0
"""No degree of latitude is shorter."""
POLE = 90.0


class Boxes(NamedTuple):
    """Bounding boxes in degrees with their middles and scales; every field has shape (n,)."""

    west: FloatArray
    south: FloatArray
    east: FloatArray
    north: FloatArray
    lon: FloatArray
    lat: FloatArray
    east_m: FloatArray
    """Metres in a degree of longitude at the middle."""
    north_m: FloatArray
    """Metres in a degree of latitude at the middle."""

    def offsets(
        self, box: IntArray, lon: FloatArray, lat: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Plane coordinates about the middle of ``box``; longitudes go the shorter way round."""
        east = lon - self.lon[box]
        east -= 360 * np.round(east / 360)
        return east * self.east_m[box], (lat - self.lat[box]) * self.north_m[box]

    def distance(self, box: IntArray, lon: FloatArray, lat: FloatArray) -> FloatArray:
        """Plane distance from positions to boxes, 0 inside."""
        x, y = self.offsets(box, lon, lat)
        half_x, half_y = self.half_sides()
        return np.hypot(
            np.maximum(np.abs(x) - half_x[box], 0), np.maximum(np.abs(y) - half_y[box], 0)
        )

    def half_sides(self) -> tuple[FloatArray, FloatArray]:
        """Half the width and half the height in plane metres."""
        return (self.east - self.west) / 2 * self.east_m, (
            self.north - self.south
        ) / 2 * self.north_m

    def stretch(self, reach_m: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Give ``low`` and ``high`` for curves no farther than ``reach_m`` from the boxes."""
        south = np.maximum(self.south - reach_m / LEAST_DEGREE_M, -POLE)
        north = np.minimum(self.north + reach_m / LEAST_DEGREE_M, POLE)
        top = np.maximum(np.abs(south), np.abs(north))
        bottom = np.where(south * north < 0, 0.0, np.minimum(np.abs(south), np.abs(north)))
        east_low, north_high = degree_m(top)
        east_high, north_low = degree_m(bottom)
        low = np.minimum(east_low / self.east_m, north_low / self.north_m)
        return low, np.maximum(east_high / self.east_m, north_high / self.north_m)


def degree_m(lat: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Metres in a degree of longitude and in one of latitude; the first is never quite 0."""
    sin, cos = np.sin(np.deg2rad(lat)), np.cos(np.deg2rad(lat))
    root = np.sqrt(1 - WGS84.es * sin * sin)
    parallel = WGS84.a * np.maximum(cos, 1e-16) / root
    return np.deg2rad(parallel), np.deg2rad(WGS84.a * (1 - WGS84.es) / root**3)


def boxes_of(polygons: npt.NDArray[np.object_]) -> Boxes:
    """Measure the boxes of polygons that are not empty."""
    west, south, east, north = np.ascontiguousarray(shapely.bounds(polygons).T)
    lat = (south + north) / 2
    return Boxes(west, south, east, north, (west + east) / 2, lat, *degree_m(lat))
