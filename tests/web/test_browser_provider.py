"""Signing in by way of a provider, in a browser: there, back, and out of both."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from stations.registry import LiveRegistry
from tests.web import people, sample
from tests.web.browsing import BROWSER, DESKTOP, PHONE, Visit
from tests.web.provider import CLIENT, SECRET, Provider, providing
from web.app import create_app
from web.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from apiflask import APIFlask

pytestmark = BROWSER
LABEL = "云南工会统一认证 <b>"


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    with providing(tmp_path_factory.mktemp("provider")) as running:
        yield running


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory, provider: Provider) -> Iterator[APIFlask]:
    with people.filled_store(tmp_path_factory.mktemp("accounts")) as store:
        settings = Settings(
            oidc_issuer=provider.issuer,
            oidc_client_id=CLIENT,
            oidc_client_secret=SECRET,
            oidc_label=LABEL,
            sign_in_limits="9999 per hour",
        )
        yield create_app(settings, LiveRegistry(store, 1.0, time.monotonic), lambda: sample.NOW)


def go_there(visitor: Visit, provider: Provider) -> None:
    """Let the visitor's browser reach the provider as well."""
    visitor.hosts.append(provider.issuer)
    visitor.allowed = {"403"}  # what the browser says of an answer to whom nobody knows


def test_somebody_of_the_provider_is_linked_and_signs_in(
    visit: Callable[..., Visit], provider: Provider, address: str
) -> None:
    provider.register(f"{address}/signin/back", f"{address}/signin")
    mine, boss = visit(**PHONE), visit(**DESKTOP)
    go_there(mine, provider)
    page = mine.page
    page.goto("/signin?next=/account")
    page.get_by_role("link", name=LABEL).click()
    told = page.locator("#provider-trouble")
    expect(told).to_contain_text("本站没有关联的账号")
    subject = page.locator("#subject").inner_text()
    violations = Axe().run(page).response["violations"]
    assert violations == [], violations

    boss.sign_in("admin-everywhere", people.PASSWORD)
    boss.page.goto("/accounts")
    row = boss.page.locator("#list li", has_text="planner-here")
    row.get_by_role("button", name="修改").click()
    row.get_by_label("统一账号的编号").fill(subject)
    row.get_by_role("button", name="关联", exact=True).click()
    expect(row).to_contain_text("已关联统一账号")

    page.get_by_role("link", name=LABEL).click()
    expect(page.locator("#who")).to_contain_text("planner-here")
    expect(page.locator("#password-part")).to_be_hidden()
    page.locator("#sign-out").click()
    expect(page.locator("#enter")).to_be_enabled()
    assert "/leave" in provider.asked
    assert page.evaluate("document.cookie").count("stations_in") == 0
