"""What makes a station count in truth."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from stations.coverage.hour_sets import ALL
from stations.cube import Question

if TYPE_CHECKING:
    from stations.coverage.hour_sets import HourSet
    from stations.coverage.supposing import Supposed


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
    profile: str = "constant"
    """When the workers are there: a code of `cube.profiles`."""
    supposed: tuple[Supposed, ...] = ()
    """What if: changes to the stations, in that order."""

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
            profile=self.profile,
        )
