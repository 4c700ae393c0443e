"""Where the stations of a snapshot stand, and when: most at their pins, the mobile ones in turn.

A *stand* is a row: first one for each station, its pin; then one for each place of those that move.
A station that moves is never at its pin, unless that is one of its places.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from stations import navigation
from stations.catalogue import catalogue
from stations.hours import Posted, State, Timetable, next_change, state_at
from stations.registry import _columns
from stations.registry._kept import Kept, Later
from stations.registry._move import frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import date, datetime

    from geodata.geodesy import BoolArray, FloatArray, IntArray, PointIndex
    from stations.navigation import Destinations
    from stations.places import Place
    from stations.registry._columns import Offering, Rows

    type Offerings = Kept[int, Offering]

_DAYS = 16
_ALWAYS = "24/7"


@dataclass(frozen=True, eq=False)
class Stands:
    """Every place a station of a snapshot stands at; arrays go by stand."""

    station: IntArray
    """Row of the station; ``station[row] == row`` for the pins."""
    lon: FloatArray
    lat: FloatArray
    active: IntArray
    """Of the stations in use, ascending: pins of those that stay, places of those that move."""
    index: PointIndex
    """Over ``active``."""
    timetable: Timetable
    """When a door stands open here: the station's hours while it is here, closed else."""
    there: Timetable
    """When it stands here: a pin always."""
    places: tuple[Place, ...]
    """Those of the stands after the pins."""
    _offering: Offerings = field(repr=False)
    _narrowed: Kept[int, Timetable] = field(repr=False)
    _destinations: Later[Destinations] = field(repr=False)
    _on: Callable[[date], BoolArray] = field(repr=False)

    @classmethod
    def pins(cls, rows: Rows, active: IntArray, index: PointIndex, offering: Offerings) -> Self:
        """Return the stands of stations of which none moves."""
        size = len(rows.lon)
        every = frozen(np.ones(size, dtype=np.bool_))
        return cls(
            station=frozen(np.arange(size)),
            lon=rows.lon,
            lat=rows.lat,
            active=active,
            index=index,
            timetable=rows.timetable,
            there=_always(size),
            places=(),
            _offering=offering,
            _narrowed=rows.narrowed,
            _destinations=rows.destinations,
            _on=lambda _: every,
        )

    def __len__(self) -> int:
        return len(self.station)

    @property
    def moves(self) -> bool:
        """Whether any station does."""
        return bool(self.places)

    def place(self, row: int) -> Place | None:
        """Return the place of a stand; None for a pin."""
        beyond = row - len(self) + len(self.places)
        return self.places[beyond] if beyond >= 0 else None

    def of_stations(self, rows: IntArray) -> IntArray:
        """Return the stands of some stations, ascending."""
        return np.flatnonzero(np.isin(self.station, rows))

    def of_station(self, row: int) -> IntArray:
        """Return the stands of one station: its pin, or all its places if it moves."""
        first = len(self) - len(self.places)
        found: IntArray = first + np.flatnonzero(self.station[first:] == row)
        return found if found.size else np.array([row])

    def now(self, row: int, at: datetime) -> int:
        """Return the stand a station is at at an instant; between two, the one it comes to next.

        Its pin where it stays, or never comes anywhere again.
        """
        rows: list[int] = self.of_station(row).tolist()
        if rows == [row]:
            return row
        told = {stand: next_change(self.there.posted(stand), at) for stand in rows}
        here = [each for each in rows if state_at(self.there.posted(each), at) == State.OPEN]
        soon = [(told[each].when, each) for each in rows if told[each].to == State.OPEN]
        coming = sorted((when, each) for when, each in soon if when is not None)
        return next(iter((*here, *(each for _, each in coming), row)))

    def on(self, day: date) -> BoolArray:
        """Tell at which stands a station may stand on a day: it is among the place's days."""
        return self._on(day)

    def on_any(self, days: Iterable[date]) -> BoolArray:
        """Tell the same of any of some days; of all days there are if there is none."""
        found = [self._on(day) for day in days]
        return np.logical_or.reduce(found) if found else np.ones(len(self), dtype=np.bool_)

    def offering(self, needs: Iterable[str]) -> Offering:
        """Return an index over the ``active`` stands with all of ``needs``, and its rows' stands.

        A code the catalogue does not know raises `UnknownAmenityError`.
        """
        return self._offering(catalogue().amenities.mask(needs))

    def timetable_for(self, needs: Iterable[str]) -> Timetable:
        """Return ``timetable`` narrowed to when all of ``needs`` can be had, as `Registry` does."""
        return self._narrowed(catalogue().amenities.mask(needs))

    @property
    def destinations(self) -> Destinations:
        """Where navigation leads: to a pin's entrance where known, to the place itself."""
        return self._destinations()


def moving(pins: Stands, rows: Rows, before: Stands | None) -> Stands:
    """Return the stands of stations some of which may move; ``before``: of the last snapshot."""
    if not rows.places:
        return pins
    pairs = [(row, place) for row, places in rows.places.items() for place in places]
    of_place = np.array([row for row, _ in pairs])
    station = np.concatenate((pins.station, of_place))
    lon = np.concatenate((pins.lon, [place.lon for _, place in pairs]))
    lat = np.concatenate((pins.lat, [place.lat for _, place in pairs]))
    in_use = rows.in_use[station]
    in_use[list(rows.places)] = False
    active = frozen(np.flatnonzero(in_use))
    places = tuple(place for _, place in pairs)
    moved = None if before is None or not before.moves else before
    index = _columns.index_of(lon[active], lat[active], None if moved is None else moved.index)
    offered = None if moved is None else moved._offering  # noqa: SLF001 - its own kind
    return replace(
        pins,
        station=frozen(station),
        lon=frozen(lon),
        lat=frozen(lat),
        active=active,
        index=index,
        timetable=_timetable(pins.timetable, pairs),
        there=_there(pins, rows.columns["calendar"], pairs),
        places=places,
        _offering=_columns.offerings(frozen(rows.masks[station]), active, index, offered),
        _narrowed=Kept(lambda needs: _timetable(rows.narrowed(needs), pairs)),
        _destinations=Later(partial(_joined, pins, places)),
        _on=lru_cache(_DAYS)(partial(_on, len(pins), places)),
    )


def _timetable(pins: Timetable, pairs: list[tuple[int, Place]]) -> Timetable:
    """Return the hours of pins and, behind them, of places, given those of the pins."""
    station = np.array([row for row, _ in pairs])
    wide = Timetable(pins.distinct, np.concatenate((pins.codes, pins.codes[station])))
    after = len(pins)
    return wide.changed(
        {after + n: _posted(pins.posted(row), place) for n, (row, place) in enumerate(pairs)}
    )


def _posted(door: Posted, place: Place) -> Posted:
    """Return the hours of a door while it is at a place; the place's own where it has none."""
    silent = not door.expression.strip()
    within = door.within if silent or not place.hours else (*door.within, place.hours)
    expression = place.hours if silent else door.expression
    closures = door.closures + place.away
    return replace(door, expression=expression, within=within, closures=closures)


def _there(pins: Stands, calendar: Sequence[Any], pairs: list[tuple[int, Place]]) -> Timetable:
    posted = (
        Posted(place.hours or _ALWAYS, calendar[row], closures=place.away) for row, place in pairs
    )
    return _always(len(pins) + len(pairs)).changed(dict(enumerate(posted, len(pins))))


def _always(stands: int) -> Timetable:
    return Timetable((Posted(_ALWAYS),), np.zeros(stands, dtype=np.int64))


def _joined(pins: Stands, places: tuple[Place, ...]) -> Destinations:
    own = pins.destinations
    more = navigation.destinations([p.lon for p in places], [p.lat for p in places])
    pairs = zip((own.wgs84, own.gcj02, own.bd09), (more.wgs84, more.gcj02, more.bd09), strict=True)
    return navigation.Destinations(*map(np.concatenate, pairs))


def _on(pins: int, places: tuple[Place, ...], day: date) -> BoolArray:
    found = np.ones(pins + len(places), dtype=np.bool_)
    found[pins:] = [place.on(day) for place in places]
    return frozen(found)
