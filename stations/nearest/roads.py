"""Ways over a road network: exact minutes, asked for where they can decide.

Which way is by road, which is estimated and which there is none: README.md, "By road".
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from geodata.geodesy import PointIndex, distance_m
from geodata.roads import Snapped
from stations.nearest.fitting import BESIDE
from stations.nearest.question import DAY_MIN

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from geodata.geodesy import FloatArray, IntArray, LonLat
    from geodata.roads import RoadNetwork
    from stations.travel import Mode

MOST = 2_000
"""How many ways from one place are asked for in one question; who has found no door by then is
cut off from them, as on an island, and is told of no more."""
WARMED, BESIDE_WARMED = 5_000, 100
"""Where more stations than this are on a network, nothing is worked out beforehand for it: where
they meet the road, and the ways between neighbours. Each new snapshot pays for it."""
_PAIRS_KEPT = 65_536
_STEP_M, _STEPS = 10.0, 4_096


class Way(NamedTuple):
    """A way from door to door."""

    minutes: float
    """Infinite: there is none."""
    road_m: float | None
    """Metres by road; None: the minutes are an estimate, or there is no way."""


NO_WAY: Final = Way(math.inf, None)


class Doorsteps:
    """Where a snapshot's stations meet one network in one mode; shared by all threads.

    Worked out when first asked about. Two threads that do the same at once come to the same, so
    nothing is locked. "Rows" are rows of ``registry.stations``.
    """

    def __init__(self, network: RoadNetwork, mode: Mode, ends: FloatArray) -> None:
        """Take ``ends``, where the way to each row ends: longitude and latitude, shape (n, 2)."""
        self._network, self._mode = network, mode
        self._lon, self._lat = ends.T
        size = len(ends)
        lon, lat, metres = np.empty((3, size))
        self._snapped = Snapped(lon, lat, metres, inside=np.empty(size, dtype=np.bool_))
        self._known = np.zeros(size, dtype=np.bool_)
        self._onward: dict[tuple[int, int], Way] = {}
        self.least, self.farthest_m = _bound(self._least_minutes)

    def moved(self, ends: FloatArray, to: IntArray) -> Doorsteps:
        """Return it for other rows, with what is known of those whose way ends where it did.

        ``to``: row → where it is then, -1 nowhere.
        """
        if np.array_equal(ends, np.column_stack((self._lon, self._lat))):
            return self
        made = Doorsteps(self._network, self._mode, ends)
        rows = np.flatnonzero((to >= 0) & self._known)
        rows = rows[
            (made._lon[to[rows]] == self._lon[rows]) & (made._lat[to[rows]] == self._lat[rows])
        ]
        now = to[rows]
        for kept, fresh in zip(made._snapped, self._snapped, strict=True):
            kept[now] = fresh[rows]
        made._known[now] = True
        where = dict(zip(rows.tolist(), now.tolist(), strict=True))
        made._onward = {
            (where[start], where[end]): way
            for (start, end), way in [*self._onward.items()]
            if start in where and end in where
        }
        return made

    def warm(self, rows: IntArray) -> None:
        """Work out where some rows meet the road, and the ways between neighbours.

        Only for rows in the network's box; for none if these are more than `WARMED`, and ways only
        if they are not more than `BESIDE_WARMED`.
        """
        west, south, east, north = self._network.info.area.bounds
        lon, lat = self._lon[rows], self._lat[rows]
        inside = (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
        rows, lon, lat = rows[inside], lon[inside], lat[inside]
        if not 0 < rows.size <= WARMED:
            return
        self._doors(rows)
        if rows.size > BESIDE_WARMED:
            return
        beside = PointIndex(lon, lat).nearest(lon, lat, BESIDE + 1).rows
        for start, near in zip(rows.tolist(), beside, strict=True):
            self.onward(start, [row for row in rows[near[near >= 0]].tolist() if row != start])

    def snap(self, origin: LonLat) -> Snapped:
        """Bring an asker to the road."""
        return self._network.snap([origin.lon], [origin.lat], self._mode.code)

    def ways(self, begin: Snapped, origin: tuple[float, float], rows: IntArray) -> list[Way]:
        """Return the ways from one place, ``begin`` on the road, to some rows."""
        ends = self._doors(rows)
        on_road, strayed = begin.found[0], begin.inside[0] and not begin.found[0]
        by_road = ends.found & on_road
        lost = ends.inside & ~ends.found
        minutes = self._estimates(origin, rows)
        minutes[lost & (not strayed)] = np.inf
        metres = np.full(len(rows), np.nan)
        if by_road.any():
            asked = self._network.matrix(begin, ends.take(by_road), self._mode.code)
            minutes[by_road], metres[by_road] = asked.minutes[0], asked.metres[0]
        pairs = zip(minutes.tolist(), metres.tolist(), strict=True)
        return [Way(each, far if math.isfinite(far) else None) for each, far in pairs]

    def onward(self, start: int, rows: Sequence[int]) -> list[Way]:
        """Return the ways from one row to some others; they are kept."""
        known = self._onward
        missing = [row for row in rows if (start, row) not in known]
        fresh: dict[tuple[int, int], Way] = {}
        if missing:
            begin = self._doors(np.array([start]))
            here = float(self._lon[start]), float(self._lat[start])
            ways = self.ways(begin, here, np.array(missing))
            fresh = {(start, row): way for row, way in zip(missing, ways, strict=True)}
            if len(known) > _PAIRS_KEPT:
                self._onward = {}
            self._onward.update(fresh)
        return [fresh.get((start, row)) or known[start, row] for row in rows]

    def _doors(self, rows: IntArray) -> Snapped:
        missing = rows[~self._known[rows]]
        if missing.size:
            found = self._network.snap(self._lon[missing], self._lat[missing], self._mode.code)
            for kept, fresh in zip(self._snapped, found, strict=True):
                kept[missing] = fresh
            self._known[missing] = True
        return self._snapped.take(rows)

    def _estimates(self, origin: tuple[float, float], rows: IntArray) -> FloatArray:
        lon, lat = (np.full(len(rows), each) for each in origin)
        return self._mode.minutes(distance_m(lon, lat, self._lon[rows], self._lat[rows]))

    def _least_minutes(self, straight_m: FloatArray) -> FloatArray:
        """Bound ways by road and estimates alike."""
        by_road = self._network.costing(self._mode.code).least_minutes(straight_m)
        return np.minimum(by_road, self._mode.minutes(straight_m))


class Roads:
    """The ways of one question over a network; see `stations.nearest.ways.Ways`."""

    dear = True

    def __init__(self, steps: Doorsteps, rows: IntArray, origin: LonLat) -> None:
        """``rows`` takes a row found to a row of the register."""
        self._steps, self._rows, self._origin = steps, rows, origin
        self._begin = steps.snap(origin)
        self._known: dict[tuple[int | None, int], Way] = {}
        self._asked: dict[int | None, int] = {}
        self.least, self.farthest_m = steps.least, steps.farthest_m

    def here(self, found: Sequence[int], _metres: Sequence[float]) -> list[float]:
        """Return the minutes from the asker to some stations; infinite: no way."""
        return self._minutes(None, found)

    def onward(self, start: int, found: Sequence[int], _metres: Sequence[float]) -> list[float]:
        """Return the minutes from a station to some others; infinite: no way."""
        return self._minutes(start, found)

    def road_m(self, start: int | None, found: int) -> float | None:
        """Return the metres by road of a way that was asked for."""
        return self._known[start, found].road_m

    def spent(self, start: int | None) -> bool:
        """Tell whether `MOST` ways from one place have been asked for."""
        return self._asked.get(start, 0) >= MOST

    def _minutes(self, start: int | None, found: Sequence[int]) -> list[float]:
        known = self._known
        fresh = [each for each in found if (start, each) not in known]
        if fresh:
            before = self._asked.get(start, 0)
            self._asked[start] = before + len(fresh)
            ways = self._ways(start, fresh[: max(MOST - before, 0)])
            known.update(((start, each), NO_WAY) for each in fresh[len(ways) :])
            known.update(((start, each), way) for each, way in zip(fresh, ways, strict=False))
        return [known[start, each].minutes for each in found]

    def _ways(self, start: int | None, found: list[int]) -> list[Way]:
        rows = self._rows[found]
        if start is None:
            return self._steps.ways(self._begin, self._origin, rows)
        return self._steps.onward(self._rows.item(start), rows.tolist())


def _bound(
    least: Callable[[FloatArray], FloatArray],
) -> tuple[Callable[[float], float], float]:
    """Return ``least`` for one number, never more than it is, and metres not done in a day.

    ``least`` must not fall. A table of it is quicker to read than arrays of one are to make.
    """
    table: list[float] = least(_STEP_M * np.arange(_STEPS, dtype=np.float64)).tolist()
    end = _STEPS * _STEP_M

    def bound(metres: float) -> float:
        if metres < end:
            return table[int(metres / _STEP_M)]
        return float(least(np.array([metres - _STEP_M]))[0])

    farthest_m = end
    while bound(farthest_m) <= DAY_MIN:
        farthest_m *= 2
    return bound, farthest_m
