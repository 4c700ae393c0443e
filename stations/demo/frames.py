"""The last step of every frame: the schema's columns, dtypes, order and provenance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd
import shapely

from stations.schema import ALWAYS_THERE, UNSTATED, WGS84

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from stations.demo.chance import ObjectArray

DATUM = {"datum_in": "wgs84", "datum_by": "file", "synthetic": True}
MARK = "（合成）"
"""Ends every name, so that a record says it is made up even where only its name is shown."""


def framed(
    ids: Sequence[str],
    geometry: ObjectArray,
    columns: Mapping[str, Any],
    *,
    schema: Mapping[str, str],
) -> gpd.GeoDataFrame:
    """Return a frame that follows ``schema``, sorted by id; the provenance is filled in here."""
    index = pd.Index(list(ids), dtype="str", name="id")
    origin = {"position_in": positions_in(geometry), **DATUM}
    unsaid = {name: value for name, value in {**UNSTATED, **ALWAYS_THERE}.items() if name in schema}
    frame = pd.DataFrame({**unsaid, **columns, **origin}, index=index)[list(schema)].astype(
        dict(schema)
    )
    return gpd.GeoDataFrame(frame, geometry=geometry, crs=WGS84).sort_index()


def positions_in(geometry: ObjectArray) -> list[str]:
    """Return ``lon,lat`` with 6 decimals for a point, "" for anything else."""
    point = shapely.get_type_id(geometry) == shapely.GeometryType.POINT
    lon, lat = shapely.get_x(geometry), shapely.get_y(geometry)
    return [
        f"{x:.6f},{y:.6f}" if is_point else ""
        for x, y, is_point in zip(lon, lat, point, strict=True)
    ]
