"""Reports: taken from anybody within limits, part of the next answer, nothing else kept."""

from __future__ import annotations

import io
import json
import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Any, get_args

import pytest

from stations.registry import LiveRegistry
from stations.trust import KINDS
from tests.web import sample
from web.api import reports
from web.app import create_app
from web.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from apiflask import APIFlask
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from stations.store import Store

PATH = "/api/v1/stations/S001/reports"
LOCKED = {"outcome": "cannot_enter"}
WORKED = {"outcome": "worked"}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with sample.filled_store(tmp_path) as filled:
        yield filled


class Seconds:
    """A clock that goes on by a second whenever it is read."""

    def __init__(self) -> None:
        self.now = sample.NOW

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


@pytest.fixture
def app(store: Store) -> APIFlask:
    live = LiveRegistry(store, 1000.0, lambda: 0.0)  # hears only what it is told to look at
    settings = Settings(staff_token=sample.TOKEN, report_limits="20 per day")
    return create_app(settings, live, Seconds())


@pytest.fixture
def client(app: APIFlask) -> FlaskClient:
    return app.test_client()


def inspect(client: FlaskClient, **sent: Any) -> TestResponse:
    body = {"outcome": "worked", "kind": "inspection", "who": "王芳", **sent}
    return client.post(PATH, json=body, headers=sample.STAFF)


def detail(answer: TestResponse) -> str:
    """Return what a problem says."""
    assert answer.content_type == "application/problem+json"
    return str(answer.get_json()["detail"])


def trust_of(client: FlaskClient) -> float:
    return float(client.get("/api/v1/stations/S001").get_json()["trust"])


def test_the_words_are_the_models() -> None:
    assert set(get_args(reports.Kind)) == set(KINDS)


def test_ten_reports_move_a_station_down_and_an_inspection_brings_it_back(
    client: FlaskClient,
) -> None:
    told = [trust_of(client)]
    for number in range(10):
        answer = client.post(PATH, json=LOCKED)
        assert answer.status_code == 201
        assert answer.headers["Cache-Control"] == "no-store"
        report = reports.Reported.model_validate(answer.get_json())
        assert (report.new, report.kind, report.open_reports) == (True, "report", number + 1)
        told.append(trust_of(client))
        assert report.trust == told[-1]
    assert told == sorted(told, reverse=True)
    assert told[-1] < told[0] / 2
    earlier = sample.NOW - timedelta(days=1)
    assert inspect(client, at=earlier.isoformat()).get_json()["trust"] < told[0]
    answer = inspect(client)
    assert answer.get_json()["trust_text"] == {
        "zh": "刚刚由巡检员核实",
        "en": "confirmed just now by an inspector",
    }
    assert answer.get_json()["open_reports"] == 0
    assert trust_of(client) > told[0] * 0.95


def test_a_report_lowers_only_its_own_station(client: FlaskClient) -> None:
    before = {key: trust for key, trust in every_trust(client).items() if key != "S001"}
    client.post(PATH, json=LOCKED)
    assert {key: trust for key, trust in every_trust(client).items() if key != "S001"} == before


def every_trust(client: FlaskClient) -> dict[str, float]:
    ids = ["S000", "S001", "S002", sample.NASTY_ID]
    told = [client.get(f"/api/v1/stations/{key}").get_json() for key in ids]
    return {each["id"]: each["trust"] for each in told if "id" in each}


def test_what_is_sent_twice_counts_once(client: FlaskClient, store: Store) -> None:
    sent = {**LOCKED, "note": "门锁着\r\n", "at": "2026-11-24T09:00:00+08:00"}
    first = client.post(PATH, json={**sent, "key": "k1"})
    again = client.post(PATH, json=sent, headers={"Idempotency-Key": '"k1"'})
    assert (first.status_code, again.status_code) == (201, 200)
    assert {**first.get_json(), "new": False} == again.get_json()
    assert again.get_json()["at"] == "2026-11-24T01:00:00+00:00"
    assert store.evidence_number() == 1
    other = client.post(PATH, json={**WORKED, "key": "k1"})
    assert other.status_code == 409
    assert "a new key for each" in detail(other)
    elsewhere = client.post("/api/v1/stations/S002/reports", json={**sent, "key": "k1"})
    assert elsewhere.status_code == 201
    both = client.post(PATH, json={**sent, "key": "a"}, headers={"Idempotency-Key": "b"})
    assert (both.status_code, detail(both)[:3]) == (400, "key")


def test_without_a_key_each_report_has_its_own(client: FlaskClient, store: Store) -> None:
    keys = {client.post(PATH, json=LOCKED).get_json()["key"] for _ in range(3)}
    assert len(keys) == store.evidence_number() == 3


def test_text_is_kept_as_it_came_and_shown_to_nobody_unescaped(
    client: FlaskClient, store: Store
) -> None:
    note = f"{sample.NASTY} <b>x</b> &amp; 🚪\n第二行"
    assert client.post(PATH, json={**LOCKED, "note": note}).status_code == 201
    assert store.evidence()["note"].tolist() == [note]
    for path in ("/api/v1/stations/S001", "/map", "/api/v1/stations"):
        assert "第二行" not in client.get(path).get_data(as_text=True)


@pytest.mark.parametrize(
    "sent", [{"kind": "inspection"}, {"kind": "inspection", "who": "王芳"}, {"who": "王芳"}]
)
def test_only_staff_inspect_and_sign(client: FlaskClient, store: Store, sent: Any) -> None:
    answer = client.post(PATH, json={**WORKED, **sent})
    assert answer.status_code == 401
    assert "staff" in detail(answer)
    wrong = {"Authorization": "Bearer not-the-token-at-all"}
    assert client.post(PATH, json={**WORKED, **sent}, headers=wrong).status_code == 401
    assert store.evidence_number() == 0


def test_staff_name_themselves(client: FlaskClient, store: Store) -> None:
    unnamed = inspect(client, who=" ")
    assert (unnamed.status_code, "inspector" in detail(unnamed)) == (400, True)
    assert inspect(client, outcome="closed_for_good").status_code == 201
    assert client.post(PATH, json={**LOCKED, "who": "李"}, headers=sample.STAFF).status_code == 201
    assert client.post(PATH, json=LOCKED, headers=sample.STAFF).status_code == 201
    assert store.evidence()["who"].tolist() == ["王芳", "李", ""]


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({}, "outcome: required"),
        ({"outcome": "sad"}, "'worked', 'cannot_see'"),
        ({"outcome": None}, "outcome"),
        ({**LOCKED, "note": "x" * 501}, "note"),
        ({**LOCKED, "note": "\x00"}, "control characters"),
        ({**LOCKED, "note": "\u202egnp.exe"}, "control characters"),
        ({**LOCKED, "note": 7}, "note"),
        ({**LOCKED, "key": ""}, "key"),
        ({**LOCKED, "key": "k" * 101}, "key"),
        ({**LOCKED, "at": "2026-11-24T10:00"}, "timezone"),
        ({**LOCKED, "at": "2026-11-24T10:06:00+08:00"}, "is the clock right?"),
        ({**LOCKED, "at": "1970-01-01T00:00:00Z"}, "is the clock right?"),
        ({**LOCKED, "at": "soon"}, "at"),
        ({**LOCKED, "kind": "check_in"}, "as a report"),
        ({**WORKED, "kind": "report"}, "as a check_in"),
        ({**LOCKED, "lon": 102.712345, "lat": 25.1}, "known: outcome, note, at, key, kind, who"),
        ([LOCKED], "a JSON object"),
        ("worked", "a JSON object"),
        (7, "a JSON object"),
    ],
)
def test_what_is_wrong_is_told(client: FlaskClient, store: Store, sent: Any, said: str) -> None:
    answer = client.post(PATH, json=sent)
    assert answer.status_code == 400
    assert said in detail(answer)
    assert "102.712345" not in detail(answer)
    assert store.evidence_number() == 0


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"\xff\xfe", b'{"outcome": "worked", "note": "\\ud800"}', b"[" * 16_000, b"NaN"],
)
def test_what_is_no_json_is_refused(client: FlaskClient, store: Store, body: bytes) -> None:
    answer = client.post(PATH, data=body, content_type="application/json")
    assert answer.status_code == 400
    assert detail(answer)
    assert store.evidence_number() == 0


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""]
)
def test_only_json_is_taken(client: FlaskClient, store: Store, kind: str) -> None:
    answer = client.post(PATH, data=json.dumps(LOCKED), headers={"Content-Type": kind})
    assert answer.status_code == 415
    assert "application/json" in detail(answer)
    assert store.evidence_number() == 0


@pytest.mark.parametrize("size", [16 * 1024 + 1, 10_000_000])
@pytest.mark.parametrize("told", [True, False])
def test_a_large_body_is_refused(client: FlaskClient, store: Store, size: int, told: bool) -> None:  # noqa: FBT001
    """Whether its size is told before or the body just keeps coming."""
    body = json.dumps({**LOCKED, "note": "x" * size}).encode()
    sent: dict[str, Any] = {"data": body} if told else {"input_stream": io.BytesIO(body)}
    environ = {} if told else {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
    answer = client.post(PATH, **sent, content_type="application/json", environ_overrides=environ)
    assert answer.status_code == 413
    assert detail(answer)
    assert store.evidence_number() == 0


def test_a_station_that_is_not_there(client: FlaskClient, store: Store) -> None:
    for unknown in ("nobody", "SECRET-0", "%00", "x" * 300):
        answer = client.post(f"/api/v1/stations/{unknown}/reports", json=LOCKED)
        assert answer.status_code == 404
    assert store.evidence_number() == 0
    assert client.put(PATH).status_code == 405


def test_one_address_has_its_limit_and_staff_have_none(client: FlaskClient, store: Store) -> None:
    statuses = [client.post(PATH, json=LOCKED).status_code for _ in range(20)]
    assert statuses == [201] * 20
    refused = client.post(PATH, json=LOCKED)
    assert (refused.status_code, "20 per 1 day" in detail(refused)) == (429, True)
    assert 86_000 < int(refused.headers["Retry-After"]) <= 86_400
    assert inspect(client).status_code == 201
    other = client.post(PATH, json=LOCKED, environ_overrides={"REMOTE_ADDR": "10.1.2.3"})
    assert other.status_code == 201
    assert store.evidence_number() == 22
    assert client.get("/api/v1/stations/S001").status_code == 200


def test_nothing_of_the_sender_is_kept_or_logged(
    client: FlaskClient, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    headers = {
        "User-Agent": "agent-7fb1",
        "X-Forwarded-For": "198.51.100.77",
        "Referer": "http://localhost/map?lon=102.712345&lat=25.054321",
    }
    environ = {"REMOTE_ADDR": "203.0.113.99"}
    query = {"lon": "102.712345"}
    for number in range(21):
        sent = {**LOCKED, "note": f"note-{number}."}
        client.post(PATH, json=sent, headers=headers, environ_overrides=environ, query_string=query)
    client.post(PATH, json={"lon": 102.712345}, headers=headers)
    kept = b"".join(path.read_bytes() for path in tmp_path.glob("*.db*"))
    assert b"note-19." in kept
    assert b"note-20." not in kept
    for secret in ("agent-7fb1", "203.0.113", "198.51.100", "102.712345", "25.054321"):
        assert secret.encode() not in kept
        assert secret not in caplog.text
    assert "note-" not in caplog.text


def test_a_store_that_cannot_be_written_says_so(tmp_path: Path, store: Store) -> None:
    live = LiveRegistry(store, 1000.0, lambda: 0.0)
    client = create_app(Settings(), live, lambda: sample.NOW).test_client()
    store.close()
    for left in tmp_path.glob("*.db*"):
        left.unlink()
    answer = client.post(PATH, json=LOCKED)
    assert answer.status_code == 503
    assert "Retry-After" in answer.headers
    assert str(tmp_path) not in detail(answer)


@pytest.mark.parametrize("prefix", ["merged:", "finding:", "visit:", "withdrawn:"])
def test_nobody_chooses_a_key_of_the_registers_own(
    client: FlaskClient, store: Store, prefix: str
) -> None:
    key = f"{prefix}2"
    for sent in (
        client.post(PATH, json={**LOCKED, "key": key}),
        client.post(PATH, json=LOCKED, headers={"Idempotency-Key": f'"{key}"'}),
        inspect(client, key=key),
    ):
        assert sent.status_code == 400
        assert "such as a UUID" in detail(sent)
    assert store.evidence_number() == 0
    assert client.post(PATH, json={**LOCKED, "key": f"my-{key}"}).status_code == 201
