"""Places where a station could be built: the planner's own, or generated around the gaps.

A *candidates* frame is a GeoDataFrame of WGS 84 points indexed by ``id`` (text, unique, sorted)
with the columns of `COLUMNS`. How places are found and what is checked: inputs.md.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.errors import FaultyDataError, UsageError
from stations import coverage as covering
from stations import imports
from stations.coverage import Terms
from stations.imports import fields
from stations.imports.records import Options, Target, read_records
from stations.planning import candidate_sources as sources
from stations.planning.candidate_checks import settled
from stations.planning.gap_spots import uncovered
from stations.report.spoken import Said
from stations.schema import PROVENANCE_COLUMNS, WGS84
from stations.travel import Travel

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from geodata.geodesy import BoolArray
    from stations.coverage import Need
    from stations.imports.records import Records
    from stations.reach import ReachCache
    from stations.reach.pairs import Progress
    from stations.registry import Registry

COLUMNS: Mapping[str, str] = {
    "name": "str",
    "host": "str",  # who would house it; "" nobody yet
    "area_code": "str",  # GB/T 2260 county code; "" outside every county
    "opening_hours": "str",  # the host's, where known
    "source": "str",  # file:NAME, host:LAYER/ID, station:ID, site:LAYER/ID, entrance:…, grid
    "restricted": "bool",  # its position tells where a restricted site is
}
_READ = ("name", "host", "area_code", "opening_hours")
_FILE = Target(
    {**{name: COLUMNS[name] for name in _READ}, **PROVENANCE_COLUMNS},
    {name: fields.station_parsers()[name] for name in (*_READ, "synthetic")},
    frozenset({"Point"}),
    "a point",
)
_NOT = ("", "0", "0.0", "false", "no", "n", "否")
_NOWHERE = Travel()
_ALWAYS = Terms()


class Found(NamedTuple):
    """Candidates, and what a reader must know of them."""

    frame: gpd.GeoDataFrame
    """A candidates frame."""
    notes: tuple[Said, ...]


def read(
    path: Path, *, datum: str | None = None, columns: Mapping[str, str] | None = None
) -> Found:
    """Read a planner's places from any file `stations.imports.read` can read.

    Headings, ``datum`` and ``columns`` (field → column) as for an import of stations; ids are made
    from name and position where the file has none. Rows marked ``restricted``, as generated ones
    for a restricted layer are, stay so. The notes say which datum positions were taken to be of.
    `FaultyDataError` with every fault.
    """
    table = imports.read(path, "candidates")
    found = read_records(table, _FILE, Options(datum, columns or {}, make_ids=True))
    if found.faults:
        first = found.faults[0]
        where = "" if first.row is None else f"row {first.row}, "
        raise FaultyDataError(
            f"{path.name}: {len(found.faults)} faults; the first: {where}{first.field}: "
            f"{first.problem}",
            found.faults,
        )
    frame = found.frame.assign(source=f"file:{path.name}", restricted=_marked(table.frame))
    return Found(framed(frame.set_index("id")), (_datum_of(found),))


def _datum_of(found: Records) -> Said:
    """Say how positions were read: taken for another datum they are some 500 m off."""
    by = {"operator": ("由您指定", "as you say"), "file": ("文件写明", "as the file says")}
    zh, en = by.get(found.datum_by, ("文件未写明，按此假定", "assumed: the file does not say"))
    return Said(
        f"候选站址坐标按 {found.datum} 读取（{zh}）。",
        f"Candidates' positions are read as {found.datum} ({en}).",
    )


def _marked(rows: pd.DataFrame) -> BoolArray:
    """Tell which rows are marked as restricted: whatever the cell says that is not no."""
    if "restricted" not in rows:
        return np.zeros(len(rows), dtype=np.bool_)
    said = rows["restricted"].fillna("").astype(str).str.strip().str.casefold()
    return ~said.isin(_NOT).to_numpy(dtype=np.bool_)


def generate(
    registry: Registry,
    need: Need,
    *,
    terms: Terms = _ALWAYS,
    travel: Travel = _NOWHERE,
    cache: ReachCache | None = None,
    host_layers: Sequence[str] | None = None,
    grid_m: float | None = None,
    progress: Progress | None = None,
) -> Found:
    """Return places from which somebody now left out could be served.

    Host places of ``host_layers`` (None: those of `candidate_sources.HOST_LAYERS` there are),
    stations of the register not in use, middles and entrances of sites with a gap, and a square
    grid over what lies within reach of an uncovered spot, ``grid_m`` apart; None: as fine as keeps
    it to `candidate_sources.MOST_GRID` points. Without a gap there is none. What is checked of
    each: `candidate_checks.settled`. `UsageError` for a grid that is no distance, or far too fine.
    """
    if grid_m is not None and not 1 <= grid_m <= sources.WIDEST_M:
        raise UsageError(f"a grid's points are 1 to {sources.WIDEST_M:,.0f} m apart, not {grid_m}")
    answer = covering.truth(registry, need, terms, travel, cache, progress=progress)
    spots = uncovered(answer, travel, cache, progress)
    if not spots.site.size:
        nobody = Said("没有盲区，不需要新站址。", "Nobody is left out: no new place is needed.")
        return Found(framed(sources.nothing()), (nobody,))
    reach_m = sources.reach_m(need.limit, travel)
    names = sources.known_hosts(registry, need.layer) if host_layers is None else host_layers
    rows = sources.gathered(
        registry, need.layer, spots, host_layers=names, within_m=reach_m, grid_m=grid_m
    )
    mode = need.limit.mode
    kept, notes = settled(rows, registry, need.layer, travel.network(mode), mode)
    return Found(framed(kept), notes)


def framed(rows: pd.DataFrame) -> gpd.GeoDataFrame:
    """Return rows indexed by id as a candidates frame; other columns are left out."""
    data = {name: pd.Series(rows[name].array, dtype=kind) for name, kind in COLUMNS.items()}
    frame = pd.DataFrame(data)
    frame.index = pd.Index(list(map(str, rows.index)), dtype="str", name="id")
    shapes = gpd.GeoSeries(rows["geometry"].to_numpy(), index=frame.index, crs=WGS84)
    return gpd.GeoDataFrame(frame, geometry=shapes).sort_index()


def as_records(frame: gpd.GeoDataFrame) -> list[dict[str, object]]:
    """Return a candidates frame for JSON; `from_records` reads it."""
    rows = frame[list(COLUMNS)].reset_index().to_dict("records")
    places = zip(frame.geometry.x.tolist(), frame.geometry.y.tolist(), strict=True)
    return [{**row, "lon": lon, "lat": lat} for row, (lon, lat) in zip(rows, places, strict=True)]


def from_records(records: Sequence[Mapping[str, object]]) -> gpd.GeoDataFrame:
    """Return the candidates frame kept by `as_records`; a damaged one raises `UsageError`."""
    try:
        rows = pd.DataFrame(
            [dict(each) for each in records], columns=["id", *COLUMNS, "lon", "lat"]
        )
        if rows.isna().any(axis=None):
            raise UsageError("these are no candidates: a cell is missing")
        lon, lat = (rows[name].to_numpy(dtype=float) for name in ("lon", "lat"))
        rows["geometry"] = shapely.points(lon, lat)
        return framed(rows.set_index("id"))
    except (TypeError, ValueError) as error:
        raise UsageError(f"these are no candidates: {str(error)[:120]}") from None


def fingerprint(frame: gpd.GeoDataFrame) -> str:
    """Return what differs where anything of any candidate differs; 16 letters and digits."""
    text = json.dumps(as_records(frame), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
