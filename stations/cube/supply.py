"""What the stations offer, hour by hour, condition by condition; and what if it were otherwise."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntFlag
from typing import TYPE_CHECKING, Self

import numpy as np

from stations.catalogue import catalogue
from stations.cube import bits
from stations.cube.starts import amenity_starts, starts

if TYPE_CHECKING:
    import numpy.typing as npt

    from geodata.geodesy import BoolArray, FloatArray, IntArray
    from stations.cube.bits import Words
    from stations.cube.question import Question
    from stations.registry import Registry, Stands

    type Rows = npt.NDArray[np.integer] | npt.NDArray[np.bool_]


class Condition(IntFlag):
    """What must hold beyond being there; a set of them is a number from 0 to 7."""

    HOURS = 1
    """The door is open throughout the stay."""
    AMENITY = 2
    """All that is needed is there and can be had throughout the stay."""
    TRUST = 4
    """The station's trust reaches the floor."""


EVERY = Condition.HOURS | Condition.AMENITY | Condition.TRUST
POSSIBLE = 8
"""The level at which doors of unknown hours count as open, and nothing else is asked."""
LEVELS = 9


@dataclass(frozen=True, eq=False)
class Supply:
    """The stations of a registry, stand by stand; words are (n, words) sets of hours.

    A station that moves has several rows: its pin, where it never is, and each of its places.
    """

    hours: int
    ids: npt.NDArray[np.object_]
    hosts: npt.NDArray[np.object_]
    lon: FloatArray
    lat: FloatArray
    there: Words
    """Hours at which it stands here, and does so throughout the stay; none if it is not in use."""
    open: Words
    unknown: Words
    amenity: Words
    trusted: BoolArray
    """(n,)."""

    @classmethod
    def of(cls, registry: Registry, question: Question) -> Self:
        """Read the stations of a registry for a question."""
        hours, stands = question.hours, registry.stands
        needs = catalogue().amenities.mask(question.needs)
        has = (registry.amenity_masks & np.uint64(needs)) == needs
        opened, unknown = starts(stands.timetable, question.when, question.stay_min)
        narrowed = stands.timetable_for(question.needs)
        had = amenity_starts(narrowed, question.when, question.stay_min)
        trusted = np.ones(len(has), dtype=np.bool_)
        if question.trust_floor > 0 and question.at is not None:
            trusted = registry.trust(question.at) >= question.trust_floor
        each = stands.station
        return cls(
            hours=hours,
            ids=registry.stations.index.to_numpy(dtype=object)[each],
            hosts=registry.stations["host"].to_numpy(dtype=object)[each],
            lon=stands.lon,
            lat=stands.lat,
            there=_there(stands, question),
            open=opened,
            unknown=unknown,
            amenity=had & bits.constant(has[each], hours),
            trusted=trusted[each],
        )

    def __len__(self) -> int:
        return len(self.ids)

    def usable(self, conditions: Condition | int = EVERY) -> Words:
        """Return the hours at which each station is there and meets some conditions."""
        return self._at(np.arange(len(self)), conditions)

    def levels(self, rows: IntArray) -> Words:
        """Return (rows, `LEVELS`, words): by every set of conditions, then `POSSIBLE`."""
        return np.stack([self._at(rows, level) for level in range(LEVELS)], axis=1)

    def _at(self, rows: IntArray, level: int) -> Words:
        found = self.there[rows]
        if level == POSSIBLE:
            return found & (self.open[rows] | self.unknown[rows])
        if level & Condition.HOURS:
            found &= self.open[rows]
        if level & Condition.AMENITY:
            found &= self.amenity[rows]
        if level & Condition.TRUST:
            found[~self.trusted[rows]] = 0
        return found

    def without(self, rows: Rows) -> Self:
        """Return the stations without some of them."""
        return replace(self, there=_cleared(self.there, rows))

    def shut(self, rows: Rows, hours: BoolArray | None = None) -> Self:
        """Return them with some closed at some ``hours``, (hours,) of truth; None: at all."""
        shut = self._hours(hours)
        return replace(
            self, open=_cleared(self.open, rows, shut), unknown=_cleared(self.unknown, rows, shut)
        )

    def opened(self, rows: Rows, hours: BoolArray | None = None) -> Self:
        """Return them with some open at some ``hours``; None: at all."""
        hour = self._hours(hours)
        return replace(
            self, open=_added(self.open, rows, hour), unknown=_cleared(self.unknown, rows, hour)
        )

    def equipped(self, rows: Rows) -> Self:
        """Return them with some having all that is needed, at every hour."""
        return replace(self, amenity=_added(self.amenity, rows, bits.all_hours(self.hours)))

    def trusting(self, rows: Rows, trust: float, floor: float) -> Self:
        """Return them with the trust of some being so much."""
        trusted = self.trusted.copy()
        trusted[rows] = trust >= floor
        return replace(self, trusted=trusted)

    def _hours(self, hours: BoolArray | None) -> Words:
        return bits.all_hours(self.hours) if hours is None else bits.packed(np.asarray(hours))


def _there(stands: Stands, question: Question) -> Words:
    """Return when each stands where it does.

    In the ordinary week at the places of one day, if the question says any.
    """
    active = np.zeros(len(stands), dtype=np.bool_)
    active[stands.active] = True
    if not stands.moves:
        return bits.constant(active, question.hours)
    if question.when is None:
        active &= stands.on_any(question.days)
    here = starts(stands.there, question.when, question.stay_min).open
    return here & bits.constant(active, question.hours)


def _cleared(words: Words, rows: Rows, hours: Words | None = None) -> Words:
    changed = words.copy()
    changed[rows] &= np.uint64(0) if hours is None else ~hours
    return changed


def _added(words: Words, rows: Rows, hours: Words) -> Words:
    changed = words.copy()
    changed[rows] |= hours
    return changed
