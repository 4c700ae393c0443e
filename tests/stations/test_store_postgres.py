"""What is PostgreSQL's own: rights, notices, positions for GIS programs, a server that goes."""

from __future__ import annotations

import re
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from sqlalchemy.exc import IntegrityError

import stations.store as door
from geodata.errors import ProjectError, StoreError, UsageError
from stations.errors import (
    StoreBusyError,
    StoreForeignError,
    StoreMissingError,
    StoreReadOnlyError,
    StoreVersionError,
)
from stations.registry import LiveRegistry, Registry
from stations.schema import LayerInfo
from stations.store import Changes, Entry, Store
from stations.store._chain import verify
from stations.store._tables import metadata
from tests.postgres import TEMPLATE
from tests.stations.register_samples import BY, PARKS, POSTS, sites, stations, when
from tests.stations.whole import ODD, fill

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.postgres import Server
    from tests.stations.conftest import Behind

README = Path(door.__file__).with_name("README.md").read_text("utf-8")
ROLES, GRANTS = re.findall("```sql\n(.*?)```", README, re.DOTALL)[1:]
"""What the operator's part tells to run."""
PATIENCE_S = 30
ONE = Changes(stations({"one": {}}))


@pytest.fixture
def url(postgres: Server) -> str:
    return postgres.url(postgres.database(like=TEMPLATE))  # rights and names are not given back


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    with Store.open(url) as opened:
        yield opened


def _name(url: str) -> str:
    return str(re.findall(r"@/([^?]+)", url)[0])


TAMPERED = {
    "UPDATE revisions SET why = 'Test' WHERE number = 2": ("revision", 2, 2),
    "UPDATE revisions SET summary = (summary::text || ' ')::json": ("revision", 1, 1),
    "UPDATE revisions SET at = at + interval '1 microsecond'": ("revision", 1, 1),
    "UPDATE station_versions SET lon = lon + 1e-14 WHERE id = 'B'": ("revision", 1, 1),
    "UPDATE station_versions SET phone = NULL WHERE revision = 2": ("revision", 2, 2),
    "UPDATE station_versions SET synthetic = NOT synthetic": ("revision", 1, 1),
    r"UPDATE site_versions SET geometry = set_byte(geometry, 9, 1)": ("revision", 1, 1),
    "DELETE FROM evidence WHERE number = 3": ("evidence", 1, 3),
    "UPDATE visits SET lon = 1 WHERE number = 1": ("visit", 1, 1),
    "UPDATE activity_steps SET details = details || ' '": ("activity", 1, 1),
    "UPDATE signatures SET who = '李' WHERE number = 1": ("signature", 1, 1),
    "DELETE FROM links WHERE number = 2": ("link", 2, 2),
}


def test_what_was_changed_is_found(store: Store, behind: Behind) -> None:
    """As a superuser can, without triggers; each change is undone before the next."""
    fill(store)
    found: dict[str, Any] = {}
    with behind() as raw:
        raw.exec_driver_sql("SET LOCAL session_replication_role = replica")
        for change in TAMPERED:
            point = raw.begin_nested()
            raw.exec_driver_sql(change)
            broken = verify(raw).broken
            point.rollback()
            found[change] = broken and (broken.kind, broken.first, broken.last)
    assert found == TAMPERED
    assert store.verify().broken is None


APPEND_ONLY = {each.name for each in metadata.sorted_tables if each.name != "meta"} - {
    *("accounts", "account_tokens", "account_sessions", "account_tries", "account_identities")
}


@pytest.mark.parametrize("change", ["DELETE FROM {}", "TRUNCATE {} CASCADE", "UPDATE {} SET {}"])
def test_the_database_itself_refuses_to_rewrite(store: Store, behind: Behind, change: str) -> None:
    fill(store)
    for name in sorted(APPEND_ONLY):
        key = next(iter(metadata.tables[name].primary_key)).name
        with pytest.raises(IntegrityError, match="append-only"), behind() as raw:
            raw.exec_driver_sql(change.format(name, f"{key} = {key}"))


def test_a_database_that_sorts_as_people_do_has_the_same_history(
    postgres: Server, tmp_path: Path
) -> None:
    name = "people"
    postgres.execute(
        f"CREATE DATABASE {name} TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'zh-u-co-pinyin'"
    )
    with (
        Store.open(postgres.url(name), create=True) as people,
        Store.open(f"sqlite:///{tmp_path}/other.db", create=True) as other,
    ):
        for each in (people, other):
            fill(each)
        assert people.head() == other.head()
        assert people.verify() == other.verify()
        assert people.stations().index.tolist() == sorted(ODD.keys() - {"é"})


def test_positions_are_there_for_gis_programs(store: Store, postgres: Server, url: str) -> None:
    fill(store)
    name = _name(url)
    told = postgres.execute(
        "SELECT concat_ws(' ', f_table_schema, f_table_name, type, srid) FROM geometry_columns"
        " WHERE f_table_schema = 'gis' ORDER BY 1",
        database=name,
    )
    assert told == [
        "gis restricted_sites GEOMETRY 4326",
        "gis sites GEOMETRY 4326",
        "gis stations POINT 4326",
    ]
    frame = store.stations()
    places = postgres.execute(
        "SELECT encode(ST_AsBinary(geom), 'hex') FROM gis.stations ORDER BY id", database=name
    )
    assert places == frame.geometry.to_wkb(hex=True).str.lower().tolist()
    plan = postgres.execute(
        "SET enable_seqscan = off",
        "EXPLAIN SELECT id FROM gis.stations WHERE geom && ST_MakeEnvelope(102, 24, 103, 25, 4326)",
        database=name,
    )
    assert any("stations_by_place" in line for line in plan)


def test_sites_follow_their_layers_into_what_everybody_may_read(
    store: Store, postgres: Server, url: str
) -> None:
    def shown(table: str = "sites") -> list[str]:
        return postgres.execute(f"SELECT id FROM gis.{table} ORDER BY id", database=_name(url))

    def commit(changes: Changes, minute: int) -> None:
        store.commit(changes, **BY, at=when(minute))

    park, post = sites({"a": {}, "b": {}}), sites({"x": {}})
    commit(Changes(layers=(PARKS, POSTS), sites={"parks": park, "border_posts": post}), 0)
    assert (shown(), shown("layers l(id)"), shown("restricted_sites")) == (
        ["a", "b"], ["parks"], ["x"],
    )  # fmt: skip
    commit(Changes(sites={"parks": sites({"c": {}, "b": {}})}, removed_sites={"parks": ("a",)}), 1)
    assert shown() == ["b", "c"]
    commit(Changes(layers=(LayerInfo("parks", "园区", "Parks", restricted=True),)), 2)
    assert (shown(), shown("restricted_sites")) == ([], ["b", "c", "x"])
    commit(Changes(layers=(PARKS,)), 3)
    assert (shown(), shown("restricted_sites")) == (["b", "c"], ["x"])


@pytest.fixture
def roles(postgres: Server, store: Store, url: str) -> Iterator[str]:
    """Give a register the roles of README.md; return the database's name."""
    fill(store)
    name = _name(url)
    roles = [each for each in _statements(ROLES) if "CREATE DATABASE" not in each]
    postgres.execute(*(each.replace("DATABASE stations", f'DATABASE "{name}"') for each in roles))
    postgres.execute(*_statements(GRANTS), database=name)
    yield name
    store.close()
    postgres.execute("DROP OWNED BY stations_app, stations_gis", database=name)
    postgres.execute("DROP ROLE stations_app", "DROP ROLE stations_gis", "DROP ROLE stations_owner")


def _statements(sql: str) -> list[str]:
    return [each for each in re.sub("--.*", "", sql).split(";") if each.strip()]


def test_the_servers_role_does_its_work_and_no_more(postgres: Server, roles: str) -> None:
    with Store.open(postgres.url(roles, "stations_app"), create=True) as app:
        app.commit(Changes(stations({"new": {}}), layers=(PARKS,)), **BY, at=when(20))
        app.accounts.set_password("anna", "hash", who="x", at=when(20))
        app.accounts.note(Entry(when(20), "", "anna", "told"))
        app.accounts.attempt("door", when(20), lambda _: when(21) - when(20))
        app.credentials.revoke("anna", "t", who="x", at=when(20))
        app.identities.unlink("anna", "https://id", who="x", at=when(20))
        assert app.verify().broken is None
    for refused in (
        "CREATE TABLE mine (x integer)",
        "ALTER TABLE revisions ADD COLUMN x integer",
        "DROP TRIGGER append_only ON revisions",
        "ALTER TABLE revisions DISABLE TRIGGER ALL",
        "UPDATE revisions SET who = 'x'",
        "DELETE FROM account_log",
        "TRUNCATE accounts CASCADE",
        "INSERT INTO meta VALUES ('x', 'y')",
        "SET session_replication_role = replica",
        "SELECT * FROM gis.restricted_sites",
        "CREATE SCHEMA mine",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            postgres.execute(refused, database=roles, user="stations_app")


def test_who_looks_with_qgis_sees_nothing_restricted(postgres: Server, roles: str) -> None:
    def asked(sql: str) -> list[str]:
        return postgres.execute(sql, database=roles, user="stations_gis")

    assert asked("SELECT id FROM gis.stations WHERE id = 'A'") == ["A"]
    assert asked("SELECT name FROM gis.layers") == ["parks"]
    assert asked("SELECT id FROM gis.sites") == []
    for table in [*(each.name for each in metadata.sorted_tables), "gis.restricted_sites"]:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            asked(f"SELECT * FROM {table}")
    for change in ("DELETE FROM gis.sites", "SELECT gis.refresh()", "CREATE TABLE x (y integer)"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            asked(change)
    with Store.open(postgres.url(roles)) as owner:
        both = {"border_posts": sites({"y": {}}), "parks": sites({"p": {}})}
        owner.commit(Changes(sites=both), **BY, at=when(30))
    postgres.execute("ANALYZE", database=roles)
    assert asked("SELECT id FROM gis.sites") == ["p"]
    # PostGIS tells anybody how far any indexed table reaches, whether they may read it or not
    assert asked("SELECT _postgis_index_extent('gis.sites', 'geom')") == ["BOX(101 24,101 24)"]
    held = postgres.execute("SELECT f_table_name FROM geometry_columns", database=roles)
    assert set(held) == {"station_versions", "stations", "restricted_sites", "sites"}


def test_the_owner_of_nothing_but_an_empty_database_makes_a_register(postgres: Server) -> None:
    name = postgres.database()
    postgres.execute("CREATE ROLE plain LOGIN", f'ALTER DATABASE "{name}" OWNER TO plain')
    url = postgres.url(name, "plain")
    with pytest.raises(StoreMissingError, match="no register in this database yet"):
        Store.open(url)
    with pytest.raises(StoreError, match="CREATE EXTENSION postgis"):
        Store.open(url, create=True)
    postgres.execute("CREATE EXTENSION postgis", database=name)
    with Store.open(url, create=True) as store, Store.open(url, create=True) as again:
        store.commit(ONE, **BY, at=when(0))
        assert again.stations().index.tolist() == ["one"]


def test_what_is_no_register_of_ours_is_left_alone(postgres: Server, url: str) -> None:
    foreign = postgres.database()
    postgres.execute("CREATE TABLE theirs (x integer)", database=foreign)
    for create in (False, True):
        with pytest.raises(StoreForeignError, match="not a station register"):
            Store.open(postgres.url(foreign), create=create)
    latin = "latin"
    postgres.execute(f"CREATE DATABASE {latin} TEMPLATE template0 ENCODING 'LATIN1'")
    with pytest.raises(StoreForeignError, match="UTF-8"):
        Store.open(postgres.url(latin), create=True)
    with pytest.raises(StoreMissingError, match="createdb"):
        Store.open(postgres.url("nowhere"), create=True)
    newer = "UPDATE meta SET value = '99' WHERE key = 'schema_version'"
    postgres.execute(newer, database=_name(url))
    with pytest.raises(StoreVersionError, match="newer version"):
        Store.open(url)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgresql://", "database's name"),
        ("postgresql://u:geheim@/", "database's name"),
        ("postgresql://u:geheim@h/a\0b", "database's name"),
        ("postgresql://u:geheim@h/a?options=-c", "cannot say 'options'"),
        ("postgresql://u:geheim@h:x/a", "expected a store like"),
        ("postgresql://u:geheim@h/a?files=a&files=b", "one folder"),
        ("postgresql+psycopg2://u:geheim@h/a", "no store of the kind"),
    ],
)
def test_a_url_that_says_what_it_cannot(url: str, said: str) -> None:
    with pytest.raises(UsageError, match=said) as refused:
        Store.open(url, create=True)
    assert "geheim" not in str(refused.value)


def test_a_server_that_is_not_there_is_told_without_the_password(tmp_path: Path) -> None:
    url = f"postgresql://anna:geheim@/stations?host={tmp_path}"
    with pytest.raises(StoreError, match="no connection to the database") as refused:
        Store.open(url)
    assert "geheim" not in str(refused.value)


def test_files_are_where_the_url_says(url: str, tmp_path: Path) -> None:
    with Store.open(url) as store, pytest.raises(UsageError, match="files=/srv"):
        _ = store.files
    with Store.open(f"{url}&files={tmp_path}") as store:
        assert store.files == tmp_path


def test_a_writer_in_the_way_stops_writing_not_reading(store: Store, url: str) -> None:
    with Store.open(url, busy_s=0.05) as other, store.transaction(writes=True):
        with pytest.raises(StoreBusyError, match="try again"):
            other.commit(ONE, **BY, at=when(0))
        assert other.revision() == 0
    store.commit(ONE, **BY, at=when(0))


def test_a_reader_sees_one_state_throughout(store: Store, url: str) -> None:
    with Store.open(url) as other, store.transaction(writes=False) as connection:
        before = connection.exec_driver_sql("SELECT count(*) FROM revisions").scalar()
        other.commit(ONE, **BY, at=when(0))
        assert connection.exec_driver_sql("SELECT count(*) FROM revisions").scalar() == before


def test_a_server_that_only_reads(store: Store, url: str, postgres: Server) -> None:
    only = f'ALTER DATABASE "{_name(url)}" SET default_transaction_read_only = on'
    postgres.execute(only)
    with Store.open(url) as other, pytest.raises(StoreReadOnlyError):
        other.commit(ONE, **BY, at=when(0))
    assert store.revision() == 0


class Loaded:
    """Hears of each snapshot a `LiveRegistry` has loaded."""

    def __init__(self) -> None:
        self._news = threading.Condition()
        self._newest = -1

    def __call__(self, registry: Registry) -> None:
        with self._news:
            self._newest = registry.revision
            self._news.notify_all()

    def wait_for(self, revision: int) -> bool:
        with self._news:
            return self._news.wait_for(lambda: self._newest >= revision, PATIENCE_S)


def test_a_snapshot_follows_without_being_asked(store: Store, url: str) -> None:
    loaded = Loaded()
    with Store.open(url) as writer:
        live = LiveRegistry(store, 9e9, lambda: 0.0, prepare=loaded)  # it never looks by itself
        live.follow()
        for number in (1, 2):
            writer.commit(ONE, **BY, at=when(number))
            assert loaded.wait_for(number)
        assert live.refresh().revision == 2


def test_a_server_killed_and_back(
    store: Store, url: str, postgres: Server, caplog: pytest.LogCaptureFixture
) -> None:
    """What was recorded is there, what was half recorded is not; nothing is opened anew.

    It is told once that the store cannot be read, and once that it can be; the pool logs nothing.
    """
    loaded, told = Loaded(), list[ProjectError | None]()
    live = LiveRegistry(store, 9e9, lambda: 0.0, prepare=loaded, failing=told.append)
    live.follow()
    store.commit(ONE, **BY, at=when(0))
    killed: list[int] = []

    def kill(done: int, total: int) -> None:
        if not killed and done:
            killed.append(total)
            postgres.kill()

    with Store.open(url) as writer:
        many = stations({f"S{number}": {} for number in range(5000)})
        assert loaded.wait_for(1)
        with pytest.raises(StoreError, match=r"look before doing it again|no connection"):
            writer.commit(Changes(many), **BY, at=when(1), progress=kill)
        with pytest.raises(StoreError, match="no connection to the database"):
            writer.revision()
        assert live.refresh().revision == 1
        assert isinstance(live.error, StoreError)
        postgres.start()
        assert (writer.revision(), writer.verify().broken) == (1, None)
        writer.commit(ONE, **BY, at=when(2))
        assert loaded.wait_for(2)
    assert live.refresh().revision == 2
    lost, back = told
    assert isinstance(lost, StoreError)
    assert back is None
    assert caplog.text == ""
    assert live.error is None


def test_texts_no_database_holds_are_nothing_that_is_there(store: Store) -> None:
    fill(store)
    for odd in ("A\0", "\ud800"):
        assert store.present([odd, "A"]) == {"A"}
        assert len(store.evidence(stations=[odd])) == 0
        assert len(store.steps(stations=[odd])) == 0
        assert len(store.visits(odd)) == 0
        assert len(store.visits(key=odd)) == 0
        assert store.evidence_with(odd, "x") is None
