"""A span of Beijing days, and which instants lie in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from geodata.errors import UsageError
from stations.hours.clock import aware

if TYPE_CHECKING:
    import pandas as pd

_DAY = timedelta(days=1)
_TICK = timedelta(microseconds=1)
YEARS = range(2000, 2101)


@dataclass(frozen=True)
class Period:
    """Whole days in Beijing, the first and the last inclusive; `UsageError` for none."""

    since: date
    until: date

    def __post_init__(self) -> None:
        """Refuse days in the wrong order, and years nobody means."""
        if self.until < self.since:
            raise UsageError(
                f"the last day, {self.until}, is before the first, {self.since}: are they swapped?"
            )
        if self.since.year not in YEARS or self.until.year not in YEARS:
            raise UsageError(f"expected days of the years {YEARS[0]} to {YEARS[-1]}")

    @classmethod
    def read(cls, since: str, until: str) -> Period:
        """Read two ISO days; anything else is a `UsageError`."""
        return cls(_day("since", since), _day("until", until))

    @property
    def begin(self) -> datetime:
        """The first instant of it, aware."""
        return aware(datetime.combine(self.since, time.min))

    @property
    def end(self) -> datetime:
        """The first instant after it, aware."""
        return aware(datetime.combine(self.until + _DAY, time.min))

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.until - self.since).days + 1

    def over(self, now: datetime) -> bool:
        """Tell whether nothing more can happen in it."""
        return now >= self.end

    def last(self, now: datetime) -> datetime:
        """Return the instant its state is told as at: its last, or now if it is not over.

        `UsageError` for a period that has not begun.
        """
        if now < self.begin:
            raise UsageError(f"{self.since} is still to come: name a day that has begun")
        return min(self.end - _TICK, now)

    def before(self) -> Period:
        """Return as many days right before it."""
        return Period(self.since - timedelta(days=self.days), self.since - _DAY)

    def holds(self, at: pd.Series[Any]) -> pd.Series[bool]:
        """Tell which aware instants lie in it."""
        return (at >= self.begin) & (at < self.end)


def _day(name: str, text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{name} takes a day such as 2026-11-30, not {text[:40]!r}") from None
    return day
