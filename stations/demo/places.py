"""Where things may lie: the counties with their quotas and towns, and points inside counties.

Positions are WGS 84 degrees rounded to 6 decimals (about 0.1 m); whatever is accepted was
checked after rounding.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from pyproj import Geod

from geodata import boundaries
from geodata.geodesy import PointIndex
from stations.demo.chance import shared_out

if TYPE_CHECKING:
    from geodata.geodesy import BoolArray, FloatArray, IntArray
    from stations.demo.chance import ObjectArray
    from stations.demo.facts import Facts

_EARTH = Geod(ellps="WGS84")
_PROVINCE = "53"
_LARGER_EACH_ROUND = 1.05


@dataclass(frozen=True)
class Counties:
    """The counties of the province in order of code; every array has one row for each."""

    codes: IntArray
    labels: list[str]
    """Names that stand alone: districts carry their prefecture's, 昆明市五华区."""
    core: list[bool]
    """True for the counties of a prefecture's seat."""
    quota: IntArray
    """Stations of each county; they add up to the register."""
    town_lon: FloatArray
    """(counties, towns), degrees; the main town comes first."""
    town_lat: FloatArray

    def row(self, code: str) -> int:
        """Return the row of a county that is in the table."""
        return int(np.searchsorted(self.codes, int(code)))


@dataclass(frozen=True)
class Points:
    """Positions: two arrays of the same length, degrees."""

    lon: FloatArray
    lat: FloatArray

    def at(self, rows: IntArray | BoolArray) -> Points:
        """Return the points of some rows."""
        return Points(self.lon[rows], self.lat[rows])

    def put(self, rows: IntArray, points: Points) -> None:
        """Write points over some rows."""
        self.lon[rows] = points.lon
        self.lat[rows] = points.lat


def counties(rng: np.random.Generator, facts: Facts) -> Counties:
    """Lay out the province: who gets how many stations, and where the towns are."""
    areas = boundaries.areas("county", _PROVINCE)
    codes = areas.index.to_list()
    names = areas["name"].to_list()
    core = [code in facts.prefectures[code[:4]].seats for code in codes]
    towns = _towns(rng, facts, codes, areas.geometry.to_numpy(), core=core)
    return Counties(
        codes=np.array(codes, dtype=np.int64),
        labels=[
            prefecture + name if name.endswith("区") else name
            for prefecture, name in zip(areas["prefecture"], names, strict=True)
        ],
        core=core,
        quota=_quotas(facts, codes, names, core),
        town_lon=towns.lon.reshape(len(codes), -1),
        town_lat=towns.lat.reshape(len(codes), -1),
    )


def moved(origin: Points, azimuth_deg: FloatArray, metres: FloatArray) -> Points:
    """Return the points ``metres`` away along the geodesic, rounded to 6 decimals."""
    lon, lat, _ = _EARTH.fwd(origin.lon, origin.lat, azimuth_deg, metres)
    return Points(np.round(lon, 6), np.round(lat, 6))


def scattered(
    rng: np.random.Generator,
    anchors: Points,
    spread_m: FloatArray,
    codes: IntArray,
    *,
    spacing_m: float,
) -> Points:
    """Scatter one point round each anchor, inside its county and ``spacing_m`` from every other.

    Distances from the anchor follow Rayleigh's law with scale ``spread_m``. What falls outside
    its county or too close to another point is drawn again, a little farther out each time.
    """
    found = Points(np.empty(len(codes)), np.empty(len(codes)))
    settled = np.zeros(len(codes), dtype=np.bool_)
    spread = spread_m.copy()
    while not settled.all():
        rows = np.flatnonzero(~settled)
        azimuth = rng.uniform(0, 360, len(rows))
        tried = moved(anchors.at(rows), azimuth, rng.rayleigh(spread[rows]))
        good = boundaries.county_of(tried.lon, tried.lat) == codes[rows]
        good &= _apart(found.at(settled), tried, spacing_m)
        found.put(rows[good], tried.at(good))
        settled[rows[good]] = True
        spread *= _LARGER_EACH_ROUND
    return found


def _apart(settled: Points, tried: Points, spacing_m: float) -> BoolArray:
    """Tell which tried points keep their distance from the settled and the earlier tried ones."""
    lon = np.concatenate([settled.lon, tried.lon])
    lat = np.concatenate([settled.lat, tried.lat])
    pairs = PointIndex(lon, lat).within(tried.lon, tried.lat, spacing_m)
    crowded = pairs.query[pairs.row < pairs.query + len(settled.lon)]
    apart = np.ones(len(tried.lon), dtype=np.bool_)
    apart[crowded] = False
    return apart


def _quotas(facts: Facts, codes: list[str], names: list[str], core: list[bool]) -> IntArray:
    """Divide the stations by residents among prefectures, then by weight among counties."""
    prefectures = list(facts.prefectures)
    residents = [facts.prefectures[code].residents for code in prefectures]
    totals = shared_out(facts.stations.count, residents)
    weights = np.array([_weight(facts, *county) for county in zip(names, core, strict=True)])
    owner = np.array([code[:4] for code in codes])
    quota = np.zeros(len(codes), dtype=np.int64)
    for prefecture, total in zip(prefectures, totals.tolist(), strict=True):
        rows = owner == prefecture
        quota[rows] = shared_out(total, weights[rows], least=facts.stations.least_per_county)
    return quota


def _weight(facts: Facts, name: str, core: bool) -> float:  # noqa: FBT001 (a row of two columns)
    if core:
        return facts.weights.core
    return facts.weights.city if name.endswith(("区", "市")) else facts.weights.county


def _towns(
    rng: np.random.Generator,
    facts: Facts,
    codes: list[str],
    areas: ObjectArray,
    *,
    core: list[bool],
) -> Points:
    """Place each county's towns evenly inside it; a seat's main town lies at the seat's centre."""
    towns = facts.stations.towns_per_county
    places = _inside(
        rng, np.repeat(areas, towns), np.repeat(np.array(codes, dtype=np.int64), towns)
    )
    for row in np.flatnonzero(core):
        centre = shapely.Point(facts.prefectures[codes[row][:4]].centre)
        nearest = shapely.shortest_line(areas[row], centre).coords[0]
        places.lon[row * towns], places.lat[row * towns] = nearest
    return places


def _inside(rng: np.random.Generator, areas: ObjectArray, codes: IntArray) -> Points:
    """Draw one point evenly inside each area (by its box, again and again)."""
    west, south, east, north = shapely.bounds(areas).T
    found = Points(np.empty(len(codes)), np.empty(len(codes)))
    rows = np.arange(len(codes))
    while len(rows):
        lon = np.round(rng.uniform(west[rows], east[rows]), 6)
        lat = np.round(rng.uniform(south[rows], north[rows]), 6)
        good = boundaries.county_of(lon, lat) == codes[rows]
        found.put(rows[good], Points(lon[good], lat[good]))
        rows = rows[~good]
    return found
