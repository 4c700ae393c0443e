"""Days sites are there, and places mobile stations stand at: as clerks write them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import Point

from geodata import datum, files
from stations import imports, places
from stations.days import read_day
from stations.hours import Posted
from stations.imports import Options
from stations.places import Place, read_places
from tests.stations.test_imports import look, problems, store, take, write

if TYPE_CHECKING:
    from pathlib import Path

    from stations.store import Store

__all__ = ["store"]

SITES = "id,name,lon,lat,{heads}\n"


@pytest.mark.parametrize(
    ("heads", "cells", "days"),
    [
        ("开工日期,竣工日期", "2026-03-01,2026-09-30", ("2026-03-01", "2026-09-30")),
        ("开始日期,结束日期", "2026/3/1,2026/9/30", ("2026-03-01", "2026-09-30")),
        ("起,止", "2026年3月1日,2026年9月30日", ("2026-03-01", "2026-09-30")),
        ("進場日期,撤場日期", "2026.3.1,20260930", ("2026-03-01", "2026-09-30")),
        ("from,until", "2026-03-01 00:00:00,", ("2026-03-01", "")),
        ("竣工日期（计划）,x", "2026-09-30T00:00:00,", ("", "2026-09-30")),
        ("start_date,end_date", "2026-03-01,2026-03-01", ("2026-03-01", "2026-03-01")),
    ],
)
def test_the_days_of_a_site_are_read(
    tmp_path: Path,
    store: Store,
    heads: str,
    cells: str,
    days: tuple[str, str],
) -> None:
    path = write(tmp_path, SITES.format(heads=heads) + f"a,工地,102.7,25,{cells}\n")
    made = look(path, store, "work_sites")
    assert made.faults == ()
    take(made, store)
    row = store.sites("work_sites").loc["a"]
    assert (row["from"], row["until"]) == days
    assert json.loads(row["attributes"]) == {}


@pytest.mark.parametrize(
    ("cells", "field", "says"),
    [
        ("明年春天,", "开工日期", "write a day like 2026-05-01"),
        ("2026-02-30,", "开工日期", "no such day"),
        ("2026-05,", "开工日期", "write a day like"),
        ("2026-05-01 08:00,", "开工日期", "write a day like"),
        ("2026-09-30,2026-03-01", "竣工日期", "before the first, 2026-09-30"),
        (",长期", "竣工日期", "leave it empty"),
    ],
)
def test_a_bad_day_is_a_fault_of_its_row(
    tmp_path: Path,
    store: Store,
    cells: str,
    field: str,
    says: str,
) -> None:
    rows = f"a,工地,102.7,25,{cells}\nb,工地,102.7,25,2026-03-01,\n"
    path = write(tmp_path, SITES.format(heads="开工日期,竣工日期") + rows)
    made = look(path, store, "work_sites")
    assert problems(made) == [(2, field)]
    assert says in made.faults[0].problem
    assert made.left_out == (2,)
    assert list(made.frame.index) == ["b"]


def test_a_file_of_last_days_alone_is_held_against_the_first_days_known(
    tmp_path: Path,
    store: Store,
) -> None:
    heads = SITES.format(heads="from")
    take(
        look(write(tmp_path, heads + "a,甲,102.7,25,2026-05-01\nb,乙,102.7,25,\n"), store, "w"),
        store,
    )
    later = SITES.format(heads="until") + "a,甲,102.7,25,2026-04-30\nb,乙,102.7,25,2026-04-30\n"
    made = look(write(tmp_path, later), store, "w")
    assert problems(made) == [(2, "until")]
    assert made.changed == ("b",)


@pytest.mark.parametrize("name", ["w.csv", "w.xlsx", "w.geojson", "w.gpkg", "w.parquet"])
def test_days_go_out_and_come_back(tmp_path: Path, store: Store, name: str) -> None:
    text = (
        SITES.format(heads="workers,起,止")
        + "a,甲,102.7,25,5,2026-05-01,\nb,乙,102.7,25,,,2026-06-01\n"
    )
    take(look(write(tmp_path, text), store, "w"), store)
    files.write(store.sites("w"), tmp_path / name)
    made = look(tmp_path / name, store, "w")
    assert (made.faults, made.unchanged) == ((), ("a", "b"))


def test_a_date_column_of_a_geopackage_is_read(tmp_path: Path, store: Store) -> None:
    frame = gpd.GeoDataFrame(
        {"id": ["a", "b"], "name": ["甲", "乙"]}, geometry=[Point(102.7, 25)] * 2, crs=4326
    )
    frame["开工日期"] = np.array(["2026-05-01", "NaT"], dtype="datetime64[ms]")
    frame.to_file(tmp_path / "w.gpkg")
    made = look(tmp_path / "w.gpkg", store, "w")
    assert made.faults == ()
    assert list(made.frame["from"]) == ["2026-05-01", ""]


STATIONS = "id,name,lon,lat,kind,停靠点\n"
TWO = (
    "2026-12-01至2026-12-31 周一至周五 08:00-12:00 @102.71,25.04 工地东门；"
    "周六 09:00-11:00 @102.72，25.05"
)


def test_the_places_of_a_mobile_station_are_read(tmp_path: Path, store: Store) -> None:
    made = look(
        write(tmp_path, STATIONS + f'm,驿站,102.7,25,流动,"{TWO}"\nn,驿站,102.7,25,,\n'), store
    )
    assert made.faults == ()
    take(made, store)
    cells = store.stations()["places"]
    assert read_places(cells["m"]) == (
        Place(102.71, 25.04, "2026-12-01", "2026-12-31", "Mo-Fr 08:00-12:00", "工地东门"),
        Place(102.72, 25.05, hours="Sa 09:00-11:00"),
    )
    assert cells["n"] == ""


def test_places_are_in_the_datum_of_the_pins(tmp_path: Path, store: Store) -> None:
    path = write(tmp_path, STATIONS + "m,驿站,102.7,25,流动,@102.71 25.04\n")
    take(look(path, store, datum="gcj02"), store)
    (place,) = read_places(store.stations().loc["m", "places"])
    lon, lat = datum.to_wgs84(np.array([102.71]), np.array([25.04]), "gcj02")
    assert (place.lon, place.lat, place.position_in) == (lon[0], lat[0], "102.71,25.04")


def test_places_go_out_as_text_and_come_back_as_they_were(
    tmp_path: Path,
    store: Store,
) -> None:
    path = write(tmp_path, STATIONS + f'm,驿站,102.7,25,流动,"{TWO}"\n')
    take(look(path, store, datum="bd09"), store)
    frame = store.stations()
    told = frame.assign(places=frame["places"].map(places.told))
    files.write(told, tmp_path / "out.csv")
    assert "工地东门" in told["places"].iloc[0]
    made = look(tmp_path / "out.csv", store)
    assert made.changed_fields == {}
    assert (made.faults, made.unchanged) == ((), ("m",))


def test_places_as_json_are_read_like_the_text(tmp_path: Path, store: Store) -> None:
    cell = [{"lon": 102.71, "lat": "25.04", "from": "2026/12/1", "hours": "周六 09:00-11:00"}]
    quoted = json.dumps(cell, ensure_ascii=False).replace('"', '""')
    made = look(write(tmp_path, STATIONS + f'm,驿站,102.7,25,流动,"{quoted}"\n'), store)
    (place,) = read_places(made.frame.loc["m", "places"])
    assert place == Place(102.71, 25.04, "2026-12-01", hours="Sa 09:00-11:00")


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        ("周一至周五 08:00-12:00", "no position after an @"),
        ("@102.71", "no position in"),
        ("@25.04 102.71", "look swapped"),
        ("2026-12-31至2026-12-01 @102.7 25", "before the first"),
        ("2026-13-01 @102.7 25", "no such day"),
        ("下午三四点 @102.7 25", "write it like 2026-12-01"),
        ("周一至周五 08:00-12:00 节假日照常 @102.7 25", "in the column calendar"),
        ("@102.7 25；@102.8 25", "two places at once"),
        ("Mo-Fr 08:00-12:00 @102.7 25；We 11:00-13:00 @102.8 25", "two places at once"),
        ("[1, 2]", "no JSON list"),
        ('[{""lon"": 102.7, ""lat"": 25, ""wer"": ""x""}]', "lon, lat, from, until"),
    ],
)
def test_what_is_no_timetable_is_a_fault(
    tmp_path: Path,
    store: Store,
    cell: str,
    says: str,
) -> None:
    made = look(write(tmp_path, STATIONS + f'm,驿站,102.7,25,流动,"{cell}"\n'), store)
    assert problems(made) == [(2, "停靠点")]
    assert says in made.faults[0].problem


@pytest.mark.parametrize(
    "cell",
    [
        "Mo-Fr 08:00-12:00 @102.7 25；Mo-Fr 12:00-18:00 @102.8 25",
        "2026-12-01至2026-12-15 @102.7 25；2026-12-16起 @102.8 25",
    ],
)
def test_one_place_may_begin_as_the_other_ends(tmp_path: Path, store: Store, cell: str) -> None:
    made = look(write(tmp_path, STATIONS + f"m,驿站,102.7,25,流动,{cell}\n"), store)
    assert made.faults == ()
    assert len(read_places(made.frame.loc["m", "places"])) == 2


@pytest.mark.parametrize(
    "text", ["0000-01-01", "2026-1", "x", "2026-05-01T12:00", "1e9", "2026-5-1-1"]
)
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="2026-05-01"):
        read_day(text)


def _osm(hours: str) -> Any:
    return files.Table(
        frame=pd.DataFrame(
            {
                "id": ["a"],
                "name": ["厕所"],
                "lon": ["102.7"],
                "lat": ["25"],
                "opening_hours": [hours],
            },
            dtype="str",
        ),
        rows=np.array([1]),
        geometry=None,
        crs="EPSG:4326",
        format="OpenStreetMap",
        encoding="utf-8",
    )


@pytest.mark.parametrize("hours", ["25:00-26:61", "Mo-Fr 08:00-5:00 off off", "08:00-25:99"])
def test_openstreetmaps_hours_that_cannot_be_read_are_kept_as_text(
    store: Store, hours: str
) -> None:
    made = imports.preview(_osm(hours), "stations", store, Options())
    assert made.faults == ()
    assert [warning.field for warning in made.warnings] == ["opening_hours"]
    kept = made.frame.loc["a", "opening_hours"]
    assert hours in kept
    assert not Posted(kept).known
