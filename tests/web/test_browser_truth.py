"""The planner's page on coverage in truth: from paper to real, the week, gaps, what if, links."""

from __future__ import annotations

import re
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
LINK = "/plan?layer=parks&within=1km"
NIGHT = "station:S001 removed"
PLACE = re.compile(r"^9\.\d{6},47\.\d{6}$")
TABS = ("coverage", "gaps", "what", "plan", "compare")


def in_truth(visitor: Visit, link: str = LINK) -> Page:
    """Follow a link to the page, and wait until its question is answered."""
    page = visitor.page
    page.goto(link)
    expect(page.locator("#gap-list li").first).to_be_attached()
    expect(page.locator("#go")).to_be_enabled()
    return page


def shown(share: float) -> str:
    """Return a share as the page writes it."""
    return f"{share:.1%}".replace(".0%", "%")


def test_the_waterfall_is_a_table_that_adds_up(
    visit: Callable[..., Visit], client: FlaskClient
) -> None:
    page = in_truth(visit(**DESKTOP), "/plan?within=1km")  # parks without saying so
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
    page.locator("#view label", has_text="账面").click()
    told = client.get("/api/v1/coverage", query_string=QUESTION).get_json()["rows"]
    paper = [row["steps"]["paper"] / row["worker_hours"] for row in told if row["worker_hours"]]
    expect(page.locator("#rows .far").first).to_have_text(shown(min(paper)))


def test_the_week_is_walked_and_the_map_follows(
    visit: Callable[..., Visit], client: FlaskClient
) -> None:
    week = client.get("/api/v1/coverage/week", query_string={**QUESTION, "by": "site"}).get_json()
    [site] = [row for row in week["rows"] if row["id"] == "P1"]
    assert site["share"][0] == 0 < site["share"][12] < 1
    page = in_truth(visit(**DESKTOP))
    slider = page.get_by_role("slider", name="时刻")
    expect(slider).to_have_attribute("aria-valuetext", "整周")
    slider.focus()
    for key, said in [
        ("Home", "周一 00:00"),
        ("ArrowRight", "周一 01:00"),
        ("PageUp", "周二 01:00"),
        ("PageDown", "周一 01:00"),
        ("End", "周日 23:00"),
        ("PageUp", "周日 23:00"),
        ("Home", "周一 00:00"),
    ]:
        page.keyboard.press(key)
        expect(slider).to_have_attribute("aria-valuetext", said)
    expect(page.locator("#week-time")).to_have_text(f"周一 00:00 {shown(week['total'][0])}")
    expect(page.locator("#rows-title")).to_have_text("周一 00:00 按地区，覆盖最低的在前")
    parts = page.locator("path.site.part").count()
    cells = page.locator("#heat button")
    labels = cells.evaluate_all("all => all.map(each => each.getAttribute('aria-label'))")
    assert [label.split()[-1] for label in labels] == [shown(each) for each in week["total"]]
    page.get_by_role("button", name="周一 11:00", exact=False).focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.locator("#week-time")).to_have_text(f"周一 12:00 {shown(week['total'][12])}")
    expect(cells.nth(12)).to_have_attribute("aria-pressed", "true")
    assert page.locator("path.site.part").count() > parts
    page.click("#tab-gaps")
    page.locator("#gap-list .row", has_text=site["name"]).click()
    popup = page.locator(".leaflet-popup")
    expect(popup).to_contain_text(f"周一 12:00：实际 {shown(site['share'][12])} 可到达")
    page.click("#tab-coverage")
    cells.nth(12).click()
    expect(slider).to_have_attribute("aria-valuetext", "整周")


@pytest.mark.slow
def test_the_week_passes_by_itself_unless_motion_is_unwelcome(visit: Callable[..., Visit]) -> None:
    page = in_truth(visit(**DESKTOP))
    slider = page.get_by_role("slider", name="时刻")
    page.get_by_role("button", name="播放一周").click()
    expect(slider).to_have_attribute("aria-valuetext", "周二 03:00")
    page.get_by_role("button", name="暂停").click()
    expect(page.get_by_role("button", name="播放一周")).to_be_visible()
    page.emulate_media(reduced_motion="reduce")
    expect(page.locator("#week-play")).to_be_hidden()


def test_gaps_say_when_and_why_and_what_would_help_is_tried(
    visit: Callable[..., Visit], client: FlaskClient
) -> None:
    told = client.get("/api/v1/gaps", query_string=QUESTION).get_json()["features"]
    page = in_truth(visit(**DESKTOP), f"{LINK}&tab=gaps")
    items = page.locator("#gap-list li")
    expect(items).to_have_count(len(told))
    for item, gap in zip(items.all(), told, strict=True):
        fields = gap["properties"]
        for text in (fields["name"], fields["hours_zh"], fields["advice_zh"]):
            expect(item).to_contain_text(text)
    page.click("#language")
    expect(items.first).to_contain_text(told[0]["properties"]["hours_en"])
    page.click("#language")
    [first, *_] = [
        gap for gap in told if gap["properties"]["fix"] in {"find_hours", "extend_hours"}
    ]
    fixed = first["properties"]["fix_id"]
    items.filter(has_text=first["properties"]["name"]).locator(".small").click()
    expect(page.locator("#supposed li")).to_contain_text("开门 全部时间")
    asked = {**QUESTION, "what_if": f"station:{fixed} open"}
    then = client.get("/api/v1/coverage", query_string=asked).get_json()["total"]["share"]
    expect(page.locator("#difference-table .main")).to_contain_text(shown(then))
    expect(page.locator("#difference-sites")).to_contain_text(first["properties"]["name"])
    expect(page.locator("path.site.ring").first).to_be_visible()


@pytest.mark.slow
def test_several_suppositions_at_once_and_one_taken_back(
    visit: Callable[..., Visit], client: FlaskClient
) -> None:
    page = in_truth(visit(**DESKTOP), f"{LINK}&tab=what&floor=0.8&profile=day")
    add = page.get_by_role("button", name="加上", exact=True)
    add.click()
    expect(page.locator("#suppose-status")).to_have_text("请先写明是哪一个。")
    page.get_by_label("驿站名称或编号").fill("S-NASTY")
    add.click()
    expect(page.locator("#difference")).to_be_visible()
    page.get_by_label("改变谁").select_option("共建单位")
    page.get_by_label("单位名称").fill("某银行")
    page.get_by_label("怎么变").select_option("开门")
    page.get_by_label("哪些时段").select_option("夜间")
    add.click()
    page.get_by_label("改变谁").select_option("县区")
    page.locator("[name=county]").select_option("530102")
    page.get_by_label("可信度（0 到 1）").fill("0.9")
    add.click()
    expect(page.locator("#supposed li")).to_have_count(3)
    changes = ["station:S-NASTY removed", "host:某银行 open night", "county:530102 trust 0.9"]
    asked = {**QUESTION, "trust_floor": "0.8", "profile": "day"}
    for left in (changes, changes[1:]):
        told = client.get(
            "/api/v1/coverage", query_string={**asked, "what_if": ";".join(left)}
        ).get_json()
        expect(page.locator("#difference-table .main")).to_contain_text(
            shown(told["total"]["share"])
        )
        expect(page.locator("#supposed li")).to_have_count(len(left))
        page.locator("#supposed li .small").first.click()
    page.get_by_role("button", name="全部去掉").click()
    expect(page.locator("#difference")).to_be_hidden()
    expect(page.locator("#view label")).to_have_count(2)


def test_a_link_shows_somebody_else_the_same_and_back_leads_back(
    visit: Callable[..., Visit],
) -> None:
    page = in_truth(visit(**DESKTOP))
    page.locator("#question > summary").click()
    page.locator("#terms summary").click()
    with page.expect_response("**/api/v1/gaps?**trust_floor=0.8**"):
        page.locator("#floor label", has_text="80% 以上").click()
    with page.expect_response("**/api/v1/gaps?**hours=2026-11-24+night**"):
        page.locator("#hours label", has_text="夜间").click()
        page.get_by_label("某一天所在的周").check()
        page.get_by_label("那一周里的一天").fill("2026-11-24")
    page.get_by_label("如厕").first.evaluate("box => box.click()")
    page.click("#tab-what")
    page.get_by_label("驿站名称或编号").fill("S-NASTY")
    page.get_by_role("button", name="加上", exact=True).click()
    expect(page.locator("#difference")).to_be_visible()
    page.locator("#heat button").nth(26).evaluate("button => button.click()")
    expect(page.locator("#week-time")).to_contain_text("11月24日")
    page.evaluate("station_map.setView([25.01, 102.75], 12, {animate: false})")
    expect(page.locator("#question-line")).to_contain_text("2026年11月24日周二所在的周")
    link = page.evaluate("location.href")
    look = (
        "[...document.querySelectorAll('#question-line, #week-time, #difference-table, #supposed,"
        " [role=tab][aria-selected=true], #view')].map(each => each.textContent)"
    )
    where = "[station_map.getCenter().lat, station_map.getCenter().lng, station_map.getZoom()]"
    seen = page.evaluate(look)
    other = in_truth(visit(**DESKTOP), link)
    expect(other.locator("#difference")).to_be_visible()
    assert other.evaluate(look) == seen
    assert other.evaluate(where) == pytest.approx(page.evaluate(where), abs=1e-4)
    for _ in range(2):
        page.go_back()
    expect(page.locator("#tab-coverage")).to_have_attribute("aria-selected", "true")
    expect(page.locator("#supposed li")).to_have_count(0)
    page.go_forward()
    expect(page.locator("#tab-what")).to_have_attribute("aria-selected", "true")


def test_files_are_taken_away(visit: Callable[..., Visit]) -> None:
    page = in_truth(visit(**DESKTOP))
    for name, start in [("表格 XLSX", b"PK"), ("图 PNG", b"\x89PNG"), ("离线地图", b"<!doctype")]:
        with page.expect_download() as coming:
            page.get_by_role("button", name=name).click()
        assert coming.value.path().read_bytes().startswith(start)
        expect(page.locator("#download-status")).to_have_text("已下载。")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("context", "language", "scheme"), [(PHONE, "zh", "light"), (DESKTOP, "en", "dark")]
)
def test_axe_finds_nothing_and_nothing_is_too_wide(
    visit: Callable[..., Visit], context: Any, language: str, scheme: str
) -> None:
    page = in_truth(visit(**context, color_scheme=scheme), f"{LINK}&hour=26&what={NIGHT}")
    page.locator("#question > summary").click()
    page.locator("#legend summary").click()
    if language == "en":
        page.click("#language")
    for tab in TABS:
        page.click(f"#tab-{tab}")
        expect(page.locator(f"#{tab}")).to_be_visible()
        width = "[document.documentElement.scrollWidth, panel.scrollWidth - panel.clientWidth]"
        assert page.evaluate(width) == [context["viewport"]["width"], 0]
        if tab in {"coverage", "what"}:
            results = Axe().run(page)
            assert results.violations_count == 0, results.generate_report()


def test_staff_s_truth_leaves_with_them_and_their_link_tells_nothing(
    visit: Callable[..., Visit],
) -> None:
    visitor = visit(**DESKTOP)
    visitor.sign_in()
    page = in_truth(visitor, "/plan?layer=border_posts&within=1km&tab=gaps")
    expect(page.locator("#gap-list")).to_contain_text("机密哨所0")
    page.locator("#gap-list .row").first.click()
    expect(page.locator(".leaflet-popup")).to_contain_text("机密哨所")
    link = page.evaluate("location.href")
    assert "at=" not in link
    page.click("#sign-out")
    expect(page.locator("#account-link")).to_have_text("登录")
    public = visit(**DESKTOP)
    other = public.page
    other.goto(link)
    for each in (page, other):
        expect(each.get_by_role("alert").filter(has_text="不对您开放")).to_be_visible()
        expect(each.locator("#open-part")).to_be_hidden()
        assert "机密" not in each.content()
    assert "机密" not in public.everything_told()
    next_ = other.locator("#closed-sign-in").get_attribute("href")
    assert next_ == "/signin?next=%2Fplan%3Flayer%3Dborder_posts%26tab%3Dgaps"
    other.locator("#question > summary").click()
    other.select_option("#layer", "parks")
    expect(other.locator("#gap-list li").first).to_be_visible()
    expect(other.get_by_role("alert").filter(has_text="不对您开放")).to_be_hidden()


@pytest.mark.slow
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
            page = in_truth(visitor, "/plan?within=1km")
            with monkeypatch.context() as patch:
                patch.setattr(RoadNetwork, "pairs", endless)
                page.locator("#question > summary").click()
                page.locator("#minutes label", has_text="10 分钟").click()
                expect(page.locator("#job-text")).to_have_text("正在按道路计算：40/100 对")
                bar = page.get_by_role("progressbar", name="计算进度")
                expect(bar).to_have_attribute("value", "40")
                page.locator("#job-cancel").click()
                assert stopped.wait(30)
            expect(page.locator("#coverage-status")).to_contain_text("已取消。")
            expect(page.locator("#job")).to_be_hidden()
            page.get_by_role("button", name="重新计算").click()
            expect(page.locator("#total")).to_contain_text("步行 10 分钟内", timeout=60_000)
            page.click("#tab-what")
            page.get_by_label("改变谁").select_option("道路")
            page.get_by_role("button", name="在地图上点").click()
            page.evaluate("station_map.setView([47.1397, 9.5209], 15, {animate: false})")
            page.locator("#station_map").click()  # the middle, in Vaduz
            expect(page.get_by_label("封闭的路")).to_have_value(PLACE)
            page.get_by_role("button", name="加上", exact=True).click()
            expect(page.locator("#difference")).to_be_visible(timeout=60_000)
            visitor.end()


@pytest.mark.slow
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
    page.fill("#since", "2026-11-23")
    expect(page.locator("#trend")).to_contain_text("与版本 1 相比")
    expect(page.locator("#trend")).to_contain_text("没有变化")
    visitor.allowed.add("404")  # there was no register yet
    page.fill("#since", "2020-01-01")
    expect(page.locator("#trend-status")).to_contain_text("没有版本")
    page.click("#language")
    expect(spread).to_contain_text("hangs on one station")
