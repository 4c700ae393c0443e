"""What is asked of a round: which day, who goes, from where, how long."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from geodata.errors import UsageError
from geodata.geodesy.lonlat import checked_one
from stations.audit.rounds.moments import clock
from stations.audit.rounds.terms import terms
from stations.hours.clock import DAY, YEARS, aware, wall
from stations.travel import STRAIGHT, mode_of

if TYPE_CHECKING:
    from datetime import date

    from geodata.geodesy import LonLat

MOST_CANDIDATES = 400
MOST_INSPECTORS = 20
MOST_LUNCH_MIN = 180
MOST_ITERATIONS = 1_000_000


@dataclass(frozen=True)
class Inspector:
    """Who goes, from where and back to there, and when; `UsageError` for what makes no sense."""

    name: str
    start: LonLat
    since: int
    """Minute of the day the work begins; the earliest to set out."""
    until: int
    """Minute of the day to be back by."""
    area: str = ""
    """Leading digits of the area codes this one may visit; "" all."""

    def __post_init__(self) -> None:
        """Check them."""
        checked_one(self.start)
        if not self.name.strip():
            raise UsageError("an inspector has a name")
        if not 0 <= self.since < self.until <= DAY:
            raise UsageError(
                "working time is from an earlier to a later time of one day, such as 08:30 to "
                f"17:30, not {clock(self.since)} to {clock(self.until)}"
            )
        if self.area and not (self.area.isascii() and self.area.isdecimal()):
            raise UsageError(f"expected leading digits of an area code, not {self.area[:40]!r}")


@dataclass(frozen=True)
class Ask:
    """One day's round; `UsageError` for what makes no sense."""

    day: date
    inspectors: tuple[Inspector, ...]
    area: str = ""
    """Leading digits of area codes; "" everywhere."""
    mode: str = "car"
    candidates: int = 200
    """How many of the most urgent stations are weighed against each other."""
    visits: int | None = None
    """Most visits of one inspector; None: as many as there is time for."""
    lunch_min: int = 0
    """Minutes of each one's break, begun within `Terms.lunch`; 0: none."""
    seed: int = terms().seed
    iterations: int = terms().iterations

    def __post_init__(self) -> None:
        """Check them."""
        if mode_of(self.mode).code == STRAIGHT:
            raise UsageError("nobody travels straight: give walk, ebike, car or truck")
        if self.day.year not in YEARS:
            raise UsageError(f"no such year for a round: {self.day.year}")
        names = [each.name for each in self.inspectors]
        if not 1 <= len(names) <= MOST_INSPECTORS or len(set(names)) < len(names):
            raise UsageError(f"1 to {MOST_INSPECTORS} inspectors go, each of another name")
        for what, value, least, most in (
            ("candidates", self.candidates, 1, MOST_CANDIDATES),
            ("visits", 1 if self.visits is None else self.visits, 1, MOST_CANDIDATES),
            ("minutes of lunch", self.lunch_min, 0, MOST_LUNCH_MIN),
            ("iterations", self.iterations, 1, MOST_ITERATIONS),
        ):
            if not least <= value <= most:
                raise UsageError(f"{what}: {least} to {most}, not {value}")

    def weighed_at(self, now: datetime) -> datetime:
        """Return when trust and findings are weighed: ``now`` (aware) if that is on the day.

        Else the moment the first inspector begins; what was found later does not count.
        """
        if wall(now).date() == self.day:
            return now
        first = min(each.since for each in self.inspectors)
        return aware(datetime.combine(self.day, time()) + timedelta(minutes=first))
