"""The nearest rows to one position: small steps, few arrays."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from operator import sub
from typing import TYPE_CHECKING

import numpy as np

from geodata.geodesy import ellipsoid

if TYPE_CHECKING:
    from geodata.geodesy.lonlat import BoolArray, FloatArray, IntArray
    from geodata.geodesy.positions import Positions

_SCAN_RATIO = 4
"""One more neighbour from the tree costs about as much as scanning this many rows."""
_GROWTH = 8
_FIRST_TRY = 4
"""With a mask: this many neighbours a wanted one are tried before its true rows are counted."""


class OneSearch:
    """A search from one position: the nearest ``limit`` rows where ``where`` is true."""

    def __init__(
        self,
        places: Positions,
        origin: tuple[float, float],
        *,
        limit: int,
        within_m: float,
        where: BoolArray | None,
    ) -> None:
        self._places = places
        self._origin = origin
        self._xyz = ellipsoid.to_ecef_one(*origin)
        self._total = places.place_of.size
        self._limit = limit
        self._within_m = within_m
        self._reach = ellipsoid.reach_one(within_m)
        self._where = where
        self._sure_chord = min(ellipsoid.sure_chord(within_m), ellipsoid.MIDPOINT_CHORD_M)

    def run(self) -> tuple[list[int], list[float]]:
        """Rows and metres, sorted by metres, then row."""
        if not self._total:
            return [], []
        size, allowed = self._limit + 1, self._total
        if self._where is not None:
            size = _FIRST_TRY * self._limit + 16
        while size < len(self._places) and size * _SCAN_RATIO < allowed:
            found = self._near(size)
            if found is not None:
                return self._proven(*found) or self._measured(np.array(found[1], dtype=np.int64))
            if allowed == self._total and self._where is not None:
                allowed = int(np.count_nonzero(self._where))
            size = max(size * _GROWTH, 2 * self._limit * self._total // max(allowed, 1))
        return self._measured(self._scan())

    def _near(self, size: int) -> tuple[list[float], list[int]] | None:
        """Chords and rows sure to hold the answer, by chord; None if ``size`` is too few."""
        chord, place = self._places.tree.query(self._xyz, k=size, distance_upper_bound=self._reach)
        chords, rows = self._rows_at(chord, place)
        horizon: float = chord.item(-1)
        if len(rows) < self._limit:
            return (chords, rows) if horizon == math.inf else None
        enough = self._reach_beyond(chords[self._limit - 1])
        if enough >= horizon:
            return None
        last = bisect_right(chords, enough)
        return chords[:last], rows[:last]

    def _proven(self, chords: list[float], rows: list[int]) -> tuple[list[int], list[float]] | None:
        """Give the answer where the chords alone prove it and its metres to 0.5 mm, else None."""
        if not chords or len(chords) > self._limit or chords[-1] > self._sure_chord:
            return None
        if min(map(sub, chords[1:], chords), default=math.inf) <= ellipsoid.slack_m(chords[-1]):
            return None
        return rows, [*map(ellipsoid.middle_one, chords)]

    def _rows_at(self, chord: FloatArray, place: IntArray) -> tuple[list[float], list[int]]:
        """Chords and rows of what the tree found, without those ``where`` leaves out."""
        places = self._places
        if self._where is None and not places.repeats:
            chords: list[float] = chord.tolist()
            found = bisect_left(chords, math.inf)
            first = memoryview(places.first)
            rows: list[int] = [*map(first.__getitem__, place.tolist()[:found])]
            return chords[:found], rows
        found = int(chord.searchsorted(math.inf))
        most = self._limit if self._where is None else self._total
        entry, some = places.expand(place[:found], most)
        chord = chord[entry]
        if self._where is not None:
            kept = self._where[some]
            chord, some = chord[kept], some[kept]
        return chord.tolist(), some.tolist()

    def _scan(self) -> IntArray:
        """Give the rows that can be the answer, by the chord to every allowed row."""
        if self._where is None:
            rows, place = np.arange(self._total), self._places.place_of
        else:
            rows = np.flatnonzero(self._where)
            place = self._places.place_of[rows]
        chord = np.linalg.norm(self._places.xyz[place] - self._xyz, axis=1)
        if not rows.size:
            return rows
        nth = min(self._limit, rows.size) - 1
        last = np.partition(chord, nth)[nth].item()
        return rows[chord <= min(self._reach_beyond(last), self._reach)]

    def _reach_beyond(self, chord: float) -> float:
        """Chord beyond which every point is farther than any point at ``chord``."""
        return ellipsoid.reach_one(ellipsoid.most_one(chord))

    def _measured(self, rows: IntArray) -> tuple[list[int], list[float]]:
        place = self._places.place_of[rows]
        lon, lat = (np.full(rows.size, degrees) for degrees in self._origin)
        metres = ellipsoid.inverse_m(lon, lat, self._places.lon[place], self._places.lat[place])
        order = np.lexsort((rows, metres))[: self._limit]
        metres = metres[order]
        near = metres <= self._within_m
        return rows[order][near].tolist(), metres[near].tolist()
