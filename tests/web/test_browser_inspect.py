"""An inspector's day: stations taken along, visited without a network, sent when there is one."""

from __future__ import annotations

import json
import os
import re
import shutil
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Browser, expect

import web
from stations.audit import findings
from tests.web import sample
from tests.web.browsing import BROWSER, CHROMIUM, DESKTOP
from tests.web.inspecting import LI, PASSWORD, WANG, Phone, World, photo, world

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Locator, Page

pytestmark = BROWSER

TWO = "/visit?stations=BANK,REPAIR"


@pytest.fixture
def here(tmp_path: Path) -> Iterator[World]:
    with world(tmp_path) as served:
        yield served


@pytest.fixture
def phone(browser: Browser, here: World) -> Iterator[Callable[..., Phone]]:
    phones: list[Phone] = []

    def begin(name: str = WANG, **context: Any) -> Phone:
        phones.append(Phone(browser, here.address, **context))
        if name:
            phones[-1].sign_in(name)
        return phones[-1]

    yield begin
    for each in phones:
        each.end()


def stop(page: Page, station: str) -> Locator:
    return page.locator(f'#stops > [data-station="{station}"]')


def taken(mine: Phone, address: str = TWO) -> Page:
    """Take two stations along."""
    page = mine.open(address)
    expect(page.locator("#stops > li")).to_have_count(2)
    page.click("#take")
    expect(page.locator("#status")).to_have_text("已下载：没有网络也能填写。")
    return page


def begun(page: Page, station: str) -> None:
    """Open the form of a stop; its position is known when this returns."""
    stop(page, station).get_by_role("button").click()
    expect(page.locator("#form-title")).to_be_focused()
    expect(page.locator(".place")).to_contain_text(re.compile("精度|不带位置|accurate|go without"))


def question(page: Page, text: str) -> Locator:
    return page.locator(".question").filter(has=page.locator("legend", has_text=text))


def answer(page: Page, text: str, said: str) -> None:
    choice = question(page, text).get_by_role("radio", name=said, exact=True)
    choice.check(force=True)  # the words over it are its label
    expect(choice).to_be_checked()


def kept(page: Page, count: int) -> None:
    expect(page.locator("#saved")).to_have_text(re.compile(rf"^已答 {count}/\d+，已保存$"))


def filled(page: Page, station: str = "BANK") -> None:
    """Fill in what shuts a station, and finish."""
    begun(page, station)
    answer(page, "找得到门吗", "是")
    answer(page, "门能进吗", "该开未开")
    kept(page, 2)
    page.click("#finish")


def card(page: Page, state: str) -> Locator:
    return page.locator(f'#list [data-key][data-state="{state}"]')


def test_a_visit_without_a_network_is_sent_when_there_is_one(
    here: World, phone: Callable[..., Phone], tmp_path: Path
) -> None:
    mine = phone()
    page = taken(mine)
    mine.offline(yes=True)
    page.reload()
    expect(page.locator(".banner.offline")).to_be_visible()
    expect(page.locator("#who")).to_have_text("王芳")
    begun(page, "BANK")
    answer(page, "找得到门吗", "是")
    answer(page, "门能进吗", "该开未开")
    kept(page, 2)
    door = question(page, "大门和标识")
    door.locator("input[type=file]").first.set_input_files(photo())
    expect(door.locator("img")).to_have_count(1)
    kept(page, 3)
    page.reload()
    expect(page.locator("#form-title")).to_have_text("测试驿站BANK")
    expect(page.locator("#saved")).to_contain_text("已答 3/")
    expect(question(page, "门能进吗").get_by_role("radio", name="该开未开")).to_be_checked()
    page.get_by_label("补充说明").fill("门锁着 <b>两次</b>")
    kept(page, 3)
    page.click("#finish")
    expect(page.locator("#status")).to_have_text("已存好，有网络时自动发送。")
    expect(card(page, "waiting")).to_have_count(1)
    assert here.app.sent == []
    mine.offline(yes=False)
    expect(card(page, "sent")).to_contain_text("可信度")
    expect(card(page, "sent")).to_contain_text("照片 1 张")
    assert here.app.sent == ["PUT photos", "POST visits"]
    [row] = here.store.visits().to_dict("records")
    assert row["station"] == "BANK"
    assert row["who"] == f"王芳 ({WANG})"
    assert row["outcome"] == "cannot_enter"
    assert row["note"] == "门锁着 <b>两次</b>"
    assert row["lon"] == pytest.approx(sample.KUNMING[0])
    assert json.loads(row["answers"]) == {"find.way": True, "enter.door": "locked"}
    [picture] = json.loads(row["photos"])
    assert picture["question"] == "photo.door"
    assert picture["gps"] == pytest.approx({"lon": 102.7183, "lat": 25.0389}, abs=1e-4)
    told = page.request.get("/api/v1/stations/BANK").json()
    assert told["evidence"]["outcomes"] == {"cannot_enter": 1}
    files = list((tmp_path / "photos").glob("??/*.jpg"))
    assert len(files) == 1
    with Image.open(files[0]) as stripped:
        assert stripped.size == (640, 480)
        assert not stripped.getexif()
    assert b"Secret Phone" not in files[0].read_bytes()


def test_what_was_found_becomes_a_finding(here: World, phone: Callable[..., Phone]) -> None:
    mine = phone()
    page = taken(mine)
    begun(page, "BANK")
    answer(page, "公示的开放时间", "不一致")
    kept(page, 1)
    page.click("#finish")
    expect(card(page, "sent")).to_contain_text("新发现的问题（1）")
    expect(card(page, "sent")).to_contain_text("公示时间与登记不符")
    standing = findings.standing(here.store.steps(), sample.NOW)
    assert standing[["station", "rule"]].values.tolist() == [["BANK", "hours.seen"]]


def test_an_answer_lost_on_the_way_back_counts_once(
    here: World, phone: Callable[..., Phone]
) -> None:
    mine = phone()
    mine.allowed.add("502")
    page = taken(mine)
    here.app.losing = True
    filled(page)
    expect(card(page, "waiting")).to_contain_text("还没发出")
    expect(card(page, "waiting").get_by_role("button")).to_have_count(0)
    assert len(here.store.visits()) == 1
    here.app.losing = False
    page.click("#send")
    expect(card(page, "sent")).to_have_count(1)
    assert here.app.sent == ["POST visits"] * 2
    assert len(here.store.visits()) == 1
    assert len(here.store.evidence()) == 1


@pytest.mark.slow
def test_a_late_position_does_not_change_a_finished_visit(
    here: World, phone: Callable[..., Phone]
) -> None:
    mine = phone()
    mine.allowed.add("502")
    mine.context.add_init_script(SLOW_TO_PLACE)
    page = taken(mine)
    here.app.losing = True
    stop(page, "BANK").get_by_role("button").click()
    expect(page.locator(".place")).to_contain_text("正在定位")
    answer(page, "找得到门吗", "是")
    kept(page, 1)
    page.click("#finish")
    expect(card(page, "waiting")).to_contain_text("还没发出")
    page.evaluate("window.placed()")
    here.app.losing = False
    page.click("#send")
    expect(card(page, "sent")).to_have_count(1)
    assert here.app.sent == ["POST visits"] * 2
    assert here.store.visits()["lon"].isna().tolist() == [True]


SLOW_TO_PLACE = """navigator.geolocation.getCurrentPosition = (found) => {
  window.placed = () => found({ coords: { longitude: 102.7, latitude: 25, accuracy: 9 } });
};"""


@pytest.mark.slow
def test_a_photo_that_is_gone_is_a_refusal_and_nobody_waits_for_it(
    here: World, phone: Callable[..., Phone]
) -> None:
    mine = phone()
    page = taken(mine)
    mine.offline(yes=True)
    mine.context.clock.set_fixed_time(sample.NOW - timedelta(minutes=10))
    begun(page, "BANK")
    answer(page, "找得到门吗", "是")
    door = question(page, "大门和标识")
    door.locator("input[type=file]").first.set_input_files(photo())
    expect(door.locator("img")).to_have_count(1)
    kept(page, 2)
    page.click("#finish")
    mine.context.clock.set_fixed_time(sample.NOW)
    filled(page, "REPAIR")
    expect(card(page, "waiting")).to_have_count(2)
    page.evaluate(ON_THE_PHONE, ["photos", ""])
    mine.offline(yes=False)
    expect(card(page, "sent")).to_have_count(1)
    expect(card(page, "refused")).to_contain_text("照片“门 <b>.jpg”已不在这部手机上")
    assert here.store.visits()["station"].tolist() == ["REPAIR"]
    card(page, "refused").get_by_role("button", name="修改").click()
    door.get_by_role("button", name="删除照片：大门和标识 第 1 张").click()
    kept(page, 1)
    page.click("#finish")
    expect(card(page, "sent")).to_have_count(2)
    assert here.store.visits()["station"].tolist() == ["REPAIR", "BANK"]


@pytest.mark.slow
def test_a_visit_another_tab_sends_is_left_to_it(here: World, phone: Callable[..., Phone]) -> None:
    mine = phone()
    page = taken(mine)
    other = mine.context.new_page()
    other.goto("/api/v1/me")
    other.evaluate(SENDING_ALONE)
    filled(page)
    expect(card(page, "waiting")).to_have_count(1)
    page.evaluate(ON_THE_PHONE, ["visits", "sending"])
    page.reload()
    expect(page.locator("#list")).not_to_have_attribute("aria-busy", "true")
    expect(page.locator("#send")).to_be_enabled()
    expect(card(page, "sending")).to_have_count(1)
    page.evaluate(ON_THE_PHONE, ["visits", "refused"])
    page.click("#send")
    expect(page.locator("#send")).to_be_enabled()
    page.reload()
    expect(card(page, "refused")).to_have_count(1)
    assert here.app.sent == []


SENDING_ALONE = """() => new Promise((begun) => {
  navigator.locks.request("inspector-sending", () => new Promise(() => begun()));
})"""
ON_THE_PHONE = """([store, state]) => new Promise((done) => {
  indexedDB.open("inspector").onsuccess = ({ target: { result: database } }) => {
    const transaction = database.transaction(store, "readwrite");
    const objects = transaction.objectStore(store);
    objects.getAll().onsuccess = ({ target }) => {
      objects.clear();
      if (state) for (const each of target.result) objects.put({ ...each, state });
    };
    transaction.oncomplete = () => done(database.close());
  };
})"""


def test_visits_are_sent_in_the_order_they_were_made(
    here: World, phone: Callable[..., Phone]
) -> None:
    mine = phone()
    page = taken(mine)
    mine.offline(yes=True)
    mine.context.clock.set_fixed_time(sample.NOW - timedelta(minutes=30))
    begun(page, "REPAIR")
    answer(page, "找得到门吗", "是")
    kept(page, 1)
    page.get_by_role("button", name="返回列表").click()
    mine.context.clock.set_fixed_time(sample.NOW - timedelta(minutes=20))
    filled(page)
    mine.context.clock.set_fixed_time(sample.NOW - timedelta(minutes=10))
    stop(page, "REPAIR").get_by_role("button").click()
    page.click("#finish")
    expect(card(page, "waiting")).to_have_count(2)
    page.reload()
    mine.offline(yes=False)
    expect(card(page, "sent")).to_have_count(2)
    expect(page.locator("#status")).to_have_text("已发送 2 条。")
    assert here.store.visits()["station"].tolist() == ["BANK", "REPAIR"]
    page.click("#tidy")
    expect(card(page, "sent")).to_have_count(0)
    page.reload()
    expect(page.locator("#stops > li")).to_have_count(2)
    expect(card(page, "sent")).to_have_count(0)


def test_a_refused_visit_stays_with_its_reason_and_can_be_mended(
    here: World, phone: Callable[..., Phone]
) -> None:
    mine = phone()
    mine.allowed.add("400")
    page = taken(mine)
    mine.context.clock.set_fixed_time(sample.NOW - timedelta(days=40))
    filled(page)
    refused = card(page, "refused")
    expect(refused).to_contain_text("被退回：")
    expect(refused).to_contain_text("30 天")
    expect(page.locator("#status")).to_contain_text("1 条被退回，0 条已发送")
    page.reload()
    expect(refused).to_contain_text("30 天")
    assert here.store.visits().empty
    mine.context.clock.set_fixed_time(sample.NOW)
    refused.get_by_role("button", name="修改").click()
    kept_answers = question(page, "门能进吗").get_by_role("radio", name="该开未开")
    expect(kept_answers).to_be_checked()
    page.click("#finish")
    expect(card(page, "sent")).to_have_count(1)
    assert len(here.store.visits()) == 1


@pytest.mark.slow
def test_what_another_tab_did_is_not_done_again(here: World, phone: Callable[..., Phone]) -> None:
    mine = phone()
    mine.allowed.add("400")
    page = taken(mine)
    mine.context.clock.set_fixed_time(sample.NOW - timedelta(days=40))
    filled(page)
    expect(card(page, "refused")).to_have_count(1)
    other = mine.context.new_page()
    other.goto("/visit")
    expect(card(other, "refused")).to_have_count(1)
    mine.context.clock.set_fixed_time(sample.NOW)
    card(page, "refused").get_by_role("button", name="修改").click()
    page.click("#finish")
    expect(card(page, "sent")).to_have_count(1)
    card(other, "refused").get_by_role("button", name="再发一次").click()
    expect(card(other, "sent")).to_have_count(1)
    expect(card(other, "waiting")).to_have_count(0)
    assert len(here.store.visits()) == 1


@pytest.mark.slow
def test_a_photo_still_being_read_is_waited_for(here: World, phone: Callable[..., Phone]) -> None:
    page = taken(phone())
    begun(page, "BANK")
    answer(page, "找得到门吗", "是")
    kept(page, 1)
    page.evaluate(SLOW_TO_READ)
    door = question(page, "大门和标识")
    door.locator("input[type=file]").first.set_input_files(photo())
    page.click("#finish")
    expect(page.locator("#form [role=alert]")).to_contain_text("照片还在保存")
    expect(page.locator("#finish")).to_be_disabled()
    page.evaluate("window.goOn()")
    expect(card(page, "sent")).to_contain_text("照片 1 张")
    assert here.store.visits()["photos"].str.contains("sha256").tolist() == [True]


SLOW_TO_READ = """() => {
  const digest = crypto.subtle.digest.bind(crypto.subtle);
  const waited = new Promise((goOn) => { window.goOn = goOn; });
  crypto.subtle.digest = async (...told) => { await waited; return digest(...told); };
}"""


def test_a_draft_goes_only_after_two_taps(phone: Callable[..., Phone]) -> None:
    page = taken(phone())
    begun(page, "BANK")
    answer(page, "找得到门吗", "否")
    kept(page, 1)
    page.get_by_role("button", name="返回列表").click()
    draft = card(page, "draft")
    expect(draft).to_contain_text("草稿 1/")
    draft.get_by_role("button", name="删除").click()
    expect(draft).to_have_count(1)
    draft.get_by_role("button", name="确定删除").click()
    expect(draft).to_have_count(0)
    page.reload()
    expect(page.locator("#stops > li")).to_have_count(2)
    expect(draft).to_have_count(0)


def test_an_ended_session_keeps_all_and_sends_after_signing_in(
    here: World, phone: Callable[..., Phone]
) -> None:
    mine = phone()
    mine.allowed.add("401")
    page = taken(mine)
    mine.offline(yes=True)
    filled(page)
    expect(card(page, "waiting")).to_have_count(1)
    mine.sign_out()
    mine.offline(yes=False)
    banner = page.locator(".banner.warn")
    expect(banner).to_contain_text("登录已过期，记录都还在这部手机上")
    expect(banner.get_by_role("link")).to_have_attribute("href", "/signin?next=%2Fvisit")
    expect(card(page, "waiting")).to_have_count(1)
    assert here.app.sent == []
    mine.sign_in(WANG)
    page.goto("/visit")
    expect(card(page, "sent")).to_have_count(1)
    assert len(here.store.visits()) == 1


def test_nobody_else_sees_or_sends_what_is_mine(here: World, phone: Callable[..., Phone]) -> None:
    mine = phone()
    page = taken(mine)
    mine.offline(yes=True)
    filled(page)
    begun(page, "REPAIR")
    answer(page, "找得到门吗", "是")
    kept(page, 1)
    mine.sign_out()
    mine.context.set_offline(False)
    mine.sign_in(LI)
    page.goto("/visit")
    expect(page.locator("#who")).to_have_text("李强")
    expect(page.locator("#stops-state")).to_have_text("还没有要去的驿站。")
    expect(page.locator("#list [data-key]")).to_have_count(0)
    assert here.app.sent == []
    mine.sign_out()
    mine.sign_in(WANG)
    page.goto("/visit")
    expect(card(page, "sent")).to_have_count(1)
    expect(card(page, "draft")).to_have_count(1)
    assert here.store.visits()["who"].tolist() == [f"王芳 ({WANG})"]


def test_a_phone_handed_on_shows_nothing(phone: Callable[..., Phone]) -> None:
    mine = phone()
    page = taken(mine)
    mine.sign_out()
    page.reload()
    page.get_by_role("button", name="我不是王芳").click()
    expect(page.locator("#stops > li")).to_have_count(0)
    expect(page.locator(".banner.warn")).to_contain_text("请先登录")
    mine.sign_in(WANG)
    page.goto("/visit")
    expect(page.locator("#stops > li")).to_have_count(2)


@pytest.mark.slow
def test_the_nearest_and_a_stop_that_was_not_taken_along(phone: Callable[..., Phone]) -> None:
    mine = phone()
    page = mine.open()
    expect(page.locator("#stops-state")).to_have_text("还没有要去的驿站。")
    page.click("#nearest")
    expect(page.locator("#stops > li h3").first).to_have_text("测试驿站BANK")
    mine.offline(yes=True)
    stop(page, "BANK").get_by_role("button").click()
    expect(page.locator("#status")).to_contain_text("没有下载")
    expect(page.locator("#form")).to_be_hidden()
    mine.offline(yes=False)
    stop(page, "BANK").get_by_role("button").click()
    expect(page.locator("#form-title")).to_have_text("测试驿站BANK")


def planned(mine: Phone, *names: str) -> str:
    """Plan a round for inspectors of these names; return its job."""
    start = {"lon": sample.KUNMING[0], "lat": sample.KUNMING[1]}
    goers = [{"name": name, "start": start} for name in names]
    ask = mine.page.request
    headers = {"X-CSRF-Token": ask.get("/api/v1/me").json()["csrf"], "Origin": mine.address}
    asked = {"date": "2026-11-25", "inspectors": goers, "visits": 2}
    job = ask.post("/api/v1/rounds/jobs", data=asked, headers=headers).json()
    while job["state"] in {"queued", "running"}:
        job = ask.get(f"/api/v1/rounds/jobs/{job['id']}").json()
    assert job["state"] == "done"
    return str(job["id"])


def test_a_round_is_taken_along_by_its_link(phone: Callable[..., Phone]) -> None:
    mine = phone()
    page = mine.page
    mine.open(f"/visit?round={planned(mine, '王芳', '别人')}")
    stops = page.locator("#stops > li")
    expect(stops.first).to_contain_text(re.compile(r"\d\d:\d\d 到"))
    page.click("#take")
    expect(page.locator("#status")).to_contain_text("已下载")
    mine.offline(yes=True)
    page.reload()
    stops.first.get_by_role("button").click()
    expect(page.locator("#form a.go")).to_have_attribute("href", re.compile("amap"))


@pytest.mark.slow
def test_of_several_routes_one_is_chosen(phone: Callable[..., Phone]) -> None:
    mine = phone()
    page = mine.open()
    page.get_by_label("路线链接").fill(f"{mine.address}/audit?round={planned(mine, '甲', '乙')}")
    page.get_by_role("button", name="列出").click()
    page.get_by_role("button", name=re.compile("^乙")).click()
    expect(page.locator("#stops > li").first).to_be_visible()
    expect(page.locator("#routes button")).to_have_count(0)


@pytest.mark.slow
def test_a_station_nobody_knows_is_told(phone: Callable[..., Phone]) -> None:
    mine = phone()
    mine.allowed.add("404")
    page = mine.open()
    page.get_by_label("路线链接").fill("NOBODY")
    page.keyboard.press("Enter")
    expect(page.locator("#status")).to_contain_text("NOBODY")
    expect(page.locator("#stops > li")).to_have_count(0)


@pytest.mark.slow
def test_who_gives_no_position_goes_without(here: World, phone: Callable[..., Phone]) -> None:
    mine = phone(permissions=[])
    page = taken(mine)
    begun(page, "BANK")
    expect(page.locator(".place")).to_contain_text("没有定位权限：不带位置也可以提交。")
    answer(page, "找得到门吗", "是")
    kept(page, 1)
    page.click("#finish")
    expect(card(page, "sent")).to_have_count(1)
    assert here.store.visits()["lon"].isna().all()


@pytest.mark.slow
def test_an_empty_form_is_not_sent(phone: Callable[..., Phone]) -> None:
    page = taken(phone())
    begun(page, "BANK")
    page.click("#finish")
    expect(page.locator("#form [role=alert]")).to_have_text("还没有回答任何问题。")
    answer(page, "找得到门吗", "是")
    kept(page, 1)
    question(page, "找得到门吗").get_by_role("button", name="清除").click()
    kept(page, 0)
    page.click("#finish")
    expect(page.locator("#form [role=alert]")).to_have_text("还没有回答任何问题。")


@pytest.mark.slow
def test_photos_no_server_would_take_are_made_anew(
    phone: Callable[..., Phone], tmp_path: Path
) -> None:
    page = taken(phone())
    begun(page, "BANK")
    door = question(page, "大门和标识")
    noise = Image.frombytes("RGB", (2000, 1500), os.urandom(2000 * 1500 * 3))
    noise.save(tmp_path / "large.png")
    assert (tmp_path / "large.png").stat().st_size > 8 * 1024 * 1024
    files = door.locator("input[type=file]")
    files.last.set_input_files(tmp_path / "large.png")
    expect(door.locator("[role=status]")).to_contain_text("已转换")
    (tmp_path / "text.jpg").write_text("no picture")
    Image.new("RGB", (9, 9)).save(tmp_path / "small.bmp")
    files.last.set_input_files([tmp_path / "small.bmp"])
    expect(door.locator("img")).to_have_count(2)
    files.last.set_input_files({"name": "<i>.heic", "mimeType": "image/heic", "buffer": b"??"})
    expect(door.locator("[role=status]")).to_contain_text("“<i>.heic”不是能打开的照片")
    files.last.set_input_files([tmp_path / "small.bmp"])
    expect(door.locator("[role=status]")).to_have_text("这张照片已经有了。")
    kept(page, 1)
    door.get_by_role("button", name="删除照片：大门和标识 第 2 张").click()
    expect(door.locator("img")).to_have_count(1)
    page.click("#finish")
    expect(card(page, "sent")).to_contain_text("照片 1 张")


@pytest.mark.slow
def test_a_hostile_name_is_text(phone: Callable[..., Phone]) -> None:
    page = taken(phone())
    expect(stop(page, "REPAIR").locator("h3")).to_have_text(sample.NASTY)
    filled(page, "REPAIR")
    expect(card(page, "sent").locator("h3")).to_contain_text(sample.NASTY)
    stop(page, "REPAIR").get_by_role("button").click()
    expect(page.locator("#form-title")).to_have_text(sample.NASTY)


def test_all_of_it_by_keyboard(here: World, phone: Callable[..., Phone]) -> None:
    mine = phone(**DESKTOP, is_mobile=False, has_touch=False)
    page = mine.open()
    tab_to(page, page.get_by_label("路线链接"))
    page.keyboard.type("BANK")
    page.keyboard.press("Enter")
    expect(stop(page, "BANK")).to_be_visible()
    tab_to(page, page.locator("#take"))
    page.keyboard.press("Enter")
    expect(page.locator("#status")).to_contain_text("已下载")
    tab_to(page, stop(page, "BANK").get_by_role("button"))
    page.keyboard.press("Enter")
    expect(page.locator("#form-title")).to_be_focused()
    first = page.get_by_role("radio", name="是", exact=True).first
    tab_to(page, first)
    page.keyboard.press("Space")
    expect(first).to_be_checked()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("radio", name="否", exact=True).first).to_be_checked()
    tab_to(page, page.locator("#note"))
    page.keyboard.type("都好")
    tab_to(page, page.locator("#finish"))
    page.keyboard.press("Enter")
    expect(card(page, "sent")).to_have_count(1)
    expect(page.locator("#stops-title")).to_be_focused()
    assert here.store.visits()["note"].tolist() == ["都好"]


def tab_to(page: Page, aim: Locator) -> None:
    """Go on with the tab key until it is there: at most around the page."""
    for _ in range(150):
        if aim.evaluate("each => each === document.activeElement"):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"no way to {aim} by keyboard")


@pytest.mark.slow
@pytest.mark.parametrize(("language", "scheme"), [("zh", "light"), ("en", "dark")])
def test_axe_finds_nothing_and_nothing_is_too_wide(
    phone: Callable[..., Phone], language: str, scheme: Any
) -> None:
    mine = phone(color_scheme=scheme)
    page = taken(mine)
    if language == "en":
        page.click("#language")
    mine.offline(yes=True)
    begun(page, "BANK")
    for choice in page.locator(".big input").all()[:3]:
        choice.check(force=True)
    page.locator("input[type=file]").first.set_input_files(photo())
    expect(page.locator(".photos img")).to_have_count(1)
    held(page)
    page.click("#finish")
    expect(card(page, "waiting")).to_have_count(1)
    held(page)
    mine.offline(yes=False)
    expect(card(page, "sent")).to_have_count(1)
    held(page)
    if language == "en":
        words = page.locator("#list").inner_text().replace(sample.NASTY, "")
        assert not [letter for letter in words.replace("测试驿站", "") if "一" <= letter <= "鿿"]


def held(page: Page) -> None:
    """Hold the page as it stands to what is promised of every page."""
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    sizes = page.locator("main a, main button, main summary, main .big, main .pick")
    heights = sizes.evaluate_all("all => all.map(each => each.offsetHeight)")
    assert min(height for height in heights if height) >= 44


@pytest.mark.slow
def test_a_newer_version_waits_until_it_is_wanted(browser: Browser, tmp_path: Path) -> None:
    static = tmp_path / "static"
    shutil.copytree(Path(web.__file__).parent / "static", static)
    with world(tmp_path, static) as here:
        mine = Phone(browser, here.address)
        mine.sign_in(WANG)
        page = mine.open()
        style = static / "css" / "inspect.css"
        style.write_text(style.read_text() + "#who { letter-spacing: 3px }")
        page.reload()
        expect(page.locator(".banner.news")).to_contain_text("新版本")
        expect(page.locator("#who")).to_have_css("letter-spacing", "normal")
        page.get_by_role("button", name="换成新版本").click()
        expect(page.locator("#who")).to_have_css("letter-spacing", "3px")
        expect(page.locator(".banner.news")).to_have_count(0)
        names = page.evaluate("caches.keys()")
        assert len(names) == 1
        mine.end()


def test_without_https_the_page_says_what_it_cannot_do(browser: Browser, here: World) -> None:
    named = browser.browser_type.launch(
        executable_path=str(CHROMIUM),
        args=["--no-sandbox", "--host-resolver-rules=MAP stations.example 127.0.0.1"],
    )
    mine = Phone(named, here.address.replace("127.0.0.1", "stations.example"), permissions=[])
    page = mine.page
    page.goto("/visit")
    expect(page.locator(".banner.warn", has_text="https")).to_be_visible()
    page.evaluate(SIGN_IN, [WANG, PASSWORD])
    page.goto(TWO)
    begun(page, "BANK")
    expect(page.locator("input[type=file]")).to_have_count(0)
    expect(question(page, "大门和标识")).to_contain_text("不能附照片")
    answer(page, "找得到门吗", "是")
    kept(page, 1)
    page.click("#finish")
    expect(card(page, "sent")).to_have_count(1)
    mine.end()
    named.close()
    assert len(here.store.visits()) == 1


SIGN_IN = """([name, password]) => fetch("/api/v1/sessions", {
  method: "POST",
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify({ name, password }),
})"""
