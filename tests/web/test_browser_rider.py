"""The rider's page on a phone: found in one tap, found again without a network, reported once."""

from __future__ import annotations

import re
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from stations.registry import LiveRegistry
from tests.web import sample
from tests.web.browsing import BROWSER, KUNMING, LOCATED, PHONE, Visit, served
from web.app import create_app
from web.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import geopandas as gpd
    from playwright.sync_api import Locator, Page, Route

    from stations.store import Store

pytestmark = BROWSER

ANDROID = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36"
UNBROKEN = """h1 => [...h1.textContent.matchAll(/\\S+/g)].every(({ 0: word, index }) => {
  const range = document.createRange();
  range.setStart(h1.firstChild, index);
  range.setEnd(h1.firstChild, index + word.length);
  return range.getClientRects().length === 1;
})"""
LOST = {"ERR_INTERNET_DISCONNECTED", "Failed to load resource", "ERR_FAILED"}


def world() -> gpd.GeoDataFrame:
    """Return the sample's stations and its doors, all in one county."""
    return pd.concat([sample.stations(), sample.doors()]).sort_index()


@contextmanager
def few_doors(folder: Path, *ids: str) -> Iterator[tuple[Store, str]]:
    """Serve a register of a few doors, one with a hostile name, at ten in the morning."""
    frame = sample.doors()
    frame.loc["BANK", "name"] = sample.NASTY
    frame = frame.loc[list(ids or frame.index)]
    with sample.filled_store(folder, frame) as store:
        live = LiveRegistry(store, 0.0, time.monotonic)
        app = create_app(Settings(report_limits="1000 per hour"), live, lambda: sample.NOW)
        with served(app) as address:
            yield store, address


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve a register that no test changes."""
    with few_doors(tmp_path_factory.mktemp("untouched")) as (_, address):
        yield address


@pytest.fixture
def doors(tmp_path: Path) -> Iterator[tuple[Store, str]]:
    """Serve a register of one test's own."""
    with few_doors(tmp_path) as own:
        yield own


type Begin = Callable[..., Visit]


@contextmanager
def riders(browser: Browser, address: str) -> Iterator[Begin]:
    visits: list[Visit] = []

    def begin(**context: Any) -> Visit:
        options = {**PHONE, **LOCATED, "user_agent": ANDROID, **context}
        visit = Visit(browser, address, **options)
        visit.context.clock.set_fixed_time(sample.NOW)
        visits.append(visit)
        opened(visit.page)
        return visit

    yield begin
    for each in visits:
        each.end()


@pytest.fixture
def rider(browser: Browser, untouched: str) -> Iterator[Begin]:
    """Open the page on a phone."""
    with riders(browser, untouched) as begin:
        yield begin


@pytest.fixture
def reporter(browser: Browser, doors: tuple[Store, str]) -> Iterator[Begin]:
    """Open the page on a phone, to report something."""
    with riders(browser, doors[1]) as begin:
        yield begin


def opened(page: Page) -> None:
    page.goto("/")
    expect(page.locator("#locate")).to_be_enabled()


def located(page: Page) -> Locator:
    """Ask for the nearest; return the answers."""
    page.click("#locate")
    items = page.locator("#near > li")
    expect(items.first).to_be_visible()
    expect(page.locator("#near")).not_to_have_attribute("aria-busy", "true")
    return items


def taken_along(page: Page) -> None:
    """Wait until the area's stations and the page itself are on the phone."""
    expect(page.locator("#kept")).not_to_be_empty()
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")


def names(items: Locator) -> list[str]:
    return items.locator(".name").all_inner_texts()


def offline(visit: Visit) -> Page:
    """Cut the phone off and open the page again."""
    visit.allowed |= LOST
    visit.context.set_offline(offline=True)
    visit.page.reload()
    expect(visit.page.locator("#locate")).to_be_enabled()
    return visit.page


def test_one_tap_shows_all_that_decides(rider: Begin) -> None:
    page = rider().page
    first = located(page).first
    expect(first.locator(".name")).to_have_text(sample.NASTY)
    expect(first.locator(".far")).to_have_text("约 1 分钟")
    expect(first.locator(".door-state")).to_have_text("到达时开门 12:00 关门")
    expect(first).to_contain_text("直接进入")
    expect(first.locator(".chips")).to_have_text("如厕")
    expect(first.locator(".trust")).to_contain_text("从未核实")
    expect(first.locator(".fallback")).to_contain_text("测试驿站ALLDAY，再走约 3 分钟")
    expect(first.locator("a.go")).to_have_attribute("href", re.compile(r"^https://uri\.amap\.com/"))
    expect(first.locator("a.go")).to_be_in_viewport()
    expect(page.locator("#map")).to_have_attribute("href", "/map#at=102.718300,25.038900")
    expect(page.locator("#near-title")).to_be_focused()


def test_the_page_asks_for_nothing_but_the_answer(rider: Begin) -> None:
    visit = rider()
    asked: list[str] = []
    visit.page.on("request", lambda request: asked.append(request.url))
    located(visit.page)
    assert "/api/v1/nearest?" in asked[0]
    assert not [url for url in asked if "leaflet" in url or "jquery" in url or "register" in url]


def test_without_a_network_the_same_station_is_found(rider: Begin) -> None:
    visit = rider()
    page = visit.page
    before = names(located(page))
    way = page.locator("#near .far").all_inner_texts()
    state = page.locator("#near .opening").all_inner_texts()
    taken_along(page)
    offline(visit)
    expect(page.locator("#network")).to_contain_text("没有网络")
    items = located(page)
    assert names(items) == before
    assert page.locator("#near .far").all_inner_texts() == way
    assert page.locator("#near .opening").all_inner_texts() == state
    expect(items.first.locator(".door-state")).to_have_text("到达时开门 12:00 关门")
    expect(page.locator("#near-status")).to_contain_text("离线结果")
    expect(items.first.locator("a.go")).to_have_attribute("href", re.compile("^amapuri://"))
    expect(items.last.locator(".trust")).to_contain_text("从未核实")
    visit.context.set_offline(offline=False)
    page.get_by_role("button", name="重新查找").click()
    expect(page.locator("#near-status")).not_to_contain_text("离线结果")
    assert names(items) == before


def test_a_report_made_offline_arrives_once(reporter: Begin, doors: tuple[Store, str]) -> None:
    visit = reporter()
    page = visit.page
    located(page)
    taken_along(page)
    offline(visit)
    first = located(page).first
    first.get_by_text("反映情况", exact=True).click()
    first.get_by_role("button", name="进不来", exact=True).click()
    expect(first.locator(".report")).to_contain_text("已记下“进不来”")
    mine = page.locator("#reports > li")
    expect(mine).to_have_attribute("data-state", "waiting")
    page.reload()
    expect(mine).to_have_attribute("data-state", "waiting")
    assert doors[0].evidence().empty
    visit.context.set_offline(offline=False)
    expect(mine).to_have_attribute("data-state", "sent")
    page.reload()
    expect(mine).to_have_attribute("data-state", "sent")
    kept = doors[0].evidence()
    assert kept[["station", "outcome"]].to_numpy().tolist() == [["BANK", "cannot_enter"]]


@pytest.mark.slow
def test_a_report_whose_answer_was_lost_counts_once(
    reporter: Begin, doors: tuple[Store, str]
) -> None:
    visit = reporter()
    visit.allowed = LOST
    page = visit.page
    first = located(page).first
    page.route("**/reports", lambda route: (route.fetch(), route.abort()))
    first.get_by_role("button", name="好用").first.click()
    mine = page.locator("#reports > li")
    expect(mine).to_have_attribute("data-state", "waiting")
    page.unroute("**/reports")
    page.get_by_role("button", name="现在提交").click()
    expect(mine).to_have_attribute("data-state", "sent")
    expect(first.locator(".report")).to_contain_text("已收到“好用”")
    assert len(doors[0].evidence()) == 1


def test_it_works_is_one_tap_and_counts_at_once(reporter: Begin) -> None:
    page = reporter().page
    first = located(page).first
    before = first.locator(".trust").inner_text()
    first.locator(".confirm").click()
    expect(first.locator(".report")).to_contain_text("已收到“好用”")
    expect(first.locator(".report")).to_contain_text("（刚刚由到站者核实")
    expect(first.locator(".trust")).not_to_have_text(before)
    expect(page.locator("#reports > li")).to_have_attribute("data-state", "sent")


@pytest.mark.slow
def test_what_the_register_refuses_is_said_and_can_be_thrown_away(rider: Begin) -> None:
    visit = rider()
    visit.allowed = {"400"}
    page = visit.page

    def refuse(route: Route) -> None:
        route.fulfill(status=400, json={"detail": "not so"})

    first = located(page).first
    page.route("**/reports", refuse)
    first.locator(".confirm").click()
    expect(page.locator("#reports > li")).to_contain_text("没有被接受：not so")
    page.locator("#reports").get_by_role("button", name="删除").click()
    expect(page.locator("#mine")).to_be_hidden()


def test_a_refused_position_can_be_typed(rider: Begin) -> None:
    visit = rider(permissions=[], geolocation=None)
    page = visit.page
    page.click("#locate")
    expect(page.locator("#near-status")).to_contain_text("没有定位权限")
    expect(page.locator("#where")).to_be_focused()
    page.keyboard.type("五华")
    page.keyboard.press("Enter")
    county = page.locator("#choices button")
    expect(county).to_have_text("云南省昆明市五华区（4 个驿站）")
    expect(county).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#near-title")).to_have_text("离“云南省昆明市五华区”最近")
    expect(page.locator("#near > li")).to_have_count(3)


@pytest.mark.parametrize("text", ["102.7183,25.0389", "102.7183， 25.0389", "102.7183 25.0389"])
def test_coordinates_can_be_typed(rider: Begin, text: str) -> None:
    page = rider(permissions=[], geolocation=None).page
    page.click("#type")
    page.fill("#where", text)
    page.keyboard.press("Enter")
    expect(page.locator("#near > li").first.locator(".far")).to_have_text("约 1 分钟")


def test_wrong_coordinates_and_unknown_names_are_told(rider: Begin) -> None:
    page = rider().page
    page.click("#type")
    page.fill("#where", "102.7,95")
    page.keyboard.press("Enter")
    expect(page.locator("#place-status")).to_contain_text("经度在前")
    page.fill("#where", "<b>没有</b>")
    page.keyboard.press("Enter")
    expect(page.locator("#place-status")).to_have_text("没有找到“<b>没有</b>”。")


def test_a_place_can_be_typed_without_a_network(rider: Begin) -> None:
    visit = rider()
    page = visit.page
    located(page)
    taken_along(page)
    offline(visit)
    page.click("#type")
    page.fill("#where", "ALLDAY")
    page.keyboard.press("Enter")
    page.locator("#choices button").click()
    expect(page.locator("#near > li").first.locator(".name")).to_have_text("测试驿站ALLDAY")
    expect(page.locator("#near-status")).to_contain_text("离线结果")


def test_the_map_without_a_network_leaves_the_answer_where_it_is(rider: Begin) -> None:
    visit = rider()
    page = visit.page
    items = located(page)
    visit.context.set_offline(offline=True)
    page.click("#map")
    expect(page.locator("#network")).to_have_text("没有网络，打不开地图。")
    expect(page.locator("#network")).to_be_in_viewport()
    expect(items.first).to_be_visible()
    visit.context.set_offline(offline=False)
    expect(page.locator("#network")).to_be_hidden()
    page.click("#map")
    expect(page).to_have_title("工会驿站地图")


def test_a_line_that_comes_late_does_not_move_what_is_pressed(rider: Begin) -> None:
    page = rider().page
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/api/v1/activities?*", hold)
    with page.expect_request("**/api/v1/activities?*"):
        first = located(page).first
    report = first.locator(".report")
    report.scroll_into_view_if_needed()
    box = report.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 20, box["y"] + 4)
    page.mouse.down()
    planned = {"station": "BANK", "starts": "2026-11-24T15:00", "title": "免费体检", "place": ""}
    with page.expect_response("**/api/v1/activities?*") as answer:
        held[0].fulfill(json={"activities": [planned]})
    answer.value.finished()
    page.evaluate("new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn)))")
    page.mouse.up()
    expect(report).to_have_attribute("open", "")
    expect(first.locator(".happening")).to_contain_text("免费体检")


def test_filters_stay(rider: Begin) -> None:
    page = rider().page
    page.locator("#filters label", has_text="如厕").click()
    page.locator("#filters label", has_text="整夜开").click()
    page.reload()
    expect(page.locator("#locate")).to_be_enabled()
    expect(page.locator("#filters input[value=toilet]")).to_be_checked()
    expect(page.locator("#filters input[value=night]")).to_be_checked()
    expect(page.locator("#filters input[value=water]")).not_to_be_checked()
    with page.expect_request("**/nearest?*") as asked:
        items = located(page)
    assert "needs=toilet" in asked.value.url
    assert "at=2026-11-24T22%3A00%2B08%3A00" in asked.value.url
    assert "stay=480" in asked.value.url
    expect(items.first.locator(".name")).to_have_text("测试驿站ALLDAY")
    expect(page.locator("#near-status")).to_contain_text("22:00")
    page.locator("#filters label", has_text="淋浴").click()
    expect(page.locator("#near-status")).to_contain_text("没有符合条件的驿站。")
    expect(page.locator("#near > li")).to_have_count(0)
    page.get_by_role("button", name="不限设施").click()
    expect(items.first.locator(".name")).to_have_text("测试驿站ALLDAY")
    expect(page.locator("#filters input[value=toilet]")).not_to_be_checked()


def test_all_shut_can_be_looked_at_and_far_is_far(browser: Browser, tmp_path: Path) -> None:
    with (
        few_doors(tmp_path, "REPAIR") as (_, address),
        riders(browser, address) as begin,
    ):
        page = begin().page
        page.click("#locate")
        expect(page.locator("#near-status")).to_contain_text("没有到达时开门、又符合条件的驿站。")
        page.get_by_role("button", name="也看关门的").click()
        expect(page.locator("#near")).to_contain_text("到达时关门")
        page.locator("#more > summary").click()
        page.locator("#trip label", has_text="只看到达时开门的").click()
        page.click("#type")
        page.fill("#where", "121.47, 31.23")
        page.keyboard.press("Enter")
        expect(page.locator("#near-status")).to_have_text("符合条件的驿站都在一天路程之外。")
        expect(page.locator("#near-status button")).to_have_count(0)
        page.locator("#trip label", has_text="只看到达时开门的").click()
        expect(page.locator("#near .far")).to_have_text(re.compile(r"^约 \d+(\.\d)? 小时$"))


def test_another_language_is_one_click_and_stays(rider: Begin) -> None:
    page = rider().page
    located(page)
    page.click("#language")
    expect(page).to_have_title("Worker stations: the nearest")
    expect(page.locator("#near .door-state").first).to_have_text(
        "Open when you arrive closes 12:00"
    )
    page.reload()
    expect(page.locator("#locate")).to_have_text("Nearest to me")
    words = located(page).nth(1).inner_text().replace("测试驿站", "")
    assert not [letter for letter in words if "一" <= letter <= "鿿"]


def test_every_task_by_keyboard_alone(reporter: Begin) -> None:
    page = reporter().page
    page.locator("#locate").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#near-title")).to_be_focused()
    first = page.locator("#near > li").first
    page.keyboard.press("Tab")
    expect(first).not_to_be_focused()
    expect(first.locator("a.go")).to_be_focused()
    for _ in range(3):  # other maps, it works, report
        page.keyboard.press("Tab")
    expect(first.locator(".report > summary")).to_be_focused()
    page.keyboard.press("Enter")
    first.get_by_role("button", name="找不到", exact=True).focus()
    page.keyboard.press("Enter")
    expect(first.locator(".report")).to_contain_text("已收到“找不到”")
    expect(first.locator(".report > summary")).to_be_focused()
    second = page.locator("#near > li").nth(1)
    second.locator(".confirm").press("Enter")
    expect(second.locator(".report")).to_contain_text("已收到“好用”")
    expect(second.locator(".report > summary")).to_be_focused()


def test_a_fallback_leads_to_its_own_lines(rider: Begin) -> None:
    page = rider().page
    located(page).first.locator(".fallback").click()
    expect(page.locator("#near > li[data-id=ALLDAY]")).to_be_focused()


def test_a_failing_server_is_told_and_what_is_kept_still_answers(rider: Begin) -> None:
    visit = rider()
    visit.allowed = {"503"}
    page = visit.page

    def fail(route: Route) -> None:
        route.fulfill(status=503, json={"detail": "just now"})

    page.route("**/nearest?*", fail)
    page.click("#locate")
    expect(page.locator("#near-status")).to_contain_text("服务器出错了：just now")
    page.unroute("**/nearest?*")
    page.get_by_role("button", name="重试").click()
    expect(page.locator("#near > li")).to_have_count(3)
    taken_along(page)
    page.route("**/nearest?*", fail)
    page.click("#locate")
    expect(page.locator("#near-status")).to_contain_text("服务器出错了：just now 离线结果")
    expect(page.locator("#near > li")).to_have_count(3)


@pytest.mark.slow
def test_a_phone_that_never_asked_says_so_offline(rider: Begin) -> None:
    visit = rider()
    page = visit.page
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    offline(visit)
    page.click("#locate")
    expect(page.locator("#near-status")).to_contain_text("这部手机里也还没有附近的驿站")


def test_what_was_kept_half_a_day_ago_is_marked_old(rider: Begin) -> None:
    visit = rider()
    page = visit.page
    located(page)
    taken_along(page)
    visit.context.clock.set_fixed_time(sample.NOW + pd.Timedelta(hours=12, minutes=1))
    offline(visit)
    located(page)
    expect(page.locator(".offline.old")).to_contain_text("12 小时前")
    expect(page.locator(".offline.old")).to_contain_text("已经旧了")


def test_no_position_is_kept_or_sent_but_in_the_question(reporter: Begin) -> None:
    visit = reporter()
    page = visit.page
    asked: list[str] = []
    page.on("request", lambda each: asked.append(each.url + (each.post_data or "")))
    located(page).first.locator(".confirm").click()
    expect(page.locator("#reports > li")).to_have_attribute("data-state", "sent")
    taken_along(page)
    where = [url for url in asked if "102.718" in url]
    assert len(where) == 1
    assert "/nearest?" in where[0]
    stored = page.evaluate("JSON.stringify(localStorage)")
    assert "102.7" not in stored
    page.reload()
    expect(page.locator("#locate")).to_be_enabled()
    expect(page.locator("#near > li")).to_have_count(0)


def test_the_map_opens_at_the_same_place(rider: Begin) -> None:
    page = rider().page
    located(page)
    page.click("#map")
    expect(page.locator("#near-title")).to_have_text("离所选位置最近", timeout=20_000)
    expect(page.locator("#near .name").first).to_have_text(sample.NASTY)


def test_a_slow_network_brings_the_page_and_the_answer(rider: Begin) -> None:
    page = rider().page
    page.context.new_cdp_session(page).send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": 300,
            "downloadThroughput": 30_000,
            "uploadThroughput": 15_000,
        },
    )
    page.reload()
    expect(page.locator("#locate")).to_be_enabled(timeout=30_000)
    page.click("#locate")
    expect(page.locator("#near > li")).to_have_count(3, timeout=30_000)


@pytest.mark.parametrize(
    ("language", "scheme", "width"),
    [("en", "dark", 390), ("en", "light", 320), ("zh", "dark", 1440)],
)
def test_axe_finds_nothing_and_nothing_is_too_wide(
    reporter: Begin, language: str, scheme: Any, width: int
) -> None:
    viewport = {"width": width, "height": 844}
    page = reporter(viewport=viewport, is_mobile=False).page
    page.emulate_media(color_scheme=scheme)
    if language == "en":
        page.click("#language")
    item = located(page).first
    item.locator(".confirm").click()
    expect(page.locator("#reports > li")).to_have_attribute("data-state", "sent")
    page.locator("#more > summary").click()
    page.click("#type")
    for summary in item.locator("summary").all():
        summary.click()
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.locator("h1").evaluate(UNBROKEN)
    heights = page.locator("#near a, #near button, #near summary, nav > *").evaluate_all(
        "all => all.map(each => each.offsetHeight)"
    )
    assert min(height for height in heights if height) >= 44


def test_the_phone_orders_as_the_server_does(browser: Browser, tmp_path: Path) -> None:
    """Ask both the same questions, at many places and hours, in all modes."""
    with sample.filled_store(tmp_path, world()) as store:
        live = LiveRegistry(store, 0.0, time.monotonic)
        app = create_app(Settings(), live, lambda: sample.NOW)
        with served(app) as address:
            visit = Visit(browser, address, geolocation=KUNMING)
            visit.page.goto("/")
            found = visit.page.evaluate(BOTH, [QUESTIONS, int(sample.NOW.timestamp() * 1000)])
            visit.end()
    assert len(found) == len(QUESTIONS)
    for question, (mine, theirs) in zip(QUESTIONS, found, strict=True):
        assert [each[:-2] for each in mine] == [each[:-2] for each in theirs], question
        for own, other in zip(mine, theirs, strict=True):
            assert own[-2:] == pytest.approx(other[-2:], abs=0.2), question


QUESTIONS = [
    {
        "lon": sample.KUNMING[0] + east,
        "lat": sample.KUNMING[1] + north,
        "needs": needs,
        "mode": mode,
        "stay": stay,
        "open": open_,
        "at": at,
        "limit": 5,
    }
    for east, north, mode in [(0.004, 0.003, "walk"), (-0.08, 0.05, "ebike"), (0.1, -0.12, "car")]
    for needs, stay in [([], 0), (["toilet"], 20), (["water", "rest"], 60)]
    for open_ in ["arrival", "any"]
    for at in ["", "2026-11-24T19:45+08:00", "2026-11-29T07:50+08:00"]
]
BOTH = """async ([questions, now]) => {
  const { answerFrom } = await import("/static/js/rider/away.js");
  const known = await (await fetch("/api/v1/offline?area=5301")).json();
  const told = ({ stations }) => stations.map((each) => [
    each.id, each.open, each.way_in,
    each.fallback?.id ?? null, each.trust.toFixed(2), each.minutes, each.expected_minutes,
  ]);
  const found = [];
  for (const asked of questions) {
    const query = new URLSearchParams({ ...asked, by: "time", needs: asked.needs.join(",") });
    if (!asked.at) query.delete("at");
    const theirs = await (await fetch(`/api/v1/nearest?${query}`)).json();
    found.push([told(answerFrom([{ known, at: now }], asked, now)), told(theirs)]);
  }
  return found;
}"""
