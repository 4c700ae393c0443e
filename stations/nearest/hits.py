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
        """The station's record, as `Registry.stand` returns it; shared: do not change it."""
        return self.registry.stand(self.row)

    @property
    def links(self) -> Sequence[dict[str, str]]:
        """`stations.navigation.Link` as dicts, those of the mode, the best first."""
        return facts(self.registry).links(self.row, self.mode)

    def said(self) -> dict[str, Any]:
        """Return what depends on the question, for JSON; without an instant the door is unknown."""
        road_m, visit = self.road_m, _NO_VISIT if self.visit is None else self.visit
        here = self.distance_m, road_m, self.minutes, self.mode.code, road_m is None
        return dict(zip(_SAID, (*here, *visit), strict=True))

    def as_dict(self) -> dict[str, Any]:
        """Return everything in one flat dict, for JSON."""
        return {**self.station, **self.said(), "links": list(self.links)}


_NO_VISIT: tuple[Any, ...] = tuple(
    {**dict.fromkeys(Visit._fields), "open": "unknown", "why": []}.values()
)
_SAID = ("distance_m", "road_m", "minutes", "mode", "estimated", *Visit._fields)


class Far(NamedTuple):
    """How far a place is."""

    metres: float
    """Straight."""
    minutes: float
    road_m: float | None


def hit(registry: Registry, mode: Mode, row: int, far: Far, visit: Visit | None = None) -> Hit:
    """Return the hit for a row."""
    metres, minutes, road_m = far
    road_m = road_m and _thousandth(road_m)
    return Hit(registry, row, _thousandth(metres), _hundredth(minutes), road_m, mode, visit)


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
        registry, mode, road_m = self._registry, self._asked.mode, self._ways.road_m
        told: set[int] = set()
        hits = []
        for row, winner, standing, metres in zip(rows, winners, standings, away, strict=True):
            told.add(winner.found)
            far = Far(metres, winner.visited.minutes, road_m(None, winner.found))
            visit = self._visit(winner, standing, self._closer(far, told))
            hits.append(hit(registry, mode, row, far, visit))
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

    def _visit(self, winner: Winner, standing: Standing, closer: list[Said]) -> Visit:
        found, _, minutes, state = winner.visited
        door = self._doors.door(found, state, minutes)
        return Visit(
            _hundredth(winner.expected),
            _STATES[state],
            door.text,
            door.when,
            self._doors.way_in(found, minutes),
            _thousandth(standing.probability),
            {"zh": standing.zh, "en": standing.en},
            [door.why, *closer],
            self._fallback(found, winner.instead),
        )

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

    def _closer(self, winner: Far, told: set[int]) -> list[Said]:
        """Explain the nearest stations passed over before one; adds to ``told``."""
        said: list[Said] = []
        for found, metres in self._near:
            if metres >= winner.metres or len(said) == _CLOSER:
                break
            if found not in told:
                told.add(found)
                if self._search.visit(found, metres).state != BARRED or not self._moves(found):
                    said.append(self._why_not(found, metres, winner.minutes))
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
