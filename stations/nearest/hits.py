"""Answers: the station's record, and what a rider wants to know of it."""

from __future__ import annotations

import math
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from stations.hours import State
from stations.nearest import reasons
from stations.nearest.facts import facts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stations.nearest.around import Doors
    from stations.nearest.onward import Next
    from stations.nearest.question import Question
    from stations.nearest.reasons import Said
    from stations.nearest.search import Search, Winner
    from stations.registry import Registry
    from stations.travel import Mode
    from stations.trust import Standing

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
    """The station to try next: id, name, lon, lat, distance_m, road_m, minutes and estimated from
    door to door, open at that arrival, trust. None: none within a day that is not known to be
    shut."""


class Hit(NamedTuple):
    """A found station."""

    registry: Registry
    row: int
    """Its row in ``registry.stations``."""
    distance_m: float
    """Straight metres, rounded to the millimetre."""
    minutes: float
    """How long the way takes."""
    road_m: float | None
    """Metres by road, rounded to the millimetre; None: ``minutes`` are an estimate."""
    mode: Mode
    visit: Visit | None
    """None: the question named no instant."""

    @property
    def station(self) -> dict[str, Any]:
        """The station's record, as `Registry.station` returns it; shared: do not change it."""
        return self.registry.record(self.row)

    @property
    def links(self) -> Sequence[dict[str, str]]:
        """`stations.navigation.Link` as dicts, those of the mode, the best first."""
        return facts(self.registry).links(self.row, self.mode)

    def said(self) -> dict[str, Any]:
        """Return what depends on the question, for JSON; without an instant the door is unknown."""
        visit = _NO_VISIT if self.visit is None else self.visit._asdict()
        return {
            "distance_m": self.distance_m,
            "road_m": self.road_m,
            "minutes": self.minutes,
            "mode": self.mode.code,
            "estimated": self.road_m is None,
            **visit,
        }

    def as_dict(self) -> dict[str, Any]:
        """Return everything in one flat dict, for JSON."""
        return {**self.station, **self.said(), "links": list(self.links)}


_NO_VISIT: dict[str, Any] = {**dict.fromkeys(Visit._fields), "open": "unknown", "why": []}


class Far(NamedTuple):
    """How far a place is."""

    metres: float
    """Straight."""
    minutes: float
    road_m: float | None


def hit(registry: Registry, mode: Mode, row: int, far: Far, visit: Visit | None = None) -> Hit:
    """Return the hit for a row."""
    metres, minutes, road_m = far
    return Hit(
        registry,
        row,
        round(metres, _METRE_DIGITS),
        round(minutes, _MINUTE_DIGITS),
        road_m and round(road_m, _METRE_DIGITS),
        mode,
        visit,
    )


class Teller:
    """Makes the hits of one answer."""

    def __init__(self, registry: Registry, asked: Question, doors: Doors, search: Search) -> None:
        self._registry, self._asked, self._doors, self._search = registry, asked, doors, search
        self._rows, self._ways = doors.fitting.rows, doors.ways
        self._near = self._to_pins(search.near)

    def hits(self, winners: Sequence[Winner]) -> list[Hit]:
        """Return the winners with everything there is to say."""
        rows: list[int] = self._rows[[winner.found for winner in winners]].tolist()
        standings = self._doors.moment.standings(rows)
        away = self._doors.to_pins(
            [winner.found for winner in winners], [winner.visited.metres for winner in winners]
        )
        told: set[int] = set()
        hits = []
        for row, winner, standing, metres in zip(rows, winners, standings, away, strict=True):
            told.add(winner.found)
            minutes = winner.visited.minutes
            far = Far(metres, minutes, self._ways.road_m(None, winner.found))
            visit = self._visit(winner, standing, self._closer(far, told))
            hits.append(hit(self._registry, self._asked.mode, row, far, visit))
        return hits

    def _to_pins(self, near: list[tuple[int, float]]) -> list[tuple[int, float]]:
        """Return the same by their straight metres to pins, the nearest first."""
        if self._doors.by_pins:
            return near
        found, metres = [each[0] for each in near], [each[1] for each in near]
        away = self._doors.to_pins(found, metres)
        return sorted(zip(found, away, strict=True), key=itemgetter(1, 0))

    def _visit(self, winner: Winner, standing: Standing, closer: list[Said]) -> Visit:
        found, _, minutes, state = winner.visited
        door = self._doors.door(found, state, minutes)
        return Visit(
            round(winner.expected, _MINUTE_DIGITS),
            _STATES[state],
            door.text,
            door.when,
            self._doors.way_in(found, minutes),
            round(standing.probability, _TRUST_DIGITS),
            {"zh": standing.zh, "en": standing.en},
            [door.why, *closer],
            self._fallback(found, winner.instead),
        )

    def _fallback(self, start: int, instead: Next | None) -> dict[str, Any] | None:
        if instead is None:
            return None
        record = self._registry.record(self._rows.item(instead.found))
        trust = self._doors.trust[instead.found]
        road_m = self._ways.road_m(start, instead.found)
        return {
            "id": record["id"],
            "name": record["name"],
            "lon": record["lon"],
            "lat": record["lat"],
            "distance_m": round(instead.metres, _METRE_DIGITS),
            "road_m": road_m and round(road_m, _METRE_DIGITS),
            "minutes": round(instead.minutes, _MINUTE_DIGITS),
            "estimated": road_m is None,
            "open": _STATES[instead.state],
            "trust": round(trust, _TRUST_DIGITS),
        }

    def _closer(self, winner: Far, told: set[int]) -> list[Said]:
        """Explain the nearest stations passed over before one; adds to ``told``."""
        said: list[Said] = []
        for found, metres in self._near:
            if metres >= winner.metres or len(said) == _CLOSER:
                break
            if found not in told:
                told.add(found)
                said.append(self._why_not(found, metres, winner.minutes))
        return said

    def _why_not(self, found: int, metres: float, quicker: float) -> Said:
        """Explain why a station does not come before one that is ``quicker`` minutes away."""
        _, _, minutes, state = self._search.visit(found, metres)
        name = self._registry.record(self._rows.item(found))["name"]
        by_road = self._ways.road_m(None, found) is not None
        if math.isinf(minutes) or (state == State.OPEN and by_road and minutes > quicker):
            return reasons.of_longer(name, metres, minutes)
        why = self._doors.door(found, state, minutes).why
        return reasons.of_closer(name, metres, state, self._doors.trust[found], why)
