"""What is written is read back equal, whole or not at all, and the same bytes each time."""

from __future__ import annotations

import csv
import sqlite3
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st
from shapely.geometry import MultiPolygon, Point, Polygon, box

from geodata import files
from geodata.errors import UsageError
from geodata.files import WRITTEN_SUFFIXES
from tests.examples import few

SPATIAL = [suffix for suffix in WRITTEN_SUFFIXES if suffix not in {".csv", ".xlsx"}]
SQUARE = box(102, 25, 103, 26)


def stations() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {
            "name": ["=HYPERLINK(1)", '引"号,逗\n号'],
            "people": pd.array([12, None], dtype="Int64"),
            "share": [0.1 + 0.2, np.nan],
            "aed": [True, False],
            "note": [None, "007"],
            "seen": pd.to_datetime(["2026-01-02T03:04:05", ""]),
        },
        index=pd.Index(["001", "002"], name="id"),
        geometry=[Point(102.7123456789012, 1 / 3), Point(-0.1, 51.5)],
        crs=4326,
    )


TEXTS = {
    "id": ["001", "002"],
    "name": ["=HYPERLINK(1)", '引"号,逗\n号'],
    "people": ["12", ""],
    "aed": ["true", "false"],
    "note": ["", "007"],
}


@pytest.mark.parametrize("suffix", WRITTEN_SUFFIXES)
def test_written_and_read_back(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"out{suffix}"
    files.write(stations(), path)
    table = files.read(path)
    found = table.frame.to_dict("list")
    assert {name: found[name] for name in TEXTS} == TEXTS
    assert float(found["share"][0]) == pytest.approx(0.3)
    assert found["share"][1] == found["seen"][1] == ""
    assert found["seen"][0].startswith("2026-01-02T03:04:05")
    if suffix in SPATIAL:
        assert table.geometry is not None
        assert shapely.equals_exact(table.geometry, stations().geometry.to_numpy()).all()
        assert table.crs == "EPSG:4326"
    else:
        assert [float(x) for x in found["lon"]] == pytest.approx([102.7123456789012, -0.1])
        assert [float(y) for y in found["lat"]] == pytest.approx([1 / 3, 51.5], abs=1e-14)


@pytest.mark.parametrize("suffix", WRITTEN_SUFFIXES)
def test_the_same_bytes_every_time(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"out{suffix}"
    parts = []
    for _ in range(2):
        files.write(stations(), path)
        parts.append({p.name: p.read_bytes() for p in sorted(tmp_path.iterdir())})
    assert parts[0] == parts[1]
    assert all(name.startswith("out.") for name in parts[0])


@pytest.mark.parametrize("suffix", WRITTEN_SUFFIXES)
def test_polygons_and_no_rows(tmp_path: Path, suffix: str) -> None:
    hole = Polygon(SQUARE.exterior, [box(102.2, 25.2, 102.4, 25.4).exterior])
    shapes = np.array([MultiPolygon([hole]), MultiPolygon([SQUARE])])
    frame = gpd.GeoDataFrame({"id": ["a", "b"]}, geometry=shapes, crs=4326)
    for part in (frame, frame.iloc[:0]):
        path = tmp_path / f"out{suffix}"
        files.write(part, path)
        table = files.read(path)
        assert list(table.frame.get("id", [])) == part["id"].tolist()
        if table.geometry is None:
            found = [shapely.from_wkt(text) for text in table.frame.get("geometry", [])]
        else:
            found = list(table.geometry)
        assert all(a.equals(b) for a, b in zip(found, shapes[: len(part)], strict=True))


@pytest.mark.parametrize("suffix", [".gpkg", ".parquet", ".csv", ".xlsx"])
def test_a_frame_without_geometry(tmp_path: Path, suffix: str) -> None:
    frame = pd.DataFrame({"编号": ["007", ""], "n": [1, 2]})
    files.write(frame, tmp_path / f"a{suffix}")
    found = files.read(tmp_path / f"a{suffix}").frame.to_dict("list")
    assert found == {"编号": ["007", ""], "n": ["1", "2"]}


@pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".geojson"])
def test_formats_for_people_are_in_wgs84(tmp_path: Path, suffix: str) -> None:
    frame = gpd.GeoDataFrame({"id": ["a"]}, geometry=[Point(102.7, 25.04)], crs=4326)
    files.write(frame.to_crs(3857), tmp_path / f"a{suffix}")
    table = files.read(tmp_path / f"a{suffix}")
    if table.geometry is None:
        place = Point(float(table.frame["lon"][0]), float(table.frame["lat"][0]))
    else:
        place = table.geometry[0]
    assert place.distance(Point(102.7, 25.04)) < 1e-9


NASTY = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Cn", "Co"))
    | st.sampled_from("\"',;\t|\r\n =+-@$`<>\\{}\ufeff#0123456789eE."),
    max_size=15,
)
NAMES = st.lists(
    NASTY.map(str.strip).filter(lambda n: n.strip("\ufeff ")),
    min_size=1,
    max_size=3,
    unique_by=str.lower,
)


def _plain_name(name: str) -> bool:
    return name == name.strip().strip("\ufeff").strip() and name.lower() not in {"geometry", "geom"}


@pytest.mark.parametrize("suffix", [".gpkg", ".geojson", ".parquet", ".csv", ".xlsx"])
@few(15)
@given(data=st.data())
def test_any_text_survives(suffix: str, data: st.DataObject) -> None:
    names = [name for name in data.draw(NAMES) if _plain_name(name)] or ["名称"]
    rows = data.draw(st.lists(st.tuples(*[NASTY] * len(names)), max_size=4))
    rows = [("=1+1", *row[1:]) if not "".join(row).strip() else row for row in rows]
    frame = pd.DataFrame(rows, columns=names, dtype="str")
    points = [Point(102, n) for n in range(len(rows))]
    spatial = gpd.GeoDataFrame(frame, geometry=points, crs=4326)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"a{suffix}"
        files.write(spatial, path)
        table = files.read(path)
    assert table.faults == ()
    if rows or suffix in {".csv", ".xlsx", ".gpkg", ".parquet"}:
        assert table.frame[names].to_numpy().tolist() == [list(row) for row in rows]


@settings(max_examples=60, deadline=None)
@given(st.lists(NASTY, min_size=1, max_size=5))
@example(["a;b", "c|d", "x"])
def test_one_column_of_any_text_survives_as_csv(cells: list[str]) -> None:
    kept = [cell for cell in cells if cell.strip()]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.csv"
        files.write(pd.DataFrame({"a;b": pd.array(kept, dtype="str")}), path)
        assert files.read(path).frame["a;b"].tolist() == kept


def changed(**texts: str) -> gpd.GeoDataFrame:
    index = stations().index
    columns = {name: pd.Series([t, t], index=index, dtype=object) for name, t in texts.items()}
    return stations().assign(**columns)


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("a.docx", {}, r"cannot write files ending in \.docx; use one of \.gpkg"),
        ("none/a.csv", {}, "folder that exists"),
        ("a.xlsx", {"name": "x" * 32_768}, "32,768 characters is longer"),
        ("a.shp", {"name": "站" * 85}, "longer than the 254 bytes"),
        ("a.shp", {"开放时间": "x"}, "longer than the 10 bytes"),
        ("a.gpkg", {"NAME": "x"}, "differ in case only"),
        ("a.csv", {"name": "a\0b"}, "NUL character"),
        ("a.geojson", {"name": "\ud800"}, "half a character"),
        ("a.csv", {"id": "x"}, "both called 'id'"),
    ],
)
def test_what_cannot_be_written_leaves_nothing(
    tmp_path: Path, name: str, change: dict[str, str], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        files.write(changed(**change), tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_a_failed_write_keeps_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    files.write(stations(), path)
    before = path.read_bytes()
    with pytest.raises(UsageError):
        files.write(stations().assign(name="x" * 40_000), path)
    assert path.read_bytes() == before
    assert [part.name for part in tmp_path.iterdir()] == ["a.xlsx"]


def test_long_text_and_columns_named_as_the_format_names_its_own(tmp_path: Path) -> None:
    columns: dict[str, Any] = {"fid": ["x"], "geom": ["y"], "_fid": ["z"], "t": ["长" * 300_000]}
    frame = gpd.GeoDataFrame(columns, geometry=[Point(1, 2)], crs=4326)
    for suffix in (".gpkg", ".geojson", ".parquet", ".csv"):
        files.write(frame, tmp_path / f"a{suffix}")
        found = files.read(tmp_path / f"a{suffix}").frame.to_dict("list")
        assert {name: found[name] for name in columns} == columns


def test_no_clock_gets_into_a_geopackage_however_many_are_written(tmp_path: Path) -> None:
    def written(number: int) -> tuple[bytes, str]:
        (tmp_path / str(number)).mkdir()
        path = tmp_path / str(number) / "sites.gpkg"
        files.write(stations(), path)
        with closing(sqlite3.connect(path)) as store:
            [(moment,)] = store.execute("SELECT last_change FROM gpkg_contents").fetchall()
        return path.read_bytes(), moment

    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(written, range(24)))
    assert {moment for _, moment in made} == {"2000-01-01T00:00:00.000Z"}
    assert len({content for content, _ in made}) == 1


def test_an_unwritable_place() -> None:
    with pytest.raises(UsageError, match="cannot be written here"):
        files.write(stations(), "/proc/a.csv")


def test_a_sheet_has_its_limits(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"1,048,576 rows .* more than a sheet holds"):
        files.write(pd.DataFrame({"a": np.zeros(1_048_576)}), tmp_path / "a.xlsx")


def test_spreadsheets_get_a_mark_and_texts_stay_texts(tmp_path: Path) -> None:
    files.write(stations(), tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_bytes().startswith(b'\xef\xbb\xbf"id","name"')
    files.write(pd.DataFrame({"a": [2**60 + 1], "b": ["http://x.y"]}), tmp_path / "a.xlsx")
    assert files.read(tmp_path / "a.xlsx").frame.iloc[0].tolist() == [str(2**60 + 1), "http://x.y"]


RUNS = [
    '=HYPERLINK("http://x.y","看")',
    "+86-871-6316",
    "-2+3",
    "@SUM(A1)",
    "＝1+1",
    "\t=1",
    "'=1",
    "-a",
]
STAYS = ["-12.5", "+86 871 1234", "-0.13,51.5", "'a", "a=1", ""]


def test_no_text_of_a_csv_runs_in_a_spreadsheet_and_all_come_back(tmp_path: Path) -> None:
    frame = pd.DataFrame({"=1+1": pd.array(RUNS + STAYS, dtype="str"), "n": -1.5})
    files.write(frame, tmp_path / "a.csv")
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as file:
        header, *rows = csv.reader(file)
    assert header == ["'=1+1", "n"]
    assert [cells[0] for cells in rows] == [f"'{text}" for text in RUNS] + STAYS
    raw = pd.DataFrame(rows, columns=pd.Index(header))  # as Excel saves what it opened
    with pd.ExcelWriter(tmp_path / "saved.xlsx", engine="xlsxwriter") as book:
        raw.to_excel(book, index=False)
    for name in ("a.csv", "saved.xlsx"):
        table = files.read(tmp_path / name).frame
        assert table["=1+1"].tolist() == RUNS + STAYS
        assert table["n"].tolist() == ["-1.5"] * len(frame)
