"""Coverage in truth on the page: from paper to real, the week, long questions, files."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from geodata import roads
from geodata.roads import RoadNetwork
from stations.registry import LiveRegistry
from stations.travel import Travel
from tests.web import valley
from tests.web.browsing import BROWSER, DESKTOP, PHONE, Visit, served
from web.app import create_app
from web.jobs import Cancelled
from web.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from flask.testing import FlaskClient
    from playwright.sync_api import Browser, Page

pytestmark = BROWSER

QUESTION = {"layer": "parks", "within": "1km", "hours": "all"}


def in_truth(visitor: Visit) -> Page:
    page = visitor.open_map()
    page.click("#tab-coverage")
    page.locator("#view label", has_text="实际").click()
    expect(page.locator(".waterfall")).to_be_visible(timeout=10_000)
    return page


def shown(share: float) -> str:
    """Return a share as the page writes it."""
    return f"{share:.1%}".replace(".0%", "%")


def test_the_waterfall_is_a_table_that_adds_up(
    visit: Callable[..., Visit], client: FlaskClient
) -> None:
    page = in_truth(visit(**DESKTOP))
    total = client.get("/api/v1/coverage", query_string=QUESTION).get_json()["total"]
    table = page.get_by_role("table", name="从账面到实际，在哪一步、因为什么损失")
    rows = {
        row.locator("th").inner_text(): int(
            row.locator(".number").inner_text().replace(",", "").replace("−", "-")
        )
        for row in table.locator("tbody tr").all()
    }
    steps, lost = total["steps"], total["lost"]
    assert rows == {
        "在岗": total["worker_hours"],
        "范围内无驿站": -lost["no_station"],
        "账面": steps["paper"],
        "已关门": -lost["closed"],
        "开放时间不明": -lost["unknown"],
        "确知开门": steps["hours"],
        "缺所需设施": -lost["amenity"],
        "设施齐全": steps["amenities"],
        "登记未经核实": -lost["trust"],
        "实际": steps["trust"],
    }
    assert rows["在岗"] + sum(n for n in rows.values() if n < 0) == rows["实际"]
    assert lost["unknown"] > 0
    bars = table.locator("rect")
    drawn = [float(str(bars.nth(i).get_attribute("width"))) for i in range(10)]
    assert drawn[2] == pytest.approx(1000 * steps["paper"] / total["worker_hours"])
    expect(page.locator("#total")).to_contain_text("账面 10.8%，实际")


def test_the_week_is_walked_by_keyboard_and_said(visit: Callable[..., Visit]) -> None:
    page = in_truth(visit(**DESKTOP))
    slider = page.get_by_role("slider", name="时刻")
    expect(slider).to_have_attribute("aria-valuetext", "整周")
    slider.focus()
    for key, said in [
        ("Home", "周一 00:00"),
        ("ArrowRight", "周一 01:00"),
        ("ArrowRight", "周一 02:00"),
        ("PageUp", "周二 02:00"),
        ("PageUp", "周三 02:00"),
        ("PageDown", "周二 02:00"),
        ("End", "周日 23:00"),
        ("PageUp", "周日 23:00"),
    ]:
        page.keyboard.press(key)
        expect(slider).to_have_attribute("aria-valuetext", said)
    expect(page.locator("#rows-title")).to_have_text("周日 23:00 按地区，覆盖最低的在前")
    page.get_by_role("button", name="整周").click()
    expect(slider).to_have_attribute("aria-valuetext", "整周")


def test_the_map_takes_the_colours_of_the_hour(
    visit: Callable[..., Visit], client: FlaskClient
) -> None:
    week = client.get("/api/v1/coverage/week", query_string={**QUESTION, "by": "site"}).get_json()
    [site] = [row for row in week["rows"] if row["id"] == "P1"]
    assert site["share"][0] == 0 < site["share"][12] < 1
    page = in_truth(visit(**DESKTOP))
    page.focus("#week-hour")
    page.keyboard.press("Home")
    expect(page.locator("#week-time")).to_have_text(f"周一 00:00 {shown(week['total'][0])}")
    parts = page.locator("path.site.part").count()
    for _ in range(12):
        page.keyboard.press("ArrowRight")
    expect(page.locator("#week-time")).to_have_text(f"周一 12:00 {shown(week['total'][12])}")
    assert page.locator("path.site.part").count() > parts
    page.click("#tab-gaps")
    page.locator("#gap-list .row", has_text=site["name"]).click()
    expect(page.locator(".leaflet-popup")).to_contain_text(
        f"周一 12:00：实际 {shown(site['share'][12])} 可到达"
    )
    expect(page.locator(".leaflet-popup")).to_contain_text("账面")


def test_the_week_passes_by_itself_unless_motion_is_unwelcome(visit: Callable[..., Visit]) -> None:
    page = in_truth(visit(**DESKTOP))
    slider = page.get_by_role("slider", name="时刻")
    page.get_by_role("button", name="播放一周").click()
    expect(slider).to_have_attribute("aria-valuetext", "周二 03:00")
    page.get_by_role("button", name="暂停").click()
    expect(page.get_by_role("button", name="播放一周")).to_be_visible()
    still = in_truth(visit(**DESKTOP, reduced_motion="reduce"))
    expect(still.locator("#week")).to_be_visible()
    expect(still.locator("#week-play")).to_be_hidden()


def test_gaps_say_when_and_why_and_what_would_help(
    visit: Callable[..., Visit], client: FlaskClient
) -> None:
    told = client.get("/api/v1/gaps", query_string=QUESTION).get_json()["features"]
    page = in_truth(visit(**DESKTOP))
    page.click("#tab-gaps")
    items = page.locator("#gap-list li")
    expect(items).to_have_count(len(told))
    for item, gap in zip(items.all(), told, strict=True):
        fields = gap["properties"]
        for text in (fields["name"], fields["hours_zh"], fields["advice_zh"]):
            expect(item).to_contain_text(text)
    page.click("#language")
    expect(items.first).to_contain_text(told[0]["properties"]["hours_en"])


def test_terms_are_asked_for(visit: Callable[..., Visit], client: FlaskClient) -> None:
    page = in_truth(visit(**DESKTOP))
    page.locator("#terms summary").click()
    with page.expect_response("**/api/v1/gaps?**trust_floor=0.8**"):
        page.locator("#floor label", has_text="80% 以上").click()
    with page.expect_response("**/api/v1/gaps?**hours=night**"):
        page.locator("#hours label", has_text="夜间").click()
    asked = {**QUESTION, "hours": "night", "trust_floor": "0.8"}
    share = client.get("/api/v1/coverage", query_string=asked).get_json()["total"]["share"]
    expect(page.locator("#total .figure")).to_have_text(shown(share))
    page.locator("#view label", has_text="账面").click()
    expect(page.locator("#total .figure")).to_have_text("10.8%")
    expect(page.locator("#week")).to_be_hidden()
    expect(page.locator(".waterfall")).to_have_count(0)


def test_files_are_taken_away(visit: Callable[..., Visit]) -> None:
    page = in_truth(visit(**DESKTOP))
    for name, start in [("表格 XLSX", b"PK"), ("图 PNG", b"\x89PNG")]:
        with page.expect_download() as coming:
            page.get_by_role("button", name=name).click()
        assert coming.value.path().read_bytes().startswith(start)
        expect(page.locator("#download-status")).to_have_text("已下载。")


@pytest.mark.parametrize(
    ("context", "language", "scheme"), [(PHONE, "zh", "light"), (DESKTOP, "en", "dark")]
)
def test_axe_finds_nothing_and_nothing_is_too_wide(
    visit: Callable[..., Visit], context: Any, language: str, scheme: str
) -> None:
    page = in_truth(visit(**context, color_scheme=scheme))
    page.locator("#terms summary").click()
    if language == "en":
        page.click("#language")
    for tab in ("coverage", "gaps"):
        page.click("#tab-gaps") if tab == "gaps" else None
        sizes = "[document.documentElement.scrollWidth, sheet.scrollWidth - sheet.clientWidth]"
        assert page.evaluate(sizes) == [context["viewport"]["width"], 0]
        results = Axe().run(page)
        assert results.violations_count == 0, results.generate_report()
    if context is PHONE:
        page.click("#tab-gaps")
        expect(page.locator("#week")).to_be_visible()
        results = Axe().run(page)
        assert results.violations_count == 0, results.generate_report()


def test_staff_s_truth_leaves_with_them(visit: Callable[..., Visit]) -> None:
    visitor = visit(**DESKTOP)
    visitor.sign_in()
    page = in_truth(visitor)
    expect(page.locator("#layer option")).to_have_count(2)
    page.select_option("#layer", "border_posts")
    page.click("#tab-gaps")
    expect(page.locator("#gap-list")).to_contain_text("机密哨所0")
    page.click("#sign-out")
    expect(page.locator("#account-link")).to_have_text("登录")
    expect(page.locator("#layer option")).to_have_count(1)
    expect(page.locator("#gap-list")).not_to_contain_text("机密")
    assert "机密" not in page.content()


@pytest.mark.shared_data
def test_a_long_question_shows_how_far_it_is_and_can_be_given_up(
    browser: Browser, shared_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    roads.build(
        shared_data / "osm" / "liechtenstein-latest.osm.pbf", tmp_path / "roads", progress=None
    )
    network, stopped = RoadNetwork.open(tmp_path / "roads"), threading.Event()

    def endless(*_: Any, progress: Callable[[int, int], None], **__: Any) -> Any:
        try:
            while True:
                progress(40, 100)
        except Cancelled:
            stopped.set()
            raise

    with valley.filled_store(tmp_path) as store:
        live = LiveRegistry(store, 1.0, time.monotonic)
        app = create_app(Settings(), live, travel=lambda: Travel(network))
        with served(app) as address:
            visitor = Visit(browser, address, **PHONE)
            page = visitor.page
            page.goto("/map")
            page.click("#tab-coverage")
            expect(page.locator("#total .figure")).to_be_visible()
            with monkeypatch.context() as patch:
                patch.setattr(RoadNetwork, "pairs", endless)
                page.locator("#minutes label", has_text="10 分钟").click()
                expect(page.locator("#job-text")).to_have_text("正在按道路计算：40/100 对")
                bar = page.get_by_role("progressbar", name="计算进度")
                expect(bar).to_have_attribute("value", "40")
                assert Axe().run(page).violations_count == 0
                page.get_by_role("button", name="取消").click()
                assert stopped.wait(30)
            expect(page.locator("#coverage-status")).to_contain_text("已取消。")
            expect(page.locator("#job")).to_be_hidden()
            page.get_by_role("button", name="重新计算").click()
            expect(page.locator("#total")).to_contain_text("步行 10 分钟内有驿站", timeout=60_000)
            page.locator("#view label", has_text="实际").click()
            expect(page.locator(".waterfall")).to_be_visible(timeout=60_000)
            visitor.end()


def test_on_a_phone_map_and_list_are_both_seen(visit: Callable[..., Visit]) -> None:
    page = in_truth(visit(**PHONE))
    whole = page.locator("main").bounding_box()
    grip, week, panel = (page.locator(each) for each in ("#grip", "#week", "#panel"))

    def height() -> float:
        box = panel.bounding_box()
        assert whole
        assert box
        return box["height"] / whole["height"]

    assert 0.4 < height() < 0.5
    expect(week).to_be_visible()
    bar, sheet = week.bounding_box(), panel.bounding_box()
    assert bar
    assert sheet
    assert bar["y"] + bar["height"] <= sheet["y"]
    grip.focus()
    page.keyboard.press("Enter")
    assert height() > 0.7
    expect(grip).to_have_attribute("aria-expanded", "true")
    expect(week).to_be_hidden()
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
    expect(week).to_be_visible()


def test_backup_evenness_and_change_are_told(
    visit: Callable[..., Visit], client: FlaskClient
) -> None:
    visitor = visit(**DESKTOP)
    page = in_truth(visitor)
    told = client.get("/api/v1/coverage", query_string=QUESTION).get_json()
    page.locator("#spread summary").click()
    spread = page.locator("#spread-body")
    expect(spread).to_contain_text(f"{shown(told['backup']['share_one_station'])} 只靠一个驿站")
    expect(spread).to_contain_text(f"基尼系数 {told['fairness']['gini']:.3f}")
    expect(spread).to_contain_text("人均可及座位")
    page.fill("#since", "2026-11-23")
    expect(page.locator("#trend")).to_contain_text("与版本 1 相比")
    expect(page.locator("#trend")).to_contain_text("没有变化")
    visitor.allowed.add("404")  # there was no register yet
    page.fill("#since", "2020-01-01")
    expect(page.locator("#trend-status")).to_contain_text("no revision")
    expect(page.locator("#total .figure")).to_be_visible()
    page.click("#language")
    expect(spread).to_contain_text("hangs on one station")


def test_workers_nobody_knows_are_not_called_none(visit: Callable[..., Visit]) -> None:
    page = visit(**DESKTOP).open_map()
    page.click("#tab-coverage")
    expect(page.locator("#total")).to_contain_text("其中 1 处人数未登记")
    row = page.locator("#rows li").filter(has_text="职工数未登记")
    expect(row).to_have_count(1)
    expect(page.locator("#rows")).not_to_contain_text("、0 人")
    expect(page.locator("#rows")).not_to_contain_text("· 0 人")
