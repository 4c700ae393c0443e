"""``stations visits`` as its caller meets it."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from tests.shell import Shell
from tests.stations.audit import phone_photos as phone

if TYPE_CHECKING:
    from pathlib import Path

STATIONS = """id,name,lon,lat,area_code,amenities,opening_hours
a,甲站,102.70,25.00,530114,toilet;water,Mo-Fr 08:00-20:00
b,乙站,102.71,25.01,530114,water,24/7
"""


@pytest.fixture
def shell(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: Any) -> Shell:
    monkeypatch.setattr(sys, "argv", [])
    made = Shell(tmp_path, capsys)
    made.json("import", made.file("stations.csv", STATIONS), "--as", "stations")
    return made


def test_a_form_by_mail(shell: Shell, tmp_path: Path) -> None:
    assert shell.json("visits")["visits"] == []
    path = tmp_path / "核查表.json"
    told = shell.json("visits", "form", "a", "--standard", "fuzhou", "-o", str(path))
    assert {"amenity.toilet", "seen.area_m2"} <= {each["id"] for each in told["questions"]}
    document = json.loads(path.read_text("utf-8"))
    document["visit"]["answers"] = {"enter.door": "open", "amenity.toilet": "broken", "x": 1}
    path.write_text(json.dumps(document), "utf-8")
    picture = tmp_path / "门.jpg"
    picture.write_bytes(phone.jpeg(102.70, 25.00))
    words = ("visits", "record", str(path), "--who", "王芳", "--photo", str(picture))
    made = shell.json(*words)
    assert (made["new"], made["who"], made["outcome"]) == (True, "王芳", "missing_amenity")
    assert made["unread"] == ["x"]
    assert made["photos"][0]["here"]
    assert shell.json(*words)["new"] is False
    code, out, _ = shell(*words)
    assert code == 0
    assert "recorded before" in out
    assert "登记的设施坏了" in out
    listed = shell.json("visits", "--area", "5301", "--who", "王芳")
    assert (listed["total"], listed["visits"][0]["station"]) == (1, "a")
    assert shell.json("visits", "--since", "2099-01-01")["visits"] == []
    sheet = tmp_path / "核查.xlsx"
    code, out, _ = shell("visits", "-o", str(sheet))
    assert (code, "王芳" in out) == (0, True)
    assert pd.read_excel(sheet, engine="calamine")["驿站编号 station"].tolist() == ["a"]
    assert shell.json("findings", "--state", "open")["findings"][0]["rule"] == (
        "amenities.seen_broken"
    )
    code, out, _ = shell("verify")
    assert code == 0
    code, out, _ = shell("visits", "sweep")
    assert (code, out) == (0, "0 photos removed\n")


def test_the_form_is_shown(shell: Shell) -> None:
    code, out, err = shell("visits", "form", "a")
    assert (code, err) == (0, "")
    assert "amenity.toilet" in out


def test_what_cannot_be_recorded_is_one_line(shell: Shell, tmp_path: Path) -> None:
    now = datetime.now(UTC).isoformat()
    sound = {"station": "a", "key": "k", "at": now, "outcome": "worked"}
    picture = tmp_path / "x.jpg"
    picture.write_bytes(b"no picture")
    filled = shell.file("sound.json", json.dumps(sound))
    cases: list[tuple[str, ...]] = [
        ("record", shell.file("a.json", "{")),
        ("record", shell.file("b.json", "[" * 100_000)),
        ("record", shell.file("c.json", "[]")),
        ("record", shell.file("d.json", json.dumps({**sound, "station": "nowhere"}))),
        ("record", shell.file("e.json", json.dumps({**sound, "at": "2020-01-01T00:00:00Z"}))),
        ("record", filled, "--photo", str(picture)),
        ("record", str(tmp_path / "missing.json")),
        ("form", "nowhere"),
        ("form", "a", "--standard", "nothing"),
        ("form", "a", "-o", str(tmp_path / "x.txt")),
        ("--since", "yesterday"),
        ("--area", "x"),
        ("-o", str(tmp_path / "x.pdf")),
    ]
    for words in cases:
        code, _, err = shell("visits", *words)
        assert code == 2, words
        assert "Traceback" not in err
    assert shell.json("visits")["total"] == 0
    assert shell.json("visits", "record", filled)["new"] is True


def test_every_command_helps(shell: Shell) -> None:
    for words in ((), ("form",), ("record",), ("sweep",)):
        code, out, _ = shell("visits", *words, "--help")
        assert (code, "Example: stations visits" in out) == (0, True)
