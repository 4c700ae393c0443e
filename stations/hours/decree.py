"""Public holidays and make-up workdays (调休) of mainland China, and the years they are known for.

The State Council decrees them year by year, usually in November; they cannot be computed. The
table comes from the ``holidays`` package. A year counts as decreed when the package holds its
make-up workdays: every notice since 2001 named some, and without a notice the package still
computes the statutory days. A holiday takes in the weekend days next to it that are not made
workdays, as the notices count them ("9 days from Sunday 15 to Monday 23 February 2026").
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, lru_cache
from importlib.metadata import version
from itertools import count
from typing import Literal, NamedTuple

import holidays

type Calendar = Literal["workdays", "weekdays"]
"""What Mo-Fr means: the workdays as decreed, or plain days of the week."""

CALENDARS: tuple[Calendar, ...] = ("workdays", "weekdays")
FIRST_YEAR = 2001
FRIDAY, SUNDAY = 4, 6


class Reading(NamedTuple):
    """How the rules of an expression see a date."""

    weekday: int
    """Monday 0 to Sunday 6; not always the date's own."""
    holiday: bool
    """True: rules for PH apply."""


@dataclass(frozen=True)
class Decree:
    """The decreed days of consecutive years."""

    years: range
    holidays: frozenset[date]
    """Days off, weekend days inside a break included."""
    workdays: frozenset[date]
    """Saturdays and Sundays made workdays."""
    source: str
    """Package, version and years, for people."""


@cache
def decree() -> Decree:
    """Return the table the installed ``holidays`` package makes."""
    off: set[date] = set()
    on: set[date] = set()
    last = FIRST_YEAR - 1
    for year in count(FIRST_YEAR):
        table = holidays.country_holidays("CN", years=year, expand=False)
        worked = {day for day in table.weekend_workdays if day.year == year}
        if not worked:
            break
        off, on, last = off | set(table), on | worked, year
    years = range(FIRST_YEAR, last + 1)
    source = f"holidays {version('holidays')}: CN {years[0]}-{years[-1]}"
    return Decree(years, frozenset(_with_weekends(off, on)), frozenset(on), source)


def _with_weekends(off: set[date], on: set[date]) -> set[date]:
    """Add the weekend days that touch a day off and are not workdays."""
    breaks = set(off)
    for day in off:
        for step in (timedelta(days=-1), timedelta(days=1)):
            beside = day + step
            while beside.weekday() > FRIDAY and beside not in on:
                breaks.add(beside)
                beside += step
    return breaks


@lru_cache(maxsize=8192)
def readings(day: date, calendar: Calendar) -> tuple[Reading, ...]:
    """Return every way the rules may see ``day``; one where the calendar leaves no doubt.

    Under ``workdays`` a holiday reads as a Sunday, a make-up workday as some day from Monday to
    Friday: which one no decree says, so all five are possible. Under ``weekdays`` a date is its
    own day of the week. In a year not decreed every possibility is returned.
    """
    table = decree()
    known = day.year in table.years
    seen: list[Reading] = []
    if not known or day in table.holidays:
        seen.append(Reading(SUNDAY if calendar == "workdays" else day.weekday(), holiday=True))
    made = calendar == "workdays" and (day in table.workdays if known else day.weekday() > FRIDAY)
    if not known or not (made or day in table.holidays):
        seen.append(Reading(day.weekday(), holiday=False))
    if made:
        seen.extend(Reading(weekday, holiday=False) for weekday in range(FRIDAY + 1))
    return tuple(seen)
