"""The map of very many stations: bunches and names come from the server, by what is looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

from tests.web import sample
from tests.web.browsing import BROWSER, DESKTOP, PHONE, Visit

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Route

pytestmark = BROWSER


def _swollen(route: Route) -> None:
    route.fulfill(json={**route.fetch().json(), "stations": 20_000})


@pytest.fixture
def page(visit: Callable[..., Visit]) -> Page:
    """Open the map of 20,000 stations, as far as the page knows."""
    opened = visit(**DESKTOP).page
    opened.route("**/api/v1/register", _swollen)
    opened.goto("/map")
    expect(opened.locator("path.area")).to_have_count(129)  # the map has found its place
    expect(opened.locator(".bunch").first).to_be_visible()
    return opened


def _counted(page: Page) -> int:
    bunches = sum(map(int, page.locator(".bunch").all_inner_texts()))
    return bunches + page.locator(".leaflet-marker-icon.pin").count()


def test_bunches_come_apart_as_one_looks_closer(page: Page) -> None:
    expect(page.locator("#notice")).to_be_empty()
    assert _counted(page) == 60
    page.evaluate("void station_map.setView([25, 101.6], 6, {animate: false})")
    expect(page.locator(".bunch")).to_have_count(1)
    page.locator(".bunch").press("Enter")
    expect(page.locator(".bunch")).not_to_have_count(1)
    lon, lat = sample.KUNMING
    page.evaluate(f"void station_map.setView([{lat}, {lon}], 16, {{animate: false}})")
    pin = page.locator(".leaflet-marker-icon[title*=onerror]")
    expect(pin).to_be_visible()
    expect(page.locator(".bunch")).to_have_count(0)
    pin.click()
    expect(page.locator(".leaflet-popup h3")).to_have_text(sample.NASTY)
    expect(page.locator(".leaflet-popup .door-state")).to_be_visible()


def test_names_are_found_that_the_page_does_not_hold(page: Page) -> None:
    page.fill("#search", "测试驿站03")
    expect(page.locator("#found [role=option]")).to_have_count(8)
    page.fill("#search", "测试驿站037")
    expect(page.locator("#found")).to_have_text("测试驿站037")
    page.press("#search", "Enter")
    expect(page.locator(".leaflet-popup h3")).to_have_text("测试驿站037")
    expect(page.locator(".leaflet-popup .door-state")).to_be_visible()


def test_enter_before_the_server_has_answered(page: Page) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/api/v1/search?*", hold)
    page.fill("#search", "测试驿站037")
    with page.expect_request("**/api/v1/search?*"):
        page.press("#search", "Enter")
    expect(page.locator("#found")).to_have_text("没有找到")
    held[0].continue_()
    expect(page.locator(".leaflet-popup h3")).to_have_text("测试驿站037")


def test_what_fails_can_be_tried_again(visit: Callable[..., Visit]) -> None:
    visitor = visit(**PHONE)
    visitor.allowed = {"Failed to load resource"}
    page = visitor.page
    page.route("**/api/v1/register", _swollen)
    page.route("**/api/v1/marks/**", lambda route: route.abort())
    page.goto("/map")
    expect(page.locator("path.area")).to_have_count(129)
    expect(page.locator("#notice")).to_contain_text("网络不通")
    page.unroute("**/api/v1/marks/**")
    page.locator("#notice button").click()
    expect(page.locator(".bunch").first).to_be_visible()
    expect(page.locator("#notice")).to_be_empty()
    assert _counted(page) == 60
