"""Beijing wall time: what every other module of the package counts in.

Inside, an instant is a naive `datetime` that reads like a clock in Shanghai, and a moment of a
window is a whole number of minutes since the window's first midnight.
"""

from __future__ import annotations

from datetime import UTC, datetime
from enum import IntEnum
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from geodata.errors import UsageError

if TYPE_CHECKING:
    from datetime import date

ZONE = ZoneInfo("Asia/Shanghai")
DAY = 1440
"""Minutes of a day."""
YEARS = range(1902, 9001)
"""Years an instant may lie in. China keeps whole hours from UTC since 1901 and the library knows
dates since 1900, with both a year to spare for the zones of others; Python's dates end in 9999."""


class State(IntEnum):
    """What is known of a door at an instant."""

    CLOSED = 0
    OPEN = 1
    UNKNOWN = 2


def wall(at: datetime) -> datetime:
    """Return the naive Beijing wall time of an aware instant.

    A naive ``at``, or one outside the years 1902 to 9000, raises `UsageError`.
    """
    if at.tzinfo is None or at.utcoffset() is None:
        raise UsageError(f"an instant needs its time zone, such as {at.isoformat()}+08:00")
    check_year(at)
    return at.astimezone(ZONE).replace(tzinfo=None)


def check_year(day: date) -> None:
    """Refuse an instant or a day outside the years 1902 to 9000 with a `UsageError`."""
    if day.year not in YEARS:
        raise UsageError(f"an instant lies in the years {YEARS[0]} to {YEARS[-1]}, not {day.year}")


def aware(moment: datetime) -> datetime:
    """Return the instant a naive Beijing wall time stands for."""
    return moment.replace(tzinfo=ZONE)


def utc(moment: datetime) -> datetime:
    """Return the same instant in UTC, for arithmetic that must not trip over a zone."""
    return aware(moment).astimezone(UTC)
