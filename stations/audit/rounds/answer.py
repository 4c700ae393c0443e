"""A round as it is told: who goes where when, why, and what was left out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from stations.audit.rounds.moments import clock

if TYPE_CHECKING:
    from stations.audit.rounds.asking import Ask, Inspector
    from stations.travel import Mode

REASONS = {
    "closed": ("当日工作时间内不开放", "closed all working day"),
    "brief": ("当日开放时间不够一次检查", "not open long enough for a visit"),
    "nobody": ("不在任何一位巡检员的辖区", "in nobody's area"),
    "unreachable": ("无道路可达", "no road leads there"),
    "too_far": ("太远，当日不能往返", "too far to go and come back that day"),
    "full": ("当日时间不够，急需程度较低", "less urgent than what fills the day"),
}


@dataclass(frozen=True)
class Way:
    """A way from the stop before."""

    minutes: int
    metres: float | None
    """By road; None: the minutes are an estimate."""

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        metres = None if self.metres is None else round(self.metres)
        return {"travel_min": self.minutes, "metres": metres, "estimated": metres is None}


@dataclass(frozen=True)
class Lunch:
    """A break; minutes of the day."""

    since: int
    until: int
    after: int
    """Number of the stop whose visit comes before it; 0: none does."""

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {"from": clock(self.since), "until": clock(self.until), "after": self.after}


@dataclass(frozen=True)
class Stop:
    """A visit; minutes of the day."""

    number: int
    """In the route, from 1."""
    station: dict[str, Any]
    """What is told of the station: ``id``, ``name``, ``lon``, ``lat``, ``links`` and so on."""
    way: Way
    arrive: int
    begin: int
    """The visit itself; before it one waits, or has lunch."""
    leave: int
    """After the visit, and lunch if that is had there."""
    visit_min: int
    wait_min: int
    """Before or after the visit."""
    open: str
    """``open``, or ``unknown`` where nobody knows for some minute of the visit."""
    hours: str
    """Of that day."""
    priority: float
    why: dict[str, Any]
    findings: tuple[dict[str, Any], ...]

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {
            "number": self.number,
            **self.station,
            **{name: clock(getattr(self, name)) for name in ("arrive", "begin", "leave")},
            **self.way.as_dict(),
            **{name: getattr(self, name) for name in ("wait_min", "visit_min", "open", "hours")},
            "priority": round(self.priority, 1),
            "why": self.why,
            "findings": list(self.findings),
        }


@dataclass(frozen=True)
class Route:
    """One inspector's day."""

    inspector: Inspector
    stops: tuple[Stop, ...]
    leave: int
    """When to set out, so that nobody waits at the first door."""
    home: Way
    """From the last stop; of 0 minutes where there is none."""
    back: int
    lunch: Lunch | None

    @property
    def name(self) -> str:
        """Whose it is."""
        return self.inspector.name

    def sums(self) -> dict[str, Any]:
        """Return the minutes of ways, visits and waiting, and the metres; None: not all known."""
        ways = [*(stop.way for stop in self.stops), self.home] if self.stops else []
        metres = [way.metres for way in ways if way.metres is not None]
        return {
            "travel_min": sum(way.minutes for way in ways),
            "visit_min": sum(stop.visit_min for stop in self.stops),
            "wait_min": sum(stop.wait_min for stop in self.stops),
            "metres": round(sum(metres)) if len(metres) == len(ways) else None,
        }

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        who, home = self.inspector, self.home.as_dict()
        return {
            "name": who.name,
            "area": who.area,
            "start": {"lon": who.start.lon, "lat": who.start.lat},
            "from": clock(who.since),
            "until": clock(who.until),
            "leave": clock(self.leave),
            "back": clock(self.back),
            **self.sums(),
            "back_min": home["travel_min"],
            "back_metres": home["metres"],
            "lunch": None if self.lunch is None else self.lunch.as_dict(),
            "stops": [stop.as_dict() for stop in self.stops],
        }


@dataclass(frozen=True)
class LeftOut:
    """A station that is not visited, and why."""

    id: str
    name: str
    area_code: str
    priority: float
    findings: int
    reason: str
    """A key of `REASONS`."""

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        zh, en = REASONS[self.reason]
        return {**vars(self), "priority": round(self.priority, 1), "zh": zh, "en": en}


@dataclass(frozen=True)
class Round:
    """One day's round."""

    ask: Ask
    mode: Mode
    routes: tuple[Route, ...]
    """One for each inspector, in the order asked; some may have no stop."""
    left_out: tuple[LeftOut, ...]
    """The most urgent first."""
    stations: int
    """In use in the area."""
    candidates: int
    """Of these, weighed against each other."""
    wanted: float
    """Priorities of all candidates, added up."""
    estimated: str
    """``all``, ``some`` or ``none`` of the ways."""
    roads: dict[str, str] | None
    revision: int
    synthetic: bool
    at: datetime
    notes: tuple[dict[str, str], ...]

    @property
    def gathered(self) -> float:
        """The priorities of all visits, added up."""
        return sum(stop.priority for route in self.routes for stop in route.stops)

    def to_dict(self) -> dict[str, Any]:
        """Return everything as JSON has it; times are HH:MM in Beijing."""
        sums = [route.sums() for route in self.routes]
        metres = [each["metres"] for each in sums]
        told = {name: getattr(self.mode, name) for name in ("code", "zh", "en")}
        visits = sum(len(route.stops) for route in self.routes)
        method = {"seed": self.ask.seed, "iterations": self.ask.iterations}
        return {
            "date": self.ask.day.isoformat(),
            "mode": told,
            "area": self.ask.area,
            "revision": self.revision,
            "synthetic": self.synthetic,
            "at": self.at.astimezone(UTC).isoformat(),
            "method": {
                "estimated": self.estimated,
                "roads": self.roads,
                **method,
                "notes": list(self.notes),
            },
            "totals": {
                "stations": self.stations,
                "candidates": self.candidates,
                "visits": visits,
                "priority": round(self.gathered, 1),
                "priority_candidates": round(self.wanted, 1),
                "travel_min": sum(each["travel_min"] for each in sums),
                "visit_min": sum(each["visit_min"] for each in sums),
                "metres": None if None in metres else sum(metres),
            },
            "routes": [route.as_dict() for route in self.routes],
            "left_out": [each.as_dict() for each in self.left_out],
            "beyond": self.stations - visits - len(self.left_out),
        }
