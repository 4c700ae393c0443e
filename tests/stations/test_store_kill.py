"""``kill -9`` in the middle of a commit leaves the last revision whole."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

from stations.store import Changes, Store, station_records
from tests.stations.register_samples import BY, stations, when

MANY = 9000
COMMIT_AND_DIE = """
import os, signal, sys
from stations.store import Changes, Store
from tests.stations.register_samples import BY, stations, when

url, last, rows = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
def die(done, total):
    if done >= last:
        os.kill(os.getpid(), signal.SIGKILL)
many = stations({f"S{n:06d}": {"name": "新" * 100} for n in range(rows)})
with Store.open(url) as store:
    store.commit(Changes(many, removed_stations=("gone",)), **BY, at=when(1), progress=die)
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("rows_done", [1, MANY // 2, MANY + 1])
def test_a_commit_killed_half_way_never_was(url: str, rows_done: int) -> None:
    _begin(url)
    with Store.open(url) as store:
        before = station_records(store.stations()), store.revisions()
    _run_and_die(url, rows_done)
    with Store.open(url) as store:
        assert (station_records(store.stations()), store.revisions()) == before
        assert store.commit(Changes(stations({"after": {}})), **BY, at=when(2)).number == 2
        assert store.stations().index.tolist() == ["after", "gone", "stays"]
    _assert_sound(url)


def test_a_commit_that_returned_is_there_after_a_kill(url: str) -> None:
    _begin(url)
    _run_and_die(url, MANY + 2)
    with Store.open(url) as store:
        assert store.revision() == 2
        assert len(store.stations()) == MANY + 1
        assert store.stations(1).index.tolist() == ["gone", "stays"]
    _assert_sound(url)


def _begin(url: str) -> None:
    with Store.open(url, create=True) as store:
        store.commit(Changes(stations({"gone": {}, "stays": {}})), **BY, at=when(0))


def _run_and_die(url: str, rows_done: int) -> None:
    command = [sys.executable, "-c", COMMIT_AND_DIE, url, str(rows_done), str(MANY)]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL


def _assert_sound(url: str) -> None:
    with Store.open(url) as store:
        assert store.verify().broken is None
    if not url.startswith("sqlite"):
        return
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as raw:
        assert raw.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert raw.execute("PRAGMA foreign_key_check").fetchall() == []
