"""Hours an existing door may be asked to keep instead of its own, and how much longer they are."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from stations.hours import State
from stations.hours.clock import DAY
from stations.hours.posted import Posted, line_of
from stations.hours.timetable import REFERENCE_MONDAY
from stations.planning.kits import patterns

if TYPE_CHECKING:
    from geodata.geodesy import BoolArray

DAYS = 7
HOUR = 60
KEPT = 4_096
"""Doors remembered."""


class Longer(NamedTuple):
    """Other hours for a door."""

    hours: str
    added: float
    """Hours a week more than it is known to be open now."""


@lru_cache(maxsize=KEPT)
def longer(posted: Posted) -> tuple[Longer, ...]:
    """Return the patterns that hold all of a door's own hours and more, shortest first.

    They are those of ``kits.toml`` and "all week": on every day the hours of all its days
    together. Where nobody knows the hours, every pattern of the file. By the ordinary week.
    """
    own = _open(posted)
    texts = (*patterns(), *_all_week(own))
    found: dict[int, Longer] = {}
    for text in texts:
        week = _open(replace(posted, expression=text))
        added = int((week & ~own).sum())
        if added and not (own & ~week).any():
            found.setdefault(added, Longer(text, added / HOUR))
    return tuple(found[added] for added in sorted(found))


@lru_cache(maxsize=KEPT)
def holds(wide: Posted, narrow: Posted) -> bool:
    """Tell whether a door is open whenever another is; of unknown hours nothing is held."""
    inside = _open(narrow)
    return bool(inside.any() and not (inside & ~_open(wide)).any())


@lru_cache(maxsize=KEPT)
def _open(posted: Posted) -> BoolArray:
    """Return the minutes of the ordinary week at which the door is known to be open.

    From Tuesday 00:00 on, so that what runs past Sunday midnight is there.
    """
    door = replace(posted, within=(), closures=())
    line = line_of(door, REFERENCE_MONDAY, DAYS + 1, decreed=False)
    lengths = np.diff(line.starts, append=(DAYS + 1) * DAY)
    minutes: BoolArray = np.repeat(line.states, lengths)[DAY:] == State.OPEN
    return minutes


def _all_week(own: BoolArray) -> tuple[str, ...]:
    day = own.reshape(DAYS, DAY).any(axis=0)
    if not day.any():
        return ()
    if day.all():
        return ("24/7",)
    edges = np.flatnonzero(np.diff(np.concatenate(([False], day, [False])).astype(np.int8)))
    spans = [f"{_clock(a)}-{_clock(b)}" for a, b in edges.reshape(-1, 2).tolist()]
    return (",".join(spans),)


def _clock(minute: int) -> str:
    return f"{minute // HOUR:02}:{minute % HOUR:02}"
