"""The doors of the stations that fit one question: where, whether open, how sure.

"Found" are rows of ``fitting.index``. Every arrival is counted from the question's instant.
"""

from __future__ import annotations

import math
from itertools import chain, compress
from typing import TYPE_CHECKING

import numpy as np

from geodata.geodesy import distance_m
from stations.hours import State
from stations.hours.clock import wall
from stations.nearest.expected import BARRED, NO_WAY, PENALTY_MIN, SLACK_MIN
from stations.nearest.facts import facts
from stations.nearest.fitting import BESIDE
from stations.nearest.outlook import Outlook, Situation
from stations.nearest.question import DAY_MIN

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from geodata.geodesy import BoolArray, FloatArray, IntArray
    from stations.nearest.fitting import Beside
    from stations.nearest.onward import Onward
    from stations.nearest.outlook import Outlooks
    from stations.nearest.question import Question
    from stations.nearest.reasons import Door
    from stations.registry import Registry
    from stations.trust import Standings

_MASKED = 600
"""From this many on, doors that cannot matter all day are not looked at."""
_FEW = 48
"""Up to this many doors are asked about one by one: that is quicker than making arrays."""
_SURE_MIN = DAY_MIN - 2 * PENALTY_MIN
"""Who arrives by then is at any door worth going on to within the day."""
_UNKNOWN = int(State.UNKNOWN)
_ALL = frozenset(State)
_USABLE = frozenset({State.OPEN, State.UNKNOWN})


class Trust(dict[int, float]):
    """The trust of some: weighed where first asked for, or before, many at once."""

    def __init__(self, doors: Doors) -> None:
        self._moment, self._standing = doors.moment, doors.fitting.standing

    def know(self, found: Iterable[int]) -> None:
        """Weigh those nobody has asked about yet."""
        missing = [*({*found} - self.keys())]
        if missing:
            told = self._told(self._standing.stations[missing]).tolist()
            self.update(zip(missing, told, strict=True))

    def _told(self, stations: IntArray) -> FloatArray:
        if not self._standing.moving:
            return self._moment.probability(stations)
        distinct, back = np.unique(stations, return_inverse=True)
        return self._moment.probability(distinct)[back]

    def __missing__(self, found: int) -> float:
        self.know((found,))
        return self[found]


class Doors:
    """The stations that fit one question with an instant, in one snapshot."""

    def __init__(self, registry: Registry, asked: Question, at: datetime) -> None:
        self._asked, self._at = asked, at
        self._facts = facts(registry)
        self.fitting = self._facts.fitting(asked)
        self.ways = self._facts.ways(asked, self.fitting)
        self._index = self.fitting.index if asked.by_time else self.fitting.pins
        self.by_pins = self._index is self.fitting.pins
        """Whether metres are to pins, and not to doors."""
        self._off_m = self.fitting.off_m if asked.by_time else 0.0
        self.moment = registry.moment(at)
        moment = wall(at)
        self._day = moment.date()
        seconds = (moment.hour * 60 + moment.minute) * 60 + moment.second
        self._into_day = (seconds * 10**6 + moment.microsecond) / 10**6 / 60
        self._moves = asked.open_ != "now"
        """Whether time goes by on the way."""
        self._no_way_min = math.inf if asked.open_ == "any" else DAY_MIN
        self._lines = self._facts.lines(self.fitting.hours, self._day)
        self._moving = self.fitting.standing.moving
        self._through, self._code_of = self._lines.through, self.fitting.code_of
        self._accepted = self._facts.numbers(asked.access)
        whole = self.moment.whole
        self.trust = Trust(self) if whole is None else self.fitting.trust(whole)
        """By row found."""
        self.outlooks = None if whole is None else self._shared(whole)
        """What is kept for others who ask the same; None: nothing is."""
        self.floor = (1 - self.moment.most) * PENALTY_MIN
        """No door costs less than the way to it and this."""

    def _shared(self, whole: Standings) -> Outlooks | None:
        asked = self._asked
        if self.ways.dear or asked.access:
            return None
        pace = asked.mode.minutes_per_m
        return self._facts.outlooks(
            Situation(self.fitting, whole, self._day, pace, asked.stay, self._moves)
        )

    def take(
        self, size: int, states: frozenset[State], within_m: float
    ) -> tuple[list[int], list[float], float]:
        """Return the nearest ``size``, none farther than ``within_m``: found and metres.

        With them the metres that all others are at least away; infinite: there are no others. When
        many are taken, those whose doors are in none of ``states`` for days are left out. Metres
        are to where the way ends if the order is by time, to the pin if by distance.
        """
        found, metres = self._index.nearest_to(
            self._asked.origin,
            size,
            within_m=within_m + self._off_m,
            where=self._mask(size, states),
        )
        beyond_m = metres[-1] if len(metres) == size else math.inf
        if self._off_m and math.isfinite(within_m):
            kept = [away <= within_m for away in self.to_pins(found, metres)]
            return [*compress(found, kept)], [*compress(metres, kept)], beyond_m
        return found, metres, beyond_m

    def to_pins(self, found: Sequence[int], metres: Sequence[float]) -> Sequence[float]:
        """Return the straight metres from the asker to pins, ``metres`` being as `take` told."""
        pins = self.fitting.pins
        if self.by_pins or not found:
            return metres
        lon, lat = (np.full(len(found), each) for each in self._asked.origin)
        told: list[float] = distance_m(lon, lat, pins.lon[found], pins.lat[found]).tolist()
        return told

    def beside(self, found: int, size: int) -> Beside:
        """Return at least ``size`` neighbours of one, left out as `take` does."""
        if size <= BESIDE:
            return self.fitting.beside(found)
        near = self.fitting.farther(found, size, self._mask(size, _USABLE))
        if isinstance(self.trust, Trust):
            self.trust.know(near.found)
        return near

    def ready(self, found: Sequence[int]) -> None:
        """Get all at once what `beside` and `trust` will be asked about these."""
        self.fitting.ready(found)
        if isinstance(self.trust, Trust):
            near = [self.fitting.beside(each).found for each in found]
            self.trust.know(chain(found, *near))

    def _mask(self, size: int, states: frozenset[State]) -> BoolArray | None:
        if size < _MASKED or states == _ALL:
            return None
        return self.fitting.may(self._day, states)

    def states(self, found: Sequence[int], after_min: Sequence[float]) -> list[int]:
        """Return what visits find that begin ``after_min`` after the instant, or at it for "now".

        `State`, or `BARRED` where the way in is none of those asked for or the station stands
        somewhere else then, or `NO_WAY`. A door more
        than a day away is unknown, and has no way to it if it must be open.
        """
        if len(found) <= _FEW:
            return [*map(self.state, found, after_min)]
        states = self._together(found, after_min)
        if not self._moving.isdisjoint(found):
            states = self._gone(found, after_min, states)
        if self._accepted:
            pairs = zip(found, after_min, strict=True)
            ways = [self._way_in(*pair) in self._accepted for pair in pairs]
            return [state if way else BARRED for state, way in zip(states, ways, strict=True)]
        return states

    def state(self, found: int, after_min: float) -> int:
        """Return what one visit finds: see `states`."""
        if self._accepted and self._way_in(found, after_min) not in self._accepted:
            return BARRED
        if found in self._moving and BARRED in self._gone([found], [after_min], [_UNKNOWN]):
            return BARRED
        if after_min > DAY_MIN:
            return _UNKNOWN if after_min < self._no_way_min else NO_WAY
        since = self._into_day + after_min * self._moves
        return self._through(self._code_of[found], since, self._asked.stay)

    def outlook(self, found: int, minutes: float) -> Outlook | None:
        """Return what is known to await who reaches one in ``minutes``; None: nothing is."""
        if self.outlooks is None:
            return None
        known = self.outlooks.get(found)
        if known is None or minutes > _SURE_MIN:
            return None
        arrival = self._into_day + minutes * self._moves
        return known if known.since <= arrival < known.until else None

    def found_out(
        self,
        found: int,
        minutes: float,
        state: int,
        onward: Onward | None = None,
        extra: float | None = None,
    ) -> Outlook:
        """Return what awaits who reaches one, and keep it for all who find the same doors so."""
        instead = None if onward is None else onward.found
        if self.outlooks is None or minutes > _SURE_MIN:
            return Outlook(math.inf, -math.inf, state, extra, instead)
        since, until = self._alike(found, minutes, 0.0)
        for other, way in () if onward is None else onward.asked:
            first, end = self._alike(other, minutes, way)
            since, until = max(since, first), min(until, end)
        outlook = Outlook(since + SLACK_MIN, until - SLACK_MIN, state, extra, instead)
        self.outlooks.keep(found, outlook)
        return outlook

    def _alike(self, found: int, minutes: float, way: float) -> tuple[float, float]:
        """Return from which arrival at a station on, and before which, a door is in the same state.

        The station is reached ``minutes`` after the instant, the door a ``way`` later. Empty where
        it opens or shuts during the visit, or stands there at times only.
        """
        if found in self._moving:
            return math.inf, -math.inf
        later = way * self._moves
        since, until = self._lines.alike(
            self._code_of[found], self.arrival(minutes) + later, self._asked.stay
        )
        return since - later, until - later

    def _gone(
        self, found: Sequence[int], after_min: Sequence[float], states: Sequence[int]
    ) -> list[int]:
        """Bar the places where a station does not stand on arrival."""
        after = np.array(after_min)
        wait = np.where(after > DAY_MIN, 0.0, after) * self._moves
        rows = self.fitting.rows[found]
        here = self.fitting.standing.there.open_through(self._at, 0.0, rows=rows, after_min=wait)
        here[after > DAY_MIN] = State.CLOSED
        return [
            state if there == State.OPEN or one not in self._moving else BARRED
            for one, state, there in zip(found, states, here.tolist(), strict=True)
        ]

    def may(self, found: int, since: float, until: float, states: frozenset[State]) -> bool:
        """Tell whether a visit may find one of ``states`` that begins in that span of minutes.

        The minutes are those after the instant; for "now" it is the instant. Where unknown is among
        the states, an open door will do: it may not stay known.
        """
        wanted = states if _UNKNOWN not in states else _USABLE
        first = int(self.arrival(min(since, DAY_MIN)))
        last = int(self.arrival(min(until, DAY_MIN)))
        return self._lines.ever(self._code_of[found], first, last, wanted)

    def _together(self, found: Sequence[int], after_min: Sequence[float]) -> list[int]:
        after = np.array(after_min)
        far = after > DAY_MIN
        wait = np.where(far, 0.0, after) * self._moves
        told = self.fitting.hours.open_through(
            self._at, self._asked.stay, rows=self.fitting.rows[found], after_min=wait
        )
        told[far] = _UNKNOWN
        told[far & (after >= self._no_way_min)] = NO_WAY
        states: list[int] = told.tolist()
        return states

    def door(self, found: int, state: int, after_min: float) -> Door:
        """Tell of a door in ``state`` for a visit that begins ``after_min`` after the instant."""
        visit = int(self.arrival(after_min)) if self._moves else None
        code = self._code_of[found]
        return self._facts.door(self._lines, code, state, int(self._into_day), visit)

    def way_in(self, found: int, after_min: float) -> str:
        """Return the code of the way in at an arrival; "" unknown."""
        return self._facts.codes[self._way_in(found, after_min)]

    def _way_in(self, found: int, after_min: float) -> int:
        minute = int(self.arrival(min(after_min, DAY_MIN)))
        return self._facts.way_in(self.fitting.row_of[found], self._day, minute)

    def arrival(self, after_min: float) -> float:
        """Return the minutes from the day's midnight to a visit."""
        return self._into_day + after_min * self._moves
