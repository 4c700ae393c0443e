"""The map in Debian's Chromium, with every host but this one cut off."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.web import sample
from tests.web.browsing import BROWSER, DESKTOP, LOCATED, PHONE, Visit

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Route

pytestmark = BROWSER


def test_the_map_shows_stations_areas_and_sites(visit: Callable[..., Visit]) -> None:
    page = visit(**DESKTOP).open_map()
    expect(page.locator("#count")).to_have_text("60 个驿站")
    expect(page.locator("path.area")).to_have_count(129)
    expect(page.locator("path.area.share-1").first).to_be_attached()
    assert page.locator("path.site").count() >= 5
    expect(page.locator("#synthetic")).to_be_hidden()


def nasty_row(page: Page) -> Any:
    page.click("#locate")
    expect(page.locator("#near > li")).to_have_count(5)
    return page.locator("#near .row").first


def test_a_nasty_name_is_a_name_everywhere(visit: Callable[..., Visit]) -> None:
    page = visit(**DESKTOP, **LOCATED).open_map()
    row = nasty_row(page)
    expect(row.locator(".name")).to_have_text(sample.NASTY)
    row.click()
    popup = page.locator(".leaflet-popup").last
    expect(popup.locator("h3")).to_have_text(sample.NASTY)
    expect(popup.locator("dd", has_text="onerror")).to_have_text(sample.NASTY)
    titles = page.locator(".leaflet-marker-icon").evaluate_all("pins => pins.map(pin => pin.title)")
    assert sample.NASTY in titles
    page.fill("#search", "</script>")
    expect(page.locator("#found [role=option]")).to_have_text(sample.NASTY)
    page.press("#search", "Enter")
    expect(popup.locator("h3")).to_have_text(sample.NASTY)
    page.click("#tab-gaps")
    expect(page.locator("#gap-list")).to_contain_text(sample.NASTY)
    page.locator("#gap-list .row").first.click()
    expect(popup).to_contain_text(sample.NASTY)


def test_locate_me_lists_the_nearest_with_what_they_have(visit: Callable[..., Visit]) -> None:
    page = visit(**PHONE, **LOCATED).open_map()
    page.click("#locate-here")
    expect(page.locator("#near > li")).to_have_count(5)
    expect(page.locator("#near .far").first).to_have_text("约 1 分钟")
    expect(page.locator("#near .row .quiet").first).to_contain_text("0 米")
    expect(page.locator("#near-status")).to_contain_text("找到 5 个驿站，最省时间的在前。")
    page.locator("#find .needs summary").click()
    page.locator("#find .needs label", has_text="淋浴").click()
    expect(page.locator("#near-status")).to_contain_text("没有符合条件的驿站。")
    expect(page.locator("#near > li")).to_have_count(0)
    page.get_by_role("button", name="不限设施").click()
    expect(page.locator("#near > li")).to_have_count(5)
    expect(page.locator("#find .needs label", has_text="淋浴").locator("input")).not_to_be_checked()


def test_a_refused_position_says_what_to_do(visit: Callable[..., Visit]) -> None:
    page = visit(**PHONE, permissions=[]).open_map()
    page.click("#locate-here")
    expect(page.locator("#near-status")).to_contain_text("可以点一下地图选择位置")


def test_a_tap_on_the_map_asks_from_there(visit: Callable[..., Visit]) -> None:
    page = visit(**DESKTOP).open_map()
    page.click("#station_map", position={"x": 60, "y": 400})  # all stations lie nearer its middle
    expect(page.locator("#near-title")).to_have_text("离所选位置最近")
    expect(page.locator("#near > li")).to_have_count(5)


def test_a_change_of_distance_is_measured_anew(visit: Callable[..., Visit]) -> None:
    page = visit(**DESKTOP).open_map()
    page.click("#tab-coverage")
    page.locator("#within label", has_text="5 公里").click()
    expect(page.locator("#total .figure")).not_to_have_text("10.8%")
    expect(page.locator("#total")).to_contain_text("5 公里内有驿站")
    page.locator("#rows .row").first.click()


def test_english_at_a_click_and_remembered(visit: Callable[..., Visit]) -> None:
    page = visit(**DESKTOP).open_map()
    assert page.evaluate("document.documentElement.lang") == "zh-CN"
    page.click("#language")
    expect(page.locator("h1")).to_have_text("Worker stations map")
    expect(page.locator("#count")).to_have_text("60 stations")
    page.reload()
    expect(page.locator("#tab-find")).to_have_text("Find")
    assert page.evaluate("document.documentElement.lang") == "en"
    left = page.locator("body").inner_text()
    names = {*sample.stations()["name"], *sample.parks()["name"]}
    assert "驿站" not in "".join(line for line in left.splitlines() if line not in names)


@pytest.mark.parametrize("context", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_nothing_is_wider_than_the_screen(visit: Callable[..., Visit], context: Any) -> None:
    page = visit(**context, **LOCATED).open_map()
    nasty_row(page) if context is DESKTOP else page.click("#locate-here")
    expect(page.locator("#near > li")).to_have_count(5)
    for tab in ("coverage", "gaps", "find"):
        page.click(f"#tab-{tab}")
        sizes = "[document.documentElement.scrollWidth, sheet.scrollWidth - sheet.clientWidth]"
        width, over = page.evaluate(sizes)
        assert width == context["viewport"]["width"]
        assert over == 0


def test_axe_finds_nothing(visit: Callable[..., Visit]) -> None:
    page = visit(**DESKTOP, **LOCATED, color_scheme="dark").open_map()
    page.click("#language")
    nasty_row(page).click()
    expect(page.locator(".leaflet-popup h3")).to_be_visible()
    expect(page.locator(".leaflet-popup")).to_have_css("opacity", "1")
    for tab in ("find", "coverage", "gaps"):
        page.click(f"#tab-{tab}")
        results = Axe().run(page)
        assert results.violations_count == 0, results.generate_report()


def test_the_keyboard_is_enough(visit: Callable[..., Visit]) -> None:
    page = visit(**DESKTOP).open_map()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.focus("#tab-find")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#coverage")).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#gaps")).to_be_visible()
    page.locator("#gap-list .row").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".leaflet-popup")).to_be_visible()


def test_posts_are_there_for_staff_only(visit: Callable[..., Visit]) -> None:
    public = visit(**DESKTOP)
    public.open_map()
    told = public.everything_told()
    assert not [each for each in sample.secrets() if all(text in told for text in each)]

    staff = visit(**DESKTOP)
    page = staff.open_map()
    expect(page.locator("#layer option")).to_have_count(1)
    staff.sign_in()
    page = staff.open_map()
    expect(page.locator("#layer option")).to_have_count(2)
    page.click("#tab-coverage")
    page.select_option("#layer", "border_posts")
    page.click("#tab-gaps")
    expect(page.locator("#gap-list li")).to_have_count(6)
    expect(page.locator("#gap-list")).to_contain_text("机密哨所0")
    assert page.evaluate("Object.keys(localStorage)") == []

    page.click("#sign-out")
    expect(page.locator("#account-link")).to_have_text("登录")
    expect(page.locator("#layer option")).to_have_count(1)
    expect(page.locator("#gap-list")).not_to_contain_text("机密")
    left = page.content()
    assert not [each for each in sample.secrets() if all(text in left for text in each)]


def test_what_fails_is_said_and_can_be_tried_again(visit: Callable[..., Visit]) -> None:
    visitor = visit(**DESKTOP)
    visitor.allowed = {"Failed to load resource"}
    page = visitor.page
    page.route("**/api/v1/stations**", lambda route: route.abort())
    page.route(
        "**/api/v1/coverage**", lambda route: route.fulfill(status=503, json={"detail": "稍后再试"})
    )
    page.goto("/map")
    expect(page.locator("#notice")).to_contain_text("网络不通")
    page.click("#tab-coverage")
    expect(page.locator("#coverage-status")).to_contain_text("稍后再试")
    page.unroute_all()
    page.locator("#notice button").click()
    expect(page.locator(".bunch, .pin").first).to_be_visible()
    page.locator("#coverage-status button").click()
    expect(page.locator("#total .figure")).to_have_text("10.8%")


def test_the_api_can_be_tried_from_its_page(visit: Callable[..., Visit]) -> None:
    visitor = visit(**DESKTOP)
    visitor.page.goto("/api/docs")
    expect(visitor.page.locator(".opblock").first).to_be_visible()
    assert visitor.page.locator(".opblock").count() >= 10
    expect(visitor.page.locator(".errors-wrapper")).to_have_count(0)


def test_a_card_stays_open_when_the_sites_come_late(visit: Callable[..., Visit]) -> None:
    page = visit(**DESKTOP).page
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/api/v1/gaps?*", hold)
    with page.expect_request("**/api/v1/gaps?*"):
        page.goto("/map")
    page.fill("#search", "测试驿站007")
    expect(page.locator("#found")).to_have_text("测试驿站007")
    page.press("#search", "Enter")
    expect(page.locator(".leaflet-popup .door-state")).to_be_visible()
    for route in held:
        route.continue_()
    expect(page.locator("path.site").first).to_be_attached()
    assert page.evaluate("station_map.hasLayer(station_map._popup)")  # a closing one still fades
