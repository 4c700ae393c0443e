"""A mobile station and a building site, from a clerk's sheet to the answers and out again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from python_calamine import CalamineWorkbook

from tests.scripts.test_cli import shell

if TYPE_CHECKING:
    from tests.shell import Shell

__all__ = ["shell"]

STATIONS = (
    "编号,名称,经度,纬度,类型,设施,开放时间,停靠点\n"
    "m,流动站,102.75,25.2,流动,厕所,24小时,"
    '"2026-11-01至2026-12-31 周一至周五 08:00-12:00 @102.70,25.00 工地东门；'
    '周一至周五 13:00-17:00 @102.80,25.00"\n'
)
SITES = "id,name,lon,lat,workers,开工日期,竣工日期\n1,工地,102.70,25.0,30,2026-11-01,2026-11-25\n"
ASKED = ("coverage", "sites", "--within", "1km", "--needs", "toilet")


def test_from_a_clerks_sheet_to_the_answers_and_out_again(shell: Shell) -> None:
    told = shell.json("import", shell.file("s.csv", STATIONS), "--as", "stations")
    assert (told["faults"], told["ignored"]) == ([], [])
    shell.json("import", shell.file("w.csv", SITES), "--as", "sites")
    for hour, lon, name in (("09:00", 102.7, "工地东门"), ("15:00", 102.8, "")):
        asked = ("--at", f"2026-11-24T{hour}", "--mode", "car", "--roads", "none")
        (hit,) = shell.json("nearest", "102.75,25.0", "--open", "arrival", *asked)["stations"]
        assert (hit["lon"], hit["place"]["name"]) == (lon, name)
    for moment, sites, share in (
        ("2026-11-24T09:00", 1, 1),
        ("2026-11-24T15:00", 1, 0),
        ("2026-11-26T09:00", 0, None),
    ):
        total = shell.json(*ASKED, "--hours", moment)["total"]
        assert (total["sites"], total["not_there"], total["share"]) == (sites, 1 - sites, share)
    for what, name in (("stations", "out.csv"), ("sites", "sites.xlsx")):
        path = shell.folder / name
        assert shell("export", what, "-o", str(path))[0] == 0
        again = shell.json("import", str(path), "--as", what)
        assert (again["faults"], again["changed"], again["unchanged"]) == ([], 0, 1)
    assert "2026-11-01至2026-12-31 Mo-Fr 08:00-12:00 @102.7,25.0 工地东门；Mo-Fr" in (
        shell.folder / "out.csv"
    ).read_text("utf-8-sig")


def test_bad_days_and_places_are_told_by_row(shell: Shell) -> None:
    bad = STATIONS.replace("@102.80,25.00", "")
    code, _, err = shell("import", shell.file("s.csv", bad), "--as", "stations")
    assert code == 2
    late = SITES.replace("2026-11-25", "2026-10-25")
    code, _, more = shell("import", shell.file("w.csv", late), "--as", "sites")
    assert code == 2
    assert "nothing stored" in err
    assert "nothing stored" in more


def test_who_is_left_out_and_which_day_counts_are_in_the_tables(shell: Shell) -> None:
    shell("import", shell.file("s.csv", STATIONS), "--as", "stations")
    shell("import", shell.file("w.csv", SITES), "--as", "sites")
    code, out, _ = shell(*ASKED, "--hours", "2026-11-26T09:00")
    assert code == 0
    assert "not there" in out
    assert "1 more sites are left out: by their dates not there then." in out
    assert "Mobile stations: at their places of 2026-11-26." in out
    path = shell.folder / "sites.xlsx"
    assert shell(*ASKED, "--hours", "2026-11-26", "-o", str(path))[0] == 0
    book = CalamineWorkbook.from_path(path)
    text = str([book.get_sheet_by_name(name).to_python() for name in book.sheet_names])
    assert "另有 1 处按起止日期当时不在，未计入" not in text
    assert "流动驿站按其 2026-11-23 至 2026-11-29 的停靠点计" in text
    assert shell(*ASKED, "--hours", "2026-12-26", "-o", str(path))[0] == 0
    book = CalamineWorkbook.from_path(path)
    text = str([book.get_sheet_by_name(name).to_python() for name in book.sheet_names])
    assert "另有 1 处按起止日期当时不在，未计入" in text
    assert "当时不在" in text


def test_the_place_a_rider_is_sent_to_is_named(shell: Shell) -> None:
    shell("import", shell.file("s.csv", STATIONS), "--as", "stations")
    code, out, _ = shell("nearest", "102.70,25.0", "--at", "2026-11-24T09:00", "--roads", "none")
    assert code == 0
    assert "流动站 @ 工地东门" in out.replace("\n", "")


def test_a_reach_of_nothing_covers_nothing(shell: Shell) -> None:
    shell("import", shell.file("s.csv", STATIONS), "--as", "stations")
    square = {"type": "Polygon", "coordinates": [[[102.6, 24.9], [102.9, 24.9], [102.9, 25.1],
              [102.6, 25.1], [102.6, 24.9]]]}  # fmt: skip
    areas = {"type": "FeatureCollection", "features": [
        {"type": "Feature", "geometry": square,
         "properties": {"id": "1", "name": "园区", "workers": 30}}]}  # fmt: skip
    shell.json("import", shell.file("a.geojson", json.dumps(areas)), "--as", "sites")
    code, out, err = shell("coverage", "sites", "--within", "0m", "--hours", "all")
    assert (code, err) == (0, "")
    assert "0.0 %" in out
