"""The council exports of London's public toilets as one register, for the audit."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from geodata.files.tables import Table
from stations import imports
from stations.imports.records import STATION, Options, read_records

if TYPE_CHECKING:
    from pathlib import Path

OPTIONS = {
    "Public_toilets.csv": Options(make_ids=True),
    "camden_data.json": Options(make_ids=True),
    "southwark_toilets.csv": Options(make_ids=True, datum="EPSG:27700"),
    "barnet_raw.csv": Options(make_ids=True, datum="EPSG:27700", columns={"name": "LocationText"}),
}


def london(folder: Path) -> tuple[gpd.GeoDataFrame, pd.DataFrame, dict[str, int]]:
    """Return the stations of all files, their uploads, and how many rows each file lost.

    Ids begin with the file's name; a row with a fault at import is not in the register.
    """
    frames, lost = [], dict.fromkeys(OPTIONS, 0)
    for name, options in OPTIONS.items():
        frames.append(_read(imports.read(folder / name, "stations"), options, name, lost))
    frames.append(_read(_overpass(folder / "mixed_data.json"), Options(), "mixed_data.json", lost))
    frame = gpd.GeoDataFrame(pd.concat(frames), crs="EPSG:4326").sort_index()
    upload = pd.DataFrame({"upload": frame.index.str.split(":").str[0]}, index=frame.index)
    return frame, upload.astype("str"), lost


def _read(table: Table, options: Options, name: str, lost: dict[str, int]) -> gpd.GeoDataFrame:
    found = read_records(table, STATION, options)
    bad = {fault.row for fault in found.faults}
    kept = found.frame[[row not in bad for row in table.rows.tolist()]]
    lost[name] = len(found.frame) - len(kept)
    kept = kept.drop_duplicates("id")
    index = pd.Index([f"{name}:{each}" for each in kept["id"]], dtype="str", name="id")
    return kept.drop(columns="id").set_axis(index)


def _overpass(path: Path) -> Table:
    """Take nodes out of an Overpass answer; one without a name is called after its tag."""
    rows = [
        {
            "id": str(node["id"]),
            "name": node["tags"].get("name", "Toilets"),
            "lon": str(node["lon"]),
            "lat": str(node["lat"]),
            "opening_hours": node["tags"].get("opening_hours", ""),
            "phone": node["tags"].get("contact:phone", node["tags"].get("phone", "")),
            "host": node["tags"].get("operator", ""),
        }
        for node in json.loads(path.read_text("utf-8"))["elements"]
        if node["type"] == "node"
    ]
    numbers = np.arange(1, len(rows) + 1)
    return Table(pd.DataFrame(rows, dtype="str"), numbers, None, None, "JSON", "utf-8")
