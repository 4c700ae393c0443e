"""The stations about an asker, and what visits to their doors find.

"Found" are rows of ``registry.index``. Every arrival is counted from the question's instant.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from geodata.geodesy.ellipsoid import middle_m
from stations.catalogue import catalogue
from stations.hours import State
from stations.hours.clock import wall
from stations.nearest.expected import BARRED
from stations.nearest.facts import facts
from stations.nearest.question import DAY_MIN

if TYPE_CHECKING:
    from datetime import datetime

    from geodata.geodesy import BoolArray, FloatArray, IntArray
    from stations.nearest.expected import States
    from stations.nearest.question import Question
    from stations.registry import Registry

_MASKED = 600
"""From this many on, doors that cannot matter all day are not looked at."""


class Around(NamedTuple):
    """Some stations nearest to the asker, in the order of ``found``: ties go to the lower one."""

    found: IntArray
    metres: FloatArray
    minutes: FloatArray
    trust: FloatArray
    beyond_m: float
    """All others are at least this far from the asker; infinite: there are no others."""

    def some(self, chosen: IntArray | slice) -> Around:
        """Return some of them; there are others then."""
        return Around(
            self.found[chosen],
            self.metres[chosen],
            self.minutes[chosen],
            self.trust[chosen],
            self.beyond_m,
        )


class Doors:
    """The stations that fit one question with an instant, in one snapshot."""

    def __init__(self, registry: Registry, asked: Question, at: datetime) -> None:
        self._asked, self._at = asked, at
        self._index, self._active = registry.index, registry.active
        self._trust = registry.trust(at)
        needs = catalogue().amenities.codes(asked.needs)
        self.hours = registry.timetable_for(needs) if needs else registry.timetable
        self._facts = facts(registry)
        self._fit = self._facts.fit(asked, registry.offers(needs) if needs else None)
        self._accepted = self._facts.numbers(asked.access)

    def take(self, size: int, states: frozenset[State], within_m: float) -> Around:
        """Return the nearest ``size`` that fit, none farther than ``within_m``.

        When many are taken, those whose doors are in none of ``states`` for days are left out.
        """
        found, metres = self._index.nearest_to(
            self._asked.origin, size, within_m=within_m, where=self.mask(size, states)
        )
        beyond_m = float(metres[-1]) if len(found) == size else np.inf
        order = np.argsort(found)
        found, metres = found[order], metres[order]
        minutes = self._asked.mode.minutes(metres)
        return Around(found, metres, minutes, self._trust[self._active[found]], beyond_m)

    def mask(self, size: int, states: frozenset[State]) -> BoolArray | None:
        """Return which stations `take` takes from; None: from all."""
        if size < _MASKED or len(states) == len(State):
            return self._fit
        may = self._facts.may(self.hours, wall(self._at).date(), states)
        return may if self._fit is None else self._fit & may

    def states(self, found: IntArray, after_min: FloatArray) -> States:
        """Return what visits find that begin ``after_min`` after the instant, or at it for "now".

        `State`, or `BARRED` where the way in is none of those asked for. A door more than a day
        away is unknown.
        """
        rows, wait = self._active[found], self._wait(after_min)
        told = self.hours.open_through(self._at, self._asked.stay, rows=rows, after_min=wait)
        told[after_min > DAY_MIN] = State.UNKNOWN
        if self._accepted:
            ways = self._facts.ways_in(rows, self._at, wait)
            told[~np.isin(ways, self._accepted)] = BARRED
        return told

    def ways_in(self, found: IntArray, after_min: FloatArray) -> list[str]:
        """Return the codes of the ways in at the arrivals; "" unknown."""
        ways = self._facts.ways_in(self._active[found], self._at, self._wait(after_min))
        return [self._facts.codes[way] for way in ways.tolist()]

    def _wait(self, after_min: FloatArray) -> FloatArray:
        """Return the minutes from the instant to the visit, a day at most."""
        if self._asked.open_ == "now":
            return np.zeros_like(after_min)
        return np.minimum(after_min, DAY_MIN)

    def ways(self, here: Around, there: Around) -> FloatArray:
        """Return the minutes from doors to doors (m, n).

        Infinite from a door to itself, and where the whole way takes more than a day.
        """
        places = self._index.places
        first, second = (places.xyz[places.place_of[each.found]] for each in (here, there))
        chord = np.sqrt(np.square(first[:, None, :] - second).sum(axis=2))
        ways = self._asked.mode.minutes(middle_m(chord))
        ways[here.found[:, None] == there.found] = np.inf
        ways[here.minutes[:, None] + ways > DAY_MIN] = np.inf
        return ways
