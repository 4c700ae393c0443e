"""What the columns of a snapshot say about getting in; computed once a snapshot.

"Found" are rows of ``registry.index``; "rows" are rows of ``registry.stations``.
"""

from __future__ import annotations

import json
import threading
from functools import lru_cache, partial, reduce
from typing import TYPE_CHECKING, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np

from stations.catalogue import catalogue
from stations.hours import State, Timetable
from stations.hours.blocks import DAYS
from stations.hours.posted import line_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    import numpy.typing as npt
    import pandas as pd

    from geodata.geodesy import BoolArray, FloatArray, IntArray, PointIndex
    from stations.navigation import Destinations
    from stations.nearest.question import Question
    from stations.registry import Registry
    from stations.travel import Mode

    type Codes = npt.NDArray[np.int8]

SOURCE = "webapp.union.stations"
"""Who we are to the map apps."""
_REMEMBERED = 32
_LINKS = 16_384


class Way(NamedTuple):
    """Another way in, and when it is the one."""

    number: int
    """Position of its code in the catalogue."""
    line: IntArray
    """Row → line of ``hours``; -1: the station does not have it."""
    hours: Timetable


class Facts:
    """The ways in and the parking of every station. It must not know its registry: see `facts`."""

    def __init__(self, registry: Registry) -> None:
        frame, self._active = registry.stations, registry.active
        self.codes = (*catalogue().access.terms, "")
        numbers = {code: number for number, code in enumerate(self.codes)}
        self._base: Codes = frame["access"].map(numbers).to_numpy(dtype=np.int8)
        self._ways = _ways(frame["access_hours"], frame["calendar"], numbers)
        self._ebike = _some(frame["ebike_parking"])[self._active]
        self._truck = _some(frame["truck_bays"])[self._active]
        self._enterable = lru_cache(_REMEMBERED)(self._ever)
        self.may = lru_cache(_REMEMBERED)(self._may)
        self.links = lru_cache(_LINKS)(
            partial(_links, registry.destinations, frame["name"].tolist())
        )
        """Row, mode → the links that serve the mode as dicts, the best first; shared."""

    def ways_in(self, rows: IntArray, at: datetime, after_min: FloatArray) -> Codes:
        """Return the way in at each row on arrival, as a position in ``codes``.

        Another way in counts where its hours say open; the first in the catalogue's order.
        """
        found = self._base[rows]
        for way in reversed(self._ways):
            line = way.line[rows]
            having = np.flatnonzero(line >= 0)
            if having.size:
                told = way.hours.open_through(at, 0, rows=line[having], after_min=after_min[having])
                found[having[told == State.OPEN]] = way.number
        return found

    def numbers(self, access: tuple[str, ...]) -> list[int]:
        """Return the positions of ways in."""
        return [self.codes.index(code) for code in access]

    def fit(self, asked: Question, offers: BoolArray | None) -> BoolArray | None:
        """Narrow what offers the needs, over found rows (None: all), by the other filters.

        A station fits a way in if it has it at some hour.
        """
        masks = [] if offers is None else [offers]
        masks += [self._ebike] if asked.ebike else []
        masks += [self._truck] if asked.truck else []
        masks += [self._enterable(asked.access)] if asked.access else []
        return reduce(np.logical_and, masks) if masks else None

    def _ever(self, access: tuple[str, ...]) -> BoolArray:
        numbers = self.numbers(access)
        ever = np.isin(self._base, numbers)
        for way in self._ways:
            if way.number in numbers:
                ever |= way.line >= 0
        return ever[self._active]

    def _may(self, hours: Timetable, day: date, states: frozenset[State]) -> BoolArray:
        """Tell which found rows have one of ``states`` at some minute of a day or the next two.

        No visit asked about ends later.
        """
        wanted = [int(state) for state in states]
        lines = (line_of(posted, day, DAYS) for posted in hours.distinct)
        some = np.array(
            [bool(np.isin(line.states, wanted).any()) for line in lines], dtype=np.bool_
        )
        return some[hours.codes][self._active]


_known: WeakKeyDictionary[PointIndex, Facts] = WeakKeyDictionary()
_computing = threading.Lock()


def facts(registry: Registry) -> Facts:
    """Return the facts of a snapshot, computed when first asked for.

    Snapshots that differ in evidence only share their index, and so their facts.
    """
    known = _known.get(registry.index)
    if known is None:
        with _computing:
            known = _known.get(registry.index) or Facts(registry)
            _known[registry.index] = known
    return known


def _links(
    destinations: Destinations, names: Sequence[str], row: int, mode: Mode
) -> tuple[dict[str, str], ...]:
    made = destinations.links(row, names[row], SOURCE)
    return tuple(link._asdict() for way in mode.links for link in made if link.mode == way)


def _some(places: pd.Series[int]) -> BoolArray:
    found: BoolArray = (places.fillna(0) > 0).to_numpy(dtype=np.bool_)
    return found


def _ways(
    access_hours: pd.Series[str], calendars: pd.Series[str], numbers: Mapping[str, int]
) -> list[Way]:
    """Return the other ways in, by code, in the catalogue's order."""
    rows = np.flatnonzero((access_hours != "").to_numpy(dtype=bool))
    read = [json.loads(text) for text in access_hours.iloc[rows]]
    calendar = calendars.iloc[rows].tolist()
    ways = []
    for code, number in numbers.items():
        having = [position for position, hours in enumerate(read) if code in hours]
        if having:
            line = np.full(len(access_hours), -1)
            line[rows[having]] = np.arange(len(having))
            texts = [read[position][code] for position in having]
            hours = Timetable.of(texts, [calendar[position] for position in having])
            ways.append(Way(number, line, hours))
    return ways
