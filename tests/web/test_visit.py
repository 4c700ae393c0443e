"""Open when I arrive, through the API: hours, ways in, trust, the station to try next."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from geodata.geodesy import LonLat
from stations import nearest
from stations.registry import LiveRegistry
from tests.web import sample
from web.api import answers
from web.app import create_app
from web.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

LON, LAT = sample.KUNMING
MORNING, LUNCH, NIGHT = "2026-11-24T10:00", "2026-11-24T13:00", "2026-11-24T02:00"
HERE = {"lon": LON, "lat": LAT}


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveRegistry]:
    with sample.filled_store(tmp_path_factory.mktemp("visit"), sample.doors()) as store:
        yield LiveRegistry(store, 0.0, time.monotonic)


@pytest.fixture(scope="module")
def client(live: LiveRegistry) -> FlaskClient:
    settings = Settings(staff_token=sample.TOKEN, report_limits="1000 per minute")
    return create_app(settings, live, lambda: sample.NOW).test_client()


def near(client: FlaskClient, **query: Any) -> list[dict[str, Any]]:
    answer = client.get("/api/v1/nearest", query_string={**HERE, **query})
    answers.Nearest.model_validate(answer.get_json())
    found: list[dict[str, Any]] = answer.get_json()["stations"]
    return found


def one(client: FlaskClient, station: str, **query: Any) -> dict[str, Any]:
    answer = client.get(f"/api/v1/stations/{station}", query_string=query)
    answers.StationNow.model_validate(answer.get_json())
    told: dict[str, Any] = answer.get_json()
    return told


@pytest.mark.parametrize(
    ("station", "at", "state", "zh", "en"),
    [
        ("BANK", MORNING, "open", "12:00 关门", "closes 12:00"),
        ("BANK", LUNCH, "closed", "14:30 开门", "opens 14:30"),
        ("BANK", "2026-11-24T03:35:00Z", "open", "25 分钟后关门", "closes in 25 min"),
        ("BANK", "2026-10-10T10:00", "open", "12:00 关门", "closes 12:00"),  # Saturday, made up
        ("BANK", "2026-10-05T10:00", "closed", "周四 08:30 开门", "opens Thu 08:30"),  # holiday
        (
            *("BANK", "2045-03-01T10:00", "unknown"),  # beyond the calendar
            "开放与否未知：2045 年放假安排尚未公布",
            "open or not is unknown: holidays of 2045 not decreed yet",
        ),
        ("ALLDAY", NIGHT, "open", "一直开放", "always open"),
        ("NOWORD", MORNING, "unknown", "开放时间未知", "hours unknown"),
        ("REPAIR", MORNING, "closed", "2026年12月1日 00:00 开门", None),
        ("PLANNED", MORNING, "closed", "规划", "Planned"),
    ],
)
def test_a_station_says_whether_it_is_open(
    client: FlaskClient, station: str, at: str, state: str, zh: str | None, en: str | None
) -> None:
    told = one(client, station, at=at)
    assert told["open"] == state
    assert zh in {told["open_text"]["zh"], None}
    assert en in {told["open_text"]["en"], None}


def test_a_visit_beyond_the_calendar_says_why_nobody_knows(client: FlaskClient) -> None:
    hits = near(client, at="2045-03-01T10:00", open="arrival", limit=50)
    [bank] = [hit for hit in hits if hit["id"] == "BANK"]
    assert bank["open"] == "unknown"
    assert bank["open_text"]["zh"] == "开放与否未知：2045 年放假安排尚未公布"
    door = bank["why"][0]
    assert door["zh"].endswith(" 到达时开放与否未知，2045 年放假安排尚未公布")
    assert door["en"].startswith("not known to be open on arrival at 10:")
    assert door["en"].endswith(": holidays of 2045 not decreed yet")


def test_without_at_it_is_now(client: FlaskClient) -> None:
    assert one(client, "BANK") == one(client, "BANK", at=MORNING)


def test_a_station_says_how_to_get_in_and_there(client: FlaskClient) -> None:
    assert one(client, "ALLDAY", at=MORNING)["way_in"] == "walk_in"
    night = one(client, "ALLDAY", at=NIGHT)
    assert night["way_in"] == "qr_code"
    assert night["door_asks"] == ["phone", "real_name"]
    assert night["access_hours"] == {"qr_code": "20:00-08:00"}
    assert {link["app"] for link in night["links"]} >= {"amap", "baidu", "tencent", "apple", "geo"}
    assert one(client, "REPAIR")["closures"] == [
        {"from": "2026-11-20", "to": "2026-11-30", "reason": "装修"}
    ]


def test_links_lead_to_the_entrance(client: FlaskClient) -> None:
    told = one(client, "BANK")
    [point] = [link["url"] for link in told["links"] if link["app"] == "geo"]
    assert point.startswith(f"geo:{told['entrance_lat']:.6f},{told['entrance_lon']:.6f}?")


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ({"open": "arrival", "at": MORNING}, ["BANK", "ALLDAY", "NOWORD"]),
        ({"open": "arrival", "at": LUNCH}, ["ALLDAY", "NOWORD"]),
        ({"open": "now", "at": LUNCH}, ["ALLDAY", "NOWORD"]),
        ({"open": "arrival", "at": "2026-11-24T11:50", "stay": 5}, ["BANK", "ALLDAY", "NOWORD"]),
        ({"open": "arrival", "at": "2026-11-24T11:50", "stay": 30}, ["ALLDAY", "NOWORD"]),
        ({"open": "arrival", "at": MORNING, "needs": "shower"}, []),
        ({"open": "arrival", "at": MORNING, "by": "distance"}, ["BANK", "ALLDAY", "NOWORD"]),
        ({"at": LUNCH, "by": "distance"}, ["BANK", "REPAIR", "NOWORD", "ALLDAY"]),
        ({"at": LUNCH}, ["BANK", "REPAIR", "NOWORD", "ALLDAY"]),
        ({"at": NIGHT, "access": "扫码"}, ["ALLDAY"]),
        ({"ebike_parking": "true"}, ["BANK"]),
        ({"truck_bays": "yes"}, ["ALLDAY"]),
    ],
)
def test_only_what_is_asked_for_is_found(
    client: FlaskClient, query: dict[str, Any], ids: list[str]
) -> None:
    assert [hit["id"] for hit in near(client, **query)] == ids


def test_the_question_reaches_the_search_whole(client: FlaskClient, live: LiveRegistry) -> None:
    query = {"at": LUNCH, "open": "arrival", "mode": "ebike", "stay": 20, "needs": "toilet"}
    hits = nearest.find(
        live.current(),
        LonLat(LON, LAT),
        limit=3,
        needs=["toilet"],
        at=sample.NOW.replace(hour=5),
        open_="arrival",
        mode="ebike",
        stay=20,
    )
    found = near(client, **query, limit=3)
    assert [hit["expected_minutes"] for hit in found] == [
        hit.as_dict()["expected_minutes"] for hit in hits
    ]
    assert [hit["id"] for hit in found] == [hit.as_dict()["id"] for hit in hits]


def test_a_hit_says_what_decides(client: FlaskClient) -> None:
    [first, *_] = near(client, open="arrival", at=LUNCH, mode="ebike")
    assert first["id"] == "ALLDAY"
    assert 0 < first["minutes"] <= first["expected_minutes"]
    assert first["estimated"] is True
    assert first["open"] == "open"
    assert first["way_in"] == "walk_in"
    assert first["trust_text"] == {"zh": "从未核实", "en": "never confirmed"}
    assert any("14:30" in reason["zh"] for reason in first["why"])
    assert first["fallback"]["id"] == "NOWORD"
    assert first["links"][0]["mode"] in {"ebike", "bike"}


def test_the_faster_the_sooner(client: FlaskClient) -> None:
    minutes = [near(client, mode=mode)[0]["minutes"] for mode in ("walk", "ebike", "truck", "car")]
    assert minutes == sorted(minutes, reverse=True)
    assert len(set(minutes)) == 4


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"at": "tomorrow"}, "at: expected an instant such as 2026-11-24T02:00 (Beijing time)"),
        ({"at": "2026-11-24T02:00 08:00"}, "+ is written %2B"),
        ({"at": "1901-12-31"}, "at: an instant lies in the years 1902 to 9000, not 1901"),
        ({"at": "2026-11-24T25:99"}, "at: expected an instant"),
        ({"stay": 10_080}, "stay: input should be less than or equal to 1440"),
        ({"stay": "nan"}, "stay: input should be"),
        ({"stay": -1}, "stay:"),
        ({"open": "maybe"}, "open: input should be 'any', 'now' or 'arrival'"),
        ({"mode": "plane"}, "mode: input should be 'walk', 'ebike'"),
        ({"by": "price"}, "by: input should be 'time' or 'distance'"),
        ({"access": "window"}, "access: not a way in; known: 直接进入 walk_in"),
        ({"truck_bays": "big"}, "truck_bays: input should be a valid boolean"),
    ],
)
def test_a_question_that_makes_no_sense_is_told_what_would(
    client: FlaskClient, query: dict[str, Any], said: str
) -> None:
    answer = client.get("/api/v1/nearest", query_string={**HERE, **query})
    assert answer.status_code == 400
    assert said in answer.get_json()["detail"]


def test_a_station_held_already_is_sent_again_once_something_changed(client: FlaskClient) -> None:
    def asked(at: str) -> TestResponse:
        return client.get("/api/v1/stations/BANK", query_string={"at": at}, headers=headers)

    headers: dict[str, str] = {}
    headers["If-None-Match"] = asked(MORNING).headers["ETag"]
    assert asked(MORNING).status_code == 304
    assert asked(LUNCH).status_code == 200


def test_reports_of_a_locked_door_count_in_the_next_answer(client: FlaskClient) -> None:
    before = near(client, open="arrival", at=MORNING)
    assert before[0]["id"] == "BANK"
    report = {"outcome": "cannot_enter", "at": "2026-11-24T01:59:00Z"}
    sent = [
        client.post("/api/v1/stations/BANK/reports", json={**report, "key": f"{number}"})
        for number in range(10)
    ]
    assert {answer.status_code for answer in sent} == {201}
    after = near(client, open="arrival", at=MORNING)
    trust = {hit["id"]: hit["trust"] for hit in after}
    assert trust["BANK"] < before[0]["trust"] / 2
    assert trust["BANK"] == pytest.approx(sent[-1].get_json()["trust"], abs=2e-3)
    told = one(client, "BANK")["evidence"]
    assert told == {"pieces": 10, "open_reports": 10, "outcomes": {"cannot_enter": 10}}
