"""Every free text is hostile, on every page: it is read, and does nothing."""

from __future__ import annotations

import base64
import csv
import io
import re
import threading
import time
import zipfile
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from stations import activities
from stations.registry import LiveRegistry
from stations.schema import LayerInfo
from stations.store import Changes, Store
from stations.trust import Evidence
from tests.web import people, sample
from tests.web.browsing import BROWSER, PHONE, Visit, served
from web.app import create_app
from web.auth import people as accounts
from web.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from apiflask import APIFlask
    from playwright.sync_api import Browser, Page

pytestmark = BROWSER
TURNED = "\u202egnihtemos"
"""Turned round, and never turned back."""
MARKUP = (
    '"\'></title></textarea></script><img data-pwned src=x onerror="window.pwned=1">'
    "<script data-pwned>window.pwned=2</script><b data-pwned>${window.pwned=3}`${window.pwned=4}`"
    "{{7*7}}{% raw %}\u202ednim reven\u200b\u2066👷‍♀️"
)
SHORT = "<img data-pwned src=x onerror='window.pwned=7'>${window.pwned=8}`\"</script>"
"""Where the door takes few characters, and none that cannot be seen."""
FORMULA = "=cmd|'/c calc'!A1"
LINK = "javascript:window.pwned=5"
LONG = "很长的名字" * 1_000 + "Wort" * 1_300
ID, LONG_ID = f"{sample.NASTY_ID}'\"<&>", "S-LONG"
NAMES = {sample.NASTY_ID: MARKUP, "S001": LONG, "S002": FORMULA, "S003": f"甲站{TURNED}"}


def filled(folder: Path) -> Store:
    """Return the sample's register with a hostile word in every field that takes words."""
    stations, parks = sample.stations(), sample.parks()
    for id_, name in NAMES.items():
        stations.loc[id_, ["name", "host"]] = name
    stations.loc[sample.NASTY_ID, "phone"] = LINK
    stations.loc["S002", "phone"] = "@SUM(1+1)"
    stations["closures"] = (
        f'[{{"from": "2026-12-20", "to": "2026-12-30", "reason": "{TURNED}<b data-pwned>"}}]'
    )
    parks["name"] = [MARKUP, LONG, FORMULA, f"乙园{TURNED}", LINK]
    layer = LayerInfo("parks", MARKUP, MARKUP, restricted=False)
    store = Store.open(f"sqlite:///{folder / 'stations.db'}", create=True)
    changes = Changes(stations=stations, layers=(layer,), sites={"parks": parks})
    store.commit(changes, who=MARKUP, why=MARKUP, at=sample.WHEN)
    stations.loc["S002", "capacity"] = 13
    store.commit(Changes(stations=stations), who=LONG, why=FORMULA, at=sample.WHEN)
    heard = [
        Evidence(id_, "inspection", outcome, sample.WHEN, SHORT, SHORT, f"{id_}{outcome}")
        for id_ in NAMES
        for outcome in ("cannot_enter", "cannot_find")
    ]
    store.add_evidence(heard, received=sample.WHEN)
    for at, id_ in enumerate(NAMES):
        begins = sample.NOW + timedelta(days=1 + at)
        said = activities.Planned(
            next(iter(activities.kinds())).code, SHORT, begins, begins + timedelta(hours=2),
            "DTSTART:x;,\\n", SHORT,
        )  # fmt: skip
        step = activities.planned(said, id_, who=SHORT, at=sample.NOW, key=id_, why=SHORT)
        store.add_activity_step(step, base=store.activities_number())
    accounts.make(
        store, "boss", title=SHORT[:60], role="admin", area="", who="test", now=sample.WHEN,
        password=people.PASSWORD,
    )  # fmt: skip
    return store


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with filled(tmp_path_factory.mktemp("hostile")) as made:
        yield made


@pytest.fixture(scope="module")
def app(store: Store) -> APIFlask:
    live = LiveRegistry(store, 1.0, time.monotonic)
    found = create_app(Settings(staff_token=sample.TOKEN), live, lambda: sample.NOW)
    client = people.Browser(found, "boss")
    assert client.ask("POST", "/api/v1/findings/update").status_code == 202
    _wait()
    return found


@pytest.fixture(scope="module")
def address(app: APIFlask) -> Iterator[str]:
    with served(app) as place:
        yield place


@pytest.fixture(scope="module")
def phone(browser: Browser, address: str) -> Iterator[Visit]:
    visitor = Visit(browser, address, **PHONE)
    visitor.page.add_init_script("window.opened = 0; window.open = () => { window.opened += 1; };")
    told = {"name": "boss", "password": people.PASSWORD}
    headers = {"Origin": address}
    answer = visitor.page.request.post("/api/v1/sessions", data=told, headers=headers)
    assert answer.status == 201, answer.text()
    yield visitor
    visitor.end()


def _wait() -> None:
    for thread in threading.enumerate():
        if thread.name == "jobs":
            thread.join(60)


def harmless(page: Page) -> None:
    """Hold a page to what hostile words must not do."""
    assert page.evaluate("window.pwned") is None
    assert page.locator("[data-pwned]").count() == 0
    assert page.locator("[href^='javascript:' i], [src^='javascript:' i]").count() == 0
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= page.viewport_size["width"] + 1, (page.url, wide)  # type: ignore[index]


TURNED_ROUND = """() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), found = [];
  while (walker.nextNode()) {
    const node = walker.currentNode, at = node.data.search(/[\\w\\u4e00-\\u9fff]{2}/);
    if (at < 0 || /[\\u202A-\\u202E\\u2066-\\u2069]/.test(node.data)) continue;
    const box = (from) => { const range = document.createRange();
      range.setStart(node, from); range.setEnd(node, from + 1);
      return range.getBoundingClientRect(); };
    const first = box(at), second = box(at + 1);
    if (first.width && first.top === second.top && first.left > second.left) found.push(node.data);
  }
  for (const element of document.querySelectorAll("[title], [aria-label]")) {
    const read = element.title + element.getAttribute("aria-label");
    if (/[\\u202A-\\u202E\\u2066-\\u2069]/.test(read)) found.push(read);
  }
  return found;
}"""
"""Words that stand turned round, though nothing in them says so: something before them did. And
words of a tooltip or for a reader of the screen that turn what follows."""


PAGES = {
    "/": "#main",
    "/map": "path.area",
    "/plan?layer=parks&within=1km&tab=gaps": ".leaflet-container path",
    "/audit": "#list .row",
    "/audit?finding=1": "#detail .steps li",
    "/visit?stations=S-NASTY,S001": "#main",
    "/register": "#main",
    "/register?station=S-NASTY": "#detail form",
    "/register?station=S001": "#detail form",
    "/bulletin": "#main",
    "/account": "#main",
    "/accounts": "#main",
    "/help": "#main",
    "/signin": "#main",
    "/api/docs": "body",
    "/stations/S-NASTY": "#main",
    "/stations/S001": "#main",
    "/stations/S003?lang=en": "#main",
    "/ogc?f=html": "#main",
    "/ogc/collections/stations/items?f=html&limit=100": "#main",
    "/ogc/collections/stations/items/S-NASTY?f=html": "#main",
    "/ogc/collections/stations/items/S001?f=html&lang=en": "#main",
    "/ogc/collections/parks/items?f=html": "#main",
    "/no/such/page/<script data-pwned>window.pwned=6</script>": "body",
}


@pytest.mark.parametrize("path", PAGES)
def test_hostile_words_are_only_read(phone: Visit, path: str) -> None:
    phone.allowed = {"404", "Failed to load resource"}
    page = phone.page
    page.goto(path)
    expect(page.locator(PAGES[path]).first).to_be_visible()
    page.wait_for_load_state("networkidle")
    harmless(page)
    assert page.evaluate(TURNED_ROUND) == []
    assert phone.complaints == []


def test_the_pages_did_show_the_words(phone: Visit) -> None:
    page = phone.page
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto("/map")
    expect(page.locator("path.area").first).to_be_visible()
    for words, name in (("data-pwned", "<script data-pwned>"), ("很长的名字", "很长的名字Wort")):
        page.fill("#search", words)
        expect(page.locator("#found [role=option]").first).to_be_visible()
        page.press("#search", "Enter")
        expect(page.locator(".leaflet-popup h3", has_text=name)).to_be_visible()
        harmless(page)
    page.set_viewport_size(PHONE["viewport"])  # type: ignore[arg-type]
    page.goto("/stations/S-NASTY")
    expect(page.locator("h1")).to_contain_text("${window.pwned=3}`")
    assert page.locator("a", has_text=LINK).get_attribute("href").startswith("tel:")  # type: ignore[union-attr]
    page.goto("/audit?finding=1")
    expect(page.locator("#detail")).to_contain_text("<img data-pwned")


def test_maps_that_are_sent_are_harmless(phone: Visit, app: APIFlask, tmp_path: Path) -> None:
    client = people.Browser(app, "boss")
    wish = {"layer": "parks", "within": "50km", "mode": "car", "needs": ["toilet"],
            "budget": [900_000], "time_limit": 2, "frontier": False}  # fmt: skip
    begun = client.ask("POST", "/api/v1/site/jobs", json=wish)
    _wait()
    result = client.ask("GET", f"{begun.headers['Location']}/result").get_json()
    week = client.ask("GET", "/api/v1/coverage/file?layer=parks&within=1km&hours=all&format=html")
    kept = {"plan.html": base64.b64decode(result["files"]["html"]), "week.html": week.get_data()}
    page = phone.page
    page.set_viewport_size(PHONE["viewport"])  # type: ignore[arg-type]
    for name, content in kept.items():
        (tmp_path / name).write_bytes(content)
        page.route(f"**/{name}", lambda route: route.fulfill(path=tmp_path / name))  # noqa: B023
        page.goto(f"/sent/{name}")
        expect(page.locator("h1, h2").first).to_be_visible()
        assert "data-pwned" in page.content(), name
        harmless(page)
    assert phone.complaints == []


def test_sheets_and_calendars_hold_words_only(app: APIFlask) -> None:
    client = people.Browser(app, "boss")
    question = "layer=parks&within=1km&hours=all&format=xlsx"
    for path in (f"/api/v1/coverage/file?{question}", "/api/v1/findings/file",
                 "/api/v1/activities/file"):  # fmt: skip
        answer = client.ask("GET", path)
        assert answer.status_code == 200, path
        with zipfile.ZipFile(io.BytesIO(answer.get_data())) as book:
            sheets = "".join(book.read(name).decode() for name in book.namelist()
                             if name.endswith(".xml") and "worksheets" in name)  # fmt: skip
            links = "".join(book.read(name).decode() for name in book.namelist() if "rels" in name)
        assert not [each for each in re.findall("<f[^>]*>([^<]*)", sheets) if "cmd" in each], path
        assert "javascript:" not in links, path
    calendar = client.ask("GET", "/activities.ics?area=5301").get_data(as_text=True)
    lines = calendar.split("\r\n")
    assert not any(line.startswith("DTSTART:x") for line in lines)
    assert sum(line.startswith("BEGIN:VEVENT") for line in lines) == len(NAMES)
    assert max(len(line.encode()) for line in lines) <= 75
    sent = client.ask("GET", "/api/v1/exports/stations.csv").get_data().decode("utf-8-sig")
    rows = {row["id"]: row for row in csv.DictReader(io.StringIO(sent))}
    assert rows[sample.NASTY_ID]["name"] == MARKUP
    assert rows["S001"]["name"] == LONG
    assert rows["S002"]["name"] == f"'{FORMULA}"
