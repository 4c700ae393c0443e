"""``stations audit`` as its caller meets it: told, written, refused."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd
import pytest
from click.testing import CliRunner

from scripts.cli import stations
from tests.scripts.test_cli_coverage import shell

if TYPE_CHECKING:
    from pathlib import Path

    from tests.shell import Shell

__all__ = ["shell"]

STATIONS = (
    "id,name,lon,lat,amenities,opening_hours,capacity,area_code\n"
    "A,甲路驿站,102.801,24.889,toilet;water;rest;cooling;meal_heating;shelter;charging;reading,"
    "08:00-20:00,12,530114\n"
    "B,乙路驿站,102.811,24.889,water,08:00-20:00,,530114\n"
    "C,丙路驿站,102.821,24.889,,,,530114\n"
    "D,丁路驿站,0.000001,0.000001,water;rest,08:00-20:00,4,\n"
)
NONE = ("--roads", "none")


@pytest.fixture
def filled(shell: Shell) -> Shell:
    path = shell.folder / "stations.csv"
    path.write_text(STATIONS, "utf-8")
    shell.json("import", str(path), "--as", "stations")
    return shell


def test_what_is_wrong(filled: Shell) -> None:
    told = filled.json("audit", *NONE)
    pairs = {(each["rule"], each["station"]) for each in told["findings"]}
    assert {("national.rest", "B"), ("place.null_island", "D")} <= pairs
    assert not [pair for pair in pairs if pair[1] == "A" and pair[0].startswith("national.")]
    assert {each["verdict"] for each in told["findings"]} == {"breach"}
    vague = {(each["rule"], each["station"]) for each in told["unknown"]}
    assert ("national.rest", "C") in vague
    assert not pairs & vague
    assert {each["severity"] for each in told["unknown"]} == {"note"}
    rest = next(each for each in told["rules"] if each["rule"] == "national.rest")
    assert (rest["breaches"], rest["unknown"]) == (1, 1)
    assert (told["revision"], told["grades"]) == (1, [])
    assert told["method"]["standard"]["id"] == "national"


def test_for_people(filled: Shell) -> None:
    code, out, err = filled("audit", "--standard", "fuzhou", *NONE)
    assert (code, err) == (0, "")
    assert "歇脚喝水" in out
    assert "一星 One star" in out
    assert "neither a pass nor a breach" in out
    code, out, err = filled("audit", "--standard", "fuzhou", "--station", "B", *NONE)
    assert (code, err) == (0, "")
    assert "missing: rest" in out
    assert "add_amenities {'rest': 1} (3,000 yuan)" in out
    assert "丙" not in out


def test_a_part_of_it(filled: Shell) -> None:
    only = filled.json("audit", "--only", "quality", *NONE)
    assert not [each for each in only["findings"] if each["rule"].startswith("national")]
    one = filled.json("audit", "--only", "place.null_island", *NONE)
    assert [(each["rule"], each["station"]) for each in one["findings"]] == [
        ("place.null_island", "D")
    ]
    near = filled.json("audit", "--standard", "fuzhou", "--area", "5301", *NONE)
    assert {each["station"] for each in near["findings"]} <= {"A", "B", "C"}
    assert [each["station"] for each in near["grades"]] == ["A", "B", "C"]
    mine = filled.json("audit", "--standard", "fuzhou", "--station", "B", *NONE)
    assert [each["station"] for each in mine["grades"]] == ["B"]
    assert {each["station"] for each in mine["findings"] + mine["unknown"]} == {"B"}


def test_the_rules_of_the_day(filled: Shell) -> None:
    asked = ("audit", "--standard", "national", "--only", "standard", *NONE)
    assert filled.json(*asked, "--at", "2023-07-09")["findings"] == []
    assert filled.json(*asked, "--at", "2023-07-10")["findings"]


def test_sheets(filled: Shell) -> None:
    paths = [filled.folder / name for name in ("a.xlsx", "a.csv", "a.gpkg")]
    filled.json("audit", *NONE, *(word for path in paths for word in ("-o", str(path))))
    frames = [
        pd.read_excel(paths[0], engine="calamine"),
        pd.read_csv(paths[1]),
        gpd.read_file(paths[2]),
    ]
    for frame in frames:
        mine = frame[(frame["rule"] == "national.rest") & (frame["station"] == "B")]
        assert mine[["verdict", "name", "title"]].to_numpy().tolist() == [
            ["breach", "乙路驿站", "能歇脚"]
        ]
    assert len({len(frame) for frame in frames}) == 1


def test_a_platform_list(filled: Shell, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("名称,经度,纬度\n甲路驿站,102.801,24.889\n", "utf-8")
    asked = ("audit", "--standard", "six_haves", "--only", "six.map", *NONE)
    assert filled.json(*asked)["findings"] == []
    told = filled.json(*asked, "--platform", str(path), "--platform-datum", "wgs84")
    assert {each["station"] for each in told["findings"]} == {"B", "C"}
    assert {each["station"] for each in told["unknown"]} == {"D"}


def test_standards_are_listed() -> None:
    told = CliRunner().invoke(stations, ["audit", "standards", "--json"])
    known = {each["id"] for each in json.loads(told.output)["standards"]}
    assert {"national", "six_haves", "fuzhou", "truck_home", "yunnan"} <= known


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("--standard", "nowhere"), "no standard 'nowhere'"),
        (("--standard", "gone.toml"), "no file gone.toml"),
        (("--only", "guess"), "no rule 'guess'"),
        (("--at", "yesterday"), "--at: expected an instant"),
        (("--area", "昆明"), "leading digits"),
        (("--station", "Z"), "'Z'"),
        (("-o", "a.pdf"), "write one of .xlsx"),
        (("--platform", "gone.csv"), "gone.csv"),
    ],
)
def test_what_means_nothing_is_refused(
    filled: Shell, words: tuple[str, ...], complaint: str
) -> None:
    code, out, err = filled("audit", *words, *NONE)
    assert (code, out) == (2, "")
    assert complaint in err


def test_every_fault_of_a_planners_file_is_told(filled: Shell) -> None:
    path = filled.folder / "ours.toml"
    path.write_text('[standard]\nid = "x"\n[[rules]]\nid = "x.a"\ncheck = "guess"\n', "utf-8")
    code, _, err = filled("audit", "--standard", str(path), *NONE)
    assert code == 2
    for part in ("ours.toml", "source is missing", "check is one of", "[standard] needs version"):
        assert part in err
