"""Faults planted in a register on purpose, to measure what is found of them: 13 sorts, seeded.

The register is given as its owners would have sent it: in sheets of some dozens of rows, each from
one prefecture, half of them in GCJ-02 and said to be. A map platform lists three stations in four.
Then one sheet slips by a datum, one by a row, and the rest of the faults go to single records. Rows
with swapped axes are no records where that makes a latitude no place has: they are kept beside the
register, for the door to refuse.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from geodata import datum
from geodata.errors import UsageError
from stations.audit.quality import faults, slips
from stations.demo.chance import shared_out, streams
from stations.demo.places import Points, moved

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd

    from geodata.geodesy import FloatArray, IntArray
    from stations.audit.quality.faults import Sheet

RULE_OF: Mapping[str, tuple[str, ...]] = {
    "off_by_one": ("place.off_by_one",),
    "datum_upload": ("datum.upload",),
    "null_island": ("place.null_island",),
    "swapped_axes": ("place.swapped_axes",),
    "truncated": ("place.truncated",),
    "wrong_county": ("place.outside_county",),
    "datum_record": ("datum.record",),
    "duplicate": ("twin.duplicate",),
    "retired_code": ("area.code_retired",),
    "hours": (
        "hours.never_open",
        "hours.round_the_clock_off",
        "hours.minutes_only",
        "hours.unreadable",
    ),
    "amenity_hours": ("hours.amenity",),
    "amenities": ("amenities.needs_other",),
    "platform_moved": ("platform.moved",),
}
"""Sort of fault → the rules that should find it."""
SENT = ("name", "position_in", "datum_in")
"""What the door is shown of a row."""
LISTED = 0.75
SHEET = 25
_LISTED_M = 30.0
_SENT = datetime(2026, 6, 1, tzinfo=UTC)


@dataclass(frozen=True, eq=False)
class Planted:
    """A register with faults, what goes with it, and what was planted."""

    stations: gpd.GeoDataFrame
    uploads: pd.DataFrame
    """As `uploads.uploads` gives them."""
    platform: gpd.GeoDataFrame
    """A map platform's list, as `maplist.read` gives it."""
    faults: pd.DataFrame
    """Columns ``sort`` (one of `RULE_OF`), ``station`` and ``detail``."""
    swapped: pd.DataFrame
    """Rows sent with swapped axes, by id: ``name``, ``position_in`` as sent, ``datum_in``."""


def sound(stations: gpd.GeoDataFrame, seed: int) -> Planted:
    """Return a register in sheets, and a list beside it, without faults; ids as they are."""
    sheets, datums, listing = streams(seed, 3)
    frame = stations.copy()
    label = _sheets(sheets, frame)
    chinese = label[datums.permutation(len(label))[: len(label) // 2]]
    _say_gcj02(frame, np.flatnonzero(np.isin(label, np.unique(chinese)[::2])))
    uploads = pd.DataFrame({"upload": label, "since": _SENT}, index=frame.index)
    uploads = uploads.astype({"upload": "str", "since": "datetime64[us, UTC]"})
    nothing = pd.DataFrame({"sort": [], "station": [], "detail": []}, dtype="str")
    return Planted(frame, uploads, _listing(listing, frame), nothing, frame.iloc[:0][[*SENT]])


def plant(stations: gpd.GeoDataFrame, seed: int, *, share: float = 0.05) -> Planted:
    """Plant all sorts of faults in about ``share`` of the records.

    The same seed gives the same faults, byte for byte. `UsageError` for a share that is not above
    0 and at most 0.2, and for a register too small for it.
    """
    if not 0 < share <= 0.2:  # noqa: PLR2004 - said in the message
        raise UsageError(f"plant faults in a share above 0 and at most 0.2, not {share}")
    before = sound(stations, seed)
    rng = streams(seed, 4)[3]
    sheet = faults.Sheet(before.stations, before.platform, before.uploads, [])
    left = round(share * len(stations)) - _whole_sheets(rng, sheet)
    singles = {**faults.SINGLE, **slips.SINGLE}
    if left <= len(singles):
        raise UsageError(f"{len(stations)} stations are too few for a share of {share}")
    touched = {station for _, station, _ in sheet.planted}
    free = rng.permutation(np.flatnonzero(~sheet.stations.index.isin(touched)))
    *counts, turned = shared_out(left, np.ones(len(singles) + 1)).tolist()
    for sort, count in zip(singles, counts, strict=True):
        rows = singles[sort](rng, sheet, free, int(count))
        free = free[~np.isin(free, rows)]
    swapped = _swapped(sheet, free[:turned])
    told = pd.DataFrame(sheet.planted, columns=["sort", "station", "detail"], dtype="str")
    left_over = sheet.stations.drop(swapped.index).sort_index()
    uploads = sheet.uploads.drop(swapped.index).sort_index()
    return Planted(left_over, uploads, sheet.platform, told, swapped)


def _swapped(sheet: Sheet, rows: IntArray) -> pd.DataFrame:
    """Send some rows latitude first; none is where that could be a place."""
    sent = sheet.stations.iloc[rows][[*SENT]].copy()
    pair = sent["position_in"].str.split(",", expand=True)
    sent["position_in"] = pair[1] + "," + pair[0]
    sheet.note("swapped_axes", rows)
    return pd.DataFrame(sent)


def _whole_sheets(rng: np.random.Generator, sheet: Sheet) -> int:
    """Slip one sheet by a datum and one by a row; return how many records that made wrong."""
    names, counts = np.unique(sheet.uploads["upload"], return_counts=True)
    usual = names[(counts >= SHEET // 2) & (counts <= 2 * SHEET)]
    slipping, shifting = rng.choice(usual, 2, replace=False)
    return faults.slip_sheet(rng, sheet, slipping) + faults.shift_sheet(sheet, shifting)


def _sheets(rng: np.random.Generator, frame: gpd.GeoDataFrame) -> np.ndarray:
    """Deal the stations of each prefecture to sheets of about `SHEET`."""
    prefecture = frame["area_code"].str[:4].to_numpy(dtype=object)
    label = np.empty(len(frame), dtype=object)
    for code in sorted(set(prefecture)):
        rows = np.flatnonzero(prefecture == code)
        sheet = rng.integers(max(len(rows) // SHEET, 1), size=len(rows))
        label[rows] = [f"{code} sheet {number:04d}" for number in sheet.tolist()]
    return label


def _say_gcj02(frame: gpd.GeoDataFrame, rows: IntArray) -> None:
    """Tell some positions in GCJ-02, truly."""
    lon, lat = frame.geometry.x.to_numpy()[rows], frame.geometry.y.to_numpy()[rows]
    x, y = datum.from_wgs84(lon, lat, "gcj02")
    faults.put(frame, rows, (x, y), "gcj02")


def _listing(rng: np.random.Generator, frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the list: names in the platform's manner, positions some tens of metres off."""
    rows = np.sort(rng.permutation(len(frame))[: round(LISTED * len(frame))])
    listed = frame.iloc[rows].copy()
    listed["name"] = listed["name"].str.replace("工会驿站", "户外劳动者服务站").astype("str")
    azimuth, metres = rng.uniform(0, 360, len(rows)), rng.rayleigh(_LISTED_M, len(rows))
    there = moved(_points(listed), azimuth, metres)
    listed.geometry = shapely.points(there.lon, there.lat)
    listed.index = pd.Index([f"M{number:06d}" for number in range(len(rows))], name="id")
    listed.index = listed.index.astype("str")
    return listed


def _points(frame: gpd.GeoDataFrame) -> Points:
    lon: FloatArray = frame.geometry.x.to_numpy()
    return Points(lon, frame.geometry.y.to_numpy())


def slip_uploads(clean: Planted, seed: int) -> tuple[Planted, set[str]]:
    """Slip a quarter of the uploads as a whole, each into one of the datums it is not in.

    Returns the register with the slips, and the uploads that slipped.
    """
    [rng] = streams(seed, 1)
    frame, labels = clean.stations.copy(), clean.uploads["upload"].to_numpy()
    names = np.unique(labels)
    chosen = set(rng.choice(names, len(names) // 4, replace=False).tolist())
    for name in sorted(chosen):
        rows = np.flatnonzero(labels == name)
        said = str(frame["datum_in"].iloc[rows[0]])
        true = str(rng.choice([each for each in ("wgs84", "gcj02", "bd09") if each != said]))
        pair = datum.from_wgs84(*faults.lonlat(frame, rows), true)
        faults.put(frame, rows, pair, said)
    return replace(clean, stations=frame), chosen
