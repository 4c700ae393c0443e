"""Rounds over HTTP: for inspectors, as a job, on paper; nothing of what is restricted."""

from __future__ import annotations

import io
import threading
import time
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest
from python_calamine import CalamineWorkbook

from stations.registry import LiveRegistry
from tests.web import sample
from web.api import answers
from web.app import create_app
from web.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask.testing import FlaskClient

    from stations.store import Store

JOBS = "/api/v1/rounds/jobs"
LON, LAT = sample.KUNMING
ASKED = {
    "date": "2026-11-24",
    "inspectors": [
        {"name": sample.NASTY[:100], "start": {"lon": LON, "lat": LAT}, "from": "09:00"},
        {"name": "李明", "start": {"lon": LON, "lat": LAT}, "until": "12:00"},
    ],
    "candidates": 20,
    "lunch": 30,
}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with sample.filled_store(tmp_path_factory.mktemp("rounds")) as filled:
        yield filled


@pytest.fixture(scope="module")
def client(store: Store) -> FlaskClient:
    live = LiveRegistry(store, 1.0, time.monotonic)
    return create_app(Settings(staff_token=sample.TOKEN), live, lambda: sample.NOW).test_client()


def settled() -> None:
    """Wait until no job of this process is at work."""
    for thread in threading.enumerate():
        if thread.name == "jobs":
            thread.join(60)


@pytest.fixture(scope="module")
def job(client: FlaskClient) -> dict[str, Any]:
    begun = client.post(JOBS, json=ASKED, headers=sample.STAFF)
    assert begun.status_code == 202, begun.get_json()
    settled()
    told: dict[str, Any] = client.get(
        f"{JOBS}/{begun.get_json()['id']}", headers=sample.STAFF
    ).get_json()
    answers.Job.model_validate(told)
    assert told["state"] == "done", told
    return told


def test_a_round_is_asked_as_a_job_and_told_whole(client: FlaskClient, job: dict[str, Any]) -> None:
    answer = client.get(f"{JOBS}/{job['id']}/result", headers=sample.STAFF)
    assert answer.headers["Cache-Control"] == "private, no-store"
    told = answer.get_json()
    assert job["kind"] == "rounds"
    assert told["date"] == "2026-11-24"
    first, second = told["routes"]
    assert first["stops"]
    assert first["leave"] >= "09:00"
    assert second["back"] <= "12:00"
    [stop] = [each for each in first["stops"] if each["number"] == 1]
    assert {"amap", "geo"} <= {link["app"] for link in stop["links"]}
    assert stop["estimated"]
    [place] = [link["href"] for link in job["links"] if link["rel"] == "result"]
    assert client.get(place, headers=sample.STAFF).get_json() == told


@pytest.mark.parametrize(
    ("kind", "type_", "begins"),
    [
        ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", b"PK"),
        ("gpx", "application/gpx+xml", b"<?xml"),
        ("html", "text/html; charset=utf-8", b"<!"),
        ("pdf", "application/pdf", b"%PDF"),
    ],
)
def test_a_round_is_sent_as_a_file(
    client: FlaskClient, job: dict[str, Any], kind: str, type_: str, begins: bytes
) -> None:
    where = f"{JOBS}/{job['id']}/sheet"
    answer = client.get(where, query_string={"format": kind}, headers=sample.STAFF)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, type_)
    assert answer.headers["Content-Disposition"] == f"attachment; filename=round-2026-11-24.{kind}"
    assert answer.data.lstrip().startswith(begins)
    if kind == "html":
        assert sample.NASTY[:100] not in answer.text
    if kind == "gpx":
        assert ET.fromstring(answer.data).tag.endswith("gpx")  # noqa: S314 - our own
    if kind == "xlsx":
        sheets = CalamineWorkbook.from_filelike(io.BytesIO(answer.data)).sheet_names
        assert sheets == ["汇总 Summary", "行程 Route", "未安排 Left out", "说明 Method"]


def test_rounds_are_for_those_signed_in(client: FlaskClient, job: dict[str, Any]) -> None:
    assert client.post(JOBS, json=ASKED).status_code == 401
    for rest in ("", "/result", "/sheet"):
        assert client.get(f"{JOBS}/{job['id']}{rest}").status_code == 404


def test_restricted_places_are_not_in_it(client: FlaskClient, job: dict[str, Any]) -> None:
    text = client.get(f"{JOBS}/{job['id']}/result", headers=sample.STAFF).text
    for lon, lat in sample.POST_PLACES:
        assert f"{lon}" not in text
        assert f"{lat}" not in text
    assert "机密" not in text


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"date": "tomorrow"}, "date"),
        ({"inspectors": []}, "inspectors"),
        ({"area": "昆明"}, "area"),
        ({"mode": "straight"}, "mode"),
        ({"candidates": 0}, "candidates"),
        ({"lunch": -1}, "lunch"),
        ({"more": 1}, "not a field"),
        ({"inspectors": [{"name": "A", "start": {"lon": 25.0, "lat": 102.7}}]}, "lat"),
        ({"inspectors": [{"name": "A", "start": {"lon": LON, "lat": LAT}, "from": "8"}]}, "08:30"),
    ],
)
def test_what_is_wrong_is_said_at_once(
    client: FlaskClient, change: dict[str, Any], said: str
) -> None:
    answer = client.post(JOBS, json=ASKED | change, headers=sample.STAFF)
    assert answer.status_code in {400, 422}
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    assert said in answer.get_json()["detail"]


def test_an_area_without_stations_fails_and_says_why(client: FlaskClient) -> None:
    begun = client.post(JOBS, json=ASKED | {"area": "99"}, headers=sample.STAFF)
    settled()
    told = client.get(begun.headers["Location"], headers=sample.STAFF).get_json()
    assert (told["state"], told["status"]) == ("failed", 400)
    assert "begins with 99" in told["detail"]
    where = f"{JOBS}/{told['id']}/sheet"
    assert client.get(where, headers=sample.STAFF).status_code == 404


def test_a_round_may_be_given_up(client: FlaskClient) -> None:
    begun = client.post(JOBS, json=ASKED, headers=sample.STAFF).get_json()
    gone = client.delete(f"{JOBS}/{begun['id']}", headers=sample.STAFF).get_json()
    settled()
    assert gone["state"] in {"cancelled", "done"}
