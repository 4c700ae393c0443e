"""The week on one map: it stands alone, shows what was computed, and what it shows is text."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import expect
from shapely import Point, box

from stations import coverage
from stations.coverage import Limit, Need, Terms, Truth, parse_hours, parse_what_if
from stations.coverage.choices import choices
from tests.stations.worlds import register
from tests.web.browsing import CHROMIUM
from web.weekmap import AWAY, CLOSED, OPEN, UNKNOWN, week_data, week_page
from web.weekmap.rows import NOBODY, Rows

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

NASTY = "</script><img src=x onerror=\"document.title='bad'\">${document.title='bad'}"
LAYER = "sites"
NO_BROWSER = pytest.mark.skipif(not CHROMIUM.exists(), reason=f"no browser at {CHROMIUM}")


def asked(**more: Any) -> Truth:
    """Ask about a park, a camp and a far post by a bank, a dry tap and a door nobody knows."""
    stations: dict[str, Any] = {
        "bank": (
            Point(102.70, 25.0),
            {
                "name": NASTY,
                "opening_hours": "08:00-18:00",
                "amenities": "toilet;water",
                "synthetic": True,
            },
        ),
        "tap": (Point(102.701, 25.0), {"opening_hours": "24/7", "amenities": "water"}),
        "what": (Point(102.702, 25.0), {"name": "不明", "host": NASTY}),
    }
    sites: dict[str, Any] = {
        "camp": (Point(102.703, 25.0), {"name": NASTY, "workers": 8, "area_code": "530102"}),
        "far": (Point(103.2, 25.0), {"area_code": "530102"}),
        "park": (box(102.705, 24.995, 102.715, 25.01), {"name": "园区", "workers": 70}),
    }
    registry = register(stations, {LAYER: sites}, restricted=[LAYER])
    need = Need(LAYER, Limit(900), ("toilet",))
    return coverage.truth(registry, need, Terms(**more))


def unpacked(data: Any, number: int) -> list[int]:
    """Return a row of hours as the page reads it."""
    runs = iter(data["rows"][number])
    return [value for value in runs for _ in range(next(runs))]


@given(
    st.lists(
        st.lists(st.none() | st.floats(0, 1), min_size=5, max_size=5).map(
            lambda row: [np.nan if each is None else each for each in row]
        ),
        max_size=6,
    )
)
def test_rows_hold_every_hour(shares: list[list[float]]) -> None:
    rows = Rows()
    numbers = rows.shares(np.array(shares).reshape(-1, 5))
    for number, share in zip(numbers, shares, strict=True):
        for written, each in zip(unpacked({"rows": rows.distinct}, number), share, strict=True):
            if np.isnan(each):
                assert written == NOBODY
                continue
            assert abs(written - 1_000 * each) <= 1
            assert (written == 1_000) == (each == 1)
            assert (written == 0) == (each == 0)
    assert len({tuple(row) for row in rows.distinct}) == len(rows.distinct)


def test_choices_are_what_would_be_answered() -> None:
    answer = asked()
    found = choices(answer)
    assert [each.needs for each in found] == [("toilet",), (), ("water",)]
    for each in found:
        need = Need(LAYER, answer.need.limit, each.needs)
        again = coverage.truth(answer.registry, need, answer.terms)
        assert each.share == pytest.approx(again.cube.share[7], abs=1e-12)
        hours = again.hours()
        assert each.total == pytest.approx((hours["trust"] / hours["present"]).to_numpy())
        assert np.array_equal(each.had[0], np.ones(168)) or each.needs


def test_choices_suppose_what_was_supposed() -> None:
    supposed = (parse_what_if("station:tap equipped"), parse_what_if("station:bank removed"))
    toilet, _, _ = choices(asked(supposed=supposed))
    answer = asked(supposed=supposed)
    assert np.array_equal(toilet.share, answer.cube.share[7])
    assert toilet.share[0].all()


def test_the_page_holds_the_domain_s_figures() -> None:
    answer = asked()
    data = week_data(answer)
    real = data["views"]["real"][0]
    park = data["sites"].index(next(each for each in data["sites"] if each["id"] == "park"))
    share = answer.cube.share[7][park]
    assert unpacked(data, real["sites"][park]) == np.rint(1000 * share).astype(int).tolist()
    paper = unpacked(data, data["views"]["paper"]["sites"][park])
    assert paper == [round(1000 * answer.paper.sites["share"]["park"])] * 168
    states = {each["id"]: unpacked(data, each["states"]) for each in data["stations"]}
    assert set(states["bank"]) == {OPEN, CLOSED}
    assert states["bank"][12] == OPEN
    assert (set(states["tap"]), set(states["what"])) == ({OPEN}, {UNKNOWN})
    assert [each["workers"] for each in data["sites"]] == [8, None, 70]
    gaps = answer.gaps()
    assert [data["sites"][gap["site"]]["id"] for gap in data["gaps"]] == gaps.index.tolist()
    assert data["gaps_in_all"] == len(gaps)
    gone = week_data(asked(supposed=(parse_what_if("station:tap removed"),)))
    [tap] = [each for each in gone["stations"] if each["id"] == "tap"]
    assert set(unpacked(gone, tap["states"])) == {AWAY}


def test_it_says_what_it_is_and_asks_nobody() -> None:
    page = week_page(asked())
    assert page == week_page(asked())
    for text in ("受限图层", "Restricted layer", "合成演示数据", "900 米", "须有如厕"):
        assert text in page
    assert "default-src 'none'" in page
    addresses = re.findall(r"<(?:script|link|img)[^>]*? (?:src|href)=\"([^\"]{1,30})", page)
    assert addresses
    assert all(each.startswith("data:") for each in addresses)
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    assert found
    assert json.loads(found[1])["hours"] == 168


@pytest.fixture
def shown(browser: Browser, tmp_path: Path) -> Iterator[Page]:
    """Show the page on a phone, and hold it to what was promised."""
    file = tmp_path / "week.html"
    file.write_text(week_page(asked()), "utf-8")
    page = browser.new_page(viewport={"width": 390, "height": 844}, has_touch=True)
    faults: list[str] = []
    asked_for: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    page.on("request", lambda request: asked_for.append(request.url[:5]))
    page.goto(file.as_uri())
    yield page
    assert page.title() != "bad"
    assert page.locator("img[src=x]").count() == 0
    assert faults == []
    assert set(asked_for) <= {"file:", "data:"}
    page.close()


@pytest.mark.browser
@NO_BROWSER
def test_by_keyboard_hour_by_hour(shown: Page) -> None:
    answer = asked()
    time, share, slider = (shown.locator(each) for each in ("#time", "#share", "#hour"))
    expect(time).to_have_text("周二 02:00")
    expect(share).to_contain_text("0%")
    slider.focus()
    for _ in range(10):
        shown.keyboard.press("ArrowRight")
    expect(time).to_have_text("周二 12:00")
    hours = answer.hours().loc[36]
    expect(share).to_contain_text(f"{round(100 * hours['trust'] / hours['present'], 1):g}%")
    shown.keyboard.press("PageUp")
    expect(time).to_have_text("周三 12:00")
    shown.locator("#on").press("Enter")
    expect(time).to_have_text("周三 13:00")
    shown.locator("#play").press("Space")
    expect(shown.locator("#play")).to_have_attribute("aria-pressed", "true")
    expect(time).not_to_have_text("周三 13:00")
    shown.locator("#play").press("Space")
    expect(shown.locator("#play")).to_have_attribute("aria-pressed", "false")


@pytest.mark.browser
@NO_BROWSER
def test_what_is_chosen_changes_what_is_shown(shown: Page) -> None:
    share = shown.locator("#share")
    expect(share).to_contain_text("0%")
    shown.locator("#needs").select_option(label="饮水")  # the tap is always open
    expect(share).not_to_contain_text(" 0%")
    expect(share).to_have_text(re.compile(r"^[1-9]"))
    shown.get_by_text("账面", exact=True).click()
    expect(shown.locator("#needs")).to_be_disabled()
    paper = asked().hours().loc[26]
    part = round(100 * paper["paper"] / paper["present"], 1)
    expect(share).to_contain_text(f"{part:g}%")


@pytest.mark.browser
@NO_BROWSER
def test_a_gap_moves_the_map_and_names_are_names(shown: Page) -> None:
    middle = "[week_map.getCenter().lng, week_map.getZoom()]"
    before = shown.evaluate(middle)
    gap = shown.locator("#gaps button").filter(has_text=NASTY)
    gap.click()
    expect(shown.locator(".leaflet-popup-content")).to_contain_text(NASTY)
    lon, zoom = shown.evaluate(middle)
    assert [lon, zoom] != before
    assert abs(lon - 102.703) < 0.02
    shown.locator("#language").click()
    expect(shown.locator("h1")).to_contain_text("from paper to real")
    expect(shown.locator("#time")).to_have_text("Tue 02:00")
    expect(shown.locator("#gaps")).to_contain_text("wins most")
    shown.locator("#language").click()
    expect(shown.locator("#time")).to_have_text("周二 02:00")


@pytest.mark.browser
@NO_BROWSER
def test_an_instant_has_no_slider(browser: Browser, tmp_path: Path) -> None:
    file = tmp_path / "now.html"
    file.write_text(week_page(asked(hours=parse_hours("2026-11-24T12:00"))), "utf-8")
    page = browser.new_page()
    page.goto(file.as_uri())
    expect(page.locator("#time")).to_have_text("周二 12:00")
    expect(page.locator("#hour")).to_be_hidden()
    expect(page.locator("#play")).to_be_hidden()
    page.close()
