"""Files into the register: what is recognised, what is refused, and that nothing is half done."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import Point, Polygon, box

from geodata import datum, files
from geodata.errors import FaultyDataError, UnknownReferenceError, UsageError
from stations import imports
from stations.errors import StoreConflictError
from stations.imports import Options
from stations.store import Changes, Store
from tests.stations.register_samples import PARKS, sites, stations

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

AT = datetime(2026, 11, 22, tzinfo=UTC)
CLERK = """站点编号,驿站名称,经度（°）,纬度（°）,驿站类型,服务设施,开放时间,共建单位,容纳人数
007,五华驿站,102.6950,25.0700,智慧驿站,厕所、饮水机、微波炉,全天,商业银行,20人
008,盘龙驿站,102.7350,25.0500,普通,WC；热水,08:00-20:00,商场,
"""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(f"sqlite:///{tmp_path / 'register.db'}", create=True) as opened:
        yield opened


def write(folder: Path, text: str, name: str = "file.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def look(path: Path, store: Store, target: str = "stations", **options: Any) -> imports.Preview:
    return imports.preview(imports.read(path, target), target, store, Options(**options))


def take(made: imports.Preview, store: Store, **more: Any) -> int | None:
    revision = imports.accept(made, store, who="测试", why="试验", at=AT, **more)
    return revision.number if revision else None


def problems(made: imports.Preview) -> list[tuple[int | None, str]]:
    return [(fault.row, fault.field) for fault in made.faults]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_clerks_chinese_sheet_is_understood(tmp_path: Path, store: Store, encoding: str) -> None:
    made = look(write(tmp_path, CLERK, encoding=encoding), store, datum="gcj02")
    assert made.faults == ()
    assert take(made, store) == 1
    first = store.stations().loc["007"]
    assert first["name"] == "五华驿站"
    assert first["kind"] == "smart"
    assert first["amenities"] == "toilet;water;meal_heating"
    assert first["capacity"] == 20
    assert first["opening_hours"] == "24/7"
    assert first["area_code"] == "530102"
    assert (first["position_in"], first["datum_in"]) == ("102.6950,25.0700", "gcj02")
    assert first["datum_by"] == "operator"
    lon, lat = datum.to_wgs84(np.array([102.6950]), np.array([25.0700]), "gcj02")
    assert first.geometry.equals(Point(lon[0], lat[0]))


def test_a_traditional_sheet_in_big5_is_understood(tmp_path: Path, store: Store) -> None:
    text = "編號,名稱,經度,緯度,服務設施\n1,中山驛站,121.52,25.05,廁所、微波爐\n"
    text += "2,大安驛站,121.54,25.03,飲水\n"
    made = look(write(tmp_path, text, encoding="big5"), store)
    assert made.faults == ()
    assert list(made.frame["amenities"]) == ["toilet;meal_heating", "water"]


def test_the_same_file_again_changes_nothing_and_a_changed_one_updates_by_id(
    tmp_path: Path, store: Store
) -> None:
    path = write(tmp_path, CLERK)
    take(look(path, store), store)
    again = look(path, store)
    assert (len(again.unchanged), take(again, store), store.revision()) == (2, None, 1)
    path = write(tmp_path, CLERK.replace("盘龙驿站", "盘龙新驿站"))
    changed = look(path, store)
    assert (changed.added, changed.changed, changed.unchanged) == ((), ("008",), ("007",))
    assert take(changed, store) == 2
    assert store.stations().loc["008", "name"] == "盘龙新驿站"
    assert store.stations(1).loc["008", "name"] == "盘龙驿站"


BAD = """id,name,lon,lat,kind,amenities,capacity
a,fine,102.7,25.0,,,
a,twice,102.7,25.0,,,
,no id,102.7,25.0,,,
c,,102.7,25.0,,,
d,swapped,25.0,102.7,,,
e,null island,0,0,,,
f,text,here,25.0,,,
g,nan,nan,25.0,,,
h,kind,102.7,25.0,castle,,
i,amenity,102.7,25.0,,sauna,
j,capacity,102.7,25.0,,,some
k,nowhere,102.7,,,,
"""


def test_every_fault_comes_with_its_row_and_nothing_is_stored(tmp_path: Path, store: Store) -> None:
    made = look(write(tmp_path, BAD), store)
    assert {row for row, _ in problems(made)} == set(range(3, 14))
    with pytest.raises(FaultyDataError, match="rows with faults: 11; nothing stored") as caught:
        take(made, store)
    assert caught.value.faults == made.faults
    assert store.revision() == 0
    text = {fault.row: fault.problem for fault in made.faults}
    assert "row 2" in text[3]
    assert "swap" in text[6]
    assert "标准 standard" in text[10]
    assert "如厕 toilet" in text[11]


def test_accepting_in_part_names_what_is_left_out(tmp_path: Path, store: Store) -> None:
    made = look(write(tmp_path, BAD), store)
    assert made.left_out == tuple(range(3, 14))
    assert take(made, store, partial=True) == 1
    assert list(store.stations().index) == ["a"]


@pytest.mark.parametrize(
    ("header", "field"),
    [("name,lon,lat", "id"), ("id,name,somewhere", "position"), ("id,lon,lat", "name")],
)
def test_a_file_without_a_needed_column_is_refused_whole(
    tmp_path: Path, store: Store, header: str, field: str
) -> None:
    made = look(write(tmp_path, f"{header}\n1,102.7,25.0\n"), store)
    assert field in {fault.field for fault in made.faults}
    with pytest.raises(FaultyDataError):
        take(made, store, partial=field != "name")
    assert store.revision() == 0


def test_a_name_of_300000_characters_is_a_fault_not_a_crash(tmp_path: Path, store: Store) -> None:
    made = look(write(tmp_path, f"id,name,lon,lat\n1,{'长' * 300_000},102.7,25\n"), store)
    (fault,) = made.faults
    assert "300,000 characters" in fault.problem
    assert len(fault.value) <= 80


def test_columns_may_be_named_and_wrong_names_are_said(tmp_path: Path, store: Store) -> None:
    path = write(tmp_path, "A,B,C,D\n1,甲,102.7,25.0\n")
    named = {"id": "A", "name": "B", "lon": "C", "lat": "D"}
    assert look(path, store, columns=named).faults == ()
    with pytest.raises(UsageError, match="the file has: A, B, C, D"):
        look(path, store, columns={"id": "E"})
    with pytest.raises(UsageError, match="no field"):
        look(path, store, columns={"ident": "A"})


def test_made_ids_stay_the_same_and_twins_are_found(tmp_path: Path, store: Store) -> None:
    text = "name,lon,lat\n甲,102.7,25.0\n乙,102.7,25.0\n"
    first = look(write(tmp_path, text), store, make_ids=True)
    take(first, store)
    assert len(look(write(tmp_path, text), store, make_ids=True).unchanged) == 2
    twins = look(write(tmp_path, text + "甲,102.7,25.0\n"), store, make_ids=True)
    assert problems(twins) == [(4, "id")]


def test_grid_coordinates_want_a_grid(tmp_path: Path, store: Store) -> None:
    path = write(tmp_path, "id,name,Easting,Northing\n1,Ballards Lane,525239,190735\n")
    (fault,) = [fault for fault in look(path, store).faults if fault.field == "position"]
    assert "--datum EPSG:n" in fault.problem
    made = look(path, store, datum="EPSG:27700")
    assert made.faults == ()
    assert made.frame.geometry.iloc[0].distance(Point(-0.1934, 51.6013)) < 0.001


def test_an_unknown_datum_is_refused(tmp_path: Path, store: Store) -> None:
    with pytest.raises(UnknownReferenceError):
        look(write(tmp_path, CLERK), store, datum="mars2000")


def test_retired_codes_become_todays(tmp_path: Path, store: Store) -> None:
    path = write(tmp_path, "id,name,lon,lat,区划代码\n1,呈贡,102.80,24.88,530121\n")
    assert look(path, store).frame["area_code"].item() == "530114"


def park_layer(folder: Path, shapes: dict[str, Any]) -> Path:
    frame = gpd.GeoDataFrame(
        {"id": list(shapes), "name": "园区", "workers": 100, "phase": "一期"},
        geometry=list(shapes.values()),
        crs="EPSG:4490",
    )
    path = folder / "parks.gpkg"
    frame.to_file(path)
    return path


def test_a_park_layer_keeps_its_shapes_and_other_columns(tmp_path: Path, store: Store) -> None:
    made = look(park_layer(tmp_path, {"p": box(102.7, 25.0, 102.71, 25.01)}), store, "parks")
    assert made.faults == ()
    take(made, store)
    row = store.sites("parks").loc["p"]
    assert row.geometry.geom_type == "Polygon"
    assert row["workers"] == 100
    assert json.loads(row["attributes"]) == {"phase": "一期"}
    assert row["datum_in"] == "cgcs2000"
    assert [info.restricted for info in store.layers()] == [False]


def test_a_self_crossing_polygon_is_a_fault(tmp_path: Path, store: Store) -> None:
    bow_tie = Polygon([(102, 25), (103, 26), (103, 25), (102, 26)])
    path = park_layer(tmp_path, {"p": bow_tie, "q": box(102, 25, 102.1, 25.1)})
    made = look(path, store, "parks")
    assert problems(made) == [(1, "geometry")]
    assert "Self-intersection" in made.faults[0].problem
    assert list(made.frame.index) == ["q"]


def test_a_polygon_is_no_station(tmp_path: Path, store: Store) -> None:
    made = look(park_layer(tmp_path, {"p": box(102, 25, 102.1, 25.1)}), store)
    assert [fault.problem for fault in made.faults] == ["a Polygon; each record needs a point"]


def test_border_posts_are_restricted_without_saying_so(tmp_path: Path, store: Store) -> None:
    path = write(tmp_path, "id,name,lon,lat\n1,某联防所,98.6,24.0\n")
    made = look(path, store, "border_posts")
    assert made.layer is not None
    assert made.layer.restricted
    take(made, store)
    plain = look(path, store, "posts_of_others", restricted=True)
    assert plain.layer is not None
    assert plain.layer.restricted


@pytest.mark.parametrize("target", ["", "Parks", "1st", "a" * 60, "drop table;", "布局"])
def test_a_layer_needs_a_plain_name(tmp_path: Path, store: Store, target: str) -> None:
    path = write(tmp_path, "id,name,lon,lat\n1,甲,102,25\n")
    with pytest.raises(UsageError, match="layer name"):
        look(path, store, target)


def test_a_file_without_records_is_refused(tmp_path: Path, store: Store) -> None:
    made = look(write(tmp_path, "id,name,lon,lat\n"), store)
    assert [fault.problem for fault in made.faults] == [
        "no records in the file; is it the right one?"
    ]
    with pytest.raises(FaultyDataError):
        take(made, store, partial=True)


def test_a_column_the_file_lacks_keeps_what_the_register_has(tmp_path: Path, store: Store) -> None:
    take(look(write(tmp_path, CLERK), store, synthetic=True), store)
    before = store.stations()
    made = look(write(tmp_path, "id,name,lon,lat\n007,新名,102.6950,25.0700\n"), store)
    assert made.changed_fields == {"name": 1}
    take(made, store)
    after = store.stations()
    assert after.loc["007", "name"] == "新名"
    same = before.columns.drop("name")
    pd.testing.assert_frame_equal(pd.DataFrame(after[same]), pd.DataFrame(before[same]))
    emptied = look(
        write(tmp_path, "id,name,lon,lat,phone,host\n007,新名,102.6950,25.0700,,\n"), store
    )
    assert emptied.changed_fields == {"host": 1}


@pytest.mark.parametrize("suffix", ["csv", "xlsx", "gpkg", "geojson", "parquet"])
def test_a_layer_survives_its_own_round_trip(tmp_path: Path, store: Store, suffix: str) -> None:
    take(look(park_layer(tmp_path, {"p": box(102.7, 25.0, 102.71, 25.01)}), store, "parks"), store)
    path = tmp_path / f"again.{suffix}"
    files.write(store.sites("parks"), path)
    assert look(path, store, "parks").unchanged == ("p",)
    with Store.open(f"sqlite:///{tmp_path / 'other.db'}", create=True) as other:
        take(look(path, other, "parks"), other)
        assert json.loads(other.sites("parks").loc["p", "attributes"]) == {"phase": "一期"}


def test_an_outline_that_a_format_turned_round_is_no_change(tmp_path: Path, store: Store) -> None:
    take(look(park_layer(tmp_path, {"p": box(102.7, 25.0, 102.71, 25.01)}), store, "parks"), store)
    known = store.sites("parks")
    path = tmp_path / "again.gpkg"
    files.write(known.set_geometry(known.geometry.reverse()), path)  # as shapefiles want it
    assert look(path, store, "parks").unchanged == ("p",)
    files.write(known.set_geometry(known.geometry.translate(1e-6)), path)
    assert look(path, store, "parks").changed == ("p",)


@pytest.mark.parametrize(
    ("text", "reference", "said"),
    [
        ("1,甲,2770000,500000", "EPSG:4543", "are x and y swapped"),
        ("1,甲,0,0", "EPSG:4543", "degrees, not metres"),
        ("1,甲,102.7,25.0", "EPSG:3857", "degrees, not metres"),
        ("1,甲,0,0", "EPSG:4214", "far outside"),
        ("1,甲,102.7" + "0" * 300_000 + ",25.0", None, "characters"),
    ],
)
def test_places_that_cannot_be_meant(
    tmp_path: Path, store: Store, text: str, reference: str | None, said: str
) -> None:
    made = look(write(tmp_path, f"id,name,lon,lat\n{text}\n"), store, datum=reference)
    assert said in " ".join(fault.problem for fault in made.faults)
    assert made.frame.empty


def test_null_island_is_found_in_any_format(tmp_path: Path, store: Store) -> None:
    path = tmp_path / "zero.geojson"
    gpd.GeoDataFrame({"id": ["1"], "name": ["甲"]}, geometry=[Point(0, 0)], crs=4326).to_file(path)
    (fault,) = look(path, store).faults
    assert "point at sea" in fault.problem


def test_a_county_code_nobody_ever_had_is_a_fault(tmp_path: Path, store: Store) -> None:
    path = write(tmp_path, "id,name,lon,lat,adcode\n1,甲,102.7,25.0,999999\n")
    assert problems(look(path, store)) == [(2, "adcode")]


def test_all_rows_faulty_is_nothing_to_accept_in_part(tmp_path: Path, store: Store) -> None:
    made = look(write(tmp_path, "id,name,lon,lat\n1,甲,0,0\n"), store, "work_sites")
    with pytest.raises(FaultyDataError):
        take(made, store, partial=True)
    assert store.layers() == []


def test_what_is_exported_comes_back_the_same(tmp_path: Path, store: Store) -> None:
    take(look(write(tmp_path, CLERK), store, datum="gcj02", synthetic=True), store)
    for suffix in ("csv", "xlsx", "gpkg", "geojson", "parquet"):
        path = tmp_path / f"out.{suffix}"
        files.write(store.stations(), path)
        back = look(path, store)
        assert back.faults == (), suffix
        old, new = store.stations(), back.frame
        same = [name for name in old.columns if name not in {"datum_in", "datum_by", "position_in"}]
        pd.testing.assert_frame_equal(
            pd.DataFrame(old[same]).assign(geometry=old.geometry.to_wkt(rounding_precision=9)),
            pd.DataFrame(new[same]).assign(geometry=new.geometry.to_wkt(rounding_precision=9)),
        )


def test_a_sheet_exported_edited_and_brought_back_keeps_its_provenance(
    tmp_path: Path, store: Store
) -> None:
    take(look(write(tmp_path, CLERK), store, datum="gcj02"), store)
    path = tmp_path / "out.csv"
    files.write(store.stations(), path)
    text = path.read_text("utf-8-sig")
    assert len(look(write(tmp_path, text), store).unchanged) == 2
    take(look(write(tmp_path, text.replace("盘龙驿站", "新名字")), store), store)
    row = store.stations().loc["008"]
    assert (row["name"], row["datum_in"], row["datum_by"]) == ("新名字", "gcj02", "operator")


@pytest.mark.shared_data
@pytest.mark.parametrize(
    ("name", "options", "records", "faulty"),
    [
        ("barnet_raw.csv", {"datum": "EPSG:27700", "columns": {"name": "LocationText"}}, 26, 0),
        ("southwark_toilets.csv", {"datum": "EPSG:27700"}, 41, 0),
        ("Public_toilets.csv", {}, 47, 0),
        ("camden_data.json", {}, 47, 0),
    ],
)
def test_council_files_are_imported_or_refused_row_by_row(
    shared_data: Path, store: Store, name: str, options: Any, records: int, faulty: int
) -> None:
    made = look(shared_data / "poi" / name, store, make_ids=True, **options)
    assert (made.rows, len(made.left_out)) == (records, faulty)


def test_what_others_record_meanwhile_conflicts_only_where_they_meet(
    tmp_path: Path, store: Store
) -> None:
    def others(what: Changes) -> None:
        store.commit(what, who="李", why="同时", at=AT)

    path = write(tmp_path, "id,name,lon,lat\nA,驿站,102.7,25\nB,驿站,102.8,25\n")
    made = look(path, store)
    others(Changes(stations({"C": {}})))
    assert take(made, store) == 2
    for met in (Changes(stations({"B": {}})), Changes(removed_stations=("A",))):
        made = look(write(tmp_path, path.read_text().replace("驿站", "新站")), store)
        others(met)
        with pytest.raises(StoreConflictError):
            take(made, store)
    made = look(write(tmp_path, "id,name,lon,lat\np,园区,102.7,25\n"), store, "parks")
    others(Changes(stations({"C": {"phone": "1"}})))
    assert take(made, store) == 6
    made = look(write(tmp_path, "id,name,lon,lat\np,新园区,102.7,25\n"), store, "parks")
    others(Changes(layers=(PARKS,), sites={"parks": sites({"q": {}})}))
    with pytest.raises(StoreConflictError):
        take(made, store)
