"""Another time than now, and a word with a report: on a phone, by keyboard, in both languages."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from stations.registry import LiveRegistry
from tests.web import sample
from tests.web.browsing import BROWSER, LOCATED, PHONE, Visit, served
from tests.web.test_browser_visit import located
from web.app import create_app
from web.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Request

    from stations.store import Store

pytestmark = BROWSER

LUNCH = "2026-11-24T13:00"  # the bank's door is shut
SHOWN = "2026年11月24日周二 13:00"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with sample.filled_store(tmp_path, sample.doors()) as filled:
        yield filled


@pytest.fixture
def rider(browser: Browser, store: Store) -> Iterator[Visit]:
    """Open the map of a few doors on a phone in Kunming, at ten in the morning."""
    app = create_app(Settings(), LiveRegistry(store, 0.0, time.monotonic), lambda: sample.NOW)
    with served(app) as address:
        visit = Visit(browser, address, **PHONE, **LOCATED, timezone_id="America/New_York")
        visit.page.goto("/map")
        yield visit
        visit.end()


def set_out(rider: Visit, when: str) -> None:
    """Choose when to go, with the keyboard alone."""
    page = rider.page
    page.focus("#trip [name=when][value=now]")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#at")).to_be_focused()
    page.fill("#at", when)


def test_another_time_another_answer_and_back(rider: Visit) -> None:
    located(rider)
    page = rider.page
    with page.expect_request(lambda each: "at=2026-11-24T13%3A00%2B08%3A00" in each.url):
        set_out(rider, LUNCH)
    near, status = page.locator("#near > li"), page.locator("#near-status")
    expect(status).to_contain_text(f"按 {SHOWN} 出发算。")
    expect(near).to_have_count(2)
    expect(near.first.locator(".name")).to_have_text("测试驿站ALLDAY")
    expect(near.first.locator(".door-state")).to_contain_text("到达时开门")
    expect(near.first.locator(".why")).to_contain_text("14:30")
    page.click("#language")
    expect(status).to_contain_text("Setting out Tue, 24 Nov 2026, 13:00.")
    page.click("#back-to-now")
    expect(near).to_have_count(3)
    expect(page.locator("#at")).to_be_hidden()
    expect(page.locator("#trip [name=when][value=now]")).to_be_focused()
    expect(status).not_to_contain_text("Setting out")


def test_a_station_s_card_is_of_that_time(rider: Visit) -> None:
    located(rider)
    set_out(rider, LUNCH)
    page = rider.page
    expect(page.locator("#near-status")).to_contain_text(SHOWN)
    page.locator("#trip label", has_text="只看到达时开门的").click()
    page.locator("#near .row", has_text="BANK").click()
    state = page.locator(".leaflet-popup .door-state")
    page.evaluate("station_map.closePopup()")
    page.locator(".pin[title*=BANK]").click()
    expect(state).to_contain_text("那时关门")
    page.click("#tab-find")
    page.click("#back-to-now")
    expect(state).to_have_count(0)


@pytest.mark.parametrize(("when", "said"), [("1899-01-01T00:00", "1902"), ("", "没有填完整")])
def test_a_time_that_is_none_is_told(rider: Visit, when: str, said: str) -> None:
    rider.allowed = {"400"}
    located(rider)
    set_out(rider, when)
    expect(rider.page.locator("#near-status, #at-status").filter(has_text=said)).to_be_visible()
    rider.page.click("#back-to-now")
    expect(rider.page.locator("#near > li")).to_have_count(3)
    expect(rider.page.locator("#at-status")).to_be_empty()


def test_beyond_the_calendar_is_unknown_and_not_an_error(rider: Visit) -> None:
    located(rider)
    set_out(rider, "2093-11-24T10:00")
    row = rider.page.locator(".row", has_text="BANK")
    item = rider.page.locator("#near > li").filter(has=row)
    expect(item.locator(".door-state")).to_contain_text("到达时不确定")


def test_a_note_goes_with_the_outcome_tapped_and_is_only_text(rider: Visit, store: Store) -> None:
    sent: list[Request] = []
    rider.page.on("request", lambda each: sent.append(each) if each.method == "POST" else None)
    first = located(rider).first
    first.get_by_text("反映情况").click()
    first.get_by_text("补充说明").click()
    first.get_by_label("补充说明").fill(f"{sample.NASTY}<b>门锁着</b>")
    first.get_by_role("button", name="进不来", exact=True).click()
    message = first.locator(".report .message")
    expect(message).to_contain_text(f"已收到“进不来：{sample.NASTY}<b>门锁着</b>”")
    assert message.locator("*").count() == 0
    note = f"{sample.NASTY}<b>门锁着</b>"
    assert [each.post_data_json for each in sent] == [{"outcome": "cannot_enter", "note": note}]
    assert store.evidence()["note"].tolist() == [note]


def test_a_note_changed_after_a_failure_is_another_report(rider: Visit, store: Store) -> None:
    rider.allowed = {"Failed to load resource"}
    page = rider.page
    first = located(rider).first
    first.get_by_text("反映情况").click()
    first.get_by_text("补充说明").click()
    note = first.get_by_label("补充说明")
    note.fill("门锁着")
    page.route("**/reports", lambda route: (route.fetch(), route.abort()))
    worked = first.get_by_role("button", name="好用", exact=True)
    worked.click()
    expect(first.locator(".report .message")).to_contain_text("没有提交成功")
    page.unroute("**/reports")
    note.fill("又开了")
    worked.click()
    expect(first.locator(".report .message")).to_contain_text("已收到“好用：又开了”")
    assert store.evidence()["note"].tolist() == ["门锁着", "又开了"]


@pytest.mark.slow
def test_axe_finds_nothing_and_nothing_is_too_wide(rider: Visit) -> None:
    page = rider.page
    page.emulate_media(color_scheme="dark")
    page.click("#language")
    item = located(rider).first
    set_out(rider, "")
    item.locator(".report > summary").click()
    item.locator(".note > summary").click()
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()
    sizes = "[document.documentElement.scrollWidth, sheet.scrollWidth - sheet.clientWidth]"
    assert page.evaluate(sizes) == [390, 0]
    heights = page.locator("#at, #back-to-now, .note summary, .note textarea").evaluate_all(
        "all => all.map(each => each.offsetHeight)"
    )
    assert min(height for height in heights if height) >= 44
