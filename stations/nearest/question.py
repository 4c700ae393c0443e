"""What is asked: checked once, then trusted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from geodata.errors import UsageError
from stations.catalogue import catalogue

if TYPE_CHECKING:
    from datetime import datetime

    from geodata.geodesy import LonLat
    from geodata.roads import RoadNetwork
    from stations.travel import Mode

type Open = Literal["any", "now", "arrival"]
type By = Literal["time", "distance"]

OPEN: tuple[Open, ...] = ("any", "now", "arrival")
BY: tuple[By, ...] = ("time", "distance")
DAY_MIN = 1440.0
"""The longest stay, and the longest way to a door that has to be open."""


class Question(NamedTuple):
    """A rider's question; made by `question`."""

    origin: LonLat
    limit: int
    at: datetime | None
    needs: int
    """Amenities as the catalogue's bit set."""
    open_: Open
    mode: Mode
    stay: float
    by_time: bool
    within_m: float
    access: tuple[str, ...]
    """Ways in that will do, codes; empty: any."""
    ebike: bool
    truck: bool
    network: RoadNetwork | None = None
    """What the ways are asked of; None: they are estimated."""


def checked(asked: Question) -> Question:
    """Return the question if it makes sense; `UsageError` otherwise."""
    if asked.limit < 1 or not asked.within_m >= 0:
        raise UsageError(
            f"need limit >= 1 and within_m >= 0, got {asked.limit} and {asked.within_m}"
        )
    if not 0 <= asked.stay <= DAY_MIN:
        raise UsageError(f"a stay lasts from 0 to {DAY_MIN:.0f} minutes, not {asked.stay}")
    if asked.at is None and (asked.open_ != "any" or asked.by_time):
        raise UsageError("open doors and expected times need an instant: pass `at`")
    unknown = [code for code in asked.access if code not in catalogue().access.terms]
    if unknown:
        expected = catalogue().access.expected()
        raise UsageError(f"no way in {unknown[0][:40]!r}; known: {expected}")
    return asked


def by_time(by: str | None, open_: str, *, timed: bool) -> bool:
    """Tell whether to order by time; None: where doors have to be open, or ways are ``timed``."""
    if open_ not in OPEN:
        raise UsageError(f"open is one of {', '.join(OPEN)}, not {open_[:40]!r}")
    if by not in {None, *BY}:
        raise UsageError(f"by is one of {', '.join(BY)}, not {str(by)[:40]!r}")
    return by == "time" if by else timed or open_ != "any"
