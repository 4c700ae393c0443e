"""Frames to GeoJSON features."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from stations.cube import CAUSES

if TYPE_CHECKING:
    from collections.abc import Callable

    import geopandas as gpd
    import pandas as pd

    from stations.coverage import Coverage, Truth

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
    "from",
    "until",
    "workers_covered",
    "covered",
    "share",
    "nearest_id",
    "nearest_name",
    "nearest_m",
    "nearest_min",
    "estimated",
    "unreachable",
    "synthetic",
)


GAP_PROPERTIES = (
    "name",
    "area_code",
    "workers",
    "lost",
    "present",
    "hours_zh",
    "hours_en",
    "cause",
    "cause_zh",
    "cause_en",
    "nearest_id",
    "nearest_name",
    "nearest_m",
    "nearest_min",
    "estimated",
    "unreachable",
    "usable_id",
    "usable_name",
    "usable_m",
    "usable_min",
    "usable_estimated",
    "fix",
    "fix_id",
    "fix_name",
    "fix_cost",
    "fix_won",
    "fix_zh",
    "fix_en",
    "advice_zh",
    "advice_en",
    "worker_type",
    "places_per_worker",
    "one_station",
    "one_host",
)


def collection(
    answer: Coverage | Truth,
    frame: gpd.GeoDataFrame,
    limit: int,
    write: Callable[[gpd.GeoDataFrame], list[dict[str, Any]]],
) -> dict[str, Any]:
    """Return sites of an answer's layer as a feature collection, the first ``limit`` of them."""
    page = frame.iloc[:limit]
    return {
        "type": "FeatureCollection",
        "numberMatched": len(frame),
        "numberReturned": len(page),
        "layer": answer.layer.name,
        "revision": answer.revision,
        "synthetic": answer.synthetic,
        "features": write(page),
    }


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
    for name in ("nearest_m", "nearest_min"):
        columns[name] = _values(frame[name].where(np.isfinite(frame[name])).round(3))
    shapes = [shapely.geometry.mapping(shape) for shape in frame.geometry]
    return _features(frame.index.tolist(), shapes, columns)


def gaps(frame: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    """Return gaps in truth as features, with when and why, and what would help."""
    columns = {name: _values(frame[name]) for name in GAP_PROPERTIES}
    for name in (
        "nearest_m", "nearest_min", "usable_m", "usable_min", "fix_cost", "places_per_worker",
    ):  # fmt: skip
        columns[name] = _values(frame[name].where(np.isfinite(frame[name])).round(3))
    columns["lost_by"] = [
        dict(zip(CAUSES, row, strict=True))
        for row in frame[[f"lost_{cause}" for cause in CAUSES]].to_numpy().tolist()
    ]
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
