"""Where no road leads to any station: said over HTTP, in the terminal and on the page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from playwright.sync_api import expect

from geodata.roads import Snapped, Ways
from scripts.cli.ask import print_nearest
from stations import nearest
from stations.nearest.nothing import NO_WAY
from tests.stations.small_roads import SmallRoads, travel
from tests.web import sample
from tests.web.browsing import BROWSER, PHONE, Visit, served
from web.api import answers
from web.app import create_app
from web.settings import Settings

if TYPE_CHECKING:
    from apiflask import APIFlask
    from playwright.sync_api import Browser

    from stations.registry import LiveRegistry

HERE = {"lon": sample.KUNMING[0], "lat": sample.KUNMING[1]}


class Cut(SmallRoads):
    """Roads that come near every place and lead nowhere."""

    def snap(self, lon: Any, lat: Any, mode: str) -> Snapped:  # noqa: ARG002
        here = np.array(lon, dtype=float), np.array(lat, dtype=float)
        return Snapped(*here, np.zeros(len(lon)), np.ones(len(lon), dtype=np.bool_))

    def matrix(self, origins: Snapped, targets: Snapped, mode: str) -> Ways:  # noqa: ARG002
        nowhere = np.full((origins.lon.size, targets.lon.size), np.inf)
        return Ways(nowhere, nowhere)


@pytest.fixture(scope="module")
def walled(live: LiveRegistry) -> APIFlask:
    return create_app(Settings(), live, lambda: sample.NOW, lambda: travel(Cut()))


@pytest.mark.parametrize("open_", nearest.OPEN)
def test_the_answer_says_that_no_way_leads_there(walled: APIFlask, open_: str) -> None:
    client = walled.test_client()
    query = {**HERE, "open": open_}
    answer = client.get("/api/v1/nearest", query_string=query).get_json()
    answers.Nearest.model_validate(answer)
    assert (answer["stations"], answer["why_none"]) == ([], NO_WAY._asdict())
    straight = client.get("/api/v1/nearest", query_string={**query, "mode": "straight"}).get_json()
    assert straight["stations"]
    assert straight["why_none"] is None
    assert '"no_way"' in client.get("/api/openapi.json").get_data(as_text=True)


def test_the_terminal_says_it(capsys: pytest.CaptureFixture[str]) -> None:
    print_nearest("Nearest to 102.7,25.85", nearest.Hits([], NO_WAY))
    assert f"{NO_WAY.zh} {NO_WAY.en}" in capsys.readouterr().out


@pytest.mark.browser
@BROWSER[1]
def test_the_page_says_it_and_does_not_blame_the_doors(browser: Browser, walled: APIFlask) -> None:
    here = {"latitude": HERE["lat"], "longitude": HERE["lon"]}
    with served(walled) as address:
        visit = Visit(browser, address, **PHONE, geolocation=here, permissions=["geolocation"])
        page = visit.open_map()
        page.click("#locate-here")
        status = page.locator("#near-status")
        expect(status).to_have_text("没有道路可到符合条件的驿站。")
        expect(status.locator("button")).to_have_count(0)
        visit.end()
