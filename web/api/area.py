"""From where a station, or any of some stations, is in reach: areas to draw."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from flask import current_app

from geodata.errors import UsageError
from stations.hours import State
from stations.service import ServiceArea, service_area_of
from stations.travel import STRAIGHT
from web import roads
from web.api import answers, replies, sources
from web.api.base import GEOJSON, endpoint, register
from web.api.measured import version_of
from web.api.queries import AreaQuery, ServiceAreaQuery

if TYPE_CHECKING:
    from flask import Response

    from geodata.geodesy import IntArray
    from stations.reach import Limit
    from stations.registry import Registry
    from stations.travel import Travel
    from web.kept import Kept

MOST_STATIONS = 200
"""How many stations one service area is made of at most."""
MOST_ON_ROADS = 20
"""The same where roads are asked, which takes seconds for each."""
KEPT = 512
"""How many stations' areas are kept."""
DIGITS = 6
"""Digits of a degree in what is drawn: a decimetre."""


@endpoint("/stations/<path:station_id>/area", AreaQuery, answers.StationArea, content_type=GEOJSON)
def station_area(query: AreaQuery, station_id: str) -> Response:
    """Draw the area from which one gets to a station in that time, as GeoJSON.

    Over roads, with its holes, where a network is known around the station; else the circle of
    the estimate, and `estimated` says so. At most 60 minutes, or 100 km. Of a station that moves
    the areas of all its places.
    """
    registry, travel = register(), roads.current()
    row = registry.position_of(station_id)

    def build() -> bytes:
        rows = registry.stands.of_station(row)
        found = _areas(registry, rows, query.within, travel)
        fields = {
            "name": registry.record(row)["name"],
            "unreachable": all(each.unreachable for each in found),
            **_drawn(registry, query.within, travel, found, rows),
        }
        shape = shapely.union_all([each.shape for each in found])
        feature = {"type": "Feature", "id": station_id, "geometry": _shown(shape)}
        return replies.encode({**feature, "properties": fields})

    version = version_of(registry, query.within, travel)
    return replies.tagged(version, build, content_type=GEOJSON)


@endpoint("/service-area", ServiceAreaQuery, answers.ServiceArea, content_type=GEOJSON)
def service_area(query: ServiceAreaQuery) -> Response:
    """Draw the area from which any of the stations in a box is in reach, as GeoJSON.

    Of stations in use that offer what is needed; with `open_at`, only those surely open then, and
    all that is needed to be had. At most 200 stations, 20 where roads are asked: a larger question
    wants a smaller box.
    """
    registry, travel = register(), roads.current()
    rows = _chosen(
        registry, query, MOST_ON_ROADS if roads.slow(travel, query.within) else MOST_STATIONS
    )

    def build() -> bytes:
        found = _areas(registry, rows, query.within, travel)
        fields = {
            "stations": len(rows),
            "unreachable": sum(each.unreachable for each in found),
            "open_at": query.open_at and query.open_at.isoformat(),
            "needs": query.needs,
            "bbox": query.bbox,
            **_drawn(registry, query.within, travel, found, rows),
        }
        shape = shapely.union_all([each.shape for each in found])
        return replies.encode({"type": "Feature", "geometry": _shown(shape), "properties": fields})

    version = version_of(registry, query.within, travel)
    return replies.tagged(version, build, content_type=GEOJSON)


def _chosen(registry: Registry, query: ServiceAreaQuery, most: int) -> IntArray:
    """Return the rows of the stations asked for; `UsageError` for too many of them."""
    if query.bbox is None:
        raise UsageError("bbox: required, for example 102.5,24.8,103,25.2")
    west, south, east, north = query.bbox
    if west > east:
        raise UsageError("bbox: an area is not drawn across 180°; ask for each side of it")
    stands = registry.stands
    rows = stands.offering(query.needs)[1]
    lon, lat = stands.lon[rows], stands.lat[rows]
    rows = rows[(lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)]
    if query.open_at:
        states = np.asarray(stands.timetable_for(query.needs).states(query.open_at))
        rows = rows[states[rows] == State.OPEN]
    if len(rows) > most:
        raise UsageError(
            f"bbox: an area is made of at most {most} stations, and there are "
            f"{len(rows)} in the box; ask for a smaller one"
        )
    return rows


def _areas(registry: Registry, rows: IntArray, limit: Limit, travel: Travel) -> list[ServiceArea]:
    """Return each station's area, computed or kept."""
    kept: Kept[tuple[str, int, Limit], ServiceArea] = current_app.extensions["stations.areas"]
    version = version_of(registry, limit, travel)
    found = []
    for row in rows.tolist():
        key = (version, row, limit)
        if (area := kept.get(key)) is None:
            with roads.one_at_a_time(travel, limit):
                area = kept.get(key) or service_area_of(registry, row, limit, travel)
            kept.put(key, area)
        found.append(area)
    return found


def _drawn(
    registry: Registry, limit: Limit, travel: Travel, found: list[ServiceArea], rows: IntArray
) -> dict[str, Any]:
    """Say how the areas were made."""
    by_road = roads.slow(travel, limit) and not all(each.estimated for each in found)
    rows = np.unique(registry.stands.station[rows])
    return {
        "within": limit.text,
        "unit": limit.unit,
        "mode": limit.mode if limit.unit == "min" else STRAIGHT,
        "estimated": any(each.estimated for each in found),
        "roads": roads.told(travel) if by_road else None,
        "attribution": sources.attribution(registry.stations.index[rows], roads=by_road),
        "revision": registry.revision,
        "synthetic": bool(registry.stations["synthetic"].iloc[rows].any()),
    }


def _shown(shape: shapely.Geometry) -> dict[str, Any] | None:
    """Return a GeoJSON geometry, rounded; None for an empty one."""
    rounded = shapely.transform(shape, lambda degrees: degrees.round(DIGITS))
    return None if rounded.is_empty else shapely.geometry.mapping(rounded)
