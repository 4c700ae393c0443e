"""The page with two limits on one map: it stands alone, and what it shows is text."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect
from shapely import Point, box

from stations import coverage
from stations.coverage import Limit, Need
from tests.stations.worlds import register
from tests.web.browsing import CHROMIUM
from web.flips import flips_page

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser

NASTY = "</script><img src=x onerror=\"document.title='bad'\">${document.title='bad'}"


@pytest.fixture(scope="module")
def page() -> str:
    stations: dict[str, Any] = {"s": (Point(102.70, 25.0), {"name": NASTY, "synthetic": True})}
    sites: dict[str, Any] = {
        "far": (Point(103.2, 25.0), {"area_code": "530102"}),
        "near": (Point(102.701, 25.0), {}),
        "park": (box(102.703, 25.0, 102.715, 25.01), {"name": NASTY, "workers": 70}),
        "won": (Point(102.708, 25.0), {"name": NASTY}),
    }
    registry = register(stations, {"sites": sites}, restricted=["sites"])
    limits = (Limit(10, "min"), Limit(900))
    answers = [coverage.measure(registry, Need("sites", limit)) for limit in limits]
    return flips_page(registry, *answers)


def test_nothing_is_asked_of_anyone(page: str) -> None:
    assert "default-src 'none'" in page
    addresses = re.findall(r"<(?:script|link|img)[^>]*? (?:src|href)=\"([^\"]{1,30})", page)
    assert addresses
    assert all(each.startswith("data:") for each in addresses)


def test_it_says_what_it_is(page: str) -> None:
    for text in ("10min 步行 walk", "900m 直线 straight line", "估计 estimated"):
        assert text in page
    assert "限内部使用" in page
    assert "合成演示数据" in page


def test_every_figure_is_the_domain_s(page: str) -> None:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    assert found
    data = json.loads(found[1])
    changes = {site["id"]: site["change"] for site in data["sites"]}
    assert changes == {"far": "", "near": "", "park": "less", "won": "less"}
    assert [station["id"] for station in data["stations"]] == ["s"]
    assert data["outlines"]


@pytest.mark.browser
@pytest.mark.skipif(not CHROMIUM.exists(), reason=f"no browser at {CHROMIUM}")
def test_in_a_browser_names_are_names(page: str, browser: Browser, tmp_path: Path) -> None:
    file = tmp_path / "flips.html"
    file.write_text(page, "utf-8")
    shown = browser.new_page()
    faults: list[str] = []
    shown.on("pageerror", lambda error: faults.append(str(error)))
    shown.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    asked: list[str] = []
    shown.on("request", lambda request: asked.append(request.url[:5]))
    shown.goto(file.as_uri())
    items = shown.locator("#flips li")
    expect(items).to_have_count(2)
    expect(items.first).to_contain_text(NASTY)
    shown.locator(".number").first.click()
    expect(shown.locator(".leaflet-popup-content")).to_contain_text(NASTY)
    assert shown.title() != "bad"
    assert shown.locator("img[src=x]").count() == 0
    assert faults == []
    assert set(asked) <= {"file:", "data:"}
    shown.close()
