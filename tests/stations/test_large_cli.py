"""``stations coverage`` of files of points, as its caller meets it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from tests.shell import Shell
from tests.stations.large_samples import points, table, write

if TYPE_CHECKING:
    from pathlib import Path

STATIONS = (
    "id,name,lon,lat,amenities,opening_hours\n"
    "a,甲站,102.70,25.00,toilet;water,Mo-Su 08:00-18:00\nb,乙站,102.70,25.10,water,24/7\n"
)


@pytest.fixture
def shell(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Shell:
    monkeypatch.setattr(sys, "argv", [])
    monkeypatch.delenv("STATIONS_ROADS", raising=False)
    made = Shell(tmp_path, capsys)
    (tmp_path / "stations.csv").write_text(STATIONS, "utf-8")
    made.json("import", str(tmp_path / "stations.csv"), "--as", "stations")
    for number in range(3):
        lon, lat, workers = points(400, number)
        write(tmp_path / "stops" / f"{number}.parquet", table("wkb", lon, lat, workers))
    return made


def test_a_folder_of_points_is_summed_up_by_area(shell: Shell, tmp_path: Path) -> None:
    asked = ("coverage", str(tmp_path / "stops"), "--within", "20km", "--roads", "none")
    told = shell.json(*asked, "--needs", "toilet")
    assert told["layer"] == "stops"
    assert told["method"]["needs"] == ["toilet"]
    assert told["total"]["sites"] == 1_200
    assert 0 < told["total"]["covered"] < 1_200
    for key in ("sites", "covered", "workers", "workers_covered"):
        assert sum(row[key] for row in told["rows"]) == told["total"][key]
    code, out, _ = shell(*asked, "--by", "prefecture")
    assert code == 0
    assert "云南省昆明市" in out


def test_hours_of_the_week_and_an_instant(shell: Shell, tmp_path: Path) -> None:
    asked = ("coverage", str(tmp_path / "stops"), "--within", "5km", "--needs", "toilet")
    paper = shell.json(*asked, "--roads", "none")["total"]
    week = shell.json(*asked, "--roads", "none", "--hours", "all")["total"]
    day = np.tile(np.isin(np.arange(24), range(8, 18)), 7)
    assert week["by_hour"]["covered"] == (paper["covered"] * day).tolist()
    assert week["worker_hours_covered"] == paper["workers_covered"] * 70
    assert week["share"] == pytest.approx(paper["share"] * 70 / 168)
    noon, night = (
        shell.json(*asked, "--roads", "none", "--hours", f"2026-11-24T{hour}:00")["total"]
        for hour in (12, "02")
    )
    assert noon == paper
    assert night["covered"] == 0
    nights = shell.json(*asked, "--roads", "none", "--hours", "night")
    assert nights["method"]["hours"] == "night"
    assert (nights["total"]["share"], len(nights["total"]["by_hour"]["covered"])) == (0, 56)
    code, out, _ = shell(*asked, "--roads", "none", "--hours", "weekends")
    assert (code, "a usable station within 5000m" in out) == (0, True)
    code, out, err = shell(*asked, "--hours", "tonight")
    assert (code, out, err.count("\n")) == (2, "", 1)


def test_sums_are_written_to_a_file(shell: Shell, tmp_path: Path) -> None:
    asked = ("coverage", str(tmp_path / "stops"), "--within", "5km", "--hours", "all")
    for name in ("areas.gpkg", "areas.csv"):
        assert shell(*asked, "-o", str(tmp_path / name))[0] == 0
    shapes, rows = gpd.read_file(tmp_path / "areas.gpkg"), pd.read_csv(tmp_path / "areas.csv")
    assert shapes["sites"].sum() == rows["sites"].sum() == 1_200
    assert shapes.geometry.notna().all()
    assert "geometry" not in rows


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("none.parquet",), "there is no file none.parquet"),
        (("./nowhere",), "there is no file nowhere"),
        (("parks",), "no layer 'parks'"),
        (("parks", "--scheduler", "tcp://h:1"), "for a file or folder of points"),
        (("{stops}", "--by", "site"), "county, prefecture or province"),
        (("{stops}", "--by", "hour", "--hours", "all"), "county, prefecture or province"),
        (("{stops}", "-o", "areas.pdf"), "written as one of .gpkg"),
        (("{stops}", "--beside", "800m"), "for layers of the register"),
        (("{stops}", "--scheduler", "h:1"), "a scheduler is tcp://host:port"),
    ],
)
def test_what_cannot_be_is_one_line(
    shell: Shell, tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    words = tuple(word.format(stops=tmp_path / "stops") for word in words)
    code, out, err = shell("coverage", *words, "--within", "1km", "--roads", "none")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert said in err
