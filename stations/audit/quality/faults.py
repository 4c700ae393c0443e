"""Faults of position, as `planting` plants them: whole sheets, and single records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from geodata import boundaries, datum
from stations.demo.places import Points, moved

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import geopandas as gpd
    import pandas as pd

    from geodata.geodesy import BoolArray, FloatArray, IntArray

    type Plant = Callable[[np.random.Generator, "Sheet", IntArray, int], IntArray]


@dataclass(eq=False)
class Sheet:
    """A register while faults are planted in it."""

    stations: gpd.GeoDataFrame
    platform: gpd.GeoDataFrame
    uploads: pd.DataFrame
    planted: list[tuple[str, str, str]]
    """Sort, station, detail."""

    def note(self, sort: str, rows: IntArray, detail: str = "") -> None:
        """Say what was planted where."""
        self.planted += [(sort, str(each), detail) for each in self.stations.index[rows]]


def put(
    frame: gpd.GeoDataFrame,
    rows: IntArray,
    pair: tuple[FloatArray, FloatArray],
    declared: str,
    *,
    decimals: int = 6,
) -> None:
    """Record pairs as an import would that is told they are in ``declared``."""
    x, y = (np.round(axis, decimals) for axis in pair)
    lon, lat = datum.to_wgs84(x, y, declared)
    shapes = frame.geometry.to_numpy().copy()
    shapes[rows] = shapely.points(lon, lat)
    frame.geometry = shapes
    ids = frame.index[rows]
    texts = [f"{a:.{decimals}f},{b:.{decimals}f}" for a, b in zip(x, y, strict=True)]
    frame.loc[ids, "position_in"] = texts
    frame.loc[ids, "datum_in"] = declared


def lonlat(frame: gpd.GeoDataFrame, rows: IntArray) -> tuple[FloatArray, FloatArray]:
    """Return the positions of some rows."""
    return frame.geometry.x.to_numpy()[rows], frame.geometry.y.to_numpy()[rows]


def around(rng: np.random.Generator, here: Points, least_m: float, most_m: float) -> Points:
    """Move points in any direction, by any distance between two."""
    count = len(here.lon)
    return moved(here, rng.uniform(0, 360, count), rng.uniform(least_m, most_m, count))


def first(free: IntArray, usual: BoolArray, count: int) -> IntArray:
    """Return the first rows still free that are of the usual sort."""
    return free[np.flatnonzero(usual[free])[:count]]


def slip_sheet(rng: np.random.Generator, sheet: Sheet, upload: str) -> int:
    """Record a sheet in another datum than it is in; entrances slip with it in half the cases."""
    frame = sheet.stations
    rows = np.flatnonzero((sheet.uploads["upload"] == upload).to_numpy())
    declared = str(frame["datum_in"].iloc[rows[0]])
    true = str(rng.choice([name for name in ("wgs84", "gcj02", "bd09") if name != declared]))
    put(frame, rows, datum.from_wgs84(*lonlat(frame, rows), true), declared)
    if rng.random() < 0.5:  # noqa: PLR2004 - half
        _slip_entrances(frame, rows, true, declared)
    sheet.note("datum_upload", rows, f"{true} said to be {declared}")
    return len(rows)


def _slip_entrances(frame: gpd.GeoDataFrame, rows: IntArray, true: str, declared: str) -> None:
    doors = frame[["entrance_lon", "entrance_lat"]].iloc[rows].dropna()
    lon, lat = doors.to_numpy(dtype=np.float64).T
    pair = datum.from_wgs84(lon, lat, true)
    frame.loc[doors.index, ["entrance_lon", "entrance_lat"]] = np.column_stack(
        datum.to_wgs84(*pair, declared)
    ).round(6)


def shift_sheet(sheet: Sheet, upload: str) -> int:
    """Give each row of a sheet the position of the row before; the first keeps its own."""
    frame = sheet.stations
    rows = np.flatnonzero((sheet.uploads["upload"] == upload).to_numpy())
    columns = ["position_in", "datum_in", "datum_by"]
    shapes = frame.geometry.to_numpy().copy()
    shapes[rows[1:]] = shapes[rows[:-1]]
    frame.geometry = shapes
    frame.loc[frame.index[rows[1:]], columns] = frame[columns].iloc[rows[:-1]].to_numpy()
    sheet.note("off_by_one", rows[1:])
    return len(rows) - 1


def _null_island(_: np.random.Generator, sheet: Sheet, free: IntArray, count: int) -> IntArray:
    rows = free[:count]
    put(sheet.stations, rows, (np.zeros(count), np.zeros(count)), "wgs84")
    sheet.note("null_island", rows)
    return rows


def _truncated(_: np.random.Generator, sheet: Sheet, free: IntArray, count: int) -> IntArray:
    frame, rows = sheet.stations, free[:count]
    for name in ("wgs84", "gcj02"):
        mine = rows[(frame["datum_in"].iloc[rows] == name).to_numpy()]
        pair = datum.from_wgs84(*lonlat(frame, mine), name)
        cut = np.trunc(pair[0] * 100) / 100, np.trunc(pair[1] * 100) / 100
        put(frame, mine, cut, name, decimals=2)
    sheet.note("truncated", rows)
    return rows


def _wrong_county(rng: np.random.Generator, sheet: Sheet, free: IntArray, count: int) -> IntArray:
    """Put stations in another county of their province: 3 to 60 km away, farther if need be."""
    frame, rows = sheet.stations, free[:count]
    here = Points(*lonlat(frame, rows))
    lon, lat = here.lon.copy(), here.lat.copy()
    home = frame["area_code"].iloc[rows].astype("int64").to_numpy()
    left, most_m = np.arange(count), 60_000.0
    while left.size:
        tried = around(rng, here.at(left), 3_000, most_m)
        code = boundaries.county_of(tried.lon, tried.lat)
        good = (code > 0) & (code // 10_000 == home[left] // 10_000) & (code != home[left])
        lon[left[good]], lat[left[good]] = tried.lon[good], tried.lat[good]
        left, most_m = left[~good], most_m * 1.1
    put(frame, rows, (lon, lat), "wgs84")
    sheet.note("wrong_county", rows)
    return rows


def _datum_record(_: np.random.Generator, sheet: Sheet, free: IntArray, count: int) -> IntArray:
    """Slip single records that have a reference: a row on the list, or an entrance."""
    frame = sheet.stations
    listed = frame["name"].str.replace("工会驿站", "户外劳动者服务站").isin(sheet.platform["name"])
    known = (listed & (frame["phone"] != "")) | frame["entrance_lon"].notna()
    known &= frame["datum_in"] == "wgs84"
    rows = first(free, known.to_numpy(dtype=bool), count)
    put(frame, rows, datum.from_wgs84(*lonlat(frame, rows), "gcj02"), "wgs84")
    sheet.note("datum_record", rows)
    return rows


SINGLE: Mapping[str, Plant] = {
    "datum_record": _datum_record,
    "null_island": _null_island,
    "truncated": _truncated,
    "wrong_county": _wrong_county,
}
"""Sort → what plants so many of it in rows that are free, and returns the rows it took."""
