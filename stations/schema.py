"""The columns of the register's frames: the contract between store, imports, registry and answers.

A *stations* frame is a GeoDataFrame of WGS 84 points (EPSG:4326) indexed by ``id`` (text, unique,
sorted), with the columns of `STATION_COLUMNS`. A *sites* frame holds one demand layer: points or
polygons (EPSG:4326), indexed the same way, with the columns of `SITE_COLUMNS`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Mapping

WGS84 = "EPSG:4326"

PROVENANCE_COLUMNS: Mapping[str, str] = {
    "position_in": "str",  # the coordinates as they came, "x,y"; "" for a polygon
    "datum_in": "str",  # wgs84, cgcs2000, gcj02, bd09 or EPSG:n
    "datum_by": "str",  # who said so: operator, file or assumed
    "synthetic": "bool",  # made up, for demonstration; shown wherever the record is
}

STATION_COLUMNS: Mapping[str, str] = {
    "name": "str",
    "kind": "str",  # a code of catalogue().kinds
    "amenities": "str",  # codes joined by ";", in catalogue order; "" none recorded
    "opening_hours": "str",  # "" unknown
    "access": "str",  # a code of catalogue().access; "" unknown
    "host": "str",
    "capacity": "Int64",  # people; <NA> unknown
    "area_code": "str",  # GB/T 2260 county code, e.g. "530114"; "" outside every county
    "status": "str",  # a code of catalogue().statuses
    "phone": "str",
    "calendar": "str",  # workdays or weekdays: what "Mo-Fr" means; see stations.hours
    "host_hours": "str",  # the host's opening hours, for a station without hours of its own
    "amenity_hours": "str",  # JSON: amenity code → hours of its own; "" none
    "closures": "str",  # JSON, as stations.hours.Closure.parse reads it; "" none
    "access_hours": "str",  # JSON: access code → hours of that other way in; "" none
    "door_asks": "str",  # codes of catalogue().door_asks joined by ";"; "" nothing recorded
    "ebike_parking": "Int64",  # places for e-bikes; <NA> unknown
    "truck_bays": "Int64",  # places for trucks; <NA> unknown
    "entrance_lon": "Float64",  # the door, WGS 84; <NA> unknown, then so is its latitude
    "entrance_lat": "Float64",
    "places": "str",  # JSON: where a mobile one stands when, see stations.places; "" at its pin
    **PROVENANCE_COLUMNS,
}

UNSTATED: Mapping[str, Any] = {
    "calendar": "workdays",
    "host_hours": "",
    "amenity_hours": "",
    "closures": "",
    "access_hours": "",
    "door_asks": "",
    "ebike_parking": pd.NA,
    "truck_bays": pd.NA,
    "entrance_lon": pd.NA,
    "entrance_lat": pd.NA,
    "places": "",
}
"""What a station's record holds of hours, door, entrance and places where nobody said anything."""

ALWAYS_THERE: Mapping[str, Any] = {"from": "", "until": ""}
"""What a site's record holds of dates where nobody said anything."""

SITE_COLUMNS: Mapping[str, str] = {
    "name": "str",
    "workers": "Int64",  # people to be served; <NA> unknown
    "from": "str",  # the first day it is there, ISO 8601; "" it always was
    "until": "str",  # the last day it is there, not before the first; "" no end known
    "area_code": "str",  # county of the point, or of the polygon's representative point
    "attributes": "str",  # the file's other columns, one JSON object; "{}" none
    **PROVENANCE_COLUMNS,
}


@dataclass(frozen=True)
class LayerInfo:
    """What is known of a demand layer besides its sites."""

    name: str
    """Lower-case letters, digits and ``_``, starting with a letter."""
    zh: str
    en: str
    restricted: bool
    """True: no coordinate of it reaches anyone without the role for it."""


def empty_frame(columns: Mapping[str, str]) -> gpd.GeoDataFrame:
    """Return a frame with the right columns and no row."""
    frame = pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in columns.items()})
    frame.index = pd.Index([], dtype="str", name="id")
    return gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries([], index=frame.index, crs=WGS84))
