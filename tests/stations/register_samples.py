"""Small registers for the tests of the store and the registry."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd
import shapely

from stations.schema import ALWAYS_THERE, SITE_COLUMNS, STATION_COLUMNS, UNSTATED, WGS84, LayerInfo

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PARKS = LayerInfo("parks", "产业园区", "Industrial parks", restricted=False)
POSTS = LayerInfo("border_posts", "边境哨所", "Border posts", restricted=True)
BY: dict[str, Any] = {"who": "clerk", "why": "test"}

_STATION = {
    "name": "工会驿站",
    "kind": "standard",
    "amenities": "toilet;water",
    "opening_hours": "Mo-Fr 08:00-20:00",
    "access": "walk_in",
    "host": "银行",
    "capacity": 12,
    "area_code": "530114",
    "status": "active",
    "phone": "",
    **UNSTATED,
    "position_in": "102.7,25.0",
    "datum_in": "wgs84",
    "datum_by": "operator",
    "synthetic": True,
}
_SITE = {
    "name": "园区",
    "workers": 100,
    **ALWAYS_THERE,
    "area_code": "530114",
    "attributes": "{}",
    "position_in": "",
    "datum_in": "wgs84",
    "datum_by": "file",
    "synthetic": False,
}


def when(minutes: int) -> datetime:
    """Return an instant some minutes into 2026."""
    return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)


def stations(rows: Mapping[str, Mapping[str, Any]]) -> gpd.GeoDataFrame:
    """Make a stations frame: id → what differs from the ordinary; ``lon`` and ``lat`` too."""
    full = [{**_STATION, "lon": 102.7, "lat": 25.0, **row} for row in rows.values()]
    points = shapely.points([row["lon"] for row in full], [row["lat"] for row in full])
    return _frame(list(rows), full, STATION_COLUMNS, points)


def sites(rows: Mapping[str, Mapping[str, Any]]) -> gpd.GeoDataFrame:
    """Make a sites frame: id → what differs from the ordinary; ``geometry`` too."""
    full = [{**_SITE, "geometry": shapely.Point(101, 24), **row} for row in rows.values()]
    return _frame(list(rows), full, SITE_COLUMNS, [row["geometry"] for row in full])


def _frame(
    ids: Sequence[str], rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str], shapes: Any
) -> gpd.GeoDataFrame:
    frame = pd.DataFrame.from_records(rows, index=list(ids), columns=list(columns))
    frame = frame.astype(dict(columns)).set_axis(pd.Series(ids, dtype="str", name="id"), axis=0)
    return gpd.GeoDataFrame(frame, geometry=list(shapes), crs=WGS84).sort_index()
