"""A backup is taken while the register is written to, and restored row for row, photos too."""

from __future__ import annotations

import hashlib
import sqlite3
import sys
import threading
from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from geopandas.testing import assert_geodataframe_equal

from scripts.cli.files_kept import beside
from stations.store import Changes, Store
from tests.shell import Shell
from tests.web import sample

if TYPE_CHECKING:
    from pathlib import Path

LOCAL = {"meta"}
"""Tables that say something of the file, not of the register."""


@pytest.fixture
def shell(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Shell:
    monkeypatch.setattr(sys, "argv", sys.argv)
    made = Shell(tmp_path, capsys)
    with Store.open(made.db, create=True) as store:
        _record(store, 0)
    return made


def _record(store: Store, number: int) -> None:
    frame = sample.stations().iloc[: 5 + number].assign(phone=f"0871-{number}")
    at = sample.WHEN + timedelta(minutes=number)
    store.commit(Changes(stations=frame), who="王芳", why=f"change {number}", at=at)


def photo(folder: Path, data: bytes) -> Path:
    name = hashlib.sha256(data).hexdigest()
    path = folder / "photos" / name[:2] / f"{name}.jpg"
    path.parent.mkdir(parents=True)
    path.write_bytes(data)
    return path


def rows(path: Path) -> dict[str, list[Any]]:
    with closing(sqlite3.connect(path)) as raw:
        names = raw.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
        tables = {str(name) for (name,) in names if not str(name).startswith("sqlite_")}
        return {
            name: sorted(raw.execute(f'SELECT * FROM "{name}"').fetchall(), key=repr)
            for name in sorted(tables - LOCAL)
        }


def test_a_backup_of_a_register_in_use_is_restored_row_for_row(shell: Shell) -> None:
    kept = photo(shell.folder, b"a photo")
    (shell.folder / "photos" / ".new-half").write_bytes(b"unfinished")
    (shell.folder / "plans" / "p").mkdir(parents=True)
    (shell.folder / "plans" / "p" / "plan.json").write_text("{}", "utf-8")
    over = threading.Event()

    def write() -> None:
        with Store.open(shell.db) as store:
            for number in range(1, 40):
                _record(store, number)
                if over.is_set():
                    return

    writing = threading.Thread(target=write)
    writing.start()
    saved = shell.folder / "saved" / "night.db"
    saved.parent.mkdir()
    code, out, err = shell("backup", "-o", str(saved))
    over.set()
    writing.join()
    assert (code, err) == (0, "")
    assert "2 files beside it" in out
    fresh = shell.folder / "other" / "stations.db"
    fresh.parent.mkdir()
    code, out, _ = shell("restore", str(saved), db=f"sqlite:///{fresh}")
    assert code == 0
    assert rows(fresh) == rows(saved)
    assert (fresh.parent / kept.relative_to(shell.folder)).read_bytes() == b"a photo"
    assert (fresh.parent / "plans" / "p" / "plan.json").is_file()
    assert not [*fresh.parent.rglob(".new-*")]
    with Store.open(f"sqlite:///{fresh}") as restored, Store.open(shell.db) as now:
        assert restored.verify().broken is None
        number = restored.revision()
        assert restored.revisions() == now.revisions()[:number]
        for at in range(1, number + 1):
            assert_geodataframe_equal(restored.stations(as_of=at), now.stations(as_of=at))


def test_a_point_in_time_comes_out_of_a_backup(shell: Shell) -> None:
    with Store.open(shell.db) as store:
        then = store.stations()
        _record(store, 1)
        _record(store, 2)
    saved = shell.folder / "saved.db"
    assert shell("backup", "-o", str(saved))[0] == 0
    out = shell.folder / "then.geojson"
    moment = (sample.WHEN + timedelta(seconds=59)).isoformat()
    for as_of in ("1", moment):
        asked = ("export", "stations", "-o", str(out), "--as-of", as_of)
        assert shell(*asked, db=f"sqlite:///{saved}")[0] == 0
        text = out.read_text("utf-8")
        assert text.count("0871-0") == len(then)
        assert "0871-1" not in text
        out.unlink()


def test_a_photo_that_was_changed_is_told(shell: Shell) -> None:
    photo(shell.folder, b"a photo").write_bytes(b"another")
    saved = shell.folder / "saved.db"
    code, _, err = shell("backup", "-o", str(saved))
    assert code == 2
    assert "is not the photo it was" in err
    assert beside(saved).name == "saved.db.files"
