"""Files that are no register, or cannot be used now: one clear error each, and left as they are."""

from __future__ import annotations

import os
import sqlite3
import sys
import tempfile
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import pytest
import shapely

from geodata.errors import StoreError, UsageError
from stations.catalogue import catalogue
from stations.errors import (
    StoreBusyError,
    StoreForeignError,
    StoreMissingError,
    StoreReadOnlyError,
    StoreVersionError,
)
from stations.store import Changes, Store
from tests.stations.register_samples import BY, stations, when

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NOBODY = 65534
ONE = Changes(stations({"A": {}}))


def _url(path: Path) -> str:
    return f"sqlite:///{path}"


@pytest.fixture
def register(tmp_path: Path) -> Path:
    path = tmp_path / "register.db"
    with Store.open(_url(path), create=True) as store:
        store.commit(ONE, **BY, at=when(0))
    return path


@pytest.mark.parametrize(
    "url",
    [
        "",
        "stations.db",
        "sqlite://",
        "sqlite:///",
        "sqlite:///:memory:",
        "sqlite:///a.db?mode=ro",
        "sqlite://user:secret@host/a.db",
        "sqlite:///a\0.db",
        "mysql://user:secret@host/db",
        "sqlite+secret:///a.db",
        "sqlite:///" + "a" * 9000 + "\0",
    ],
)
def test_a_url_that_names_no_file(url: str) -> None:
    with pytest.raises(UsageError, match=r"sqlite:///stations\.db") as refused:
        Store.open(url, create=True)
    assert "secret" not in str(refused.value).replace("sqlite+secret", "")


def test_nothing_there_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(StoreMissingError, match=r"stations demo.*stations import FILE"):
        Store.open(_url(tmp_path / "none.db"))
    assert list(tmp_path.iterdir()) == []


def test_create_makes_the_folder_and_keeps_what_is_there(tmp_path: Path) -> None:
    url = _url(tmp_path / "new" / "folder" / "register.db")
    with Store.open(url, create=True) as store:
        store.commit(ONE, **BY, at=when(0))
    with Store.open(url, create=True) as store:
        assert store.revision() == 1


def test_two_that_create_at_once_share_one_register(tmp_path: Path) -> None:
    url = _url(tmp_path / "register.db")
    with Store.open(url, create=True) as one, Store.open(url, create=True) as two:
        one.commit(ONE, **BY, at=when(0))
        assert two.revision() == 1


def test_a_place_where_no_file_can_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    for path in (tmp_path / "file" / "register.db", tmp_path / ("a" * 5000)):
        with pytest.raises(StoreError):
            Store.open(_url(path), create=True)
    with pytest.raises(StoreForeignError, match="folder"):
        Store.open(_url(tmp_path), create=True)


def _text(path: Path) -> None:
    path.write_text("id,name,lon,lat\n1,驿站,102.7,25.0\n")


def _long_text(path: Path) -> None:
    path.write_bytes(b"id,name,lon,lat\n" * 1000)


def _other_sqlite(path: Path) -> None:
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("CREATE TABLE meta (key TEXT, value TEXT)")
        raw.execute("INSERT INTO meta VALUES ('application', 'worker-stations')")
        raw.commit()


def _marked_but_empty(path: Path) -> None:
    with closing(sqlite3.connect(path)) as raw:
        raw.execute(f"PRAGMA application_id = {0x57525354}")


def _geopackage(path: Path) -> None:
    frame = gpd.GeoDataFrame({"name": ["a"]}, geometry=[shapely.Point(102, 25)], crs=4326)
    made = path.with_suffix(".gpkg")
    frame.to_file(made)
    made.rename(path)


@pytest.mark.parametrize("create", [True, False])
@pytest.mark.parametrize("make", [_text, _long_text, _other_sqlite, _marked_but_empty, _geopackage])
def test_another_program_s_file_is_refused_and_left_alone(
    tmp_path: Path, make: Callable[[Path], None], *, create: bool
) -> None:
    path = tmp_path / "foreign.db"
    make(path)
    before = path.read_bytes()
    with pytest.raises(StoreForeignError, match="register"):
        Store.open(_url(path), create=create)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_an_empty_file_becomes_a_register_only_when_asked(tmp_path: Path) -> None:
    path = tmp_path / "register.db"
    path.touch()
    with pytest.raises(StoreForeignError):
        Store.open(_url(path))
    assert path.stat().st_size == 0
    with Store.open(_url(path), create=True) as store:
        assert store.revision() == 0


@pytest.mark.parametrize(
    ("version", "error"),
    [("5", StoreVersionError), ("x", StoreForeignError), ("9" * 5000, StoreForeignError)],
)
def test_a_newer_program_s_register(register: Path, version: str, error: type[StoreError]) -> None:
    with closing(sqlite3.connect(register)) as raw:
        raw.execute("UPDATE meta SET value = ? WHERE key = 'schema_version'", (version,))
        raw.commit()
    with pytest.raises(error):
        Store.open(_url(register))


def test_a_damaged_file(register: Path) -> None:
    content = bytearray(register.read_bytes())
    content[4096:] = b"\x55" * (len(content) - 4096)
    register.write_bytes(content)
    with pytest.raises(StoreError, match="damaged; restore a backup"):
        Store.open(_url(register))


def test_a_writer_in_the_way_stops_writing_not_reading(register: Path) -> None:
    with (
        Store.open(_url(register), busy_s=0.01) as store,
        closing(sqlite3.connect(register, isolation_level=None)) as other,
    ):
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreBusyError, match="try again"):
            store.commit(ONE, **BY, at=when(1))
        assert store.stations().index.tolist() == ["A"]
        other.execute("ROLLBACK")
        assert store.commit(ONE, **BY, at=when(1)).number == 2


def test_a_database_that_is_locked_whole(register: Path) -> None:
    with closing(sqlite3.connect(register, isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreBusyError, match="try again"):
            Store.open(_url(register), busy_s=0.01)


@contextmanager
def _without_root() -> Iterator[None]:
    """Be an ordinary user for a while, for whom a file's rights count."""
    if os.geteuid():
        yield
        return
    catalogue()  # what is loaded late may lie where only root can read
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def protected(register: Path) -> Iterator[Path]:
    """Put the register in a folder anybody may read and nobody write."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "register.db")
        path.write_bytes(register.read_bytes())
        path.chmod(0o444)
        Path(folder).chmod(0o555)
        yield path
        Path(folder).chmod(0o755)


@pytest.mark.skipif(sys.platform == "win32", reason="rights of files are POSIX's here")
def test_a_register_that_can_only_be_read(protected: Path) -> None:
    for create in (False, True):
        with _without_root(), Store.open(_url(protected), create=create) as store:
            assert store.stations().index.tolist() == ["A"]
            with pytest.raises(StoreReadOnlyError, match="cannot be written"):
                store.commit(ONE, **BY, at=when(1))
            assert store.revision() == 1


def test_what_can_only_be_read_shows_a_file_put_in_its_place(protected: Path) -> None:
    newer = protected.with_name("newer.db")
    with _without_root(), Store.open(_url(protected)) as store:
        assert store.revision() == 1
        _be_owner_again(protected, newer)
        assert store.revision() == 2


def _be_owner_again(protected: Path, newer: Path) -> None:
    user = os.geteuid()
    if user == NOBODY:
        os.seteuid(0)
    try:
        protected.parent.chmod(0o755)
        newer.write_bytes(protected.read_bytes())
        with Store.open(_url(newer)) as store:
            store.commit(ONE, **BY, at=when(1))
        newer.chmod(0o444)
        newer.replace(protected)
        protected.parent.chmod(0o555)
    finally:
        if os.geteuid() != user:
            os.seteuid(user)


def test_a_read_only_register_whose_last_writes_are_not_merged(protected: Path) -> None:
    protected.parent.chmod(0o755)
    with Store.open(_url(protected)) as store:
        store.commit(ONE, **BY, at=when(1))
        log = protected.with_name("register.db-wal").read_bytes()
    Path(f"{protected}-wal").write_bytes(log)
    protected.parent.chmod(0o555)
    with _without_root(), pytest.raises(StoreReadOnlyError, match="-wal and cannot be merged here"):
        Store.open(_url(protected))


def test_a_reader_without_rights_sees_what_the_writer_at_work_commits(protected: Path) -> None:
    protected.parent.chmod(0o755)
    protected.chmod(0o644)
    with Store.open(_url(protected)) as writer:
        writer.commit(ONE, **BY, at=when(1))
        with _without_root(), Store.open(_url(protected)) as reader:
            assert reader.revision() == 2
            with pytest.raises(StoreReadOnlyError):
                reader.commit(ONE, **BY, at=when(1))


def test_a_file_nobody_may_even_read(protected: Path) -> None:
    protected.chmod(0)
    with _without_root(), pytest.raises(StoreError, match="cannot be opened"):
        Store.open(_url(protected))


def test_a_full_disk(register: Path) -> None:
    with Store.open(_url(register)) as store:
        many = Changes(stations({f"S{n}": {"name": "x" * 1000} for n in range(100)}))
        with store.transaction(writes=False) as connection:
            connection.exec_driver_sql("PRAGMA max_page_count = 15")
        with pytest.raises(StoreError, match="disk is full"):
            store.commit(many, **BY, at=when(1))
        assert store.revision() == 1
        assert store.stations().index.tolist() == ["A"]
