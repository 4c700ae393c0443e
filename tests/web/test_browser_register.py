"""The register's page in a browser: an editor's day, and what the next county is safe from."""

from __future__ import annotations

import io
import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.stations.audit.quality_cases import GUANDU, HOME
from tests.web import desk
from tests.web.browsing import BROWSER, DESKTOP, PHONE, Visit, served

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, FilePayload, Page

    from stations.store import Store

pytestmark = BROWSER
EXPRESSION = "Mo-Fr 08:30-12:00,14:00-17:30"
SHEET = """编号,名称,经度,纬度,开放时间
S2,呈贡二号驿站新名,{x},{y},24/7
U1,上传新站,102.81,24.889,{hours}
"""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with desk.filled(tmp_path_factory.mktemp("register")) as filled:
        yield filled


@pytest.fixture(scope="module")
def address(store: Store) -> Iterator[str]:
    with served(desk.app_of(store)) as place:
        yield place


@pytest.fixture
def visit(browser: Browser, address: str) -> Iterator[Callable[..., Visit]]:
    visits: list[Visit] = []

    def begin(**context: object) -> Visit:
        visits.append(Visit(browser, address, **context))
        visits[-1].allowed = {"422", "409", "403"}
        return visits[-1]

    yield begin
    for each in visits:
        each.end()


def opened(visitor: Visit, name: str, query: str = "") -> Page:
    """Open the page as somebody, and wait till it is usable."""
    told = {"name": name, "password": desk.PASSWORD}
    headers = {"Origin": visitor.hosts[0]}
    answer = visitor.page.request.post("/api/v1/sessions", data=told, headers=headers)
    assert answer.status == 201, answer.text()
    page = visitor.page
    page.goto(f"/register{query}")
    expect(page.locator("#main")).to_have_attribute("aria-busy", "false")
    return page


def book(text: bytes) -> bytes:
    """Return a workbook: what a clerk is to know, and a sheet of CSV."""
    made = io.BytesIO()
    with pd.ExcelWriter(made, engine="xlsxwriter") as writer:
        pd.DataFrame({"说明": ["名称写全称"]}).to_excel(writer, sheet_name="说明", index=False)
        sheet = pd.read_csv(io.BytesIO(text), dtype=str)
        sheet.to_excel(writer, sheet_name="台账", index=False)
    return made.getvalue()


def well(page: Page) -> None:
    """Hold the page to what axe-core looks at."""
    found = Axe().run(page).response["violations"]
    assert not found, [(each["id"], [n["html"] for n in each["nodes"]][:3]) for each in found]


def test_edit_look_save_and_undo(visit: Callable[..., Visit], store: Store) -> None:
    page = opened(visit(**DESKTOP), "li")
    page.get_by_label("名称、编号、共建单位或电话").fill("一号")
    expect(page.locator("#list .row")).to_have_count(1)
    page.locator("#list .row").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#detail h2")).to_have_text("呈贡一号驿站")
    page.locator("[name=opening_hours]").fill("周一至周五8:30-12:00，14:00-17:30")
    expect(page.locator(".reading").first).to_contain_text(f"读作 {EXPRESSION}")
    page.get_by_label("可容纳人数").fill("很多")
    page.get_by_label("修改原因").fill("来电更正")
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.get_by_label("可容纳人数")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("可容纳人数")).to_be_focused()
    page.get_by_label("可容纳人数").fill("20")
    page.get_by_role("button", name="先看改动").click()
    expect(page.locator("#looked tbody tr")).to_have_count(2)
    well(page)
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.locator("#form-status")).to_have_text(re.compile("已保存为版本 3。"))
    assert store.stations().loc["S1", "opening_hours"] == EXPRESSION
    page.locator(".history summary").click()
    newest = page.locator("#history > li").first
    expect(newest).to_contain_text("李强")
    expect(newest).to_contain_text("周一-周五 08:30-12:00,14:00-17:30")
    newest.get_by_role("button", name="撤销版本 3").click()
    newest.get_by_label("撤销原因").fill("误改")
    newest.get_by_role("button", name="撤销这次改动").click()
    expect(page.locator("#form-status")).to_have_text(re.compile("已撤销，记为版本 4。"))
    expect(page.locator("[name=opening_hours]")).to_have_value("24/7")
    assert store.stations().equals(store.stations(2))


def test_what_is_written_is_not_left_unsaved(visit: Callable[..., Visit]) -> None:
    page = opened(visit(**DESKTOP), "li", "?station=S1")
    host, title = page.locator("[name=host]"), page.locator("#detail h2")
    host.fill("新单位")
    page.locator("#list .row").filter(has_text="呈贡二号").click()
    expect(page.locator("#form-status")).to_contain_text("没保存的改动")
    page.get_by_role("tab", name="活动").click()
    expect(page.locator("#activity-form form")).to_be_visible()
    page.get_by_role("tab", name="驿站").click()
    expect(host).to_have_value("新单位")
    expect(page).to_have_url(re.compile("station=S1"))
    page.get_by_role("button", name="放弃改动").click()
    expect(title).to_contain_text("呈贡二号")
    expect(page).to_have_url(re.compile("station=S2"))
    page.locator("#list .row").filter(has_text="呈贡一号").click()
    expect(title).to_have_text("呈贡一号驿站")
    expect(host).to_have_value("")


def test_a_file_with_faults_is_mended_and_accepted(
    visit: Callable[..., Visit], store: Store
) -> None:
    page = opened(visit(**DESKTOP), "li", "?tab=upload")
    place = {"x": HOME[0], "y": HOME[1] - 0.02}

    def send(hours: str, ending: str) -> None:
        data = SHEET.format(**place, hours=hours).encode()
        if ending == "xlsx":
            data = book(data)
        file: FilePayload = {"name": f"台账.{ending}", "mimeType": "text/csv", "buffer": data}
        page.locator("[name=file]").set_input_files(file)
        page.get_by_role("button", name="预览", exact=True).click()

    send("25:99-3", "csv")
    expect(page.get_by_role("heading", name="问题（1）")).to_be_visible()
    expect(page.locator("#upload-result")).to_contain_text("请照此填写")
    expect(page.locator("[data-count=regChanged]")).to_have_text("1")
    with page.expect_download() as sheet:
        page.get_by_role("link", name="下载问题清单").click()
    assert sheet.value.suggested_filename == "faults.xlsx"
    well(page)
    send("周一至周五8:30-12:00，14:00-17:30", "xlsx")
    expect(page.get_by_label("读哪个工作表")).to_have_value("台账")
    expect(page.locator("#upload-result .doubt")).to_contain_text("没有读：说明。")
    expect(page.locator(".mark.added")).to_have_css("background-color", "rgb(21, 128, 61)")
    expect(page.locator("[data-count=regAdded]")).to_have_text("1")
    expect(page.locator("[data-count=regFaults]")).to_have_text("0")
    page.get_by_label("导入原因").fill("十一月台账")
    page.get_by_role("button", name="确认导入").click()
    expect(page.locator("#upload-status")).to_have_text(re.compile("已导入为版本"))
    assert store.stations().loc["U1", "opening_hours"] == EXPRESSION
    assert store.stations().loc["S2", "name"] == "呈贡二号驿站新名"


def test_an_activity_is_seen_by_riders(visit: Callable[..., Visit]) -> None:
    page = opened(visit(**DESKTOP), "li", "?station=S1")
    page.get_by_role("button", name="在此安排活动").click()
    form = page.locator("#activity-form")
    named = form.get_by_label("驿站（名称或编号）")
    expect(named).to_have_value("呈贡一号驿站 (S1)")
    named.fill("次驿站1")  # or another, by a part of its name
    expect(form.locator("datalist option")).to_have_attribute("value", "批次驿站1 (G1)")
    named.fill("一号驿站")  # of which there is one: need not be chosen
    expect(form.locator("datalist option")).to_have_attribute("value", "呈贡一号驿站 (S1)")
    tomorrow = datetime.now(ZoneInfo("Asia/Shanghai")) + timedelta(days=1)
    form.locator("[name=title]").fill("冬季义诊")
    form.get_by_label("开始").fill(f"{tomorrow:%Y-%m-%d}T14:00")
    form.get_by_label("结束").fill(f"{tomorrow:%Y-%m-%d}T16:00")
    form.get_by_role("button", name="安排活动").click()
    line = page.locator("#activity-list > li")
    expect(line).to_contain_text("冬季义诊")
    line.get_by_role("button", name="修改").click()
    expect(line.get_by_label("开始")).to_have_value(f"{tomorrow:%Y-%m-%d}T14:00")
    line.locator("[name=title]").fill("冬季大义诊")
    line.get_by_label("说明").fill("来的人多")
    well(page)
    line.get_by_role("button", name="确定").click()
    expect(line).to_contain_text("冬季大义诊")
    rider = visit(
        **PHONE,
        geolocation={"longitude": HOME[0], "latitude": HOME[1]},
        permissions=["geolocation"],
    ).page
    rider.goto("/")
    rider.locator("#locate").click()
    station = rider.locator("#near > li").filter(has_text="呈贡一号驿站")
    expect(station.locator(".happening")).to_have_text("明天 14:00 冬季大义诊")


def test_the_next_county_is_not_ones_own(visit: Callable[..., Visit], store: Store) -> None:
    before = store.revision()
    page = opened(visit(**PHONE, color_scheme="dark"), "li", f"?station={desk.HOSTILE}")
    expect(page.locator("#detail .failed")).to_contain_text("530111")
    expect(page.locator("path.county").first).to_have_css("fill", "rgb(34, 39, 42)")  # dark
    page.get_by_role("button", name="返回清单").click()
    expect(page.locator("#list .row").filter(has_text="官渡")).to_have_count(0)
    page.locator("#list .row").filter(has_text="呈贡一号驿站").click()
    expect(page.locator("#detail h2")).to_have_text("呈贡一号驿站")
    page.locator("[name=lon]").fill(str(GUANDU[0]))
    page.locator("[name=lat]").fill(str(GUANDU[1]))
    page.get_by_label("修改原因").fill("搬迁")
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.locator("#form-status")).to_contain_text("在 530111，不在您的辖区")
    well(page)
    assert store.revision() == before
