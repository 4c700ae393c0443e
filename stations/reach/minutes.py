"""Minutes from the samples of sites to stations: by road where both ends are, else estimated."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from geodata.geodesy import PointIndex
from stations.reach.limits import FARTHEST_M
from stations.reach.search import Best, RoadSearch

if TYPE_CHECKING:
    from geodata.geodesy import BoolArray, FloatArray, IntArray
    from geodata.roads import Costing, Snapped
    from stations.reach.pairs import RoadPairs
    from stations.reach.samples import Samples
    from stations.travel import Mode


@dataclass(frozen=True, eq=False)
class Stations:
    """The stations that count: the columns."""

    index: PointIndex
    """Over their positions: for metres and estimates."""
    rows: IntArray
    """Column → row of ``registry.stands``."""
    door_lon: FloatArray
    """Where a way ends: the entrance, or the position where none is known."""
    door_lat: FloatArray

    def only(self, columns: IntArray) -> PointIndex:
        """Return an index over the positions of some columns."""
        return PointIndex(self.index.lon[columns], self.index.lat[columns])

    def take(self, columns: IntArray) -> Stations:
        """Return some columns."""
        doors = self.door_lon[columns], self.door_lat[columns]
        return Stations(self.only(columns), self.rows[columns], *doors)


class Reached(NamedTuple):
    """Pairs of a sample and a station within the limit."""

    sample: IntArray
    column: IntArray
    minutes: FloatArray
    estimated: BoolArray


@dataclass(frozen=True, eq=False)
class Minutes:
    """How long the ways from samples to stations take; asked for when first needed.

    A pair with one end outside the network is estimated. A sample inside it that no road comes
    near reaches nothing, and nothing reaches such a station.
    """

    sites: int
    pairs: RoadPairs
    stations: Stations
    limit_min: float
    mode: Mode

    @property
    def samples(self) -> Samples:
        """The points asked about; what numbers samples is their row in here."""
        return self.pairs.samples

    @cached_property
    def on_road(self) -> BoolArray:
        """Which samples a road comes near."""
        return self.pairs.origins.found

    @cached_property
    def outside(self) -> BoolArray:
        """Which samples lie outside the network, of sites that are partly inside."""
        inside = self.pairs.origins.inside
        outside: BoolArray = ~inside & np.isin(self.samples.site, self.samples.site[inside])
        return outside

    @cached_property
    def far(self) -> IntArray:
        """Sites that lie wholly outside the network."""
        return np.setdiff1d(np.arange(self.sites), self.samples.site[self.pairs.origins.inside])

    @cached_property
    def by_road(self) -> IntArray:
        """Columns a road comes near."""
        return np.flatnonzero(self._doors[1].found)

    @cached_property
    def beyond(self) -> IntArray:
        """Columns outside the network."""
        return np.flatnonzero(~self._doors[1].inside)

    @cached_property
    def passable(self) -> IntArray:
        """Columns that can be reached at all."""
        return np.union1d(self.by_road, self.beyond)

    @cached_property
    def reached(self) -> Reached:
        """Every pair within the limit, inclusive."""
        parts = [self._by_road_reached()]
        parts += [self._estimated_reached(*each) for each in self._estimates]
        return Reached(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))

    @cached_property
    def best(self) -> Best:
        """The nearest station of each site that has a sample, over all its samples, exactly."""
        best, site = Best.none(self.sites), self.samples.site
        for numbers, columns in self._estimates:
            best = self._guessed(best, numbers, columns)
        reached = self.reached
        known = np.flatnonzero(~reached.estimated)
        best = best.with_pairs(
            site[reached.sample[known]],
            reached.column[known],
            reached.minutes[known],
            estimated=False,
        )
        late = best.minutes > self.limit_min  # within it every pair has been looked at
        numbers = np.flatnonzero(self.on_road & late[site])
        return self._search.run(self.samples.only(numbers), numbers, best)

    def best_of(self, sites: IntArray, columns: IntArray) -> Best:
        """Return the same for some sites alone, and some columns (ascending) alone.

        Only pairs that can decide are asked for.
        """
        best, wanted = Best.none(self.sites), np.isin(self.samples.site, sites)
        for numbers, among in self._estimates:
            best = self._guessed(best, numbers[wanted[numbers]], np.intersect1d(among, columns))
        numbers = np.flatnonzero(self.on_road & wanted)
        search = self._search_of(np.intersect1d(self.by_road, columns))
        return search.run(self.samples.only(numbers), numbers, best)

    def _guessed(self, best: Best, numbers: IntArray, columns: IntArray) -> Best:
        """Return the better of these and the estimates from some samples to some columns."""
        near = self.stations.only(columns).nearest(*self._at(numbers), 1)
        some = np.flatnonzero(near.rows[:, 0] >= 0)
        found = columns[near.rows[some, 0]]
        minutes = self.mode.minutes(near.metres[some, 0])
        return best.with_pairs(self.samples.site[numbers[some]], found, minutes, estimated=True)

    @property
    def _estimates(self) -> list[tuple[IntArray, IntArray]]:
        """Which samples are estimated to which columns."""
        within = np.flatnonzero(self.on_road)
        without = np.flatnonzero(self.outside)
        return [(within, self.beyond), (without, self.passable)]

    @cached_property
    def _search(self) -> RoadSearch:
        return self._search_of(self.by_road)

    def _search_of(self, columns: IntArray) -> RoadSearch:
        lon, lat = self.stations.door_lon[columns], self.stations.door_lat[columns]
        place = self._doors[0][columns]
        return RoadSearch(
            PointIndex(lon, lat),
            columns,
            self.pairs.costing.least_minutes,
            lambda sample, row: self.pairs.minutes(sample, place[row]),
        )

    @cached_property
    def _doors(self) -> tuple[IntArray, Snapped]:
        return self.pairs.doors(self.stations.door_lon, self.stations.door_lat)

    def _by_road_reached(self) -> Reached:
        numbers, search = np.flatnonzero(self.on_road), self._search
        radius_m = _farthest_m(self.pairs.costing, self.limit_min)
        near = search.doors.within(*self._at(numbers), radius_m)
        sample = numbers[near.query]
        minutes = search.minutes(sample, near.row)
        kept = minutes <= self.limit_min
        columns = search.columns[near.row[kept]]
        return Reached(sample[kept], columns, minutes[kept], np.zeros(kept.sum(), dtype=np.bool_))

    def _estimated_reached(self, numbers: IntArray, columns: IntArray) -> Reached:
        radius_m = self.limit_min / self.mode.minutes_per_m
        near = self.stations.only(columns).within(*self._at(numbers), radius_m)
        minutes = self.mode.minutes(near.metres)
        found = np.ones(minutes.size, dtype=np.bool_)
        return Reached(numbers[near.query], columns[near.row], minutes, found)

    def _at(self, numbers: IntArray) -> tuple[FloatArray, FloatArray]:
        return self.samples.lon[numbers], self.samples.lat[numbers]


def _farthest_m(costing: Costing, minutes: float) -> float:
    """Return straight metres beyond which nothing can be in so few minutes."""
    low, high = 0.0, FARTHEST_M
    while high - low > 1:
        middle = np.array([(low + high) / 2])
        if costing.least_minutes(middle)[0] > minutes:
            high = float(middle[0])
        else:
            low = float(middle[0])
    return high
