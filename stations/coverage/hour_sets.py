"""Which hours are asked about: all of a week, some of them, or one instant."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from geodata.errors import UsageError
from stations.cube import hours_text
from stations.hours import HoursError, State, parse
from stations.hours.clock import DAY, aware, wall
from stations.hours.timetable import REFERENCE_MONDAY, WEEK_HOURS

if TYPE_CHECKING:
    from stations.cube.question import When

WORDS = {
    "night": "22:00-06:00",
    "day": "06:00-22:00",
    "weekdays": "Mo-Fr",
    "weekends": "Sa,Su",
    "weekend": "Sa,Su",
    "夜间": "22:00-06:00",
    "白天": "06:00-22:00",
    "工作日": "Mo-Fr",
    "周末": "Sa,Su",
}
"""Words for hours. Night is the night of the labour statistics, 22:00 to 06:00; day is the rest, so
that the two add up to all."""
HOUR, HELP = 60, "all, 02:00, night, day, weekends, Mo-Fr 22:00-06:00, 2026-10-01, 2026-10-01T02:00"
_CLOCK = re.compile(r"(?P<days>[A-Za-z, -]*?)\s*(?P<hour>[01]?[0-9]|2[0-3]):00")
_DATED = re.compile(r"(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})(?:\s+(?P<hours>[^0-9\s].*))?")


@dataclass(frozen=True)
class HourSet:
    """Hours asked about; made by `parse_hours`."""

    text: str = "all"
    """As it was asked for."""
    when: When = None
    """As in `cube.Question`: None the ordinary week, a Monday that week, an instant."""
    chosen: tuple[bool, ...] | None = None
    """Which of the week's 168 hours count, from Monday 00:00; None: all there are."""

    @property
    def words(self) -> hours_text.Words:
        """The hours in Chinese and in English."""
        if isinstance(self.when, datetime):
            moment = wall(self.when)
            return hours_text.Words(f"{moment:%Y-%m-%d %H:%M}", f"{moment:%Y-%m-%d %H:%M}")
        chosen = np.ones(WEEK_HOURS) if self.chosen is None else np.array(self.chosen)
        said = hours_text.words(chosen.astype(np.bool_))
        if self.when is None:
            return hours_text.Words(f"常规周，{said.zh}", f"ordinary week, {said.en}")
        return hours_text.Words(f"{self.when} 起一周，{said.zh}", f"week of {self.when}, {said.en}")


ALL = HourSet()


def parse_hours(text: str) -> HourSet:
    """Read the hours of a question.

    ``all`` is the ordinary week; a date its real week, from Monday on, holidays and all; an ISO
    instant that one (Beijing time where no zone is said). Some hours of the ordinary week: a
    full hour (``02:00``), a word of `WORDS`, or whole hours as opening hours are written
    (``Mo-Fr 22:00-06:00``); after a date, those of its week. Else `UsageError`.
    """
    asked = " ".join(text.split())
    if asked.casefold() in {"", "all"}:
        return ALL
    dated = _DATED.fullmatch(asked)
    if dated:
        day = _instant(dated["day"]).date()
        chosen = None if dated["hours"] in {None, "all"} else week_hours(dated["hours"])
        return HourSet(asked, _monday(day), chosen)
    if re.match(r"[0-9]{4}-", asked):
        return HourSet(asked, _instant(asked))
    return HourSet(asked, None, week_hours(asked))


def week_hours(text: str) -> tuple[bool, ...]:
    """Read a set of whole hours of the week, (168,), such as ``Mo-Fr 22:00-06:00`` or ``night``."""
    asked = text.strip()
    spelled = WORDS.get(asked.casefold(), asked)
    clock = _CLOCK.fullmatch(spelled)
    if clock:
        hour = int(clock["hour"])
        spelled = f"{clock['days']} {hour:02}:00-{hour + 1:02}:00".strip()
    try:
        line = parse(spelled, "weekdays").line(REFERENCE_MONDAY, 7, decreed=False)
    except HoursError:
        raise _unclear(asked) from None
    minutes = np.repeat(line.states, np.diff(line.starts, append=7 * DAY))
    hours = minutes.reshape(WEEK_HOURS, HOUR) == State.OPEN
    if (hours.any(axis=1) != hours.all(axis=1)).any() or (minutes == State.UNKNOWN).any():
        raise UsageError(f"hours are whole ones, such as 22:00-06:00, not {asked[:40]!r}")
    if not hours.any():
        raise UsageError(f"no hour of the week is in {asked[:40]!r}")
    return tuple(hours.all(axis=1).tolist())


def _instant(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise _unclear(text) from None
    moment = moment if moment.tzinfo else aware(moment)
    wall(moment)
    return moment


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _unclear(text: str) -> UsageError:
    return UsageError(f"hours are written such as {HELP}; not {text[:40]!r}")
