from __future__ import annotations

import logging
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, cast
from urllib.parse import urljoin, urlsplit

import folium
import pytest
from folium.plugins import HeatMap, MarkerCluster
from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.web import sample
from web import maps
from web.api.exports import TYPES
from web.app import create_app
from web.settings import Settings
from web.vendor import asset_url

if TYPE_CHECKING:
    from apiflask import APIFlask
    from branca.element import Figure
    from flask.testing import FlaskClient

    from stations.registry import LiveRegistry


class Links(HTMLParser):
    """Collects what a page loads."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, _tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value or "" for name, value in attrs if name in {"src", "href"}]


@pytest.mark.parametrize("path", ["/map", "/api/docs", "/nothing"])
def test_a_page_loads_from_this_server_only(client: FlaskClient, path: str) -> None:
    parser = Links()
    page = client.get(path)
    parser.feed(page.get_data(as_text=True))
    loaded = [link for link in parser.found if not link.startswith("#")]
    assert loaded
    for link in loaded:
        assert not urlsplit(link).netloc
        with client.get(urljoin(path, link)) as answer:
            itself = page.status_code if link.startswith("?") else 200  # in the other language
            assert answer.status_code == (302 if link == "/bulletin" else itself), link


def test_scripts_load_scripts_that_are_there(client: FlaskClient) -> None:
    wanted, seen = ["/static/js/main.js", "/static/js/docs.js"], set()
    while wanted:
        path = wanted.pop()
        with client.get(path) as answer:
            assert answer.status_code == 200, path
            assert answer.content_type.startswith("text/javascript")
            modules = re.findall(r'from "\./([\w.]+)"', answer.get_data(as_text=True))
        seen.add(path)
        wanted += [each for name in modules if (each := f"/static/js/{name}") not in seen]
    assert len(seen) > 15


def test_no_script_writes_markup_from_text(app: APIFlask) -> None:
    scripts = list(Path(str(app.static_folder)).glob("js/*.js"))
    assert len(scripts) > 15
    for script in scripts:
        assert not re.search(
            r"innerHTML|outerHTML|insertAdjacent|\.write\(|eval\(", script.read_text()
        )


def test_the_page_holds_no_record(client: FlaskClient) -> None:
    page = client.get("/map", headers=sample.STAFF).get_data(as_text=True)
    for name in [*sample.stations()["name"], *sample.parks()["name"], *sample.posts()["name"]]:
        assert name not in page


def test_the_map_s_script_is_the_one_the_policy_names(client: FlaskClient) -> None:
    answer = client.get("/map")
    policy = answer.headers["Content-Security-Policy"]
    parts = maps.station_map(Settings(), asset_url)
    assert f"<script>{parts.script}</script>" in answer.get_data(as_text=True)
    assert parts.script_hash in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize(
    ("settings", "host"),
    [
        (Settings(), ""),
        (Settings(basemap="osm"), "https://tile.openstreetmap.org"),
        (Settings(basemap="tianditu", tianditu_key="k"), "https://*.tianditu.gov.cn"),
        (Settings(basemap="http://tiles.local:8080/{z}/{x}/{y}.png"), "http://tiles.local:8080"),
        (Settings(basemap="https://{s}.tiles.cn/{z}/{x}/{y}.png"), "https://*.tiles.cn"),
    ],
)
def test_the_policy_lets_in_the_base_map_and_nothing_else(
    live: LiveRegistry, settings: Settings, host: str
) -> None:
    client = create_app(settings, live).test_client()
    for page in ("/map", "/register", "/audit"):
        answer = client.get(page)
        policy = answer.headers["Content-Security-Policy"].split("; ")
        assert f"img-src 'self' data: {host}".rstrip() in policy, page
        layers = answer.get_data(as_text=True).count("L.tileLayer(")
        assert layers == {"": 0, "https://*.tianditu.gov.cn": 2}.get(host, 1), page


def test_a_map_is_the_same_every_time() -> None:
    settings = Settings(basemap="osm")
    assert maps.station_map(settings, asset_url) == maps.station_map(settings, asset_url)


def test_a_link_without_a_copy_here_is_not_let_through() -> None:
    chart = folium.Map(tiles=None)
    HeatMap([[25.0, 102.0]]).add_to(chart)  # type: ignore[no-untyped-call]
    figure = cast("Figure", chart.get_root())
    figure.render()
    with pytest.raises(LookupError, match="no copy"):
        maps._localised(figure, asset_url)


def test_folium_itself_is_left_as_it_was() -> None:
    maps.station_map(Settings(), asset_url)
    assert MarkerCluster.default_js[0][1].startswith("https://")
    assert folium.Map.default_js[0][1].startswith("https://")


def test_an_unchanged_page_is_not_sent_again(client: FlaskClient) -> None:
    tag = client.get("/map").headers["ETag"]
    assert client.get("/map", headers={"If-None-Match": tag}).status_code == 304


@pytest.mark.parametrize(
    "path", ["leaflet/../../pip/__init__.py", "leaflet/..%2f__init__.py", "pip/x", "leaflet/"]
)
def test_only_the_files_of_the_packages_are_sent(client: FlaskClient, path: str) -> None:
    assert client.get(f"/static/vendor/{path}").status_code == 404


def test_the_service_says_it_is_well(client: FlaskClient) -> None:
    assert client.get("/healthz").get_json() == {"status": "ok", "revision": 1, "roads": None}


@pytest.mark.parametrize(
    "path", ["/map", "/api/v1/layers", "/nothing", "/static/icon.svg", "/healthz"]
)
def test_every_answer_carries_the_guards(client: FlaskClient, path: str) -> None:
    with client.get(path) as answer:
        headers = answer.headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert "geolocation=(self)" in headers["Permissions-Policy"]
    assert headers["Referrer-Policy"] == "same-origin"
    assert re.fullmatch("[0-9a-f]{16}", headers["X-Request-Id"])


def test_the_log_has_the_route_but_no_position(
    client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "web.access")
    answer = client.get("/api/v1/nearest?lon=102.7183&lat=25.0389")
    client.get("/a%0d%0aforged line")
    lines = [record.getMessage() for record in caplog.records]
    assert re.fullmatch(
        rf"{answer.headers['X-Request-Id']} GET /api/v1/nearest 200 \d+\.\dms", lines[0]
    )
    assert re.fullmatch(r"[0-9a-f]{16} GET - 404 \d+\.\dms", lines[1])
    assert "102.7" not in caplog.text
    assert "forged" not in caplog.text


def test_the_api_describes_itself(app: APIFlask, client: FlaskClient) -> None:
    document = client.get("/api/openapi.json").get_json()
    assert document["openapi"] == "3.1.0"
    OpenAPIV31SpecValidator(document).validate()
    served = {
        re.sub(r"<(?:path:|int:)?(\w+)>", r"{\1}", rule.rule)
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1") or rule.rule in {"/healthz", "/metrics", "/readyz"}
    }
    assert set(document["paths"]) == served
    for path, operations in document["paths"].items():
        for operation in operations.values():
            parameters = [each["name"] for each in operation["parameters"]]
            assert len(parameters) == len(set(parameters)), path
            [right] = operation["responses"].keys() - {"default", "503"}
            assert operation["responses"][right]["content"], path
    for what, kinds in {"findings": 1, "bulletin": 3, "coverage": 7}.items():
        told = document["paths"][f"/api/v1/{what}/file"]["get"]["responses"]["200"]["content"]
        assert len(told) == kinds
        assert TYPES["xlsx"] in told
    nearest = document["paths"]["/api/v1/nearest"]["get"]
    asked = "lon lat limit needs datum at open mode stay by access ebike_parking truck_bays"
    assert {each["name"] for each in nearest["parameters"]} == set(asked.split())
    assert "application/problem+json" in nearest["responses"]["default"]["content"]
