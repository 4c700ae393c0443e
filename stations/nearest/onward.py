"""Where to go on to from a station whose door is shut."""

from __future__ import annotations

from heapq import heappop, heappush
from typing import TYPE_CHECKING, NamedTuple

from stations.hours import State
from stations.nearest.expected import PENALTY_MIN, SLACK_MIN, onward
from stations.nearest.fitting import BESIDE
from stations.nearest.question import DAY_MIN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stations.nearest.around import Doors
    from stations.nearest.fitting import Beside

    type Likely = list[tuple[float, int, float]]
    """The least a station can cost, its row found, its straight metres."""

_WIDER = 8
"""How the neighbours looked at grow."""
_TRIED, _DEAR = 2, 4
"""How many ways are measured at first in one go, and where they are dear."""
_USABLE = frozenset({State.OPEN, State.UNKNOWN})


_NONE = frozenset[int]()


class Next(NamedTuple):
    """Where to go on if a door is shut."""

    cost: float
    """The way and, by its own chance, giving up after it; ties go to the lower row found."""
    found: int
    metres: float
    minutes: float
    """From door to door."""
    state: int


class Onward:
    """The search for where to go on to from one station, reached ``minutes`` after the instant."""

    def __init__(self, doors: Doors, start: int, minutes: float, *, worth: float) -> None:
        self._doors, self._ways, self._start, self._minutes = doors, doors.ways, start, minutes
        self._bound, self._tried = worth, 0
        self.found: Next | None = None
        """The cheapest so far."""
        self.asked: list[tuple[int, float]] = []
        """The doors that decided, and the ways to them."""

    def best(self) -> Next | None:
        """Return the cheapest; None if none costs ``worth`` or less."""
        size, done = BESIDE, _NONE
        while True:
            near = self._doors.beside(self._start, size)
            one_by_one = not (done or self._ways.dear)
            if self._passed_one_by_one(near) if one_by_one else self._passed(near, done):
                return self.found
            if self._ways.spent(self._start):
                return self.found
            done |= frozenset(near.found)
            size *= _WIDER

    def _passed_one_by_one(self, near: Beside) -> bool:
        """Do what `_passed` does for the first few, where asking for a way costs nothing.

        A door is asked about as soon as none that follows can be cheaper even if it is open.
        """
        least, trust, floor = self._ways.least, self._doors.trust, self._doors.floor - SLACK_MIN
        bound = self._bound
        likely: list[tuple[float, int, float, float]] = []
        for found, metres in zip(near.found, near.metres, strict=True):
            way = least(metres)
            while likely and likely[0][0] <= way + floor:
                bound = self._ask(*heappop(likely))
            if way + floor > bound:
                return True
            cost = way + (1 - trust[found]) * PENALTY_MIN
            if cost <= bound:
                heappush(likely, (cost, found, metres, way))
        for each in sorted(likely):
            bound = self._ask(*each)
        way = least(near.beyond_m)
        return way + floor > bound or self._minutes + way - SLACK_MIN > DAY_MIN

    def _ask(self, cost: float, found: int, metres: float, way: float) -> float:
        """Weigh one that costs so much if its door is open; return the best cost so far."""
        if cost <= self._bound:
            self._weigh(found, metres, way, self._doors.state(found, self._minutes + way))
        return self._bound

    def _passed(self, near: Beside, done: frozenset[int]) -> bool:
        """Try some neighbours, the nearest first; tell whether all that are left cost too much.

        They are gathered until one of them is the cheapest if all doors are open, and at least
        half as many as were seen, as then most doors are shut.
        """
        least, trust, floor = self._ways.least, self._doors.trust, self._doors.floor
        gathered: Likely = []
        cap = bound = self._bound
        dear = self._ways.dear
        wanted = _DEAR if dear else 1
        for found, metres in zip(near.found, near.metres, strict=True):
            way = least(metres)
            if way + floor > cap and len(gathered) >= wanted:
                wanted = max(1, self._try(gathered) // 2)
                gathered, cap = [], self._bound
                bound = cap
                if way + floor > cap + SLACK_MIN:
                    return True
            cost = way + (1 - trust[found]) * PENALTY_MIN
            if cost <= bound and found not in done and (not dear or self._may(found, way)):
                gathered.append((cost, found, metres))
                cap = min(cap, cost)
        self._try(gathered)
        way = least(near.beyond_m) - SLACK_MIN
        return way + floor > self._bound or self._minutes + way > DAY_MIN

    def _may(self, found: int, way: float) -> bool:
        """Tell whether a door may let in who is there in ``way`` minutes or, at a price, later."""
        arrival = self._minutes + way
        return self._doors.may(found, arrival, self._minutes + self._bound, _USABLE)

    def _try(self, likely: Likely) -> int:
        """Go through some others by the least they can cost, while that may be the best.

        Returns how many have been gone through so far.
        """
        likely.sort()
        dear = self._ways.dear
        for part in batches(likely, 2 * _DEAR if dear else _TRIED, dear=dear):
            if part[0][0] > self._bound:
                break
            found, metres = [each[1] for each in part], [each[2] for each in part]
            ways = self._ways.onward(self._start, found, metres)
            states = self._doors.states(found, [self._minutes + way for way in ways])
            for one in zip(found, metres, ways, states, strict=True):
                self._weigh(*one)
        self._tried += len(likely)
        return self._tried

    def _weigh(self, found: int, metres: float, way: float, state: int) -> None:
        self.asked.append((found, way))
        if state in _USABLE and self._minutes + way <= DAY_MIN:
            cost = onward(way, self._doors.trust[found], state)
            if cost > self._bound:
                return
            one = Next(cost, found, metres, way, state)
            if self.found is None or one < self.found:
                self.found, self._bound = one, cost


def batches[T](items: Sequence[T], first: int, *, dear: bool) -> Sequence[Sequence[T]]:
    """Return the items in parts: ``first`` while few were seen, then half of all seen so far.

    Or three times as many as were seen, where a part is ``dear`` however small it is.
    """
    if len(items) <= first:
        return [items] if items else []
    parts, seen = [], 0
    while seen < len(items):
        size = max(first, 3 * seen if dear else seen // 2)
        parts.append(items[seen : seen + size])
        seen += size
    return parts
