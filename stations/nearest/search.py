"""The search: from the nearest outwards, until nothing farther can change the answer."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from stations.hours import State
from stations.nearest.expected import BARRED, PENALTY_MIN, Instead, chance, cheapest, expected
from stations.nearest.question import DAY_MIN

if TYPE_CHECKING:
    from geodata.geodesy import BoolArray, FloatArray, IntArray
    from stations.nearest.around import Around, Doors
    from stations.nearest.expected import States
    from stations.nearest.question import Question

_ANY = frozenset(State)
_USABLE = frozenset({State.OPEN, State.UNKNOWN})
_FIRST, _EACH, _GROWTH = 16, 6, 4
"""How many stations are looked at first, how many more for each answer, and how they grow."""
_CELLS = 1 << 19
"""Pairs of doors looked at together."""
_SLACK_MIN = 1e-6


class Next(NamedTuple):
    """Where to go on if a door is shut."""

    found: int
    minutes: float
    """From door to door."""
    state: int


class Winner(NamedTuple):
    """A station to answer with."""

    found: int
    metres: float
    minutes: float
    state: int
    expected: float
    instead: Next | None


type Near = list[tuple[int, float, int]]
"""Row found, straight metres and state of stations, the nearest first."""


class Search:
    """A search among some doors; ask it once."""

    def __init__(self, doors: Doors, asked: Question) -> None:
        self._doors, self._asked = doors, asked
        self.near: Near = []
        """The first stations looked at, whatever their doors."""

    def run(self) -> list[Winner]:
        """Return the answer: where doors have to be open, those that are, then the unknown."""
        limit = self._asked.limit
        if self._asked.open_ == "any":
            return self._best(_ANY, limit)
        winners = self._best(frozenset({State.OPEN}), limit)
        if len(winners) < limit:
            winners += self._best(frozenset({State.UNKNOWN}), limit - len(winners))
        return winners

    def _best(self, states: frozenset[State], limit: int) -> list[Winner]:
        size = _FIRST + _EACH * limit
        while True:
            winners = self._try(states, limit, size)
            if winners is not None:
                return winners
            size *= _GROWTH

    def _try(self, states: frozenset[State], limit: int, size: int) -> list[Winner] | None:
        """Return the best of the nearest ``size``; None if a farther one might change it."""
        seek, pool = self._around(states, size)
        told = self._doors.states(seek.found, seek.minutes)
        self._remember(seek, told)
        picked = self._picked(seek, told, states, limit)
        here, told = seek.some(picked), told[picked]
        instead = self._instead(here, pool)
        total = expected(here.minutes, chance(here.trust, told), instead.cost)
        order = np.lexsort((here.found, total if self._asked.by_time else here.metres))[:limit]
        per_m = self._asked.mode.minutes_per_m
        ranked = (total if self._asked.by_time else here.minutes)[order]
        won = len(order) == limit and ranked[-1] <= seek.beyond_m * per_m
        if not (won or np.isinf(seek.beyond_m)):
            return None
        beyond_min = pool.beyond_m * per_m
        if not _settled(beyond_min - here.minutes - _SLACK_MIN, here.minutes, instead.cost, order):
            return None
        return [
            Winner(
                *(int(here.found[k]), float(here.metres[k]), float(here.minutes[k])),
                *(int(told[k]), float(total[k]), _next(pool, instead, k)),
            )
            for k in order.tolist()
        ]

    def _around(self, states: frozenset[State], size: int) -> tuple[Around, Around]:
        """Return the stations to choose from, and those to go on to."""
        doors, asked = self._doors, self._asked
        pool = doors.take(size, _USABLE, asked.day_m)
        within_m = asked.within_m if states == _ANY else min(asked.within_m, asked.day_m)
        alike = doors.mask(size, states) is doors.mask(size, _USABLE)
        full = pool.beyond_m < np.inf  # then a wider limit would have found no other
        if alike and (within_m == asked.day_m or (within_m > asked.day_m and full)):
            return pool, pool
        return doors.take(size, states, within_m), pool

    def _remember(self, seek: Around, told: States) -> None:
        if not self.near:
            order = np.argsort(seek.metres, kind="stable")
            parts = (seek.found, seek.metres, told)
            self.near = list(zip(*(part[order].tolist() for part in parts), strict=True))

    def _picked(self, seek: Around, told: States, states: frozenset[State], limit: int) -> IntArray:
        """Return which of the stations can be among the answers, ascending."""
        picked = np.flatnonzero(_member(states)[told])
        if len(picked) <= limit:
            return picked
        metres, minutes = seek.metres[picked], seek.minutes[picked]
        if not self._asked.by_time:
            order = np.lexsort((picked, metres))[:limit]
            return np.sort(picked[order])
        most = minutes + (1 - chance(seek.trust[picked], told[picked])) * PENALTY_MIN
        likely: IntArray = picked[minutes <= np.partition(most, limit - 1)[limit - 1]]
        return likely

    def _instead(self, here: Around, pool: Around) -> Instead:
        """Return where to go on from each of ``here``, some lines at a time."""
        step = max(1, _CELLS // max(len(pool.found), 1))
        parts = [
            self._some_instead(here.some(slice(start, start + step)), pool)
            for start in range(0, max(len(here.found), 1), step)
        ]
        return parts[0] if len(parts) == 1 else Instead.joined(parts)

    def _some_instead(self, here: Around, pool: Around) -> Instead:
        ways = self._doors.ways(here, pool)

        def ask(line: IntArray, column: IntArray) -> States:
            return self._doors.states(pool.found[column], here.minutes[line] + ways[line, column])

        return cheapest(ways, pool.trust, ask)


@cache
def _member(states: frozenset[State]) -> BoolArray:
    """Return a table that tells of each state, and of `BARRED`, whether it is in ``states``."""
    table = np.zeros(BARRED + 1, dtype=np.bool_)
    table[list(states)] = True
    return table


def _settled(margin: FloatArray, minutes: FloatArray, cost: FloatArray, order: IntArray) -> bool:
    """Tell whether stations not seen, at least ``margin`` from each door, change nothing.

    Not the place to go on to from the answers, nor what it costs up to giving up from the others.
    """
    named = (cost <= margin) | (minutes > DAY_MIN)
    return bool(named[order].all() and (named | (margin >= PENALTY_MIN)).all())


def _next(pool: Around, instead: Instead, line: int) -> Next | None:
    column = int(instead.column[line])
    if column < 0:
        return None
    return Next(int(pool.found[column]), float(instead.way[line]), int(instead.states[line]))
