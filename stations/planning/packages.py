"""Packages: what may be done at a place, all at once, with its price; at most one at each place."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from geodata.geodesy import PointIndex
from stations.catalogue import catalogue
from stations.hours import Posted
from stations.planning.doors import holds, longer
from stations.planning.kinds import BUILDS
from stations.planning.kits import kits

if TYPE_CHECKING:
    from collections.abc import Iterator

    import geopandas as gpd

    from geodata.geodesy import IntArray
    from stations.planning.costs import CostTable
    from stations.planning.wish import Wish
    from stations.registry import Registry

NEXT_DOOR_M = 500.0
"""A station is closed or merged only where another one stands so near, and stays."""
MOST_NEXT_DOOR = 32
"""Of the stations next door, so many are looked at."""
ENDING = ("move", "close", "merge")
"""Kinds that end a station where it stands."""
ALWAYS = "24/7"


class Package(NamedTuple):
    """One thing that may be done; places are numbered as in `spots`."""

    kinds: tuple[str, ...]
    at: int
    """The place that serves afterwards."""
    station: int
    """The row of the existing station it is done to; -1 for a new one."""
    door: Posted | None
    """What is posted afterwards; None: as it is."""
    added: tuple[str, ...]
    """Amenities: all of a new station, else those it did not have."""
    prices: tuple[int, ...]
    """Yuan, for each of ``kinds``."""

    @property
    def cost(self) -> int:
        """Yuan for all of it."""
        return sum(self.prices)

    @property
    def ends(self) -> int:
        """The row of the station that ends; -1: none."""
        return self.station if self.kinds[0] in ENDING else -1


@dataclass(frozen=True, eq=False)
class Offer:
    """Lists what may be done, from a register, candidates and prices."""

    registry: Registry
    candidates: gpd.GeoDataFrame
    costs: CostTable
    wish: Wish

    @property
    def size(self) -> int:
        """Places from this number on are candidates."""
        return len(self.registry.stands)

    @cached_property
    def pins(self) -> IntArray:
        """Rows of the stations in use that stay where they are, ascending."""
        active = self.registry.stands.active
        return active[active < len(self.registry.stations)]

    def name(self, place: int) -> str:
        """Return the id of the station or candidate at a place."""
        if place < self.size:
            return str(self.registry.stations.index[self.registry.stands.station[place]])
        return str(self.candidates.index[place - self.size])

    def title(self, package: Package) -> str:
        """Return the name of the candidate it serves from, or of the station it is done to."""
        new = package.at >= self.size
        frame = self.candidates if new else self.registry.stations
        return str(frame["name"].iloc[package.at - self.size if new else package.station])

    def id_of(self, package: Package) -> str:
        """Return the id of an action: the kinds, where, and what else tells it from others."""
        kinds = "+".join(package.kinds)
        if package.ends >= 0:
            return f"{kinds}:{self.name(package.station)}>{self.name(package.at)}"
        where = f"{kinds}:{self.name(package.at)}"
        if package.kinds[0] == "extend_hours" and package.door is not None:
            return f"{where}@{package.door.expression}"
        return where

    def better(self, row: int) -> Iterator[Package]:
        """List what may be done at an existing station that stays: hours, amenities, both."""
        wish, code, missing = self.wish.actions, self._code(row), self.missing(row)
        if missing and "add_amenities" not in wish:
            return
        posted = self.registry.timetable.posted(row)
        more = ("add_amenities",) if missing else ()
        extra = tuple(self.costs.price(each, area_code=code, amenities=missing) for each in more)
        if missing:
            yield Package(more, row, row, None, missing, extra)
        for hours, added in longer(posted) if "extend_hours" in wish else ():
            price = self.costs.price("extend_hours", area_code=code, weekly_hours=added)
            door = replace(posted, expression=hours)
            yield Package(("extend_hours", *more), row, row, door, missing, (price, *extra))
        if "upgrade_24h" in wish:
            door, price = replace(posted, expression=ALWAYS), self._price("upgrade_24h", code)
            yield Package(("upgrade_24h", *more), row, row, door, missing, (price, *extra))

    def beside(self, row: int) -> Iterator[Package]:
        """Close or merge a station: the nearest next door that is open whenever it is.

        To close it, the other has all its amenities; merged, it is given them.
        """
        if not {"close", "merge"} & set(self.wish.actions) or self._stays(row):
            return
        timetable, masks = self.registry.timetable, self.registry.amenity_masks
        for other in self._next_door(row):
            if not holds(timetable.posted(other), timetable.posted(row)):
                continue
            given = catalogue().amenities.codes(int(masks[row] & ~masks[other]))
            kind = "merge" if given else "close"
            if kind in self.wish.actions:
                cost = self._price(kind, self._code(row))
                yield Package((kind,), other, row, None, given, (cost,))
                return

    def new(self, number: int) -> Iterator[Package]:
        """List the stations that may be built at a candidate."""
        code, hours = self._places[number]
        for kind in (each for each in BUILDS if each in self.wish.actions):
            kit = kits()[kind]
            own = hours if kind == BUILDS[0] else ""
            offers = kit.with_needs(self.wish.needs)
            door, prices = Posted(own or kit.opening_hours), (self._built(kind, code),)
            yield Package((kind,), self.size + number, -1, door, offers, prices)

    def moves(self, number: int) -> Iterator[Package]:
        """List the mobile stations of a candidate's county that may be moved to it."""
        if "move" in self.wish.actions:
            code, _ = self._places[number]
            for row in self._mobile.get(code, ()):
                cost = self._price("move", code)
                yield Package(("move",), self.size + number, row, None, (), (cost,))

    def missing(self, row: int) -> tuple[str, ...]:
        """Return what a station lacks of the amenities needed."""
        known = catalogue().amenities
        return known.codes(known.mask(self.wish.needs) & ~int(self.registry.amenity_masks[row]))

    def _next_door(self, row: int) -> list[int]:
        """Return the rows of the stations in use nearby, nearest first."""
        at = (float(self.registry.lon[row]), float(self.registry.lat[row]))
        found, _ = self._index.nearest_to(at, MOST_NEXT_DOOR, within_m=NEXT_DOOR_M)
        rows: list[int] = self.pins[found].tolist()
        return [other for other in rows if other != row]

    @cached_property
    def _index(self) -> PointIndex:
        return PointIndex(self.registry.lon[self.pins], self.registry.lat[self.pins])

    @cached_property
    def _mobile(self) -> dict[str, list[int]]:
        """Mobile stations in use that may be moved, by county."""
        kinds = self.registry.stations["kind"].tolist()
        found: dict[str, list[int]] = {}
        for row in self.pins.tolist():
            if kinds[row] == "mobile" and self._code(row) and not self._stays(row):
                found.setdefault(self._code(row), []).append(row)
        return found

    def _stays(self, row: int) -> bool:
        return self.name(row) in self.wish.keep

    def _code(self, row: int) -> str:
        return self._codes[row]

    @cached_property
    def _codes(self) -> list[str]:
        codes: list[str] = self.registry.stations["area_code"].tolist()
        return codes

    @cached_property
    def _places(self) -> list[tuple[str, str]]:
        """Area code and host's hours of each candidate; "" unknown."""
        codes: list[str] = self.candidates["area_code"].tolist()
        if "opening_hours" not in self.candidates:
            return [(code, "") for code in codes]
        hours = self.candidates["opening_hours"].fillna("").astype(str).tolist()
        return list(zip(codes, hours, strict=True))

    def _built(self, kind: str, code: str) -> int:
        """Return what a new station costs in a county, with all that is needed; asked once."""
        if (kind, code) not in self._known:
            offers = kits()[kind].with_needs(self.wish.needs)
            self._known[kind, code] = self.costs.price(kind, area_code=code, amenities=offers)
        return self._known[kind, code]

    @cached_property
    def _known(self) -> dict[tuple[str, str], int]:
        return {}

    def _price(self, kind: str, code: str) -> int:
        return self.costs.price(kind, area_code=code)
