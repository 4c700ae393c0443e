"""The point of an edge nearest to a position, the edge being straight in degrees."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely

from geodata.geodesy.ellipsoid import WGS84, inverse_m, to_ecef

if TYPE_CHECKING:
    import numpy.typing as npt

    from geodata.geodesy.lonlat import BoolArray, FloatArray, IntArray

_STEPS = 6


class Edges(NamedTuple):
    """Edges in degrees, from the first end to the second; every field has shape (n,)."""

    lon1: FloatArray
    lat1: FloatArray
    lon2: FloatArray
    lat2: FloatArray

    def take(self, chosen: IntArray | BoolArray) -> Edges:
        """Give some of the edges, by number or by truth value."""
        return Edges(*(ends[chosen] for ends in self))

    def at(self, share: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Longitude and latitude at a share of the way."""
        return (
            self.lon1 + share * (self.lon2 - self.lon1),
            self.lat1 + share * (self.lat2 - self.lat1),
        )


def edges_of(polygons: npt.NDArray[np.object_]) -> tuple[Edges, IntArray]:
    """List the edges of polygons; those of polygon ``i`` are ``starts[i]`` to ``starts[i + 1]``."""
    rings, polygon_of = shapely.get_rings(polygons, return_index=True)
    degrees, ring_of = shapely.get_coordinates(rings, return_index=True)
    first = np.flatnonzero(ring_of[1:] == ring_of[:-1])
    starts = np.searchsorted(polygon_of[ring_of[first]], np.arange(polygons.size + 1))
    return Edges(*degrees[first].T, *degrees[first + 1].T), starts


def redrawn(polygons: npt.NDArray[np.object_], coordinates: FloatArray) -> npt.NDArray[np.object_]:
    """Copy polygons with other coordinates, shape (n, 2)."""
    drawn: npt.NDArray[np.object_] = shapely.set_coordinates(polygons.copy(), coordinates)
    return drawn


def metres_to_edges(
    lon: FloatArray, lat: FloatArray, edges: Edges, start: FloatArray
) -> FloatArray:
    """Measure the geodesic metres from positions to edges, pair by pair.

    ``start`` is a first guess at the foot, as a share of the edge. Gauss-Newton steps on the
    chord find the foot (each leaves about distance / 10,000 km of the error), pyproj measures.
    """
    origin, share = to_ecef(lon, lat), start
    for _ in range(_STEPS):
        foot_lon, foot_lat = edges.at(share)
        along = _tangent(edges, foot_lon, foot_lat)
        apart = origin - to_ecef(foot_lon, foot_lat)
        squared = np.maximum(np.einsum("ij,ij->i", along, along), 1e-12)
        share = np.clip(share + np.einsum("ij,ij->i", along, apart) / squared, 0, 1)
    return inverse_m(lon, lat, *edges.at(share))


def _tangent(edges: Edges, lon: FloatArray, lat: FloatArray) -> FloatArray:
    """Earth-centred metres per whole edge at a place on it, shape (n, 3)."""
    east, north = np.deg2rad(lon), np.deg2rad(lat)
    sin, cos = np.sin(north), np.cos(north)
    root = np.sqrt(1 - WGS84.es * sin * sin)
    eastward = np.deg2rad(edges.lon2 - edges.lon1) * WGS84.a / root * cos
    northward = np.deg2rad(edges.lat2 - edges.lat1) * WGS84.a * (1 - WGS84.es) / root**3
    return np.column_stack(
        (
            -eastward * np.sin(east) - northward * sin * np.cos(east),
            eastward * np.cos(east) - northward * sin * np.sin(east),
            northward * cos,
        )
    )
