"""From a file's coordinates, however written and in whatever datum, to WGS 84 geometry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from pyproj import CRS

from geodata import datum
from geodata.files import coordinates

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from geodata.files import Table

FAR_TOO_LARGE = 1_000  # degrees never are
GEOGRAPHIC = ("wgs84", "cgcs2000", "gcj02", "bd09")
NO_POSITION = (
    "no column holds the position; name two with --map lon=COLUMN --map lat=COLUMN, "
    "or one with --map position=COLUMN"
)
GRID_NEEDED = "coordinates on a grid; say which one with --datum EPSG:n"
NO_GRID = "these are degrees, not metres on a grid; leave out --datum or say the right one"
BESIDE_DEGREES = 3.0
"""How far outside the area a coordinate system is made for a place may lie."""


type Problem = tuple[int | None, str, str, str]
"""Row position or None for the whole file, field, value, what is wrong and would be right."""


@dataclass(frozen=True)
class Positions:
    """The WGS 84 geometry of each row, and how it came."""

    geometry: np.ndarray
    """Shapely geometries, None where there is none."""
    position_in: list[str]
    datum_in: str
    datum_by: str
    problems: list[Problem]


def locate(table: Table, columns: Mapping[str, str], given: str | None) -> Positions:
    """Find, read and convert the position of every row of ``table``.

    ``given`` is the caller's word on the datum; it wins over the file's, and WGS 84 is assumed
    (and recorded as assumed) when neither says. ``columns`` tells which columns hold coordinates.
    """
    reference, by = _reference(table.crs, given)
    if table.geometry is not None:
        return _converted(table.geometry, [""] * len(table.frame), reference, by, [])
    grid = reference not in GEOGRAPHIC and CRS(reference).is_projected
    pair = ("easting", "northing") if grid else ("lon", "lat")
    if not set(pair) <= columns.keys() and {"easting", "northing"} <= columns.keys():
        pair = ("easting", "northing")
    if not set(pair) <= columns.keys() and {"lon", "lat"} <= columns.keys():
        pair = ("lon", "lat")
    if set(pair) <= columns.keys():
        return _from_two(table.frame, (columns[pair[0]], columns[pair[1]]), reference, by)
    if "position" in columns:
        return _from_one(table.frame[columns["position"]], columns["position"], reference, by)
    return _nothing(len(table.frame), reference, by, NO_POSITION)


def _reference(of_file: str | None, given: str | None) -> tuple[str, str]:
    if given is not None:
        return datum.parse_reference(given), "operator"
    if of_file is not None:
        return datum.parse_reference(of_file), "file"
    return "wgs84", "assumed"


def _nothing(rows: int, reference: str, by: str, problem: str) -> Positions:
    empty = np.full(rows, None, dtype=object)
    return Positions(empty, [""] * rows, reference, by, [(None, "position", "", problem)])


def _from_two(frame: pd.DataFrame, columns: tuple[str, str], reference: str, by: str) -> Positions:
    texts = [frame[column] for column in columns]
    (x, bad_x), (y, bad_y) = (coordinates.parse_numbers(list(column)) for column in texts)
    if problem := _kind_problem(x, y, reference):
        return _nothing(len(frame), reference, by, f"{columns[0]}, {columns[1]}: {problem}")
    problems: list[Problem] = [
        (row, column, text.iloc[row], problem)
        for column, text, bad in zip(columns, texts, (bad_x, bad_y), strict=True)
        for row, problem in bad
    ]
    raw = [f"{a.strip()},{b.strip()}" for a, b in zip(*texts, strict=True)]
    return _from_numbers(x, y, raw, reference, by, problems)


def _from_one(texts: pd.Series[str], column: str, reference: str, by: str) -> Positions:
    raw = [text.strip() for text in texts]
    if any(text[:12].upper().startswith(("POLYGON", "MULTIPOLYGON")) for text in raw):
        geometry = shapely.from_wkt(raw, on_invalid="ignore")
        unread: list[Problem] = [
            (int(row), column, raw[row], "not a shape; write WKT such as POLYGON ((…))")
            for row in np.flatnonzero(shapely.is_missing(geometry))
        ]
        return _converted(geometry, [""] * len(raw), reference, by, unread)
    x, y, bad = coordinates.parse_pairs(raw)
    if problem := _kind_problem(x, y, reference):
        return _nothing(len(raw), reference, by, f"{column}: {problem}")
    problems: list[Problem] = [(row, column, raw[row], problem) for row, problem in bad]
    return _from_numbers(x, y, raw, reference, by, problems)


def _kind_problem(x: np.ndarray, y: np.ndarray, reference: str) -> str:
    """Tell metres where degrees are due, and degrees where metres are; "" when all is well."""
    readable = np.isfinite(x) & np.isfinite(y)
    if not readable.any():
        return ""
    grid = reference not in GEOGRAPHIC and CRS(reference).is_projected
    large = (np.abs(x) > FAR_TOO_LARGE) & (np.abs(y) > FAR_TOO_LARGE) & readable
    if not grid:
        return GRID_NEEDED if large.sum() * 2 > readable.sum() else ""
    degrees = (np.abs(x) <= 180) & (np.abs(y) <= 180) & readable  # noqa: PLR2004
    return NO_GRID if degrees.sum() * 2 > readable.sum() else ""


def _place_problems(lon: np.ndarray, lat: np.ndarray, reference: str) -> list[tuple[int, str]]:
    """Check WGS 84 places that came from ``reference``: on Earth, not 0/0, where it is made for.

    NaN is nobody's place and not judged.
    """
    known = np.flatnonzero(np.isfinite(lon) & np.isfinite(lat))
    found = [
        (int(known[row]), text) for row, text in coordinates.check_range(lon[known], lat[known])
    ]
    area = None if reference in GEOGRAPHIC else CRS(reference).area_of_use
    if area is None or area.west > area.east:
        return found
    west, south, east, north = area.bounds
    beside = np.maximum.reduce([west - lon, lon - east, south - lat, lat - north])
    judged = {row for row, _ in found}
    text = f"far outside the area {reference} is for; are x and y swapped, or is it another?"
    return found + [
        (int(row), text)
        for row in np.flatnonzero(beside > BESIDE_DEGREES)
        if int(row) not in judged
    ]


def _from_numbers(  # noqa: PLR0917 - one row's way from text to place
    x: np.ndarray,
    y: np.ndarray,
    raw: list[str],
    reference: str,
    by: str,
    problems: list[Problem],
) -> Positions:
    known_bad = {row for row, *_ in problems}
    if reference in GEOGRAPHIC:
        problems += [
            (row, "position", raw[row], problem)
            for row, problem in coordinates.check_range(x, y)
            if row not in known_bad
        ]
        known_bad = {row for row, *_ in problems}
    fine = np.ones(len(x), dtype=bool)
    fine[[row for row in known_bad if row is not None]] = False
    lon, lat = np.full(len(x), np.nan), np.full(len(x), np.nan)
    lon[fine], lat[fine] = datum.to_wgs84(x[fine], y[fine], reference)
    lost = fine & ~(np.isfinite(lon) & np.isfinite(lat))
    problems += [
        (int(row), "position", raw[row], f"no place on Earth in {reference}; is the datum right?")
        for row in np.flatnonzero(lost)
    ]
    problems += [
        (row, "position", raw[row], problem)
        for row, problem in _place_problems(lon, lat, reference)
    ]
    geometry = np.full(len(x), None, dtype=object)
    whole = fine & ~lost
    geometry[whole] = shapely.points(lon[whole], lat[whole])
    return Positions(geometry, raw, reference, by, problems)


def _converted(
    geometry: np.ndarray,
    raw: list[str],
    reference: str,
    by: str,
    problems: list[Problem],
) -> Positions:
    """Convert geometries vertex by vertex; points keep their pair as it came."""
    geometry = np.array(geometry, dtype=object)
    points = shapely.get_type_id(geometry) == shapely.GeometryType.POINT
    filled = points & ~shapely.is_empty(geometry)
    for row in np.flatnonzero(filled):
        raw[row] = f"{geometry[row].x!r},{geometry[row].y!r}"
    if reference not in {"wgs84", "cgcs2000"}:
        geometry = shapely.transform(
            geometry, lambda xy: np.column_stack(datum.to_wgs84(xy[:, 0], xy[:, 1], reference))
        )
    rows = np.flatnonzero(filled)
    places = _place_problems(
        shapely.get_x(geometry[rows]), shapely.get_y(geometry[rows]), reference
    )
    problems += [
        (int(rows[place]), "geometry", raw[rows[place]], problem) for place, problem in places
    ]
    return Positions(geometry, raw, reference, by, problems)
