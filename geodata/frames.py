"""One check of a GeoDataFrame at the door; behind it nothing is checked again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from geodata.errors import Fault, FaultyDataError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from numpy.typing import NDArray

WGS84 = "EPSG:4326"
POINTS = frozenset({"Point"})
AREAS = frozenset({"Polygon", "MultiPolygon"})

_SHOWN = 80
_REPAIR = "repair it with shapely.make_valid, or in QGIS with “Fix geometries”"


def require(
    frame: gpd.GeoDataFrame, *, columns: Mapping[str, str], geometry: Iterable[str]
) -> gpd.GeoDataFrame:
    """Return ``frame`` itself if it is fit for use; else `FaultyDataError` with every fault.

    Fit is: an index of unique, non-empty texts; every column of ``columns`` with its pandas dtype
    (``str``, ``Int64``, ``bool``, …; more columns may be there); coordinates in EPSG:4326 (nothing
    is transformed here); each geometry present, not empty, valid, of one of the types ``geometry``
    (``Point``, ``Polygon``, …), within ±180 and ±90 degrees, limits included. A fault's ``row`` is
    the position in the frame, from 1; None where the whole frame is meant.
    """
    if not isinstance(frame, gpd.GeoDataFrame) or frame.active_geometry_name is None:
        faults = [Fault(None, "geometry", "", "a GeoDataFrame with a geometry column is needed")]
    else:
        faults = [
            *_index_faults(frame.index),
            *_column_faults(frame, columns),
            *_crs_faults(frame),
            *_geometry_faults(frame.geometry.to_numpy(), frozenset(geometry)),
        ]
    if faults:
        first = faults[0]
        where = "" if first.row is None else f"row {first.row}, "
        raise FaultyDataError(
            f"{len(faults)} faults in the data; the first: {where}{first.field}: {first.problem}",
            faults,
        )
    return frame


def _index_faults(index: pd.Index[str]) -> Iterator[Fault]:
    values = index.to_numpy(dtype=object)
    for position, value in enumerate(values, start=1):
        if not isinstance(value, str) or not value.strip():
            yield Fault(position, "id", _shown(value), "the index must be non-empty text")
    for again in map(int, np.flatnonzero(index.duplicated())):
        problem = "this id is there already; ids must differ"
        yield Fault(again + 1, "id", _shown(values[again]), problem)


def _column_faults(frame: gpd.GeoDataFrame, columns: Mapping[str, str]) -> Iterator[Fault]:
    for name, kind in columns.items():
        if name not in frame:
            yield Fault(None, name, "", f"the column is missing; it must be there as {kind}")
        elif frame[name].dtype != pd.api.types.pandas_dtype(kind):
            found = str(frame[name].dtype)
            yield Fault(None, name, found, f"the column must be {kind}; use .astype({kind!r})")


def _crs_faults(frame: gpd.GeoDataFrame) -> Iterator[Fault]:
    if frame.crs is None:
        advice = "say what the coordinates are with .set_crs(4326) if they are WGS 84"
        yield Fault(None, "geometry", "no CRS", f"coordinates must be EPSG:4326; {advice}")
    elif not frame.crs.equals(pyproj.CRS(WGS84), ignore_axis_order=True):
        named = _shown(frame.crs.to_string())
        yield Fault(None, "geometry", named, "coordinates must be EPSG:4326; use .to_crs(4326)")


def _geometry_faults(shapes: NDArray[np.object_], allowed: frozenset[str]) -> Iterator[Fault]:
    missing = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    kinds = np.array([shape.geom_type if shape is not None else "" for shape in shapes], dtype=str)
    wrong_kind = ~missing & ~np.isin(kinds, sorted(allowed))
    bounds = shapely.bounds(shapes)
    inside = (np.abs(bounds) <= (180, 90, 180, 90)).all(axis=1)
    invalid = ~missing & ~shapely.is_valid(shapes)
    for position in np.flatnonzero(missing | wrong_kind | ~inside | invalid):
        row = int(position) + 1
        if missing[position]:
            yield Fault(row, "geometry", "", "no geometry; every row needs a position")
            continue
        if wrong_kind[position]:
            wanted = " or ".join(sorted(allowed))
            yield Fault(row, "geometry", str(kinds[position]), f"must be a {wanted}")
        if not inside[position]:
            yield _outside(row, bounds[position])
        elif invalid[position]:
            why = shapely.is_valid_reason(shapes[position])
            yield Fault(row, "geometry", _shown(why), f"the outline is not valid; {_REPAIR}")


def _outside(row: int, bounds: NDArray[np.float64]) -> Fault:
    west, south, east, north = bounds
    swapped = max(abs(west), abs(east)) <= 90 and max(abs(south), abs(north)) <= 180  # noqa: PLR2004
    advice = (
        "longitude and latitude look swapped"
        if swapped
        else "longitude must be within ±180, latitude within ±90 degrees"
    )
    corners = ", ".join(f"{value:.6f}" for value in bounds)
    return Fault(row, "geometry", corners, f"not on Earth: {advice}")


def _shown(value: object) -> str:
    text = str(value)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
