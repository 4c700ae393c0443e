"""Hours in words, closures, ways in and entrances on their way into the register."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata import datum, files
from geodata.geodesy import distance_m
from stations import hours, imports
from stations.catalogue import catalogue
from stations.hours import Closure, parse
from stations.imports import Options
from stations.imports.cells import Doubt
from stations.imports.opening import closures_value, hours_by_word, hours_value
from stations.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HEAD = "id,name,lon,lat,"
PIN = (102.7183, 25.0389)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(f"sqlite:///{tmp_path / 'register.db'}", create=True) as opened:
        yield opened


def look(store: Store, folder: Path, text: str, **options: Any) -> imports.Preview:
    path = folder / "file.csv"
    path.write_text(text, "utf-8")
    return imports.preview(imports.read(path, "stations"), "stations", store, Options(**options))


def one(store: Store, folder: Path, columns: str, cells: str, **options: Any) -> imports.Preview:
    row = f"1,甲站,{PIN[0]},{PIN[1]},{cells}\n"
    return look(store, folder, f"{HEAD}{columns}\n{row}", **options)


@pytest.mark.parametrize(
    ("text", "expression"),
    [
        ("", ""),
        ("全天", "24/7"),
        ("Mo-Fr 08:30-17:30", "Mo-Fr 08:30-17:30"),
        ("周一至周五8:30-12:00，14:30-18:00，节假日休息", "Mo-Fr 08:30-12:00,14:30-18:00; PH off"),
        ("opening_hours=24/7", "24/7"),
    ],
)
def test_certain_hours_become_expressions(text: str, expression: str) -> None:
    assert hours_value(text) == expression


@pytest.mark.parametrize("text", ["视情况", "见门口通知", "9:00-17:00 周末电话联系", "see website"])
def test_doubtful_words_are_kept_as_written_and_unknown(text: str) -> None:
    value = hours_value(text)
    assert isinstance(value, Doubt)
    assert value.value == text
    assert "Mo-Fr 08:30-17:30" in value.problem
    with pytest.raises(hours.HoursError):
        parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "25:99",
        "Mo-Fr 25:99-30:00",
        "周一至周五 8:00-25:99",
        "99:00-101:00",
        "8:30-5:30",
        "2026",
        "08:00-12:00-",
        "Mo-Fr 08:00-18:00 Sa",
        "x" * 2_001,
        "全天" * 50_000,
        "08:00\u202620:00\x00",
    ],
)
def test_what_is_no_time_or_would_be_misread_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"Mo-Fr 08:30-17:30|characters"):
        hours_value(text)


@given(st.text(max_size=40) | st.from_regex(r"[0-9:,;. -]{1,20}|(Mo|Tu|PH|周一|至|off| |8:00|-)+"))
def test_what_is_stored_is_understood_or_unknown(text: str) -> None:
    try:
        value = hours_value(text)
    except ValueError:
        return
    if isinstance(value, Doubt):
        with pytest.raises(hours.HoursError):
            parse(value.value)
    elif value:
        parse(value)
        assert hours_value(value) == value


def test_a_row_in_doubt_is_stored_with_a_warning(tmp_path: Path, store: Store) -> None:
    made = one(store, tmp_path, "开放时间", "看老板心情")
    assert made.faults == ()
    (warning,) = made.as_dict()["warnings"]
    assert (warning["row"], warning["field"], warning["value"]) == (2, "开放时间", "看老板心情")
    assert made.frame.loc["1", "opening_hours"] == "看老板心情"


def test_a_time_that_is_none_is_a_fault_with_its_text(tmp_path: Path, store: Store) -> None:
    made = one(store, tmp_path, "开放时间", "周一至周五25:99")
    assert [(fault.row, fault.value) for fault in made.faults] == [(2, "周一至周五25:99")]
    assert made.frame.empty


@pytest.mark.parametrize(
    ("columns", "cells", "calendar"),
    [
        ("name2", "", "workdays"),
        ("opening_hours", "周一至周五9点至17点，节假日不休", "weekdays"),
        ("host_hours", "周一至周五9点至17点，节假日不休", "weekdays"),
        ("opening_hours,host_hours", "24小时,周一至周五9点至17点，节假日不休", "workdays"),
        ("opening_hours,节假日规则", "周一至周五9点至17点，节假日不休,工作日", "workdays"),
        ("calendar", "weekdays", "weekdays"),
        ("节假日安排", "节假日照常", "weekdays"),
    ],
)
def test_the_calendar_is_the_one_given_or_the_one_the_words_ask_for(
    tmp_path: Path, store: Store, columns: str, cells: str, calendar: str
) -> None:
    made = one(store, tmp_path, columns, cells)
    assert made.faults == ()
    assert made.frame.loc["1", "calendar"] == calendar


AS_USUAL = "周一至周五9点至17点，节假日照常"


@pytest.mark.parametrize(
    ("columns", "cells", "kept"),
    [
        ("amenity_hours", f"淋浴：{AS_USUAL}", {"amenity_hours": f'{{"shower": "{AS_USUAL}"}}'}),
        ("access_hours", f"扫码：{AS_USUAL}", {"access_hours": f'{{"qr_code": "{AS_USUAL}"}}'}),
        ("opening_hours,host_hours", f"24小时,{AS_USUAL}", {"host_hours": AS_USUAL}),
        ("opening_hours,calendar", f"{AS_USUAL},工作日", {"opening_hours": AS_USUAL}),
        ("opening_hours,amenity_hours", f"{AS_USUAL},淋浴：{AS_USUAL}", {}),
        ("host_hours,calendar", f"{AS_USUAL},weekdays", {}),
        ("amenity_hours", "淋浴：每天9点至17点，节假日照常", {}),
    ],
)
def test_a_calendar_the_words_ask_for_is_never_lost(
    tmp_path: Path, store: Store, columns: str, cells: str, kept: dict[str, str]
) -> None:
    """Words that ask for another calendar than the record's are kept, and unknown."""
    made = one(store, tmp_path, columns, cells)
    assert made.faults == ()
    row = made.frame.loc["1"]
    assert {name: row[name] for name in columns.split(",") if AS_USUAL in row[name]} == kept
    assert [fault.field for fault in made.warnings] == [*kept]
    assert all("the column calendar does not" in fault.problem for fault in made.warnings)


@pytest.mark.parametrize("text", ["08:00-20:00; Sep 28-31 off", '08:00-20:00; Apr 31 off "x"'])
def test_a_day_no_year_has_is_refused(tmp_path: Path, store: Store, text: str) -> None:
    quoted = '"' + text.replace('"', '""') + '"'
    made = one(store, tmp_path, "opening_hours,host_hours", f"{quoted},{quoted}")
    assert [fault.field for fault in made.faults] == ["host_hours", "opening_hours"]
    assert all("has no day 31" in fault.problem for fault in made.faults)


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("", {}),
        ('{"淋浴": "8点到20点"}', {"shower": "08:00-20:00"}),
        (
            "洗衣机：24小时；淋浴：周一至周五9:00-18:00",
            {"shower": "Mo-Fr 09:00-18:00", "washer": "24/7"},
        ),
        (
            "shower Mo-Fr 08:00-12:00; Sa 09:00-10:00",
            {"shower": "Mo-Fr 08:00-12:00; Sa 09:00-10:00"},
        ),
        ("淋浴", None),
        ("桑拿：8:00-9:00", None),
        ("淋浴：25:99-30:00", None),
        ("淋浴：8:00-9:00；洗澡：9:00-10:00", None),
        ('{"shower": 1}', None),
        ('{"shower":', None),
        ('{"a":' * 390, None),
    ],
)
def test_hours_of_an_amenity(text: str, stored: dict[str, str] | None) -> None:
    known = catalogue().amenities
    if stored is None:
        with pytest.raises(ValueError):  # noqa: PT011 - each has words of its own
            hours_by_word(text, vocabulary=known)
        return
    value = hours_by_word(text, vocabulary=known)
    assert isinstance(value, str)
    assert json.loads(value or "{}") == stored
    assert hours_by_word(value, vocabulary=known) == value


@pytest.mark.parametrize("said", ["看情况", "08:00-20:00; 桑拿：08:00-09:00"])
def test_hours_of_an_amenity_in_doubt_are_kept(said: str) -> None:
    value = hours_by_word(f"淋浴：{said}", vocabulary=catalogue().amenities)
    assert isinstance(value, Doubt)
    assert json.loads(value.value) == {"shower": said}


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("", []),
        ("2026-02-15至2026-02-21 装修", [("2026-02-15", "2026-02-22", "装修")]),
        ("2026年2月15日-2月21日（停水）", [("2026-02-15", "2026-02-22", "停水")]),
        ("2026.2.15", [("2026-02-15", "2026-02-16", "")]),
        ("2026-11-20起 拆迁", [("2026-11-20", None, "拆迁")]),
        (
            "2026-02-01~2026-02-03；2026-03-01",
            [("2026-02-01", "2026-02-04", ""), ("2026-03-01", "2026-03-02", "")],
        ),
        ('[{"from": "2026-02-15"}]', [("2026-02-15", None, "")]),
    ],
)
def test_closures(text: str, stored: list[tuple[str, str | None, str]]) -> None:
    value = closures_value(text)
    read = [Closure.parse(record) for record in json.loads(value or "[]")]
    told = [(str(c.since.date()), str(c.until.date()) if c.until else None, c.reason) for c in read]
    assert told == stored
    assert closures_value(value) == value


@pytest.mark.parametrize(
    "text",
    [
        "装修",
        "2026-13-01",
        "2026-02-21至2026-02-15",
        "2026-02-15 8:00至12:00 停水",
        "2026-02-15 和 2026-02-18",
        "2月15日",
        "[1]",
        '[{"from": "2026-02-15", "till": "2026-02-16"}]',
        '{"from": "2026-02-15"}',
        "[" * 1_999,
    ],
)
def test_closures_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - each has words of its own
        closures_value(text)


def test_doors_and_bays_are_read_by_chinese_headings(tmp_path: Path, store: Store) -> None:
    columns = "进入方式,分时进入方式,进入要求,电动车停车位,货车停车位"
    made = one(store, tmp_path, columns, "询问店员,扫码：20:00-08:00,实名、手机号,12个,")
    assert made.faults == ()
    row = made.frame.loc["1"]
    assert row["access"] == "ask_staff"
    assert json.loads(row["access_hours"]) == {"qr_code": "20:00-08:00"}
    assert row["door_asks"] == "phone;real_name"
    assert row["ebike_parking"] == 12
    assert row["truck_bays"] is pd.NA


@pytest.mark.parametrize("reference", ["wgs84", "gcj02", "bd09", "EPSG:4543"])
def test_an_entrance_is_converted_with_the_files_datum(
    tmp_path: Path, store: Store, reference: str
) -> None:
    door = (102.7187, 25.0391)
    lon, lat = (np.array(axis) for axis in zip(PIN, door, strict=True))
    (x0, x1), (y0, y1) = (axis.tolist() for axis in datum.from_wgs84(lon, lat, reference))
    text = f"{HEAD}入口经度,入口纬度\n1,甲站,{x0},{y0},{x1},{y1}\n2,乙站,{x0},{y0},,\n"
    made = look(store, tmp_path, text, datum=reference)
    assert made.faults == ()
    first = made.frame.loc["1"]
    assert distance_m(first["entrance_lon"], first["entrance_lat"], *door) < 0.01
    assert made.frame.loc["2", ["entrance_lon", "entrance_lat"]].isna().all()


@pytest.mark.parametrize(
    "cells",
    [
        "25.0389,102.7183",
        "102.7183,",
        ",25.0389",
        "102.8183,25.0389",
        "nan,25",
        "门口,25",
        "999,99",
    ],
)
def test_an_entrance_that_is_none_is_a_fault(tmp_path: Path, store: Store, cells: str) -> None:
    made = one(store, tmp_path, "entrance_lon,entrance_lat", cells)
    assert [(fault.row, fault.field) for fault in made.faults] == [(2, "entrance_lon")]
    assert made.frame.empty


def test_a_faulty_pin_is_one_fault_not_two(tmp_path: Path, store: Store) -> None:
    text = f"{HEAD}entrance_lon,entrance_lat\n1,甲站,0,0,102.7,25.0\n"
    assert len(look(store, tmp_path, text).faults) == 1


@pytest.mark.parametrize("suffix", ["csv", "xlsx", "gpkg", "geojson", "parquet"])
def test_every_column_comes_back_from_an_export(tmp_path: Path, store: Store, suffix: str) -> None:
    cells = {
        "opening_hours": "周一至周五9点至17点，节假日不休",
        "host_hours": "24小时",
        "淋浴时间": "淋浴：08:00-20:00",
        "closures": "2026-11-20起 拆迁",
        "access_hours": "扫码：20:00-08:00",
        "door_asks": "手机号",
        "ebike_parking": "12",
        "truck_bays": "0",
        "entrance_lon": "102.7187",
        "entrance_lat": "25.0391",
    }
    text = (
        f"{HEAD}{','.join(cells)}\n1,甲站,{PIN[0]},{PIN[1]},{','.join(cells.values())}\n"
        f"2,乙站,102.8,25.0,心情{',' * (len(cells) - 1)}\n"
    )
    made = look(store, tmp_path, text, columns={"amenity_hours": "淋浴时间"})
    assert made.faults == ()
    imports.accept(made, store, who="测试", why="试验", at=pd.Timestamp("2026-11-20", tz="UTC"))
    out = tmp_path / f"out.{suffix}"
    files.write(store.stations(), out)
    back = imports.preview(imports.read(out, "stations"), "stations", store, Options())
    assert back.unchanged == ("1", "2")
    assert [warning.value for warning in back.warnings] == ["心情"]
