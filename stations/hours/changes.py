"""When a door's state changes next, and how to say so."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from stations.hours.clock import ZONE, State, aware, wall
from stations.hours.decree import decree
from stations.hours.posted import line_of, state_on_wall

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
_DOUBT = {"zh": "开放与否未知：{}", "en": "open or not is unknown: {}"}
_LATER_DOUBT = {"zh": "{}，{}", "en": "{}: {}"}
_NOT_DECREED = {"zh": "{} 年放假安排尚未公布", "en": "holidays of {} not decreed yet"}


class Change(NamedTuple):
    """The next change of a door's state."""

    when: datetime | None
    """Aware, Beijing time; None: no change within 400 days."""
    to: State
    """What it changes to; where ``when`` is None, what it is."""
    undecreed: int | None = None
    """The year whose holidays, not decreed yet, are why the state is or becomes unknown."""

    def doubt(self, language: Language) -> str:
        """Say why the state is or becomes unknown, where that is the calendar; else ""."""
        return "" if self.undecreed is None else _NOT_DECREED[language].format(self.undecreed)


def next_change(posted: Posted, at: datetime) -> Change:
    """Return the first change after an aware instant; a naive one raises `UsageError`."""
    moment = wall(at)
    now = state_on_wall(posted, moment)
    when, to = _first_change(posted, moment, now)
    unknown = moment if now is State.UNKNOWN else when if to is State.UNKNOWN else None
    year = None if unknown is None else _undecreed(posted, unknown)
    return Change(None if when is None else aware(when), to, year)


def _first_change(posted: Posted, moment: datetime, now: State) -> tuple[datetime | None, State]:
    midnight = datetime.combine(moment.date(), datetime.min.time())
    minute = moment.hour * 60 + moment.minute
    for days in HORIZONS_DAYS:
        line = line_of(posted, moment.date(), days)
        later = np.flatnonzero((line.starts > minute) & (line.states != now))
        if later.size:
            when = midnight + timedelta(minutes=int(line.starts[later[0]]))
            return when, State(line.states[later[0]])
    return None, now


def _undecreed(posted: Posted, moment: datetime) -> int | None:
    """Return the year of a moment of unknown state where only its holidays are in doubt."""
    if moment.year <= decree().years[-1]:
        return None
    line = line_of(posted, moment.date(), 1, decreed=False)
    minute = moment.hour * 60 + moment.minute
    ordinary = line.states[np.searchsorted(line.starts, minute, side="right") - 1]
    return None if ordinary == State.UNKNOWN else moment.year


def told(change: Change, at: datetime, language: Language) -> str:
    """Say a change in a few words, seen from an aware instant.

    ``closes in 25 min``, ``opens 06:00``, ``opens tomorrow 06:00``, ``opens Mon 06:00``,
    ``opens 2026-02-24 06:00``, ``unknown from 16:30``, ``open or not is unknown: holidays of 2027
    not decreed yet``; Chinese likewise.
    """
    doubt = change.doubt(language)
    if doubt and (change.when is None or change.to is not State.UNKNOWN):
        return _DOUBT[language].format(doubt)
    if change.when is None:
        return _NOW[language][change.to]
    text = _NEXT[language][change.to].format(_when(change, change.when, at, language))
    return _LATER_DOUBT[language].format(text, doubt) if doubt else text


def _when(change: Change, then: datetime, at: datetime, language: Language) -> str:
    moment, seen = then.astimezone(ZONE).replace(tzinfo=None), wall(at)
    left = -((seen - moment) // timedelta(minutes=1))
    if left <= SOON_MIN:
        return f"in {left} min" if language == "en" else f"{left} 分钟后"
    when = f"{_day(moment.date(), seen.date(), language)}{moment:%H:%M}"
    if change.to is State.UNKNOWN:
        when = f"from {when}" if language == "en" else f"{when} 起"
    return when if language == "en" else f"{when} "


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
