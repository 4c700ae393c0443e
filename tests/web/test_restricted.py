"""Restricted layers: who sees which part. That nothing else tells of them: test_crawl.py."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from stations.registry import LiveRegistry
from tests.web import people, sample
from web.app import create_app
from web.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from apiflask import APIFlask
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse


@pytest.fixture(scope="module")
def two_areas(tmp_path_factory: pytest.TempPathFactory) -> Iterator[APIFlask]:
    """Serve a register with posts in two areas, and somebody for each."""
    with people.filled_store(tmp_path_factory.mktemp("areas")) as store:
        settings = Settings(staff_token=sample.TOKEN, sign_in_limits="99 per hour")
        live = LiveRegistry(store, 1.0, time.monotonic)
        yield create_app(settings, live, lambda: sample.NOW)


def test_the_share_covered_is_that_of_one_s_part(two_areas: APIFlask) -> None:
    query = "layer=border_posts&within=1km"
    counts = {
        name: people.Browser(two_areas, name)
        .ask("GET", f"/api/v1/coverage?{query}")
        .get_json()["total"]["sites"]
        for name in ("admin-everywhere", "inspector-here", "inspector-there")
    }
    assert counts == {"admin-everywhere": 6, "inspector-here": 3, "inspector-there": 3}


def test_with_the_token_the_posts_are_there(client: FlaskClient) -> None:
    layers = client.get("/api/v1/layers", headers=sample.STAFF)
    assert [each["name"] for each in layers.get_json()["layers"]] == ["border_posts", "parks"]
    told = client.get("/api/v1/layers/border_posts?within=1km", headers=sample.STAFF).get_json()
    found = [tuple(feature["geometry"]["coordinates"]) for feature in told["features"]]
    assert found == sample.POST_PLACES
    for path in ("coverage", "gaps"):
        query = {"layer": "border_posts", "within": "1km"}
        assert (
            client.get(f"/api/v1/{path}", query_string=query, headers=sample.STAFF).status_code
            == 200
        )


def alike(one: TestResponse, other: TestResponse) -> bool:
    bodies = [dict(answer.get_json()) for answer in (one, other)]
    for body in bodies:
        body.pop("request_id")
        body.pop("instance")
    return one.status_code == other.status_code and bodies[0] == bodies[1]


@pytest.mark.parametrize("path", ["coverage?layer={}&", "gaps?layer={}&", "layers/{}?"])
def test_a_hidden_layer_is_like_one_that_is_not_there(client: FlaskClient, path: str) -> None:
    hidden = client.get("/api/v1/" + path.format("border_posts") + "within=1km")
    missing = client.get("/api/v1/" + path.format("no_such_thing") + "within=1km")
    assert hidden.status_code == 404
    assert alike(hidden, missing)


@pytest.mark.parametrize(
    "path",
    [
        "layers",
        "layers/border_posts?within=1km",
        "coverage?layer=border_posts&within=1km",
        "gaps?layer=border_posts&within=1km",
    ],
)
def test_no_cache_keeps_what_staff_see(client: FlaskClient, path: str) -> None:
    answer = client.get(f"/api/v1/{path}", headers=sample.STAFF)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert "Authorization" in answer.headers["Vary"]
    assert "ETag" not in answer.headers


@pytest.mark.parametrize(
    "header",
    [
        "Bearer wrong",
        "Bearer",
        "",
        f"Basic {sample.TOKEN}",
        f"Bearer {sample.TOKEN}x",
        "Bearer 口令",
    ],
)
def test_what_is_not_the_token_is_refused(client: FlaskClient, header: str) -> None:
    sent = {"Authorization": header.encode().decode("latin-1")}
    for path in ("layers", "nearest?lon=102.7&lat=25", "register"):
        answer = client.get(f"/api/v1/{path}", headers=sent)
        assert answer.status_code == 401
        assert answer.content_type == "application/problem+json"
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("header", ["Bearer ", "Bearer", f"Bearer {sample.TOKEN}"])
def test_without_a_token_set_nobody_is_staff(live: LiveRegistry, header: str) -> None:
    client = create_app(Settings(), live).test_client()
    answer = client.get("/api/v1/layers", headers={"Authorization": header})
    assert answer.status_code == 401


def test_a_tag_given_to_staff_opens_nothing(client: FlaskClient) -> None:
    path = "/api/v1/coverage?layer=border_posts&within=1km"
    public = client.get("/api/v1/layers")
    answer = client.get(path, headers={"If-None-Match": public.headers["ETag"]})
    assert answer.status_code == 404
    assert client.get(path, headers={"If-None-Match": "*"}).status_code == 404
