"""The doctor: nothing wrong with what is well, and each fault found, with how to mend it."""

from __future__ import annotations

import hashlib
import sqlite3
import sys
from contextlib import closing
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from scripts.cli.doctor import look, machine
from stations.store import Changes, Store
from tests.shell import Shell
from tests.web import sample

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 9, 1, 12, tzinfo=ZoneInfo("Asia/Shanghai"))
LATER = datetime(2026, 12, 1, 12, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture
def shell(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Shell:
    monkeypatch.setattr(sys, "argv", sys.argv)
    tmp_path.chmod(0o700)
    monkeypatch.setenv("STATIONS_DATA", str(tmp_path))
    monkeypatch.setenv("STATIONS_STAFF_TOKEN", "Zr8-kq2-WvB-7pt-Lm4")
    made = Shell(tmp_path, capsys)
    with Store.open(made.db, create=True) as store:
        changes = Changes(stations=sample.stations())
        store.commit(changes, who="王芳", why="first", at=sample.WHEN)
    return made


def found(db: str, *, now: datetime = LATER, whole: bool = False) -> dict[str, tuple[str, str]]:
    return {each.check: (each.level, each.said) for each in look(db, now=now, whole=whole)}


def test_what_is_well_is_healthy(shell: Shell) -> None:
    told = shell.json("doctor", "--whole")
    assert told["healthy"] is True
    assert not [each for each in told["found"] if each["level"] == "wrong"]
    checks = {each["check"] for each in told["found"]}
    assert checks >= {
        *("python", "packages", "fonts", "paper", "tokens", "proxy", "data folder", "roads"),
        *("leftovers", "schema", "register", "history", "accounts", "photos", "file rights"),
    }
    code, text, _ = shell("doctor")
    assert code == 0
    assert "好 good   history" in text


def test_every_fault_says_how_to_mend_it(shell: Shell) -> None:
    for each in look("sqlite:////nowhere/at/all.db", now=NOW, whole=True):
        assert each.level == "good" or each.mend
    code, text, _ = shell("doctor", db="sqlite:////nowhere/at/all.db")
    assert code == 1
    assert "错误 wrong  register: /nowhere/at/all.db: no register here yet" in text


def test_a_changed_history_is_found(shell: Shell) -> None:
    with closing(sqlite3.connect(shell.folder / "register.db")) as raw, raw:
        for (name,) in raw.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'"):
            raw.execute(f"DROP TRIGGER {name}")
        raw.execute("UPDATE station_versions SET name = 'other' WHERE id = 'S001'")
    level, said = found(shell.db)["history"]
    assert level == "wrong"
    assert "revision 1 is not what was recorded" in said


def test_photos_that_are_missing_or_changed_are_found(shell: Shell) -> None:
    sha = hashlib.sha256(b"sent").hexdigest()
    note = shell.folder / "photos" / "sent" / sha[:2] / f"{sha}.json"
    note.parent.mkdir(parents=True)
    note.write_text("{}", "utf-8")
    level, said = found(shell.db)["photos"]
    assert level == "wrong"
    assert said.startswith("1 missing or changed")


@pytest.mark.parametrize(
    ("name", "value", "check", "level"),
    [
        ("STAFF_TOKEN", "changeme-changeme", "tokens", "wrong"),
        ("STAFF_TOKEN", "aaaaaaaaaaaaaaaaaaaa", "tokens", "wrong"),
        ("STAFF_TOKEN", "", "accounts", "wrong"),
        ("ROADS", "/nowhere/at/all", "roads", "wrong"),
        ("PROXIES", "1", "proxy", "hint"),
        ("NO_SUCH_NAME", "1", "settings", "wrong"),
    ],
)
def test_settings_that_are_not_good(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, name: str, value: str, check: str, level: str
) -> None:
    monkeypatch.setenv(f"STATIONS_{name}", value)
    assert found(shell.db)[check][0] == level


def test_files_others_may_read_and_leftovers(shell: Shell) -> None:
    shell.folder.chmod(0o755)
    assert found(shell.db)["file rights"][0] == "hint"
    shell.folder.chmod(0o700)
    assert found(shell.db)["file rights"][0] == "good"
    assert found(shell.db)["write-ahead log"][0] == "good"
    assert found(shell.db)["leftovers"] == ("good", "none")


@pytest.mark.parametrize(
    ("year", "month", "level"),
    [(1970, 1, "wrong"), (2026, 6, "good"), (2026, 12, "hint"), (2055, 1, "wrong")],
)
def test_the_clock_and_the_calendar(year: int, month: int, level: str) -> None:
    now = datetime(year, month, 1, tzinfo=ZoneInfo("Asia/Shanghai"))
    assert [each.level for each in machine._clock(now)] == [level]


def test_a_revision_after_now_is_a_clock_gone_wrong(shell: Shell) -> None:
    level, said = found(shell.db, now=NOW)["register"]
    assert level == "wrong"
    assert "after now" in said


def test_nothing_secret_is_told(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STATIONS_METRICS_TOKEN", "Zr8-kq2-of-measures")
    told: Any = shell.json("doctor")
    assert "Zr8-kq2" not in str(told)
