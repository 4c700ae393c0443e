"""Answers: the station's record, and what a rider wants to know of it."""

from __future__ import annotations

import math
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from stations.hours import State
from stations.nearest import reasons
from stations.nearest.expected import BARRED
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
    """Its row in ``registry.stands``: a station that moves is told of where it is on arrival."""
    mode: Mode
    said: dict[str, Any]
    """What depends on the question, for JSON: what `way_there` tells, and the fields of `Visit`;
    without an instant the door is unknown. Shared: do not change it."""

    @property
    def minutes(self) -> float:
        """How long the way takes, rounded to the hundredth."""
        minutes: float = self.said["minutes"]
        return minutes

    @property
    def distance_m(self) -> float:
        """Straight metres, rounded to the millimetre."""
        metres: float = self.said["distance_m"]
        return metres

    @property
    def road_m(self) -> float | None:
        """Metres by road, rounded to the millimetre; None: ``minutes`` are an estimate."""
        metres: float | None = self.said["road_m"]
        return metres

    @property
    def visit(self) -> Visit | None:
        """What is expected of a visit; None: the question named no instant."""
        known = self.said["expected_minutes"] is not None
        return Visit(*(self.said[name] for name in Visit._fields)) if known else None

    @property
    def station(self) -> dict[str, Any]:
        """The station's record, as `Registry.stand` returns it; shared: do not change it."""
        return self.registry.stand(self.row)

    @property
    def links(self) -> Sequence[dict[str, str]]:
        """`stations.navigation.Link` as dicts, those of the mode, the best first."""
        return facts(self.registry).links(self.row, self.mode)

    def as_dict(self) -> dict[str, Any]:
        """Return everything in one flat dict, for JSON."""
        return {**self.station, **self.said, "links": list(self.links)}


_NO_VISIT: dict[str, Any] = {**dict.fromkeys(Visit._fields), "open": "unknown", "why": []}


def measured(mode: Mode, metres: float, minutes: float, road_m: float | None) -> dict[str, Any]:
    """Tell the way to a station, and that nothing is known of its door: see `Hit.said`."""
    return {**way_there(mode, metres, minutes, road_m), **_NO_VISIT}


def way_there(mode: Mode, metres: float, minutes: float, road_m: float | None) -> dict[str, Any]:
    """Tell how far a station is: straight metres, the way's minutes, by road where there is one."""
    return {
        "distance_m": _thousandth(metres),
        "road_m": road_m and _thousandth(road_m),
        "minutes": _hundredth(minutes),
        "mode": mode.code,
        "estimated": road_m is None,
    }


def _thousandth(exact: float) -> float:
    """Round metres or trust, neither below 0; `round` takes four times as long."""
    return int(exact * 1000 + 0.5) / 1000


def _hundredth(exact: float) -> float:
    """Round minutes."""
    return int(exact * 100 + 0.5) / 100


class Teller:
    """Makes the hits of one answer."""

    def __init__(self, registry: Registry, asked: Question, doors: Doors, search: Search) -> None:
        self._registry, self._asked, self._doors, self._search = registry, asked, doors, search
        self._row_of, self._ways = doors.fitting.row_of, doors.ways
        self._near = self._to_pins(search.near)

    def hits(self, winners: Sequence[Winner]) -> list[Hit]:
        """Return the winners with everything there is to say."""
        found = [winner.found for winner in winners]
        rows = [self._row_of[each] for each in found]
        standings = self._standings(found)
        away = self._doors.to_pins(found, [winner.visited.metres for winner in winners])
        told: set[int] = set()
        hits = []
        for row, winner, standing, metres in zip(rows, winners, standings, away, strict=True):
            told.add(winner.found)
            said = self._said(winner, standing, metres, self._closer(winner, metres, told))
            hits.append(Hit(self._registry, row, self._asked.mode, said))
        return hits

    def _standings(self, found: Sequence[int]) -> list[Standing]:
        """Return how sure we are of the stations found: one each, two of them may be the same."""
        standing, moment = self._doors.fitting.standing, self._doors.moment
        stations = [standing.stations.item(each) for each in found]
        if standing.moving.isdisjoint(found):
            return moment.standings(stations)
        distinct = list(dict.fromkeys(stations))
        told = dict(zip(distinct, moment.standings(distinct), strict=True))
        return [told[station] for station in stations]

    def _to_pins(self, near: list[tuple[int, float]]) -> list[tuple[int, float]]:
        """Return the same by their straight metres to pins, the nearest first."""
        if self._doors.by_pins:
            return near
        found, metres = [each[0] for each in near], [each[1] for each in near]
        away = self._doors.to_pins(found, metres)
        return sorted(zip(found, away, strict=True), key=itemgetter(1, 0))

    def _said(
        self, winner: Winner, standing: Standing, metres: float, closer: list[Said]
    ) -> dict[str, Any]:
        """Return what `Hit.said` holds: the keys in the order of `Visit`."""
        found, _, minutes, state = winner.visited
        door = self._doors.door(found, state, minutes)
        return {
            **way_there(self._asked.mode, metres, minutes, self._ways.road_m(None, found)),
            "expected_minutes": _hundredth(winner.expected),
            "open": _STATES[state],
            "open_text": door.text,
            "next_change": door.when,
            "way_in": self._doors.way_in(found, minutes),
            "trust": _thousandth(standing.probability),
            "trust_text": {"zh": standing.zh, "en": standing.en},
            "why": [door.why, *closer],
            "fallback": self._fallback(found, winner.instead),
        }

    def _fallback(self, start: int, instead: Next | None) -> dict[str, Any] | None:
        if instead is None:
            return None
        record = self._registry.stand(self._row_of[instead.found])
        trust = self._doors.trust[instead.found]
        road_m = self._ways.road_m(start, instead.found)
        return {
            "id": record["id"],
            "name": record["name"],
            "lon": record["lon"],
            "lat": record["lat"],
            "distance_m": _thousandth(instead.metres),
            "road_m": road_m and _thousandth(road_m),
            "minutes": _hundredth(instead.minutes),
            "estimated": road_m is None,
            "open": _STATES[instead.state],
            "trust": _thousandth(trust),
        }

    def _closer(self, winner: Winner, away: float, told: set[int]) -> list[Said]:
        """Explain the nearest stations passed over before one ``away``; adds to ``told``."""
        said: list[Said] = []
        for found, metres in self._near:
            if metres >= away or len(said) == _CLOSER:
                break
            if found not in told:
                told.add(found)
                if self._search.visit(found, metres).state != BARRED or not self._moves(found):
                    said.append(self._why_not(found, metres, winner.visited.minutes))
        return said

    def _moves(self, found: int) -> bool:
        """Tell whether one is a place of a station that moves: barred, it stands elsewhere."""
        return found in self._doors.fitting.standing.moving

    def _why_not(self, found: int, metres: float, quicker: float) -> Said:
        """Explain why a station does not come before one that is ``quicker`` minutes away."""
        _, _, minutes, state = self._search.visit(found, metres)
        name = self._registry.stand(self._row_of[found])["name"]
        by_road = self._ways.road_m(None, found) is not None
        if math.isinf(minutes) or (state == State.OPEN and by_road and minutes > quicker):
            return reasons.of_longer(name, metres, minutes)
        why = self._doors.door(found, state, minutes).why
        return reasons.of_closer(name, metres, state, self._doors.trust[found], why)
