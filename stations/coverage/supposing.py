"""What if: a host's stations shut at weekends, a county's records doubted, a road closed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from geodata.errors import UsageError
from geodata.geodesy import LonLat
from stations.coverage.hour_sets import week_hours
from stations.hours.timetable import WEEK_HOURS

if TYPE_CHECKING:
    from geodata.geodesy import BoolArray, IntArray
    from stations.cube import Question, Supply
    from stations.registry import Registry

type Verb = Literal["shut", "open", "removed", "equipped", "trust"]

HELP = (
    "host:招商银行 shut weekends, county:530102 trust 0.3, station:ID removed, "
    "host:NAME open night, county:CODE equipped, road:102.7183,25.0389 closed"
)
_SPELLED = re.compile(
    r"(?P<of>host|county|station)[:：]\s*(?P<name>.+?)\s+"
    r"(?P<verb>shut|open|removed|equipped|trust)(?:\s+(?P<rest>.+))?"
)
_ROAD = re.compile(r"road[:：]\s*(?P<places>.+?)\s+closed")


@dataclass(frozen=True)
class ClosedRoad:
    """The roads nearest to some places closed to all who go by the mode asked about."""

    text: str
    places: tuple[LonLat, ...]


@dataclass(frozen=True)
class Supposed:
    """One change to some stations; made by `parse_what_if`."""

    text: str
    of: Literal["host", "county", "station"]
    name: str
    """A part of the host's name, the first digits of area codes, or a station's id."""
    verb: Verb
    hours: tuple[bool, ...] | None = None
    """The hours of the week at which they are shut, or open; None: all."""
    trust: float = 0.0

    def rows(self, registry: Registry) -> IntArray:
        """Return the stands of the stations meant; `UsageError` if there is none."""
        stations = registry.stations
        if self.of == "station":
            return registry.stands.of_stations(np.array([registry.position_of(self.name)]))
        if self.of == "host":
            found = stations["host"].str.contains(self.name, regex=False)
        else:
            found = stations["area_code"].str.startswith(self.name)
        rows = np.flatnonzero(found.to_numpy(dtype=bool))
        if not rows.size:
            raise UsageError(f"what if: no station has the {self.of} {self.name[:40]!r}")
        return registry.stands.of_stations(rows)

    def applied(self, supply: Supply, rows: IntArray, question: Question) -> Supply:
        """Return the stations after some rows of them changed; `UsageError` where none can."""
        if self.verb == "removed":
            return supply.without(rows)
        if self.verb == "equipped":
            return supply.equipped(rows)
        if self.verb == "trust":
            if not question.trust_floor > 0:
                raise UsageError("what if: trust matters only with a trust floor above 0")
            return supply.trusting(rows, self.trust, question.trust_floor)
        hours = self._hours(question)
        return supply.shut(rows, hours) if self.verb == "shut" else supply.opened(rows, hours)

    def _hours(self, question: Question) -> BoolArray:
        week = np.ones(WEEK_HOURS, dtype=np.bool_) if self.hours is None else np.array(self.hours)
        first = question.first_hour
        return week[first : first + question.hours]


def parse_what_if(text: str) -> Supposed | ClosedRoad:
    """Read a change such as ``host:招商银行 shut weekends``; anything else is a `UsageError`.

    ``host:``, part of a host's name; ``county:``, an area code or its first digits; or
    ``station:``, an id. Then ``shut`` or ``open`` with hours as `week_hours` reads them or none for
    all; ``removed``; ``equipped`` (all that is needed is there); ``trust`` and a number. Or
    ``road:``, places as LON,LAT with spaces between them, and ``closed``.
    """
    asked = " ".join(text.split())
    if road := _ROAD.fullmatch(asked):
        return ClosedRoad(asked, tuple(map(LonLat.parse, road["places"].split())))
    found = _SPELLED.fullmatch(asked)
    if not found:
        raise UsageError(f"what if is written such as {HELP}; not {asked[:60]!r}")
    of, name, verb, rest = found["of"], found["name"], found["verb"], found["rest"]
    if verb == "trust":
        return Supposed(asked, of, name, verb, trust=_trust(rest))  # type: ignore[arg-type]
    if rest is not None and verb not in {"shut", "open"}:
        raise UsageError(f"what if: nothing follows {verb!r}, not {rest[:40]!r}")
    hours = None if rest is None else _hours(rest)
    return Supposed(asked, of, name, verb, hours)  # type: ignore[arg-type]


def _hours(text: str) -> tuple[bool, ...]:
    try:
        return week_hours(text)
    except UsageError:
        raise UsageError(
            "what if: whole hours of the ordinary week, such as night, weekends, 02:00 or "
            f"Mo-Fr 22:00-06:00, not {text[:40]!r}"
        ) from None


def _trust(text: str | None) -> float:
    try:
        trust = float(text or "")
    except ValueError:
        trust = float("nan")
    if not 0 <= trust <= 1:
        raise UsageError(f"what if: trust is a number from 0 to 1, not {text or 'nothing'!r}")
    return trust
