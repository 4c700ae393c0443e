"""The packages worth considering, with the hours at which each would serve."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple, Self

import numpy as np

from stations.cube import bits
from stations.cube.starts import starts
from stations.hours import Posted, Timetable
from stations.planning.kinds import BUILDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geodata.geodesy import BoolArray, IntArray
    from stations.cube.bits import Words
    from stations.planning.demand import Demand
    from stations.planning.naming import Named
    from stations.planning.packages import Offer, Package

NOTHING = Posted("")
"""For packages that post nothing."""


@dataclass(frozen=True, eq=False)
class Shelf:
    """Packages, numbered: the columns of the program."""

    offer: Offer
    packages: tuple[Package, ...]
    ids: tuple[str, ...]
    open: Words
    """(packages, words): hours at which the place's door is open afterwards."""
    amenity: Words
    """Hours at which all that is needed can be had."""
    trusted: BoolArray

    @classmethod
    def of(cls, demand: Demand, offer: Offer, named: Named) -> Self:
        """List what gains anybody an hour or saves money, and whatever must be done.

        To gain is also to serve again whom a station that may end leaves.
        """
        ending = _ending(demand, offer)
        stays = demand.supply.usable()
        stays[[each.station for each in ending]] = 0
        needed = demand.by_place(demand.wanted & ~demand.served(stays))
        wanted = needed.any(axis=1)
        wanted[list(named.must)] = True
        listed = _listed(demand, offer, ending, np.flatnonzero(wanted))
        kept = [each for each in listed if not named.barred(each, offer.id_of(each))]
        ids = tuple(offer.id_of(each) for each in kept)
        shelf = cls(offer, tuple(kept), ids, *hours_of(demand, offer, kept))
        gains = (shelf.usable & needed[shelf.at]).any(axis=1)
        useful = [
            number
            for number, each in enumerate(kept)
            if gains[number] or each.cost < 0 or named.asked(each, shelf.ids[number])
        ]
        return shelf.only(np.array(useful, dtype=np.int64))

    def only(self, chosen: IntArray) -> Self:
        """Return some of them, renumbered."""
        numbers = chosen.tolist()
        return type(self)(
            self.offer,
            tuple(self.packages[number] for number in numbers),
            tuple(self.ids[number] for number in numbers),
            self.open[chosen],
            self.amenity[chosen],
            self.trusted[chosen],
        )

    def __len__(self) -> int:
        return len(self.packages)

    @cached_property
    def usable(self) -> Words:
        """(packages, words): hours at which each serves."""
        words = self.open & self.amenity
        words[~self.trusted] = 0
        return words

    @cached_property
    def at(self) -> IntArray:
        """(packages,): the place each acts at."""
        return np.array([each.at for each in self.packages], dtype=np.int64)

    @cached_property
    def ends(self) -> IntArray:
        """(packages,): the row of the station each ends, -1 none."""
        return np.array([each.ends for each in self.packages], dtype=np.int64)

    @cached_property
    def costs(self) -> IntArray:
        """(packages,) yuan."""
        return np.array([each.cost for each in self.packages], dtype=np.int64)

    @cached_property
    def builds(self) -> BoolArray:
        """(packages,): which make a new station."""
        return np.array([each.kinds[0] in BUILDS for each in self.packages], dtype=np.bool_)


def _ending(demand: Demand, offer: Offer) -> list[Package]:
    """List what ends stations that stand: by what is next door, or moved to a candidate."""
    there = demand.supply.there.any(axis=1)
    pins = np.intersect1d(offer.pins[there[offer.pins]], demand.in_reach)
    found = [each for row in pins.tolist() for each in offer.beside(row)]
    for place in demand.in_reach[demand.in_reach >= offer.size].tolist():
        found += (each for each in offer.moves(place - offer.size) if there[each.station])
    return found


def _listed(
    demand: Demand, offer: Offer, ending: Sequence[Package], wanted: IntArray
) -> list[Package]:
    """List packages: stations to better, to end beside others, then candidates; by place."""
    there = demand.supply.there.any(axis=1)
    pins = np.intersect1d(offer.pins[there[offer.pins]], wanted)
    found = [each for row in pins.tolist() for each in offer.better(row)]
    found += (each for each in ending if each.at < offer.size)
    moves: dict[int, list[Package]] = {}
    for each in ending:
        moves.setdefault(each.at, []).append(each)
    for place in wanted[wanted >= offer.size].tolist():
        found += (*offer.new(place - offer.size), *moves.get(place, ()))
    return found


class Hours(NamedTuple):
    """When packages serve."""

    open: Words
    amenity: Words
    trusted: BoolArray


def hours_of(demand: Demand, offer: Offer, packages: Sequence[Package]) -> Hours:
    """Return when each package's door is open, its amenities can be had, and whether it is sure."""
    supply, question, size = demand.supply, demand.question, len(packages)
    known: dict[Posted, int] = {NOTHING: 0}
    codes = [known.setdefault(each.door or NOTHING, len(known)) for each in packages]
    doors = Timetable(tuple(known), np.array(codes, dtype=np.int64))
    opened = starts(doors, question.when, question.stay_min).open
    amenity = np.zeros_like(opened)
    trusted = np.ones(size, dtype=np.bool_)
    for number, each in enumerate(packages):
        if each.station < 0:
            amenity[number] = bits.all_hours(question.hours)
            continue
        row = each.station if each.ends < 0 or each.kinds[0] == "move" else each.at
        opened[number] |= supply.open[row]
        amenity[number] = supply.amenity[row]
        if set(offer.missing(row)) <= set(each.added) and each.kinds[0] != "move":
            amenity[number] |= demand.had[row]
        trusted[number] = supply.trusted[row]
    return Hours(opened, amenity, trusted)
