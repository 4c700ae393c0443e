"""The stations that fit a question, with an index of their own, and who is beside whom."""

from __future__ import annotations

from functools import lru_cache, partial
from typing import TYPE_CHECKING, NamedTuple, Self

import numpy as np

from geodata.geodesy import distance_m
from geodata.geodesy.ellipsoid import middle_m
from stations.hours.blocks import DAYS
from stations.hours.posted import line_of
from stations.registry import index_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from geodata.geodesy import BoolArray, FloatArray, IntArray, PointIndex
    from stations.hours import State, Timetable
    from stations.registry import Stands
    from stations.trust import Standings

BESIDE = 8
"""How many neighbours of a station are looked at first, and kept."""
_KEPT = 8_192
_DAYS_KEPT = 8
_TRUSTS_KEPT = 4


class Beside(NamedTuple):
    """Some neighbours of a station, the nearest first; equally far ones in any order."""

    found: Sequence[int]
    metres: Sequence[float]
    """Straight metres, `middle_m` of the chord: a pair has the same at every asking."""
    beyond_m: float
    """All others are at least this far; infinite: there are no others."""


class Standing(NamedTuple):
    """Which stations stand at some rows found, and when those that move do."""

    stations: IntArray
    """Found → row of ``registry.stations``."""
    station_of: Sequence[int]
    """The same, one by one."""
    moving: frozenset[int]
    """Found: places of stations that move."""
    there: Timetable
    """By row of ``registry.stands``: when it stands there."""

    @classmethod
    def of(cls, stands: Stands, rows: IntArray) -> Self:
        """Take the stands in some rows."""
        moving = np.flatnonzero(rows >= len(stands) - len(stands.places))
        stations = stands.station[rows]
        return cls(stations, memoryview(stations), frozenset(moving.tolist()), stands.there)


class Fitting:
    """The stations that fit the needs and filters of a question; shared by all threads.

    "Found" are rows of ``index``. It must not know its registry: see `Registry.derived`.
    """

    def __init__(
        self,
        index: PointIndex,
        rows: IntArray,
        hours: Timetable,
        standing: Standing,
        *,
        pins: PointIndex | None = None,
        off_m: float = 0.0,
        known: Fitting | None = None,
    ) -> None:
        """``known``: that of the snapshot before; who is beside whom is the same at one index."""
        self.index, self.rows, self.hours = index, rows, hours
        """``rows`` takes a row found to a row of ``registry.stands``, ``hours`` are by those."""
        self.standing = standing
        self.pins, self.off_m = index if pins is None else pins, off_m
        """The stations' positions, and how far the points of ``index`` are from them at most."""
        self.row_of: Sequence[int] = memoryview(rows)
        """Found → row, one by one; `memoryview` reads in half the time of an array."""
        self.codes: IntArray = hours.codes[rows]
        """(n,) found → position in ``hours.distinct``."""
        self.code_of: Sequence[int] = memoryview(self.codes)
        self.may = lru_cache(_DAYS_KEPT)(partial(_may, hours, self.codes))
        """Day, states → which rows have one of these at some minute of the day or the next two."""
        self.trust = lru_cache(_TRUSTS_KEPT)(partial(_trust, standing.stations))
        """Standings of the whole register → the probability of each, to be read one by one."""
        self.known: dict[int, Beside] = {}
        """Who is beside whom, as far as it was asked."""
        if known is not None and known.index is index:
            self.known = known.known

    def at_doors(self, ends: FloatArray, known: Fitting | None = None) -> Fitting:
        """Return the same stations with an index over ``ends``, where the way to each row ends."""
        lon, lat = ends[self.rows].T
        moved = (lon != self.index.lon) | (lat != self.index.lat)
        if not moved.any():
            return self
        doors, pins = index_of(lon, lat, None if known is None else known.index), self.index
        away = distance_m(doors.lon[moved], doors.lat[moved], pins.lon[moved], pins.lat[moved])
        return Fitting(
            doors,
            self.rows,
            self.hours,
            self.standing,
            pins=pins,
            off_m=float(away.max()),
            known=known,
        )

    def beside(self, found: int) -> Beside:
        """Return the `BESIDE` nearest neighbours of one."""
        known = self.known.get(found)
        if known is None:
            [known] = self._sought([found], BESIDE)
            self._keep({found: known})
        return known

    def ready(self, found: Sequence[int]) -> None:
        """Seek the neighbours of those that nobody has asked about yet, all at once."""
        missing = [each for each in found if each not in self.known]
        if missing:
            self._keep(dict(zip(missing, self._sought(missing, BESIDE), strict=True)))

    def _keep(self, sought: dict[int, Beside]) -> None:
        if len(self.known) > _KEPT:
            self.known = {}
        self.known.update(sought)

    def farther(self, found: int, size: int, where: BoolArray | None) -> Beside:
        """Return the ``size`` nearest neighbours, only those where ``where`` is true."""
        if where is None:
            return self._sought([found], size)[0]
        places = self.index.places
        others = np.flatnonzero(where)
        others = others[others != found]
        here = places.xyz[places.place_of[found]]
        chord = np.sqrt(np.square(places.xyz[places.place_of[others]] - here).sum(axis=1))
        beyond = np.inf
        if len(others) > size:
            near = np.argpartition(chord, size)
            beyond = chord[near[size]]
            others, chord = others[near[:size]], chord[near[:size]]
        order = np.argsort(chord)
        return _beside(others[order], chord[order], beyond)

    def _sought(self, found: Sequence[int], size: int) -> list[Beside]:
        places = self.index.places
        k = min(size + 1, len(places)) + 1
        chords, near = places.tree.query(places.xyz[places.place_of[list(found)]], k=k)
        if places.repeats:
            return [self._one(*each, size) for each in zip(found, chords, near, strict=True)]
        others, metres = places.first[near].tolist(), middle_m(chords).tolist()
        return [*map(_without, found, others, metres)]

    def _one(self, found: int, chord: FloatArray, place: IntArray, size: int) -> Beside:
        """Return the neighbours among the rows at some places, by chord, the last beyond them."""
        beyond = chord[-1]
        entry, others = self.index.places.expand(place[:-1], size + 2)
        kept = others != found
        others, chord = others[kept], chord[entry[kept]]
        if len(others) > size:
            beyond = chord[size]
            others, chord = others[:size], chord[:size]
        return _beside(others, chord, beyond)


def _may(hours: Timetable, codes: IntArray, day: date, states: frozenset[State]) -> BoolArray:
    """Tell which of ``codes`` have one of ``states``; no visit asked about ends later."""
    wanted = [int(state) for state in states]
    some = np.zeros(len(hours.distinct), dtype=np.bool_)
    for code in np.unique(codes).tolist():
        line = line_of(hours.distinct[code], day, DAYS)
        some[code] = np.isin(line.states, wanted).any()
    return some[codes]


def _trust(stations: IntArray, whole: Standings) -> Sequence[float]:
    return memoryview(whole.probability[stations])


def _without(one: int, others: list[int], metres: list[float]) -> Beside:
    """Return the neighbours among rows that hold ``one`` itself, the last beyond them."""
    own = others.index(one) if one in others else -1
    del others[own], metres[own]
    return Beside(others[:-1], metres[:-1], metres[-1])


def _beside(found: IntArray, chord: FloatArray, beyond: float) -> Beside:
    metres = middle_m(np.append(chord, beyond)).tolist()
    return Beside(found.tolist(), metres[:-1], metres[-1])
