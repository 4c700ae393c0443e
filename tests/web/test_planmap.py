"""The page of a plan: it stands alone, shows all of it, and what it shows is text."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from stations import planning
from stations.planning import CostTable, Scheme, Wish, candidates
from stations.planning.study import Study
from stations.reach import Limit
from tests.stations.worlds import register
from tests.web import sample, town
from tests.web.browsing import CHROMIUM
from web.planmap import GAINERS, plan_data, plan_page

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

NO_BROWSER = pytest.mark.skipif(not CHROMIUM.exists(), reason=f"no browser at {CHROMIUM}")
NAMES = {"a": "`${document.title='bad'}`</script><script>document.title='bad'</script>"}


def asked(*, restricted: bool = True, **more: Any) -> Scheme:
    """Plan for the town, every name of it hostile."""
    stations = {
        id_: (point, {**row, "name": NAMES.get(id_, sample.NASTY), "synthetic": True})
        for id_, (point, row) in town.STATIONS.items()
    }
    layers = {town.LAYER: town.SITES}
    registry = register(stations, layers, [town.LAYER] if restricted else [])
    wanted: dict[str, Any] = {"budgets": (500_000,), "gap": 0.0, "needs": ("toilet",), **more}
    wish = Wish(layer=town.LAYER, limit=Limit(500), **wanted)
    found = candidates.generate(registry, wish.need, grid_m=400)
    frame = found.frame.assign(host=sample.NASTY)
    return planning.plan(registry, wish, candidates=frame, costs=CostTable.default())


@pytest.fixture(scope="module")
def scheme() -> Scheme:
    return asked(
        actions=("build_mobile", "build_smart", "extend_hours", "add_amenities", "move", "close"),
        budgets=(300_000, 200_000),
    )


@pytest.fixture(scope="module")
def study(scheme: Scheme) -> Study:
    return Study.of(scheme, each_s=5)


def held(page: str) -> dict[str, Any]:
    """Return the data inside a page."""
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    assert found
    data: dict[str, Any] = json.loads(found[1])
    return data


def test_all_of_the_plan_is_in_it(scheme: Scheme, study: Study) -> None:
    data = held(plan_page(scheme, study))
    sites = {each["id"]: each for each in data["sites"]}
    assert sites.keys() == town.SITES.keys()
    assert {id_: each["name"] for id_, each in sites.items()} == {
        id_: row["name"] for id_, (_, row) in town.SITES.items()
    }
    assert (sites["w3"]["workers"], sites["w5"]["workers"]) == (None, 60)
    assert [each["id"] for each in data["stations"]] == ["a", "b"]
    assert [each["id"] for each in data["actions"]] == [each.id for each in scheme.actions]
    assert len(data["actions"]) > 2
    for told, action, reason in zip(data["actions"], scheme.actions, scheme.reasons(), strict=True):
        assert (told["cost"], told["year"]) == (action.cost, action.year)
        assert (told["lon"], told["lat"]) == (action.lon, action.lat)
        assert told["why"]["gain"] == pytest.approx(reason.gain, abs=1e-3)
        assert len(told["why"]["sites"]) == min(len(reason.sites), GAINERS)
    for id_, row in scheme.sites.iterrows():
        for when in ("before", "after"):
            share = None if id_ == "w3" else pytest.approx(row[f"share_{when}"], abs=1e-6)
            assert sites[id_][when] == share
    assert (data["cost"], data["years"]) == (scheme.cost, 2)
    assert data["study"] == json.loads(json.dumps(study.as_dict()))
    assert data["outlines"]


def test_it_says_what_it_is_asks_nobody_and_is_always_the_same(
    scheme: Scheme, study: Study
) -> None:
    page = plan_page(scheme, study)
    assert page == plan_page(scheme, study)
    for text in ("受限图层", "合成演示数据", "500 米", "须有如厕", "各年 300,000"):
        assert text in json.dumps(held(page), ensure_ascii=False)
    assert "default-src 'none'" in page
    addresses = re.findall(r"<(?:script|link|img)[^>]*? (?:src|href)=\"([^\"]{1,30})", page)
    assert addresses
    assert all(each.startswith("data:") for each in addresses)


def test_an_open_layer_is_not_called_restricted() -> None:
    labels = plan_data(asked(restricted=False), None)["labels"]
    assert not any("受限" in each["zh"] for each in labels)


def test_no_plan_says_why() -> None:
    data = held(plan_page(asked(cover_all=True, budgets=(1_000,)), None))
    assert data["actions"] == []
    assert (data["objective"], data["bound"], data["gap"]) == (None, None, None)
    assert "1,000 元" in data["blame"]["zh"]
    assert len(data["sites"]) == len(town.SITES)


@pytest.fixture
def shown(browser: Browser, tmp_path: Path) -> Iterator[Any]:
    """Show a page from a file, and hold it to what was promised."""
    pages: list[tuple[Page, list[str]]] = []

    def show(text: str, **more: Any) -> Page:
        file = tmp_path / f"plan{len(pages)}.html"
        file.write_text(text, "utf-8")
        page = browser.new_page(**more)
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
        page.on("request", lambda request: faults.append(request.url[:40])
                if not request.url.startswith(("file:", "data:")) else None)  # fmt: skip
        page.goto(file.as_uri())
        pages.append((page, faults))
        return page

    yield show
    for page, faults in pages:
        assert page.title() != "bad"
        assert page.evaluate("window.hurt") is None
        assert page.locator("img[src=x]").count() == 0
        assert faults == []
        page.close()


@pytest.mark.browser
@NO_BROWSER
def test_in_a_browser_names_are_names(shown: Any, scheme: Scheme, study: Study) -> None:
    page = shown(plan_page(scheme, study), viewport={"width": 390, "height": 844})
    expect(page.locator("#actions > li")).to_have_count(len(scheme.actions))
    expect(page.locator("#actions")).to_contain_text(sample.NASTY)
    for i, action in enumerate(scheme.actions):
        page.locator("#actions .go").nth(i).click()
        popup = page.locator("#after .leaflet-popup, .leaflet-popup").last
        expect(popup).to_contain_text(action.name)
        middle = page.evaluate("[after_map.getCenter().lng, before_map.getCenter().lng]")
        assert middle[0] == pytest.approx(middle[1], abs=1e-4)
        assert abs(middle[0] - action.lon) < 0.05
    page.evaluate("for (const map of [before_map, after_map]) map.eachLayer(each => each.getPopup "
                  "&& each.getPopup() && each.openPopup())")  # fmt: skip
    page.locator("#language").click()
    expect(page.locator("h1")).to_contain_text("plan of stations")
    expect(page.locator("#actions")).to_contain_text(sample.NASTY)
    assert page.evaluate("document.documentElement.scrollWidth") == 390


@pytest.mark.browser
@NO_BROWSER
def test_in_a_browser_no_plan_says_why(shown: Any) -> None:
    page = shown(plan_page(asked(cover_all=True, budgets=(1_000,)), None))
    expect(page.locator("#figures")).to_contain_text("无法做到")
    expect(page.locator("#figures")).to_contain_text("1,000 元")
    expect(page.locator("#nothing")).to_contain_text("没有方案")
    expect(page.locator("#before_map, .folium-map").first).to_be_visible()
    expect(page.locator("#maps figure").nth(1)).to_be_hidden()
    page = shown(plan_page(asked(sites=0, budgets=None), None))
    expect(page.locator("#nothing")).to_contain_text("没有措施能增加覆盖")
