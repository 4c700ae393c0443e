"""From the outside: without the token nobody sees a digit of a border post."""

from __future__ import annotations

import base64
import io
import logging
import re
import threading
import time
import zipfile
from itertools import product
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
    from werkzeug import Response
    from werkzeug.test import TestResponse

IDS = ["S001", sample.NASTY_ID, "SECRET-0", "nobody"]
NAMES = ["parks", "border_posts", "nothing"]
QUERIES = [
    "",
    "within=1km",
    "within=1km&needs=aed",
    "within=60min&mode=car",
    "within=60min&mode=car&bbox=97,21,106,29",
    *(f"layer={name}&within=900min&mode=car&by=site" for name in NAMES),
    *(
        f"layer={name}&within={within}&by={by}"
        for name, within, by in product(NAMES, ["1km", "900km"], ["county", "site"])
    ),
    *(f"layer={name}&within=900km&limit=5000" for name in NAMES),
    *(f"layer={name}&within=1km&hours=night&by=site" for name in NAMES),
    *(f"layer={name}&within=1km&hours=night" for name in NAMES),
    *(f"lon={lon}&lat={lat}&limit=50" for lon, lat in sample.POST_PLACES),
    *(f"lon={lon}&lat={lat}&limit=50&open=arrival&mode=car" for lon, lat in sample.POST_PLACES),
    "lon=x&lat=y&layer=border_posts",
    "limit=5000",
    "bbox=97,21,106,29&limit=5000",
    "prefix=53",
    "level=province&prefix=53",
]
ELSE: list[set[str]] = [
    {"job_id"}, {"session_id"}, {"token_id"}, {"name", "token_id"}, {"number"}, {"sha256"},
    {"zoom", "x", "y"},
]  # fmt: skip
"""Arguments that name neither a station nor a layer."""
REFUSED = {"Authorization": "Bearer not-the-token-at-all"}


def addresses(app: APIFlask) -> Iterator[str]:
    """Every address of the application, with every parameter filled in."""
    for rule in app.url_map.iter_rules():
        if rule.arguments == {"station_id"}:
            yield from (rule.rule.replace("<path:station_id>", each) for each in IDS)
        elif rule.arguments == {"name"}:
            yield from (rule.rule.replace("<name>", each) for each in NAMES)
        elif rule.arguments in ELSE:
            yield re.sub(r"<[^>]*>", "1", rule.rule)
        elif not rule.arguments:
            yield rule.rule
        else:
            assert rule.endpoint in {"static", "vendor.serve"}, "a new kind of address: add it"


def secrets(first: int = 0, last: int = 6) -> list[set[str]]:
    """Return what would give posts away: sets of texts that must not stand together.

    Its name; its id; a coordinate to 5 decimals; both its coordinates to 3 (one alone may be
    the corner of a county by chance).
    """
    frame, places = sample.posts().iloc[first:last], sample.POST_PLACES[first:last]
    words = [{word} for word in (*frame["name"], *frame.index)]
    exact = [{f"{degrees:.6f}"[:-1]} for place in places for degrees in place]
    pairs = [{f"{lon:.{n}f}", f"{lat:.{n}f}"} for lon, lat in places for n in (3, 4)]
    return [*words, *exact, *pairs]


def readable(answer: Response) -> str:
    """Return what an answer says; a workbook's parts are unpacked."""
    body = answer.get_data()
    if str(answer.content_type).endswith("spreadsheetml.sheet"):
        with zipfile.ZipFile(io.BytesIO(body)) as parts:
            body = b"".join(parts.read(name) for name in parts.namelist())
    return body.decode(errors="replace")


def test_without_the_token_nothing_gives_a_post_away(
    app: APIFlask, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    client, hidden, seen = app.test_client(), [*secrets(), {"机密"}], 0
    for address, query, headers in product(addresses(app), QUERIES, [{}, REFUSED]):
        answer = client.get(address, query_string=query, headers=headers)
        body = readable(answer)
        asked = f"{address}?{query}"
        # What the caller sent may come back to the caller; nothing else may.
        told = [each for each in hidden if all(text in body for text in each)]
        assert not [each for each in told if not any(text in asked for text in each)], asked
        seen += answer.status_code == 200
    assert seen > 200
    logged = re.sub(
        "/stations/SECRET-0(/reports|/area|/form)? ", "", caplog.text
    )  # the asker's own words
    assert not [each for each in hidden if all(text in logged for text in each)]


SEEN_BY = {
    "editor-everywhere": None,
    "editor-here": None,
    "inspector-there": slice(3, 6),
    "planner-here": slice(0, 3),
    "admin-there": slice(3, 6),
}
"""Which posts are seen by whom; None: none."""
LOOKS = [
    *(query for query in QUERIES if "border_posts" in query or not query),
    "since=2026-11-01&until=2026-11-20&layer=border_posts",
    "layer=border_posts&within=900km&format=gpkg",
    "layer=border_posts&within=900km&hours=night&format=xlsx",
    "layer=parks&within=900km&hours=night&compare=border_posts",
    "layer=border_posts&within=900km&hours=night&since=2026-11-23T00:00",
]


@pytest.fixture(scope="module")
def two_areas(tmp_path_factory: pytest.TempPathFactory) -> Iterator[APIFlask]:
    """Serve a register with posts in two areas, and somebody for each."""
    with people.filled_store(tmp_path_factory.mktemp("areas")) as store:
        settings = Settings(staff_token=sample.TOKEN, sign_in_limits="99 per hour")
        live = LiveRegistry(store, 1.0, time.monotonic)
        yield create_app(settings, live, lambda: sample.NOW)


def test_of_restricted_layers_everybody_sees_the_part_of_their_areas(two_areas: APIFlask) -> None:
    browsers = {name: people.Browser(two_areas, name) for name in SEEN_BY}
    told: dict[str, str] = dict.fromkeys(SEEN_BY, "")
    # The widest first, then one after the other: nobody may get what was kept for another.
    staff = two_areas.test_client()
    paths = [each for each in addresses(two_areas) if "/account" not in each]
    for path, query in product(paths, LOOKS):
        staff.get(path, query_string=query, headers=sample.STAFF).close()
        for name, browser in browsers.items():
            with browser.client.get(path, query_string=query) as answer:
                body, part, asked = readable(answer), SEEN_BY[name], f"{path}?{query}"
            told[name] += body
            hidden = secrets(0, 3) if part == slice(3, 6) else secrets(3, 6)
            hidden = secrets() if part is None else hidden
            given = [each for each in hidden if all(text in body for text in each)]
            assert not [each for each in given if not any(text in asked for text in each)], (
                name,
                asked,
            )
    for name, part in SEEN_BY.items():
        if part is not None:
            for post in sample.posts().index[part]:
                assert post in told[name], (name, post)


@pytest.mark.parametrize("name", ["planner-here", "planner-there"])
def test_a_plan_knows_the_part_of_its_asker(two_areas: APIFlask, name: str) -> None:
    browser = people.Browser(two_areas, name)
    wish = {
        "layer": "border_posts", "within": "50km", "mode": "car", "needs": ["toilet"],
        "budget": [900_000], "time_limit": 2, "frontier": False,
    }  # fmt: skip
    begun = browser.ask("POST", "/api/v1/site/jobs", json=wish)
    assert begun.status_code == 202, begun.get_json()
    for thread in threading.enumerate():
        if thread.name == "jobs":
            thread.join(60)
    result = browser.ask("GET", f"{begun.headers['Location']}/result").get_json()
    written = [base64.b64decode(each) for each in result.pop("files").values()]
    body = str(result) + "".join(each.decode(errors="replace") for each in written)
    hidden = secrets(3, 6) if name == "planner-here" else secrets(0, 3)
    assert not [each for each in hidden if all(text in body for text in each)]
    other = people.Browser(two_areas, "planner-everywhere")
    assert other.ask("GET", f"{begun.headers['Location']}/result").status_code == 404


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
