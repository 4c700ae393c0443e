"""The station nearest by road to each of many sites, exactly, from few road minutes.

Stations are taken in order of a lower bound, the straight distance at the mode's top speed; a
site's search ends when no further one can win.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Self

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from geodata.geodesy import BoolArray, FloatArray, IntArray, PointIndex
    from stations.reach.samples import Samples

FIRST, WIDER = 4, 4
"""Stations looked at first, and how many times more in each further round."""
BLOCK = 4_096
"""Samples searched for at once: bounds the memory."""


class Best(NamedTuple):
    """The least minutes of each site, and whose they are: -1 and infinite for nobody's."""

    minutes: FloatArray
    column: IntArray
    estimated: BoolArray

    @classmethod
    def none(cls, sites: int) -> Self:
        """Return the best of sites nothing is known about."""
        nobody = np.full(sites, -1)
        return cls(np.full(sites, np.inf), nobody, np.zeros(sites, dtype=np.bool_))

    def with_pairs(
        self, site: IntArray, column: IntArray, minutes: FloatArray, *, estimated: bool
    ) -> Best:
        """Return the better of these and some pairs; ties go to the lower column."""
        first = least(site, column, minutes)
        site, column, minutes = site[first], column[first], minutes[first]
        less = minutes < self.minutes[site]
        less |= (minutes == self.minutes[site]) & (column < self.column[site])
        best = Best(self.minutes.copy(), self.column.copy(), self.estimated.copy())
        best.minutes[site[less]] = minutes[less]
        best.column[site[less]] = column[less]
        best.estimated[site[less]] = estimated
        return best


def least(group: IntArray, column: IntArray, cost: FloatArray) -> IntArray:
    """Return the row of each group's least cost, then least column; groups ascending."""
    order = np.lexsort((column, cost, group))
    return order[np.flatnonzero(np.diff(group[order], prepend=-1))]


class RoadSearch(NamedTuple):
    """What a search needs."""

    doors: PointIndex
    columns: IntArray
    """Row of ``doors`` → column, ascending."""
    bound: Callable[[FloatArray], FloatArray]
    """Straight metres → the fewest minutes they can take."""
    minutes: Callable[[IntArray, IntArray], FloatArray]
    """Sample numbers and rows of ``doors`` → minutes by road."""

    def run(self, samples: Samples, numbers: IntArray, best: Best) -> Best:
        """Return the best of each site, no worse than ``best`` has it already.

        ``numbers`` are the samples' own numbers; the sites searched for are those of ``samples``.
        """
        starts = np.flatnonzero(np.diff(samples.site, prepend=-1))
        cuts = starts[np.flatnonzero(np.diff(starts // BLOCK)) + 1]
        for part in np.split(np.arange(samples.site.size), cuts):
            if part.size and len(self.doors):
                best = self._block(samples.only(part), numbers[part], best)
        return best

    def _block(self, samples: Samples, numbers: IntArray, best: Best) -> Best:
        best = self._first(samples, numbers, best)
        k, open_ = 0, np.arange(samples.site.size)
        while open_.size and k < len(self.doors):
            k = min(max(k * WIDER, FIRST), len(self.doors))
            near = self.doors.nearest(samples.lon[open_], samples.lat[open_], k)
            bound = self.bound(near.metres)
            best = self._asked(samples.only(open_), numbers[open_], near.rows, bound, best)
            open_ = open_[bound[:, -1] <= best.minutes[samples.site[open_]]]
        return best

    def _first(self, samples: Samples, numbers: IntArray, best: Best) -> Best:
        """Ask for each site's closest pair in a straight line: it bounds the rest."""
        near = self.doors.nearest(samples.lon, samples.lat, 1)
        row = least(samples.site, np.arange(samples.site.size), near.metres[:, 0])
        bound = self.bound(near.metres[row])
        return self._asked(samples.only(row), numbers[row], near.rows[row], bound, best)

    def _asked(
        self, samples: Samples, numbers: IntArray, rows: IntArray, bound: FloatArray, best: Best
    ) -> Best:
        """Return the best after asking for every pair that can be as good."""
        sample, near = np.nonzero(bound <= best.minutes[samples.site][:, None])
        found = rows[sample, near]
        minutes = self.minutes(numbers[sample], found)
        return best.with_pairs(samples.site[sample], self.columns[found], minutes, estimated=False)
