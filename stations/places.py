"""Where a mobile station stands when: its timetable of places."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import combinations
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from geodata.errors import UsageError
from stations.days import checked_day, order_problem
from stations.hours import Closure, Posted, State, parse
from stations.hours.clock import DAY
from stations.hours.posted import line_of
from stations.hours.timetable import REFERENCE_MONDAY

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

MOST = 200
"""Places a station may have."""
_WEEK = 7
_EPOCH = datetime.combine(date(1900, 1, 1), time())


@dataclass(frozen=True)
class Place:
    """One place, and when the station stands there."""

    lon: float
    """WGS 84 degrees, as is ``lat``."""
    lat: float
    since: str = ""
    """The first day, ISO 8601; "" no bound. ``from`` in JSON."""
    until: str = ""
    """The last day, ISO 8601, not before the first; "" no bound."""
    hours: str = ""
    """An opening_hours expression: on these days only then; "" all day and all night."""
    name: str = ""
    position_in: str = ""
    """The coordinates as they came, ``x,y``, in the record's ``datum_in``; "" as they are."""

    def __post_init__(self) -> None:
        """Refuse what is no place on Earth, no days in order, no hours."""
        if not (abs(self.lon) <= 180 and abs(self.lat) <= 90):  # noqa: PLR2004
            raise UsageError(f"a place has lon and lat in degrees, not {self.lon}, {self.lat}")
        checked_day(self.since)
        checked_day(self.until)
        if problem := order_problem(self.since, self.until):
            raise UsageError(problem)
        if self.hours:
            parse(self.hours)

    @classmethod
    def parse(cls, record: Mapping[str, Any]) -> Self:
        """Read ``{"lon": …, "lat": …, "from": …, "until": …, "hours": …, "name": …}``.

        All but the position may be missing. Anything else raises `UsageError`.
        """
        odd = record.keys() - _KEYS
        words = {key: record[key] for key in _KEYS & record.keys() - _NUMBERS}
        if odd or not all(isinstance(word, str) for word in words.values()):
            raise UsageError(f"a place has {', '.join(_KEYS)}; not {str(dict(record))[:80]}")
        lon, lat = (_degrees(record.get(key)) for key in ("lon", "lat"))
        since = words.pop("from", "")
        return cls(lon, lat, since, **words)

    def as_dict(self) -> dict[str, Any]:
        """Return what `parse` reads, without what is empty."""
        told = {_KEY.get(name, name): value for name, value in asdict(self).items()}
        return {key: value for key, value in told.items() if value != ""}

    def on(self, day: date) -> bool:
        """Tell whether a day is among its days."""
        return (self.since or _FIRST) <= day.isoformat() <= (self.until or _LAST)

    @property
    def away(self) -> tuple[Closure, ...]:
        """The time before its first day, and after its last."""
        spans = []
        if first := checked_day(self.since):
            spans.append(Closure(_EPOCH, datetime.combine(first, time())))
        if last := checked_day(self.until):
            after = datetime.combine(last, time()) + timedelta(days=1)
            spans.append(Closure(after, None))
        return tuple(spans)

    def told(self) -> str:
        """Return it as files have it: ``2026-12-01至2026-12-31 Mo-Fr 08:00-12:00 @102.71,25.04``.

        The position is in WGS 84; its name follows.
        """
        until = f"至{self.until}" if self.until else "起"
        days = f"{self.since}{until}" if self.since or self.until else ""
        return " ".join(filter(None, (days, self.hours, f"@{self.lon!r},{self.lat!r}", self.name)))


_FIRST, _LAST = "0000-00-00", "9999-99-99"
_KEY = {"since": "from"}
_KEYS = {_KEY.get(field.name, field.name): None for field in fields(Place)}.keys()
_NUMBERS = {"lon", "lat"}


def _degrees(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return math.nan
    return float(value)


@lru_cache(maxsize=4096)
def read_places(text: str) -> tuple[Place, ...]:
    """Return the places a cell of the register holds, none for "".

    `UsageError` for what cannot be read, and for two places at which it would stand at once.
    """
    if not text:
        return ()
    try:
        records = json.loads(text)
    except (ValueError, RecursionError):
        records = None
    if not isinstance(records, list) or not all(isinstance(each, dict) for each in records):
        raise UsageError('expected a JSON list such as [{"lon": 102.71, "lat": 25.04}]')
    return apart([Place.parse(record) for record in records])


def apart(places: Sequence[Place]) -> tuple[Place, ...]:
    """Return the places; `UsageError` where it would stand at two of them at once.

    As the ordinary week has it: hours of the day and of the week, on days both have.
    """
    if len(places) > MOST:
        raise UsageError(f"{len(places)} places; at most {MOST}")
    for one, other in combinations(places, 2):
        days = max(one.since, other.since), min(one.until or _LAST, other.until or _LAST)
        if days[0] <= days[1] and (_week(one.hours) & _week(other.hours)).any():
            raise UsageError(
                f"stands at two places at once: {one.told()[:60]!r} and {other.told()[:60]!r}"
            )
    return tuple(places)


@lru_cache(maxsize=4096)
def _week(expression: str) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Return the minutes of the ordinary week it may be there."""
    if not expression:
        return np.ones(_WEEK * DAY, dtype=np.bool_)
    line = line_of(Posted(expression), REFERENCE_MONDAY, _WEEK, decreed=False)
    minutes = np.repeat(line.states, np.diff(line.starts, append=_WEEK * DAY))
    found: np.ndarray[tuple[int], np.dtype[np.bool_]] = minutes != State.CLOSED
    return found


def stored(places: Iterable[Place]) -> str:
    """Return the cell `read_places` reads; "" for none."""
    records = [place.as_dict() for place in places]
    return json.dumps(records, ensure_ascii=False) if records else ""


def told(text: str) -> str:
    """Return a cell's places as files have them, parted by ``；``."""
    return "；".join(place.told() for place in read_places(text))
