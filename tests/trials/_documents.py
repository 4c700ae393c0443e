"""Readers of files: tables, layers, uploads, standards, prices, plans, forms, photos."""

from __future__ import annotations

import json
import tempfile
import zipfile
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import orjson
import pandas as pd
import shapely
from hypothesis import strategies as st
from pydantic import ValidationError

from geodata import files
from stations import imports
from stations.audit import standards
from stations.audit.visits import images, sent
from stations.imports.records import STATION, Options, read_records
from stations.planning import CostTable
from stations.planning.saving import SavedPlan
from stations.schema import WGS84
from tests.stations import planning_world
from tests.stations.audit import phone_photos
from tests.trials._examples import JSON_WORDS, TOML_WORDS
from tests.trials._inputs import NASTY, changed_bytes, damaged, json_bytes, packed, real
from tests.trials._watch import Target
from tests.web import people
from web.api.uploads import HowSent

if TYPE_CHECKING:
    from collections.abc import Callable

    from hypothesis.strategies import SearchStrategy

    from stations.store import Store

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


def _prices(suffix: str, content: bytes) -> None:
    path = folder() / f"prices{suffix}"
    path.write_bytes(content)
    CostTable.read(path)


@cache
def _price_sheet() -> bytes:
    path = folder() / "sheet.csv"
    CostTable.default().write(path)
    return path.read_bytes()


@cache
def _plan() -> bytes:
    place = Path(tempfile.mkdtemp(prefix="fuzz-"))
    with planning_world.store_in(place) as store:
        return SavedPlan.of(planning_world.scheme_of(store), evidence=0).to_bytes()


def _photos() -> SearchStrategy[bytes]:
    return damaged(_pictures())


def _standards() -> SearchStrategy[bytes]:
    return damaged(_shipped()) | st.sampled_from(_shipped()).flatmap(changed_bytes)


def _price_lists() -> SearchStrategy[bytes]:
    return damaged([COSTS.read_bytes()]) | changed_bytes(COSTS.read_bytes())


def _plans() -> SearchStrategy[bytes]:
    return json_bytes([json.loads(_plan())])


def _deferred(suffix: str) -> SearchStrategy[bytes]:
    return st.deferred(lambda: _file_inputs(suffix))


def _files(suffix: str) -> Target:
    def seeds() -> list[bytes]:
        return [samples()[suffix], *(real("poi/*.csv") if suffix == ".csv" else ())]

    words = JSON_WORDS if "json" in suffix else (",", '"', "\n", "\t", ";", "经度", "纬度", "名称")
    return Target(f"files: {suffix}", _deferred(suffix), _file(suffix), 2, seeds, words)


def _shipped() -> list[bytes]:
    return [path.read_bytes() for path in sorted(SHIPPED.glob("*.toml"))]


def targets() -> list[Target]:
    """Return the readers of files."""
    toml, visit = st.deferred(_price_lists), (json.dumps(VISIT).encode(),)
    tables = st.deferred(lambda: damaged([_price_sheet()]) | changed_bytes(_price_sheet()))
    read = {suffix: partial(_prices, suffix) for suffix in (".toml", ".csv")}
    return [
        *map(_files, SUFFIXES),
        Target("a file as it is said to be", _said(), _looked_at, 2),
        Target("standards", st.deferred(_standards), _standard, 1, _shipped, TOML_WORDS),
        Target("prices", toml, read[".toml"], 1, lambda: [COSTS.read_bytes()], TOML_WORDS),
        Target("prices in a table", tables, read[".csv"], 1, lambda: [_price_sheet()], (",", "元")),
        Target("saved plans", st.deferred(_plans), _saved, 2, lambda: [_plan()], JSON_WORDS),
        Target("visit forms", json_bytes([VISIT]), sent.read, 3, lambda: visit, JSON_WORDS),
        Target("photos", st.deferred(_photos), images.stripped, 3, _pictures),
    ]


@cache
def _register() -> Store:
    return people.filled_store(folder())


def _said() -> SearchStrategy[tuple[str, dict[str, Any]]]:
    """Make what an editor may say of a file: datum, columns, encoding, part."""
    short = st.text(max_size=6) | st.sampled_from(NASTY).map(lambda text: text[:150])
    names = st.sampled_from(("name", "lon", "lat", "id", "capacity", "amenities", "places", "x"))
    titles = st.sampled_from(("名称", "经度", "纬度", "capacity", "opening_hours")) | short
    how = st.fixed_dictionaries(
        {},
        optional={
            "datum": st.sampled_from(("gcj02", "bd09", "EPSG:4547", "wgs84")) | short,
            "columns": st.dictionaries(names | short, titles, max_size=4),
            "unused": st.lists(titles, max_size=3),
            "encoding": st.sampled_from(("gb18030", "utf-8", "utf-16", "rot13", "hex", "idna"))
            | short,
            "part": short,
            "make_ids": st.booleans(),
        },
    )
    return st.tuples(st.sampled_from(SUFFIXES), how)


def _looked_at(said: tuple[str, dict[str, Any]]) -> None:
    """Do what the preview of an upload does."""
    suffix, how = said
    try:
        read_as = HowSent.model_validate(how)
    except ValidationError:
        return
    path = folder() / f"said{suffix}"
    path.write_bytes(samples()[suffix])
    encoding, part = read_as.encoding or None, read_as.part or None
    table = imports.read(path, imports.STATIONS, encoding=encoding, part=part)
    left = [name for name in read_as.unused if name in table.frame]
    used = replace(table, frame=table.frame.drop(columns=left))
    options = imports.Options(
        datum=read_as.datum or None, columns=read_as.columns, make_ids=read_as.make_ids
    )
    orjson.dumps(imports.preview(used, imports.STATIONS, _register(), options).as_dict())


def _pictures() -> list[bytes]:
    return [phone_photos.jpeg(102.7, 25.0, size=(40, 30)), phone_photos.webp(), phone_photos.png()]


def _standard(content: bytes) -> None:
    standards.read(content.decode("utf-8", "replace"))


def _saved(content: bytes) -> None:
    SavedPlan.from_bytes(content, "plan.json")
