"""GeoPackage, GeoJSON, Parquet, shapefiles, JSON and workbooks, read."""

from __future__ import annotations

import datetime as dt
import json
import zipfile
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import pytest
import xlsxwriter
from shapely.geometry import Point, box

from geodata import files
from geodata.errors import FileFormatError

if TYPE_CHECKING:
    from pathlib import Path


def frame(crs: object = 4490, count: int = 2) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {
            "编号": ["007", "53e10"][:count],
            "人数": pd.array([2**60 + 1, None], dtype="Int64")[:count],
            "share": [5.0, 0.1][:count],
            "名称": ["昆明站", None][:count],
            "aed": [True, False][:count],
            "day": [dt.date(2026, 1, 2), None][:count],
        },
        geometry=[Point(102.71, 25.04, 1890), None][:count],
        crs=crs,
    )


TEXTS = {
    "编号": ["007", "53e10"],
    "人数": [str(2**60 + 1), ""],
    "share": ["5", "0.1"],
    "名称": ["昆明站", ""],
    "aed": ["true", "false"],
    "day": ["2026-01-02", ""],
}


@pytest.mark.parametrize("suffix", [".gpkg", ".parquet"])
def test_typed_formats_give_text(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    write = frame().to_parquet if suffix == ".parquet" else frame().to_file
    write(path)
    table = files.read(path)
    assert table.frame.to_dict("list") == TEXTS
    assert table.rows.tolist() == [1, 2]
    assert table.crs == "EPSG:4490"
    assert table.geometry is not None
    assert table.geometry[0].wkt == "POINT (102.71 25.04)"
    assert table.geometry[1] is None


def test_plain_parquet(tmp_path: Path) -> None:
    columns = {
        "a": pa.array([1, None, 2**62]),
        "f": pa.array([0.1, None, np.nan], pa.float32()),
        "t": pa.array([dt.datetime(2026, 1, 2, 3, 4), None, None]),  # noqa: DTZ001
        "l": pa.array([["x"], None, []]),
        "d": pa.array(["p", None, "p"]).dictionary_encode(),
    }
    pq.write_table(pa.table(columns), tmp_path / "a.parquet")
    table = files.read(tmp_path / "a.parquet")
    assert table.geometry is None
    assert table.frame.to_dict("list") == {
        "a": ["1", "", str(2**62)],
        "f": ["0.1", "", ""],
        "t": ["2026-01-02T03:04:00", "", ""],
        "l": ['["x"]', "", "[]"],
        "d": ["p", "", "p"],
    }


def test_layers_of_a_geopackage(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    pyogrio.write_dataframe(pd.DataFrame({"k": [1]}), path, layer="notes")
    assert files.read(path).geometry is None
    frame().to_file(path, layer="stations", mode="a")
    assert len(files.read(path).frame) == 2
    frame(count=1).to_file(path, layer="parks", mode="a")
    with pytest.raises(FileFormatError, match="several layers; name one of stations, parks"):
        files.read(path)
    assert len(files.read(path, layer="parks").frame) == 1
    with pytest.raises(FileFormatError, match="no layer 'x'; it has stations, parks, notes"):
        files.read(path, layer="x")


LOCAL = "+proj=tmerc +lat_0=0 +lon_0=102.83 +k=1 +x_0=500000 +y_0=0 +ellps=GRS80 +units=m +no_defs"


@pytest.mark.parametrize("suffix", [".gpkg", ".parquet", ".shp"])
def test_a_system_without_a_code_is_transformed_and_said(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    local = frame(4326, 1)[["编号", "geometry"]].to_crs(LOCAL)
    (local.to_parquet if suffix == ".parquet" else local.to_file)(path)
    table = files.read(path)
    assert table.crs == "EPSG:4326"
    assert table.geometry is not None
    assert table.geometry[0].distance(Point(102.71, 25.04)) < 1e-8
    assert "no EPSG code" in table.notes[0]


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8", "cp950"])
@pytest.mark.parametrize("stated", ["cpg", "nothing", "argument"])
def test_shapefile_encodings(tmp_path: Path, encoding: str, stated: str) -> None:
    path = tmp_path / "站点.shp"
    name = "臺北市大安區勞工驛站" if encoding == "cp950" else "昆明市五华区工会驿站"
    heading = "站名"
    data = gpd.GeoDataFrame({heading: [name]}, geometry=[Point(1, 2)], crs=4326)
    data.to_file(path, encoding={"cp950": "BIG5"}.get(encoding, encoding))
    if stated != "cpg":
        path.with_suffix(".cpg").unlink()
        dbf = bytearray(path.with_suffix(".dbf").read_bytes())
        dbf[29] = 0
        path.with_suffix(".dbf").write_bytes(dbf)
    table = files.read(path, encoding=encoding if stated == "argument" else None)
    assert table.frame.to_dict("list") == {heading: [name]}
    assert table.crs == "EPSG:4326"
    assert table.encoding == encoding


def test_a_character_cut_by_the_fields_width_does_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "a.shp"
    data = gpd.GeoDataFrame({"name": ["工" * 100]}, geometry=[Point(1, 2)], crs=4326)
    with pytest.warns(RuntimeWarning, match="truncated"):
        data.to_file(path, encoding="utf-8")
    assert set(files.read(path).frame["name"][0]) == {"工"}


def zipped(path: Path, *members: Path, prefix: str = "") -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for member in members:
            archive.write(member, prefix + member.name)
    return path


def test_shapefiles_in_archives(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for name in ("parks", "posts"):
        data = gpd.GeoDataFrame({"name": [name]}, geometry=[box(0, 0, 1, 1)], crs=4490)
        data.to_file(tmp_path / "in" / f"{name}.shp")
    parts = sorted((tmp_path / "in").iterdir())
    parks = [part for part in parts if part.stem == "parks"]
    one = zipped(tmp_path / "one.zip", *parks, prefix="图层/")
    assert files.read(one).frame["name"].tolist() == ["parks"]
    assert files.read(one).crs == "EPSG:4490"
    both = zipped(tmp_path / "both.zip", *parts)
    assert files.read(both, layer="posts").frame["name"].tolist() == ["posts"]
    with pytest.raises(FileFormatError, match="name one of parks, posts"):
        files.read(both)
    with pytest.raises(
        FileFormatError, match=r"must hold a shapefile .* it holds parks.cpg, parks.dbf"
    ):
        files.read(zipped(tmp_path / "part.zip", parks[0], tmp_path / "in" / "parks.dbf"))
    no_index = [part for part in parks if part.suffix != ".shx"]
    with pytest.raises(FileFormatError, match=r"lacks its \.shx"):
        files.read(zipped(tmp_path / "no.zip", *no_index))
    no_prj = [part for part in parks if part.suffix != ".prj"]
    assert files.read(zipped(tmp_path / "noprj.zip", *no_prj)).crs is None


def geojson(path: Path, *features: Any, **more: Any) -> Path:
    document = {"type": "FeatureCollection", "features": features, **more}
    path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    return path


def feature(geometry: Any, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "geometry": geometry, "properties": properties}


POINT = {"type": "Point", "coordinates": [102.71, 25.04, 1890]}


@pytest.mark.parametrize("name", ["a.geojson", "a.json"])
def test_geojson(tmp_path: Path, name: str) -> None:
    first = feature(
        POINT, code="007", date="2014/10/01", n=5.0, big=10**20, ok=True, more={"a": [1]}
    )
    second = feature(None, code=None, other="x") | {"id": 9}
    table = files.read(geojson(tmp_path / name, first, second))
    assert table.frame.to_dict("list") == {
        "code": ["007", ""],
        "date": ["2014/10/01", ""],
        "n": ["5", ""],
        "big": [str(10**20), ""],
        "ok": ["true", ""],
        "more": ['{"a": [1]}', ""],
        "id": ["", "9"],
        "other": ["", "x"],
    }
    assert (table.crs, table.format, table.rows.tolist()) == ("EPSG:4326", "GeoJSON", [1, 2])
    assert table.geometry is not None
    assert table.geometry[0].wkt == "POINT (102.71 25.04)"


@pytest.mark.parametrize(
    ("name", "crs"),
    [
        ("urn:ogc:def:crs:EPSG::4490", "EPSG:4490"),
        ("urn:ogc:def:crs:OGC:1.3:CRS84", "EPSG:4326"),
        ("EPSG:3857", "EPSG:3857"),
    ],
)
def test_geojson_of_before_2016_may_name_its_crs(tmp_path: Path, name: str, crs: str) -> None:
    member = {"type": "name", "properties": {"name": name}}
    assert files.read(geojson(tmp_path / "a.geojson", feature(POINT), crs=member)).crs == crs


def test_geojson_with_a_crs_nobody_knows(tmp_path: Path) -> None:
    for member in ({"type": "name", "properties": {"name": "Mars"}}, "EPSG:4326"):
        with pytest.raises(FileFormatError, match="reference system is not understood"):
            files.read(geojson(tmp_path / "a.geojson", feature(POINT), crs=member))


def test_bad_features_are_listed_and_left_out(tmp_path: Path) -> None:
    bad = [{"type": "Point"}, {"type": "Point", "coordinates": ["a", 1]}, "x", {"type": "Blob"}]
    items = [
        feature(POINT, id="a"),
        *(feature(g) for g in bad),
        "no",
        {"type": "Feature", "properties": 3},
        feature(POINT, id="b"),
    ]
    table = files.read(geojson(tmp_path / "a.geojson", *items))
    assert table.frame["id"].tolist() == ["a", "b"]
    assert table.rows.tolist() == [1, 8]
    assert [fault.row for fault in table.faults] == [2, 3, 4, 5, 6, 7]
    assert all("RFC 7946" in fault.problem for fault in table.faults)


def test_one_feature_a_line(tmp_path: Path) -> None:
    path = tmp_path / "a.geojsonl"
    path.write_text("\x1e" + "\n\n\x1e".join(json.dumps(feature(POINT, id=str(n))) for n in (1, 2)))
    table = files.read(path)
    assert table.frame["id"].tolist() == ["1", "2"]
    path.write_text(json.dumps(feature(POINT)) + "\n{")
    with pytest.raises(FileFormatError, match="row 2: not valid JSON"):
        files.read(path)


def test_plain_json(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text('{"count": 2, "items": [{"id": "007", "lat": 25.10}, {"id": 8, "x": null}]}')
    table = files.read(path)
    assert table.frame.to_dict("list") == {"id": ["007", "8"], "lat": ["25.1", ""], "x": ["", ""]}
    assert (table.format, table.crs, table.geometry) == ("JSON", None, None)
    path.write_text("[]")
    assert files.read(path).frame.shape == (0, 0)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[1, 2]", "no table"),
        ("{}", "no table"),
        ('{"a": [{}], "b": [{}]}', "no table"),
        ('"x"', "no table"),
        ('[{"a": "\\ud800"}]', "half of a character"),
        ('[{"a": 1}\n,', "row 2: not valid JSON"),
        ("[" * 100_000, "JSON"),
        ('{"type": "FeatureCollection", "features": 3}', "features is not a list"),
        ('{"type": "FeatureCollection", "features": [1]}', "none of its 1 items"),
    ],
)
def test_json_without_a_table(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "a.json").write_text(content)
    with pytest.raises(FileFormatError, match=message):
        files.read(tmp_path / "a.json")


def workbook(path: Path, sheets: dict[str, dict[str, Any]]) -> Path:
    with xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd"}) as book:
        for name, cells in sheets.items():
            sheet = book.add_worksheet(name)
            for place, value in cells.items():
                sheet.write(place, value)
    return path


def test_a_workbook(tmp_path: Path) -> None:
    cells = {
        "A2": "昆明市工会驿站统计表",
        "A3": "编号", "B3": "名称", "C3": "经度", "D3": "建成", "E3": "AED",
        "A4": "007", "B4": "甲", "C4": 102.71, "D4": dt.date(2026, 1, 2), "E4": True,
        "A6": 530114, "B6": "乙\n丙", "C6": 103,
    }  # fmt: skip
    path = workbook(
        tmp_path / "a.xlsx", {"empty": {}, "站点": cells, "other": {"A1": "x", "A2": 1}}
    )
    with pytest.raises(FileFormatError, match="several filled sheets, 站点, other"):
        files.read(path)
    assert files.parts(path) == ["站点", "other"]
    table = files.read(path, layer="站点")
    assert table.frame.to_dict("list") == {
        "编号": ["007", "530114"],
        "名称": ["甲", "乙\n丙"],
        "经度": ["102.71", "103"],
        "建成": ["2026-01-02", ""],
        "AED": ["true", ""],
    }
    assert table.rows.tolist() == [4, 6]
    assert files.read(path, layer="other").frame.to_dict("list") == {"x": ["1"]}
    with pytest.raises(FileFormatError, match="no sheet 'y'; it has empty, 站点, other"):
        files.read(path, layer="y")
    with pytest.raises(FileFormatError, match="no filled cell"):
        files.read(path, layer="empty")


def test_a_sheet_with_a_stray_cell_far_away_is_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", {"s": {"A1": "id", "XFD1048576": "stray"}})
    with pytest.raises(FileFormatError, match="1,048,576 rows and 16,384 columns"):
        files.read(path)


def test_an_archive_that_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", {"s": {"A1": "id"}})
    data = bytearray(path.read_bytes())
    entry = data.index(b"PK\x01\x02")
    data[entry + 24 : entry + 28] = (0xFFFFFFF0).to_bytes(4, "little")
    path.write_bytes(data)
    with pytest.raises(FileFormatError, match=r"unpacks to 4.0 GB; at most 2 GB"):
        files.read(path)


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.csv", b"\x89PNG\r\n\x1a\n\0\0", "holds a PNG picture, not plain text"),
        ("a.csv", b"PK\x03\x04....", "holds a ZIP archive"),
        ("a.xlsx", b"<!DOCTYPE html><table>", "holds an HTML page, not a ZIP"),
        ("a.xls", b"id\tname\n", "holds plain text, not an old Office file"),
        ("a.xlsx", b"PK\x03\x04 cut short", "cut short or damaged"),
        ("a.zip", b"PK\x03\x04 cut short", "cut short or damaged"),
        ("a.gpkg", b"id,name\n", "holds plain text, not an SQLite database"),
        ("a.gpkg", b"SQLite format 3\0" + b"\0" * 200, "cannot be read"),
        ("a.parquet", b"PAR1\0\0\0\0", "cannot be read as Parquet"),
        ("a.shp", b"x" * 200, "not an ESRI shapefile"),
        ("a.geojson", b"%PDF-1.4", "holds a PDF document"),
        ("a.json", b"", r"is empty \(0 bytes\)"),
        ("a.osm.pbf", b"x", r"geodata\.osm"),
        ("a.docx", b"x", r"files ending in \.docx are not read; use one of \.csv"),
        ("a", b"x", "ending in nothing"),
    ],
)
def test_files_that_are_not_what_their_name_says(
    tmp_path: Path, name: str, data: bytes, message: str
) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(FileFormatError, match=message) as caught:
        files.read(tmp_path / name)
    assert str(tmp_path) not in str(caught.value)


@pytest.mark.parametrize("suffix", [".gpkg", ".parquet", ".shp"])
def test_files_cut_short(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    data = gpd.GeoDataFrame({"n": range(2000)}, geometry=[Point(1, 2)] * 2000, crs=4326)
    (data.to_parquet if suffix == ".parquet" else data.to_file)(path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(FileFormatError, match="export it again") as caught:
        files.read(path)
    assert str(tmp_path) not in str(caught.value)


def test_no_file_and_a_folder(tmp_path: Path) -> None:
    with pytest.raises(FileFormatError, match=r"there is no file a\.csv"):
        files.read(tmp_path / "a.csv")
    (tmp_path / "b.csv").mkdir()
    with pytest.raises(FileFormatError, match="is a folder"):
        files.read(tmp_path / "b.csv")
    with pytest.raises(FileFormatError, match="cannot be opened"):
        files.read("x" * 5000 + ".csv")


@pytest.mark.shared_data
def test_real_json(shared_data: Path) -> None:
    table = files.read(shared_data / "poi" / "camden_data.json")
    assert table.frame.shape == (47, 7)
    assert table.frame.loc[0, "latitude"] == "51.549337"
