"""``stations bulletin`` and ``stations audit coverage`` as their caller meets them."""

from __future__ import annotations

import json
import sqlite3
import sys
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from python_calamine import CalamineWorkbook

from stations.hours.clock import ZONE
from tests.shell import Shell

if TYPE_CHECKING:
    from pathlib import Path

STATIONS = """id,name,lon,lat,area_code,amenities,opening_hours
a,甲站,102.70,25.00,530102,toilet;water,24/7
b,乙站,102.71,25.01,530102,water,off
c,丙站,102.91,25.01,530111,water,24/7
"""
PARKS = """id,name,lon,lat,workers,area_code
p,甲园,102.70,25.001,100,530102
q,乙园,102.80,25.001,50,530111
"""


@pytest.fixture
def shell(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: Any) -> Shell:
    monkeypatch.setattr(sys, "argv", [])
    made = Shell(tmp_path, capsys)
    made.json("import", made.file("stations.csv", STATIONS), "--as", "stations")
    made.json("import", made.file("parks.csv", PARKS), "--as", "parks")
    return made


def today() -> str:
    return datetime.now(UTC).astimezone(ZONE).date().isoformat()


def test_a_bulletin_and_its_files(shell: Shell, tmp_path: Path) -> None:
    shell.json("findings", "update", "--only", "hours")
    paths = [str(tmp_path / f"通报.{kind}") for kind in ("xlsx", "html", "json")]
    outputs = [word for path in paths for word in ("-o", path)]
    told = shell.json("bulletin", "--since", today(), "--until", today(), *outputs)
    assert told["total"]["stations"] == 3
    assert told["total"]["opened"] == told["total"]["open"] == 1
    assert told["total"]["coverage"]["parks"]["share_paper"] == pytest.approx(100 / 150)
    written = json.loads((tmp_path / "通报.json").read_text("utf-8"))
    assert written == told
    assert "甲站" not in (tmp_path / "通报.html").read_text("utf-8")  # nothing is wrong there
    assert "乙站" in (tmp_path / "通报.html").read_text("utf-8")
    assert CalamineWorkbook.from_path(paths[0]).sheet_names[1].startswith("州市")
    code, out, _ = shell("bulletin", "--since", today(), "--until", today(), "--area", "530111")
    assert code == 0
    assert "使用中的驿站 1 个" in out
    assert "官渡区" in out or "昆明市" in out


def test_what_a_bulletin_refuses_is_one_line(shell: Shell, tmp_path: Path) -> None:
    for words in (
        ("--since", "2026-11-02", "--until", "2026-11-01"),
        ("--since", "2199-11-02", "--until", "2199-11-03"),
        ("--since", "x", "--until", "2026-11-01"),
        ("--since", today(), "--until", today(), "-o", str(tmp_path / "x.doc")),
        ("--since", today(), "--until", today(), "--layer", "nowhere"),
        ("--since", today(), "--until", today(), "--area", "yunnan"),
        ("--since", today(), "--until", today(), "-o", str(tmp_path / "no" / "x.json")),
    ):
        code, out, err = shell("bulletin", *words)
        assert (code, out, err.count("\n")) == (2, "", 1), words


def test_an_audit_is_signed_listed_and_checked(shell: Shell, tmp_path: Path) -> None:
    ask = ("audit", "coverage", "parks", "--within", "500m", "--needs", "toilet")
    plain = shell.json(*ask)
    assert plain["signed"] is None
    assert shell.json("audit", "signed")["signatures"] == []
    told = shell.json(*ask, "--date", today(), "--sign", "王芳", "-o", str(tmp_path / "s.html"))
    assert told["signed"]["who"] == "王芳"
    assert told["figures"]["total"]["paper"] == 168 * 100
    assert "王芳" in (tmp_path / "s.html").read_text("utf-8")
    [listed] = shell.json("audit", "signed")["signatures"]
    assert (listed["number"], listed["who"]) == (1, "王芳")
    assert shell.json("audit", "signed", "1") == told
    assert shell.json("audit", "signed", "1", "--check")["whole"] is True
    assert "数字一致" in shell("audit", "signed", "1", "--check")[1]
    with closing(sqlite3.connect(tmp_path / "register.db")) as raw:
        raw.execute("DROP TRIGGER signatures_no_update")
        raw.execute("UPDATE signatures SET document = replace(document, '16800', '16801')")
        raw.commit()
    code, out, _ = shell("audit", "signed", "1", "--check", "--json")
    found = json.loads(out)
    assert (code, found["figures"], found["history"]) == (1, False, False)
    assert found["broken"]["kind"] == "signature"
    assert {"where": "total.paper", "signed": 16801, "now": 16800} in found["differences"]
    code, out, _ = shell("audit", "signed", "1", "--check")
    assert code == 1
    assert "total.paper: 16801 → 16800" in out


def test_what_an_audit_refuses_is_one_line(shell: Shell) -> None:
    for words in (
        ("coverage", "parks", "--within", "500m", "--date", "2199-01-01"),
        ("coverage", "parks", "--within", "500m", "--date", today(), "--between", today(), today()),
        ("coverage", "parks", "--within", "500m", "--between", today(), "2020-01-01"),
        ("coverage", "parks", "--within", "500m", "--sign", " "),
        ("coverage", "parks", "--within", "far"),
        ("signed", "7"),
        ("signed", "--check"),
    ):
        code, out, err = shell("audit", *words)
        assert (code, out, err.count("\n")) == (2, "", 1), words
