"""The hours of a timetable about one day, for asking about one door at a time.

`Timetable.open_through` answers for many rows in the same words; for a few, plain Python is faster.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from stations.hours import State
from stations.hours.blocks import DAYS
from stations.hours.clock import aware
from stations.hours.posted import line_of

if TYPE_CHECKING:
    from datetime import date

    from stations.hours import Posted, Timetable

_CLOSED, _OPEN, _UNKNOWN = (int(state) for state in (State.CLOSED, State.OPEN, State.UNKNOWN))


class Lines:
    """The lines of some distinct hours from ``day``'s midnight on, read when first asked for."""

    def __init__(self, hours: Timetable, day: date) -> None:
        self._hours, self._day = hours, day
        self._known: dict[int, tuple[list[int], list[int]]] = {}

    def through(self, code: int, since: float, length: float) -> int:
        """Return the worst `State` of a visit that begins ``since`` minutes from midnight on.

        Every minute of it counts in which it has a part, and the one in which it begins.
        """
        states = (self._known.get(code) or self._read(code))[1]
        if len(states) == 1:
            return states[0]
        first, last = int(since), math.ceil(since + length) - 1
        return self.worst(code, first, max(first, last))

    def worst(self, code: int, first: int, last: int) -> int:
        """Return the `State` from minute ``first`` to ``last`` of the window, both inclusive.

        Closed if it is closed at any, else unknown if at any. ``code`` is a position in the
        timetable's ``distinct``.
        """
        starts, states = self._known.get(code) or self._read(code)
        since = bisect_right(starts, first) - 1
        until = bisect_right(starts, last, since)
        if until - since == 1:
            return states[since]
        found = states[since:until]
        if _CLOSED in found:
            return _CLOSED
        return _UNKNOWN if _UNKNOWN in found else _OPEN

    def alike(self, code: int, since: float, length: float) -> tuple[float, float]:
        """Return from which minute on, and before which, a visit may begin to find the same state.

        As the one that begins at ``since``; empty if the door opens or shuts during that.
        """
        starts = (self._known.get(code) or self._read(code))[0]
        if len(starts) == 1:
            return -math.inf, math.inf
        after = bisect_right(starts, since)
        end = starts[after] - length if after < len(starts) else math.inf
        return (starts[after - 1], end) if since < end else (math.inf, -math.inf)

    def ever(self, code: int, first: int, last: int, states: frozenset[State]) -> bool:
        """Tell whether some minute from ``first`` to ``last`` has one of the states."""
        starts, found = self._known.get(code) or self._read(code)
        since = bisect_right(starts, first) - 1
        return not states.isdisjoint(found[since : bisect_right(starts, last, since)])

    def posted(self, code: int) -> Posted:
        """Return the hours themselves."""
        return self._hours.distinct[code]

    def instant(self, minute: int) -> datetime:
        """Return the instant so many minutes after the window's midnight, aware."""
        return aware(datetime.combine(self._day, time()) + timedelta(minutes=minute))

    def _read(self, code: int) -> tuple[list[int], list[int]]:
        line = line_of(self._hours.distinct[code], self._day, DAYS)
        self._known[code] = line.starts.tolist(), line.states.tolist()
        return self._known[code]
