"""Files made to fill the memory, to crash a reader, to never end, or to write elsewhere."""

from __future__ import annotations

import sqlite3
import struct
import zipfile
from contextlib import closing
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geodata import files
from geodata.errors import FileFormatError
from geodata.files import guards

if TYPE_CHECKING:
    from pathlib import Path

SHEET = "xl/worksheets/sheet1.xml"


def workbook(path: Path, **parts: str) -> Path:
    """Write the least a workbook is; ``parts`` replace members by their stem."""
    spread = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    members = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types"/>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" '
        f'Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{spread}" xmlns:r="{office}"><sheets>'
        '<sheet name="s" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships">'
        f'<Relationship Id="r1" Type="{office}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="r2" Type="{office}/sharedStrings" Target="sharedStrings.xml"/>'
        "</Relationships>",
        SHEET: f'<worksheet xmlns="{spread}"><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c>'
        '<c r="B1" t="inlineStr"><is><t>name</t></is></c></row></sheetData></worksheet>',
        "xl/sharedStrings.xml": f'<sst xmlns="{spread}"><si><t>id</t></si></sst>',
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            stem = name.rpartition("/")[2].partition(".")[0]
            archive.writestr(name, parts.get(stem, text))
    return path


def test_the_least_workbook_is_read(tmp_path: Path) -> None:
    assert list(files.read(workbook(tmp_path / "a.xlsx")).frame.columns) == ["id", "name"]


def test_a_workbook_packed_beyond_measure_is_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path / "bomb.xlsx", styles="", sharedStrings=" " * (48 << 20))
    with pytest.raises(FileFormatError, match=r"unpacks to [\d,]{3,} times its size"):
        files.read(path)


def test_an_archive_of_endless_files_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "many.zip"
    with zipfile.ZipFile(path, "w") as file:
        for number in range(guards.MEMBERS + 1):
            file.writestr(f"{number}.shp", "")
    with pytest.raises(FileFormatError, match=r"holds 10,001 files; at most 10,000"):
        files.read(path)


def test_a_workbook_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path / "liar.xlsx", sharedStrings="<sst>" + " " * (1 << 20) + "</sst>")
    data = bytearray(path.read_bytes())
    for mark, field in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        at = data.rindex(mark, 0, data.rindex(b"xl/sharedStrings.xml") if mark[2] == 1 else None)
        data[at + field : at + field + 4] = (99).to_bytes(4, "little")
    path.write_bytes(data)
    with pytest.raises(FileFormatError, match="damaged"):
        files.read(path)


def test_entities_of_a_workbook_are_not_expanded(tmp_path: Path) -> None:
    lol = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "lol"}">' for n in range(12))
    secret = '<!ENTITY file SYSTEM "file:///etc/passwd">'
    text = f"<!DOCTYPE sst [{lol}{secret}]><sst><si><t>&l11;&file;</t></si></sst>"
    path = workbook(tmp_path / "lol.xlsx", sharedStrings=text)
    try:
        table = files.read(path)
    except FileFormatError:
        return
    told = " ".join(table.frame.columns)
    assert len(told) < 200
    assert "root:" not in told


@pytest.mark.parametrize("opening", ["[", '{"a":', '{"type":"FeatureCollection","features":['])
def test_json_nested_without_end_is_refused(tmp_path: Path, opening: str) -> None:
    path = tmp_path / "deep.geojson"
    path.write_text(opening * 100_000, "utf-8")
    with pytest.raises(FileFormatError, match=r"not data this deep|not valid JSON"):
        files.read(path)


def deep(kind: int, levels: int) -> bytes:
    return struct.pack("<BII", 1, kind, 1) * levels + struct.pack("<BII", 1, kind, 0)


@pytest.mark.parametrize("kind", [4, 5, 6, 7, 9, 11, 12])
@pytest.mark.parametrize("levels", [20, 200_000])
def test_geometries_within_geometries_are_refused_before_they_crash(
    tmp_path: Path, kind: int, levels: int
) -> None:
    assert guards.nested(deep(kind, levels))
    path = parquet(tmp_path / "deep.parquet", [deep(kind, levels)])
    with pytest.raises(FileFormatError, match="too deep"):
        files.read(path)


def test_a_deep_one_behind_plain_ones_is_found() -> None:
    point = shapely.to_wkb(shapely.Point(1, 2))
    wkb = point
    for _ in range(5_000):
        wkb = struct.pack("<BII", 1, 7, 3) + point + point + wkb
    assert guards.nested(wkb)


def parquet(path: Path, wkb: list[bytes]) -> Path:
    frame = gpd.GeoDataFrame({"id": ["a"]}, geometry=[shapely.Point(1, 2)], crs=4326)
    frame.to_parquet(path)
    table = pq.read_table(path)
    column = table.schema.get_field_index("geometry")
    pq.write_table(table.set_column(column, table.schema.field(column), pa.array([wkb[0]])), path)
    return path


POINTS = st.tuples(st.floats(-180, 180), st.floats(-90, 90))
SIMPLE = st.one_of(
    POINTS.map(shapely.Point),
    st.lists(POINTS, min_size=2, max_size=6).map(shapely.LineString),
    st.lists(POINTS, min_size=3, max_size=6).map(shapely.Polygon),
    st.lists(POINTS, max_size=4).map(shapely.MultiPoint),
    st.just(shapely.box(0, 0, 9, 9).difference(shapely.box(2, 2, 3, 3))),
    st.just(shapely.MultiPolygon([shapely.box(0, 0, 1, 1), shapely.box(3, 3, 4, 4)])),
)


@given(
    st.recursive(SIMPLE, lambda some: st.lists(some, max_size=3).map(shapely.GeometryCollection)),
    st.sampled_from([0, 1]),
    st.sampled_from(["extended", "iso"]),
)
def test_what_people_draw_is_let_through(shape: shapely.Geometry, order: int, flavor: str) -> None:
    for each in (shape, shapely.force_3d(shape, 5.0)):
        wkb = shapely.to_wkb(each, byte_order=order, flavor=flavor)
        walk = guards._Walk(wkb)
        assert not walk.is_deep()
        assert walk._at == len(wkb)


@given(st.binary(max_size=200))
def test_any_bytes_are_walked_to_an_end(data: bytes) -> None:
    assert guards.nested(data) in {True, False}


@pytest.mark.parametrize("suffix", [".gpkg", ".geojson", ".parquet"])
def test_a_geometry_with_too_many_corners_is_one_fault(
    tmp_path: Path, suffix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guards, "POINTS", 5_000)
    turn = np.linspace(0, 2 * np.pi, guards.POINTS + 2)
    round_ = shapely.Polygon(np.column_stack((100 + np.cos(turn), 25 + np.sin(turn))))
    frame = gpd.GeoDataFrame(
        {"id": ["a", "b"]}, geometry=[round_, shapely.box(1, 1, 2, 2)], crs=4326
    )
    path = tmp_path / f"large{suffix}"
    if suffix == ".parquet":
        frame.to_parquet(path)
    else:
        frame.to_file(path)
    table = files.read(path)
    assert [each.problem for each in table.faults] == ["more than 5,000 corners; simplify it"]
    assert table.frame["id"].tolist() == ["b"]


def test_a_shapefile_in_an_archive_writes_nowhere_else(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame({"id": ["a"]}, geometry=[shapely.Point(1, 2)], crs=4326)
    frame.to_file(tmp_path / "s.shp")
    inside = tmp_path / "deep" / "er"
    inside.mkdir(parents=True)
    path = inside / "up.zip"
    for folder in ("../../", "/tmp/never-here/", "a/../../"):
        with zipfile.ZipFile(path, "w") as archive:
            for part in (".shp", ".shx", ".dbf", ".prj", ".cpg"):
                archive.write(tmp_path / f"s{part}", f"{folder}evil{part}")
        assert files.read(path).frame["id"].tolist() == ["a"]
    assert not [*tmp_path.rglob("evil*")]


ENDLESS = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x AS fid FROM n"


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ([f"CREATE VIEW v AS {ENDLESS}",
          "INSERT INTO gpkg_contents(table_name, data_type) VALUES ('v', 'attributes')"], "'v'"),
        (["ALTER TABLE gpkg_contents RENAME TO c",
          "CREATE VIEW gpkg_contents AS SELECT * FROM c"], "'gpkg_contents'"),
        (["ALTER TABLE s ADD COLUMN big GENERATED ALWAYS AS (zeroblob(900000000)) VIRTUAL"], "'s'"),
    ],
)  # fmt: skip
def test_a_geopackage_that_computes_is_refused(
    tmp_path: Path, change: list[str], what: str
) -> None:
    path = tmp_path / "s.gpkg"
    gpd.GeoDataFrame({"id": ["a"]}, geometry=[shapely.Point(1, 2)], crs=4326).to_file(path)
    with closing(sqlite3.connect(path)) as raw, raw:
        raw.execute("PRAGMA legacy_alter_table = ON")
        for each in change:
            raw.execute(each)
    with pytest.raises(FileFormatError, match=f"{what} is not a plain table"):
        files.read(path)


def test_a_trigger_of_a_geopackage_does_nothing(tmp_path: Path) -> None:
    path = tmp_path / "s.gpkg"
    gpd.GeoDataFrame({"id": ["a"]}, geometry=[shapely.Point(1, 2)], crs=4326).to_file(path)
    with closing(sqlite3.connect(path)) as raw, raw:
        raw.execute("CREATE TRIGGER t AFTER INSERT ON gpkg_contents BEGIN DELETE FROM s; END")
    before = path.read_bytes()
    assert files.read(path, layer="s").frame["id"].tolist() == ["a"]
    assert path.read_bytes() == before


def test_a_parquet_file_of_endless_rows_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    with pq.ParquetWriter(path, pa.schema({"id": pa.int8()})) as writer:
        part = pa.table({"id": pa.array(np.zeros(30_000_000, dtype=np.int8))})
        writer.write_table(part)
        writer.write_table(part)
    assert path.stat().st_size < 1 << 20
    with pytest.raises(FileFormatError, match="60,000,000 rows of 1 columns"):
        files.read(path)


def test_a_workbook_with_a_broken_stream_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "s.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<a/>" * 99)
    data = bytearray(path.read_bytes())
    data[49:55] = b"\xff" * 6  # where the packed bytes begin
    path.write_bytes(data)
    with pytest.raises(FileFormatError, match="damaged"):
        files.read(path)


def test_a_type_that_is_no_word_is_no_geojson(tmp_path: Path) -> None:
    path = tmp_path / "s.geojson"
    path.write_text('{"type": {}, "rows": 1}', "utf-8")
    with pytest.raises(FileFormatError, match="no table"):
        files.read(path)


def test_a_geopackage_with_any_page_spoiled_is_read_or_refused(tmp_path: Path) -> None:
    path, refused = tmp_path / "s.gpkg", 0
    places = shapely.points(np.linspace(100, 101, 300), 25)
    gpd.GeoDataFrame({"id": ["a" * 40] * 300}, geometry=places, crs=4326).to_file(path)
    data = path.read_bytes()
    for start in range(4_096, len(data), 4_096):
        path.write_bytes(data[:start] + b"\xff" * 64 + data[start + 64 :])
        try:
            files.read(path)
        except FileFormatError:
            refused += 1
    assert refused
