"""What is posted at a door: an expression, what narrows it, and when it is shut for a while."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from geodata.errors import UsageError
from stations.hours.clock import DAY, State, wall
from stations.hours.errors import HoursError
from stations.hours.evaluation import Hours, Line, Place, both, constant, joined, parse, squeezed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stations.hours.decree import Calendar


@dataclass(frozen=True)
class Closure:
    """A door shut for a while, whatever its hours say."""

    since: datetime
    """Naive Beijing wall time, inclusive."""
    until: datetime | None
    """Naive Beijing wall time, exclusive; None: until further notice."""
    reason: str = ""

    @classmethod
    def parse(cls, record: Mapping[str, Any]) -> Closure:
        """Read ``{"from": …, "to": …, "reason": …}``; ``to`` and ``reason`` may be missing.

        Each end is an ISO date, and ``to`` then the last day shut, or an ISO instant with its
        zone, and ``to`` then the instant the door opens again. Anything else raises `UsageError`.
        """
        since, until = record.get("from"), record.get("to") or None
        opens = None if until is None else _moment(until, days=1)
        closure = cls(_moment(since, days=0), opens, str(record.get("reason") or ""))
        if closure.until is not None and closure.until <= closure.since:
            raise UsageError(f"a closure ends after it begins, not from {since} to {until}")
        return closure


def _moment(text: object, *, days: int) -> datetime:
    written = str(text).strip()
    try:
        if len(written) == len("2026-02-15"):
            return datetime.combine(date.fromisoformat(written), time()) + timedelta(days=days)
        return wall(datetime.fromisoformat(written))
    except (ValueError, OverflowError):
        raise UsageError(
            "a closure has dates such as 2026-02-15, or instants such as"
            f" 2026-02-15T08:00+08:00, not {written[:40]!r}"
        ) from None


@dataclass(frozen=True)
class Posted:
    """Everything that decides whether one door is open; equal records are evaluated once."""

    expression: str
    """As the register has it; one that is empty or cannot be read is unknown at every instant."""
    calendar: Calendar = "workdays"
    within: tuple[str, ...] = ()
    """Further expressions that must all be open too: the hours of the amenities needed."""
    closures: tuple[Closure, ...] = ()
    place: Place | None = None
    """Only where an expression speaks of the sun; without it such an expression is unknown."""

    @property
    def known(self) -> bool:
        """Whether the expression can be read."""
        return self.hours[0] is not None

    @cached_property
    def hours(self) -> tuple[Hours | None, ...]:
        """Every expression as read, None where it cannot be."""
        texts = (self.expression, *self.within)
        return tuple(_readable(text, self.calendar, self.place) for text in texts)


@lru_cache(maxsize=65536)
def _readable(text: str, calendar: Calendar, place: Place | None) -> Hours | None:
    try:
        return parse(text, calendar, place)
    except HoursError:
        return None


def inherited(own: str, host: str) -> str:
    """Return a station's own hours, or its host's where it has none."""
    return own if own.strip() else host


def state_at(posted: Posted, at: datetime) -> State:
    """Return the state at an aware instant; a naive one raises `UsageError`."""
    return state_on_wall(posted, wall(at))


def state_on_wall(posted: Posted, moment: datetime) -> State:
    """Return the state at a naive Beijing wall time."""
    if any(_shut(closure, moment) for closure in posted.closures):
        return State.CLOSED
    hours = posted.hours
    if len(hours) == 1:
        return State.UNKNOWN if hours[0] is None else hours[0].state(moment)
    told = [State.UNKNOWN if each is None else each.state(moment) for each in hours]
    if State.CLOSED in told:
        return State.CLOSED
    return State.UNKNOWN if State.UNKNOWN in told else State.OPEN


def _shut(closure: Closure, moment: datetime) -> bool:
    return closure.since <= moment and (closure.until is None or moment < closure.until)


@lru_cache(maxsize=32768)
def line_of(posted: Posted, first: date, days: int, *, decreed: bool = True) -> Line:
    """Return the states over ``days`` days from ``first``'s midnight on.

    ``decreed`` False gives the ordinary week as posted: no holiday, no make-up workday, no
    closure.
    """
    lines = [
        constant(State.UNKNOWN) if each is None else each.line(first, days, decreed=decreed)
        for each in posted.hours
    ]
    if decreed:
        lines += [_closure_line(closure, first, days) for closure in posted.closures]
    return joined(lines, both)


def _closure_line(closure: Closure, first: date, days: int) -> Line:
    origin = datetime.combine(first, time())
    length = days * DAY
    since = min(max(_minutes(closure.since - origin), 0), length)
    until = length if closure.until is None else _minutes(closure.until - origin)
    until = min(max(until, 0), length)
    starts = np.array([0, since, until], dtype=np.int64)
    states = np.array([State.OPEN, State.CLOSED, State.OPEN], dtype=np.uint8)
    lasting = np.diff(starts, append=length) > 0
    return squeezed(starts[lasting], states[lasting])


def _minutes(span: timedelta) -> int:
    return span // timedelta(minutes=1)
