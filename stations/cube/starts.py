"""From which hours on a stay finds the door open, for every station."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from stations.cube import bits
from stations.hours import Timetable
from stations.hours.clock import DAY, State
from stations.hours.posted import Posted, line_of
from stations.hours.timetable import REFERENCE_MONDAY, WEEK_HOURS

if TYPE_CHECKING:
    from stations.cube.bits import Bytes, Words
    from stations.cube.question import When

HOUR = 60
DAYS = 8
"""A stay that begins in the week's last hour ends on the next Monday at the latest."""
ALWAYS = Posted("24/7")


class Starts(NamedTuple):
    """Hours from which on the door is open throughout a stay, and those nobody knows about."""

    open: Words
    unknown: Words


def starts(timetable: Timetable, when: When, stay_min: float) -> Starts:
    """Return the hours, (n, words) each, at which a stay can begin.

    Open: open at every minute of it; closed: closed at any; unknown: otherwise.
    """
    if isinstance(when, datetime):
        states = timetable.open_through(when, stay_min)
        return _of_states(states[:, None])
    if stay_min == HOUR:
        return Starts(*map(bits.from_bytes, timetable.week(when)))
    told = [_states(posted, when, stay_min) for posted in timetable.distinct]
    distinct = np.array(told, dtype=np.uint8).reshape(len(told), WEEK_HOURS)
    opened, unknown = _of_states(distinct)
    return Starts(opened[timetable.codes], unknown[timetable.codes])


def amenity_starts(narrowed: Timetable, when: When, stay_min: float) -> Words:
    """Return the hours at which the amenities themselves can be had throughout the stay.

    By the hours an amenity has of its own (`Registry.timetable_for`), whatever the door's are; an
    amenity without any always can.
    """
    own = Timetable(tuple(map(_own, narrowed.distinct)), narrowed.codes)
    return starts(own, when, stay_min).open


def _own(posted: Posted) -> Posted:
    if not posted.within:
        return ALWAYS
    first, *more = posted.within
    return replace(posted, expression=first, within=tuple(more), closures=())


def _of_states(states: Bytes) -> Starts:
    return Starts(bits.packed(states == State.OPEN), bits.packed(states == State.UNKNOWN))


def _states(posted: Posted, when: When, stay_min: float) -> Bytes:
    """Return the state of a stay from each hour of the week on; from 8 to 9 days are looked at."""
    line = line_of(posted, when or REFERENCE_MONDAY, DAYS, decreed=when is not None)
    lengths = np.diff(line.starts, append=DAYS * DAY)
    minutes = np.repeat(line.states, lengths)
    first = np.arange(WEEK_HOURS) * HOUR
    last = first + max(math.ceil(stay_min), 1)
    closed, unknown = (
        _any(minutes == state, first, last) for state in (State.CLOSED, State.UNKNOWN)
    )
    told = np.where(closed, State.CLOSED, np.where(unknown, State.UNKNOWN, State.OPEN))
    return told.astype(np.uint8)


def _any(
    found: np.ndarray[tuple[int], np.dtype[np.bool_]],
    first: np.ndarray[tuple[int], np.dtype[np.int64]],
    last: np.ndarray[tuple[int], np.dtype[np.int64]],
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    before = np.concatenate(([0], np.cumsum(found)))
    return before[last] > before[first]
