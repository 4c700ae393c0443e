"""``stations coverage --hours …`` as its caller meets it: told, written, refused."""

from __future__ import annotations

import io
import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from geodata import files, osm
from tests.roads import liechtenstein_folder
from tests.scripts.test_cli_coverage import country, filled, shell

if TYPE_CHECKING:
    from pathlib import Path

    from tests.shell import Shell

__all__ = ["country", "filled", "liechtenstein_folder", "shell"]

HOURS = (
    "id,name,lon,lat,amenities,opening_hours,host\n"
    "a,甲站,102.70,25.00,toilet;water,08:00-20:00,招商银行\n"
)
ASKED = ("coverage", "work_sites", "--within", "10min", "--mode", "ebike", "--roads", "none")


@pytest.fixture
def doors(filled: Shell) -> Shell:
    path = filled.folder / "doors.csv"
    path.write_text(HOURS, "utf-8")
    filled.json("import", str(path), "--as", "stations")
    return filled


def test_on_paper_nothing_has_changed(doors: Shell) -> None:
    told = doors.json(*ASKED, "--by", "site")
    assert told["method"]["hours"] == "not considered"
    assert set(told) == {"layer", "total", "rows", "method", "revision", "synthetic"}


def test_from_paper_to_real(doors: Shell) -> None:
    told = doors.json(*ASKED, "--needs", "toilet", "--hours", "all", "--by", "site")
    total = told["total"]
    assert (total["sites"], total["covered"], total["covered_sometimes"]) == (3, 0, 2)
    assert total["worker_hours"] == 45 * 168
    assert total["steps"] == {
        "paper": 40 * 168, "hours": 40 * 84, "amenities": 40 * 84, "trust": 40 * 84,
    }  # fmt: skip
    assert total["share"] == pytest.approx(40 * 84 / (45 * 168))
    assert [row["id"] for row in told["rows"]] == ["1", "2", "3"]
    assert [gap["fix"] for gap in told["gaps"]] == ["extend_hours", "extend_hours", "none"]
    assert told["method"]["estimated"] == "all"
    night = doors.json(*ASKED, "--hours", "2026-11-24T02:00")["total"]
    assert (night["worker_hours"], night["steps"]["hours"]) == (45, 0)
    noon = doors.json(*ASKED, "--hours", "2026-11-24T12:00", "--by", "hour")
    assert noon["rows"][0]["workers_covered"] == 40


def test_building_sites_are_there_from_one_day_until_another(doors: Shell) -> None:
    path = doors.folder / "sites.csv"
    head = "id,name,lon,lat,workers,开工日期,竣工日期\n"
    rows = "x,工地,102.70,25.0,30,2026-03-01,2026-09-30\ny,工地二,102.70,25.0,7,,\n"
    path.write_text(head + rows, "utf-8")
    doors.json("import", str(path), "--as", "building_sites")
    asked = ("coverage", "building_sites", *ASKED[2:], "--by", "site", "--hours")
    for day, present in (("2026-02-28", 7), ("2026-03-01", 37), ("2026-10-01", 7)):
        total = doors.json(*asked, f"{day}T12:00")["total"]
        assert (total["worker_hours"], total["share"]) == (present, 1.0)
    assert doors.json(*asked, "all")["total"]["worker_hours"] == 37 * 168


def test_what_a_planner_reads(doors: Shell) -> None:
    code, out, err = doors(*ASKED, "--hours", "night", "--stay", "30", "--trust-floor", "0.2")
    assert (code, err) == (0, "")
    for text in ("从账面到实际", "on paper", "盲区", "延长开放时间", "22:00–06:00", "estimated"):
        assert text in out


def test_every_file_in_one_go(doors: Shell) -> None:
    names = ["a.xlsx", "a.png", "a.svg", "a.gpkg", "a.parquet", "a.geojson", "a.csv"]
    paths = [doors.folder / name for name in names]
    words = [word for path in paths for word in ("-o", str(path))]
    doors.json(*ASKED, "--hours", "all", *words)
    first = [path.read_bytes() for path in paths]
    doors.json(*ASKED, "--hours", "all", *words)
    assert first == [path.read_bytes() for path in paths]
    assert "盲区 Gaps" in pd.read_excel(io.BytesIO(first[0]), None, engine="calamine")
    frame = gpd.read_file(doors.folder / "a.gpkg")
    assert frame["share_trust"].tolist() == pytest.approx([0.5, 0.5, 0])
    assert frame["revision"].tolist() == [3, 3, 3]
    assert len(gpd.read_parquet(doors.folder / "a.parquet")) == 3
    method = json.loads((doors.folder / "a.csv.method.json").read_text("utf-8"))
    assert (method["revision"], method["share_of"]) == (3, "worker-hours")


def test_what_if_and_since(doors: Shell) -> None:
    told = doors.json(*ASKED, "--hours", "all", "--what-if", "host:招商 shut weekends")
    assert told["total"]["steps"]["trust"] == 40 * 84 * 5 // 7
    assert told["without_what_if"]["total"]["steps"]["trust"] == 40 * 84
    told = doors.json(*ASKED, "--hours", "all", "--since", "2")
    assert told["since"]["total"]["hours"] == 40 * 84
    assert [edit["stations"] for edit in told["since"]["edits"]] == [["a"], ["a"]]
    code, out, _ = doors(*ASKED, "--hours", "all", "--since", "2", "--what-if", "station:a removed")
    assert code == 0
    assert "what if: station:a removed" in out
    assert "What changed it" in out


def test_a_week_on_a_map_says_whose_it_is(doors: Shell) -> None:
    page = doors.folder / "week.html"
    doors.json(*ASKED, "--hours", "all", "-o", str(page))
    first = page.read_bytes()
    assert "default-src 'none'" in first.decode()
    assert "受限图层" not in first.decode()
    doors.json(*ASKED, "--hours", "all", "-o", str(page))
    assert page.read_bytes() == first
    posts = doors.folder / "posts.csv"
    posts.write_text("id,name,lon,lat,workers\nx,哨所,102.70,25.0,6\n", "utf-8")
    doors.json("import", str(posts), "--as", "border_posts")
    doors.json("coverage", "border_posts", *ASKED[2:], "--hours", "all", "-o", str(page))
    assert "受限图层，限内部使用" in page.read_text("utf-8")


def test_backup_evenness_and_other_layers(doors: Shell) -> None:
    riders = doors.folder / "riders.csv"
    head = "id,name,lon,lat,workers,工种\n"
    riders.write_text(f"{head}r,点,102.70,25.0,10,骑手\n", "utf-8")
    doors.json("import", str(riders), "--as", "riders")
    told = doors.json(*ASKED, "--hours", "all", "--compare", "riders")
    assert told["backup"]["one_station"] == 40 * 84
    assert told["backup"]["stations"][0]["id"] == "a"
    types = told["fairness"]["types"]
    assert [group["name"] for group in types["groups"]] == ["work_sites", "骑手"]
    code, out, _ = doors(*ASKED, "--hours", "all", "--compare", "riders")
    assert code == 0
    for text in ("Covered without a backup", "招商银行", "over types of worker", "骑手"):
        assert text in out
    code, out, _ = doors(*ASKED, "--hours", "all", "--needs", "aed")
    assert (code, "nobody covered: no Gini" in out) == (0, True)


def test_since_a_day_and_since_nothing(doors: Shell) -> None:
    code, out, err = doors(*ASKED, "--hours", "all", "--since", "2000-01-01")
    assert (code, out) == (2, "")
    assert "the first is of" in err


def test_workers_nobody_knows_are_not_shown_as_none(doors: Shell) -> None:
    bare = doors.folder / "bare.csv"
    bare.write_text("id,name,lon,lat\nx,点,102.70,25.0\n", "utf-8")
    doors.json("import", str(bare), "--as", "bare")
    for hours in ([], ["--hours", "all"]):
        code, out, _ = doors("coverage", "bare", *ASKED[2:], *hours)
        assert code == 0
        [row] = [line for line in out.splitlines() if "合计 total" in line]
        assert [cell.strip() for cell in row.split("│")][2 if hours else 4] == "–"
    assert "人数不明 workers unknown: 1 sites" in doors("coverage", "bare", *ASKED[2:])[1]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--hours", "soon"], "hours are written such as"),
        (["--hours", "all", "--stay", "-1"], "a stay lasts"),
        (["--hours", "all", "--trust-floor", "7"], "trust floor"),
        (["--hours", "all", "--trust-floor", "0.5", "--at", "soon"], "--at"),
        (["--hours", "all", "--what-if", "banks shut"], "what if is written such as"),
        (["--hours", "all", "--since", "99"], "revision"),
        (["--hours", "all", "--since", "soon"], "since takes"),
        (["--hours", "all", "--compare", "nothing"], "nothing"),
        (["-o", "x.html"], "give --hours all"),
        (["--hours", "all", "--beside", "800m"], "--beside"),
        (["--hours", "all", "-o", "x.docx"], "x.docx"),
        (["--hours", "all", "-o", "/nowhere/x.png"], "folder"),
        (["--by", "hour"], "group by"),
        (["--hours", "all", "--scheduler", "tcp://127.0.0.1:1"], "--scheduler"),
    ],
)
def test_what_is_wrong_is_one_line(doors: Shell, words: list[str], says: str) -> None:
    code, out, err = doors(*ASKED, *words)
    assert (code, out) == (2, "")
    assert says in err
    assert err.count("\n") == 1


@pytest.mark.shared_data
def test_real_roads_and_real_hours(
    country: Shell, shared_data: Path, liechtenstein_folder: Path
) -> None:
    pbf = shared_data / "osm" / "liechtenstein-latest.osm.pbf"
    places = osm.extract(pbf, {"open": osm.parse_filter("opening_hours=*")})["open"]
    frame = places[["name", "opening_hours", "geometry"]].fillna("").assign(amenities="water")
    files.write(frame.assign(name="店 " + frame["name"]), country.folder / "open.csv")
    shops = str(country.folder / "open.csv")
    country.json("import", shops, "--as", "stations", "--accept-partial")
    by_road = ("--mode", "ebike", "--roads", str(liechtenstein_folder), "--needs", "water")
    asked = ("coverage", "parks", "--within", "6min", *by_road, "--by", "hour")
    told = country.json(*asked, "--hours", "all")
    total, method = told["total"], told["method"]
    assert (method["estimated"], method["share_of"]) == ("none", "site-hours")
    assert "grid points" in method["sampling"]["method"]
    steps = [total["worker_hours"], *total["steps"].values()]
    assert sum(total["lost"].values()) + total["steps"]["trust"] == total["worker_hours"] == 2_688
    assert steps == sorted(steps, reverse=True)
    assert total["lost"]["unknown"] > 0  # OpenStreetMap's toilets tell no hours
    noon, night = (told["rows"][hour]["steps"]["trust"] for hour in (12, 27))
    assert noon > night > 0  # 24/7 places are among them
    assert 0 < method["data"]["hours_unknown"] < 1


@pytest.mark.shared_data
def test_the_four_steps_on_real_roads_and_real_hours(
    country: Shell, shared_data: Path, liechtenstein_folder: Path
) -> None:
    """Parks by e-bike within 10 minutes, with toilet and water, all week, by day and at 02:00."""
    pbf = shared_data / "osm" / "liechtenstein-latest.osm.pbf"
    places = osm.extract(pbf, {"open": osm.parse_filter("opening_hours=*")})["open"]
    serves = places["tags"].str.contains('"shop"|"restaurant"|"cafe"')
    frame = places[["name", "opening_hours", "geometry"]].fillna("")
    frame["amenities"] = np.where(serves, "toilet;water", "toilet")
    path = country.folder / "open.csv"
    files.write(frame.assign(name="店 " + frame["name"]), path)
    country.json("import", str(path), "--as", "stations", "--accept-partial")
    by_road = ("--within", "10min", "--mode", "ebike", "--roads", str(liechtenstein_folder))
    sure = ("--trust-floor", "0.5", "--at", "2026-11-22T12:00")
    asked = ("coverage", "parks", *by_road, "--needs", "toilet,water", *sure)
    names = [country.folder / name for name in ("li.html", "li.xlsx", "li.png")]
    outputs = [word for path in names for word in ("-o", str(path))]
    week = country.json(*asked, "--hours", "all", *outputs)
    shares = []
    for told in (week, *(country.json(*asked, "--hours", hours) for hours in ("day", "02:00"))):
        total = told["total"]
        steps = [total["worker_hours"], *total["steps"].values()]
        assert steps == sorted(steps, reverse=True)
        assert steps[-1] + sum(total["lost"].values()) == total["worker_hours"]
        assert (told["method"]["estimated"], total["estimated"]) == ("none", False)
        shares.append([step / total["worker_hours"] for step in steps[1:]])
    everywhen, day, night = shares
    assert day[0] == pytest.approx(night[0])  # on paper the hour does not matter
    assert day[3] > everywhen[3] > night[3] == 0  # of what is open all night nothing has water
    assert night[1] > 0
    assert all(week["total"]["lost"][cause] > 0 for cause in ("no_station", "unknown", "amenity"))
    assert 0 < week["backup"]["one_station"] <= week["total"]["steps"]["trust"]
    page, sheet, picture = (path.read_bytes() for path in names)
    assert "© OpenStreetMap contributors" in page.decode()
    assert "备份 Backup" in pd.read_excel(io.BytesIO(sheet), None, engine="calamine")
    assert picture.startswith(b"\x89PNG")


def test_the_store_is_only_read(doors: Shell) -> None:
    def changes() -> int:
        with closing(sqlite3.connect(doors.folder / "register.db")) as db:
            return int(db.execute("select count(*) from revisions").fetchone()[0])

    before = changes()
    doors.json(*ASKED, "--hours", "all", "--what-if", "station:a removed")
    assert changes() == before
