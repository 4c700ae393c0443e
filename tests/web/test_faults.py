"""What breaks under a served register: riders are answered, changes refused in a sentence.

The trial `faults` does this to a real server with real disks, databases and engines.
"""

from __future__ import annotations

import errno
import shutil
import sqlite3
import threading
import time
from contextlib import closing, contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from stations.errors import StoreBusyError
from stations.registry import LiveRegistry
from stations.store import Store, _opened
from tests.web import sample
from web import errors, metrics
from web.app import create_app
from web.jobs import Jobs
from web.settings import Settings
from web.shelf import Shelf

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

STATION = "/api/v1/stations/S001"
ASKED = ("/api/v1/nearest?lon=102.7&lat=25", "/api/v1/register", STATION, "/")
FILES = ("", "-wal", "-shm")


class Clock:
    """A clock that is set by hand."""

    now = sample.NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    sample.filled_store(folder).close()
    return folder / "stations.db"


@pytest.fixture
def place(made: Path, tmp_path: Path) -> Path:
    (tmp_path / "register").mkdir()
    return Path(shutil.copy(made, tmp_path / "register"))


@pytest.fixture
def store(place: Path) -> Iterator[Store]:
    with Store.open(f"sqlite:///{place}", busy_s=0.2) as opened:
        yield opened


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def client(store: Store, clock: Clock) -> FlaskClient:
    live = LiveRegistry(store, 0.0, time.monotonic)
    return create_app(Settings(staff_token=sample.TOKEN), live, clock).test_client()


def reported(client: FlaskClient) -> TestResponse:
    return client.post(f"{STATION}/reports", json={"outcome": "worked"}, headers=sample.STAFF)


def edited(client: FlaskClient) -> TestResponse:
    base = client.get("/api/v1/register").get_json()["revision"]
    body = {
        "fields": {"phone": f"0871-{6_000_000 + base}"},
        "base": base,
        "why": "x",
        "who": "王芳",
    }
    return client.post("/api/v1/edits/stations/S001", json=body, headers=sample.STAFF)


def refused(answer: TestResponse) -> str:
    """Return the sentence of a change that was refused through no fault of its sender's."""
    told: dict[str, Any] = answer.get_json()
    assert answer.mimetype == "application/problem+json", told
    assert answer.status_code == told["status"] in {503, 507}
    assert "/" not in told["detail"]
    return f"{told['status']} {told['detail']}"


def riders_are_answered(client: FlaskClient) -> bool:
    return {client.get(path).status_code for path in ASKED} == {200}


def move(path: Path, to: Path) -> None:
    for end in FILES:
        if (there := Path(f"{path}{end}")).exists():
            there.rename(f"{to}{end}")


def test_a_file_that_is_moved_away_gets_no_changes(
    client: FlaskClient, place: Path, tmp_path: Path
) -> None:
    assert reported(client).status_code == 201
    move(place, tmp_path / "away.db")
    assert "look whether this was recorded" in refused(reported(client))
    assert riders_are_answered(client)
    assert client.get("/readyz").status_code == 503
    assert client.get("/healthz").get_json()["status"] == "stale"
    move(tmp_path / "away.db", place)
    assert reported(client).status_code == 201
    assert client.get("/healthz").get_json()["status"] == "ok"


def test_changes_go_to_the_file_that_was_put_in_the_place(
    client: FlaskClient, store: Store, place: Path, tmp_path: Path
) -> None:
    with (
        closing(sqlite3.connect(place)) as source,
        closing(sqlite3.connect(tmp_path / "older.db")) as target,
    ):
        source.backup(target)
    assert edited(client).status_code == 201
    newer = store.revision()
    move(place, tmp_path / "away.db")
    shutil.copy(tmp_path / "older.db", place)
    assert riders_are_answered(client)
    assert client.get("/api/v1/register").get_json()["revision"] == newer - 1
    assert edited(client).status_code == 201
    with Store.open(f"sqlite:///{place}") as looking:
        assert looking.revision() == newer
        assert looking.verify().broken is None


def test_changes_are_refused_while_somebody_writes_for_long(
    client: FlaskClient, place: Path
) -> None:
    with closing(sqlite3.connect(place, autocommit=True)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert "Somebody else is writing" in refused(reported(client))
        assert "Somebody else is writing" in refused(edited(client))
        assert riders_are_answered(client)
        other.execute("ROLLBACK")
    assert reported(client).status_code == 201


class Turns:
    """A database others write to; it notes who was ready to wait."""

    busy, patient = True, tuple[bool, ...]()

    @contextmanager
    def transaction(self, *, writes: bool, patient: bool) -> Iterator[None]:
        self.patient += (patient,)
        if writes and self.busy:
            raise StoreBusyError
        yield


def test_only_the_first_waits_for_who_writes_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_opened, "bring_up", lambda _: None)
    turns = Turns()
    store = Store(turns)  # type: ignore[arg-type]  # it can do what is asked here

    def write() -> None:
        with suppress(StoreBusyError), store.transaction(writes=True):
            pass

    for busy in (True, True, False, False):
        turns.busy = busy
        write()
    assert turns.patient == (True, False, False, True)


def test_a_full_disk_is_said_to_be_full(client: FlaskClient, store: Store) -> None:
    with store.transaction(writes=False) as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    answers = (reported(client) for _ in range(200))
    said = next(answer for answer in answers if answer.status_code != 201)
    assert refused(said).startswith("507 There is no room left")
    assert riders_are_answered(client)


@pytest.mark.parametrize(
    ("number", "expected"),
    [(errno.ENOSPC, "507 There is no room"), (errno.EROFS, "503 The server can only read")],
)
def test_what_a_disk_says_anywhere_is_said(client: FlaskClient, number: int, expected: str) -> None:
    def fail() -> str:
        raise OSError(number, "said by the disk", "/secret/place")

    client.application.add_url_rule("/api/v1/fail", view_func=fail)
    assert refused(client.get("/api/v1/fail")).startswith(expected)


def test_a_clock_that_was_ahead_keeps_nobody_out(client: FlaskClient, clock: Clock) -> None:
    clock.now = sample.NOW + timedelta(hours=8)
    assert edited(client).status_code == 201
    clock.now = sample.NOW
    assert edited(client).status_code == 201
    clock.now = sample.NOW - timedelta(days=2)
    assert "clock is behind" in refused(edited(client))
    assert riders_are_answered(client)
    clock.now = sample.NOW
    assert edited(client).status_code == 201


def test_a_process_without_room_for_shared_counts_counts_alone(tmp_path: Path) -> None:
    (tmp_path / "counts").write_text("no folder")
    assert metrics.take_slot(tmp_path / "counts") == -1


def test_a_plan_that_was_kept_by_half_goes(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, "王芳")
    whole = shelf.keep(b"{}", "一期", "2026-11-24", {})
    [folder] = tmp_path.iterdir()
    (folder / f"{'0' * 32}.plan").write_bytes(b"{}")
    (folder / ".new-x").write_bytes(b"{")
    assert [plan.id for plan in shelf.plans()] == [whole.id]
    shelf.keep(b"[]", "二期", "2026-11-25", {})
    assert sorted(path.suffix for path in folder.glob("[0-9a-f]*")) == [".json"] * 2 + [".plan"] * 2
    assert not list(folder.glob(".new-*"))


def test_a_job_whose_end_could_not_be_taken_down_is_told_later(tmp_path: Path) -> None:
    folder, away = tmp_path / "jobs", tmp_path / "away"
    jobs = Jobs(folder, lambda error: errors.explained(error, "job"))

    def work(_: object) -> bytes:
        folder.rename(away)
        folder.write_text("no folder")
        return b"{}"

    job = jobs.start("a", "public", work)
    for thread in threading.enumerate():
        if thread.name == "jobs":
            thread.join(30)
    folder.unlink()
    away.rename(folder)
    found = jobs.get(job.id, "public")
    assert (found.state, found.status) == ("failed", 503)
