"""A door's hours as pages and search engines tell them: the days ahead, the ordinary week."""

from __future__ import annotations

from datetime import timedelta
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from stations.hours import State
from stations.hours.clock import DAY
from stations.hours.posted import line_of
from stations.hours.timetable import REFERENCE_MONDAY

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from stations.hours import Posted
    from stations.hours.evaluation import Line

AHEAD = 60
"""Days ahead that are looked at for exceptions from the ordinary week."""
WEEK = 7
_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_LATEST = "23:59"
"""How schema.org has a day's end."""


class Span(NamedTuple):
    """One state of a door from a time to another on one day, ``08:30`` to ``24:00``."""

    since: str
    until: str
    state: str


class Day(NamedTuple):
    """A door on one day."""

    day: date
    spans: list[Span]
    """Open and unknown ones; none: closed all day."""
    special: bool
    """Whether it differs from its weekday's ordinary hours."""


def days_ahead(posted: Posted, first: date, count: int = WEEK) -> list[Day]:
    """Return a door's next days, the first included."""
    usual = _by_day(line_of(posted, REFERENCE_MONDAY, WEEK, decreed=False), WEEK)
    told = _by_day(line_of(posted, first, count), count)
    days = (first + timedelta(days=step) for step in range(count))
    return [
        Day(day, spans, spans != usual[day.weekday()])
        for day, spans in zip(days, told, strict=True)
    ]


def specifications(posted: Posted, first: date) -> dict[str, list[dict[str, Any]]]:
    """Return schema.org's opening hours: of the ordinary week, and the exceptions ahead.

    What is unknown is not told: where a day ahead is, the ordinary week is valid until then only.
    """
    before = timedelta(days=1)  # what opened on the day before is not told again
    usual_line = line_of(posted, REFERENCE_MONDAY - before, WEEK + 2, decreed=False)
    line = line_of(posted, first - before, AHEAD + 2)
    usual, ahead = _opened(usual_line, WEEK + 2), _opened(line, AHEAD + 2)
    unknown = [
        step for step, spans in enumerate(_by_day(line, AHEAD + 2)[1:-1])
        if any(span.state == "unknown" for span in spans)
    ]  # fmt: skip
    known = min(unknown, default=AHEAD)
    until = {"validThrough": _iso(first, known - 1)} if unknown else {}
    week = usual[1 : WEEK + 1]
    return {
        "openingHoursSpecification": _weekly(week, until) if known else [],
        "specialOpeningHoursSpecification": _exceptions(week, ahead[1 : known + 1], first),
    }


type _Times = tuple[tuple[str, str], ...]


def _weekly(week: Sequence[_Times], until: dict[str, str]) -> list[dict[str, Any]]:
    by_times: dict[tuple[str, str], list[str]] = {}
    for name, day in zip(_NAMES, week, strict=True):
        for times in day:
            by_times.setdefault(times, []).append(name)
    return [
        {**_specification(times), "dayOfWeek": days, **until} for times, days in by_times.items()
    ]


def _exceptions(
    week: Sequence[_Times], ahead: Sequence[_Times], first: date
) -> list[dict[str, Any]]:
    """Return the days that differ from their weekday, neighbours with equal times as one."""
    odd = [
        (step, times)
        for step, times in enumerate(ahead)
        if times != week[(first + timedelta(days=step)).weekday()]
    ]
    found: list[dict[str, Any]] = []
    for _, run in groupby(enumerate(odd), lambda each: (each[1][0] - each[0], each[1][1])):
        steps = [step for _, (step, _) in run]
        valid = {"validFrom": _iso(first, steps[0]), "validThrough": _iso(first, steps[-1])}
        times = ahead[steps[0]] or (("00:00", "00:00"),)  # how it is said that it is closed
        found.extend({**_specification(each), **valid} for each in times)
    return found


def _specification(times: tuple[str, str]) -> dict[str, Any]:
    opens, closes = times
    return {"@type": "OpeningHoursSpecification", "opens": opens, "closes": closes}


def _iso(first: date, step: int) -> str:
    return (first + timedelta(days=step)).isoformat()


def _opened(line: Line, days: int) -> list[_Times]:
    """Return when a door opens and closes, by the day it opens on.

    An opening of a day or more is told day by day, a shorter one over midnight on its first day.
    """
    found: list[list[tuple[str, str]]] = [[] for _ in range(days)]
    for state, since, until in _spans(line, days):
        if state == State.OPEN:
            for start, stop in [(since, until)] if until - since < DAY else _daily(since, until):
                closes = _LATEST if stop % DAY == 0 else _clock(stop % DAY)
                found[start // DAY].append((_clock(start % DAY), closes))
    return [tuple(each) for each in found]


def _spans(line: Line, days: int) -> Iterator[tuple[int, int, int]]:
    """Return each state of a window of days, from a minute to another."""
    ends = pairwise([*line.starts.tolist(), days * DAY])
    for state, (since, until) in zip(line.states.tolist(), ends, strict=True):
        yield state, since, until


def _by_day(line: Line, days: int) -> list[list[Span]]:
    """Return the spans of each day that are not closed."""
    found: list[list[Span]] = [[] for _ in range(days)]
    for state, since, until in _spans(line, days):
        if state != State.CLOSED:
            for start, stop in _daily(since, until):
                told = _clock(start % DAY), _clock(stop - start // DAY * DAY)
                found[start // DAY].append(Span(*told, State(state).name.lower()))
    return found


def _daily(since: int, until: int) -> Iterator[tuple[int, int]]:
    """Cut a span at midnights."""
    while since < until:
        stop = min(until, (since // DAY + 1) * DAY)
        yield since, stop
        since = stop


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
