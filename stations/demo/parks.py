"""Industrial parks: irregular polygons at the edge of the towns, with heavy-tailed workforces."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from geodata import boundaries
from stations.demo.chance import drawn, picked
from stations.demo.frames import MARK, framed
from stations.demo.places import Points, moved
from stations.schema import SITE_COLUMNS

if TYPE_CHECKING:
    import geopandas as gpd

    from geodata.geodesy import BoolArray, FloatArray, IntArray
    from stations.demo.chance import ObjectArray
    from stations.demo.facts import Facts, ParkFacts
    from stations.demo.places import Counties

_CORNERS = 36
_WAVES = np.arange(2, 6)
_DEEPEST_WAVE = 0.28
_HOLE_SCALE = 0.3
_APART = 1.7  # of a part's radius; two outlines reach at most 1.36 radii each
_MARGIN_KM2 = 0.02


@dataclass(frozen=True)
class Plan:
    """What is settled of the parks before they have a place; row 0 is the park of Qidian."""

    home: IntArray
    """Row of each park's county."""
    km2: FloatArray
    parts: IntArray
    holed: BoolArray


@dataclass(frozen=True)
class Parks:
    """The parks, and what the stations need to know of them."""

    frame: gpd.GeoDataFrame
    home: IntArray
    """Row of each park's county, no county twice."""
    centre: Points
    radius_m: FloatArray
    """Of a disc with the park's area."""
    served: IntArray
    """Rows of the parks that get stations of their own."""


def build(rng: np.random.Generator, facts: Facts, counties: Counties) -> Parks:
    """Draw the parks: sizes, shapes, places inside one county each, workers, names."""
    plan = _plan(rng, facts.parks, counties)
    centre, outlines = _placed(rng, facts.parks, counties, plan)
    return Parks(
        frame=_frame(rng, facts.parks, counties, plan, outlines),
        home=plan.home,
        centre=centre,
        radius_m=np.sqrt(plan.km2 * 1e6 / np.pi),
        served=_served(rng, facts.parks),
    )


def _plan(rng: np.random.Generator, facts: ParkFacts, counties: Counties) -> Plan:
    qidian = counties.row(facts.qidian.county)
    weights = counties.quota.astype(np.float64)
    weights[qidian] = 0
    km2 = facts.typical_km2 * rng.lognormal(0, 0.8, facts.count)
    km2[0] = facts.qidian.km2
    order = 1 + rng.permutation(facts.count - 1)
    parts = np.ones(facts.count, dtype=np.int64)
    parts[order[: facts.two_parts]] = 2
    parts[order[facts.two_parts :][: facts.three_parts]] = 3
    holed = np.zeros(facts.count, dtype=np.bool_)
    holed[order[facts.two_parts + facts.three_parts :][: facts.holes]] = True
    return Plan(
        home=np.append(qidian, np.sort(drawn(rng, weights, facts.count - 1))),
        km2=np.clip(km2, facts.least_km2 + _MARGIN_KM2, facts.most_km2 - _MARGIN_KM2),
        parts=parts,
        holed=holed,
    )


def _served(rng: np.random.Generator, facts: ParkFacts) -> IntArray:
    count = round(facts.count * facts.served)
    return np.append(0, 1 + np.sort(rng.permutation(facts.count - 1)[: count - 1]))


def _placed(
    rng: np.random.Generator, facts: ParkFacts, counties: Counties, plan: Plan
) -> tuple[Points, ObjectArray]:
    """Draw places and shapes until every corner of every park lies in the park's own county.

    Shells run counter-clockwise, holes clockwise.
    """
    town = Points(counties.town_lon[plan.home, 0], counties.town_lat[plan.home, 0])
    centre = Points(np.empty(facts.count), np.empty(facts.count))
    outlines = np.empty(facts.count, dtype=object)
    rows = np.arange(facts.count)
    while len(rows):
        away_m = rng.uniform(facts.nearest_town_m, facts.farthest_town_m, len(rows))
        tried = moved(town.at(rows), rng.uniform(0, 360, len(rows)), away_m)
        tried.put(np.flatnonzero(rows == 0), _alone(*facts.qidian.centre))
        centre.put(rows, tried)
        for row in rows.tolist():
            outlines[row] = _outline(rng, centre.at(np.array([row])), plan, row)
        rows = rows[~_inside(outlines[rows], counties.codes[plan.home[rows]])]
    return centre, shapely.orient_polygons(outlines)


def _alone(lon: float, lat: float) -> Points:
    return Points(np.array([lon]), np.array([lat]))


def _inside(outlines: ObjectArray, codes: IntArray) -> BoolArray:
    corners, owner = shapely.get_coordinates(outlines, return_index=True)
    stray = boundaries.county_of(*corners.T) != codes[owner]
    return ~np.isin(np.arange(len(codes)), owner[stray])


def _outline(
    rng: np.random.Generator, centre: Points, plan: Plan, row: int
) -> shapely.Polygon | shapely.MultiPolygon:
    """Draw one park: as many star-shaped parts as planned, of its area together."""
    parts = int(plan.parts[row])
    hole_scale = _HOLE_SCALE if plan.holed[row] else 0.0
    km2 = plan.km2[row] / parts / (1 - hole_scale**2)
    if parts == 1:
        return _star(rng, centre, km2, hole_scale)
    apart_m = np.full(1, _APART * np.sqrt(km2 * 1e6 / np.pi))
    first = rng.uniform(0, 360)
    middles = [moved(centre, first + np.full(1, 360 * n / parts), apart_m) for n in range(parts)]
    return shapely.MultiPolygon([_star(rng, middle, km2, 0.0) for middle in middles])


def _star(
    rng: np.random.Generator, centre: Points, km2: float, hole_scale: float
) -> shapely.Polygon:
    """Draw a polygon seen whole from its centre: a circle with a few waves round it."""
    azimuth = np.arange(_CORNERS) * 360 / _CORNERS
    height = rng.uniform(0, _DEEPEST_WAVE / _WAVES)
    turn = rng.uniform(0, 2 * np.pi, len(_WAVES))
    radius = 1 + np.cos(np.outer(np.radians(azimuth), _WAVES) + turn) @ height
    area = np.sin(2 * np.pi / _CORNERS) / 2 * (radius * np.roll(radius, 1)).sum()
    radius_m = radius * np.sqrt(km2 * 1e6 / area)
    scales = (1.0, hole_scale) if hole_scale else (1.0,)
    shell, *holes = [_ring(centre, azimuth, radius_m * scale) for scale in scales]
    return shapely.Polygon(shell, holes)


def _ring(centre: Points, azimuth: FloatArray, radius_m: FloatArray) -> FloatArray:
    origin = Points(np.repeat(centre.lon, _CORNERS), np.repeat(centre.lat, _CORNERS))
    ring = moved(origin, azimuth, radius_m)
    return np.column_stack([ring.lon, ring.lat])


def _frame(
    rng: np.random.Generator,
    facts: ParkFacts,
    counties: Counties,
    plan: Plan,
    outlines: ObjectArray,
) -> gpd.GeoDataFrame:
    codes = counties.codes[plan.home].tolist()
    kinds = picked(rng, facts.count, facts.kinds)
    names = [counties.labels[row] + kind for row, kind in zip(plan.home, kinds, strict=True)]
    names[0] = facts.qidian.name
    workers = plan.km2 * facts.workers_per_km2 * rng.lognormal(0, 1, facts.count)
    workers = np.clip(np.round(workers, -1), facts.least_workers, facts.most_workers)
    workers[0] = facts.qidian.workers
    columns = {
        "name": [name + MARK for name in names],
        "workers": workers.astype(np.int64),
        "area_code": [str(code) for code in codes],
        "attributes": [json.dumps({"area_km2": area}) for area in np.round(plan.km2, 2).tolist()],
    }
    ids = [f"PK{code}" for code in codes]
    return framed(ids, outlines, columns, schema=SITE_COLUMNS)
