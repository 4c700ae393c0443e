"""Ways between stations and start places: over roads where there are, else estimated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from geodata.geodesy import distance_m

if TYPE_CHECKING:
    from collections.abc import Callable

    from geodata.geodesy import BoolArray, FloatArray, IntArray
    from geodata.roads import RoadNetwork, Snapped
    from stations.travel import Travel

    type Progress = Callable[[int, int], None]

NO_WAY = 100_000
"""Minutes of a way there is not: longer than any day."""
_ROWS = 16


@dataclass(frozen=True, eq=False)
class Legs:
    """Every way between some places; arrays have shape (m, m), from row to column."""

    minutes: IntArray
    """Rounded up to whole ones, so that the times of a sheet add up; `NO_WAY` where none leads."""
    metres: FloatArray
    """By road; NaN where the minutes are an estimate, or there is no way."""

    @property
    def passable(self) -> BoolArray:
        """Which ways there are."""
        return self.minutes < NO_WAY

    def estimated(self, start: int, end: int) -> bool:
        """Tell whether a way there is has estimated minutes."""
        return bool(np.isnan(self.metres[start, end]))

    @property
    def method(self) -> Literal["all", "some", "none"]:
        """How many of the ways between different places are estimates."""
        apart = self.passable & ~np.eye(len(self.minutes), dtype=np.bool_)
        guessed = np.isnan(self.metres[apart])
        return "none" if not guessed.any() else "all" if guessed.all() else "some"


def legs_between(
    lon: FloatArray,
    lat: FloatArray,
    doors: int,
    *,
    travel: Travel,
    code: str,
    progress: Progress | None = None,
) -> Legs:
    """Return the ways in a mode between places (WGS 84 degrees), the first some of them ``doors``.

    As `stations.nearest` does: over roads where both ends are near one; estimated where one end
    lies outside the network, or a start place is inside it with no road near; no way to or from a
    door inside it that no road comes near. ``progress`` is told rows done and to do; an exception
    from it ends the work.
    """
    size = lon.size
    rows, columns = (each.ravel() for each in np.indices((size, size)))
    straight = distance_m(lon[rows], lat[rows], lon[columns], lat[columns]).reshape(size, size)
    minutes, metres = travel.mode(code).minutes(straight), np.full((size, size), np.nan)
    network = travel.network(code)
    if network is not None:
        found = network.snap(lon, lat, code)
        _ask(network, code, found, (minutes, metres), progress)
        lost = np.flatnonzero((found.inside & ~found.found)[:doors])
        minutes[lost], minutes[:, lost] = np.inf, np.inf
    np.fill_diagonal(minutes, 0.0)
    np.fill_diagonal(metres, np.where(np.isnan(metres.diagonal()), np.nan, 0.0))
    none = ~np.isfinite(minutes)
    whole = np.ceil(np.where(none, NO_WAY, minutes) - _HAIR).astype(np.int64)
    return Legs(whole, np.where(none, np.nan, metres))


_HAIR = 1e-6
"""Minutes; what exceeds a whole minute by less is rounding."""


def _ask(
    network: RoadNetwork,
    code: str,
    found: Snapped,
    into: tuple[FloatArray, FloatArray],
    progress: Progress | None,
) -> None:
    """Put minutes and metres by road into the tables, where both ends are near one."""
    near = np.flatnonzero(found.found)
    targets = found.take(near)
    for start in range(0, near.size, _ROWS):
        rows = near[start : start + _ROWS]
        asked = network.matrix(found.take(rows), targets, code)
        for table, values in zip(into, asked, strict=True):
            table[np.ix_(rows, near)] = values
        if progress is not None:
            progress(start + rows.size, near.size)
