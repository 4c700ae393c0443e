"""The ``stations`` command as its caller meets it: what it prints, where, and how it ends."""

from __future__ import annotations

import json
import sqlite3
import sys
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click
import geopandas as gpd
import pandas as pd
import pytest

from scripts import cli
from stations.hours.clock import ZONE
from stations.store import Store
from stations.trust import Evidence
from tests.shell import Shell

if TYPE_CHECKING:
    from pathlib import Path

STATIONS = """id,name,lon,lat,amenities
a,甲站,102.70,25.00,toilet;water
b,乙站,102.80,25.00,water
"""
SITES = "id,name,lon,lat,workers\n1,近,102.701,25.0,30\n2,远,103.9,25.0,10\n"


@pytest.fixture
def shell(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: Any) -> Shell:
    monkeypatch.setattr(sys, "argv", [])
    return Shell(tmp_path, capsys)


@pytest.fixture
def filled(shell: Shell) -> Shell:
    shell.json("import", shell.file("s.csv", STATIONS), "--as", "stations")
    shell.json("import", shell.file("w.csv", SITES), "--as", "work_sites")
    return shell


def test_files_in_answers_out(filled: Shell) -> None:
    near = filled.json("nearest", "102.79,25.0", "--limit", "2")["stations"]
    assert [station["id"] for station in near] == ["b", "a"]
    assert near[0]["distance_m"] == pytest.approx(1009.3, abs=0.5)
    near = filled.json("nearest", "102.79,25.0", "--needs", "厕所")["stations"]
    assert [station["id"] for station in near] == ["a"]
    answer = filled.json("coverage", "work_sites", "--within", "1km", "--by", "site")
    assert answer["total"]["share"] == 0.75
    assert [(row["id"], row["covered"]) for row in answer["rows"]] == [("1", 1), ("2", 0)]


def test_importing_again_says_there_is_nothing_to_do(filled: Shell) -> None:
    again = filled.json("import", str(filled.folder / "s.csv"), "--as", "stations")
    assert (again["unchanged"], again["revision"]) == (2, None)


def test_people_get_words_and_tables(filled: Shell) -> None:
    code, out, err = filled("coverage", "work_sites", "--within", "1000m")
    assert (code, err) == (0, "")
    assert "合计 total" in out
    assert "75.0 %" in out
    assert out.startswith("work_sites: a station within 1000m")
    assert "甲站" in filled("nearest", "102.70,25.0")[1]


def test_results_are_written_as_the_name_says(filled: Shell) -> None:
    for name in ("sites.gpkg", "sites.geojson", "sites.xlsx", "sites.csv"):
        path = filled.folder / name
        assert filled("coverage", "work_sites", "--within", "1km", "-o", str(path))[0] == 0
        assert path.stat().st_size > 0
    frame = gpd.read_file(filled.folder / "sites.gpkg").set_index("id")
    assert frame["nearest_id"].to_dict() == {"1": "a", "2": "b"}


def test_trust_has_its_age_and_the_half_life_that_is_set(
    filled: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = datetime(2026, 1, 1, 8, tzinfo=ZONE)
    with Store.open(filled.db) as store:
        worked = Evidence("a", "inspection", "worked", found, "甲", key="1")
        store.add_evidence([worked], received=found)
    ask = ("nearest", "102.70,25.0", "--at", "2026-05-10T08:00", "--limit", "1")
    usual = filled.json(*ask)["stations"][0]["trust"]
    out = filled(*ask)[1]
    assert f"a: 可信度 {usual:.0%}，4 个月前由巡检员核实 / trust {usual:.0%}, confirmed 4 " in out
    monkeypatch.setenv("STATIONS_HALF_LIFE_DAYS", "10")
    assert filled.json(*ask)["stations"][0]["trust"] < usual - 0.05
    for wrong in ("0", "abc"):
        monkeypatch.setenv("STATIONS_HALF_LIFE_DAYS", wrong)
        code, out, err = filled(*ask)
        assert (code, out) == (2, "")
        assert "STATIONS_HALF_LIFE_DAYS must be a number of days above 0" in err


FULL = """id,name,lon,lat,opening_hours,amenity_hours,access_hours,ebike_parking,入口经度,入口纬度
c,丙站,102.9,25.0,Mo-Fr 08:00-20:00,淋浴：08:00-18:00,扫码：20:00-08:00,6,102.9001,25.0001
"""


FAR = {
    "1066-01-01T00:00": "an instant lies in the years 1902 to 9000, not 1066",
    "9999-12-31T23:59:59-23:00": "an instant lies in the years 1902 to 9000, not 9999",
    "25:99": "such as 2026-",
}


@pytest.mark.parametrize(
    "words",
    [
        ("nearest", "102.7,25", "--at"),
        ("coverage", "work_sites", "--within", "1km", "--hours", "12:00", "--at"),
        ("visits", "--since"),
        ("activities", "--since"),
        ("audit", "--at"),
        ("export", "stations", "-o", "x.csv", "--as-of"),
    ],
    ids=lambda words: words[0],
)
def test_a_time_that_is_none_is_told_in_one_line(filled: Shell, words: tuple[str, ...]) -> None:
    for text, said in FAR.items():
        code, out, err = filled(*words, text)
        assert (code, out, err.count("\n")) == (2, "", 1)
        assert said in err


def test_a_shapefile_goes_out_and_comes_back(filled: Shell) -> None:
    filled.json("import", filled.file("full.csv", FULL), "--as", "stations")
    for what, count in (("stations", 3), ("work_sites", 2)):
        out = filled.folder / f"{what}.shp"
        assert filled("export", what, "-o", str(out))[0] == 0
        again = filled.json("import", str(out), "--as", what)
        assert (again["unchanged"], again["revision"]) == (count, None)


def test_a_past_state_can_be_exported(filled: Shell) -> None:
    changed = STATIONS.replace("甲站", "甲新站")
    filled.json("import", filled.file("s.csv", changed), "--as", "stations")
    out = filled.folder / "then.csv"
    assert filled("export", "stations", "-o", str(out), "--as-of", "1")[0] == 0
    assert pd.read_csv(out)["name"].tolist() == ["甲站", "乙站"]


def test_faults_are_listed_in_json_and_as_a_sheet(shell: Shell) -> None:
    bad = shell.file("bad.csv", STATIONS + "c,丙站,25.0,102.7,\n")
    sheet = shell.folder / "faults.xlsx"
    code, out, err = shell("import", bad, "--as", "stations", "--faults", str(sheet), "--json")
    assert code == 2
    assert err.startswith("Error: faults: 1, rows with faults: 1; nothing stored")
    (fault,) = json.loads(out)["faults"]
    assert fault["row"] == 4
    assert len(pd.read_excel(sheet, engine="calamine")) == 1
    assert not (shell.folder / "register.db").exists()
    partial = shell.json("import", bad, "--as", "stations", "--accept-partial")
    assert (partial["left_out"], partial["revision"]) == ([4], 1)


def test_a_dry_run_needs_no_register(shell: Shell) -> None:
    made = shell.json("import", shell.file("s.csv", STATIONS), "--as", "stations", "--dry-run")
    assert (made["added"], made["revision"]) == (2, None)
    assert not (shell.folder / "register.db").exists()


def test_a_day_is_meant_to_its_end(filled: Shell) -> None:
    out = filled.folder / "today.csv"
    today = datetime.now(ZONE).date().isoformat()
    assert filled("export", "stations", "-o", str(out), "--as-of", today)[0] == 0
    assert len(pd.read_csv(out)) == 2


def test_names_are_printed_as_they_are(shell: Shell) -> None:
    name = "[red]x[/red] :cat: \\["
    shell.json(
        "import", shell.file("s.csv", f"id,name,lon,lat\n1,{name},102.7,25\n"), "--as", "stations"
    )
    assert name in shell("nearest", "102.7,25")[1]


def test_a_dry_run_stores_nothing(filled: Shell) -> None:
    more = filled.file("more.csv", STATIONS + "c,丙站,102.9,25.0,\n")
    made = filled.json("import", more, "--as", "stations", "--dry-run")
    assert (made["added"], made["revision"]) == (1, None)
    with Store.open(filled.db) as store:
        assert store.revision() == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nearest", "25.0,102.7"], "swap"),
        (["nearest", "nan,25"], "nan"),
        (["nearest", "102.7"], "longitude,latitude"),
        (["nearest", "102.7,25", "--needs", "sauna"], "如厕 toilet"),
        (["coverage", "nowhere", "--within", "1km"], "nowhere"),
        (["coverage", "work_sites", "--within", "1000"], "1000m"),
        (["coverage", "work_sites", "--within", "1441min"], "at most a day"),
        (["coverage", "work_sites", "--within", "5min", "--roads", "/nowhere"], "/nowhere"),
        (["coverage", "work_sites", "--within", "5min", "--roads", "ftp://x"], "ftp:"),
        (["coverage", "work_sites", "--within", "1km", "--beside", "5"], "10min"),
        (["coverage", "work_sites", "--within", "1km", "-o", "x.html"], "--beside 800m"),
        (["coverage", "work_sites", "--within", "1km", "-o", "x.docx"], ".gpkg"),
        (["export", "stations", "-o", "x.csv", "--as-of", "99"], "99"),
        (["export", "stations", "-o", "x.csv", "--as-of", "soon"], "ISO time"),
        (["export", "stations", "-o", "x.csv", "--as-of", "2020-01-01"], "begins on"),
        (["import", "/nowhere.csv", "--as", "stations"], "nowhere.csv"),
        (["import", "/", "--as", "stations"], "folder"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(filled: Shell, words: list[str], said: str) -> None:
    code, out, err = filled(*words)
    assert (code, out) == (2, "")
    assert said in err
    assert len(err.strip().splitlines()) == 1
    assert "Traceback" not in err


def test_a_file_that_is_not_what_its_name_says(shell: Shell) -> None:
    picture = shell.folder / "s.csv"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)))
    code, out, err = shell("import", str(picture), "--as", "stations")
    assert (code, out, len(err.strip().splitlines())) == (2, "", 1)


@pytest.mark.parametrize("content", [b"not a database", b""])
def test_a_store_that_is_none(shell: Shell, content: bytes) -> None:
    (shell.folder / "register.db").write_bytes(content)
    code, _, err = shell("nearest", "102.7,25")
    assert (code, len(err.strip().splitlines())) == (2, 1)


def test_a_database_of_somebody_else_is_left_alone(shell: Shell) -> None:
    path = shell.folder / "register.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE theirs (a)")
    connection.close()
    before = path.read_bytes()
    code, _, err = shell("import", shell.file("s.csv", STATIONS), "--as", "stations")
    assert code == 2
    assert "not a station register" in err
    assert path.read_bytes() == before


def test_a_missing_store_names_the_command_that_makes_one(shell: Shell) -> None:
    code, _, err = shell("nearest", "102.7,25")
    assert code == 2
    assert "stations import" in err


@pytest.mark.parametrize("name", sorted(cli.COMMANDS))
def test_every_command_shows_an_example(name: str) -> None:
    context = click.Context(cli.stations)
    command = cli.stations.get_command(context, name)
    assert command is not None
    text = command.get_help(click.Context(command, info_name=name))
    assert "Example:" in text


def test_hours_in_doubt_are_stored_and_told(shell: Shell) -> None:
    path = shell.file("doubt.csv", "id,name,lon,lat,开放时间\na,甲站,102.70,25.00,视情况\n")
    made = shell.json("import", path, "--as", "stations")
    assert [warning["value"] for warning in made["warnings"]] == ["视情况"]
    sheet = shell.folder / "doubts.csv"
    code, out, _ = shell("import", path, "--as", "stations", "--faults", str(sheet))
    assert code == 0
    assert "1 warnings, kept as written" in out
    assert pd.read_csv(sheet)["severity"].tolist() == ["warning"]
