"""A station's own page: words for people, schema.org's terms for machines, nothing that runs."""

from __future__ import annotations

import json
import re
import time
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from stations.hours import Posted, State, state_at
from stations.hours.clock import ZONE
from stations.registry import LiveRegistry
from tests.web import people, sample
from web.app import create_app
from web.settings import Settings
from web.station_hours import days_ahead, specifications

if TYPE_CHECKING:
    from pathlib import Path

    from flask.testing import FlaskClient

MONDAY = date(2026, 9, 28)
"""Before the holidays of October, with their make-up workdays."""
HOURS = [
    "24/7",
    "Mo-Fr 08:30-12:00,14:30-18:00",
    "Mo-Su 22:00-06:00",
    "Mo-Fr 08:00-24:00; Sa 10:00-14:00; PH off",
    "Fr 20:00-24:00; Sa 00:00-24:00; Su 00:00-08:00",
    "off",
    "Mo-Sa 09:00-17:00; PH 10:00-16:00",
]


def minutes(text: str) -> int:
    return int(text[:2]) * 60 + int(text[3:])


def told_open(told: dict[str, Any], day: date, minute: int) -> bool:
    """Read schema.org's hours as its readers do: exceptions for a day count instead of the week."""
    for step in (0, 1):  # an opening over midnight was told on the day before
        past = day - timedelta(days=step)
        special = [
            each
            for each in told["specialOpeningHoursSpecification"]
            if each["validFrom"] <= past.isoformat() <= each["validThrough"]
        ]
        usual = [
            each
            for each in told["openingHoursSpecification"]
            if past.strftime("%A") in each["dayOfWeek"]
            and past.isoformat() <= each.get("validThrough", "9999")
        ]
        for each in special or usual:
            opens, closes = minutes(each["opens"]), minutes(each["closes"])
            closes = 1440 if each["closes"] == "23:59" else closes
            closes += 1440 if closes < opens else 0
            if opens <= minute + step * 1440 < closes:
                return True
    return False


@pytest.mark.parametrize("text", HOURS)
def test_what_is_told_is_what_the_door_does(text: str) -> None:
    posted = Posted(text)
    told, days = specifications(posted, MONDAY), days_ahead(posted, MONDAY, 21)
    known = min(
        (each.get("validThrough", "9999") for each in told["openingHoursSpecification"]),
        default="9999",
    )
    for step, day in enumerate(days):
        for minute in range(7, 1440, 31):
            at = day.day.strftime("%Y-%m-%dT") + f"{minute // 60:02}:{minute % 60:02}"
            is_open = state_at(posted, _aware(at)) == State.OPEN
            if step:  # on the first day it may be open from the day before, which is not told
                unknown = day.day.isoformat() > known
                assert told_open(told, day.day, minute) == (is_open and not unknown), (text, at)
            spans = [each for each in day.spans if each.state == "open"]
            assert any(minutes(s.since) <= minute < minutes(s.until) for s in spans) == is_open


def _aware(text: str) -> Any:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def test_holidays_are_exceptions_and_what_is_unknown_is_not_told() -> None:
    told = specifications(Posted("Mo-Fr 09:00-17:00; PH off"), MONDAY)
    special = told["specialOpeningHoursSpecification"]
    shut = [each for each in special if each["opens"] == each["closes"]]
    assert any(each["validFrom"] <= "2026-10-01" <= each["validThrough"] for each in shut)
    assert [each.special for each in days_ahead(Posted("Mo-Fr 09:00-17:00; PH off"), MONDAY)][3]
    ahead = specifications(Posted("Mo-Fr 09:00-17:00; PH off"), date(2027, 12, 20))
    assert ahead == {
        "openingHoursSpecification": [],
        "specialOpeningHoursSpecification": [],
    } or all("validThrough" in each for each in ahead["openingHoursSpecification"])
    nothing = specifications(Posted(""), MONDAY)
    assert nothing == {"openingHoursSpecification": [], "specialOpeningHoursSpecification": []}


def linked(text: str) -> Any:
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', text, re.DOTALL)
    assert found is not None
    return json.loads(found[1])


@pytest.mark.parametrize(("lang", "tag"), [("zh", "zh-CN"), ("en", "en")])
def test_the_page_says_it_without_a_script(client: FlaskClient, lang: str, tag: str) -> None:
    text = client.get(f"/stations/S001?lang={lang}").get_data(as_text=True)
    assert f'<html lang="{tag}">' in text
    assert text.count("<script") == 1  # the data
    for said in ("测试驿站001", "08:00–20:00", "0871-65123456", "/map#at=102.87", "云南省昆明市"):
        assert said in text
    assert ("如厕" in text.partition("</head>")[2]) == (lang == "zh")
    record = client.get("/api/v1/stations/S001").get_json()
    assert record["trust_text"][lang] in text
    assert f"{round(record['trust'] * 100)}" in text


def test_a_name_is_only_a_name(client: FlaskClient) -> None:
    answer = client.get(f"/stations/{sample.NASTY_ID}")
    text = answer.get_data(as_text=True)
    assert text.count("<script") == text.count("</script>") == 1
    assert "<img src=x" not in text
    assert linked(text)["name"] == sample.NASTY
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]


def test_machines_get_what_they_ask_for(client: FlaskClient) -> None:
    page = client.get("/stations/S001", headers={"Accept": "text/html,*/*;q=0.8"})
    told = client.get("/stations/S001", headers={"Accept": "application/ld+json"})
    assert told.content_type == "application/ld+json"
    assert told.get_json(force=True) == linked(page.get_data(as_text=True))
    assert told.headers["ETag"] != page.headers["ETag"]
    document = told.get_json(force=True)
    frame = sample.stations()
    assert document["geo"]["latitude"] == frame.geometry["S001"].y
    assert document["geo"]["longitude"] == frame.geometry["S001"].x
    assert document["openingHoursSpecification"][0]["opens"] == "08:00"
    assert len(document["amenityFeature"]) == len(frame.loc["S001", "amenities"].split(";"))
    planned = client.get("/stations/S019?f=jsonld").get_json(force=True)
    assert "openingHoursSpecification" not in planned
    links = ",".join(page.headers.getlist("Link"))
    for type_ in ("application/geo+json", "application/ld+json"):
        assert f'rel="alternate"; type="{type_}"' in links
    moved = client.get("/stations/S001", headers={"Accept": "application/geo+json"})
    assert moved.status_code == 303
    assert client.get(moved.headers["Location"]).get_json(force=True)["id"] == "S001"
    tag = {"If-None-Match": page.headers["ETag"]}
    assert client.get("/stations/S001", headers={**tag, "Accept": "text/html"}).status_code == 304
    for query in ("f=pdf", "nonsense=1"):
        assert client.get(f"/stations/S001?{query}").status_code == 400
    assert client.get("/stations/nobody").status_code == 404


def test_staff_find_the_history(tmp_path: Path) -> None:
    with people.filled_store(tmp_path) as store:
        app = create_app(Settings(), LiveRegistry(store, 1.0, time.monotonic), lambda: sample.NOW)
        for name, there in (("", False), ("inspector-here", True)):
            answer = people.Browser(app, name).client.get("/stations/S001")
            assert ("/history" in answer.get_data(as_text=True)) == there
            assert ("private" in answer.headers["Cache-Control"]) == there
