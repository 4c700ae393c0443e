"""``stations coverage`` by minutes and with two limits, as its caller meets it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import geopandas as gpd
import pytest

from scripts.cli import cover
from tests.roads import liechtenstein_folder
from tests.shell import Shell

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["liechtenstein_folder"]

STATIONS = "id,name,lon,lat,amenities\na,甲站,102.70,25.00,toilet;water\n"
SITES = (
    "id,name,lon,lat,workers\n1,近,102.701,25.0,30\n"
    "2,<script>alert(1)</script>,102.710,25.0,10\n3,远,103.9,25.0,5\n"
)


@pytest.fixture
def shell(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Shell:
    monkeypatch.setattr(sys, "argv", [])
    monkeypatch.setattr(cover, "CACHE_FOLDER", tmp_path / "reach")
    monkeypatch.delenv("STATIONS_ROADS", raising=False)
    return Shell(tmp_path, capsys)


@pytest.fixture
def filled(shell: Shell) -> Shell:
    for name, text in (("stations", STATIONS), ("work_sites", SITES)):
        path = shell.folder / f"{name}.csv"
        path.write_text(text, "utf-8")
        shell.json("import", str(path), "--as", name)
    return shell


@pytest.fixture
def country(shell: Shell, shared_data: Path) -> Shell:
    file = str(shared_data / "osm" / "liechtenstein-latest.osm.pbf")
    for name in ("stations", "parks"):
        shell.json("import", file, "--as", name)
    return shell


def test_minutes_without_roads_say_that_they_are_estimated(filled: Shell) -> None:
    asked = ("coverage", "work_sites", "--within", "10min", "--roads", "none")
    told = filled.json(*asked, "--mode", "ebike", "--by", "site")
    assert (told["method"]["estimated"], told["method"]["roads"]) == ("all", None)
    assert [row["covered"] for row in told["rows"]] == [1, 1, 0]
    assert all(row["estimated"] for row in told["rows"])
    assert told["rows"][1]["nearest_min"] == pytest.approx(1009.4 * 1.35 / 300, abs=0.01)
    code, out, err = filled(*asked, "--by", "site")
    assert (code, err) == (0, "")
    assert "a station within 10min 步行 walk, 估计 estimated" in out
    assert "min are" in out
    metres = filled("coverage", "work_sites", "--within", "1km")[1]
    assert "估计" not in metres
    assert not (filled.folder / "reach").exists()


def test_two_limits_are_set_side_by_side(filled: Shell) -> None:
    asked = ("coverage", "work_sites", "--within", "10min", "--beside", "1.1km", "--roads", "none")
    told = filled.json(*asked)
    assert told["total"]["covered"] == 1
    assert told["beside"]["total"]["covered"] == 2
    flips = told["flips"]
    assert [flips[name] for name in ("less", "more", "flips")] == [1, 0, 1]
    assert [row["id"] for row in flips["sites"]] == ["2"]
    assert flips["sites"][0]["here"]["covered"] is False
    assert flips["sites"][0]["beside"]["covered"] is True
    code, out, err = filled(*asked, "-o", str(filled.folder / "flips.gpkg"))
    assert (code, err) == (0, "")
    assert "1 flip" in out
    frame = gpd.read_file(filled.folder / "flips.gpkg").set_index("id")
    assert frame["flips"].to_dict() == {"1": False, "2": True, "3": False}


def test_two_limits_on_one_map(filled: Shell) -> None:
    page = filled.folder / "flips.html"
    asked = ("coverage", "work_sites", "--within", "10min", "--beside", "1.1km", "--roads", "none")
    assert filled(*asked, "-o", str(page))[0] == 0
    text = page.read_text("utf-8")
    assert "10min 步行 walk" in text
    assert "estimated" in text
    assert "<script>alert(1)" not in text


@pytest.mark.shared_data
def test_minutes_over_roads_name_the_network(country: Shell, liechtenstein_folder: Path) -> None:
    asked = ("coverage", "parks", "--within", "10min", "--roads", str(liechtenstein_folder))
    told = country.json(*asked, "--beside", "800m", "--by", "site")
    assert told["method"]["roads"]["source"] == "liechtenstein-latest.osm.pbf"
    assert told["method"]["estimated"] == "none"
    assert told["flips"]["less"] > 0
    kept = [path.stat().st_ino for path in (country.folder / "reach").iterdir()]
    assert len(kept) == 1
    again = country.json(*asked, "--beside", "800m", "--by", "site")
    assert again == told
    assert [path.stat().st_ino for path in (country.folder / "reach").iterdir()] == kept
    code, out, err = country(*asked)
    assert (code, err) == (0, "")
    assert "Minutes over the roads of liechtenstein-latest.osm.pbf, map of 20" in out
    assert "Sampled: areas by about 64 to 400 grid points" in out


@pytest.mark.shared_data
def test_a_damaged_network_is_one_line_and_exit_code_2(
    country: Shell, liechtenstein_folder: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "roads"
    broken.mkdir()
    (broken / "current").write_text((liechtenstein_folder / "current").read_text())
    asked = ("coverage", "parks", "--within", "10min", "--roads", str(broken))
    code, out, err = country(*asked)
    assert (code, out) == (2, "")
    assert len(err.strip().splitlines()) == 1
    assert "damaged" in err
    assert country("coverage", "parks", "--within", "1km", "--roads", str(broken))[0] == 0
