"""Reach in minutes over the roads of a network, estimated where the network does not go."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy.sparse import csr_array

from geodata.geodesy import PointIndex, distance_m, nearest_to_areas
from stations.reach.relation import Nearest
from stations.reach.search import least
from stations.reach.straight import StraightReach

if TYPE_CHECKING:
    from geodata.geodesy import BoolArray, FloatArray, IntArray
    from stations.reach.limits import Limit
    from stations.reach.minutes import Minutes
    from stations.travel import Mode


@dataclass(frozen=True, eq=False)
class RoadReach:
    """Who gets where in how many minutes; a `Reach`.

    Points are measured themselves, areas by their samples. Sites that lie wholly outside the
    network (`far`) are estimated as without one.
    """

    shapes: np.ndarray
    limit: Limit
    mode: Mode
    ways: Minutes
    """Of the samples of all sites in or near the network."""

    @property
    def station_rows(self) -> IntArray:
        """Column → row of ``registry.stands``."""
        return self.ways.stations.rows

    def only(self, columns: IntArray) -> RoadReach:
        """Return the same to some columns alone; what the roads were asked is known to both."""
        ways = replace(self.ways, stations=self.ways.stations.take(columns))
        return replace(self, ways=ways)

    @cached_property
    def covered(self) -> BoolArray:
        """Whether any sample is in reach."""
        covered = np.zeros(len(self.shapes), dtype=np.bool_)
        covered[self._site[self.ways.reached.sample]] = True
        covered[self.far] = self._straight.covered
        return covered

    @cached_property
    def share(self) -> FloatArray:
        """Share of a site's samples in reach; of the area itself where it is `far`."""
        sites = len(self.shapes)
        reached = self._site[np.unique(self.ways.reached.sample)]
        held = np.bincount(self._site, minlength=sites)
        share: FloatArray = np.bincount(reached, minlength=sites) / np.maximum(held, 1)
        share[self.far] = self._straight.share
        return share

    @cached_property
    def asks_roads(self) -> bool:
        """Whether any site and any station are on roads, or any site is cut off."""
        on_roads = self.ways.on_road.any() and self.ways.by_road.size
        return bool(on_roads or self.unreachable.any())

    @cached_property
    def sampled(self) -> bool:
        """Whether any area lies in the network."""
        is_area = shapely.get_dimensions(self.shapes) > 0
        is_area[self.far] = False
        return bool(is_area.any())

    @cached_property
    def unreachable(self) -> BoolArray:
        """Sites no road comes near, or from which no way leads to any station."""
        lost = np.ones(len(self.shapes), dtype=np.bool_)
        lost[self._site[self.ways.on_road | self.ways.outside]] = False
        lost[self.far] = False
        return lost | (np.isinf(self.nearest.minutes) & (len(self.station_rows) > 0))

    @cached_property
    def costs(self) -> csr_array:
        """Minutes of every pair in reach, from the sample of an area that is nearest."""
        columns, reached = len(self.station_rows), self.ways.reached
        site = self._site[reached.sample]
        first = least(site * columns + reached.column, reached.column, reached.minutes)
        far = self._straight.costs.tocoo()
        sites = np.concatenate((site[first], self.far[far.coords[0]]))
        stations = np.concatenate((reached.column[first], self.ways.passable[far.coords[1]]))
        minutes = np.concatenate((reached.minutes[first], far.data))
        relation = csr_array((minutes, (sites, stations)), shape=(len(self.shapes), columns))
        relation.sort_indices()
        return relation

    @cached_property
    def nearest(self) -> Nearest:
        """The nearest in minutes; in a straight line where no way leads to any station."""
        best, away = self.ways.best, self._straight.nearest
        minutes, fastest = best.minutes.copy(), best.column.copy()
        minutes[self.far] = away.minutes
        some = away.column >= 0
        fastest[self.far[some]] = self.ways.passable[away.column[some]]
        column, metres = self._beside(fastest)
        return Nearest(column, metres, minutes, self._estimated)

    def nearest_of(self, sites: IntArray, columns: IntArray) -> Nearest:
        """Return the same for some sites, (k,), among some columns (ascending) alone.

        Column -1: no way leads to any of these; metres are infinite then.
        """
        best = self.ways.best_of(sites, columns)
        column, minutes, estimated = best.column[sites], best.minutes[sites], best.estimated[sites]
        far = np.flatnonzero(np.isin(sites, self.far))
        among = np.intersect1d(columns, self.ways.passable)
        if far.size and among.size:
            index, rows = self.ways.stations.only(among), self.station_rows[among]
            shapes = self.shapes[sites[far]]
            away = StraightReach(shapes, index, rows, self.limit, self.mode).nearest
            column[far], minutes[far], estimated[far] = among[away.column], away.minutes, True
        metres, some = np.full(sites.size, np.inf), np.flatnonzero(column >= 0)
        index = self.ways.stations.index
        metres[some] = _metres(self.shapes[sites[some]], index, column[some])
        return Nearest(column, metres, minutes, estimated)

    def _beside(self, fastest: IntArray) -> tuple[IntArray, FloatArray]:
        """Return the columns and the straight metres to them; the straight nearest for -1."""
        index = self.ways.stations.index
        straight = StraightReach(self.shapes, index, self.station_rows, self.limit, self.mode)
        column, metres = straight.nearest.column.copy(), straight.nearest.metres.copy()
        other = np.flatnonzero((fastest >= 0) & (fastest != column))
        column[other] = fastest[other]
        metres[other] = _metres(self.shapes[other], index, column[other])
        return column, metres

    @cached_property
    def _estimated(self) -> BoolArray:
        """Sites whose nearest station is so, or part of which is in reach, by an estimate."""
        reached = self.ways.reached
        surely = np.unique(reached.sample[~reached.estimated])
        guessed = np.setdiff1d(reached.sample, surely)
        estimated = self.ways.best.estimated.copy()
        estimated[self._site[guessed]] = True
        estimated[self.far] = True
        return estimated

    @property
    def far(self) -> IntArray:
        """Sites that lie wholly outside the network."""
        return self.ways.far

    @property
    def _site(self) -> IntArray:
        return self.ways.samples.site

    @cached_property
    def _straight(self) -> StraightReach:
        """The sites outside the network, against every station that can be reached."""
        passable = self.ways.passable
        index, rows = self.ways.stations.only(passable), self.station_rows[passable]
        return StraightReach(self.shapes[self.far], index, rows, self.limit, self.mode)


def _metres(shapes: np.ndarray, index: PointIndex, column: IntArray) -> FloatArray:
    """Return straight metres from each shape, an area's edge, to a row of the index."""
    metres = np.zeros(column.size)
    points = shapely.get_type_id(shapes) == shapely.GeometryType.POINT
    lon, lat = shapely.get_coordinates(shapes[points]).T
    metres[points] = distance_m(lon, lat, index.lon[column[points]], index.lat[column[points]])
    for each in np.unique(column[~points]):
        here = np.flatnonzero(~points & (column == each))
        alone = PointIndex(index.lon[[each]], index.lat[[each]])
        metres[here] = nearest_to_areas(alone, shapes[here])[1]
    return metres
