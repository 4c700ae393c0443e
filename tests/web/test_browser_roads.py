"""Minutes on the map: what they are made of is said wherever they stand."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from geodata import roads
from geodata.roads import RoadNetwork
from stations.registry import LiveRegistry
from stations.travel import Travel
from tests.web import valley
from tests.web.browsing import BROWSER, DESKTOP, PHONE, Visit, served
from web.app import create_app
from web.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from apiflask import APIFlask
    from playwright.sync_api import Browser, Page

pytestmark = [*BROWSER, pytest.mark.shared_data]


@pytest.fixture(scope="module")
def app(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[APIFlask]:
    place = tmp_path_factory.mktemp("roads") / "roads"
    roads.build(shared_data / "osm" / "liechtenstein-latest.osm.pbf", place, progress=None)
    network = RoadNetwork.open(place)
    with valley.filled_store(tmp_path_factory.mktemp("store")) as store:
        live = LiveRegistry(store, 1.0, time.monotonic)
        yield create_app(Settings(), live, travel=lambda: Travel(network))


@pytest.fixture(scope="module")
def address(app: APIFlask) -> Iterator[str]:
    with served(app) as place:
        yield place


@pytest.fixture
def planner(browser: Browser, address: str) -> Iterator[Callable[..., Visit]]:
    visits: list[Visit] = []

    def begin(**context: Any) -> Visit:
        visits.append(Visit(browser, address, **context))
        visits[-1].page.goto("/map")
        expect(visits[-1].page.locator(".pin, .bunch").first).to_be_visible()
        return visits[-1]

    yield begin
    for each in visits:
        each.end()


def measured(page: Page, minutes: str, mode: str) -> None:
    page.click("#tab-coverage")
    page.locator("#minutes label", has_text=minutes).click()
    page.locator("#by-mode label", has_text=mode).click()
    expect(page.locator("#total")).to_contain_text(f"{mode} {minutes}内有驿站", timeout=60_000)


def test_coverage_in_minutes_says_what_they_are_made_of(planner: Callable[..., Visit]) -> None:
    page = planner(**DESKTOP).page
    page.click("#tab-coverage")
    expect(page.locator("#by-mode")).to_be_hidden()
    expect(page.locator("#method")).to_contain_text("直线距离")
    expect(page.locator(".basis")).to_have_count(0)
    measured(page, "10 分钟", "步行")
    expect(page.locator("#total .basis")).to_have_text("估计")  # a park outside the roads
    expect(page.locator("#method")).to_contain_text("其余按直线距离估计")
    expect(page.locator("#method")).to_contain_text("liechtenstein-latest.osm.pbf")
    page.click("#tab-gaps")
    bendern = page.locator("#gap-list li", has_text="BENDERN")
    expect(bendern.locator(".basis")).to_have_text("按道路")
    expect(bendern).to_contain_text("分钟")
    across = page.locator("#gap-list li", has_text="ACROSS")
    expect(across.locator(".basis")).to_have_text("估计")
    expect(across).to_contain_text("约")
    bendern.locator(".row").click()
    expect(page.locator(".leaflet-popup")).to_contain_text("按道路")
    page.click("#tab-coverage")
    page.locator("#within label", has_text="1 公里").click()
    expect(page.locator("#by-mode")).to_be_hidden()
    expect(page.locator("#total")).to_contain_text("1 公里内有驿站")


@pytest.mark.parametrize(
    ("station", "said"),
    [("VADUZ", "（按道路）"), ("ABROAD", "（估计）"), ("ALP", "附近没有道路")],
)
def test_the_area_of_a_station_is_drawn_and_labelled(
    planner: Callable[..., Visit], station: str, said: str
) -> None:
    page = planner(**PHONE).page
    page.click("#tab-find")
    page.fill("#search", station)
    expect(page.locator("#found")).to_contain_text(station)
    page.press("#search", "Enter")
    expect(page.locator(".card")).to_contain_text("直接进入")  # all of it has come
    page.get_by_role("button", name="电动车 10 分钟内能到这里的范围").click()
    bar = page.locator("#area-bar")
    expect(bar).to_contain_text(said, timeout=60_000)
    shapes = page.locator("path.reach")
    expect(shapes).to_have_count(0 if station == "ALP" else 1)
    expect(page.locator("path.reach.estimated")).to_have_count(1 if station == "ABROAD" else 0)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    expect(bar.get_by_role("button")).to_be_focused()
    page.keyboard.press("Enter")
    expect(shapes).to_have_count(0)
    expect(bar).to_be_empty()


def test_coverage_by_truck(planner: Callable[..., Visit]) -> None:
    page = planner(**DESKTOP).page
    measured(page, "10 分钟", "货车")
    expect(page.locator("#method")).to_contain_text("liechtenstein-latest.osm.pbf")


def test_another_way_to_go_another_area(planner: Callable[..., Visit]) -> None:
    page = planner(**DESKTOP).page
    page.fill("#search", "VADUZ")
    expect(page.locator("#found")).to_contain_text("VADUZ")
    page.press("#search", "Enter")
    page.get_by_role("button", name="电动车 10 分钟内能到这里的范围").click()
    expect(page.locator("#area-bar")).to_contain_text("电动车", timeout=60_000)
    page.locator("#trip label", has_text="步行").click()
    expect(page.locator("#area-bar")).to_contain_text("步行 10 分钟", timeout=60_000)
    page.click("#language")
    expect(page.locator("#area-bar")).to_contain_text("in 10 min on foot (by road)")


def test_whom_the_licence_names_is_named(planner: Callable[..., Visit]) -> None:
    page = planner(**PHONE).page
    credit = page.locator(".leaflet-control-attribution")
    expect(credit).to_contain_text("© OpenStreetMap contributors")
    page.click("#language")
    expect(credit).to_contain_text("© OpenStreetMap contributors")


@pytest.mark.slow
def test_axe_finds_nothing_and_nothing_is_too_wide(planner: Callable[..., Visit]) -> None:
    page = planner(**PHONE, color_scheme="dark").page
    measured(page, "15 分钟", "步行")
    for tab in ("coverage", "gaps"):
        if tab == "gaps":
            page.click("#tab-gaps")
        results = Axe().run(page)
        assert results.violations_count == 0, results.generate_report()
        sizes = "[document.documentElement.scrollWidth, sheet.scrollWidth - sheet.clientWidth]"
        assert page.evaluate(sizes) == [390, 0]
