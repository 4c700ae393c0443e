"""The map's coverage on paper, and its sheet on a phone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.web.browsing import BROWSER, DESKTOP, PHONE, Visit

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient

pytestmark = BROWSER


def test_the_map_says_that_it_loads_before_its_scripts_are_there(client: FlaskClient) -> None:
    assert '<div class="notice-bar" id="notice" role="status">正在载入' in client.get("/map").text


def test_on_a_phone_map_and_list_are_both_seen(visit: Callable[..., Visit]) -> None:
    page = visit(**PHONE).open_map()
    page.click("#tab-coverage")
    whole = page.locator("main").bounding_box()
    grip, panel = page.locator("#grip"), page.locator("#panel")

    def height() -> float:
        box = panel.bounding_box()
        assert whole
        assert box
        return box["height"] / whole["height"]

    assert 0.4 < height() < 0.5
    page.click("#legend > summary")
    legend, lowest = page.locator("#legend").bounding_box(), panel.bounding_box()
    assert legend
    assert lowest
    assert legend["y"] + legend["height"] <= lowest["y"]  # it scrolls, and can be read to its end
    page.click("#legend > summary")
    grip.focus()
    page.keyboard.press("Enter")
    assert height() > 0.7
    expect(grip).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert 0.5 < height() < 0.7
    handle = grip.bounding_box()
    assert handle
    page.mouse.move(handle["x"] + 50, handle["y"] + 5)
    page.mouse.down()
    page.mouse.move(handle["x"] + 50, handle["y"] + 150, steps=4)
    page.mouse.up()
    assert height() < 0.42


def test_workers_nobody_knows_are_not_called_none_and_the_question_goes_along(
    visit: Callable[..., Visit],
) -> None:
    page = visit(**DESKTOP).open_map()
    page.click("#tab-coverage")
    expect(page.locator("#total")).to_contain_text("其中 1 处人数未登记")
    row = page.locator("#rows li").filter(has_text="职工数未登记")
    expect(row).to_have_count(1)
    expect(page.locator("#rows")).not_to_contain_text("、0 人")
    expect(page.locator("#rows")).not_to_contain_text("· 0 人")
    page.get_by_text("“覆盖率”是什么").click()
    expect(page.get_by_text("可到达驿站的职工占全部职工的比例")).to_be_visible()
    page.locator("#within label", has_text="2 公里").click()
    page.get_by_role("link", name="做建设方案").click()
    expect(page).to_have_title("驿站规划")
    expect(page.locator("#question-line")).to_have_text("产业园区 · 2 公里内 · 整周")
    expect(page.locator("#waterfall table")).to_be_visible()
