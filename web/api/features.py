"""Frames to GeoJSON features."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

STATION_PROPERTIES = (
    "name",
    "kind",
    "amenities",
    "opening_hours",
    "access",
    "host",
    "capacity",
    "area_code",
    "status",
    "phone",
    "synthetic",
)
SITE_PROPERTIES = (
    "name",
    "area_code",
    "workers",
    "workers_covered",
    "covered",
    "share",
    "nearest_id",
    "nearest_name",
    "nearest_m",
    "synthetic",
)


def stations(frame: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    """Return stations as features; `id` is a property too, so that every client finds it."""
    columns = {"id": frame.index.tolist()}
    columns |= {name: _values(frame[name]) for name in STATION_PROPERTIES}
    columns["amenities"] = [text.split(";") if text else [] for text in columns["amenities"]]
    places = shapely.get_coordinates(frame.geometry.to_numpy()).tolist()
    points = [{"type": "Point", "coordinates": place} for place in places]
    return _features(columns, points)


def sites(frame: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    """Return demand sites as features, with how far each is covered."""
    columns = {name: _values(frame[name]) for name in SITE_PROPERTIES}
    columns["nearest_m"] = [
        round(metres, 3) if np.isfinite(metres) else None for metres in columns["nearest_m"]
    ]
    shapes = [shapely.geometry.mapping(shape) for shape in frame.geometry]
    return _features(columns, shapes, ids=frame.index.tolist())


def areas(frame: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    """Return outlines as features; ids are area codes."""
    shapes = [shapely.geometry.mapping(shape) for shape in frame.geometry]
    return _features({"name": frame["name"].tolist()}, shapes, ids=frame.index.tolist())


def _values(column: pd.Series[Any]) -> list[Any]:
    return column.astype(object).where(column.notna(), None).tolist()


def _features(
    columns: dict[str, list[Any]], shapes: list[dict[str, Any]], ids: list[str] | None = None
) -> list[dict[str, Any]]:
    names = tuple(columns)
    return [
        {
            "type": "Feature",
            "id": id_,
            "geometry": shape,
            "properties": dict(zip(names, row, strict=True)),
        }
        for id_, shape, row in zip(
            ids or columns["id"], shapes, zip(*columns.values(), strict=True), strict=True
        )
    ]
