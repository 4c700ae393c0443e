"""The rider's page and what a phone takes along."""

from __future__ import annotations

import gzip
import json
import re
from datetime import datetime, timedelta
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

from geodata import datum
from geodata.geodesy import distance_m
from stations.hours.clock import ZONE
from stations.registry import LiveRegistry
from stations.store import Changes
from tests.web import sample
from web.api import taken
from web.api.answers import Found
from web.api.answers.offline import Package
from web.app import create_app
from web.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from apiflask import APIFlask
    from flask.testing import FlaskClient

    from stations.store import Store

PACKED = {"Accept-Encoding": "gzip, deflate, br"}
COUNTY = "/api/v1/offline?area=530102"
STATES = ["closed", "open", "unknown"]


def package(client: FlaskClient, address: str = COUNTY) -> dict[str, Any]:
    answer = client.get(address)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    told: dict[str, Any] = answer.get_json()
    Package.model_validate(told)
    return told


@pytest.fixture(scope="module")
def doors(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with sample.filled_store(tmp_path_factory.mktemp("doors"), sample.doors()) as store:
        yield LiveRegistry(store, 0.0, lambda: 0.0)


@pytest.fixture
def town(doors: LiveRegistry) -> FlaskClient:
    return create_app(Settings(), doors, lambda: sample.NOW).test_client()


def test_the_first_answer_comes_in_under_a_hundred_kilobytes(client: FlaskClient) -> None:
    page = client.get("/", headers=PACKED)
    html = gzip.decompress(page.data).decode()
    total = len(page.data)
    links = set(re.findall(r'(?:src|href)="(/static/[^"]+)"', html))
    assert len(links) > 20
    for link in [*links, f"/api/v1/nearest?lon={sample.KUNMING[0]}&lat={sample.KUNMING[1]}"]:
        with client.get(link, headers=PACKED) as answer:
            assert answer.status_code == 200, link
            total += len(answer.data) + len(str(answer.headers))
    assert total < 100_000
    assert not [link for link in links if "leaflet" in link or "jquery" in link]


def test_the_page_names_every_script_it_will_need(client: FlaskClient) -> None:
    html = client.get("/").get_data(as_text=True)
    named = set(re.findall(r'modulepreload" href="([^"]+)"', html))
    for address in named:
        with client.get(address) as answer:
            text = answer.get_data(as_text=True)
        for imported in re.findall(r'^import[^"]*"(\.[^"]+)"', text, re.MULTILINE):
            folder = address.rsplit("/", 1)[0]
            wanted = f"{folder}/{imported.removeprefix('./')}"
            while "/../" in wanted:
                wanted = re.sub(r"/[^/]+/\.\./", "/", wanted, count=1)
            assert wanted in named
    assert "/static/js/rider/main.js" in named


def test_the_page_is_the_same_for_everybody_and_holds_no_record(client: FlaskClient) -> None:
    page = client.get("/")
    assert page.data == client.get("/", headers=sample.STAFF).data
    assert sample.NASTY not in page.get_data(as_text=True)
    policy = page.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "worker-src 'self'" in policy
    assert "manifest-src 'self'" in policy
    words = re.search(r'id="words">(.+?)</script>', page.get_data(as_text=True))
    assert words
    known = client.get("/api/v1/register").get_json()
    assert all(known[name] == terms for name, terms in json.loads(words[1]).items())


def test_its_worker_keeps_the_page_and_nothing_of_the_register(client: FlaskClient) -> None:
    answer = client.get("/worker.js")
    assert answer.content_type.startswith("text/javascript")
    assert answer.headers["Cache-Control"] == "no-cache"
    shell = json.loads(answer.get_data(as_text=True).split("const SHELL = ")[1].split(";\n")[0])
    assert shell["page"] == "/"
    assert shell["cache"].startswith(shell["family"])
    assert shell["family"] == "rider-"
    assert "/static/css/rider.css" in shell["files"]
    assert not [file for file in shell["files"] if not file.startswith("/static/")]
    for file in shell["files"]:
        with client.get(file) as kept:
            assert kept.status_code == 200


def test_it_can_be_installed(client: FlaskClient) -> None:
    with client.get("/static/rider.webmanifest") as answer:
        assert answer.content_type.startswith("application/manifest+json")
        manifest = json.loads(answer.data)
    assert manifest["start_url"] == manifest["scope"] == manifest["id"] == "/"
    sizes = set()
    for icon in manifest["icons"]:
        with client.get(icon["src"]) as answer:
            assert answer.status_code == 200
            if icon["type"] == "image/png":
                image = Image.open(BytesIO(answer.data))
                assert f"{image.width}x{image.height}" == icon["sizes"]
                sizes.add(image.width)
    assert sizes == {192, 512}


# What goes out packed


@pytest.mark.parametrize(
    "path", ["/", "/map", "/static/words/shared.js", "/static/css/base.css", "/worker.js"]
)
def test_texts_are_packed_for_who_takes_it(client: FlaskClient, path: str) -> None:
    with client.get(path) as plain, client.get(path, headers=PACKED) as packed:
        assert "Content-Encoding" not in plain.headers
        assert packed.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(packed.data) == plain.data
        assert len(packed.data) < len(plain.data) * 0.6
        assert int(packed.headers["Content-Length"]) == len(packed.data)
        assert "Accept-Encoding" in packed.headers["Vary"]
        assert "Accept-Encoding" in plain.headers["Vary"]
        asked = {**PACKED, "If-None-Match": packed.headers.get("ETag", "")}
        with client.get(path, headers=asked) as again:
            assert again.status_code == (200 if path == "/worker.js" else 304)


@pytest.mark.parametrize("accepts", ["", "identity", "gzip;q=0", "br"])
def test_who_does_not_take_it_gets_it_plain(client: FlaskClient, accepts: str) -> None:
    for path in ("/", f"/api/v1/nearest?lon={sample.KUNMING[0]}&lat={sample.KUNMING[1]}"):
        answer = client.get(path, headers={"Accept-Encoding": accepts})
        assert "Content-Encoding" not in answer.headers
        assert answer.data.startswith((b"<!doctype html>", b"{"))


def test_what_is_packed_already_is_left(client: FlaskClient) -> None:
    with client.get("/static/icons/rider-512.png", headers=PACKED) as answer:
        assert "Content-Encoding" not in answer.headers
        assert answer.data.startswith(b"\x89PNG")


def test_a_file_that_changed_is_packed_anew(client: FlaskClient, app: APIFlask) -> None:
    before = client.get("/", headers=PACKED)
    known = app.extensions["web.packed"]
    known.put(("/", before.headers["ETag"].strip('W/"')), b"old")
    assert client.get("/", headers=PACKED).data == b"old"
    assert client.get("/map", headers=PACKED).data != b"old"


def test_a_nearest_answer_is_the_same_packed(client: FlaskClient) -> None:
    path = f"/api/v1/nearest?lon={sample.KUNMING[0]}&lat={sample.KUNMING[1]}"
    plain, packed = client.get(path), client.get(path, headers=PACKED)
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert len(packed.data) * 3 < len(plain.data)


# What a phone takes along


def metres(*ends: float) -> float:
    """Return the metres between two positions."""
    return float(distance_m(*([each] for each in ends))[0])


def test_a_package_holds_the_stations_in_use_of_its_area(client: FlaskClient) -> None:
    frame = sample.stations()
    told = package(client)
    active = frame[frame["status"] == "active"]
    assert told["stations"]["id"] == active.index.tolist()
    assert told["stations"]["name"] == active["name"].tolist()
    assert told["name"] == "云南省昆明市五华区"
    assert told["left_out"] == 0
    assert package(client, "/api/v1/offline?area=5301")["stations"] == told["stations"]
    assert package(client, "/api/v1/offline?area=530103")["stations"]["id"] == []


def test_positions_are_right_to_a_metre(town: FlaskClient) -> None:
    told, frame = package(town), sample.doors()
    columns, few = told["stations"], told["few"]
    for n, id_ in enumerate(columns["id"]):
        lon = told["origin"][0] + columns["east"][n] * taken.STEP
        lat = told["origin"][1] + columns["north"][n] * taken.STEP
        pin = frame.geometry[id_]
        assert metres(lon, lat, pin.x, pin.y) < 1
        east, north = few["door"].get(str(n), (0, 0))
        end = lon + east * taken.STEP, lat + north * taken.STEP
        if id_ == "BANK":
            assert metres(*end, *frame.loc[id_, ["entrance_lon", "entrance_lat"]]) < 2
        gcj = datum.from_wgs84(*end, "gcj02")
        shifted = (
            end[0] + columns["gcj_east"][n] * taken.STEP,
            end[1] + columns["gcj_north"][n] * taken.STEP,
        )
        assert metres(*shifted, float(gcj[0]), float(gcj[1])) < 2


def test_its_lines_are_the_hours_at_every_minute_asked(
    town: FlaskClient, doors: LiveRegistry
) -> None:
    told, registry = package(town), doors.current()
    first = datetime.fromisoformat(told["first_day"]).replace(tzinfo=ZONE)
    assert first.date() == sample.NOW.astimezone(ZONE).date()
    rng = np.random.default_rng(3)
    for minute in [0, told["days"] * 1440 - 1, *rng.integers(0, told["days"] * 1440, 200).tolist()]:
        states = registry.timetable.states(first + timedelta(minutes=minute))
        for id_, line in zip(told["stations"]["id"], told["stations"]["hours"], strict=True):
            starts, known = told["lines"][line][::2], told["lines"][line][1::2]
            state = known[int(np.searchsorted(starts, minute, side="right")) - 1]
            assert state == states[registry.position_of(id_)], (id_, minute)


def test_what_few_have_is_told(town: FlaskClient) -> None:
    told = package(town)
    numbers = {id_: str(n) for n, id_ in enumerate(told["stations"]["id"])}
    few = told["few"]
    assert few["asks"] == {numbers["ALLDAY"]: ["phone", "real_name"]}
    assert few["truck_bays"] == {numbers["ALLDAY"]: 2}
    assert few["ebike_parking"] == {numbers["BANK"]: 4}
    night = told["lines"][few["ways"][numbers["ALLDAY"]]["qr_code"]]
    assert night[:4] == [0, 1, 480, 0]
    assert few["there"] == {}


def test_a_package_is_the_same_for_an_hour_until_something_is_reported(tmp_path: Path) -> None:
    with sample.filled_store(tmp_path, sample.doors()) as store:
        clock = [sample.NOW]
        live = LiveRegistry(store, 0.0, lambda: 0.0)
        client = create_app(Settings(), live, lambda: clock[0]).test_client()
        tags = [_tag(client)]
        clock[0] += timedelta(minutes=59)
        assert _tag(client) == tags[0]
        again = client.get(COUNTY, headers={"If-None-Match": tags[0]})
        assert (again.status_code, again.data) == (304, b"")
        before = package(client)["stations"]["trust"]
        client.post("/api/v1/stations/BANK/reports", json={"outcome": "cannot_enter"})
        tags.append(_tag(client))
        assert package(client)["stations"]["trust"] != before
        clock[0] += timedelta(minutes=1)
        tags.append(_tag(client))
        _rename(store)
        tags.append(_tag(client))
        assert "新名字" in package(client)["stations"]["name"]
        assert len(set(tags)) == 4


def _tag(client: FlaskClient) -> str:
    return client.get(COUNTY).headers["ETag"]


def _rename(store: Store) -> None:
    frame = store.stations(store.revision())
    frame.loc["BANK", "name"] = "新名字"
    store.commit(Changes(stations=frame), who="test", why="name", at=sample.NOW)


def test_of_too_many_those_around_a_station_are_taken(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(taken, "MOST", 10)
    frame = sample.stations()
    active = frame[frame["status"] == "active"]
    told = package(client, f"{COUNTY}&around=S010")
    assert told["left_out"] == len(active) - 10
    pin = frame.geometry["S010"]
    away = {id_: metres(pin.x, pin.y, shape.x, shape.y) for id_, shape in active.geometry.items()}
    assert told["stations"]["id"] == sorted(sorted(away, key=lambda id_: away[id_])[:10])


@pytest.mark.parametrize(
    ("query", "status", "said"),
    [
        ("", 400, "area: required"),
        ("area=53", 400, "area"),
        ("area=5301x2", 400, "area"),
        ("area=530199", 404, "no area in use"),
        ("area=530102&lon=102.7&lat=25", 400, "lon: not a parameter"),
    ],
)
def test_what_makes_no_sense_is_refused(
    client: FlaskClient, query: str, status: int, said: str
) -> None:
    answer = client.get(f"/api/v1/offline?{query}")
    assert answer.status_code == status
    assert said in answer.get_json()["detail"]


def test_a_county_s_package_is_small(client: FlaskClient) -> None:
    answer = client.get(COUNTY, headers=PACKED)
    assert answer.headers["Content-Encoding"] == "gzip"
    each = len(answer.data) / len(package(client)["stations"]["id"])
    assert each < 150  # of so few, with the links' forms; 60 kB for MOST is measured by the bench


# Places by name


def test_areas_with_stations_are_found_by_name(client: FlaskClient) -> None:
    told = client.get("/api/v1/search?q=五华").get_json()
    Found.model_validate(told)
    [area] = told["areas"]
    frame = sample.stations()
    active = frame[frame["status"] == "active"]
    assert area["name"] == "云南省昆明市五华区"
    assert area["stations"] == len(active)
    assert area["lon"] == pytest.approx(active.geometry.x.mean(), abs=1e-5)
    both = client.get("/api/v1/search?q=昆明").get_json()["areas"]
    assert [each["code"] for each in both] == ["5301", "530102"]
    assert client.get("/api/v1/search?q=呈贡").get_json()["areas"] == []
