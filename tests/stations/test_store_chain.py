"""The hash chain: whatever is changed behind the program's back shows, and where."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.errors import UsageError
from stations.errors import StoreConflictError
from stations.store import Changes, FindingStep, Store
from stations.store._chain import GENESIS
from stations.store._meta import APPLICATION_ID
from stations.trust import Evidence
from tests.stations.register_samples import BY, PARKS, sites, stations, when

if TYPE_CHECKING:
    from collections.abc import Iterator

HISTORY = "revisions station_versions layer_versions site_versions evidence finding_steps links"


def _url(path: Path) -> str:
    return f"sqlite:///{path}"


def _opening(fact: str, minute: int = 4) -> FindingStep:
    about = {"rule": "place.null_island", "station": "A", "fact": fact}
    return FindingStep("open", when(minute), "王芳", "审计", details={"due": "x"}, **about)  # type: ignore[arg-type]


def _fill(store: Store) -> None:
    store.commit(Changes(stations({"A": {}, "B": {}}), layers=(PARKS,)), **BY, at=when(0))
    store.commit(Changes(sites={"parks": sites({"p": {}, "q": {}})}), **BY, at=when(1))
    found = [Evidence("A", "report", "cannot_see", when(2), key=key) for key in "xy"]
    store.add_evidence(found, received=when(2))
    third = Changes(stations({"B": {"name": "乙"}}), removed_stations=("A",))
    store.commit(third, **BY, at=when(3))
    store.add_steps([_opening("1"), _opening("2")], base=0, received=when(4))
    store.add_steps(
        [FindingStep("assign", when(5), "王芳", "去看", finding=1)],
        base=2,
        seen=[Evidence("A", "inspection", "worked", when(5), "王芳", key="z")],
        received=when(5),
    )


@pytest.fixture
def register(tmp_path: Path) -> Path:
    path = tmp_path / "register.db"
    with Store.open(_url(path), create=True) as store:
        _fill(store)
    return path


def _tamper(path: Path, *changes: str, values: tuple[Any, ...] = ()) -> None:
    """Change the file as its owner can: without triggers, without foreign keys."""
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("PRAGMA foreign_keys = OFF")
        raw.execute("PRAGMA ignore_check_constraints = ON")
        named = "SELECT name FROM sqlite_schema WHERE type = 'trigger'"
        for (name,) in raw.execute(named).fetchall():
            raw.execute(f"DROP TRIGGER {name}")
        for change in changes:
            raw.execute(change, values)
        raw.commit()


def _broken(path: Path) -> tuple[str, int, int] | None:
    with Store.open(_url(path)) as store:
        broken = store.verify().broken
        return None if broken is None else (broken.kind, broken.first, broken.last)


def test_a_history_that_was_left_alone_is_whole(register: Path) -> None:
    with Store.open(_url(register)) as store:
        verdict = store.verify()
    assert (verdict.links, verdict.broken) == (7, None)
    assert len(verdict.head) == len(GENESIS)
    with closing(sqlite3.connect(register)) as raw:
        told = raw.execute("SELECT kind, last FROM links ORDER BY number").fetchall()
    kinds = "revision revision evidence revision finding finding evidence"
    assert told == list(zip(kinds.split(), (1, 2, 2, 3, 2, 3, 3), strict=True))


@pytest.mark.parametrize(
    ("change", "first"),
    [
        ("UPDATE revisions SET why = 'Test' WHERE number = 2", ("revision", 2, 2)),
        ("UPDATE revisions SET summary = summary || ' ' WHERE number = 1", ("revision", 1, 1)),
        ("UPDATE station_versions SET lon = lon + 1e-14 WHERE id = 'A'", ("revision", 1, 1)),
        ("UPDATE station_versions SET capacity = NULL WHERE revision = 3", ("revision", 3, 3)),
        ("UPDATE station_versions SET phone = NULL WHERE revision = 1", ("revision", 1, 1)),
        ("UPDATE layer_versions SET restricted = NULL", ("revision", 1, 1)),
        ("UPDATE station_versions SET id = 'C' WHERE revision = 3 AND deleted", ("revision", 3, 3)),
        ("UPDATE station_versions SET revision = 2 WHERE revision = 3", ("revision", 2, 2)),
        ("UPDATE layer_versions SET restricted = 1", ("revision", 1, 1)),
        ("UPDATE site_versions SET geometry = zeroblob(21) WHERE id = 'q'", ("revision", 2, 2)),
        ("DELETE FROM site_versions WHERE id = 'p'", ("revision", 2, 2)),
        ("UPDATE evidence SET note = 'x' WHERE number = 2", ("evidence", 1, 2)),
        ("UPDATE evidence SET key = x'78' WHERE number = 1", ("evidence", 1, 2)),
        ("DELETE FROM evidence WHERE number = 3", ("evidence", 3, 3)),
        ("UPDATE finding_steps SET who = '王方' WHERE number = 3", ("finding", 3, 3)),
        ("DELETE FROM finding_steps WHERE number = 1", ("finding", 1, 2)),
        ("UPDATE links SET hash = upper(hash) WHERE number = 4", ("revision", 3, 3)),
        ("UPDATE links SET last = 1 WHERE number = 3", ("evidence", 1, 1)),
        ("UPDATE links SET kind = 'other' WHERE number = 3", ("link", 3, 3)),
        ("DELETE FROM links WHERE number = 2", ("link", 2, 2)),
        ("DELETE FROM links WHERE number = 7", ("evidence", 3, 3)),
    ],
)
def test_what_was_changed_is_found(
    register: Path, change: str, first: tuple[str, int, int]
) -> None:
    _tamper(register, change)
    assert _broken(register) == first


@pytest.mark.parametrize("why", [b"te\xff", b"te\xed\xa0\x80"])
def test_bytes_that_are_no_text_are_found(register: Path, why: bytes) -> None:
    change = "UPDATE revisions SET why = CAST(? AS TEXT) WHERE number = 2"
    _tamper(register, change, values=(why,))
    assert _broken(register) == ("revision", 2, 2)


@pytest.mark.parametrize(
    ("table", "first"), [("evidence", ("evidence", 9, 9)), ("revisions", ("revision", 9, 9))]
)
def test_what_was_slipped_in_is_found(
    register: Path, table: str, first: tuple[str, int, int]
) -> None:
    with closing(sqlite3.connect(register)) as raw:
        names = [row[1] for row in raw.execute(f"PRAGMA table_info({table})")]
    copied = [
        "9" if name == "number" else '"key" || 1' if name == "key" else name for name in names
    ]
    _tamper(register, f"INSERT INTO {table} SELECT {', '.join(copied)} FROM {table} LIMIT 1")
    assert _broken(register) == first


def test_a_row_of_a_revision_that_never_was_is_found(register: Path) -> None:
    _tamper(register, "UPDATE station_versions SET revision = 8 WHERE id = 'B' AND revision = 3")
    assert _broken(register) == ("revision", 3, 3)


@pytest.fixture(scope="module")
def bytes_of() -> Iterator[bytes]:
    with TemporaryDirectory() as folder:
        path = Path(folder, "register.db")
        with Store.open(_url(path), create=True) as store:
            _fill(store)
        with closing(sqlite3.connect(path)) as raw:
            raw.execute("PRAGMA journal_mode = DELETE")
        yield path.read_bytes()


@settings(max_examples=25)
@given(st.sampled_from(HISTORY.split()), st.integers(0, 99), st.integers(0, 99))
def test_any_cell_of_history_counts(bytes_of: bytes, table: str, row: int, column: int) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder, "register.db")
        path.write_bytes(bytes_of)
        with closing(sqlite3.connect(path)) as raw:
            rows = raw.execute(f"SELECT * FROM {table}").fetchall()
            told = raw.execute(f"PRAGMA table_info({table})").fetchall()
        cells = dict(zip([each[1] for each in told], rows[row % len(rows)], strict=True))
        keys = [each[1] for each in told if each[5]]
        others = sorted(cells.keys() - set(keys))
        name = others[column % len(others)]
        where = " AND ".join(f"\"{key}\" = '{cells[key]}'" for key in keys)
        before = cells[name]
        after = before + 100 if isinstance(before, int | float) else f"{before or ''}1"
        _tamper(path, f'UPDATE {table} SET "{name}" = ? WHERE {where}', values=(after,))
        assert _broken(path) is not None


def test_one_byte_of_the_file(bytes_of: bytes, tmp_path: Path) -> None:
    """A letter of a note, changed with an editor of bytes: SQLite itself sees nothing wrong."""
    path = tmp_path / "register.db"
    assert bytes_of.count("乙".encode()) == 1
    path.write_bytes(bytes_of.replace("乙".encode(), "丙".encode()))
    with Store.open(_url(path)) as store:
        assert store.stations().loc["B", "name"] == "丙"
    assert _broken(path) == ("revision", 3, 3)


def test_a_chain_made_anew_is_known_by_a_hash_noted_before(register: Path) -> None:
    """What the chain alone cannot prove: its owner can compute all of it again."""
    with Store.open(_url(register)) as store:
        noted = store.verify().head
        assert store.link_with(noted) == 7
    _tamper(register, "DELETE FROM links WHERE number = 7", "DELETE FROM evidence WHERE number = 3")
    with Store.open(_url(register)) as store:
        assert store.verify().broken is None
        assert store.link_with(noted) is None
        assert store.link_with("%") is None


def test_a_register_from_before_gets_its_chain_when_it_is_written_to(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    with closing(sqlite3.connect(path)) as raw:
        raw.executescript(Path(__file__).with_name("schema_1.sql").read_text("utf-8"))
        raw.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        raw.execute(
            "INSERT INTO evidence VALUES (1, 'A', 'report', 'cannot_see', "
            "'2026-01-01 00:00:00.000000', '', '', 'k', '2026-01-01 00:00:00.000000')"
        )
        raw.commit()  # fmt: skip
    with Store.open(_url(path)) as store:
        assert (store.verify().links, store.verify().head) == (0, GENESIS)
        assert store.steps_number() == len(store.steps()) == 0
        assert store.link_with("0") is None
        store.add_steps([_opening("1", 60)], base=0, received=when(60))
        verdict = store.verify()
    assert (verdict.links, verdict.broken) == (4, None)  # two revisions, evidence, the step
    _tamper(path, "UPDATE station_versions SET name = name || '。' WHERE revision = 1")
    assert _broken(path) == ("revision", 1, 1)


def test_steps_are_refused_whole(register: Path) -> None:
    with Store.open(_url(register)) as store:
        with pytest.raises(StoreConflictError, match="step 3"):
            store.add_steps([_opening("3")], base=2, received=when(9))
        for bad, said in (
            (FindingStep("fix", when(-2 * 1440), "甲", "乙", finding=1), "newest step"),
            (FindingStep("fix", when(9), " ", "乙", finding=1), "who"),
            (FindingStep("fix", when(9).replace(tzinfo=None), "甲", "乙", finding=1), "zone"),
        ):
            with pytest.raises(UsageError, match=said):
                store.add_steps([_opening("3", 9), bad], base=3, received=when(9))
        assert store.steps_number() == len(store.steps()) == 3
        assert store.steps(1)["step"].tolist() == ["open", "assign"]
        assert store.verify().broken is None


@pytest.mark.parametrize("table", ["finding_steps", "links"])
def test_the_database_itself_refuses_to_rewrite(register: Path, table: str) -> None:
    with closing(sqlite3.connect(register)) as raw:
        for change in (f"DELETE FROM {table}", f"UPDATE {table} SET number = number + 9"):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                raw.execute(change)
