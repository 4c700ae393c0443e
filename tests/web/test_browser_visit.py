"""A rider's first use, on a phone: where to go, how to get in, how to get there, how it was."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from stations.registry import LiveRegistry
from tests.web import sample
from tests.web.browsing import BROWSER, LOCATED, PHONE, Visit, served
from web.app import create_app
from web.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Locator, Request, Route

pytestmark = BROWSER

ANDROID = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36"
FIVE = ["好用", "看不见", "找不到", "进不来", "用不上"]


@pytest.fixture
def rider(browser: Browser, tmp_path: Path) -> Iterator[Visit]:
    """Open the map of a few doors on a phone in Kunming, at ten in the morning."""
    frame = sample.doors()
    frame.loc["BANK", "name"] = sample.NASTY
    with sample.filled_store(tmp_path, frame) as store:
        live = LiveRegistry(store, 0.0, time.monotonic)
        app = create_app(Settings(report_limits="5 per hour"), live, lambda: sample.NOW)
        with served(app) as address:
            visit = Visit(browser, address, **PHONE, **LOCATED, user_agent=ANDROID)
            visit.page.goto("/map")
            yield visit
            visit.end()


def test_a_tap_before_the_words_are_loaded_is_not_lost(rider: Visit) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    expect(rider.page.locator("#count")).to_have_text("5 个驿站")
    rider.page.route("**/api/v1/register", hold)
    rider.page.reload()
    with rider.page.expect_response("**/api/v1/nearest?*"):
        rider.page.click("#locate-here")
    expect(rider.page.locator("#near > li")).to_have_count(0)
    held[0].continue_()
    expect(rider.page.locator("#near > li")).to_have_count(3)
    expect(rider.page.locator("#near .chips").first).to_have_text("如厕")
    assert rider.page.evaluate("station_map.getZoom()") >= 14


def test_a_search_before_the_stations_are_loaded_is_answered_when_they_are(rider: Visit) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page = rider.page
    expect(page.locator(".pin, .bunch").first).to_be_visible()
    page.route("**/api/v1/stations?*", hold)
    with page.expect_request("**/api/v1/stations?*"):
        page.reload()
    page.click("#tab-find")
    page.fill("#search", "ALLDAY")
    expect(page.locator("#found")).to_have_text("没有找到")
    held[0].continue_()
    expect(page.locator("#found")).to_have_text("测试驿站ALLDAY")


def located(rider: Visit) -> Locator:
    """Ask for the nearest; return the answers."""
    rider.page.click("#locate-here")
    expect(rider.page.locator("#near > li")).to_have_count(3)
    return rider.page.locator("#near > li")


def test_the_first_look_has_all_that_decides(rider: Visit) -> None:
    first, _, last = located(rider).all()
    expect(first.locator(".name")).to_have_text(sample.NASTY)
    expect(first.locator(".far")).to_have_text("约 1 分钟")
    expect(first.locator(".door-state")).to_have_text("到达时开门 12:00 关门")
    expect(first).to_contain_text("直接进入")
    expect(first.locator(".chips")).to_have_text("如厕")
    expect(first.locator(".trust")).to_contain_text("从未核实")
    expect(first.locator(".fallback")).to_contain_text("测试驿站ALLDAY，再走约 3 分钟")
    expect(last.locator(".door-state")).to_have_text("到达时不确定 开放时间未知")
    expect(rider.page.locator("#near-title")).to_be_in_viewport()
    expect(first.locator(".go")).to_be_in_viewport()


def test_the_way_there_is_one_tap_and_the_other_apps_two(rider: Visit) -> None:
    first = located(rider).first
    go = first.locator("a.go")
    expect(go).to_have_attribute("href", re.compile(r"^https://uri\.amap\.com/.+mode=ride"))
    expect(go).to_have_attribute("rel", "noopener noreferrer")
    first.get_by_text("其他地图", exact=True).click()
    hrefs = first.locator(".maps a").evaluate_all("links => links.map(link => link.href)")
    assert any(href.startswith("amapuri://openFeature") for href in hrefs)
    assert any(href.startswith("geo:") for href in hrefs)
    assert not [href for href in hrefs if href.startswith(("iosamap:", "baidumap:"))]


def test_another_mode_another_time_another_link(rider: Visit) -> None:
    located(rider)
    page = rider.page
    page.locator("#trip label", has_text="步行").click()
    expect(page.locator("#near .far").first).to_have_text("约 5 分钟")
    expect(page.locator("#near a.go").first).to_have_attribute("href", re.compile("mode=walk"))
    page.reload()
    expect(page.locator("#trip input[value=walk]")).to_be_checked()


def test_shut_doors_are_shown_to_who_asks(rider: Visit) -> None:
    located(rider)
    page = rider.page
    page.locator("#trip label", has_text="只看到达时开门的").click()
    expect(page.locator("#near > li")).to_have_count(4)
    expect(page.locator("#near")).to_contain_text("到达时关门")
    expect(page.locator("#near")).to_contain_text("12月1日")


def report(page: Page, item: Locator, what: str) -> None:
    item.get_by_text("反映情况").click()
    item.get_by_role("button", name=what, exact=True).click()


def test_a_report_is_two_taps_and_counts_at_once(rider: Visit) -> None:
    sent: list[Request] = []
    rider.page.on(
        "request", lambda request: sent.append(request) if request.method == "POST" else None
    )
    first = located(rider).first
    before = first.locator(".trust").inner_text()
    first.get_by_text("反映情况").click()
    shown = first.locator(".report > .outcomes > button").all_inner_texts()
    assert shown == FIVE
    first.get_by_role("button", name="进不来", exact=True).click()
    expect(first.locator(".report")).to_contain_text("已收到“进不来”")
    expect(first.locator(".trust")).not_to_have_text(before)
    [request] = sent
    assert request.post_data_json == {"outcome": "cannot_enter"}
    assert len(request.headers["idempotency-key"]) == 32


def test_a_report_that_did_not_arrive_can_be_sent_again_and_counts_once(rider: Visit) -> None:
    rider.allowed = {"Failed to load resource"}
    page, keys = rider.page, []
    page.on(
        "request",
        lambda each: (
            keys.append(each.headers["idempotency-key"]) if each.method == "POST" else None
        ),
    )
    first = located(rider).first
    page.route("**/reports", lambda route: (route.fetch(), route.abort()))
    report(page, first, "好用")
    expect(first.locator(".report .message")).to_contain_text("没有提交成功")
    page.unroute("**/reports")
    first.get_by_role("button", name="好用", exact=True).click()
    expect(first.locator(".report .message")).to_contain_text("已收到“好用”")
    assert len(keys) == 2
    assert len(set(keys)) == 1
    told = page.request.get("/api/v1/stations/BANK").json()
    assert told["evidence"] == {"pieces": 1, "open_reports": 0, "outcomes": {"worked": 1}}


def test_too_many_reports_are_told_so(rider: Visit) -> None:
    rider.allowed = {"429"}
    first = located(rider).first
    for _ in range(5):
        rider.page.request.post("/api/v1/stations/BANK/reports", data={"outcome": "worked"})
    report(rider.page, first, "用不上")
    expect(first.locator(".report .message")).to_contain_text("太频繁")


def test_the_fallback_can_be_looked_at_and_gone_to(rider: Visit) -> None:
    located(rider).first.locator(".fallback").click()
    popup = rider.page.locator(".leaflet-popup")
    expect(popup.locator("h3")).to_have_text("测试驿站ALLDAY")
    expect(popup.locator(".door-state")).to_have_text("现在开门 一直开放")
    expect(popup).to_contain_text("需要手机号、实名")
    expect(popup.locator("dl")).to_contain_text("扫码进入 20:00-08:00")
    expect(popup.locator("a.go")).to_be_visible()


def test_a_pin_tells_the_same(rider: Visit) -> None:
    located(rider)
    page = rider.page
    page.click("#tab-find")
    lon, lat = sample.doors().geometry["REPAIR"].coords[0]
    page.evaluate(f"void station_map.setView([{lat}, {lon}], 18, {{animate: false}})")
    page.locator(".pin[title*=REPAIR]").click()
    popup = page.locator(".leaflet-popup")
    expect(popup.locator(".door-state")).to_contain_text("现在关门")
    expect(popup.locator("dl")).to_contain_text("2026-11-20 – 2026-11-30 装修")
    popup.get_by_text("反映情况").click()
    expect(popup.get_by_role("button", name="好用", exact=True)).to_be_in_viewport()


def test_axe_finds_nothing_and_nothing_is_too_wide(rider: Visit) -> None:
    page = rider.page
    page.emulate_media(color_scheme="dark")
    page.click("#language")
    item = located(rider).first
    for summary in item.locator("summary").all():
        summary.click()
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()
    sizes = "[document.documentElement.scrollWidth, sheet.scrollWidth - sheet.clientWidth]"
    assert page.evaluate(sizes) == [390, 0]
    heights = item.locator("a, button, summary").evaluate_all(
        "all => all.map(each => each.offsetHeight)"
    )
    assert min(height for height in heights if height) >= 44
    words = page.locator("#near > li").first.inner_text().replace(sample.NASTY, "")
    assert not [letter for letter in words.replace("测试驿站", "") if "一" <= letter <= "鿿"]


@pytest.fixture
def early(rider: Visit) -> tuple[Locator, Route]:
    """Open a card while the rest of it is on its way; give it and what is held back."""
    page = rider.page
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/api/v1/stations/REPAIR", hold)
    expect(page.locator("#count")).to_have_text("5 个驿站")
    page.click("#tab-find")
    page.fill("#search", "REPAIR")
    expect(page.locator("#found")).to_contain_text("REPAIR")
    with page.expect_request("**/api/v1/stations/REPAIR"):
        page.press("#search", "Enter")
    return page.locator(".leaflet-popup"), held[0]


def test_a_tap_begun_before_the_rest_of_a_card_comes_counts(
    rider: Visit, early: tuple[Locator, Route]
) -> None:
    page = rider.page
    card, rest = early
    expect(card).to_contain_text("正在载入")
    button = card.get_by_role("button", name="电动车 10 分钟内能到这里的范围")
    box = button.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 20, box["y"] + 5)
    page.mouse.down()
    with page.expect_response("**/api/v1/stations/REPAIR") as answer:
        rest.continue_()
    answer.value.finished()
    page.evaluate("new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn)))")
    with page.expect_request("**/area?*"):
        page.mouse.up()


def test_what_comes_moves_no_button_of_a_card(rider: Visit, early: tuple[Locator, Route]) -> None:
    card, rest = early
    button = card.get_by_role("button", name="电动车 10 分钟内能到这里的范围")
    before = button.bounding_box()
    rest.continue_()
    expect(card.locator(".door-state")).to_be_visible()
    assert button.bounding_box() == before


def test_a_card_that_failed_can_be_asked_for_again(
    rider: Visit, early: tuple[Locator, Route]
) -> None:
    rider.allowed = {"Failed to load resource"}
    card, rest = early
    rest.abort()
    expect(card.locator(".message")).to_contain_text("网络不通")
    rider.page.unroute("**/api/v1/stations/REPAIR")
    card.get_by_role("button", name="重试").press("Enter")
    expect(card.locator(".door-state")).to_be_visible()
    expect(card.locator(".card > .message")).to_be_empty()
    expect(card.locator("article")).to_be_focused()
    rider.page.click("#locate-here")
    expect(card).to_have_count(0)


def test_a_card_by_keyboard_alone(rider: Visit, early: tuple[Locator, Route]) -> None:
    page = rider.page
    card, rest = early
    rest.continue_()
    expect(card.locator("article")).to_be_focused()
    expect(card.get_by_label("关闭")).to_be_visible()
    report = card.locator(".report > summary")
    expect(report).to_be_visible()
    report.focus()
    page.keyboard.press("Enter")
    expect(card.get_by_role("button", name="好用", exact=True)).to_be_in_viewport()
    expect(report).to_be_focused()
    page.keyboard.press("Escape")
    expect(card).to_have_count(0)
    expect(page.locator("#station_map")).to_be_focused()
    page.click("#tab-find")
    expect(page.locator("#sheet")).to_have_js_property("inert", value=False)
    pin = page.locator(".pin[title*=REPAIR]")
    pin.focus()
    page.keyboard.press("Enter")
    expect(card.locator("article")).to_be_focused()
    expect(page.locator("#sheet")).to_have_js_property("inert", value=True)
    page.keyboard.press("Escape")
    expect(pin).to_be_focused()


def test_a_card_is_clear_of_the_buttons_at_the_edge(
    rider: Visit, early: tuple[Locator, Route]
) -> None:
    card, rest = early
    rest.continue_()
    expect(card.locator(".door-state")).to_be_visible()
    card.get_by_text("反映情况").click()
    round_ = rider.page.locator("#locate-here").bounding_box()
    box = card.bounding_box()
    assert round_ is not None
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= round_["x"]


def test_a_card_fits_a_phone_held_across(rider: Visit) -> None:
    page = rider.page
    page.set_viewport_size({"width": 844, "height": 390})
    located(rider).first.locator(".row").click()
    box = page.locator(".leaflet-popup").bounding_box()
    tabs = page.locator("[role=tablist]").bounding_box()
    assert box is not None
    assert tabs is not None
    assert box["y"] >= 0
    assert box["y"] + box["height"] <= tabs["y"]
