"""What the columns of a snapshot say about getting in; computed once a snapshot.

"Rows" are rows of ``registry.stands``: a station that moves has one for each of its places.
"""

from __future__ import annotations

import json
import threading
from functools import lru_cache, partial, reduce
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from geodata.geodesy import PointIndex
from stations.catalogue import catalogue
from stations.hours import State, Timetable
from stations.nearest import reasons
from stations.nearest.fitting import Fitting, Standing
from stations.nearest.lines import Lines
from stations.nearest.roads import Doorsteps, Roads
from stations.nearest.ways import Straight

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    import numpy.typing as npt
    import pandas as pd

    from geodata.geodesy import BoolArray, IntArray
    from geodata.roads import RoadNetwork
    from stations.navigation import Destinations
    from stations.nearest.question import Question
    from stations.nearest.ways import Ways
    from stations.registry import Registry
    from stations.travel import Mode

    type Codes = npt.NDArray[np.int8]

SOURCE = "webapp.union.stations"
"""Who we are to the map apps."""
_REMEMBERED = 32
_FITTINGS = 16
"""Of how many kinds of question the stations that fit are kept, each with an index."""
_DOORS = 32_768
_NETWORKS = 4
"""For how many networks and modes it is kept where stations meet the road."""


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
        stands = registry.stands
        frame = registry.stations
        if stands.moves:
            frame = frame.iloc[stands.station]
        self.codes = (*catalogue().access.terms, "")
        numbers = {code: number for number, code in enumerate(self.codes)}
        self._base: Codes = frame["access"].map(numbers).to_numpy(dtype=np.int8)
        self._base_of: Sequence[int] = self._base.tobytes()
        self._ways = _ways(frame["access_hours"], frame["calendar"], numbers)
        self._ebike, self._truck = _some(frame["ebike_parking"]), _some(frame["truck_bays"])
        self._fittings: dict[tuple[object, ...], Fitting] = {}
        self._making = threading.Lock()
        self.lines = lru_cache(_REMEMBERED)(Lines)
        """Hours and a day → their lines."""
        self.door = lru_cache(_DOORS)(reasons.of_door)
        """What `reasons.of_door` says."""
        self._ends = stands.destinations.wgs84
        self._steps: dict[tuple[str, str, Mode], Doorsteps] = {}
        self.links = partial(_links, stands.destinations, frame["name"].tolist())
        """Row, mode → the links that serve the mode as dicts, the best first."""

    def way_in(self, row: int, day: date, minute: int) -> int:
        """Return the way in at a row, as a position in ``codes``; ``minute`` since midnight.

        Another way in counts where its hours say open; the first in the catalogue's order.
        """
        for way in self._ways:
            line = int(way.line[row])
            if line >= 0:
                code = int(way.hours.codes[line])
                if self.lines(way.hours, day).worst(code, minute, minute) == State.OPEN:
                    return way.number
        return self._base_of[row]

    def numbers(self, access: tuple[str, ...]) -> list[int]:
        """Return the positions of ways in."""
        return [self.codes.index(code) for code in access]

    def fitting(self, registry: Registry, asked: Question) -> Fitting:
        """Return the stations in use that fit the needs, the ways in and the parking asked for.

        A station fits a way in if it has it at some hour. ``registry`` is the one these are of.
        Where roads are asked of, stations are found by where the way to them ends.
        """
        key = asked.needs, asked.access, asked.ebike, asked.truck, asked.network is None
        known = self._fittings.get(key)
        if known is None:
            with self._making:
                known = self._fittings.get(key) or self._fitted(registry, asked)
                if len(self._fittings) >= _FITTINGS:
                    del self._fittings[next(iter(self._fittings))]
                self._fittings[key] = known
        return known

    def _fitted(self, registry: Registry, asked: Question) -> Fitting:
        needs, stands = catalogue().amenities.codes(asked.needs), registry.stands
        index, rows = stands.offering(needs)
        masks = [self._ebike] if asked.ebike else []
        masks += [self._truck] if asked.truck else []
        masks += [self._enterable(asked.access)] if asked.access else []
        if masks:
            kept = reduce(np.logical_and, masks)[rows]
            index, rows = PointIndex(index.lon[kept], index.lat[kept]), rows[kept]
        hours = stands.timetable_for(needs) if needs else stands.timetable
        fitting = Fitting(index, rows, hours, Standing.of(stands, rows))
        return fitting if asked.network is None else fitting.at_doors(self._ends)

    def ways(self, asked: Question, fitting: Fitting) -> Ways:
        """Return the ways of a question among the stations that fit it."""
        network, mode = asked.network, asked.mode
        if network is None:
            return Straight(mode)
        return Roads(self.steps(network, mode), fitting.rows, asked.origin)

    def steps(self, network: RoadNetwork, mode: Mode) -> Doorsteps:
        """Return where the stations meet a network in a mode; the latest few are kept."""
        key = network.info.id, repr(network.costing(mode.code)), mode
        steps = self._steps.get(key)
        if steps is None:
            kept = [*self._steps.items()][1 - _NETWORKS :]
            steps = Doorsteps(network, mode, self._ends)
            self._steps = {**dict(kept), key: steps}
        return steps

    def _enterable(self, access: tuple[str, ...]) -> BoolArray:
        numbers = self.numbers(access)
        ever = np.isin(self._base, numbers)
        for way in self._ways:
            if way.number in numbers:
                ever |= way.line >= 0
        return ever


def facts(registry: Registry) -> Facts:
    """Return the facts of a snapshot, computed when first asked for."""
    return registry.derived(Facts)


def _links(
    destinations: Destinations, names: Sequence[str], row: int, mode: Mode
) -> tuple[dict[str, str], ...]:
    made = destinations.links(row, names[row], SOURCE, mode.links)
    return tuple(link._asdict() for link in made)


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
