"""Stations: the nearest ones, all of them, one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import numpy as np
from flask import current_app, request

from geodata import datum
from geodata.errors import UsageError
from geodata.geodesy import LonLat
from stations import nearest as nearest_stations
from stations.catalogue import catalogue
from web import roads
from web.api import answers, features, happening, records, replies
from web.api.base import GEOJSON, endpoint, now, register
from web.api.queries import NearestQuery, PlaceQuery, StationQuery, StationsQuery

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    import pandas as pd
    from flask import Response
    from numpy.typing import NDArray

    from stations.registry import Registry
    from web.settings import Settings


@endpoint("/nearest", NearestQuery, answers.Nearest)
def nearest(query: NearestQuery) -> Response:
    """Find the nearest stations in use that have what is needed, open when asked to be.

    By straight distance, or by expected time: the way there and, if the door is shut, the way on
    to the fallback. Minutes are by road where there is a network, else estimated. Nothing of the
    question is kept or logged.
    """
    return replies.fresh_bytes(near(query, query, current_app.extensions))


def near(place: PlaceQuery, query: NearestQuery, parts: Mapping[str, Any]) -> bytes:
    """Return the answer to a question asked at a place, as JSON; ``parts`` are the application's.

    The position in ``query`` does not count.
    """
    settings: Settings = parts["stations.settings"]
    if query.limit > settings.max_limit:
        raise UsageError(f"limit: at most {settings.max_limit}, got {query.limit}")
    registry: Registry = parts["stations.register"].current()
    at: datetime = query.at or parts["stations.clock"]()
    hits = roads.answered(
        parts["stations.travel"],
        lambda travel: nearest_stations.find(
            registry,
            _origin(place, query.datum),
            limit=query.limit,
            needs=query.needs,
            at=at,
            open_=query.open,
            mode=query.mode,
            stay=query.stay,
            by=query.by,
            access=query.access,
            ebike=query.ebike_parking,
            truck=query.truck_bays,
            travel=travel,
        ),
    )
    return replies.encode(
        {
            "datum": "wgs84",
            "at": at.isoformat(),
            "revision": registry.revision,
            **records.near(registry, hits),
            "why_none": hits.why_none and hits.why_none._asdict(),
        }
    )


@endpoint("/stations", StationsQuery, answers.Stations, content_type=GEOJSON)
def stations(query: StationsQuery) -> Response:
    """List stations as GeoJSON, by id, a page at a time.

    Follow the link with rel "next" until a page has none.
    """
    registry = register()
    return replies.versioned(registry, lambda: _page(registry, query), content_type=GEOJSON)


@endpoint("/stations/<path:station_id>", StationQuery, answers.StationNow)
def station(query: StationQuery, station_id: str) -> Response:
    """Show one station: what is posted, whether it is open, how sure we are, how to get there."""
    registry = register()
    row = registry.position_of(station_id)
    told = records.station_now(registry, row, query.at or now())
    if planned := happening.upcoming(station_id):
        told["activities"] = planned
    return replies.by_content(told)


def _origin(place: PlaceQuery, name: str) -> LonLat:
    if name == "wgs84":
        return LonLat(place.lon, place.lat)
    lon, lat = datum.to_wgs84(place.lon, place.lat, name)
    return LonLat(float(lon), float(lat))


def _page(registry: Registry, query: StationsQuery) -> dict[str, Any]:
    """Return one page as a feature collection."""
    frame = registry.stations
    matched = np.flatnonzero(_mask(registry, query))
    start = frame.index.searchsorted(query.after, side="right") if query.after else 0
    ahead = matched[np.searchsorted(matched, start) :]
    page = frame.iloc[ahead[: query.limit]]
    more = len(ahead) > query.limit
    return {
        "type": "FeatureCollection",
        "numberMatched": len(matched),
        "numberReturned": len(page),
        "revision": registry.revision,
        "synthetic": bool(page["synthetic"].any()),
        "links": [_next_link(page)] if more else [],
        "features": features.stations(page),
    }


def _mask(registry: Registry, query: StationsQuery) -> NDArray[np.bool_]:
    """Tell which stations are asked for, in the register's order."""
    frame = registry.stations
    mask = np.ones(len(frame), dtype=bool)
    if query.needs:
        needed = np.uint64(catalogue().amenities.mask(query.needs))
        mask &= (registry.amenity_masks & needed) == needed
    if query.kind:
        mask &= (frame["kind"] == query.kind).to_numpy(dtype=bool)
    if query.status:
        mask &= (frame["status"] == query.status).to_numpy(dtype=bool)
    if query.bbox:
        west, south, east, north = query.bbox
        lon, lat = registry.lon, registry.lat
        across = (lon >= west) & (lon <= east) if west <= east else (lon >= west) | (lon <= east)
        mask &= across & (lat >= south) & (lat <= north)
    return mask


def _next_link(page: pd.DataFrame) -> dict[str, str]:
    asked = {**request.args.to_dict(), "after": page.index[-1]}
    return {
        "rel": "next",
        "href": f"{request.path}?{urlencode(asked)}",
        "type": GEOJSON,
    }
