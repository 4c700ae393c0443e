"""Tiny worlds to plan in, and everything that could be done in them, tried one by one."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
from pyproj import Geod
from shapely import Point

from stations.planning import CostTable, Wish
from stations.planning.demand import Demand, covered
from stations.planning.effects import applied
from stations.planning.naming import Named
from stations.planning.packages import NEXT_DOOR_M, Offer, Package
from stations.planning.shelf import Shelf, hours_of
from stations.travel import Travel
from tests.stations.worlds import register

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from stations.registry import Registry

GEOD = Geod(ellps="WGS84")
LAYER = "yards"
EVERY = 7
COUNTIES = ("530102", "530103", "530304")
HOURS = ("", "24/7", "Mo-Fr 08:00-18:00", "06:00-22:00", "18:00-02:00")
AMENITIES = ("", "toilet", "toilet;water", "water")
PRICES = {
    "build_standard": 60,
    "build_smart": 150,
    "build_mobile": 90,
    "extend_hours": 20,
    "upgrade_24h": 95,
    "move": 40,
    "close": -30,
    "merge": 8,
}


def prices(**other: int) -> CostTable:
    """Return a price list: one price a kind, an amenity 12, an hour a week longer 1."""
    rows: list[dict[str, Any]] = [
        {"action": action, "unit": "once", "yuan": yuan}
        for action, yuan in (PRICES | other).items()
    ]
    rows.append({"action": "add_amenities", "unit": "item", "yuan": 12})
    rows.append({"action": "extend_hours", "unit": "weekly_hour", "yuan": 1})
    return CostTable.from_records(rows)


def spot(draw: np.random.Generator, cells: int = 5) -> Point:
    """Return a place on a grid of some 550 m, moved a little."""
    i, j = draw.integers(0, cells, 2)
    return Point(102.70 + 0.005 * i + 0.0003 * draw.random(), 25.0 + 0.005 * j)


def drawn(
    seed: int,
    *,
    stations: int = 3,
    sites: int = 4,
    candidates: int = 3,
    areas: bool = False,
    dense: bool = False,
    mobile: bool = False,
) -> tuple[Registry, gpd.GeoDataFrame]:
    """Return a register and candidates.

    ``dense``: stations next door to each other; ``mobile``: all in one county, all mobile.
    """
    draw = np.random.default_rng(seed)

    def pick(values: Sequence[str]) -> str:
        return values[0 if mobile and values is COUNTIES else int(draw.integers(len(values)))]

    rows = {
        f"s{n}": (
            spot(draw, 1 if dense else 5),
            {
                "name": f"站{n}",
                "opening_hours": pick(HOURS[1:4] if dense else HOURS),
                "amenities": pick(AMENITIES[1:] if mobile else AMENITIES),
                "kind": "mobile" if mobile else pick(("standard", "mobile")),
                "area_code": pick(COUNTIES),
            },
        )
        for n in range(stations)
    }
    yards = {
        f"y{n}": (
            spot(draw).buffer(0.004).envelope if areas and n % 2 else spot(draw),
            {
                "name": f"场{n}",
                "workers": int(draw.integers(1, 30)),
                "area_code": pick(COUNTIES),
            },
        )
        for n in range(sites)
    }
    places = [spot(draw) for _ in range(candidates)]
    codes = [pick(COUNTIES) for _ in range(candidates)]
    return register(rows, {LAYER: yards}), offered(places, codes)


def offered(places: Sequence[Point], codes: Sequence[str]) -> gpd.GeoDataFrame:
    """Return candidates at some places."""
    ids = pd.Index([f"c{n}" for n in range(len(places))], dtype="str", name="id")
    data = {"name": [f"候选{n}" for n in range(len(places))], "host": "", "area_code": list(codes)}
    return gpd.GeoDataFrame(data, index=ids, geometry=list(places), crs="EPSG:4326")


@dataclass(frozen=True, eq=False)
class Oracle:
    """Every set of packages, useful or not, with every assignment of years."""

    registry: Registry
    wish: Wish
    candidates: gpd.GeoDataFrame
    costs: CostTable

    @cached_property
    def offer(self) -> Offer:
        return Offer(self.registry, self.candidates, self.costs, self.wish)

    @cached_property
    def demand(self) -> Demand:
        return Demand.of(self.registry, self.wish, self.candidates, travel=Travel())

    @cached_property
    def shelf(self) -> Shelf:
        """Everything on offer, whether it gains anybody anything or not."""
        offer, reach = self.offer, set(self.demand.in_reach.tolist())
        packages: list[Package] = []
        for row in self.registry.active.tolist():
            packages += offer.better(row)
            packages += offer.beside(row) if row in reach else ()
        for number in range(len(self.candidates)):
            packages += offer.new(number)
            packages += offer.moves(number)
        packages = [each for each in packages if not self._forbidden(each)]
        ids = tuple(offer.id_of(each) for each in packages)
        return Shelf(offer, tuple(packages), ids, *hours_of(self.demand, offer, packages))

    def programs(self) -> Iterator[dict[int, int]]:
        """Yield every plan the wish allows: package → year."""
        for chosen in self._sets():
            for years in itertools.product(range(self.wish.years), repeat=len(chosen)):
                program = dict(zip(chosen, years, strict=True))
                if self._affordable(program):
                    yield program

    def allows(self, program: Mapping[int, int]) -> bool:
        """Tell whether the wish allows a plan."""
        chosen = tuple(sorted(program))
        pairs = itertools.combinations(chosen, 2)
        apart = all(self._together(one, other) for one, other in pairs)
        return apart and self._complete(chosen) and self._affordable(program)

    def gains(self, program: Mapping[int, int]) -> list[float]:
        """Return the worker-hours gained at the end of each year."""
        ends = [
            frozenset(k for k, when in program.items() if when <= year)
            for year in range(self.wish.years)
        ]
        return [float((self.worth(done) - self.worth(frozenset())).sum()) for done in ends]

    def worth(self, done: frozenset[int]) -> np.ndarray:
        """(sites, hours): worker-hours covered when some packages are done."""
        if done not in self._known:
            supply = applied(self.demand.supply, self.shelf, done)
            self._known[done] = covered(self.demand.over(supply), EVERY)
        return self._known[done]

    def cost(self, program: Mapping[int, int]) -> int:
        return sum(self.shelf.packages[number].cost for number in program)

    def covers_all(self, program: Mapping[int, int]) -> bool:
        return bool(np.allclose(self.worth(frozenset(program)), self.demand.today.present))

    @cached_property
    def _known(self) -> dict[frozenset[int], np.ndarray]:
        return {}

    def _forbidden(self, package: Package) -> bool:
        names = {self.offer.name(p) for p in (package.at, package.station) if p >= 0}
        wish = self.wish
        ended = package.ends >= 0 and self.offer.name(package.ends) in wish.keep
        if ended or names & set(wish.forbid) or self.offer.id_of(package) in wish.forbid:
            return True
        if wish.spacing_m and package.at >= self.offer.size:
            new = self.candidates.geometry.iloc[package.at - self.offer.size]
            stands = self.registry.stations.geometry.iloc[self.registry.active]
            return any(_metres(new, other) < wish.spacing_m for other in stands)
        return False

    def _sets(self) -> Iterator[tuple[int, ...]]:
        """Yield the sets of packages that go together, built up one by one."""
        stack: list[tuple[int, ...]] = [()]
        while stack:
            chosen = stack.pop()
            if self._complete(chosen):
                yield chosen
            first = chosen[-1] + 1 if chosen else 0
            stack += [
                (*chosen, k)
                for k in range(first, len(self.shelf))
                if all(self._together(k, other) for other in chosen)
            ]

    def _together(self, one: int, other: int) -> bool:
        a, b = self.shelf.packages[one], self.shelf.packages[other]
        if _touched(a) & _touched(b):
            return False
        if (a.kinds[0] == "close" and b.ends == a.at) or (b.kinds[0] == "close" and a.ends == b.at):
            return False
        spacing, size = self.wish.spacing_m, self.offer.size
        if spacing and a.at >= size and b.at >= size:
            points = self.candidates.geometry
            return _metres(points.iloc[a.at - size], points.iloc[b.at - size]) >= spacing
        return True

    def _complete(self, chosen: tuple[int, ...]) -> bool:
        """Tell whether a set has all that must be done and no more than is allowed."""
        wish, packages = self.wish, [self.shelf.packages[number] for number in chosen]
        if wish.sites is not None and len(chosen) > wish.sites:
            return False
        for name in wish.must:
            done = {self.shelf.ids[number] for number in chosen}
            at = {self.offer.name(each.at) for each in packages if each.kinds[0] != "close"}
            if name not in done | at:
                return False
        if wish.per_county is None:
            return True
        codes = [self.candidates["area_code"].iloc[each.at - self.offer.size] for each in packages
                 if each.kinds[0].startswith("build")]  # fmt: skip
        return all(codes.count(code) <= wish.per_county for code in codes)

    def _affordable(self, program: Mapping[int, int]) -> bool:
        budgets = self.wish.budgets
        if budgets is None:
            return True
        for year, money in enumerate(budgets):
            spent: dict[str, int] = {}
            for number, when in program.items():
                if when == year:
                    code = self._code(number)[:4]
                    spent[code] = spent.get(code, 0) + self.shelf.packages[number].cost
            if sum(spent.values()) > money:
                return False
            if self.wish.objective == "equal_prefectures":
                sites = self.registry.layer(LAYER).sites["area_code"]
                sharing = {code[:4] for code in sites}
                share = money // len(sharing)
                if any(v > (share if k in sharing else 0) for k, v in spent.items()):
                    return False
        return True

    def _code(self, number: int) -> str:
        package = self.shelf.packages[number]
        if package.station >= 0:
            return str(self.registry.stations["area_code"].iloc[package.station])
        return str(self.candidates["area_code"].iloc[package.at - self.offer.size])


def _touched(package: Package) -> set[int]:
    """Return the places a package changes."""
    touched = {package.station, package.at} - {-1}
    return touched - {package.at} if package.kinds[0] == "close" else touched


def _metres(one: Point, other: Point) -> float:
    return float(GEOD.inv(one.x, one.y, other.x, other.y)[2])


__all__ = ["COUNTIES", "LAYER", "NEXT_DOOR_M", "Named", "Oracle", "drawn", "offered", "prices"]
