"""Readers of files: tables, layers, standards, prices, plans, forms, photos."""

from __future__ import annotations

import json
import tempfile
import zipfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd
import shapely
from hypothesis import strategies as st

from geodata import files
from stations.audit import standards
from stations.audit.visits import images, sent
from stations.imports.records import STATION, Options, read_records
from stations.planning import CostTable
from stations.planning.saving import SavedPlan
from stations.schema import WGS84
from tests.stations import planning_world
from tests.stations.audit import phone_photos
from tests.trials._inputs import changed_bytes, damaged, json_bytes, packed
from tests.trials._watch import Target

if TYPE_CHECKING:
    from collections.abc import Callable

    from hypothesis.strategies import SearchStrategy

SUFFIXES = (".csv", ".xlsx", ".geojson", ".geojsonl", ".gpkg", ".parquet", ".zip")
SHIPPED = Path(standards.__file__).parent
COSTS = SHIPPED.parents[1] / "data" / "costs.toml"
VISIT = {
    "key": "k", "station": "S001", "at": "2026-11-24T02:00:00+08:00", "form": "v1",
    "standard": "national",
    "position": {"lon": 102.7, "lat": 25.0, "accuracy_m": 5}, "answers": {"there": "yes"},
    "note": "好",
    "photos": [{"sha256": "0" * 64}],
}  # fmt: skip


@cache
def folder() -> Path:
    """Return a folder of this process."""
    return Path(tempfile.mkdtemp(prefix="fuzz-"))


@cache
def samples() -> dict[str, bytes]:
    """Return a small valid file of each kind."""
    frame = pd.DataFrame({
        "编号": ["A1", "A2", "A3"], "名称": ["驿站一", "驿站二", "驿站,三"], "经度": ["102.71",
        "102.72", "102.73"],
        "纬度": ["25.01", "25.02", "25.03"], "opening_hours": ["24/7", "周一至周五 8:30-18:00", ""],
        "amenities": ["饮水;充电", "", "toilet"], "capacity": [12, None, 5],
    })  # fmt: skip
    points = shapely.points([102.71, 102.72, 102.73], [25.01, 25.02, 25.03])
    layer = gpd.GeoDataFrame(frame, geometry=points, crs=WGS84)
    made = {}
    for suffix in SUFFIXES:
        path = folder() / f"sample{suffix}"
        if suffix == ".geojsonl":
            lines = [json.dumps(each) for each in layer.iterfeatures(na="null")]
            path.write_text("\n".join(lines), "utf-8")
        else:
            part = path.with_suffix(".shp") if suffix == ".zip" else path
            short = layer.rename(columns={"opening_hours": "hours"})
            table = short if suffix == ".zip" else layer
            files.write(frame if suffix in {".csv", ".xlsx"} else table, part)
        if suffix == ".zip":
            with zipfile.ZipFile(path, "w") as archive:
                for each in folder().glob("sample.*"):
                    if each.suffix in {".shp", ".shx", ".dbf", ".prj", ".cpg"}:
                        archive.write(each, each.name)
        made[suffix] = path.read_bytes()
    return made


def _file(suffix: str) -> Callable[[bytes], None]:
    def read(content: bytes) -> None:
        path = folder() / f"given{suffix}"
        path.write_bytes(content)
        table = files.read(path)
        if len(table.rows) < 1_000:
            read_records(table, STATION, Options(make_ids=True))

    return read


def _file_inputs(suffix: str) -> SearchStrategy[bytes]:
    sample = samples()[suffix]
    if suffix in {".csv", ".geojsonl"}:
        return damaged([sample]) | changed_bytes(sample)
    if suffix == ".geojson":
        return damaged([sample]) | changed_bytes(sample) | json_bytes([json.loads(sample)])
    if suffix in {".xlsx", ".zip"}:
        return damaged([sample]) | packed(sample)
    return damaged([sample])


def _prices(content: bytes) -> None:
    path = folder() / "prices.toml"
    path.write_bytes(content)
    CostTable.read(path)


@cache
def _plan() -> bytes:
    place = Path(tempfile.mkdtemp(prefix="fuzz-"))
    with planning_world.store_in(place) as store:
        return SavedPlan.of(planning_world.scheme_of(store), evidence=0).to_bytes()


def _photos() -> SearchStrategy[bytes]:
    small = phone_photos.jpeg(102.7, 25.0, size=(40, 30))
    return damaged([small, phone_photos.webp(), phone_photos.png()])


def _standards() -> SearchStrategy[bytes]:
    tomls = [path.read_bytes() for path in sorted(SHIPPED.glob("*.toml"))]
    return damaged(tomls) | st.sampled_from(tomls).flatmap(changed_bytes)


def _price_lists() -> SearchStrategy[bytes]:
    return damaged([COSTS.read_bytes()]) | changed_bytes(COSTS.read_bytes())


def _plans() -> SearchStrategy[bytes]:
    return json_bytes([json.loads(_plan())])


def _deferred(suffix: str) -> SearchStrategy[bytes]:
    return st.deferred(lambda: _file_inputs(suffix))


def targets() -> list[Target]:
    """Return the readers of files."""
    return [
        *(Target(f"files: {each}", _deferred(each), _file(each), 2) for each in SUFFIXES),
        Target("standards", st.deferred(_standards), _standard),
        Target("prices", st.deferred(_price_lists), _prices),
        Target("saved plans", st.deferred(_plans), _saved, 2),
        Target("visit forms", json_bytes([VISIT]), sent.read, 3),
        Target("photos", st.deferred(_photos), images.stripped, 3),
    ]


def _standard(content: bytes) -> None:
    standards.read(content.decode("utf-8", "replace"))


def _saved(content: bytes) -> None:
    SavedPlan.from_bytes(content, "plan.json")
