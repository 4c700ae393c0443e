"""Answers: the station's record, and what a rider wants to know of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from stations.hours import State
from stations.nearest import reasons
from stations.nearest.facts import facts

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from stations.nearest.around import Doors
    from stations.nearest.question import Question
    from stations.nearest.reasons import Door, Said
    from stations.nearest.search import Near, Next, Winner
    from stations.registry import Registry
    from stations.travel import Mode

_MINUTE_DIGITS, _TRUST_DIGITS, _METRE_DIGITS = 2, 3, 3
_CLOSER = 2
"""How many closer stations an answer explains."""
_STATES = tuple(state.name.lower() for state in State)


class Visit(NamedTuple):
    """What is expected of a visit at an instant."""

    expected_minutes: float
    """The way, and where the door is shut the way on: README.md."""
    open: str
    """``open``, ``closed`` or ``unknown`` from arrival to the end of the stay."""
    open_text: Said
    """What changes next at the door after arrival."""
    next_change: str | None
    """When, ISO 8601 with zone; None: no change within 400 days."""
    way_in: str
    """Code of the way in on arrival; "" unknown."""
    trust: float
    trust_text: Said
    why: list[Said]
    """The door; then why stations closer than this one, not told of before, do not come first."""
    fallback: dict[str, Any] | None
    """The station to try next: id, name, lon, lat, distance_m and minutes from door to door, open
    at that arrival, trust. None: none within a day that is not known to be shut."""


@dataclass(frozen=True)
class Hit:
    """A found station."""

    station: dict[str, Any]
    """The station's record, as `Registry.station` returns it."""
    distance_m: float
    """Straight metres, rounded to the millimetre."""
    minutes: float
    """How long the way takes."""
    mode: Mode
    links: Sequence[dict[str, str]]
    """`stations.navigation.Link` as dicts, those of the mode, the best first."""
    visit: Visit | None
    """None: the question named no instant."""

    def as_dict(self) -> dict[str, Any]:
        """Return everything in one flat dict, for JSON; without an instant the door is unknown."""
        visit = _NO_VISIT if self.visit is None else self.visit._asdict()
        return {
            **self.station,
            "distance_m": self.distance_m,
            "minutes": self.minutes,
            "mode": self.mode.code,
            "estimated": self.mode.estimated,
            **visit,
            "links": list(self.links),
        }


_NO_VISIT: dict[str, Any] = {**dict.fromkeys(Visit._fields), "open": "unknown", "why": []}


def hit(registry: Registry, mode: Mode, row: int, metres: float, visit: Visit | None) -> Hit:
    """Return the hit for a row at a straight distance."""
    return Hit(
        registry.record(row),
        round(metres, _METRE_DIGITS),
        round(metres * mode.minutes_per_m, _MINUTE_DIGITS),
        mode,
        facts(registry).links(row, mode),
        visit,
    )


class Teller:
    """Makes the hits of one answer."""

    def __init__(self, registry: Registry, asked: Question, at: datetime, doors: Doors) -> None:
        self._registry, self._asked, self._doors = registry, asked, doors
        self._at, self._minute = at, at.replace(second=0, microsecond=0)
        self._trust = registry.trust(at)

    def hits(self, winners: Sequence[Winner], near: Near) -> list[Hit]:
        """Return the winners with everything there is to say; ``near`` is for the reasons."""
        found = np.array([winner.found for winner in winners], dtype=np.int64)
        minutes = np.array([winner.minutes for winner in winners])
        told: set[int] = set()
        hits = []
        for winner, way_in in zip(winners, self._doors.ways_in(found, minutes), strict=True):
            told.add(winner.found)
            closer = self._closer(winner, near, told)
            row = int(self._registry.active[winner.found])
            visit = self._visit(row, winner, way_in, closer)
            hits.append(hit(self._registry, self._asked.mode, row, winner.metres, visit))
        return hits

    def _visit(self, row: int, winner: Winner, way_in: str, closer: list[Said]) -> Visit:
        door = self._door(row, winner.state, winner.minutes)
        when = door.change.when
        standing = self._registry.standing(row, self._at)
        return Visit(
            round(winner.expected, _MINUTE_DIGITS),
            _STATES[winner.state],
            door.text,
            None if when is None else when.isoformat(),
            way_in,
            round(standing.probability, _TRUST_DIGITS),
            reasons.said(standing.zh, standing.en),
            [door.why, *closer],
            self._fallback(winner.instead),
        )

    def _fallback(self, instead: Next | None) -> dict[str, Any] | None:
        if instead is None:
            return None
        row = int(self._registry.active[instead.found])
        record = self._registry.record(row)
        return {
            **{name: record[name] for name in ("id", "name", "lon", "lat")},
            "distance_m": round(instead.minutes / self._asked.mode.minutes_per_m, _METRE_DIGITS),
            "minutes": round(instead.minutes, _MINUTE_DIGITS),
            "open": _STATES[instead.state],
            "trust": round(float(self._trust[row]), _TRUST_DIGITS),
        }

    def _closer(self, winner: Winner, near: Near, told: set[int]) -> list[Said]:
        """Explain the nearest stations passed over on the way to a winner; adds to ``told``."""
        said: list[Said] = []
        for found, metres, state in near:
            if metres >= winner.metres or len(said) == _CLOSER:
                break
            if found not in told:
                told.add(found)
                said.append(self._why_not(found, metres, state))
        return said

    def _why_not(self, found: int, metres: float, state: int) -> Said:
        row = int(self._registry.active[found])
        door = self._door(row, state, metres * self._asked.mode.minutes_per_m)
        name = self._registry.record(row)["name"]
        return reasons.of_closer(name, metres, state, float(self._trust[row]), door.why)

    def _door(self, row: int, state: int, minutes: float) -> Door:
        posted = self._doors.hours.posted(row)
        if self._asked.open_ == "now":
            return reasons.of_door(posted, state, self._minute, None)
        visit = (self._at + timedelta(minutes=minutes)).replace(second=0, microsecond=0)
        return reasons.of_door(posted, state, self._minute, visit)
