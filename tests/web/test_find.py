from __future__ import annotations

import gzip
import json
import math
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geodata import datum
from geodata.geodesy import distance_m
from stations.registry import LiveRegistry, Registry
from stations.travel import Travel
from tests.roads import liechtenstein_folder, liechtenstein_roads
from tests.web import sample, valley
from web.api import answers, replies
from web.app import create_app
from web.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from apiflask import APIFlask
    from flask.testing import FlaskClient

    from geodata.roads import RoadNetwork

__all__ = ["liechtenstein_folder", "liechtenstein_roads"]

LON, LAT = sample.KUNMING


def measured(needs: set[str], lon: float, lat: float) -> list[tuple[float, str]]:
    """Measure every station: what nearest must agree with."""
    frame = sample.stations()
    x, y = frame.geometry.x.to_numpy(), frame.geometry.y.to_numpy()
    metres = distance_m(np.full_like(x, lon), np.full_like(y, lat), x, y)
    return sorted(
        (round(float(far), 3), str(id_))
        for id_, row, far in zip(frame.index, frame.itertuples(), metres, strict=True)
        if row.status == "active" and needs <= set(row.amenities.split(";"))
    )


@pytest.mark.parametrize("at", ["2026-11-24T10:00", "2026-11-24T02:00"])
def test_who_asks_again_is_told_the_same_to_the_byte(client: FlaskClient, at: str) -> None:
    """The first time it is written as a whole, later from parts kept for all."""
    reasons = 0
    for away in (0.0, 0.01, 0.03, 0.06):
        query = {"lon": LON + away, "lat": LAT, "at": at, "open": "arrival", "mode": "ebike"}
        told = [client.get("/api/v1/nearest", query_string=query).data for _ in range(5)]
        assert set(told) == {told[0]}
        reasons += sum(len(hit["why"]) > 1 for hit in json.loads(told[0])["stations"])
    assert reasons


@pytest.mark.parametrize("needs", ["", "toilet", "toilet,充电", "如厕；饮水"])
def test_nearest_agrees_with_measuring_every_station(client: FlaskClient, needs: str) -> None:
    query = {"lon": LON + 0.05, "lat": LAT - 0.03, "limit": 9, "needs": needs}
    answer = client.get("/api/v1/nearest", query_string=query)
    answers.Nearest.model_validate(answer.get_json())
    found = [(each["distance_m"], each["id"]) for each in answer.get_json()["stations"]]
    codes = {"toilet,充电": {"toilet", "charging"}, "如厕；饮水": {"toilet", "water"}}
    wanted = codes.get(needs, {needs} - {""})
    assert found == measured(wanted, LON + 0.05, LAT - 0.03)[:9]
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("name", ["gcj02", "bd09", "cgcs2000", "WGS84"])
def test_a_pair_in_another_datum_finds_the_same_stations(client: FlaskClient, name: str) -> None:
    x, y = datum.from_wgs84(LON, LAT, name.lower())
    shifted = {"lon": float(x), "lat": float(y), "datum": name}
    there = client.get("/api/v1/nearest", query_string=shifted).get_json()
    here = client.get("/api/v1/nearest", query_string={"lon": LON, "lat": LAT}).get_json()
    assert there["datum"] == "wgs84"
    for one, other in zip(there["stations"], here["stations"], strict=True):
        assert one["id"] == other["id"]
        assert (one["lon"], one["lat"]) == (other["lon"], other["lat"])
        assert math.isclose(one["distance_m"], other["distance_m"], abs_tol=0.01)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"lat": LAT}, "lon: required, for example 102.7183"),
        ({"lon": "nan", "lat": LAT}, "lon: input should be a finite number"),
        ({"lon": "inf", "lat": LAT}, "lon:"),
        ({"lon": 180.1, "lat": LAT}, "lon: input should be less than or equal to 180"),
        ({"lon": LON, "lat": -90.1}, "lat:"),
        ({"lon": "1" * 1_999, "lat": LAT}, "lon:"),
        ({"lon": "1" * 300_000, "lat": LAT}, "lon: at most 2000 characters"),
        ({"lon": "东经", "lat": LAT}, "lon: input should be a valid number"),
        ({"lon": [LON, LON], "lat": LAT}, "lon: give it once"),
        ({"lon": LON, "lat": LAT, "limit": 0}, "limit:"),
        ({"lon": LON, "lat": LAT, "limit": 51}, "limit: at most 50"),
        ({"lon": LON, "lat": LAT, "limit": "9" * 1_000}, "limit:"),
        ({"lon": LON, "lat": LAT, "limit": "2.5"}, "limit:"),
        (
            {"lon": LON, "lat": LAT, "needs": "sauna"},
            "needs: no amenity 'sauna'; known: 如厕 toilet",
        ),
        ({"lon": LON, "lat": LAT, "datum": "mars"}, "datum: input should be 'wgs84'"),
        ({"lon": LON, "lat": LAT, "lang": "zh"}, "lang: not a parameter here; known: lon, lat"),
    ],
)
def test_bad_questions_are_told_what_is_right(
    client: FlaskClient, query: dict[str, Any], said: str
) -> None:
    answer = client.get("/api/v1/nearest", query_string=query)
    assert answer.status_code == 400
    assert said in answer.get_json()["detail"]


NAMES = st.one_of(
    st.sampled_from(["lon", "lat", "limit", "needs", "datum", "bbox", "after", "within", "x"]),
    st.sampled_from(["at", "open", "mode", "stay", "by", "access", "truck_bays"]),
)
VALUES = st.one_of(
    st.text(max_size=30),
    st.floats().map(str),
    st.integers().map(str),
    st.sampled_from(["toilet", "1km", "gcj02", "102,24,103,26", "\x00", "%00", "1e400", "-0"]),
    st.sampled_from(["arrival", "now", "ebike", "time", "扫码", "2026-11-24T02:00", "9999-12-31"]),
)
PATHS = [
    "nearest",
    "stations",
    "stations/S001",
    "coverage",
    "gaps",
    "layers",
    "layers/parks",
    "areas",
    "register",
]


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(path=st.sampled_from(PATHS), query=st.dictionaries(NAMES, VALUES, max_size=6))
def test_no_question_makes_the_server_fail(app: APIFlask, path: str, query: dict[str, str]) -> None:
    answer = app.test_client().get(f"/api/v1/{path}", query_string=query)
    assert answer.status_code in {200, 400}
    if answer.status_code == 400:
        assert answer.content_type == "application/problem+json"


def test_pages_put_together_are_the_register(client: FlaskClient) -> None:
    pages, address = [], "/api/v1/stations?limit=7"
    while address:
        page = client.get(address).get_json()
        answers.Stations.model_validate(page)
        pages.append(page)
        address = next((link["href"] for link in page["links"] if link["rel"] == "next"), "")
    features = [feature for page in pages for feature in page["features"]]
    frame = sample.stations()
    assert [feature["id"] for feature in features] == frame.index.tolist()
    assert {page["numberMatched"] for page in pages} == {len(frame)}
    for feature, row in zip(features, frame.itertuples(), strict=True):
        assert feature["geometry"]["coordinates"] == [row.geometry.x, row.geometry.y]
        assert feature["properties"]["name"] == row.name
        assert feature["properties"]["amenities"] == [
            each for each in row.amenities.split(";") if each
        ]


@pytest.mark.parametrize(
    ("query", "keep"),
    [
        ({"needs": "toilet"}, lambda row: "toilet" in row.amenities.split(";")),
        ({"kind": "智能"}, lambda row: row.kind == "smart"),
        ({"status": "planned"}, lambda row: row.status == "planned"),
        (
            {"bbox": "102.7,25,102.8,25.1"},
            lambda row: 102.7 <= row.geometry.x <= 102.8 and 25 <= row.geometry.y <= 25.1,
        ),
        ({"bbox": "102.75,-90,102.7,90"}, lambda row: not 102.7 < row.geometry.x < 102.75),
    ],
)
def test_filters_keep_what_they_say(client: FlaskClient, query: dict[str, str], keep: Any) -> None:
    page = client.get("/api/v1/stations", query_string=query).get_json()
    expected = [row.Index for row in sample.stations().itertuples() if keep(row)]
    assert [feature["id"] for feature in page["features"]] == expected
    assert 0 < page["numberMatched"] == len(expected) < 60


@pytest.mark.parametrize("bbox", ["1,2,3", "a,b,c,d", "nan,0,1,1", "0,9,1,8", "0,0,181,1", " "])
def test_a_box_that_is_none_is_refused(client: FlaskClient, bbox: str) -> None:
    answer = client.get("/api/v1/stations", query_string={"bbox": bbox})
    assert answer.status_code == 400
    assert "bbox: expected" in answer.get_json()["detail"]


def test_one_station_is_shown(client: FlaskClient) -> None:
    answer = client.get(f"/api/v1/stations/{sample.NASTY_ID}")
    answers.StationNow.model_validate(answer.get_json())
    assert answer.get_json()["name"] == sample.NASTY
    assert (answer.get_json()["lon"], answer.get_json()["lat"]) == sample.KUNMING


@pytest.mark.parametrize(
    "path", ["stations?limit=9", "stations/S001", "areas?prefix=53", "register"]
)
def test_an_answer_held_already_is_not_sent_again(client: FlaskClient, path: str) -> None:
    first = client.get(f"/api/v1/{path}")
    tag = first.headers["ETag"]
    again = client.get(f"/api/v1/{path}", headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == tag
    assert not tag.startswith("W/")
    other = client.get("/api/v1/stations?limit=8", headers={"If-None-Match": tag})
    assert other.status_code == 200


def test_packed_answers_are_the_same(client: FlaskClient) -> None:
    plain = client.get("/api/v1/stations")
    packed = client.get("/api/v1/stations", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert json.loads(gzip.decompress(packed.data)) == plain.get_json()
    assert packed.headers["ETag"] != plain.headers["ETag"]
    assert "Accept-Encoding" in packed.headers["Vary"]


def test_the_register_says_what_it_holds(client: FlaskClient) -> None:
    told = client.get("/api/v1/register").get_json()
    answers.RegisterAnswer.model_validate(told)
    frame = sample.stations()
    assert told["stations"] == len(frame)
    assert told["provinces"] == ["53"]
    assert np.allclose(told["bbox"], frame.total_bounds, atol=1e-6)


def test_an_id_with_a_slash_is_looked_up_whole(client: FlaskClient) -> None:
    """OpenStreetMap's ids have one: ``node/123``."""
    for path in ("node%2F123", "node/123"):
        answer = client.get(f"/api/v1/stations/{path}")
        assert answer.status_code == 404
        assert "'node/123'" in answer.get_json()["detail"]


def test_a_tag_weakened_on_the_way_is_still_known(client: FlaskClient) -> None:
    tag = client.get("/api/v1/stations").headers["ETag"]
    answer = client.get("/api/v1/stations", headers={"If-None-Match": f"W/{tag}"})
    assert answer.status_code == 304


def test_two_registers_that_differ_in_a_name_have_different_tags() -> None:
    """As after a backup is restored: the same revision number, the same places."""
    frame = sample.stations()
    other = frame.copy()
    other.loc[other.index[0], "name"] = "另一个名字"
    versions = [
        replies.version_of(Registry.from_frames(each, revision=3)) for each in (frame, other)
    ]
    assert versions[0] != versions[1]
    assert versions[0] == replies.version_of(Registry.from_frames(frame, revision=3))


@pytest.fixture(scope="module")
def valley_live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveRegistry]:
    with valley.filled_store(tmp_path_factory.mktemp("valley")) as store:
        yield LiveRegistry(store, 1.0, time.monotonic)


def hits(app: APIFlask, **query: Any) -> list[dict[str, Any]]:
    answer = app.test_client().get("/api/v1/nearest", query_string=query)
    answers.Nearest.model_validate(answer.get_json())
    found: list[dict[str, Any]] = answer.get_json()["stations"]
    return found


HERE: dict[str, Any] = {"lon": 9.5300, "lat": 47.1450, "mode": "ebike"}


@pytest.mark.shared_data
def test_minutes_are_those_of_the_roads_in_use(
    valley_live: LiveRegistry, liechtenstein_roads: RoadNetwork
) -> None:
    """Stations are found by road, estimated outside; not offered where no road leads."""
    how = [Travel(liechtenstein_roads)]
    app = create_app(Settings(), valley_live, lambda: sample.NOW, lambda: how[0])
    vaduz, schaan, abroad = hits(app, open="arrival", **HERE)
    assert [each["id"] for each in (vaduz, schaan, abroad)] == ["VADUZ", "SCHAAN", "ABROAD"]
    here = liechtenstein_roads.snap([HERE["lon"]], [HERE["lat"]], "ebike")
    there = liechtenstein_roads.snap([valley.VADUZ[0]], [valley.VADUZ[1]], "ebike")
    ways = liechtenstein_roads.matrix(here, there, "ebike")
    assert vaduz["minutes"] == round(float(ways.minutes[0, 0]), 2)
    assert vaduz["road_m"] == round(float(ways.metres[0, 0]), 3)
    assert [each["estimated"] for each in (vaduz, schaan, abroad)] == [False, False, True]
    assert abroad["road_m"] is None
    assert (vaduz["fallback"]["id"], vaduz["fallback"]["estimated"]) == ("SCHAAN", False)
    assert vaduz["fallback"]["road_m"] > vaduz["fallback"]["distance_m"]
    assert {each["id"] for each in hits(app, **HERE)} == {"VADUZ", "SCHAAN", "ABROAD"}
    how[0] = Travel()  # the network is gone: nothing of it may linger
    assert [each["estimated"] for each in hits(app, open="arrival", **HERE)] == [True] * 4


def test_without_roads_every_minute_says_it_is_an_estimate(valley_live: LiveRegistry) -> None:
    app = create_app(Settings(), valley_live, lambda: sample.NOW)
    for more in ({}, {"open": "arrival"}, {"by": "time"}):
        found = hits(app, **HERE, **more)
        assert len(found) == 4
        for each in found:
            assert (each["estimated"], each["road_m"]) == (True, None)
            fallback = each["fallback"]
            assert fallback is None or (fallback["estimated"], fallback["road_m"]) == (True, None)
