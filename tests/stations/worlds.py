"""Small registers for tests: frames with sensible defaults for every column not of interest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd

from stations.registry import Layer, Registry
from stations.schema import ALWAYS_THERE, SITE_COLUMNS, STATION_COLUMNS, UNSTATED, WGS84, LayerInfo

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shapely import Geometry

STATION: Mapping[str, Any] = {
    "name": "驿站",
    "kind": "standard",
    "amenities": "",
    "opening_hours": "",
    "access": "",
    "host": "",
    "capacity": pd.NA,
    "area_code": "",
    "status": "active",
    "phone": "",
    **UNSTATED,
    "position_in": "",
    "datum_in": "wgs84",
    "datum_by": "assumed",
    "synthetic": False,
}
SITE: Mapping[str, Any] = {
    "name": "园区",
    "workers": pd.NA,
    **ALWAYS_THERE,
    "area_code": "",
    "attributes": "{}",
    "position_in": "",
    "datum_in": "wgs84",
    "datum_by": "assumed",
    "synthetic": False,
}


def _frame(
    columns: Mapping[str, str], rows: Mapping[str, tuple[Geometry, Mapping[str, Any]]]
) -> gpd.GeoDataFrame:
    ids = sorted(rows)
    data = {
        name: pd.Series([rows[id_][1][name] for id_ in ids], dtype=kind)
        for name, kind in columns.items()
    }
    frame = pd.DataFrame(data)
    frame.index = pd.Index(ids, dtype="str", name="id")
    return gpd.GeoDataFrame(frame, geometry=[rows[id_][0] for id_ in ids], crs=WGS84)


def stations(rows: Mapping[str, tuple[Geometry, Mapping[str, Any]]]) -> gpd.GeoDataFrame:
    """Make a stations frame from id → (point, columns of interest)."""
    return _frame(STATION_COLUMNS, {i: (g, {**STATION, **more}) for i, (g, more) in rows.items()})


def sites(rows: Mapping[str, tuple[Geometry, Mapping[str, Any]]]) -> gpd.GeoDataFrame:
    """Make a sites frame from id → (geometry, columns of interest)."""
    return _frame(SITE_COLUMNS, {i: (g, {**SITE, **more}) for i, (g, more) in rows.items()})


def register(
    station_rows: Mapping[str, tuple[Geometry, Mapping[str, Any]]],
    layers: Mapping[str, Mapping[str, tuple[Geometry, Mapping[str, Any]]]] | None = None,
    restricted: Sequence[str] = (),
) -> Registry:
    """Make a registry of these stations and layers."""
    made = [
        Layer(LayerInfo(name, name, name, name in restricted), sites(rows))
        for name, rows in (layers or {}).items()
    ]
    return Registry.from_frames(stations(station_rows), made)
