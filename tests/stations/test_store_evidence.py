"""Evidence is kept as it came, once, and neither a second program nor ``kill -9`` undoes that."""

from __future__ import annotations

import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from sqlalchemy.exc import IntegrityError

from geodata.errors import UsageError
from stations.errors import StationMissingError, StoreConflictError
from stations.store import Beside, Changes, Store, Visit
from stations.trust import EVIDENCE_COLUMNS, Evidence, checked, evidence_frame, merger
from tests.examples import few
from tests.stations.register_samples import BY, stations, when

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.stations.conftest import Behind

NOW = when(60)


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    with Store.open(url, create=True) as opened:
        opened.commit(Changes(stations({"A": {}, "B": {}})), **BY, at=when(0))
        yield opened


def piece(station: str = "A", key: str = "k", outcome: str = "cannot_enter") -> Evidence:
    kind = "check_in" if outcome == "worked" else "report"
    return Evidence(station, kind, outcome, when(5), note="门锁着 <b>🚪</b>\n'; --", key=key)


def kept(store: Store) -> list[Evidence]:
    """Return what the store holds, in order."""
    rows = store.evidence()[list(EVIDENCE_COLUMNS)].to_dict("records")
    return [Evidence(**{**row, "at": row["at"].to_pydatetime()}) for row in rows]  # type: ignore[arg-type]


texts = st.text("ab é\u0301驿🚪'\";%<>&\\\u2028\ue000\ufeff", max_size=20)
pieces = st.builds(
    Evidence,
    station=st.sampled_from("AB"),
    kind=st.just("inspection"),
    outcome=st.sampled_from(["worked", "cannot_see"]),
    at=st.integers(-100, 60).map(when),
    who=texts.map(lambda text: f"{text}王"),
    note=texts,
    key=st.sampled_from(["k", "K", "é", "e\u0301", " k"]),
)


@few(12)
@given(st.lists(st.lists(pieces, max_size=6), max_size=3))
def test_what_is_kept_is_the_first_under_each_key(batches: list[list[Evidence]]) -> None:
    with TemporaryDirectory() as folder, Store.open(f"sqlite:///{folder}/r.db", create=True) as db:
        db.commit(Changes(stations({"A": {}, "B": {}})), **BY, at=when(0))
        expected: dict[tuple[str, str], Evidence] = {}
        for batch in batches:
            added = []
            for each in batch:
                mark = each.station, each.key
                added.append(mark not in expected)
                expected.setdefault(mark, checked(each, NOW))
            assert db.add_evidence(batch, received=NOW) == added
        assert kept(db) == list(expected.values())
        assert db.evidence_number() == len(expected)
        frame = db.evidence()
        told = frame.drop(columns="received").reset_index(drop=True)
        assert_frame_equal(told, evidence_frame(expected.values()))
        assert (frame["received"] == NOW).all()
        assert_frame_equal(db.evidence(after=2), frame[frame.index > 2])


def test_a_key_belongs_to_one_station(store: Store) -> None:
    same = [piece("A"), piece("B"), piece("A", outcome="worked"), piece("A", key="other")]
    assert store.add_evidence(same, received=NOW) == [True, True, False, True]
    assert store.add_evidence(same[::-1], received=NOW) == [False] * 4
    assert store.evidence_with("A", "k") == piece("A")
    assert store.evidence_with("A", "nobody") is store.evidence_with("C", "k") is None


def test_without_evidence(store: Store) -> None:
    assert store.evidence_number() == 0
    assert store.add_evidence([], received=NOW) == []
    told = store.evidence().drop(columns="received").reset_index(drop=True)
    assert_frame_equal(told, evidence_frame([]))


def test_one_bad_piece_refuses_all(store: Store) -> None:
    good = piece(key="good")
    for bad, said in (
        (piece(key=""), "key"),
        (replace(piece(), note="\x07"), "note"),
        (replace(piece(), at=NOW + timedelta(hours=1)), "clock"),
        (replace(piece(), outcome="worked"), "check_in"),
    ):
        with pytest.raises(UsageError, match=said):
            store.add_evidence([good, bad], received=NOW)
    with pytest.raises(StationMissingError, match="'C'"):
        store.add_evidence([good, piece("C")], received=NOW)
    with pytest.raises(UsageError, match="zone"):
        store.add_evidence([good], received=NOW.replace(tzinfo=None))
    assert store.evidence_number() == 0


def test_evidence_about_a_station_taken_out_is_history(store: Store) -> None:
    store.commit(Changes(removed_stations=("A",)), **BY, at=when(1))
    assert store.add_evidence([piece("A")], received=NOW) == [True]


@pytest.mark.parametrize("change", ["DELETE FROM evidence", "UPDATE evidence SET note = ''"])
def test_the_database_itself_refuses_to_rewrite_evidence(
    store: Store, behind: Behind, change: str
) -> None:
    store.add_evidence([piece()], received=NOW)
    with pytest.raises(IntegrityError, match="append-only"), behind() as raw:
        raw.exec_driver_sql(change)
    twice = "INSERT INTO evidence SELECT 9, station, kind, outcome, at, who, note, key, received"
    with pytest.raises(IntegrityError, match=r"(?i)unique"), behind() as raw:
        raw.exec_driver_sql(f"{twice} FROM evidence")
    assert kept(store) == [piece()]


def test_the_same_report_from_many_threads_counts_once(store: Store) -> None:
    with ThreadPoolExecutor(4) as pool:
        sent = [[piece(key=str(n % 5))] for n in range(20)]
        added = list(pool.map(lambda each: store.add_evidence(each, received=NOW), sent))
    assert sum(map(sum, added)) == store.evidence_number() == 5


MANY = 3000
ADD_AND_DIE = """
import os, signal, sys
from stations.store import Store, _evidence
from stations.trust import Evidence
from tests.stations.register_samples import when

url, last, pieces = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
batches, insert_rows = 0, _evidence.insert_rows
def die(*rows):
    global batches
    insert_rows(*rows)
    batches += 1
    if batches == last:
        os.kill(os.getpid(), signal.SIGKILL)
_evidence.insert_rows = die
many = [Evidence("A", "report", "cannot_see", when(1), note="新" * 100, key=f"k{n}")
        for n in range(pieces)]
with Store.open(url) as store:
    store.add_evidence(many, received=when(60))
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize(("batch", "left"), [(1, 1), (3, 1), (4, 1 + MANY)])
def test_a_kill_leaves_all_of_it_or_nothing(url: str, batch: int, left: int) -> None:
    with Store.open(url, create=True) as store:
        store.commit(Changes(stations({"A": {}})), **BY, at=when(0))
        store.add_evidence([piece(key="before")], received=NOW)
    command = [sys.executable, "-c", ADD_AND_DIE, url, str(batch), str(MANY)]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    with Store.open(url) as store:
        assert store.evidence_number() == len(store.evidence()) == left
        assert store.add_evidence([piece(key="after")], received=NOW) == [True]
        assert store.verify().broken is None


def test_what_the_program_writes_itself_never_vanishes_under_a_known_key(store: Store) -> None:
    act = merger("A", "B", when(5), "王芳", "2")
    own = Evidence("A", "inspection", "worked", when(5), "王芳", key="visit:k")
    visit = Visit("A", when(5), "王芳", NOW, "k", "", "worked", "{}", "[]", "", "{}")
    store.add_evidence([piece("A", act.key), piece("A", own.key)], received=NOW)
    with pytest.raises(StoreConflictError, match="'merged:2'"):
        store.commit(
            Changes(removed_stations=("B",)), **BY, at=when(5), beside=Beside([], 0, [act])
        )
    with pytest.raises(StoreConflictError, match="'visit:k'"):
        store.add_visit(visit, base=0, number=1, seen=[own])
    with pytest.raises(StoreConflictError, match="'visit:k'"):
        store.add_steps([], base=0, seen=[own], received=NOW)
    assert (store.revision(), store.visits_number(), store.evidence_number()) == (1, 0, 2)
    free = replace(own, key="visit:free")
    for _ in range(2):
        store.add_steps([], base=0, seen=[free], received=NOW)
    assert store.evidence_with("A", "visit:free") == free
    assert store.evidence_number() == 3
