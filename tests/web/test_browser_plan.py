"""The page that plans, in a browser: asked by a form, two maps, reasons, files, accepted."""

from __future__ import annotations

import base64
import json
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from stations.planning.saving import SavedPlan
from stations.registry import LiveRegistry
from tests.web import sample, town
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
MAPS = "[before_map, after_map]"
WHERE = f"{MAPS}.map(map => [map.getCenter().lat, map.getCenter().lng, map.getZoom()])"
DRAWN = (
    f"{MAPS}.map(map => Object.values(map._layers).filter(each => each instanceof L.Path).length)"
)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with town.filled(tmp_path_factory.mktemp("town")) as filled:
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


def form(page: Page, within: str = "500m", budget: str = "400000") -> None:
    """Fill in the form."""
    expect(page.locator("#kinds input")).to_have_count(9)
    page.get_by_label("多远之内").fill(within)
    page.get_by_label("各年预算（元，逗号分隔）").fill(budget)


def planned(visitor: Visit) -> Page:
    """Ask for the plan by the form; return the page with the plan on it."""
    page = visitor.page
    page.goto("/plan")
    form(page)
    page.get_by_role("button", name="求最好方案").click()
    expect(page.locator("#plan")).to_be_visible(timeout=20_000)
    return page


def recall(visitor: Visit, answer: dict[str, Any], **more: Any) -> Page:
    """Show a plan that was made before, as if this page had asked for it."""
    page, links = visitor.page, [{"rel": "self", "href": "/api/v1/jobs/x"}]
    links.append({"rel": "result", "href": "/api/v1/jobs/x/result"})
    job = {"id": "x", "state": "done", "progress": {}, "links": links}
    page.route("**/site/jobs", lambda route: route.fulfill(status=202, json=job))
    told = {**answer, "page": {**answer["page"], **more}}
    page.route("**/jobs/x/result", lambda route: route.fulfill(json=told))
    page.goto("/plan")
    form(page)
    page.locator("#go").click()
    expect(page.locator("#plan")).to_be_visible()
    return page


def test_a_plan_is_asked_for_and_shown(visit: Callable[..., Visit], answer: dict[str, Any]) -> None:
    page = planned(visit(**DESKTOP))
    expect(page.locator("#plan")).to_be_focused()
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
    drawn = page.evaluate(DRAWN)
    assert drawn[1] - drawn[0] == len(told["actions"])
    assert drawn[0] >= len(told["sites"]) + len(told["stations"])
    expect(page.locator("#study svg circle")).to_have_count(len(answer["frontier"]["points"]))
    expect(page.locator("#nothing")).to_be_empty()
    expect(page.locator("#adopt")).to_be_hidden()


def test_both_maps_move_together_and_an_action_shows_itself(
    visit: Callable[..., Visit], answer: dict[str, Any]
) -> None:
    page = recall(visit(**DESKTOP), answer)
    for name, zoom in (("before", 12), ("after", 15)):
        page.evaluate(f"{name}_map.setView([25.01, 102.75], {zoom}, {{animate: false}})")
        before, after = page.evaluate(WHERE)
        assert before == after
    for i, action in enumerate(answer["page"]["actions"]):
        page.locator("#actions .go").nth(i).click()
        popup = page.locator(".leaflet-popup").last
        expect(popup).to_contain_text(action["name"])
        expect(popup).to_contain_text(f"{action['cost']:,} 元")
        before, after = page.evaluate(WHERE)
        assert before == after
        assert abs(after[0] - action["lat"]) + abs(after[1] - action["lon"]) < 0.05
    page.evaluate("for (const map of [before_map, after_map]) map.eachLayer(each => "
                  "each.getPopup?.() && each.openPopup())")  # fmt: skip
    expect(page.locator(".leaflet-popup").last).to_be_visible()


def test_english_at_a_click_and_remembered(
    visit: Callable[..., Visit], answer: dict[str, Any]
) -> None:
    page = recall(visit(**DESKTOP), answer)
    page.get_by_label("多远之内").fill("700m")
    page.locator("#prices input").first.evaluate("element => element.value = 123")
    page.locator("#language").click()
    expect(page).to_have_title("Planning stations")
    expect(page.get_by_role("button", name="Find the best plan")).to_be_visible()
    expect(page.get_by_label("Within")).to_have_value("700m")
    expect(page.locator("#prices input").first).to_have_value("123")
    expect(page.locator("#figures")).to_contain_text("yuan")
    expect(page.locator("#actions")).to_contain_text(answer["page"]["actions"][0]["en"])
    page.reload()
    expect(page.get_by_role("button", name="Find the best plan")).to_be_visible()
    assert page.evaluate("document.documentElement.lang") == "en"


def test_what_is_asked_is_what_the_form_says(visit: Callable[..., Visit]) -> None:
    visitor, sent = visit(**DESKTOP), []
    visitor.allowed = {"status of 400"}
    page = visitor.page

    def refuse(route: Route) -> None:
        sent.append(json.loads(route.request.post_data or ""))
        route.fulfill(status=400, json={"detail": "no"})

    page.route("**/site/jobs", refuse)
    page.goto("/plan")
    form(page, "1.2 km", "200000，300000")
    for name in ("如厕", "合并"):
        page.get_by_role("checkbox", name=name, exact=True).uncheck()
    page.get_by_label("至多几项措施").fill("7")
    page.get_by_label("新站间距（米）").fill("800")
    page.get_by_label("最多算多少秒").fill("9")
    page.get_by_label("目标").select_option("最差的县优先")
    page.locator("summary").first.click()
    page.locator("#prices input").first.fill("77")
    page.get_by_role("button", name="求最好方案").click()
    expect(page.get_by_role("alert")).to_have_text("no")
    [wish] = sent
    assert (wish["within"], wish["budget"], wish["sites"]) == ("1.2km", [200_000, 300_000], 7)
    assert (wish["needs"], wish["spacing"], wish["time_limit"]) == (["water"], 800, 9)
    assert wish["objective"] == "worst_county"
    assert len(wish["actions"]) == 8
    assert wish["prices"][0]["yuan"] == 77


def test_what_is_wrong_is_said_and_can_be_put_right(visit: Callable[..., Visit]) -> None:
    visitor = visit(**DESKTOP)
    visitor.allowed = {"status of 400", "status of 422"}
    page = visitor.page
    page.goto("/plan")
    form(page, budget="")
    page.locator("#go").click()
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("a budget, a number of sites, or to cover all")
    expect(page.locator("#go")).to_be_enabled()
    form(page, budget="很多")
    page.locator("#go").click()
    expect(alert).to_contain_text("budget")
    expect(page.locator("#plan")).to_be_hidden()
    form(page)
    page.get_by_label("也算别的预算与价格（多花些时间）").uncheck()
    page.locator("#go").click()
    expect(page.locator("#plan")).to_be_visible(timeout=20_000)
    expect(alert).to_be_empty()


def test_an_impossible_wish_says_what_stands_in_the_way(visit: Callable[..., Visit]) -> None:
    page = visit(**DESKTOP).page
    page.goto("/plan")
    form(page, budget="1000")
    page.get_by_label("全部覆盖，费用最少").check()
    page.locator("#go").click()
    expect(page.locator("#figures")).to_contain_text("无法做到", timeout=20_000)
    expect(page.locator("#figures")).to_contain_text("预算 1,000 元")
    expect(page.locator("#nothing")).to_have_text("没有方案，见上面的结论。")


def test_cancelled_the_work_ends(visit: Callable[..., Visit], app: APIFlask) -> None:
    jobs = app.extensions["stations.jobs"]
    held, go = threading.Event(), threading.Event()

    def first(_: Any) -> bytes:
        held.set()
        assert go.wait(30)
        return b""

    jobs.start("a", "staff", first, "staff")
    assert held.wait(30)
    page = visit(**DESKTOP).page
    try:
        page.goto("/plan")
        form(page)
        page.locator("#go").click()
        with page.expect_response(lambda got: got.request.method == "DELETE") as gone:
            page.get_by_role("button", name="取消").click()
        assert gone.value.json()["state"] == "cancelled"
    finally:
        go.set()
    expect(page.locator("#job")).to_be_hidden()
    expect(page.locator("#go")).to_be_enabled()
    expect(page.locator("#plan")).to_be_hidden()
    expect(page.get_by_role("alert")).to_be_empty()


def test_files_are_downloaded(
    visit: Callable[..., Visit], answer: dict[str, Any], tmp_path: Path
) -> None:
    page = recall(visit(**DESKTOP), answer)
    for name, kind in [("表格（XLSX）", "xlsx"), ("方案文件（可复算、可采纳）", "json")]:
        with page.expect_download() as coming:
            page.get_by_role("button", name=name).click()
        assert coming.value.suggested_filename == f"plan.{kind}"
        coming.value.save_as(tmp_path / f"plan.{kind}")
        written = (tmp_path / f"plan.{kind}").read_bytes()
        assert written == base64.b64decode(answer["files"][kind])
    assert len(SavedPlan.read(tmp_path / "plan.json").actions) == len(answer["chosen"])


def test_staff_accept_what_is_ticked(visit: Callable[..., Visit], store: Store) -> None:
    visitor = visit(**DESKTOP)
    visitor.sign_in()
    page = visitor.page
    page.goto("/plan")
    expect(page.locator("#account-link")).to_have_text("staff")
    form(page)
    page.get_by_label("服务对象").select_option("工地")
    page.locator("[name=frontier]").uncheck()
    for kind in ("新建标准站", "新建智能站", "设流动站", "迁移"):
        page.get_by_role("checkbox", name=kind, exact=True).uncheck()
    page.locator("#go").click()
    boxes = page.get_by_role("checkbox", name="采纳")
    expect(boxes).to_have_count(2, timeout=20_000)
    boxes.first.uncheck()
    page.locator("#language").click()
    boxes = page.get_by_role("checkbox", name="accept")
    expect(boxes.first).not_to_be_checked()
    page.get_by_label("Accepted by").fill("王芳")
    before = store.revision()
    page.get_by_role("button", name="Accept what is ticked").click()
    expect(page.locator("#accepted")).to_have_text(
        f"1 planned stations recorded (revision {before + 1}).", use_inner_text=True
    )
    assert store.revisions()[-1].who == "王芳"
    page.get_by_role("button", name="Accept what is ticked").click()
    expect(page.locator("#accepted")).to_have_text(
        "The register has all of it already.", use_inner_text=True
    )


def test_who_is_signed_out_elsewhere_is_not_told_otherwise(visit: Callable[..., Visit]) -> None:
    visitor = visit(**DESKTOP)
    visitor.sign_in()
    visitor.context.clear_cookies(name="stations")  # the hint is left, the session is gone
    page = visitor.page
    page.goto("/plan")
    expect(page.locator("#kinds input")).to_have_count(9)
    expect(page.locator("#account-link")).to_have_text("登录", use_inner_text=True)
    expect(page.locator("#sign-out")).to_be_hidden()


def test_the_map_leads_to_the_plan_and_back(visit: Callable[..., Visit]) -> None:
    page = visit(**DESKTOP).page
    page.goto("/map")
    page.click("#tab-coverage")
    page.get_by_role("link", name="做建设方案").click()
    expect(page).to_have_title("驿站建设方案")
    page.get_by_role("link", name="地图").click()
    expect(page.locator("#tab-coverage")).to_be_visible()


@pytest.mark.parametrize(
    ("screen", "scheme"), [(PHONE, "dark"), (DESKTOP, "light")], ids=["phone", "desktop"]
)
def test_axe_finds_nothing_and_nothing_is_too_wide(
    visit: Callable[..., Visit], answer: dict[str, Any], screen: dict[str, Any], scheme: str
) -> None:
    page = recall(visit(**screen, color_scheme=scheme), answer)
    page.locator("#wish > details > summary").click()
    page.locator("#actions .go").first.click()
    expect(page.locator(".leaflet-popup")).to_have_css("opacity", "1")
    for _ in range(2):
        width = screen["viewport"]["width"]
        assert page.evaluate("document.documentElement.scrollWidth") == width
        results = Axe().run(page)
        assert results.violations_count == 0, results.generate_report()
        page.locator("#language").click()
        page.locator("#actions .go").first.click()
        expect(page.locator(".leaflet-popup").last).to_have_css("opacity", "1")


def test_a_plan_cut_short_says_who_may_look_longer(
    visit: Callable[..., Visit], answer: dict[str, Any]
) -> None:
    page = recall(visit(**DESKTOP), answer)
    expect(page.locator("#longer")).to_be_hidden()
    page = recall(visit(**DESKTOP), {**answer, "status": "time limit"})
    expect(page.locator("#longer")).to_contain_text("工作人员登录后")


def test_a_long_plan_folds_its_reasons_and_prints_them(
    visit: Callable[..., Visit], answer: dict[str, Any]
) -> None:
    [first, *_] = answer["page"]["actions"]
    many = [{**first, "id": f"{first['id']}-{i}", "name": f"{first['name']} {i}" * 3}
            for i in range(200)]  # fmt: skip
    page = recall(visit(**PHONE), answer, actions=many)
    expect(page.locator("#actions > li")).to_have_count(200)
    assert page.locator("#actions details[open]").count() == 0
    page.locator("#actions summary").nth(150).click()
    expect(page.locator("#actions details[open]")).to_contain_text("单独增加")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.locator("#actions .go").nth(199).click()
    expect(page.locator(".leaflet-popup")).to_contain_text(many[199]["name"])
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("#actions details[open]").count() == 200


def test_by_keyboard_alone(visit: Callable[..., Visit]) -> None:
    page = visit(**DESKTOP).page
    page.goto("/plan")
    expect(page.locator("#kinds input")).to_have_count(9)

    def tab_to(what: str) -> None:
        for _ in range(80):
            page.keyboard.press("Tab")
            if page.evaluate(f"document.activeElement.matches({json.dumps(what)})"):
                return
        pytest.fail(f"{what} is not reached")

    tab_to("[name=within]")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("500m")
    tab_to("[name=budget]")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("400000")
    tab_to("[name=frontier]")
    page.keyboard.press("Space")
    tab_to("#go")
    page.keyboard.press("Enter")
    expect(page.locator("#plan")).to_be_focused(timeout=20_000)
    tab_to("#actions .go")
    page.keyboard.press("Enter")
    expect(page.locator(".leaflet-popup")).to_be_visible()
    tab_to("#actions summary")
    page.keyboard.press("Enter")
    expect(page.locator("#actions li").first).not_to_contain_text("谁受益", use_inner_text=True)
