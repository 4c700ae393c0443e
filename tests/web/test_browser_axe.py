"""Every page as axe-core sees it: both languages, both themes, desktop and phone, nothing too wide.

Each page is opened once. What comes up only after a click is looked at in the tests of its page.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.web import sample
from tests.web.browsing import BROWSER, DESKTOP, PHONE, Visit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

pytestmark = BROWSER

CONTRAST = {"runOnly": ["color-contrast"]}
MONTH = "since=2026-11-01&until=2026-11-30"


class Opened(NamedTuple):
    """A page's address, and what is on it when all of it is there."""

    address: str
    there: str
    staff: bool = True


PAGES = {
    "rider": Opened("/", "#locate:enabled", staff=False),
    "map": Opened("/map", ".bunch, .pin", staff=False),
    "plan": Opened("/plan", "#heat button", staff=False),
    "signin": Opened("/signin", "main form", staff=False),
    "audit to nobody": Opened("/audit", "#closed", staff=False),
    "error": Opened("/nothing", "main", staff=False),
    "station": Opened(f"/stations/{sample.NASTY_ID}", "main table", staff=False),
    "help": Opened("/help", "main a", staff=False),
    "help page": Opened("/help/web/rider.md", "main p", staff=False),
    "ogc": Opened("/ogc?f=html", "main a", staff=False),
    "ogc items": Opened("/ogc/collections/stations/items?f=html&limit=3", "main table",
                       staff=False),
    "ogc item": Opened(f"/ogc/collections/stations/items/{sample.NASTY_ID}?f=html", "main dl",
                       staff=False),
    "register": Opened("/register", "#main[aria-busy=false]"),
    "audit": Opened("/audit", "#list .row"),
    "visit": Opened("/visit", "#choose"),
    "bulletin": Opened(f"/bulletin?{MONTH}&area=5301", "main table"),
    "account": Opened("/account", "#mine"),
    "accounts": Opened("/accounts", "#all"),
}  # fmt: skip


@pytest.fixture(scope="module")
def visits(browser: Browser, address: str) -> Iterator[dict[bool, Visit]]:
    """Give a visitor who has signed in, and one who has not."""
    both = {staff: Visit(browser, address, **DESKTOP) for staff in (False, True)}
    both[True].sign_in()
    both[False].allowed = {"status of 404", "status of 401"}
    yield both
    for each in both.values():
        each.end()


@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_and_nothing_is_too_wide(visits: dict[bool, Visit], name: str) -> None:
    opened = PAGES[name]
    page = visits[opened.staff].page
    page.set_viewport_size(DESKTOP["viewport"])  # type: ignore[arg-type]
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    page.goto(opened.address)
    speak(page, "zh-CN")
    expect(page.locator(opened.there).first).to_be_visible()
    well(page)
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    well(page, CONTRAST)
    page.set_viewport_size(PHONE["viewport"])  # type: ignore[arg-type]
    speak(page, "en")
    expect(page.locator(opened.there).first).to_be_visible()
    well(page)
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    well(page, CONTRAST)
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def speak(page: Page, tag: str) -> None:
    """Have the page's language be this one, with the page's own control."""
    if page.locator("html").get_attribute("lang") != tag:
        page.locator("header :is(button, a)[lang]").last.click()
    expect(page.locator("html")).to_have_attribute("lang", tag)


def well(page: Page, options: dict[str, Any] | None = None) -> None:
    page.wait_for_load_state()  # its styles, too, where the language came with another page
    results = Axe().run(page, options=options)
    assert results.violations_count == 0, results.generate_report()
