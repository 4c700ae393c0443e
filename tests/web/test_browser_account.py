"""Signing in, one's account and everybody's, in a browser."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from stations.registry import LiveRegistry
from tests.web import people, sample
from tests.web.browsing import BROWSER, DESKTOP, PHONE, Visit
from web.app import create_app
from web.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from apiflask import APIFlask
    from playwright.sync_api import Page

    from stations.store import Store

pytestmark = BROWSER
NAME = "planner-here"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with people.filled_store(tmp_path_factory.mktemp("accounts")) as filled:
        yield filled


@pytest.fixture(scope="module")
def app(store: Store) -> APIFlask:
    settings = Settings(staff_token=sample.TOKEN, sign_in_limits="9999 per hour")
    return create_app(settings, LiveRegistry(store, 1.0, time.monotonic), lambda: sample.NOW)


def sign_in_page(visitor: Visit, address: str = "/signin?next=/account") -> Page:
    visitor.page.goto(address)
    expect(visitor.page.locator("#enter")).to_be_enabled()
    return visitor.page


def test_by_keyboard_in_and_out(visit: Callable[..., Visit]) -> None:
    visitor = visit(**DESKTOP)
    visitor.allowed = {"401"}  # what the browser says of a wrong password
    page = sign_in_page(visitor)
    page.focus("#name")
    page.keyboard.type(NAME)
    page.keyboard.press("Tab")
    page.keyboard.type("not the password")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_have_text("账号或密码不对。", use_inner_text=True)
    expect(page.locator("#password")).to_be_focused()
    expect(page.locator("#password")).to_have_value("")
    page.keyboard.type(people.PASSWORD)
    page.keyboard.press("Enter")
    expect(page).to_have_title("我的账号")
    expect(page.locator("#who")).to_contain_text("云南省昆明市 5301")
    page.locator("#sign-out").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#account-link")).to_have_text("登录")
    expect(page.locator("#nobody")).to_be_visible()
    assert page.evaluate("document.cookie") == ""


def test_one_comes_back_to_where_one_was(visit: Callable[..., Visit]) -> None:
    page = visit(**DESKTOP).page
    page.goto("/plan?x=1")
    expect(page.locator("#kinds input")).to_have_count(9)
    page.locator("#account-link").click()
    expect(page.locator("#enter")).to_be_enabled()
    page.fill("#name", NAME)
    page.fill("#password", people.PASSWORD)
    page.click("#enter")
    expect(page.locator("#account-link")).to_have_text(NAME)
    assert "/plan?" in page.url
    options = page.locator("#layer option")
    expect(options).to_have_count(2)


def test_a_password_of_another_is_changed_first(visit: Callable[..., Visit], app: APIFlask) -> None:
    admin = people.Browser(app, "admin-everywhere")
    wish = {"name": "new", "title": sample.NASTY[:90], "role": "inspector", "area": "5301"}
    made = admin.ask("POST", "/api/v1/accounts", json=wish).get_json()["password"]
    page = sign_in_page(visit(**PHONE), "/signin?next=/plan")
    page.fill("#name", "new")
    page.fill("#password", made)
    page.click("#enter")
    expect(page.locator("#must")).to_be_visible()
    expect(page.locator("#tokens-part")).to_be_hidden()
    expect(page.locator("#who")).to_contain_text("<img src=x")
    page.fill("#old", made)
    page.fill("#new", "山那边的人们都知道这条路")
    page.get_by_label("显示密码").check()
    expect(page.locator("#new")).to_have_attribute("type", "text")
    page.get_by_label("显示密码").uncheck()
    expect(page.locator("#new")).to_have_attribute("type", "password")
    page.get_by_role("button", name="改密码").click()
    expect(page.locator("#tokens-part")).to_be_visible(timeout=20_000)
    expect(page.locator("#must")).to_be_hidden()
    expect(page.locator("#log li", has_text="设置密码")).to_have_count(1)
    expect(page.locator("#log")).to_contain_text("新建账号 · admin-everywhere", use_inner_text=True)


def test_a_token_is_made_and_revoked(visit: Callable[..., Visit], app: APIFlask) -> None:
    visitor = visit(**DESKTOP)
    visitor.sign_in(NAME, people.PASSWORD)
    page = visitor.page
    page.goto("/account")
    page.get_by_label("用途").fill(sample.NASTY)
    page.get_by_role("button", name="生成令牌").click()
    token = page.locator("#made code")
    expect(token).to_be_visible()
    bearer = {"Authorization": f"Bearer {token.inner_text()}"}
    assert app.test_client().get("/api/v1/me", headers=bearer).get_json()["name"] == NAME
    expect(page.locator("#tokens li")).to_have_count(1)
    expect(page.locator("#log li").first).to_contain_text("生成令牌")
    page.get_by_role("button", name="作废").click()
    expect(page.locator("#tokens li")).to_have_count(0)
    assert app.test_client().get("/api/v1/me", headers=bearer).status_code == 401


def test_an_admin_keeps_accounts(visit: Callable[..., Visit], app: APIFlask) -> None:
    visitor = visit(**DESKTOP)
    visitor.sign_in("admin-here", people.PASSWORD)
    page = visitor.page
    page.goto("/accounts")
    page.locator("#name").fill("zhaoliu")
    page.locator("#title").fill("赵六")
    page.get_by_label("角色").last.select_option("editor")
    page.locator("#area").fill("530102")
    page.get_by_role("button", name="新建").click()
    code = page.locator("#told code")
    expect(code).to_be_visible()
    password = code.inner_text()
    people.Browser(app, "zhaoliu", password)
    row = page.locator("#list li", has_text="zhaoliu")
    row.get_by_role("button", name="修改").click()
    expect(row.get_by_role("button", name="修改")).to_be_focused()
    row.get_by_role("button", name="重置密码").click()
    people.Browser(app, "zhaoliu", password)  # nothing is lost by one slip
    row.get_by_role("button", name="再按一次").click()
    expect(page.locator("#told")).to_be_focused()
    expect(code).not_to_have_text(password)
    password = code.inner_text()
    expect(page.locator("#log")).to_contain_text("登记员 530102", use_inner_text=True)
    row.get_by_role("button", name="停用").click()
    expect(row).to_contain_text("已停用")
    assert people.Browser(app).sign_in("zhaoliu", password).status_code == 401
    expect(page.locator("#log")).to_contain_text("修改账号")


def test_who_may_not_is_asked_to_sign_in(visit: Callable[..., Visit]) -> None:
    visitor = visit(**DESKTOP)
    for path in ("/account", "/accounts"):
        visitor.page.goto(path)
        expect(visitor.page.locator("#nobody")).to_be_visible()
    visitor.sign_in(NAME, people.PASSWORD)
    visitor.page.goto("/accounts")
    expect(visitor.page.locator("#nobody")).to_be_visible()
    expect(visitor.page.locator("#all")).to_be_hidden()


def test_axe_finds_nothing_in_an_opened_form(visit: Callable[..., Visit]) -> None:
    visitor = visit(**PHONE, color_scheme="dark")
    visitor.sign_in("admin-everywhere", people.PASSWORD)
    page = visitor.page
    page.goto("/accounts")
    page.locator("#list").get_by_role("button", name="修改").first.click()
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
