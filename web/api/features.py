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
    return _features(columns["id"], points, columns)


def sites(frame: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    """Return demand sites as features, with how far each is covered."""
    columns = {name: _values(frame[name]) for name in SITE_PROPERTIES}
    metres = frame["nearest_m"]
    columns["nearest_m"] = _values(metres.where(np.isfinite(metres)).round(3))
    shapes = [shapely.geometry.mapping(shape) for shape in frame.geometry]
    return _features(frame.index.tolist(), shapes, columns)


def areas(frame: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    """Return outlines as features; ids are area codes."""
    shapes = [shapely.geometry.mapping(shape) for shape in frame.geometry]
    return _features(frame.index.tolist(), shapes, {"name": frame["name"].tolist()})


def _values(column: pd.Series[Any]) -> list[Any]:
    return column.astype(object).where(column.notna(), None).tolist()


def _features(
    ids: list[str], shapes: list[dict[str, Any]], columns: dict[str, list[Any]]
) -> list[dict[str, Any]]:
    names = tuple(columns)
    rows = zip(*columns.values(), strict=True)
    return [
        {
            "type": "Feature",
            "id": id_,
            "geometry": shape,
            "properties": dict(zip(names, row, strict=True)),
        }
        for id_, shape, row in zip(ids, shapes, rows, strict=True)
    ]
