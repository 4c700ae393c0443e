"""The planner's page on plans, in a browser: from the question to a kept plan and its workbook."""

from __future__ import annotations

import base64
import json
import re
import threading
import time
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from stations.registry import LiveRegistry
from tests.web import people, sample, town
from tests.web.browsing import BROWSER, DESKTOP, PHONE, Visit
from web.app import create_app
from web.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from apiflask import APIFlask
    from playwright.sync_api import Page, Route

    from stations.store import Store

pytestmark = BROWSER

WISH = {"layer": town.LAYER, "within": "500m", "needs": ["toilet", "water"],
        "budget": [400_000], "frontier": True}  # fmt: skip
LINK = f"/plan?layer={town.LAYER}&within=500m&needs=toilet,water&tab=plan&w=budget:400000"
WHERE = "[station_map.getCenter().lat, station_map.getCenter().lng, station_map.getZoom()]"
PURPLE = "path[fill='#5b21b6']"
GO = "求最好方案"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with town.filled(tmp_path_factory.mktemp("town")) as filled:
        people.hire(filled)
        yield filled


@pytest.fixture(scope="module")
def app(store: Store) -> APIFlask:
    live = LiveRegistry(store, 1.0, time.monotonic)
    return create_app(Settings(staff_token=sample.TOKEN), live, lambda: sample.NOW)


@pytest.fixture(scope="module")
def answer(app: APIFlask) -> dict[str, Any]:
    """Return the plan the form's wish has."""
    client = app.test_client()
    begun = client.post("/api/v1/site/jobs", json=WISH)
    for thread in threading.enumerate():
        if thread.name == "jobs":
            thread.join(60)
    told: dict[str, Any] = client.get(f"{begun.headers['Location']}/result").get_json()
    return told


def opened(visitor: Visit, link: str = LINK) -> Page:
    """Open the page, and wait until plans may be asked for."""
    page = visitor.page
    page.goto(link)
    expect(page.locator("#go")).to_be_enabled()
    return page


def recall(visitor: Visit, answer: dict[str, Any], **more: Any) -> Page:
    """Show a plan that was made before, as if this page had asked for it."""
    page, links = visitor.page, [{"rel": "self", "href": "/api/v1/jobs/x"}]
    links.append({"rel": "result", "href": "/api/v1/jobs/x/result"})
    job = {"id": "x", "state": "done", "progress": {}, "links": links}
    page.route("**/site/jobs", lambda route: route.fulfill(status=202, json=job))
    told = {**answer, "page": {**answer["page"], **more}}
    page.route("**/jobs/x/result", lambda route: route.fulfill(json=told))
    opened(visitor).locator("#go").click()
    expect(page.locator("#plan-shown")).to_be_visible()
    return page


def test_a_planner_goes_from_the_question_to_a_kept_plan_and_its_workbook(
    visit: Callable[..., Visit], store: Store
) -> None:
    visitor = visit(**DESKTOP)
    visitor.sign_in("planner-here", people.PASSWORD)
    page = visitor.page
    page.goto("/plan")
    page.locator("#layer").select_option("工地")
    page.locator("#within label", has_text="500 米").click()
    page.locator("summary", has_text="需要的设施").click()
    page.locator("[data-needs] label", has_text="如厕").click()
    expect(page.locator("#total .figure")).to_have_text("2.9%")
    page.locator("#heat button").nth(26).click()
    expect(page.locator("#week-time")).to_contain_text("周二 02:00")
    page.get_by_role("tab", name="盲区").click()
    page.locator("#gap-list .row").first.click()
    expect(page.locator(".leaflet-popup")).to_be_visible()
    page.get_by_role("tab", name="方案").click()
    page.get_by_label("各年预算").fill("400000")
    page.get_by_role("button", name=GO).click()
    expect(page.locator("#plan-shown")).to_be_focused(timeout=20_000)
    count = page.locator("#actions > li").count()
    page.get_by_label("方案名称").fill("一期")
    page.get_by_role("button", name="存到我的账号").click()
    expect(page.locator("#plan-status")).to_have_text("已存为“一期”。")
    elsewhere = visit(**DESKTOP)  # the next day, by the same link
    elsewhere.sign_in("planner-here", people.PASSWORD)
    again = opened(elsewhere, page.evaluate("location.href"))
    expect(again.locator("#plan-name")).to_have_text("一期")
    expect(again.locator("#actions > li")).to_have_count(count)
    with again.expect_download() as coming:
        again.get_by_role("button", name="表格（XLSX）").click()
    sheets = pd.read_excel(BytesIO(coming.value.path().read_bytes()), None, engine="calamine")
    assert len(sheets["措施 Actions"]) >= count
    before = store.revision()
    again.get_by_role("checkbox", name="采纳").first.uncheck()
    again.get_by_role("button", name="采纳打勾的措施").click()
    expect(again.locator("#accepted")).to_contain_text(f"（版本 {before + 1}）")
    assert store.revisions()[-1].who == "planner-here"
    again.get_by_role("tab", name="比较").click()
    again.get_by_role("button", name="删除 一期").click()
    expect(again.locator("#plan-list li")).to_have_count(0)
    public = opened(visit(**DESKTOP), page.evaluate("location.href"))
    expect(public.locator("#plan-status")).to_contain_text("不在您的账号里")


def test_a_plan_is_shown_with_its_proof_and_reasons(
    visit: Callable[..., Visit], answer: dict[str, Any]
) -> None:
    page = recall(visit(**DESKTOP), answer)
    figures = page.locator("#figures")
    told = answer["page"]
    expect(figures).to_contain_text(f"{answer['cost']:,} 元")
    expect(figures).to_contain_text("已证明")
    expect(page.locator("#actions > li")).to_have_count(len(told["actions"]))
    assert len(told["actions"]) >= 3
    for i, action in enumerate(told["actions"]):
        entry = page.locator("#actions > li").nth(i)
        expect(entry).to_contain_text(f"{action['zh']} · {action['name']}")
        expect(entry).to_contain_text(f"{action['cost']:,} 元")
    expect(page.locator("#study svg circle")).to_have_count(len(answer["frontier"]["points"]))
    expect(page.locator("#nothing")).to_be_empty()
    expect(page.locator("#adopt")).to_be_hidden()
    expect(page.locator("#longer")).to_be_hidden()
    expect(page.locator(PURPLE)).to_have_count(len(told["actions"]))
    page.locator("#view label", has_text="现在").click()
    expect(page.locator(PURPLE)).to_have_count(0)
    for i, action in enumerate(told["actions"]):
        page.locator("#actions .go").nth(i).click()
        popup = page.locator(".leaflet-popup").last
        expect(popup).to_contain_text(action["name"])
        expect(popup).to_contain_text(f"{action['cost']:,} 元")
        lat, lon, _ = page.evaluate(WHERE)
        assert abs(lat - action["lat"]) + abs(lon - action["lon"]) < 0.05
    page.evaluate("station_map.eachLayer(each => each.getPopup?.() && each.openPopup())")
    expect(page.locator(".leaflet-popup").last).to_be_visible()
    page.get_by_role("tab", name="覆盖").click()
    expect(page.locator(PURPLE)).to_have_count(0)
    expect(page.locator("#heat")).to_be_visible()
    page = recall(visit(**DESKTOP), {**answer, "status": "time limit"})
    expect(page.locator("#longer")).to_contain_text("工作人员登录后")


def test_english_at_a_click_and_remembered(
    visit: Callable[..., Visit], answer: dict[str, Any]
) -> None:
    visitor = visit(**DESKTOP)
    visitor.sign_in()
    page = recall(visitor, answer)
    page.get_by_label("各年预算").fill("700000")
    page.locator("summary", has_text="价目").click()
    page.locator("#prices input").first.fill("123")
    page.get_by_role("checkbox", name="采纳").first.uncheck()
    page.locator("#language").click()
    expect(page).to_have_title("Planning stations")
    expect(page.get_by_role("button", name="Find the best plan")).to_be_visible()
    expect(page.get_by_label("Budget of each year")).to_have_value("700000")
    expect(page.locator("#prices input").first).to_have_value("123")
    expect(page.get_by_role("checkbox", name="accept").first).not_to_be_checked()
    expect(page.get_by_label("Accepted by")).to_be_visible()  # the staff token is nobody's
    expect(page.locator("#figures")).to_contain_text("yuan")
    expect(page.locator("#actions")).to_contain_text(answer["page"]["actions"][0]["en"])
    page.reload()
    expect(page.get_by_role("button", name="Find the best plan")).to_be_enabled()
    expect(page.get_by_label("Budget of each year")).to_have_value("700000")
    expect(page.locator("#plan-status")).to_contain_text("was not kept")
    assert page.evaluate("document.documentElement.lang") == "en"


def test_what_is_asked_is_what_the_form_says(visit: Callable[..., Visit]) -> None:
    visitor, sent = visit(**DESKTOP), []
    visitor.allowed = {"status of 400"}
    page = visitor.page

    def refuse(route: Route) -> None:
        sent.append(json.loads(route.request.post_data or ""))
        route.fulfill(status=400, json={"detail": "no"})

    page.route("**/site/jobs", refuse)
    supposing = "&what=station:a removed&hours=night&profile=day&floor=0.5&through=20"
    opened(visitor, f"{LINK}{supposing}&w=cover_all:1")
    page.get_by_label("各年预算").fill("200000，300000")
    page.locator("summary", has_text="可用的措施").click()
    page.get_by_role("checkbox", name="合并", exact=True).uncheck()
    page.get_by_label("至多几项措施").fill("7")
    page.get_by_label("新站间距（米）").fill("800")
    page.get_by_label("最多算多少秒").fill("9")
    page.get_by_label("目标").select_option("最差的县优先")
    page.locator("summary", has_text="价目").click()
    page.locator("#prices input").first.fill("77")
    page.get_by_label("在假设之下做方案").check()
    page.get_by_role("button", name=GO).click()
    expect(page.locator("#trouble")).to_have_text("no")
    page.get_by_role("button", name="English").click()  # a price typed stays
    opened(visitor, page.url).locator("#go").click()  # as a colleague, by the link
    expect(page.locator("#trouble")).to_have_text("no")
    [wish, by_link] = sent
    assert by_link == wish
    assert (wish["within"], wish["budget"], wish["sites"]) == ("500m", [200_000, 300_000], 7)
    assert (wish["spacing"], wish["time_limit"], wish["cover_all"]) == (800, 9, True)
    assert set(wish["needs"]) == {"toilet", "water"}
    assert (wish["hours"], wish["profile"]) == ("night", "day")
    assert (wish["trust_floor"], wish["stay"]) == (0.5, 20)
    assert wish["what_if"] == ["station:a removed"]
    assert wish["objective"] == "worst_county"
    assert len(wish["actions"]) == 8
    assert wish["prices"][0]["yuan"] == 77


def test_what_is_wrong_is_said_and_can_be_put_right(visit: Callable[..., Visit]) -> None:
    visitor = visit(**DESKTOP)
    visitor.allowed = {"status of 400", "status of 422"}
    page = opened(visitor)
    budget, go = page.get_by_label("各年预算"), page.locator("#go")
    trouble = page.locator("#trouble")
    budget.fill("")
    go.click()
    expect(trouble).to_contain_text("方案需要预算、措施数，或者要求全部覆盖")
    budget.fill("很多")
    go.click()
    expect(trouble).to_contain_text(re.compile("budget|预算"))
    expect(page.locator("#plan-shown")).to_be_hidden()
    budget.fill("1000")
    page.get_by_label("全部覆盖，费用最少").check()
    go.click()
    expect(page.locator("#figures")).to_contain_text("无法做到", timeout=20_000)
    expect(page.locator("#figures")).to_contain_text("预算 1,000 元")
    expect(page.locator("#nothing")).to_have_text("没有方案，见上面的结论。")
    expect(trouble).to_be_empty()


def test_cancelled_the_work_ends(visit: Callable[..., Visit], app: APIFlask) -> None:
    jobs = app.extensions["stations.jobs"]
    held, go = threading.Event(), threading.Event()

    def first(_: Any) -> bytes:
        held.set()
        assert go.wait(30)
        return b""

    jobs.start("a", "staff", first, "staff")
    assert held.wait(30)
    try:
        page = opened(visit(**DESKTOP))
        page.locator("#go").click()
        with page.expect_response(lambda got: got.request.method == "DELETE") as gone:
            page.get_by_role("button", name="取消").click()
        assert gone.value.json()["state"] == "cancelled"
    finally:
        go.set()
    expect(page.locator("#plan-job")).to_be_hidden()
    expect(page.locator("#go")).to_be_enabled()
    expect(page.locator("#plan-shown")).to_be_hidden()
    expect(page.locator("#trouble")).to_be_empty()
    expect(page.locator("#plan-status")).to_have_text("已取消。")


def test_two_plans_are_compared_one_of_them_a_file(
    visit: Callable[..., Visit], answer: dict[str, Any], tmp_path: Path
) -> None:
    page = recall(visit(**DESKTOP), answer)
    with page.expect_download() as coming:
        page.get_by_role("button", name="方案文件").click()
    assert coming.value.suggested_filename == "plan.json"
    written = coming.value.path().read_bytes()
    assert written == base64.b64decode(answer["files"]["json"])
    saved = json.loads(written)
    gone = saved["chosen"].pop()
    (tmp_path / "less.json").write_text(json.dumps(saved), "utf-8")
    page.get_by_role("tab", name="比较").click()
    page.get_by_label("打开方案文件").set_input_files(tmp_path / "less.json")
    expect(page.get_by_label("甲方案")).to_have_value("file-1")
    page.get_by_label("乙方案").select_option("新方案 1")
    table = page.get_by_role("table", name="两个方案")
    expect(table).to_contain_text(f"{answer['cost']:,}")
    only = page.locator("#compare-actions li", has_text="只有乙方案")
    expect(only).to_have_count(1)
    expect(only).to_contain_text(gone["name"])
    expect(page.locator("path.plan-dot.b")).to_have_count(1)
    expect(page.locator("path.plan-dot.both")).to_have_count(len(saved["chosen"]))
    expect(page.locator("#compare-shared")).to_contain_text(f"{len(saved['chosen'])} 项")
    only.locator("button").click()
    lat, lon, _ = page.evaluate(WHERE)
    assert (lat, lon) == pytest.approx((gone["lat"], gone["lon"]), abs=1e-3)
    page.get_by_label("打开方案文件").set_input_files(
        {"name": "x.json", "mimeType": "application/json", "buffer": b"[]"}
    )
    expect(page.locator("#compare-status")).to_contain_text("这不是方案文件")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("screen", "scheme"), [(PHONE, "dark"), (DESKTOP, "light")], ids=["phone", "desktop"]
)
def test_axe_finds_nothing_and_a_long_plan_folds(
    visit: Callable[..., Visit], answer: dict[str, Any], screen: dict[str, Any], scheme: str
) -> None:
    [first, *_] = answer["page"]["actions"]
    many = [{**first, "id": f"{first['id']}-{i}", "name": f"{first['name']} {i}" * 3}
            for i in range(100)]  # fmt: skip
    page = recall(visit(**screen, color_scheme=scheme), answer, actions=many)
    expect(page.locator("#actions > li")).to_have_count(100)
    assert page.locator("#actions details[open]").count() == 0
    for summary in page.locator("#wish > details > summary").all():
        summary.click()
    page.locator("#actions summary").nth(90).click()
    expect(page.locator("#actions details[open]")).to_contain_text("单独增加")
    page.locator("#actions .go").nth(99).click()
    expect(page.locator(".leaflet-popup")).to_contain_text(many[99]["name"])
    expect(page.locator(".leaflet-popup")).to_have_css("opacity", "1")
    assert page.evaluate("document.documentElement.scrollWidth") == screen["viewport"]["width"]
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("#actions details[open]").count() == 100


def test_by_keyboard_alone(visit: Callable[..., Visit]) -> None:
    page = opened(visit(**DESKTOP), f"/plan?layer={town.LAYER}&within=500m")

    def tab_to(what: str) -> None:
        for _ in range(80):
            page.keyboard.press("Tab")
            if page.evaluate(f"document.activeElement.matches({json.dumps(what)})"):
                return
        pytest.fail(f"{what} is not reached")

    tab_to("#tab-coverage")
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    expect(page.locator("#tab-plan")).to_be_focused()
    tab_to("[name=budget]")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("400000")
    tab_to("[name=frontier]")
    page.keyboard.press("Space")
    tab_to("#go")
    page.keyboard.press("Enter")
    expect(page.locator("#plan-shown")).to_be_focused(timeout=20_000)
    tab_to("#actions .go")
    page.keyboard.press("Enter")
    expect(page.locator(".leaflet-popup")).to_be_visible()
    tab_to("#actions summary")
    page.keyboard.press("Enter")
    expect(page.locator("#actions li").first).not_to_contain_text("谁受益", use_inner_text=True)
    tab_to("#view [name=side]")
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#view [value=before]")).to_be_checked()
