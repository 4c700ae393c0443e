"""A register taken from one database into another is the same register, row for row."""

from __future__ import annotations

import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from geodata.errors import StoreError, UsageError
from stations.errors import StoreConflictError
from stations.store import Changes, Store, backup, copy
from stations.store._meta import APPLICATION_ID
from tests.shell import Shell
from tests.stations.register_samples import BY, stations, when
from tests.stations.whole import fill, rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.postgres import Server


@pytest.fixture
def filled(url: str) -> Iterator[Store]:
    with Store.open(url, create=True) as store:
        fill(store)
        yield store


def test_both_databases_hold_the_same_and_hash_it_alike(filled: Store, tmp_path: Path) -> None:
    with Store.open(f"sqlite:///{tmp_path}/other.db", create=True) as other:
        fill(other)
        assert all(rows(filled).values())
        assert rows(filled) == rows(other)
        assert filled.verify() == other.verify()
        assert filled.head() == other.head() != ""


@pytest.mark.parametrize("to", ["sqlite", "postgresql"])
def test_a_copy_is_the_same_register(
    filled: Store, to: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    target = f"sqlite:///{tmp_path}/copy.db"
    if to == "postgresql":
        target = request.getfixturevalue("postgres").register()
    told: list[tuple[int, int]] = []
    with Store.open(target, create=True) as other:
        assert copy(filled, other, lambda *each: told.append(each)) == filled.verify()
        assert rows(other) == rows(filled)
        assert told[-1] == (sum(map(len, rows(filled).values())),) * 2
        more = Changes(stations({"new": {}}))
        for each in (filled, other):  # both go on, alike
            each.commit(more, **BY, at=when(9))
            each.accounts.change("anna", {"title": "新"}, who="x", at=when(9))
        assert (other.head(), rows(other)) == (filled.head(), rows(filled))
        with pytest.raises(StoreConflictError, match="expected an empty register"):
            copy(filled, other)


@pytest.mark.parametrize("version", [0, 1, 2, 3])
def test_a_register_of_an_earlier_schema_into_postgresql(
    tmp_path: Path, postgres: Server, version: int
) -> None:
    path = tmp_path / "old.db"
    with closing(sqlite3.connect(path)) as raw:
        raw.executescript(Path(__file__).with_name(f"schema_{version}.sql").read_text("utf-8"))
        raw.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    with Store.open(f"sqlite:///{path}") as old, Store.open(postgres.register()) as new:
        copy(old, new)
        assert old.upgrade()[0] == version  # it was left alone till now
        assert rows(new) == rows(old)
        assert new.verify() == old.verify()


def test_a_history_that_is_broken_is_not_copied(tmp_path: Path) -> None:
    path = tmp_path / "register.db"
    with (
        Store.open(f"sqlite:///{path}", create=True) as store,
        Store.open(f"sqlite:///{tmp_path}/copy.db", create=True) as other,
    ):
        fill(store)
        with closing(sqlite3.connect(path)) as raw:
            raw.execute("DROP TRIGGER revisions_no_update")
            raw.execute("UPDATE revisions SET why = 'other' WHERE number = 2")
            raw.commit()
        with pytest.raises(StoreError, match="first at revision 2"):
            copy(store, other)
        assert other.revision() == 0
        with pytest.raises(StoreError, match="revision 2"):
            backup(store, tmp_path / "backup.db")
        assert not list(tmp_path.glob("backup*"))


def test_a_backup_while_others_write_is_one_state(filled: Store, tmp_path: Path) -> None:
    """What is recorded while it is written is not in it."""
    before = rows(filled)
    writes = iter([Changes(stations({"late": {}}))])

    def meanwhile(done: int, total: int) -> None:
        del done, total
        for changes in writes:
            filled.commit(changes, **BY, at=when(9))

    backup(filled, tmp_path / "kept.db", meanwhile)
    assert filled.revision() == 3
    with Store.open(f"sqlite:///{tmp_path}/kept.db") as kept:
        assert rows(kept) == before
    assert (tmp_path / "kept.db").stat().st_mode & 0o777 == 0o600
    with pytest.raises(UsageError, match="there is such a file"):
        backup(filled, tmp_path / "kept.db")
    with pytest.raises(StoreError, match="No such file"):
        backup(filled, tmp_path / "none" / "kept.db")


def test_backup_and_restore_on_the_command_line(
    url: str,
    tmp_path: Path,
    request: pytest.FixtureRequest,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "argv", [])
    run, file = Shell(tmp_path, capsys), str(tmp_path / "b.db")
    with Store.open(url, create=True) as store:
        fill(store)
        before, head = rows(store), store.head()
    there = f"sqlite:///{tmp_path}/restored.db"
    if url.startswith("postgresql"):
        server: Server = request.getfixturevalue("postgres")
        there = server.url(server.database())
    code, out, err = run("backup", "-o", file, db=url)
    assert (code, err) == (0, "")
    assert head in out
    assert run("restore", file, "--json", db=there)[0] == 0
    with Store.open(there) as store:
        assert rows(store) == before
        assert store.verify().head == head
    for words, said in ((file, "expected an empty register"), (f"{file}x", "no such file")):
        code, _, err = run("restore", words, db=there)
        assert code == 2
        assert said in err
    assert run("upgrade", db=there)[:2] == (0, "schema 4, nothing to do\n")
