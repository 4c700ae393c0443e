"""Demand site → stations, with cost: the one relation coverage and siting share.

Distances are geodesic metres on WGS 84, straight lines rather than roads; limits are inclusive.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy.sparse import csr_array

from geodata.geodesy import areas_within, nearest_to_areas, share_within

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd

    from geodata.geodesy import FloatArray, IntArray, PointIndex
    from stations.registry import Registry


@dataclass(frozen=True, eq=False)
class Reach:
    """Who gets where, for one layer and one limit. Sites are rows, in the layer's order."""

    shapes: np.ndarray
    """The sites' geometries."""
    index: PointIndex
    """Over the stations in use that offer what is needed: the columns."""
    station_rows: IntArray
    """Column → row of ``registry.stations``."""
    within_m: float

    @cached_property
    def nearest(self) -> tuple[IntArray, FloatArray]:
        """Each site's nearest column, within the limit or not, and the metres to it.

        Metres are to the edge of an area, 0 inside it. -1 and infinity without any station; ties
        go to the lower id.
        """
        rows, metres = np.full(len(self.shapes), -1), np.full(len(self.shapes), np.inf)
        points, areas = self._kinds
        found = self.index.nearest(*_lonlat(self.shapes[points]), 1)
        rows[points], metres[points] = found.rows[:, 0], found.metres[:, 0]
        rows[areas], metres[areas] = nearest_to_areas(self.index, self.shapes[areas])
        return rows, metres

    @cached_property
    def share(self) -> FloatArray:
        """Share of each site in reach: of its area, or 0 or 1 for a point."""
        share = np.zeros(len(self.shapes))
        points, areas = self._kinds
        share[points] = self.nearest[1][points] <= self.within_m
        share[areas] = share_within(self.index, self.shapes[areas], self.within_m)
        return share

    @cached_property
    def metres(self) -> csr_array:
        """Sites x stations: metres of every pair in reach, a stored 0 being a station inside.

        As large as there are pairs: for siting, where limits are small against the province.
        """
        points, areas = self._kinds
        near = self.index.within(*_lonlat(self.shapes[points]), self.within_m)
        around = areas_within(self.index, self.shapes[areas], self.within_m)
        sites = np.concatenate([points[near.query], areas[around.query]])
        columns = np.concatenate([near.row, around.row])
        relation = csr_array(
            (np.concatenate([near.metres, around.metres]), (sites, columns)),
            shape=(len(self.shapes), len(self.station_rows)),
        )
        relation.sort_indices()
        return relation

    @cached_property
    def _kinds(self) -> tuple[IntArray, IntArray]:
        """Rows of the points and of the areas."""
        is_point = shapely.get_type_id(self.shapes) == shapely.GeometryType.POINT
        return np.flatnonzero(is_point), np.flatnonzero(~is_point)


def by_distance(
    registry: Registry, sites: gpd.GeoDataFrame, within_m: float, needs: Sequence[str] = ()
) -> Reach:
    """Relate ``sites`` (points and polygons, WGS 84) to stations at most ``within_m`` away.

    Only stations in use that offer all of ``needs`` (amenity codes) count. What is asked of the
    answer is computed when it is first asked for.
    """
    index, station_rows = registry.offering(needs)
    return Reach(sites.geometry.to_numpy(), index, station_rows, within_m)


def _lonlat(points: np.ndarray) -> tuple[FloatArray, FloatArray]:
    return shapely.get_x(points), shapely.get_y(points)
