"""When a door's state changes next, and how to say so."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from stations.hours.clock import State, aware, wall
from stations.hours.posted import line_of, state_at

if TYPE_CHECKING:
    from stations.hours.posted import Posted

type Language = Literal["zh", "en"]

HORIZONS_DAYS = (2, 31, 400)
"""How far a change is looked for: near first, as most lie near; none later is reported."""
SOON_MIN = 60
"""A change at most this far off is told in minutes."""

_WEEKDAYS = {
    "zh": ("周一", "周二", "周三", "周四", "周五", "周六", "周日"),
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}
_NOW = {
    "zh": {
        State.OPEN: "一直开放",
        State.CLOSED: "关闭，暂无开放时间",
        State.UNKNOWN: "开放时间未知",
    },
    "en": {
        State.OPEN: "always open",
        State.CLOSED: "closed until further notice",
        State.UNKNOWN: "hours unknown",
    },
}
_NEXT = {
    "zh": {State.OPEN: "{}开门", State.CLOSED: "{}关门", State.UNKNOWN: "{}开放时间未知"},
    "en": {State.OPEN: "opens {}", State.CLOSED: "closes {}", State.UNKNOWN: "unknown {}"},
}


class Change(NamedTuple):
    """The next change of a door's state."""

    when: datetime | None
    """Aware, Beijing time; None: no change within 400 days."""
    to: State
    """What it changes to; where ``when`` is None, what it is."""


def next_change(posted: Posted, at: datetime) -> Change:
    """Return the first change after an aware instant; a naive one raises `UsageError`."""
    moment = wall(at)
    now = state_at(posted, at)
    first = moment.date()
    minute = moment.hour * 60 + moment.minute
    for days in HORIZONS_DAYS:
        line = line_of(posted, first, days)
        later = np.flatnonzero((line.starts > minute) & (line.states != now))
        if later.size:
            start = datetime.combine(first, datetime.min.time())
            when = start + timedelta(minutes=int(line.starts[later[0]]))
            return Change(aware(when), State(line.states[later[0]]))
    return Change(None, now)


def told(change: Change, at: datetime, language: Language) -> str:
    """Say a change in a few words, seen from an aware instant.

    ``closes in 25 min``, ``opens 06:00``, ``opens tomorrow 06:00``, ``opens Mon 06:00``,
    ``opens 2026-02-24 06:00``, ``unknown from 16:30``; Chinese likewise.
    """
    if change.when is None:
        return _NOW[language][change.to]
    moment, seen = wall(change.when), wall(at)
    left = -((seen - moment) // timedelta(minutes=1))
    if left <= SOON_MIN:
        when = f"in {left} min" if language == "en" else f"{left} 分钟后"
    else:
        when = f"{_day(moment.date(), seen.date(), language)}{moment:%H:%M}"
        if change.to is State.UNKNOWN:
            when = f"from {when}" if language == "en" else f"{when} 起"
        when = when if language == "en" else f"{when} "
    return _NEXT[language][change.to].format(when)


def _day(day: date, today: date, language: Language) -> str:
    ahead = (day - today).days
    if ahead == 0:
        return ""
    if ahead == 1:
        return "tomorrow " if language == "en" else "明天 "
    if ahead < DAYS_NAMED:
        return f"{_WEEKDAYS[language][day.weekday()]} "
    return f"{day.isoformat()} " if language == "en" else f"{day.year}年{day.month}月{day.day}日 "


DAYS_NAMED = 7
"""A change fewer days ahead than this is told by its weekday."""
