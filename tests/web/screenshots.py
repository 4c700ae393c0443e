"""Pictures of every page in four forms: ``scripts/screenshots URL FOLDER [PAGE ...]``.

The service at URL holds the demo; STATIONS_STAFF_TOKEN is its staff token. Phone and desktop, light
and dark, in Chinese; on the desktop in English, too. A page is named as below.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from playwright.sync_api import sync_playwright

from tests.web.browsing import CHROMIUM

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

KUNMING = {"longitude": 102.7183, "latitude": 25.0389}
SIZES = {"phone": (390, 844), "desktop": (1440, 900)}


class Shot(NamedTuple):
    """A page, what is done on it, and what is there when it is done."""

    address: str
    press: tuple[str, ...] = ()
    shown: str = "main"
    staff: bool = False


PAGES = {
    "rider-start": Shot("/"),
    "rider": Shot("/", ("#locate",), "#near > li"),
    "map": Shot("/map", (), ".bunch, .pin"),
    "plan": Shot("/plan"),
    "signin": Shot("/signin"),
    "help": Shot("/help"),
    "error": Shot("/nothing"),
    "station": Shot("/stations/YN530102-0001"),
    "docs": Shot("/api/docs", (), ".opblock"),
    "audit-closed": Shot("/audit", (), "#closed"),
    "register": Shot("/register", (), "main", staff=True),
    "audit": Shot("/audit", (), "#list .row", staff=True),
    "visit": Shot("/visit", (), "#choose", staff=True),
    "bulletin": Shot("/bulletin?since=2026-01-01&until=2026-12-31", (), "table", staff=True),
    "account": Shot("/account", (), "#mine", staff=True),
    "accounts": Shot("/accounts", (), "#all", staff=True),
}


def main(address: str, folder: str, *names: str) -> None:
    """Write FOLDER/PAGE-SIZE-THEME-LANGUAGE.png of each page, or of those named."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for size in SIZES:
            for theme in ("light", "dark"):
                for language in ("zh", "en") if size == "desktop" else ("zh",):
                    _take(browser, address, Path(folder), (size, theme, language), names or PAGES)
        browser.close()


def _take(
    browser: Browser,
    address: str,
    folder: Path,
    form: tuple[str, str, str],
    names: tuple[str, ...] | dict[str, Shot],
) -> None:
    size, theme, language = form
    width, height = SIZES[size]
    context = browser.new_context(
        base_url=address,
        viewport={"width": width, "height": height},
        color_scheme="dark" if theme == "dark" else "light",
        locale="zh-CN" if language == "zh" else "en-GB",
        timezone_id="Asia/Shanghai",
        geolocation={"longitude": KUNMING["longitude"], "latitude": KUNMING["latitude"]},
        permissions=["geolocation"],
        reduced_motion="reduce",
    )
    context.add_cookies([{"name": "language", "value": language, "url": address}])
    context.add_init_script(f"localStorage.setItem('language', '{language}')")
    page = context.new_page()
    signed_in = False
    for name in sorted(names, key=lambda each: PAGES[each].staff):
        if PAGES[name].staff and not signed_in:
            told = {"name": "staff", "password": os.environ["STATIONS_STAFF_TOKEN"]}
            signed_in = context.request.post("/api/v1/sessions", data=told).ok
        _show(page, PAGES[name])
        page.screenshot(path=folder / f"{name}-{size}-{theme}-{language}.png")
    context.close()


def _show(page: Page, shot: Shot) -> None:
    page.goto(shot.address)
    for button in shot.press:
        page.click(button)
    page.locator(shot.shown).first.wait_for(state="visible")
    page.wait_for_load_state("networkidle")


if __name__ == "__main__":
    main(*sys.argv[1:])
