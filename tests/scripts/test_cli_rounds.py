"""``stations rounds``: a day's round on the terminal and as files."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest
from python_calamine import CalamineWorkbook

from tests.shell import Shell

if TYPE_CHECKING:
    from pathlib import Path

STATIONS = """id,name,lon,lat,area_code,opening_hours,capacity
a,甲站,102.70,25.00,530102,Mo-Fr 08:00-12:00,30
b,乙站,102.71,25.01,530102,,20
c,=1+1,102.72,25.01,530103,24/7,10
d,丁站,102.72,25.01,530103,"Sa,Su 08:00-12:00",10
"""
ASKED = ("--date", "2026-11-24", "--start", "102.7,25.0")


@pytest.fixture
def shell(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: Any) -> Shell:
    monkeypatch.setattr(sys, "argv", [])
    made = Shell(tmp_path, capsys)
    made.json("import", made.file("stations.csv", STATIONS), "--as", "stations")
    return made


def test_a_round_is_told_and_written(shell: Shell, tmp_path: Path) -> None:
    paths = {kind: tmp_path / f"巡检.{kind}" for kind in ("xlsx", "json", "gpx", "html", "pdf")}
    wanted = [word for path in paths.values() for word in ("-o", str(path))]
    told = shell.json("rounds", *ASKED, "--lunch", "45", *wanted)
    [route] = told["routes"]
    assert {stop["id"] for stop in route["stops"]} == {"a", "b", "c"}
    assert [(each["id"], each["reason"]) for each in told["left_out"]] == [("d", "closed")]
    rows = CalamineWorkbook.from_path(paths["xlsx"]).get_sheet_by_name("行程 Route").to_python()
    assert any("=1+1" in row for row in rows)
    root = ET.parse(paths["gpx"]).getroot()  # noqa: S314 - our own
    points = root.findall(".//{*}rtept")
    assert len(points) == 5
    assert (points[0].get("lon"), points[0].get("lat")) == ("102.700000", "25.000000")
    assert paths["pdf"].read_bytes().startswith(b"%PDF")
    assert "甲站" in paths["html"].read_text("utf-8")
    assert not list(tmp_path.glob(".writing-*"))
    assert shell.json("rounds", *ASKED, "--lunch", "45") == told


def test_two_inspectors_have_days_of_their_own(shell: Shell) -> None:
    code, out, err = shell(
        "rounds", *ASKED, "--start", "102.72,25.01", "--inspectors", "王芳，李明",
        "--jurisdiction", "530102", "--jurisdiction", "530103", "--from", "09:00", "--visits", "1",
    )  # fmt: skip
    assert (code, err) == (0, "")
    assert "王芳: " in out
    assert "李明: " in out
    assert "2 of the 3 most urgent of 4 stations" in out
    assert "未安排 left out" in out
    assert "estimated from the straight distance" in out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--start", "here"), "is not a position"),
        (("--start", "25.0,102.7"), "swap"),
        ((*ASKED, "--date", "24.11.2026"), "--date takes a day"),
        ((*ASKED, "--from", "8"), "08:30"),
        ((*ASKED, "--from", "18:00"), "working time"),
        ((*ASKED, "--area", "99"), "no station in use"),
        ((*ASKED, "--inspectors", "甲,甲"), "another name"),
        ((*ASKED, "--inspectors", "甲,乙,丙", "--until", "17:00", "--until", "18:00"), "--until"),
        ((*ASKED, "--candidates", "0"), "candidates"),
        ((*ASKED, "-o", "巡检.doc"), ".pdf"),
        ((*ASKED, "-o", "no/folder/巡检.pdf"), "folder that exists"),
    ],
)
def test_what_is_wrong_is_one_line(shell: Shell, words: tuple[str, ...], said: str) -> None:
    code, out, err = shell("rounds", *words)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert said in err


def test_the_start_is_needed(shell: Shell) -> None:
    code, _, err = shell("rounds")
    assert code == 2
    assert "--start" in err
