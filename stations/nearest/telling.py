"""What is said of the stations an answer names, and of closer ones it does not."""

from __future__ import annotations

import math
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from stations.hours import State
from stations.nearest import reasons
from stations.nearest.expected import BARRED
from stations.nearest.hits import Arrival, Hit, hundredth, thousandth, way_there

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stations.nearest.around import Doors
    from stations.nearest.onward import Next
    from stations.nearest.question import Question
    from stations.nearest.reasons import Said
    from stations.nearest.search import Search, Winner
    from stations.registry import Registry

_CLOSER = 2
"""How many closer stations an answer explains."""


class Teller:
    """Makes the hits of one answer."""

    def __init__(self, registry: Registry, asked: Question, doors: Doors, search: Search) -> None:
        self._registry, self._asked, self._doors, self._search = registry, asked, doors, search
        self._row_of, self._ways = doors.fitting.row_of, doors.ways
        self._near = self._to_pins(search.near)
        self._station_of = doors.fitting.standing.station_of
        self._words: dict[int, tuple[str, str]] = {}

    def hits(self, winners: Sequence[Winner]) -> list[Hit]:
        """Return the winners with everything there is to say."""
        found = [winner.found for winner in winners]
        if self._doors.outlooks is None:
            self._weigh(found, [winner.instead for winner in winners])
        away = self._doors.to_pins(found, [winner.visited.metres for winner in winners])
        told: set[int] = set()
        hits = []
        for one, winner, metres in zip(found, winners, away, strict=True):
            told.add(one)
            road_m = self._ways.road_m(None, one)
            way = way_there(
                self._asked.mode, metres, winner.visited.minutes, road_m, winner.expected
            )
            arrival, closer = self._arrival(winner), self._closer(winner, metres, told)
            hit = Hit(self._registry, self._row_of[one], self._asked.mode, way, arrival, closer)
            hits.append(hit)
        return hits

    def _weigh(self, found: Sequence[int], instead: Sequence[Next | None]) -> None:
        """Ask for the words of all there is to be told of at once."""
        found = [*found, *(each.found for each in instead if each is not None)]
        stations = [*{self._station_of[each] for each in found}]
        self._words = dict(zip(stations, self._doors.moment.words(stations), strict=True))

    def _sure(self, found: int) -> tuple[float, Said]:
        """Tell how sure we are of a station: trust, and its age in words."""
        station = self._station_of[found]
        words = self._words.get(station) or self._doors.moment.words([station])[0]
        return thousandth(self._doors.trust[found]), reasons.said(*words)

    def _to_pins(self, near: list[tuple[int, float]]) -> list[tuple[int, float]]:
        """Return the same by their straight metres to pins, the nearest first."""
        if self._doors.by_pins:
            return near
        found, metres = [each[0] for each in near], [each[1] for each in near]
        away = self._doors.to_pins(found, metres)
        return sorted(zip(found, away, strict=True), key=itemgetter(1, 0))

    def _arrival(self, winner: Winner) -> Arrival:
        """Tell of a visit; what others are told who arrive in the same minute is kept for them.

        So the ages of trust are those of a moment in the question's own minute.
        """
        found, _, minutes, state = winner.visited
        outlooks = self._doors.outlooks
        if outlooks is None:
            return Arrival(self._said(winner))
        key = found, state, int(self._doors.arrival(minutes)), winner.instead
        return outlooks.arrival(key, lambda: Arrival(self._said(winner)))

    def _said(self, winner: Winner) -> dict[str, Any]:
        """Return what `Arrival.said` holds: the keys in the order of `Visit`."""
        found, _, minutes, state = winner.visited
        door, (trust, words) = self._doors.door(found, state, minutes), self._sure(found)
        return {
            **door.said,
            "way_in": self._doors.way_in(found, minutes),
            "trust": trust,
            "trust_text": words,
            "why": [door.why],
            "fallback": winner.instead and self._fallback(found, winner.instead),
        }

    def _fallback(self, start: int, instead: Next) -> dict[str, Any]:
        station, row = self._station_of[instead.found], self._row_of[instead.found]
        column, stands = self._registry.column, self._registry.stands
        road_m = self._ways.road_m(start, instead.found)
        trust, words = self._sure(instead.found)
        return {
            "id": column("id")[station],
            "name": column("name")[station],
            "lon": stands.lon.item(row),
            "lat": stands.lat.item(row),
            "distance_m": thousandth(instead.metres),
            "road_m": road_m and thousandth(road_m),
            "minutes": hundredth(instead.minutes),
            "estimated": road_m is None,
            "open": reasons.STATES[instead.state],
            "trust": trust,
            "trust_text": words,
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
        name = self._registry.column("name")[self._station_of[found]]
        by_road = self._ways.road_m(None, found) is not None
        if math.isinf(minutes) or (state == State.OPEN and by_road and minutes > quicker):
            return reasons.of_longer(name, metres, minutes)
        why = self._doors.door(found, state, minutes).why
        return reasons.of_closer(name, metres, state, self._doors.trust[found], why)
