"""Whether a file's geometries can be a register's, and the county each lies in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from geodata import boundaries

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    import geopandas as gpd

    from stations.imports.positions import Problem
    from stations.imports.records import Target


def problems(
    geometry: np.ndarray, known: Collection[int | None], target: Target
) -> Iterator[Problem]:
    """Yield what is wrong with each geometry, but of the rows in ``known``; None there: of all."""
    if None in known:
        return
    types = shapely.get_type_id(geometry)
    fine_points = (types == shapely.GeometryType.POINT) & ~shapely.is_empty(geometry)
    for position in map(int, np.flatnonzero(~fine_points | ~_on_earth(geometry))):
        problem = None if position in known else _problem(geometry[position], target)
        if problem:
            yield position, "geometry", "", problem


def _on_earth(geometry: np.ndarray) -> np.ndarray:
    west, south, east, north = shapely.bounds(geometry).T
    fine: np.ndarray = (west >= -180) & (east <= 180) & (south >= -90) & (north <= 90)  # noqa: PLR2004
    return fine


def _problem(shape: Any, target: Target) -> str | None:  # noqa: ANN401
    if shape is None or shape.is_empty:
        return f"no geometry; each record needs {target.wanted}"
    if shape.geom_type not in target.shapes:
        return f"a {shape.geom_type}; each record needs {target.wanted}"
    if not _on_earth(np.array([shape]))[0]:
        return (
            "coordinates outside 180 degrees east or west or 90 degrees north or south; "
            "are they swapped, or on a grid (--datum EPSG:n)?"
        )
    if not shape.is_valid:
        reason = shapely.is_valid_reason(shape)
        return f"{reason}; repair it, in QGIS with “Fix geometries”"
    return None


def area_codes(frame: gpd.GeoDataFrame) -> list[str]:
    """Keep a declared county code; where there is none, take the county the place lies in."""
    inside = shapely.point_on_surface(frame.geometry.to_numpy())
    placed = np.array([""] * len(frame), dtype=object)
    there = ~shapely.is_missing(inside) & ~shapely.is_empty(inside)
    codes = boundaries.county_of(shapely.get_x(inside[there]), shapely.get_y(inside[there]))
    placed[there] = [str(code) if code else "" for code in codes]
    if "area_code" not in frame:
        return list(placed)
    return [declared or code for declared, code in zip(frame["area_code"], placed, strict=True)]
