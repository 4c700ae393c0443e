"""``stations history``, ``undo`` and ``activities`` as their caller meets them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import icalendar
import pandas as pd
import pytest

from tests.shell import Shell

if TYPE_CHECKING:
    from pathlib import Path

STATIONS = """id,name,lon,lat,area_code,capacity,opening_hours
a,甲站,102.70,25.00,530114,12,Mo-Fr 08:00-20:00
b,乙站,102.71,25.01,530114,,24/7
"""
LATER = """id,name,lon,lat
a,甲站改名,102.70,25.00
c,丙站,102.72,25.02
"""
TIMES = ("--starts", "2026-11-20T14:00", "--ends", "2026-11-20T16:00")


@pytest.fixture
def shell(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: Any) -> Shell:
    monkeypatch.setattr(sys, "argv", [])
    made = Shell(tmp_path, capsys)
    for name, text in (("one.csv", STATIONS), ("two.csv", LATER)):
        made.json("import", made.file(name, text), "--as", "stations", "--who", "王芳")
    return made


def test_history_and_undo(shell: Shell) -> None:
    told = shell.json("history", "a")["revisions"]
    assert [each["revision"] for each in told] == [2, 1]
    assert [each["field"] for each in told[0]["changes"]] == ["name"]
    code, out, _ = shell("history", "a")
    assert (code, "名称 name: 甲站 → 甲站改名" in out, "王芳" in out) == (0, True, True)
    made = shell.json("undo", "a", "--revision", "2", "--why", "误改")
    assert made["changes"][0]["after"]["zh"] == "甲站"
    code, _, error = shell("undo", "--whole", "--revision", "2", "--why", "误导入")
    assert (code, error) == (0, "")
    found = shell.json("nearest", "102.70,25.00", "--limit", "9")["stations"]
    assert {each["id"] for each in found} == {"a", "b"}
    assert shell.json("history", "c")["revisions"][0]["removed"]
    for words in (("a",), ("a", "--whole"), ()):
        assert shell("undo", *words, "--revision", "9", "--why", "x")[0] == 2
    assert shell("history", "nobody")[0] == 2


def test_activities(shell: Shell, tmp_path: Path) -> None:
    plan = ("activities", "plan", "a", "--kind", "理发", "--title", "义剪")
    made = shell.json(*plan, *TIMES)
    assert made["kind"] == "haircut"
    number = str(made["number"])
    assert shell("activities", "plan", "nobody", *plan[3:], *TIMES)[0] == 2
    assert shell.json("activities", "held", number, "--came", "35")["came"] == 35
    assert shell("activities", "call-off", number, "--why", "x")[0] == 2
    listed = shell.json("activities", "--area", "5301")
    assert (listed["total"], listed["months"][0]["came"]) == (1, 35)
    assert shell.json("activities", "--since", "2026-12-01")["total"] == 0
    sheet, feed = tmp_path / "活动.xlsx", tmp_path / "活动.ics"
    for path in (sheet, feed):
        code, out, _ = shell("activities", "-o", str(path))
        assert (code, "义剪" in out) == (0, True)
    assert "35" in pd.read_excel(sheet, engine="calamine")["到场人数"].astype(str).tolist()
    (event,) = icalendar.Calendar.from_ical(feed.read_bytes()).events
    assert (str(event["summary"]), event["sequence"]) == ("义剪", 1)
