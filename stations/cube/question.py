"""What is asked of the cube."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from geodata.errors import UsageError
from stations.catalogue import catalogue
from stations.cube.profiles import profile_of
from stations.hours.clock import wall
from stations.hours.timetable import LONGEST_MIN, WEEK_HOURS

type When = date | datetime | None


@dataclass(frozen=True)
class Question:
    """What makes a station usable, when, and who is there to use it; `UsageError` for nonsense."""

    needs: tuple[str, ...] = ()
    """Amenity codes a station must have, all of them, at their own hours."""
    stay_min: float = 60.0
    """The door is open at every minute of ``[h:00, h:00 + stay)``; 0: at h:00 itself. Parts of a
    minute count as a whole one. 60 means: open throughout the hour."""
    when: When = None
    """None: the ordinary week, 168 hours. A Monday: that week. An aware instant: that one."""
    trust_floor: float = 0.0
    """A station counts as confirmed when its trust is at least this; 0: every one does."""
    at: datetime | None = None
    """When trust is weighed, aware; needed with a floor."""
    on: date | None = None
    """The day whose places mobile stations have in the ordinary week; None: that of ``at``, or all
    they ever have."""
    profile: str = "constant"
    """When the workers are there: a code of `profiles`."""

    def __post_init__(self) -> None:
        """Check the question."""
        catalogue().amenities.mask(self.needs)
        profile_of(self.profile)
        if not 0 <= self.stay_min <= LONGEST_MIN:
            raise UsageError(f"a stay lasts from 0 to 1440 minutes, not {self.stay_min}")
        if not 0 <= self.trust_floor <= 1:
            raise UsageError(f"a trust floor is from 0 to 1, not {self.trust_floor}")
        if self.trust_floor > 0 and self.at is None:
            raise UsageError("a trust floor needs the instant trust is weighed at")
        if isinstance(self.when, datetime):
            wall(self.when)
        elif self.when is not None and self.when.weekday():
            raise UsageError(f"a week begins on a Monday, {self.when} is none")

    def described(self) -> dict[str, Any]:
        """Return the question for an answer's method, JSON-ready."""
        return {
            "needs": list(self.needs),
            "stay_min": self.stay_min,
            "when": "ordinary week" if self.when is None else self.when.isoformat(),
            "trust_floor": self.trust_floor,
            "trust_at": None if self.at is None else self.at.isoformat(),
            "profile": self.profile,
        }

    @property
    def days(self) -> tuple[date, ...]:
        """The days that are asked about: which places of mobile stations count; none: all."""
        if isinstance(self.when, datetime):
            return (wall(self.when).date(),)
        if self.when is not None:
            return tuple(self.when + timedelta(days=day) for day in range(WEEK_HOURS // 24))
        day = self.on or (None if self.at is None else wall(self.at).date())
        return () if day is None else (day,)

    @property
    def hours(self) -> int:
        """How many hours the answer has: 168, or 1 for an instant."""
        return 1 if isinstance(self.when, datetime) else WEEK_HOURS

    @property
    def first_hour(self) -> int:
        """The hour of the week the answer begins with, 0 being Monday from 00:00."""
        if not isinstance(self.when, datetime):
            return 0
        moment = wall(self.when)
        return moment.weekday() * 24 + moment.hour
