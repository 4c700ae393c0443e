"""What the columns of a snapshot say about getting in; computed once a snapshot.

"Rows" are rows of ``registry.stands``: a station that moves has one for each of its places.
"""

from __future__ import annotations

import json
from functools import lru_cache, partial, reduce
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from stations.catalogue import catalogue
from stations.hours import State, Timetable
from stations.nearest import reasons
from stations.nearest.fitting import Fitting, Standing
from stations.nearest.lines import Lines
from stations.nearest.outlook import Outlooks
from stations.nearest.roads import Doorsteps, Roads
from stations.nearest.ways import Straight
from stations.registry import Kept, index_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date

    import numpy.typing as npt

    from geodata.geodesy import BoolArray, IntArray
    from geodata.roads import RoadNetwork
    from stations.navigation import Destinations
    from stations.nearest.question import Question
    from stations.nearest.ways import Ways
    from stations.registry import Column, Move, Registry, Stands
    from stations.travel import Mode

    type Codes = npt.NDArray[np.int8]

SOURCE = "webapp.union.stations"
"""Who we are to the map apps."""
_REMEMBERED = 32
_DOORS = 32_768
_SITUATIONS = 12
"""Of some 15 MB each at most."""
_NETWORKS = 4
"""For how many networks and modes it is kept where stations meet the road."""


class Way(NamedTuple):
    """Another way in, and when it is the one."""

    number: int
    """Position of its code in the catalogue."""
    line: IntArray
    """Row → line of ``hours``; -1: the station does not have it."""
    hours: Timetable


class Kind(NamedTuple):
    """What decides which stations fit a question; as `Question` has it."""

    needs: int
    access: tuple[str, ...]
    ebike: bool
    truck: bool
    by_road: bool
    """Stations are found by where the way to them ends."""


class Traits(NamedTuple):
    """What stations are chosen by; arrays go by row."""

    stands: Stands
    codes: tuple[str, ...]
    """Of the ways in; the last is "", unknown."""
    base: Codes
    """The way in where no other one counts, as a position in ``codes``."""
    ways: tuple[Way, ...]
    ebike: BoolArray
    truck: BoolArray
    told: tuple[Column, ...]
    """What ``ways`` were made of."""

    @classmethod
    def of(cls, registry: Registry, before: Traits | None) -> Traits:
        """Take them from a snapshot's columns; ``before``: those of the snapshot before."""
        stands, column = registry.stands, registry.column
        codes = (*catalogue().access.terms, "")
        numbers = {code: number for number, code in enumerate(codes)}
        told = column("access_hours"), column("calendar")
        same = before is not None and told == before.told and len(before.base) == len(stands)
        return cls(
            stands=stands,
            codes=codes,
            base=_by_stand(stands, column("access"), lambda code: numbers.get(code, 0), np.int8),
            ways=before.ways if same and before else _ways(stands, *told, numbers),
            ebike=_by_stand(stands, column("ebike_parking"), _some, np.bool_),
            truck=_by_stand(stands, column("truck_bays"), _some, np.bool_),
            told=told,
        )

    def numbers(self, access: tuple[str, ...]) -> list[int]:
        """Return the positions of ways in."""
        return [self.codes.index(code) for code in access]

    def fitting(self, kind: Kind, known: Fitting | None = None) -> Fitting:
        """Return the stations that fit; ``known``: what was returned for the snapshot before."""
        needs, stands = catalogue().amenities.codes(kind.needs), self.stands
        index, rows = stands.offering(needs)
        masks = [self.ebike] if kind.ebike else []
        masks += [self.truck] if kind.truck else []
        masks += [self._enterable(kind.access)] if kind.access else []
        if masks:
            kept = reduce(np.logical_and, masks)[rows]
            before = None if known is None else known.pins
            index, rows = index_of(index.lon[kept], index.lat[kept], before), rows[kept]
        hours = stands.timetable_for(needs) if needs else stands.timetable
        fitting = Fitting(index, rows, hours, Standing.of(stands, rows), known=known)
        return fitting.at_doors(stands.destinations.wgs84, known) if kind.by_road else fitting

    def _enterable(self, access: tuple[str, ...]) -> BoolArray:
        numbers = self.numbers(access)
        ever = np.isin(self.base, numbers)
        for way in self.ways:
            if way.number in numbers:
                ever |= way.line >= 0
        return ever


class Facts:
    """The ways in and the parking of every station. It must not know its registry: see `facts`."""

    def __init__(
        self,
        registry: Registry,
        traits: Traits | None = None,
        fittings: Mapping[Kind, Fitting] | None = None,
        steps: Mapping[tuple[str, str, Mode], Doorsteps] | None = None,
    ) -> None:
        """Compute them, but for what is known already."""
        self._traits = traits or Traits.of(registry, None)
        self.codes = self._traits.codes
        self._base_of: Sequence[int] = self._traits.base.tobytes()
        self._fittings = Kept(self._traits.fitting, fittings)
        self.lines = lru_cache(_REMEMBERED)(Lines)
        """Hours and a day → their lines."""
        self.outlooks = lru_cache(_SITUATIONS)(Outlooks)
        """What those found who came before, by `Situation`."""
        self.door = lru_cache(_DOORS)(reasons.of_door)
        """What `reasons.of_door` says."""
        self._steps: dict[tuple[str, str, Mode], Doorsteps] = dict(steps or {})
        stands, names = registry.stands, registry.column("name")
        self.links = partial(_links, stands.destinations, names, stands.station)
        """Row, mode → the links that serve the mode as dicts, the best first."""

    def moved(self, registry: Registry, move: Move) -> Facts:
        """Return those of the next snapshot, with what was found out for this one."""
        before, after = self._traits.stands, registry.stands
        ends, to = after.destinations.wgs84, np.full(len(before), -1)
        to[: move.before] = move.to
        if after.places == before.places:
            to[move.before :] = np.arange(len(move), len(after))
        steps = {key: each.moved(ends, to) for key, each in self._steps.items()}
        traits = Traits.of(registry, self._traits)
        made = Facts(registry, traits, self._fitted_again(traits), steps)
        if after.timetable is before.timetable:
            made.lines, made.door = self.lines, self.door
        return made

    def _fitted_again(self, traits: Traits) -> dict[Kind, Fitting]:
        """Return the fittings of another snapshot for the kinds of questions asked of this one."""
        asked = self._fittings.was_asked
        return self._fittings.carried(
            lambda kind, known: traits.fitting(kind, known) if asked(kind) else None
        )

    def way_in(self, row: int, day: date, minute: int) -> int:
        """Return the way in at a row, as a position in ``codes``; ``minute`` since midnight.

        Another way in counts where its hours say open; the first in the catalogue's order.
        """
        for way in self._traits.ways:
            line = int(way.line[row])
            if line >= 0:
                code = int(way.hours.codes[line])
                if self.lines(way.hours, day).worst(code, minute, minute) == State.OPEN:
                    return way.number
        return self._base_of[row]

    def numbers(self, access: tuple[str, ...]) -> list[int]:
        """Return the positions of ways in."""
        return self._traits.numbers(access)

    def fitting(self, asked: Question) -> Fitting:
        """Return the stations in use that fit the needs, the ways in and the parking asked for.

        A station fits a way in if it has it at some hour. Where roads are asked of, stations are
        found by where the way to them ends.
        """
        by_road = asked.network is not None
        return self._fittings(Kind(asked.needs, asked.access, asked.ebike, asked.truck, by_road))

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
            steps = Doorsteps(network, mode, self._traits.stands.destinations.wgs84)
            self._steps = {**dict(kept), key: steps}
        return steps


def facts(registry: Registry) -> Facts:
    """Return the facts of a snapshot, computed when first asked for."""
    return registry.derived(Facts)


def _links(
    destinations: Destinations, names: Column, station: IntArray, row: int, mode: Mode
) -> tuple[dict[str, str], ...]:
    made = destinations.links(row, names[station.item(row)], SOURCE, mode.links)
    return tuple(link._asdict() for link in made)


def _some(places: int | None) -> bool:
    return bool(places)


def _by_stand(
    stands: Stands, column: Column, read: Callable[[Any], object], kind: type[np.generic]
) -> npt.NDArray[Any]:
    """Return what the cells of the stations at some stands mean."""
    return np.array([*map(read, column.values)], dtype=kind)[column.codes][stands.station]


def _ways(
    stands: Stands, access_hours: Column, calendars: Column, numbers: Mapping[str, int]
) -> tuple[Way, ...]:
    """Return the other ways in, by code, in the catalogue's order."""
    said = _by_stand(stands, access_hours, bool, np.bool_)
    rows = np.flatnonzero(said)
    station = stands.station[rows].tolist()
    read = {text: json.loads(text) for text in {access_hours[each] for each in station}}
    told = [read[access_hours[each]] for each in station]
    ways = []
    for code, number in numbers.items():
        having = [position for position, hours in enumerate(told) if code in hours]
        if having:
            line = np.full(len(stands), -1)
            line[rows[having]] = np.arange(len(having))
            texts = [told[position][code] for position in having]
            hours = Timetable.of(texts, [calendars[station[position]] for position in having])
            ways.append(Way(number, line, hours))
    return tuple(ways)
