"""Activities at stations: planned, called off, held, and how many came. See README.md here."""

from stations.activities.deciding import (
    LONGEST,
    Planned,
    called_off,
    changed,
    held,
    planned,
)
from stations.activities.feed import HOST, calendar_of
from stations.activities.kinds import kinds
from stations.activities.listing import Wanted, listed, sheet, sums
from stations.activities.reading import Activity, State, activities_of

__all__ = [
    "HOST",
    "LONGEST",
    "Activity",
    "Planned",
    "State",
    "Wanted",
    "activities_of",
    "calendar_of",
    "called_off",
    "changed",
    "held",
    "kinds",
    "listed",
    "planned",
    "sheet",
    "sums",
]
