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


@dataclass(frozen=True)
class Positions:
    """The WGS 84 geometry of each row, and how it came."""

    geometry: np.ndarray
    """Shapely geometries, None where there is none."""
    position_in: list[str]
    datum_in: str
    datum_by: str
    problems: list[tuple[int | None, str, str, str]]
    """(row position or None for the whole file, field, value, problem)."""


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
    if _on_a_grid(x, y) and reference in GEOGRAPHIC:
        return _nothing(len(frame), reference, by, f"{columns[0]}, {columns[1]}: {GRID_NEEDED}")
    problems: list[tuple[int | None, str, str, str]] = [
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
        return _converted(geometry, [""] * len(raw), reference, by, [])
    x, y, bad = coordinates.parse_pairs(raw)
    problems: list[tuple[int | None, str, str, str]] = [
        (row, column, raw[row], problem) for row, problem in bad
    ]
    return _from_numbers(x, y, raw, reference, by, problems)


def _on_a_grid(x: np.ndarray, y: np.ndarray) -> bool:
    """Tell whether most readable pairs are far too large for degrees."""
    readable = np.isfinite(x) & np.isfinite(y)
    large = readable & (np.abs(x) > FAR_TOO_LARGE) & (np.abs(y) > FAR_TOO_LARGE)
    return bool(readable.any() and large.sum() * 2 > readable.sum())


def _from_numbers(  # noqa: PLR0917 - one row's way from text to place
    x: np.ndarray,
    y: np.ndarray,
    raw: list[str],
    reference: str,
    by: str,
    problems: list[tuple[int | None, str, str, str]],
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
    geometry = np.full(len(x), None, dtype=object)
    whole = fine & ~lost
    geometry[whole] = shapely.points(lon[whole], lat[whole])
    return Positions(geometry, raw, reference, by, problems)


def _converted(
    geometry: np.ndarray,
    raw: list[str],
    reference: str,
    by: str,
    problems: list[tuple[int | None, str, str, str]],
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
    return Positions(geometry, raw, reference, by, problems)
