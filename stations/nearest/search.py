"""The search: from the nearest outwards, until nothing farther can change the answer."""

from __future__ import annotations

import math
from bisect import insort
from itertools import compress
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from stations.hours import State
from stations.nearest.expected import PENALTY_MIN, SHARES, SLACK_MIN, expected
from stations.nearest.onward import Onward, batches
from stations.nearest.question import DAY_MIN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stations.nearest.around import Doors
    from stations.nearest.onward import Next
    from stations.nearest.outlook import Outlook
    from stations.nearest.question import Question

_ANY = frozenset(State)
_FIRST, _EACH, _GROWTH = 4, 2, 6
"""How many stations are looked at first, how many more for each answer, and how they grow.

Reasons are told of the two nearest for each answer, besides the answers: three times the limit.
"""

_AT_ONCE, _MORE = 8, 100
"""How many dear ways are asked for at first in one go, among how many more stations."""
_SOON_MIN = 60.0
"""Dear ways to doors that are shut longer than this are left for last."""


class Visited(NamedTuple):
    """What going to a station finds."""

    found: int
    metres: float
    """As `Doors.take` told them."""
    minutes: float
    state: int
    """`Doors.states` says which there are."""


class Winner(NamedTuple):
    """A station to answer with."""

    rank: float
    """Expected minutes or straight metres; ties go to the lower row found."""
    found: int
    visited: Visited
    expected: float
    instead: Next | None


class Search:
    """A search among some doors; ask it once."""

    def __init__(self, doors: Doors, asked: Question) -> None:
        self._doors, self._ways, self._asked = doors, doors.ways, asked
        self._visits: dict[int, Visited] = {}
        self._late: list[tuple[int, float]] = []
        self.near: list[tuple[int, float]] = []
        """Row found and metres (`Doors.take`) of the first looked at, the nearest first."""

    def run(self) -> list[Winner]:
        """Return the answer: where doors have to be open, those that are, then the unknown."""
        limit = self._asked.limit
        if self._asked.open_ == "any":
            return self._best(_ANY, limit)
        winners = self._best(frozenset({State.OPEN}), limit)
        if len(winners) < limit:
            winners += self._best(frozenset({State.UNKNOWN}), limit - len(winners))
        return winners

    def visit(self, found: int, metres: float) -> Visited:
        """Return what going to a station so many metres away finds."""
        known = self._visits.get(found)
        if known is not None:
            return known
        [minutes] = self._ways.here([found], [metres])
        outlook = self._doors.outlook(found, minutes)
        state = self._doors.state(found, minutes) if outlook is None else outlook.state
        return Visited(found, metres, minutes, state)

    def _visited(self, found: Sequence[int], metres: Sequence[float]) -> list[Visited]:
        minutes = self._ways.here(found, metres)
        states = self._doors.states(found, minutes)
        visits = [*map(Visited, found, metres, minutes, states)]
        self._visits.update(zip(found, visits, strict=True))
        return visits

    def _best(self, states: frozenset[State], limit: int) -> list[Winner]:
        asked, best = self._asked, Best(self._doors, limit, by_time=self._asked.by_time)
        within_m = asked.within_m
        if states != _ANY:
            within_m = min(within_m, self._ways.farthest_m)
        size, done = _FIRST + _EACH * limit, set[int]()
        if self._ways.dear and asked.by_time:
            size += _MORE
        while True:
            found, metres, beyond_m = self._doors.take(size, states, within_m)
            near = list(zip(found, metres, strict=True))
            self.near = self.near or near
            fresh = [each for each in near if each[0] not in done] if done else near
            if self._settled(best, states, fresh) or best.settled(beyond_m):
                self._try_late(best, states)
                return best.named()
            done.update(found)
            size *= _GROWTH

    def _settled(
        self, best: Best, states: frozenset[State], fresh: Sequence[tuple[int, float]]
    ) -> bool:
        """Try further stations, the nearest first; tell whether all that are left are too far."""
        if not self._ways.dear:
            return self._settled_cheaply(best, states, fresh)
        if states != _ANY:
            fresh = self._soon(best, states, fresh)
        first = max(_AT_ONCE, best.limit) if self._asked.by_time else best.limit
        for part in batches(fresh, first, dear=True):
            if best.settled(part[0][1]) or self._ways.spent(None):
                return True
            self._try(best, states, [each for each in part if best.may(*each)])
        return False

    def _settled_cheaply(
        self, best: Best, states: frozenset[State], fresh: Sequence[tuple[int, float]]
    ) -> bool:
        """Do so where ways cost nothing, and others may have found what awaits the asker."""
        least, outlook, by_time, start = self._ways.least, self._doors.outlook, best.by_time, 0
        while start < len(fresh):
            found, metres = fresh[start]
            minutes = least(metres)
            if (minutes if by_time else metres) > best.bar:
                return True
            known = outlook(found, minutes)
            if known is None:
                end = start + max(best.limit, start // 2)
                self._try(best, states, fresh[start:end])
                start = end
                continue
            if known.state in states:
                best.offer(Visited(found, metres, minutes, known.state), known)
            start += 1
        return False

    def _soon(
        self, best: Best, states: frozenset[State], fresh: Sequence[tuple[int, float]]
    ) -> Sequence[tuple[int, float]]:
        """Choose those that may be open in time, and put off those that have to open first."""
        soon, late = min(best.latest, _SOON_MIN), []
        for found, metres in fresh:
            least = self._ways.least(metres)
            late.append(not self._doors.may(found, least, max(least, soon), states))
        self._late += compress(fresh, late)
        return [each for each, put_off in zip(fresh, late, strict=True) if not put_off]

    def _try(self, best: Best, states: frozenset[State], some: Sequence[tuple[int, float]]) -> None:
        visits = self._visited([each[0] for each in some], [each[1] for each in some])
        right = [each for each in visits if each.state in states]
        if self._doors.outlooks is not None and len(right) < len(visits):
            for found, _, minutes, state in visits:
                if state not in states and self._doors.outlook(found, minutes) is None:
                    self._doors.found_out(found, minutes, state)
        self._doors.ready([each.found for each in right])
        if self._ways.dear and self._asked.by_time:
            right.sort(key=_MINUTES)
        for each in right:
            best.offer(each)

    def _try_late(self, best: Best, states: frozenset[State]) -> None:
        """Try those put off that can still win."""
        late, self._late = self._late, []
        for part in batches(late, _AT_ONCE, dear=True):
            some = [
                (found, metres)
                for found, metres in part
                if best.may(found, metres)
                and self._doors.may(found, self._ways.least(metres), best.latest, states)
            ]
            self._try(best, states, some)


_MINUTES = attrgetter("minutes")


class Best:
    """The best stations so far, at most ``limit``."""

    def __init__(self, doors: Doors, limit: int, *, by_time: bool) -> None:
        self._doors, self._ways, self.limit, self.by_time = doors, doors.ways, limit, by_time
        self._winners: list[Winner] = []
        self._standing = doors.fitting.standing
        shut = doors.floor / PENALTY_MIN
        self._least_min = shut * min(doors.floor, PENALTY_MIN) - SLACK_MIN
        """No station costs less than its way and this."""
        self._last = math.inf
        """The rank of the last, once there are as many as there may be."""
        self.bar = math.inf
        """No station farther than so many minutes, or by distance metres, can be among them."""

    @property
    def latest(self) -> float:
        """Minutes within which a door must be reached to be among the best."""
        return min(self._last + SLACK_MIN, DAY_MIN) if self.by_time else DAY_MIN

    def settled(self, metres: float) -> bool:
        """Tell whether no station at least so many metres away can be among the best."""
        if self.bar == math.inf:
            return math.isinf(metres)
        return (self._ways.least(metres) if self.by_time else metres) > self.bar

    def may(self, found: int, metres: float) -> bool:
        """Tell whether a station so many metres away, surely open, can be among the best."""
        if not self.by_time:
            return self._last >= metres
        shut = (1 - self._doors.trust[found]) * min(self._doors.floor, PENALTY_MIN)
        return self._last >= self._ways.least(metres) + shut - SLACK_MIN

    def offer(self, visited: Visited, outlook: Outlook | None = None) -> None:
        """Put a station among the best if it belongs there; ``outlook``: what is known of it."""
        found, metres, minutes, state = visited
        outlook = outlook or self._doors.outlook(found, minutes)
        if outlook is None or outlook.extra is None:
            worked_out = self._outlook(visited)
            if worked_out is None:
                if outlook is None:
                    self._doors.found_out(found, minutes, state)
                return
            outlook = worked_out
        total = minutes + (outlook.extra or 0)
        rank = total if self.by_time else metres
        if rank > self._last or (found in self._standing.moving and not self._better(found, rank)):
            return
        insort(self._winners, Winner(rank, found, visited, total, outlook.instead))
        if len(self._winners) >= self.limit:
            del self._winners[self.limit :]
            self._last = self._winners[-1].rank
            self.bar = self._last - self._least_min if self.by_time else self._last

    def _outlook(self, visited: Visited) -> Outlook | None:
        """Work out what awaits a visitor; None if that cannot be among the best."""
        found, _, minutes, state = visited
        trust, worth = self._doors.trust[found], PENALTY_MIN
        if self.by_time:
            left = self._last - minutes
            worth = min(worth, left / (1 - trust * SHARES[state]) + SLACK_MIN)
            if worth < self._doors.floor:
                return None
        onward = Onward(self._doors, found, minutes, worth=worth)
        instead = onward.best()
        if instead is None and worth < PENALTY_MIN:
            return None
        extra = expected(0, trust, state, math.inf if instead is None else instead.cost)
        return self._doors.found_out(found, minutes, state, onward, extra)

    def _better(self, found: int, rank: float) -> bool:
        """Tell whether a station is not there yet by another of its places, or by a worse one.

        A worse one is taken out.
        """
        stations = self._standing.stations
        for number, other in enumerate(self._winners):
            if stations[other.found] == stations[found]:
                if (other.rank, other.found) <= (rank, found):
                    return False
                del self._winners[number]
                break
        return True

    def named(self) -> list[Winner]:
        """Return them, each with where to go on to even where giving up would be quicker."""
        return [
            each._replace(instead=self._onward(each.visited)) if each.instead is None else each
            for each in self._winners
        ]

    def _onward(self, visited: Visited) -> Next | None:
        start, minutes = visited.found, visited.minutes
        return Onward(self._doors, start, minutes, worth=math.inf).best()
