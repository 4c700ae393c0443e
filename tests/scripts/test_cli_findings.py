"""``stations findings`` and ``stations verify`` as their caller meets them."""

from __future__ import annotations

import json
import sqlite3
import sys
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from stations.store import Store
from tests.shell import Shell

if TYPE_CHECKING:
    from pathlib import Path

STATIONS = """id,name,lon,lat,area_code,amenities,opening_hours
a,甲站,102.70,25.00,530114,toilet;water,Mo-Fr 08:00-20:00
b,乙站,102.71,25.01,530114,water,off
"""


@pytest.fixture
def shell(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: Any) -> Shell:
    monkeypatch.setattr(sys, "argv", [])
    made = Shell(tmp_path, capsys)
    path = tmp_path / "stations.csv"
    path.write_text(STATIONS, "utf-8")
    made.json("import", str(path), "--as", "stations")
    return made


def test_a_day_of_the_inspectors(shell: Shell, tmp_path: Path) -> None:
    assert shell.json("findings")["findings"] == []
    told = shell.json("findings", "update", "--only", "hours", "--who", "巡查")
    assert told["audit"]["opened"] == 1
    [found] = shell.json("findings")["findings"]
    assert (found["rule"], found["severity"], found["station"]) == (
        "hours.never_open", "major", "b",
    )  # fmt: skip
    number = str(found["id"])
    code, _, err = shell("findings", "fix", number, "--why", "改好了")
    assert (code, err.count("\n")) == (2, 1)
    assert "only assign, waive, settle, confirm" in err
    given = shell.json("findings", "assign", number, "--to", "李明", "--due", "2099-12-31")
    assert (given["state"], given["due"], given["assignee"]) == ("assigned", "2099-12-31", "李明")
    done = shell.json(
        "findings", "fix", number, "--why", "改好了", "--proof", str(tmp_path / "stations.csv"),
        "--who", "李明",
    )  # fmt: skip
    assert [step["step"] for step in done["steps"]] == ["open", "assign", "fix"]
    [file] = done["steps"][-1]["proof"]
    assert (file["name"], file["bytes"]) == ("stations.csv", len(STATIONS.encode()))
    _, out, _ = shell("findings", "show", number)
    assert f"stations.csv, {file['bytes']} bytes, SHA-256 {file['sha256']}" in out
    assert shell.json("findings", "--state", "open,assigned")["findings"] == []
    assert len(shell.json("findings", "--state", "fixed", "--area", "5301")["findings"]) == 1
    own = ("findings", "verify", number, "--why", "看过", "--who", "李明")
    code, _, err = shell(*own)
    assert (code, "fixed by 李明: somebody else verifies it" in err) == (2, True)
    assert shell.json(*own, "--alone")["state"] == "verified"
    again = shell.json("findings", "reopen", number, "--why", "又错", "--seen", "wrong_hours")
    assert again["state"] == "reopened"
    assert shell.json("findings", "show", number) == again
    waived = shell.json("findings", "waive", number, "--until", "2099-01-01", "--why", "待搬迁")
    assert (waived["state"], waived["until"]) == ("waived", "2099-01-01")
    code, table, _ = shell("findings")
    assert (code, "waived" in table) == (0, True)
    assert shell.json("verify")["whole"] is True


def test_a_platforms_list_is_read_as_the_audit_reads_it(shell: Shell, tmp_path: Path) -> None:
    path = tmp_path / "高德.csv"
    path.write_text("id,name,lon,lat\n1,丙站,102.70,25.00\n", "utf-8")
    listed = ("--platform", str(path), "--platform-datum", "gcj02")
    audited = shell.json("audit", "--only", "platform", *listed)["findings"]
    told = shell.json("findings", "update", "--only", "platform", *listed)
    found = shell.json("findings")["findings"]
    assert told["audit"]["opened"] == len(found) == len(audited) > 0
    assert {(f["rule"], f["station"], f["fact"]) for f in found} == {
        (f["rule"], f["station"], f["fact"]) for f in audited
    }
    assert shell.json("findings", "update")["audit"]["gone"] == 0


def test_findings_hold_stars_down(shell: Shell, tmp_path: Path) -> None:
    asked = ("audit", "--standard", "fuzhou", "--station", "a")
    assert shell.json(*asked)["grades"][0]["grade"] == 0
    shell.json("findings", "update", "--only", "hours")
    [grade] = shell.json("audit", "--standard", "fuzhou", "--station", "b")["grades"]
    assert (grade["shown"], grade["held"]) == (0, [])
    path = tmp_path / "stars.xlsx"
    assert shell("audit", "--standard", "fuzhou", "--grades", str(path))[0] == 0
    sheet = pd.read_excel(path, engine="calamine")
    assert sheet["shown"].tolist() == [0, 0]
    assert sheet["told"].tolist() == ["未达级", "未达级"]
    code, _, err = shell("audit", "--standard", "national", "--grades", str(path))
    assert (code, "has no grades" in err) == (2, True)


def test_the_list_as_a_sheet(shell: Shell, tmp_path: Path) -> None:
    shell.json("findings", "update", "--only", "hours")
    path = tmp_path / "问题.xlsx"
    code, _, _ = shell("findings", "-o", str(path))
    sheet = pd.read_excel(path, engine="calamine")
    assert (code, sheet["驿站编号 station"].tolist()) == (0, ["b"])
    assert shell("findings", "-o", str(tmp_path / "x.txt"))[0] == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("findings", "--state", "done"), "state 'done' is not one of open"),
        (("findings", "--area", "云南"), "area code"),
        (("findings", "show", "9"), "no finding 9"),
        (("findings", "assign", "9", "--to", "甲"), "no finding 9"),
        (("findings", "waive", "9", "--until", "soon", "--why", "x"), "--until takes a day"),
        (("findings", "update", "--only", "nothing"), "no rule 'nothing'"),
        (("verify", "--noted", "xyz"), "8 digits"),
    ],
)
def test_what_is_wrong_is_one_line(shell: Shell, words: tuple[str, ...], said: str) -> None:
    code, out, err = shell(*words)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert said in err


def test_a_changed_byte_is_noticed(shell: Shell, tmp_path: Path) -> None:
    told = shell.json("verify")
    assert (told["whole"], told["links"], told["broken"]) == (True, 1, None)
    head = told["head"]
    assert "完整" in shell("verify", "--noted", head[:8])[1]
    assert shell("verify", "--noted", "0" * 64)[0] == 1
    with closing(sqlite3.connect(tmp_path / "register.db")) as raw:
        raw.execute("DROP TRIGGER station_versions_no_update")
        raw.execute("UPDATE station_versions SET name = '甲佔' WHERE id = 'a'")
        raw.commit()
    code, out, _ = shell("verify")
    assert (code, "revision 1 is not what was recorded" in out) == (1, True)
    code, out, _ = shell("verify", "--json")
    assert (code, json.loads(out)["broken"]["first"]) == (1, 1)


def test_what_was_never_chained_is_neither_whole_nor_broken(shell: Shell, tmp_path: Path) -> None:
    for each in tmp_path.glob("register.db*"):
        each.unlink()
    Store.open(f"sqlite:///{tmp_path}/register.db", create=True).close()
    told = shell.json("verify")
    assert (told["whole"], told["links"]) == (None, 0)
    assert "尚无校验" in shell("verify")[1]
    assert "被重写" in shell("verify", "--noted", "0" * 8)[1]
