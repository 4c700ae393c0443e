"""What makes a station count in truth."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from geodata.errors import UsageError
from stations.coverage.hour_sets import ALL
from stations.coverage.supposing import ClosedRoad, Supposed
from stations.cube import Question

if TYPE_CHECKING:
    from datetime import date

    from stations.coverage.hour_sets import HourSet
    from stations.reach import Limit
    from stations.travel import Travel


@dataclass(frozen=True)
class Terms:
    """A question to the truth of coverage, besides the `Need`; hashable, `UsageError` as below."""

    hours: HourSet = ALL
    """Which hours are asked about."""
    stay_min: float | None = None
    """As in `cube.Question`: 60 means open throughout the hour, 0 open at its first minute. None:
    60 for hours of a week, 0 for an instant."""
    trust_floor: float = 0.0
    """Stations less sure than this do not count; 0: every one does."""
    at: datetime | None = None
    """When trust is weighed, aware; needed with a floor."""
    on: date | None = None
    """As in `cube.Question`: the day whose places mobile stations have in the ordinary week."""
    profile: str = "constant"
    """When the workers are there: a code of `cube.profiles`."""
    supposed: tuple[Supposed | ClosedRoad, ...] = ()
    """What if: changes to the stations, in that order, and to the roads."""

    def question(self, needs: tuple[str, ...]) -> Question:
        """Return what is asked of the cube; `UsageError` for nonsense."""
        at_once = isinstance(self.hours.when, datetime)
        usual = 0.0 if at_once else 60.0
        return Question(
            needs=needs,
            stay_min=usual if self.stay_min is None else self.stay_min,
            when=self.hours.when,
            trust_floor=self.trust_floor,
            at=self.at,
            on=self.on,
            profile=self.profile,
        )

    @property
    def changes(self) -> tuple[Supposed, ...]:
        """What is supposed of stations."""
        return tuple(each for each in self.supposed if isinstance(each, Supposed))

    def travel(self, travel: Travel, limit: Limit) -> Travel:
        """Return how one gets about with all roads closed that are supposed to be.

        `UsageError` where minutes are not taken from roads, and where there is no such road.
        """
        roads = [each for each in self.supposed if isinstance(each, ClosedRoad)]
        if not roads:
            return travel
        if limit.unit != "min":
            raise UsageError(
                f"what if: a closed road matters only to minutes, such as 10min, not {limit.text}"
            )
        places = dict.fromkeys(place for road in roads for place in road.places)
        return travel.closing(tuple(places), limit.mode)
