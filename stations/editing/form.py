"""A station as a form has it: every field one text, as a sheet's cells are."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.errors import Fault, UsageError
from geodata.files import Table
from stations.imports.fields import station_parsers
from stations.imports.merging import PLACE_COLUMNS, completed
from stations.imports.opening import calendar_said
from stations.imports.records import STATION, Options, read_records
from stations.places import read_places, stored
from stations.schema import STATION_COLUMNS, WGS84

if TYPE_CHECKING:
    from collections.abc import Mapping

POSITION = ("lon", "lat")
ENTRANCE = ("entrance_lon", "entrance_lat")
FIELDS = (
    *(name for name in station_parsers() if name != "synthetic"),
    *POSITION,
    *ENTRANCE,
    "places",
)
"""What a form holds, besides the id. Texts are read as a sheet's are: `stations.imports`."""
DATUMS = ("wgs84", "cgcs2000", "gcj02", "bd09")


class Read(NamedTuple):
    """What was sent, read."""

    frame: gpd.GeoDataFrame
    """One row, as the register would keep it; of no use where there are faults."""
    faults: list[Fault]
    warnings: list[Fault]
    """What is kept as written though not understood."""


def form_of(record: Mapping[str, Any]) -> dict[str, str]:
    """Return field → text of a record as `stations.store.station_records` has it."""
    return {name: _text(record[name]) for name in FIELDS}


def _text(value: object) -> str:
    if isinstance(value, list):
        return ";".join(value)
    return "" if value is None else repr(value) if isinstance(value, float) else str(value)


def frame_of(record: Mapping[str, Any]) -> gpd.GeoDataFrame:
    """Return a stations frame of one row: the record, as `station_records` has it."""
    cells = {name: record[name] for name in STATION_COLUMNS}
    cells["amenities"] = ";".join(cells["amenities"])
    index = pd.Index([record["id"]], dtype="str", name="id")
    frame = pd.DataFrame(
        {
            name: pd.Series([pd.NA if cells[name] is None else cells[name]], dtype=kind)
            for name, kind in STATION_COLUMNS.items()
        }
    ).set_index(index)
    point = shapely.points([record["lon"]], [record["lat"]])
    return gpd.GeoDataFrame(frame, geometry=point, crs=WGS84)


def read(id_: str, sent: Mapping[str, str], datum: str, old: gpd.GeoDataFrame | None) -> Read:
    """Read what was sent of a station; what was not stays as in ``old``, its frame of one row.

    So does the calendar where neither it nor words that ask for one are sent.
    ``datum`` is of every position sent; None in ``old``: a new station, whose id is made of name
    and position if "".
    """
    _check(sent, datum)
    cells = {"id": id_, **sent} if id_ else dict(sent)
    if old is not None:
        cells = {"name": old["name"].iloc[0], **cells}
        if "lon" not in sent:
            point = old.geometry.iloc[0]
            cells |= {"lon": repr(point.x), "lat": repr(point.y)}
        if "calendar" not in sent and not _asks_calendar(sent, old):
            cells["calendar"] = old["calendar"].iloc[0]
    table = Table(
        frame=pd.DataFrame({name: [text] for name, text in cells.items()}, dtype="str"),
        rows=np.array([1]),
        geometry=None,
        crs=None,
        format="form",
        encoding="utf-8",
    )
    options = Options(datum=datum, columns={name: name for name in cells}, make_ids=not id_)
    if old is not None and "lon" not in sent and not {*ENTRANCE, "places"} & sent.keys():
        options = Options(columns=options.columns)
    found = read_records(table, STATION, options)
    frame = found.frame.set_index("id")
    if found.faults or old is None:
        return Read(frame, found.faults, found.warnings)
    return Read(_kept(frame, old, sent), found.faults, found.warnings)


def _check(sent: Mapping[str, str], datum: str) -> None:
    if unknown := sorted(sent.keys() - {*FIELDS}):
        raise UsageError(f"no field {', '.join(unknown)[:200]}; fields: {', '.join(FIELDS)}")
    if datum not in DATUMS:
        raise UsageError(f"datum: one of {', '.join(DATUMS)}, not {datum[:80]!r}")
    for pair in (POSITION, ENTRANCE):
        if len(sent.keys() & {*pair}) == 1:
            raise UsageError(f"send {' and '.join(pair)} together")


def _asks_calendar(sent: Mapping[str, str], old: gpd.GeoDataFrame) -> bool:
    """Tell whether the words sent of the hours in force ask for a calendar; few do."""
    own = sent.get("opening_hours", old["opening_hours"].iloc[0])
    in_force = "opening_hours" if own.strip() else "host_hours"
    return calendar_said(sent.get(in_force, "")) != "workdays"


def _kept(
    frame: gpd.GeoDataFrame, old: gpd.GeoDataFrame, sent: Mapping[str, str]
) -> gpd.GeoDataFrame:
    """Put what was not sent back as it was, to the last digit."""
    frame = completed(frame, old, {*sent, "calendar"}, datum_said="lon" in sent)
    if "lon" in sent:
        return frame
    frame = frame.set_geometry(old.geometry.array)
    kept = [name for name in PLACE_COLUMNS if name not in sent]
    frame[kept] = old[kept]
    if "places" in sent and frame["places"].iloc[0] != old["places"].iloc[0]:
        # their coordinates as they came would be in the datum of the station's position
        bare = [replace(each, position_in="") for each in read_places(frame["places"].iloc[0])]
        frame["places"] = pd.Series([stored(bare)], index=frame.index, dtype="str")
    return frame
