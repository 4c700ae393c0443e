"""Slips of the pen, as `planting` plants them: what a record says besides its position."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata import boundaries
from stations.audit.quality.faults import around, first, lonlat, put
from stations.catalogue import catalogue
from stations.demo.places import Points

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geodata.geodesy import IntArray
    from stations.audit.quality.faults import Plant, Sheet

_IMPOSSIBLE = ("Mo-Su off", "24/7; Su off", "Mo-Fr 08:00-08:05", "八点左右开门")
_FURTHER = ("（一楼）", "服务点", "（24小时）", "（工会户外劳动者驿站）")


def _duplicate(rng: np.random.Generator, sheet: Sheet, free: IntArray, count: int) -> IntArray:
    """Register stations a second time, as another clerk would: name, digits and pin vary."""
    frame, rows = sheet.stations, free[:count]
    copies = frame.iloc[rows].copy()
    copies.index = pd.Index([f"{each}-B" for each in frame.index[rows]], dtype="str", name="id")
    copies["name"] = pd.Series(
        [_renamed(rng, name) for name in copies["name"]], index=copies.index, dtype="str"
    )
    copies["phone"] = pd.Series(
        [_redialled(rng, phone) for phone in copies["phone"]], index=copies.index, dtype="str"
    )
    there = around(rng, Points(*lonlat(frame, rows)), 0, 80)
    copies.geometry = shapely.points(there.lon, there.lat)
    put(copies, np.arange(count), (there.lon, there.lat), "wgs84")
    copies[["entrance_lon", "entrance_lat"]] = pd.NA
    copies = copies.astype({"entrance_lon": "Float64", "entrance_lat": "Float64"})
    sheet.stations = gpd.GeoDataFrame(pd.concat([frame, copies]), crs=frame.crs)
    again = sheet.uploads.iloc[rows].assign(upload="second clerk").set_axis(copies.index)
    sheet.uploads = pd.concat([sheet.uploads, again]).astype({"upload": "str"})
    sheet.planted += [
        ("duplicate", str(copy), str(first))
        for copy, first in zip(copies.index, frame.index[rows], strict=True)
    ]
    return rows


def _renamed(rng: np.random.Generator, name: str) -> str:
    form = int(rng.integers(4))
    if form == 0:
        return name.replace("工会驿站", "户外劳动者服务站点")
    if form == 1:
        return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in name) + "　"
    if form == 2:  # noqa: PLR2004 - the third
        own = name.rsplit("工会驿站·", maxsplit=1)[-1]
        return own + _FURTHER[int(rng.integers(len(_FURTHER)))]
    return "工会" + name.replace("工会驿站·", " ").replace("支行", "").replace("公厕", "厕所")


def _redialled(rng: np.random.Generator, phone: str) -> str:
    abroad, bare = f"+86 {phone.lstrip('0')}", phone.rsplit("-", maxsplit=1)[-1]
    forms = (phone, "", phone.replace("-", ""), abroad, bare)
    return forms[int(rng.integers(len(forms)))] if phone else ""


def _retired_code(_: np.random.Generator, sheet: Sheet, free: IntArray, count: int) -> IntArray:
    frame, before = sheet.stations, _predecessors("53")
    had = frame["area_code"].isin(list(before)).to_numpy()
    rows = first(free, had, count)
    frame.loc[frame.index[rows], "area_code"] = [
        before[code] for code in frame["area_code"].iloc[rows]
    ]
    sheet.note("retired_code", rows)
    return rows


@cache
def _predecessors(province: str) -> Mapping[str, str]:
    """Return code in use → one retired code that became it and nothing else."""
    found: dict[str, str] = {}
    for number in range(int(province) * 10_000, (int(province) + 1) * 10_000):
        heirs = boundaries.successors(str(number))
        if len(heirs) == 1 and len(heirs[0]) == 6 and heirs[0] != str(number):  # noqa: PLR2004 - a county's
            found.setdefault(heirs[0], str(number))
    return found


def _hours(_: np.random.Generator, sheet: Sheet, free: IntArray, count: int) -> IntArray:
    frame = sheet.stations
    active = (frame["status"] == "active").to_numpy()
    rows = first(free, active, count)
    texts = [_IMPOSSIBLE[at % len(_IMPOSSIBLE)] for at in range(len(rows))]
    frame.loc[frame.index[rows], "opening_hours"] = texts
    sheet.note("hours", rows)
    return rows


def _amenity_hours(_: np.random.Generator, sheet: Sheet, free: IntArray, count: int) -> IntArray:
    """Give hours to an amenity that is not there, or that opens while the station is shut."""
    frame = sheet.stations
    usual = (frame["status"] == "active") & (frame["amenity_hours"] == "")
    usual &= ~frame["amenities"].str.contains("massage")
    rows = first(free, usual.to_numpy(dtype=bool), count)
    frame.loc[frame.index[rows], "amenity_hours"] = json.dumps({"massage": "10:00-20:00"})
    sheet.note("amenity_hours", rows)
    return rows


def _amenities(_: np.random.Generator, sheet: Sheet, free: IntArray, count: int) -> IntArray:
    """List a dryer without a washer."""
    frame, known = sheet.stations, catalogue().amenities
    usual = (frame["status"] == "active") & ~frame["amenities"].str.contains("dryer")
    usual &= (frame["amenity_hours"] == "") & (frame["amenities"] != "")
    rows = first(free, usual.to_numpy(dtype=bool), count)
    frame.loc[frame.index[rows], "amenities"] = [
        ";".join(known.codes(known.mask([*text.split(";"), "dryer"]) & ~known.mask(["washer"])))
        for text in frame["amenities"].iloc[rows]
    ]
    sheet.note("amenities", rows)
    return rows


def _platform_moved(rng: np.random.Generator, sheet: Sheet, free: IntArray, count: int) -> IntArray:
    """Move rows of the platform's list by 250 m to 2 km; stations with a telephone only."""
    frame, listed = sheet.stations, sheet.platform
    name = frame["name"].str.replace("工会驿站", "户外劳动者服务站")
    mark = name + frame["phone"]
    its = listed["name"] + listed["phone"]
    once = its.map(its.value_counts()) == 1
    at = pd.Series(np.arange(len(listed)), index=its)[once.to_numpy()]
    usual = mark.isin(at.index) & (frame["phone"] != "") & (mark.map(mark.value_counts()) == 1)
    usual &= frame["status"] == "active"
    rows = first(free, usual.to_numpy(dtype=bool), count)
    there = at[mark.iloc[rows]].to_numpy()
    away = around(rng, Points(*lonlat(listed, there)), 250, 2_000)
    shapes = listed.geometry.to_numpy().copy()
    shapes[there] = shapely.points(away.lon, away.lat)
    listed.geometry = shapes
    sheet.note("platform_moved", rows)
    return rows


SINGLE: Mapping[str, Plant] = {
    "platform_moved": _platform_moved,
    "duplicate": _duplicate,
    "retired_code": _retired_code,
    "hours": _hours,
    "amenity_hours": _amenity_hours,
    "amenities": _amenities,
}
"""Sort → what plants so many of it in rows that are free, and returns the rows it took."""
