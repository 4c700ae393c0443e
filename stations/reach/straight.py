"""Reach in a straight line: metres, or minutes estimated in proportion to them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy.sparse import csr_array

from geodata.geodesy import PointIndex, areas_within, nearest_to_areas, share_within
from stations.reach.relation import Nearest

if TYPE_CHECKING:
    from geodata.geodesy import BoolArray, FloatArray, IntArray
    from stations.reach.limits import Limit
    from stations.travel import Mode

WIDE_M, BLOCK_PAIRS = 50_000.0, 8_192
"""Beyond such a radius areas are taken so many pairs with stations at a time."""


@dataclass(frozen=True, eq=False)
class StraightReach:
    """Who gets where in a straight line; a `Reach`."""

    shapes: np.ndarray
    """The sites' geometries."""
    index: PointIndex
    """Over the stations that count: the columns."""
    station_rows: IntArray
    limit: Limit
    mode: Mode | None
    """What minutes are estimated by; None for a limit in metres."""

    @property
    def radius_m(self) -> float:
        """The limit in straight metres."""
        return self.limit.value / self.minutes_per_m if self.mode else self.limit.value

    @property
    def minutes_per_m(self) -> float:
        """Minutes a straight metre takes; NaN where only metres were asked."""
        return self.mode.minutes_per_m if self.mode else np.nan

    def only(self, columns: IntArray) -> StraightReach:
        """Return the same to some columns alone."""
        index = PointIndex(self.index.lon[columns], self.index.lat[columns])
        return replace(self, index=index, station_rows=self.station_rows[columns])

    @cached_property
    def nearest(self) -> Nearest:
        """The nearest in a straight line: to the edge of an area, 0 inside it."""
        rows, metres = np.full(len(self.shapes), -1), np.full(len(self.shapes), np.inf)
        points, areas = self._kinds
        found = self.index.nearest(*lonlat(self.shapes[points]), 1)
        rows[points], metres[points] = found.rows[:, 0], found.metres[:, 0]
        rows[areas], metres[areas] = nearest_to_areas(self.index, self.shapes[areas])
        estimated = np.full(len(self.shapes), self.mode is not None)
        return Nearest(rows, metres, metres * self.minutes_per_m, estimated)

    @property
    def covered(self) -> BoolArray:
        """Whether any part is at most the limit away."""
        covered: BoolArray = self.nearest.metres <= self.radius_m
        return covered

    @property
    def unreachable(self) -> BoolArray:
        """No site: a straight line leads everywhere."""
        return np.zeros(len(self.shapes), dtype=np.bool_)

    @property
    def asks_roads(self) -> bool:
        """False: no road is looked at."""
        return False

    @property
    def sampled(self) -> bool:
        """False: shares of areas are exact."""
        return False

    @cached_property
    def share(self) -> FloatArray:
        """Share of each area within the limit, exact to 1e-4; 0 or 1 for a point."""
        share = np.zeros(len(self.shapes))
        points, areas = self._kinds
        share[points] = self.covered[points]
        share[areas] = share_within(self.index, self.shapes[areas], self.radius_m)
        return share

    @cached_property
    def costs(self) -> csr_array:
        """Metres or minutes of every pair in reach."""
        points, areas = self._kinds
        near = self.index.within(*lonlat(self.shapes[points]), self.radius_m)
        around = [
            (block[found.query], found.row, found.metres)
            for block in self._blocks(areas)
            for found in [areas_within(self.index, self.shapes[block], self.radius_m)]
        ]
        every = zip((points[near.query], near.row, near.metres), *around, strict=True)
        sites, columns, costs = (np.concatenate(each) for each in every)
        relation = csr_array(
            (costs * self.minutes_per_m if self.mode else costs, (sites, columns)),
            shape=(len(self.shapes), len(self.station_rows)),
        )
        relation.sort_indices()
        return relation

    def _blocks(self, areas: IntArray) -> list[IntArray]:
        """Cut the areas where reach is so wide that most stations are in it: to save memory."""
        if self.radius_m <= WIDE_M or not areas.size:
            return [areas]
        size = max(BLOCK_PAIRS // max(len(self.station_rows), 1), 1)
        return np.split(areas, range(size, areas.size, size))

    @cached_property
    def _kinds(self) -> tuple[IntArray, IntArray]:
        """Rows of the points and of the areas."""
        is_point = shapely.get_type_id(self.shapes) == shapely.GeometryType.POINT
        return np.flatnonzero(is_point), np.flatnonzero(~is_point)


def lonlat(points: np.ndarray) -> tuple[FloatArray, FloatArray]:
    """Return the degrees of points."""
    return shapely.get_x(points), shapely.get_y(points)
