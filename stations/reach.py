"""Demand site → stations, with cost: the one relation coverage and siting share.

Distances are geodesic metres on WGS 84, straight lines rather than roads; limits are inclusive.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy.sparse import csr_array

from geodata.geodesy import Pairs, areas_within, nearest_to_areas, share_within

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd

    from geodata.geodesy import FloatArray, IntArray, PointIndex
    from stations.registry import Registry


@dataclass(frozen=True)
class Reach:
    """Who gets where, for one layer and one limit. Sites are rows, in the layer's order."""

    station_rows: IntArray
    """Column → row of ``registry.stations``; only stations in use that offer what is needed."""
    metres: csr_array
    """Sites x stations; every stored entry is in reach, a stored 0 is a station inside the area."""
    nearest: IntArray
    """Each site's nearest column, within the limit or not; -1 when there is no station at all."""
    nearest_m: FloatArray
    """Metres to it; to the edge of an area, 0 inside it. Infinite when there is none."""
    share: FloatArray
    """Share of each site in reach: of its area, or 0 or 1 for a point."""


def by_distance(
    registry: Registry, sites: gpd.GeoDataFrame, within_m: float, needs: Sequence[str] = ()
) -> Reach:
    """Relate ``sites`` (points and polygons, WGS 84) to stations at most ``within_m`` away.

    Only stations in use that offer all of ``needs`` (amenity codes) count. Ties of the nearest
    station break by id.
    """
    index, station_rows = registry.offering(needs)
    shapes = sites.geometry.to_numpy()
    points = shapely.get_type_id(shapes) == shapely.GeometryType.POINT
    nearest = np.full(len(shapes), -1)
    nearest_m = np.full(len(shapes), np.inf)
    share = np.zeros(len(shapes))
    pairs: list[Pairs] = []
    for kind, measure in ((points, _points), (~points, _areas)):
        rows = np.flatnonzero(kind)
        nearest[rows], nearest_m[rows], share[rows], found = measure(index, shapes[rows], within_m)
        pairs.append(found._replace(query=rows[found.query]))
    relation = csr_array(
        (
            np.concatenate([found.metres for found in pairs]),
            (
                np.concatenate([found.query for found in pairs]),
                np.concatenate([found.row for found in pairs]),
            ),
        ),
        shape=(len(shapes), len(station_rows)),
    )
    return Reach(station_rows, relation, nearest, nearest_m, share)


_Measured = tuple["IntArray", "FloatArray", "FloatArray", Pairs]


def _points(index: PointIndex, shapes: np.ndarray, within_m: float) -> _Measured:
    lon, lat = shapely.get_x(shapes), shapely.get_y(shapes)
    found = index.nearest(lon, lat, 1)
    metres = found.metres[:, 0]
    reached = (metres <= within_m).astype(float)
    return found.rows[:, 0], metres, reached, index.within(lon, lat, within_m)


def _areas(index: PointIndex, shapes: np.ndarray, within_m: float) -> _Measured:
    rows, metres = nearest_to_areas(index, shapes)
    share = share_within(index, shapes, within_m)
    return rows, metres, share, areas_within(index, shapes, within_m)
