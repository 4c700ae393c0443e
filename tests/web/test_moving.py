"""Mobile stations over HTTP: at the places they have today, and no others."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect
from shapely import Point

from stations.registry import LiveRegistry
from stations.schema import SITE_COLUMNS, STATION_COLUMNS, UNSTATED
from stations.store import Changes, Store
from tests.web import sample
from tests.web.browsing import BROWSER, DESKTOP, Visit, served
from web.app import create_app
from web.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

WEST, EAST = (102.70, 25.0), (102.80, 25.0)
PLACES = [
    {"lon": WEST[0], "lat": WEST[1], "until": "2026-11-24", "name": "西门"},
    {"lon": EAST[0], "lat": EAST[1], "from": "2026-11-25", "hours": "Mo-Fr 08:00-12:00"},
]
ENDED = {"until": ["", "", "2026-10-31"]}


@dataclass
class Clock:
    """A clock a test sets."""

    now: datetime = sample.NOW

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Served:
    """A register with a station that moves, or stays, and the app that serves it."""

    clock: Clock
    app: Any

    def get(self, path: str, headers: Any = None, **query: str) -> Any:
        return self.app.test_client().get(f"/api/v1/{path}", query_string=query, headers=headers)

    def covered(self, **query: str) -> list[str]:
        rows = self.get("coverage", layer="parks", within="1km", by="site", **query).get_json()
        if "hours" in query:
            return [row["id"] for row in rows["rows"] if row["steps"]["paper"]]
        return [row["id"] for row in rows["rows"] if row["covered"]]


@pytest.fixture
def moving(tmp_path: Path) -> Iterator[Served]:
    yield from serve(tmp_path, {"places": [json.dumps(PLACES, ensure_ascii=False)]})


@pytest.fixture
def staying(tmp_path: Path) -> Iterator[Served]:
    yield from serve(tmp_path, {})


def serve(folder: Path, columns: dict[str, list[str]]) -> Iterator[Served]:
    common = {
        **UNSTATED,
        "name": "流动站",
        "kind": "mobile",
        "status": "active",
        "opening_hours": "24/7",
    }
    stations = sample.framed(["m"], [Point(WEST)], common | columns, STATION_COLUMNS)
    sites = sample.framed(
        ["e", "w", "z"],
        [Point(EAST), Point(WEST), Point(WEST)],
        {"name": ["东", "西", "旧"], "workers": [20, 10, 5], **ENDED},
        SITE_COLUMNS,
    )
    with Store.open(f"sqlite:///{folder / 'm.db'}", create=True) as store:
        changes = Changes(stations=stations, layers=(sample.PARKS,), sites={"parks": sites})
        store.commit(changes, who="t", why="t", at=sample.WHEN)
        clock = Clock()
        live = LiveRegistry(store, 1.0, time.monotonic)
        yield Served(clock, create_app(Settings(staff_token=sample.TOKEN), live, clock))


def test_who_stands_nowhere_that_week_is_told(tmp_path: Path) -> None:
    gone = json.dumps([PLACES[0]], ensure_ascii=False)
    for moving in serve(tmp_path, {"places": [gone]}):
        for day, away in [("2026-11-23", []), ("2026-12-01", [{"id": "m", "name": "流动站"}])]:
            told = moving.get("coverage/week", layer="parks", within="1km", hours=day).get_json()
            assert told["away"] == away


def test_paper_and_truth_go_with_the_day(moving: Served) -> None:
    asked = {"layer": "parks", "within": "1km"}
    assert moving.covered() == ["w", "z"]
    assert moving.covered(hours="all") == ["w", "z"]
    before = moving.get("coverage", **asked)
    assert before.get_json()["method"]["places_on"] == "2026-11-24"
    moving.clock.now = datetime(2026, 11, 24, 15, 59, tzinfo=UTC)  # a minute to midnight in Beijing
    tag = {"If-None-Match": before.headers["ETag"]}
    assert moving.get("coverage", tag, **asked).status_code == 304
    moving.clock.now += timedelta(minutes=1)
    after = moving.get("coverage", tag, **asked)
    assert after.status_code == 200
    assert after.get_json()["method"]["places_on"] == "2026-11-25"
    assert moving.covered() == ["e"]
    assert moving.covered(hours="all") == ["e"]
    gap = moving.get("gaps", **asked, hours="all").get_json()["features"]
    assert {each["id"]: each["properties"]["nearest_m"] > 9_000 for each in gap} == {
        "e": False,
        "w": True,
        "z": True,
    }
    sites = moving.get("layers/parks", within="1km").get_json()["features"]
    assert [each["id"] for each in sites if each["properties"]["covered"]] == ["e"]
    assert moving.covered(hours="2026-11-24T12:00") == ["w"]


def test_where_nobody_moves_yesterday_s_answer_is_today_s(staying: Served) -> None:
    for more in ({}, {"hours": "all"}):
        asked = {"layer": "parks", "within": "1km", **more}
        first = staying.get("coverage", **asked)
        assert first.get_json()["method"]["places_on"] is None
        staying.clock.now += timedelta(days=3)
        tag = {"If-None-Match": first.headers["ETag"]}
        assert staying.get("coverage", tag, **asked).status_code == 304


@BROWSER[0]
@BROWSER[1]
def test_the_card_tells_where_it_stands_and_all_its_places(
    moving: Served, browser: Browser
) -> None:
    with served(moving.app) as address:
        visit = Visit(browser, address, **DESKTOP)
        page = visit.page
        page.goto("/map")
        page.fill("#search", "流动站")
        page.press("#search", "Enter")
        card = page.locator(".card")
        expect(card).to_contain_text("停靠点")
        expect(card).to_contain_text("西门")
        expect(card).to_contain_text("停靠安排")
        expect(card).to_contain_text("2026-11-25")
        visit.end()
