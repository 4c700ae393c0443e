"""A register written before sites had days and stations had places: nothing of it is lost.

``schema_1.sql`` is a dump of a register made by the program that knew schema 1 only, and so on;
schema 0 is the very first, which called itself 1.
"""

from __future__ import annotations

import json
import os
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from geopandas.testing import assert_geodataframe_equal

from geodata.errors import StoreError
from stations.registry import Registry
from stations.schema import STATION_COLUMNS, UNSTATED
from stations.store import Changes, Entry, Store, check_frame, copy, station_records
from stations.store._meta import APPLICATION_ID
from stations.store._tables import metadata
from stations.store._versions import SCHEMA_VERSION
from stations.trust import Evidence
from tests.stations.register_samples import BY, sites, stations, when
from tests.stations.test_store_files import _without_root

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.engine import Connection

LAYER = "building_sites"
DAYS = {
    "backwards": ("", ""),
    "dated": ("2026-03-01", "2026-09-30"),
    "plain": ("", ""),
    "slashed": ("", "2026-09-30"),
    "unclear": ("", ""),
}
LEFT = {
    "backwards": {"start": "2026-09-30", "end": "2026-03-01"},
    "dated": {"phase": "一期"},
    "plain": {},
    "slashed": {},
    "unclear": {"开工日期": "明年春天"},
}


@pytest.fixture
def old(tmp_path: Path) -> Path:
    path = tmp_path / "old.db"
    script = Path(__file__).with_name("schema_1.sql").read_text("utf-8")
    with closing(sqlite3.connect(path)) as raw:
        raw.executescript(script)
        raw.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    return path


def _open(path: Path) -> Store:
    return Store.open(f"sqlite:///{path}")


def _schema(path: Path) -> tuple[str, set[str]]:
    with closing(sqlite3.connect(path)) as raw:
        (version,) = raw.execute("SELECT value FROM meta WHERE key = 'schema_version'").fetchone()
        names = {row[1] for row in raw.execute("PRAGMA table_info(site_versions)")}
    return version, names & {"from", "until"}


def _days_and_the_rest(store: Store, as_of: int | None = None) -> tuple[object, object]:
    frame = store.sites(LAYER, as_of)
    days = zip(frame["from"], frame["until"], strict=True)
    left = map(json.loads, frame["attributes"])
    return dict(zip(frame.index, days, strict=True)), dict(zip(frame.index, left, strict=True))


def test_it_is_read_as_it_is(old: Path) -> None:
    with _open(old) as store:
        assert _days_and_the_rest(store) == (DAYS, LEFT)
        assert store.stations()["places"].tolist() == [""]
        check_frame(store.stations(), STATION_COLUMNS)
        assert [rev.number for rev in store.revisions()] == [1, 2]
        assert [record for _, record in store.history("B")][1] is None
        assert store.history("B")[0][1]["places"] == ""  # type: ignore[index]
    assert _schema(old) == ("1", set())


def test_the_first_change_brings_it_up_to_date(old: Path) -> None:
    with _open(old) as reader, _open(old) as store:
        before = store.sites(LAYER), store.sites(LAYER, 1), store.stations(1)
        added = sites({"new": {"from": "2027-01-01"}, "plain": {"until": "2026-12-31"}})
        store.commit(Changes(sites={LAYER: added}), **BY, at=when(2))
        assert _schema(old) == ("4", {"from", "until"})
        for each in (store, reader):
            assert_geodataframe_equal(each.sites(LAYER, 2), before[0])
            assert_geodataframe_equal(each.sites(LAYER, 1), before[1])
            assert_geodataframe_equal(each.stations(1), before[2])
            days, left = _days_and_the_rest(each)
            changed = {"new": ("2027-01-01", ""), "plain": ("", "2026-12-31")}
            assert days == {**DAYS, **changed}
            assert left == {**LEFT, "new": {}}
    with _open(old) as store:
        places = '[{"lon": 102.71, "lat": 25.04}]'
        moved = stations({"A": {"kind": "mobile", "places": places}})
        store.commit(Changes(stations=moved), **BY, at=when(3))
        assert store.stations().loc["A", "places"] == places
        assert store.stations(2).loc["A", "places"] == ""


def test_what_is_emptied_stays_empty(old: Path) -> None:
    """A row recorded since says itself what it knows: no attribute speaks for it."""
    with _open(old) as store:
        emptied = sites({"dated": {"attributes": '{"开工日期": "2026-03-01"}'}})
        store.commit(Changes(sites={LAYER: emptied}), **BY, at=when(2))
        days, left = _days_and_the_rest(store)
    assert days["dated"] == ("", "")  # type: ignore[index]
    assert left["dated"] == {"开工日期": "2026-03-01"}  # type: ignore[index]


def test_a_change_that_fails_leaves_the_old_schema(old: Path) -> None:
    with _open(old) as store, pytest.raises(LookupError):
        store.commit(Changes(removed_stations=("nobody",)), **BY, at=when(2))
    assert _schema(old) == ("1", set())
    with _open(old) as store:
        assert _days_and_the_rest(store) == (DAYS, LEFT)


def test_evidence_is_taken_by_an_old_register_too(old: Path) -> None:
    piece = Evidence("A", "check_in", "worked", when(3), "", "", "k")
    with _open(old) as store:
        assert store.add_evidence([piece], received=when(3)) == [True]
        assert _days_and_the_rest(store) == (DAYS, LEFT)


@pytest.fixture
def protected(old: Path) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "old.db")
        path.write_bytes(old.read_bytes())
        path.chmod(0o444)
        Path(folder).chmod(0o555)
        yield path
        Path(folder).chmod(0o755)


@pytest.mark.skipif(os.name == "nt", reason="rights of files are POSIX's here")
def test_it_is_read_where_nobody_can_write(protected: Path) -> None:
    with _without_root(), _open(protected) as store:
        assert _days_and_the_rest(store) == (DAYS, LEFT)
        assert store.stations()["places"].tolist() == [""]


def _of_schema(version: int, path: Path) -> Path:
    script = Path(__file__).with_name(f"schema_{version}.sql").read_text("utf-8")
    with closing(sqlite3.connect(path)) as raw:
        raw.executescript(script)
        raw.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    return path


def _layout(connection: Connection) -> set[tuple[str, ...]]:
    """Return all that was made in a database but its columns: tables, indexes, triggers."""
    rows = connection.exec_driver_sql("SELECT type, name, tbl_name FROM sqlite_schema")
    return {tuple(row) for row in rows}


@pytest.mark.parametrize("version", [0, 1, 2, 3])
def test_every_released_schema_becomes_what_is_made_anew(tmp_path: Path, version: int) -> None:
    path = _of_schema(version, tmp_path / "old.db")
    with _open(path) as store, Store.open(f"sqlite:///{tmp_path}/new.db", create=True) as fresh:
        before = station_records(store.stations()), store.revisions(), store.head()
        assert store.verify().broken is None
        assert store.upgrade() == (version, SCHEMA_VERSION)
        assert store.upgrade() == (SCHEMA_VERSION, SCHEMA_VERSION)
        assert store.verify().broken is None
        after = station_records(store.stations()), store.revisions(), store.head()
        assert after[:2] == before[:2]
        assert after[2] == before[2] or version < 2  # which has no chain till then
        with (
            store.transaction(writes=False) as old,
            fresh.transaction(writes=False) as new,
        ):
            assert _layout(old) == _layout(new)
            assert compare_metadata(MigrationContext.configure(old), metadata) == []


def test_a_register_of_the_very_first_schema_is_read_as_it_is(tmp_path: Path) -> None:
    with _open(_of_schema(0, tmp_path / "old.db")) as store:
        assert store.schema() == (0, SCHEMA_VERSION)
        frame = store.stations(1)
        check_frame(frame, STATION_COLUMNS)
        assert frame["calendar"].tolist() == [UNSTATED["calendar"]] * 2
        assert frame["truck_bays"].isna().all()
        assert store.history("B")[1][1] is None
        assert (store.evidence_number(), store.evidence_with("A", "k")) == (0, None)
        assert (len(store.evidence()), len(store.mergers())) == (0, 0)
        assert len(Registry.load(store).stations) == 1
        piece = Evidence("A", "check_in", "worked", when(3), "", "", "k")
        assert store.add_evidence([piece], received=when(3)) == [True]
        assert store.schema() == (SCHEMA_VERSION, SCHEMA_VERSION)
        assert_geodataframe_equal(store.stations(1), frame)
        assert store.verify().links == 3


def test_the_draft_of_schema_3_becomes_what_is_made_anew(tmp_path: Path) -> None:
    """For an hour schema 3 had two tables nothing could write into, and no accounts."""
    path = _of_schema(2, tmp_path / "old.db")
    with closing(sqlite3.connect(path)) as raw:
        for table in ("visits", "signatures"):
            raw.execute(f"CREATE TABLE {table} (number INTEGER PRIMARY KEY, lon DOUBLE)")
        raw.execute("UPDATE meta SET value = '3' WHERE key = 'schema_version'")
        raw.commit()
    with (
        _open(path) as store,
        Store.open(f"sqlite:///{tmp_path}/new.db", create=True) as fresh,
        Store.open(f"sqlite:///{tmp_path}/copy.db", create=True) as other,
    ):
        assert (len(store.visits()), store.signatures()) == (0, [])
        assert copy(store, other) == store.verify()
        assert store.upgrade() == (2, SCHEMA_VERSION)
        with store.transaction(writes=False) as old, fresh.transaction(writes=False) as new:
            assert _layout(old) == _layout(new)


def test_what_a_register_of_schema_3_holds_is_there_afterwards(tmp_path: Path) -> None:
    with _open(_of_schema(3, tmp_path / "old.db")) as store:
        store.upgrade()
        assert store.visits()["note"].tolist() == ["好"]
        assert [each.who for each in store.signatures()] == ["李强"]
        assert store.accounts.get("anna").title == "安娜"
        assert [each.number for each in store.accounts.log(limit=9)] == [1]
        store.accounts.note(Entry(when(9), "", "anna", "told"))
        assert [each.number for each in store.accounts.log(limit=9)] == [2, 1]


def test_an_upgrade_that_fails_leaves_the_old_schema(tmp_path: Path) -> None:
    path = _of_schema(2, tmp_path / "old.db")
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("CREATE TABLE account_identities (mine INTEGER)")  # in the way of the last step
    with _open(path) as store, pytest.raises(StoreError):
        store.upgrade()
    with closing(sqlite3.connect(path)) as raw:
        assert raw.execute("SELECT value FROM meta ORDER BY key").fetchall()[1] == ("2",)
        names = {name for (name,) in raw.execute("SELECT name FROM sqlite_schema")}
    assert not names & {"visits", "accounts", "activity_steps"}
