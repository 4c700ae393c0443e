"""The inspector's desk in a browser: from a report to its end, and what an editor decides."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.web import desk, sample
from tests.web.browsing import BROWSER, DESKTOP, PHONE, Visit, served

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Page

    from stations.store import Store

pytestmark = BROWSER
SLOW = 20_000
"""Milliseconds the first audit of a page may take on a busy machine."""


@pytest.fixture
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with desk.filled(tmp_path_factory.mktemp("desk")) as filled:
        yield filled


@pytest.fixture
def address(store: Store) -> Iterator[str]:
    with served(desk.app_of(store)) as place:
        yield place


@pytest.fixture
def visit(browser: Browser, address: str) -> Iterator[Callable[..., Visit]]:
    visits: list[Visit] = []

    def begin(**context: Any) -> Visit:
        visits.append(Visit(browser, address, **context))
        return visits[-1]

    yield begin
    for each in visits:
        each.end()


def sign_in(visitor: Visit, name: str) -> None:
    """Begin a session."""
    answer = visitor.page.request.post(
        "/api/v1/sessions",
        data={"name": name, "password": desk.PASSWORD},
        headers={"Origin": visitor.hosts[0]},
    )
    assert answer.status == 201, answer.text()


def opened(visitor: Visit, name: str = "wang", query: str = "") -> Page:
    """Open the desk as somebody, and wait till its list has come."""
    sign_in(visitor, name)
    page = visitor.page
    page.goto(f"/audit{query}")
    settled(page)
    return page


def settled(page: Page) -> None:
    """Wait till the desk has loaded and no list is under way."""
    expect(page.locator("#main")).to_have_attribute("aria-busy", "false", timeout=SLOW)
    expect(page.locator("#summary")).to_have_text(re.compile("共|in all|没有|No"), timeout=SLOW)
    expect(page.locator("#list")).not_to_have_attribute("aria-busy", "true")


def take(page: Page, name: str, **fields: str | bool) -> None:
    """Take a step by its button and its form."""
    page.get_by_role("button", name=name, exact=True).click()
    form = page.get_by_role("form", name=name)
    for label, value in fields.items():
        field = form.get_by_label(re.compile(f"^{label}"))
        if isinstance(value, bool):
            field.check()
        else:
            field.fill(value)
    form.get_by_role("button", name="提交").click()
    expect(page.locator("#summary")).to_contain_text("已记录", timeout=SLOW)


def trust(page: Page) -> float:
    told = page.request.get("/api/v1/nearest?lon=102.801&lat=24.889&limit=1&open=any").json()
    assert told["stations"][0]["id"] == "S1"
    return float(told["stations"][0]["trust"])


def test_from_a_report_to_its_end(visit: Callable[..., Visit], store: Store) -> None:
    visitor = visit(**DESKTOP)
    page = opened(visitor)
    before = trust(page)
    for who in ("甲", "乙"):
        told = {"outcome": "cannot_enter", "who": who}
        page.request.post("/api/v1/stations/S1/reports", data=told, headers=sample.STAFF)
    during = trust(page)
    assert during < before
    page.reload()
    settled(page)
    row = page.locator("#list .row", has_text="反映：进不来")
    expect(row).to_contain_text("呈贡一号驿站")
    row.click()
    detail = page.locator("#detail")
    expect(page.get_by_role("button", name="指派", exact=True)).to_be_visible()
    expect(detail.locator("h2")).to_be_focused()  # though the rest of it has come since
    expect(detail).to_contain_text("反映次数2")
    expect(page.get_by_role("button", name="核验通过")).to_have_count(0)
    take(page, "指派", 责任人="李明", 说明="尽快")
    expect(detail).to_contain_text("责任人 李明")
    take(page, "报告整改完成", 说明="换了锁")
    page.get_by_role("button", name="核验通过").click()
    expect(page.get_by_label("没有别人可以核验")).to_have_attribute("required", "")

    other = visit(**DESKTOP)
    number = re.search(r"finding=(\d+)", page.url)
    assert number
    second = opened(other, "boss", f"?finding={number[1]}")
    take(second, "核验通过", 说明="看过可用", 到现场看过=True)
    expect(second.locator("#detail .steps li")).to_have_count(4)
    expect(second.locator("#detail")).to_contain_text("boss")
    expect(second.locator("#list .row", has_text="反映：进不来")).to_have_count(0)
    assert trust(second) > before
    assert [step for step in store.steps()["step"] if step in {"assign", "fix", "verify"}] == [
        "assign", "fix", "verify",
    ]  # fmt: skip
    assert store.verify().broken is None


def test_what_is_seen_is_recorded_by_a_click(visit: Callable[..., Visit], store: Store) -> None:
    page = opened(visit(**DESKTOP), query="?rule=place.null_island")
    page.locator("#list .row").click()
    expect(page.locator("#detail")).to_contain_text("还没有登记为问题")
    page.get_by_role("button", name="登记此类问题").click()
    expect(page.locator("#summary")).to_contain_text("新登记 1 项", timeout=SLOW)
    expect(page.locator("#detail")).to_contain_text("问题 1")
    expect(page.get_by_role("button", name="指派", exact=True)).to_be_visible()
    assert store.steps()["rule"].tolist() == ["place.null_island"]
    page.get_by_role("button", name="重新审计并登记").click()
    expect(page.locator("#list .state.new")).to_have_count(0, timeout=SLOW)


@pytest.mark.slow
def test_somebody_was_faster(visit: Callable[..., Visit], store: Store) -> None:
    visitor = visit(**DESKTOP)
    visitor.allowed = {"status of 409"}
    page = opened(visitor, query="?rule=place.null_island")
    desk_headers = sample.STAFF
    page.request.post("/api/v1/findings/update?rule=place", headers=desk_headers)
    expect(page.locator("#summary")).to_be_visible()
    for _ in range(100):
        if store.steps_number():
            break
        page.wait_for_function("() => new Promise(done => setTimeout(() => done(true), 50))")
    page.goto("/audit?finding=1")
    settled(page)
    page.get_by_role("button", name="指派", exact=True).click()
    page.request.post("/api/v1/findings/1/steps", headers=desk_headers,
                      data={"step": "assign", "to": "张三", "who": "赵敏"})  # fmt: skip
    page.get_by_role("form", name="指派").get_by_role("button", name="提交").click()
    expect(page.locator("#summary")).to_contain_text("别人刚刚办理过")
    expect(page.locator("#detail")).to_contain_text("责任人 张三")
    assert store.steps()["step"].tolist() == ["open", "assign"]


def test_a_link_reproduces_the_view_and_back_goes_back(visit: Callable[..., Visit]) -> None:
    page = opened(visit(**DESKTOP))
    page.get_by_label("严重程度").select_option("较重")
    page.get_by_label("驿站名称或编号").fill("驿站")
    expect(page).to_have_url(re.compile("severity=major.*text="))
    settled(page)
    page.locator("#list .row").first.click()
    expect(page).to_have_url(re.compile("finding="))
    title = page.locator("#detail h2").inner_text()
    address, rows = page.url, page.locator("#list .row").count()
    page.get_by_role("tab", name="坐标基准").click()
    expect(page).to_have_url(re.compile("tab=datum"))
    page.go_back()
    expect(page).to_have_url(address)
    expect(page.locator("#findings")).to_be_visible()
    page.goto("/map")
    page.goto(address)
    settled(page)
    expect(page.get_by_label("严重程度")).to_have_value("major")
    expect(page.locator("#list .row")).to_have_count(rows)
    expect(page.locator("#detail h2")).to_have_text(title)
    expect(page.locator("#list .row[aria-current=true]")).to_have_count(1)


@pytest.mark.slow
def test_the_map_and_the_list_are_one(visit: Callable[..., Visit]) -> None:
    page = opened(visit(**DESKTOP), query="?rule=datum")
    expect(page.locator("#map .mark")).to_have_count(4)
    page.evaluate("audit_map.setView([24.901, 102.8], 17, {animate: false})")
    page.locator("#map .mark").first.click()
    expect(page.locator("#detail h2")).to_have_text("整批坐标基准与所填不符")
    expect(page.locator("#list .row[aria-current=true]")).to_have_count(1)


def test_an_editor_merges_side_by_side(visit: Callable[..., Visit], store: Store) -> None:
    page = opened(visit(**DESKTOP), "li", "?tab=twins")
    expect(page.locator(".twin")).to_have_count(1, timeout=SLOW)
    expect(page.locator("#map .pin")).to_have_count(2)
    expect(page.locator("tr.differs", has_text="可容纳人数")).to_contain_text("20")
    keep = "左" if "D1" in page.locator(".twin th").nth(1).inner_text() else "右"
    page.get_by_role("button", name=re.compile(f"保留{keep}边")).click()
    page.get_by_label("说明").fill("同一处")
    page.get_by_role("button", name="提交").click()
    expect(page.locator("#twins-status")).to_contain_text("已合并", timeout=SLOW)
    expect(page.locator(".twin")).to_have_count(0)
    assert "D2" not in store.stations().index
    assert store.stations().loc["D1", "capacity"] == 20


def test_an_editor_corrects_an_upload_on_the_map(visit: Callable[..., Visit], store: Store) -> None:
    page = opened(visit(**DESKTOP), "li", "?tab=datum")
    expect(page.locator(".slip h2").first).to_contain_text("wgs84", timeout=SLOW)
    expect(page.locator("#map .pin")).to_have_count(8)
    before = store.revision()
    page.get_by_role("button", name="更正这一批（4 条）").click()
    expect(page.locator(".step-form")).to_contain_text("原始坐标保留")
    assert store.revision() == before
    page.get_by_label("说明").fill("高德坐标")
    page.get_by_role("button", name="提交").click()
    expect(page.locator("#datum-status")).to_contain_text("已更正 4 条", timeout=SLOW)
    assert store.revision() == before + 1
    assert set(store.stations().loc[desk.DOORS, "datum_in"]) == {"gcj02"}


@pytest.mark.slow
def test_an_inspector_only_looks_at_them(visit: Callable[..., Visit]) -> None:
    page = opened(visit(**DESKTOP), "wang", "?tab=datum")
    expect(page.locator(".slip", has_text="超出您的辖区或权限")).to_be_visible(timeout=SLOW)
    expect(page.get_by_role("button", name=re.compile("更正"))).to_have_count(0)


def test_a_round_of_the_day(visit: Callable[..., Visit]) -> None:
    page = opened(visit(**DESKTOP), query="?tab=round")
    page.get_by_label("出发地").fill("不知道")
    page.get_by_role("button", name="安排路线").click()
    expect(page.locator("#round-status")).to_contain_text("25.04, 102.72")
    page.evaluate("audit_map.setView([24.889, 102.801], 15, {animate: false})")
    page.locator("#map").click()
    expect(page.get_by_label("出发地")).to_have_value(re.compile(r"^24\.8\d+, 102\.8\d+$"))
    page.get_by_label("日期").fill("2026-11-24")
    page.get_by_role("button", name="安排路线").click()
    expect(page.locator("#round-status")).to_contain_text("1 人", timeout=4 * SLOW)
    stops = page.locator(".stops > li")
    expect(stops.first).to_contain_text("到")
    count = stops.count()
    expect(page.locator("#map .pin")).to_have_count(count + 1)  # and the start
    job = page.get_by_role("link", name="带到手机上")
    expect(job).to_have_attribute("href", re.compile(r"^/visit\?round="))
    sheet = page.get_by_role("link", name="打印路线单").get_attribute("href") or ""
    assert page.request.get(sheet.replace("pdf", "html")).status == 200


def test_nobody_signed_in_sees_nothing(visit: Callable[..., Visit]) -> None:
    visitor = visit(**PHONE)
    page = visitor.page
    page.goto("/audit?severity=major")
    link = page.get_by_role("link", name="登录").last
    expect(link).to_be_visible()
    expect(link).to_have_attribute("href", "/signin?next=%2Faudit%3Fseverity%3Dmajor")
    expect(page.locator("#desk")).to_be_hidden()
    assert "驿站0" not in visitor.everything_told()


@pytest.mark.slow
def test_what_fails_says_so_and_can_be_tried_again(visit: Callable[..., Visit]) -> None:
    visitor = visit(**DESKTOP)
    visitor.allowed = {"status of 503"}
    sign_in(visitor, "wang")
    page = visitor.page
    page.route(
        "**/api/v1/findings?*", lambda route: route.fulfill(status=503, json={"detail": "x"})
    )
    page.goto("/audit")
    expect(page.locator("#summary")).to_contain_text("未能完成：x", timeout=SLOW)
    page.unroute("**/api/v1/findings?*")
    page.locator("#summary").get_by_role("button", name="重试").click()
    settled(page)
    expect(page.locator("#list .row").first).to_be_visible()


@pytest.mark.slow
def test_a_hostile_name_is_a_name(visit: Callable[..., Visit]) -> None:
    page = opened(visit(**DESKTOP), "zhou")
    row = page.locator("#list .row").first
    expect(row).to_contain_text(sample.NASTY)
    row.click()
    expect(page.locator("#detail")).to_contain_text(sample.NASTY)
    page.locator("#map .mark").first.hover()
    expect(page.locator(".leaflet-tooltip")).to_contain_text(sample.NASTY)


def test_by_keyboard_alone(visit: Callable[..., Visit], store: Store) -> None:
    page = opened(visit(**DESKTOP), query="?rule=place.null_island")
    page.locator("#tab-findings").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#tab-round")).to_be_focused()
    expect(page.locator("#round")).to_be_visible()
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#findings")).to_be_visible()
    row = page.locator("#list .row")
    row.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#detail h2")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="登记此类问题")).to_be_focused()
    page.keyboard.press("Enter")
    assign = page.get_by_role("button", name="指派", exact=True)
    expect(assign).to_be_visible(timeout=SLOW)
    assign.focus()
    page.keyboard.press("Enter")
    form = page.get_by_role("form", name="指派")
    expect(form.get_by_label("责任人")).to_be_focused()
    page.keyboard.type("李明")
    page.keyboard.press("Enter")
    expect(page.locator("#detail")).to_contain_text("责任人 李明", timeout=SLOW)
    assert store.steps()["step"].tolist()[-1] == "assign"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("screen", "scheme"), [(PHONE, "dark"), (DESKTOP, "light")], ids=["phone", "desktop"]
)
def test_axe_finds_nothing_and_nothing_is_too_wide(
    visit: Callable[..., Visit], screen: dict[str, Any], scheme: str
) -> None:
    page = opened(visit(**screen, color_scheme=scheme), "boss")
    width = screen["viewport"]["width"]
    places = {"findings": "#list .row", "twins": ".twin", "datum": ".slip", "round": "#round-form"}
    for tab, place in places.items():
        page.locator(f"#tab-{tab}").click()
        expect(page.locator(place).first).to_be_visible(timeout=SLOW)
        if tab == "findings":
            page.locator("#list .row").first.click()
            expect(page.locator("#detail h2")).to_be_focused()
        for _ in range(2):
            assert page.evaluate("document.documentElement.scrollWidth") == width
            results = Axe().run(page)
            assert results.violations_count == 0, results.generate_report()
            page.locator("#language").click()
            expect(page.locator(place).first).to_be_attached(timeout=SLOW)
