"""From the outside: all that can be asked, by everybody, and nothing of a post that is not theirs.

Two questions. Does any answer hold a post, in any datum, form or file? And is any answer different
where the posts lie elsewhere, or where there are none at all? What is the same in both tells
nothing of them, neither by a count, a box, a distance nor an entity tag.
"""

from __future__ import annotations

import base64
import gzip
import io
import json
import logging
import re
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import numpy as np
import pytest
from mapbox_vector_tile import encode
from shapely import Point

from geodata import datum
from stations.registry import LiveRegistry
from stations.store import Changes, Store
from stations.trust import Evidence
from tests.web import people, sample
from tests.web.crawl import ASSETS, Asking, Crawl
from tests.web.decoding import told
from tests.web.test_rights import TABLE
from tests.web.traces import Traces
from web.app import create_app
from web.ogc import tiles
from web.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import geopandas as gpd
    from apiflask import APIFlask

LAYER = "border_posts"
STARTS = ("/", "/ogc", "/api/v1/register", "/stations/S001", "/no/such/page", "/api/v1/none")
WORDS: dict[str, Sequence[str]] = {
    "layer": (LAYER, "parks", "nothing"),
    "name": (LAYER, "parks", "nothing"),
    "what": ("stations", LAYER, "nothing"),
    "form": ("geojson", "csv", "parquet"),
    "station_id": ("S001", "SECRET-0"),
    "featureId": ("S001", "P1", "SECRET-0"),
    "item": ("SECRET-0",),
    "within": ("1km", "900km"),
    "hours": ("night",),
    "needs": ("toilet",),
    "compare": (LAYER,),
    "since": ("1", "2026-11-01"),
    "until": ("2026-11-20",),
    "at": ("2026-11-24T02:00",),
    "lon": [str(lon) for lon, _ in sample.POST_PLACES[::3]],
    "lat": [str(lat) for _, lat in sample.POST_PLACES[::3]],
    "bbox": ("97,21,106,29", "97.8,23.9,97.9,24.1"),
    "filter": (f"name='{LAYER}'", "S_INTERSECTS(geometry,BBOX(97,21,106,29))", "id='SECRET-0'"),
    "datetime": ("2026-11-24",),
    "prefix": ("5331",),
    "area": ("530102", "533102"),
    "stations": ("S001", "SECRET-0"),
    "q": ("机密哨所0", "SECRET", "测试驿站001"),
    "text": ("机密",),
    "what_if": ("add:97.853214,24.012345",),
    "plot": ("areas",),
    "mode": ("car",),
    "limit": ("5000",),
    "rows": ("5",),
}
"""What parameters may be, besides what the documents say themselves."""
WISH = {"within": "50km", "mode": "car", "needs": ["toilet"], "budget": [900_000],
        "time_limit": 2, "frontier": False}  # fmt: skip
AIMED: list[tuple[str, str, dict[str, Any]]] = [
    ("POST", "/api/v1/stations/SECRET-0/reports", {"outcome": "worked"}),
    ("POST", "/api/v1/merges", {"keep": "SECRET-0", "drop": "S001", "why": "x", "base": 2}),
    ("POST", "/api/v1/audit/datum",
     {"stations": ["SECRET-0"], "datum": "gcj02", "why": "x", "base": 2}),
    ("POST", "/api/v1/edits/stations/SECRET-0", {"fields": {"name": "x"}, "base": 2, "why": "x"}),
    ("POST", "/api/v1/edits/stations",
     {"fields": {"id": "SECRET-0", "name": "", "lon": "97.85", "lat": "24.01"}, "why": "x"}),
    ("POST", "/api/v1/revisions/2/undo", {"why": "x"}),
    ("POST", "/api/v1/site/jobs/none/accept", {"who": "x"}),
]  # fmt: skip
"""Changes aimed at a post; none of them may come about."""
RUN = re.compile(rb'"(?:request_id|id|seconds|at|made_at|job)": ?(?:"[^"]*"|[\d.e-]+)')
MEASURED = {"v1.coverage", "v1.coverage_file", "v1.gaps", "v1.sites", "v1.week"}
"""Views that take long: of those nobody but the public asks about open layers."""
JOBS = [
    job
    for layer in (LAYER, "parks")
    for job in (
        (f"/api/v1/coverage/jobs?layer={layer}&within=900km&by=site", {}),
        (f"/api/v1/gaps/jobs?layer={layer}&within=1km&hours=night", {}),
        ("/api/v1/site/jobs", {**WISH, "layer": layer}),
    )
]


@dataclass
class World:
    """A register, served, and where its posts are."""

    app: APIFlask
    posts: gpd.GeoDataFrame | None

    def traces(self, code: str = "") -> Traces:
        """Return what gives away the posts whose area codes do not begin with ``code``."""
        posts = sample.posts() if self.posts is None else self.posts
        if code:
            posts = posts[~posts["area_code"].str.startswith(code)]
        words = {id_: (name,) for id_, name in posts["name"].items()}
        return Traces(words, [*zip(posts.geometry.x, posts.geometry.y, strict=True)])


def made(folder: Path, posts: gpd.GeoDataFrame | None) -> Iterator[World]:
    """Serve a register of two revisions, with posts or without."""
    layers = {} if posts is None else {LAYER: posts}
    infos = () if posts is None else (sample.POSTS,)
    stations = sample.stations()
    with Store.open(f"sqlite:///{folder / 'stations.db'}", create=True) as store:
        first = Changes(
            stations=stations,
            layers=(sample.PARKS, *infos),
            sites={"parks": sample.parks(), **{name: frame[:2] for name, frame in layers.items()}},
        )
        store.commit(first, who="test", why="first", at=sample.WHEN)
        stations.loc["S002", "phone"] = "0871-65120000"
        parks = sample.parks()[:4]
        second = Changes(stations=stations, sites={"parks": parks, **layers})
        store.commit(second, who="test", why="second", at=sample.WHEN)
        found = Evidence("S001", "inspection", "cannot_enter", sample.WHEN, "test", "", "first")
        store.add_evidence([found], received=sample.WHEN)
        people.hire(store)
        settings = Settings(
            staff_token=sample.TOKEN, sign_in_limits="9999 per hour", report_limits="9999 per hour"
        )
        live = LiveRegistry(store, 1e9, time.monotonic)
        yield World(create_app(settings, live, lambda: sample.NOW), posts)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    yield from made(tmp_path_factory.mktemp("posts"), people.posts())


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    yield from made_elsewhere(tmp_path_factory.mktemp("elsewhere"))


def made_elsewhere(folder: Path) -> Iterator[World]:
    """Serve the same, but over there are two other posts instead of three."""
    posts = people.posts()
    posts.index = [f"{id_}X" if place in people.THERE else id_ for id_, place in
                   zip(posts.index, sample.POST_PLACES, strict=True)]  # fmt: skip
    ours = (posts["area_code"] == "530102").to_numpy()
    posts.geometry = posts.geometry.where(ours, posts.translate(0.31, 0.17))
    posts["workers"] = posts["workers"].where(ours, 11)
    posts["name"] = posts["name"].where(ours, "机密哨卡")
    yield from made(folder, posts[:-1])


@pytest.fixture(scope="module")
def without(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Serve the same without posts."""
    yield from made(tmp_path_factory.mktemp("without"), None)


def crawler(world: World, name: str = "", *, code: str = "", scope: str = "") -> Crawl:
    """Return somebody; ``code``: whose posts are theirs; ``scope``: with a token instead."""
    browser = people.Browser(world.app, name)
    ask: Any = browser.ask
    if scope:
        wish = {"label": "crawl", "scopes": [scope]}
        token = browser.ask("POST", "/api/v1/me/tokens", json=wish).get_json()["token"]
        sent, client = {"Authorization": f"Bearer {token}"}, world.app.test_client()

        def ask(method: str, path: str, *, headers: dict[str, str], **more: Any) -> Any:
            return client.open(path, method=method, headers={**sent, **headers}, **more)

    found = Crawl(world.app, ask, world.traces(code), WORDS, sample.POST_PLACES[::2])
    if name:
        found.documents = "/ogc"  # what else may be asked is as for the public: see `of_note`
    return found


def of_note(public: Crawl) -> list[Asking]:
    """Return what the public asked, each address once; of the layer, each kind of question."""
    found: dict[object, Asking] = {}
    for asked, got in public.answers.items():
        if asked.method != "GET" or asked.headers or got.view in ASSETS | {"help.page"}:
            continue
        address = urlsplit(asked.address)
        query = dict(parse_qsl(address.query))
        named = (query.get("layer"), query.get("format"), query.get("by"))
        if LAYER in asked.address:
            found.setdefault((address.path, *query, named), asked)
        elif got.view not in MEASURED:
            found.setdefault((address.path, named), asked)
    return [*found.values()]


def _changes() -> Iterator[Asking]:
    """Return a request to everything that changes things; none of them does."""
    for (method, rule), row in TABLE.items():
        if method != "GET" and row.body is not None and not re.search("/me/|jobs|reports", rule):
            path = re.sub(r"<(?:\w+:)?(\w+)>", lambda at: str(row.path[at[1]]), rule)  # noqa: B023
            yield Asking(
                method, f"{path}?{row.query}" if row.query else path, (), json.dumps(row.body)
            )
    for method, path, body in AIMED:
        yield Asking(method, path, (), json.dumps(body))


def results(world: World, name: str = "") -> dict[str, bytes]:
    """Return what long work comes to, by question, without what differs from run to run."""
    browser, told = people.Browser(world.app, name), {}
    for path, body in JOBS:
        begun = browser.ask("POST", path, json=body)
        answer = begun
        if begun.status_code == 202:
            for thread in threading.enumerate():
                if thread.name == "jobs":
                    thread.join(60)
            answer = browser.ask("GET", f"{begun.headers['Location']}/result")
        told[f"{path} {body.get('layer', '')}"] = RUN.sub(b"", answer.get_data())
    return told


@pytest.fixture(scope="module", autouse=True)
def log() -> Iterator[io.StringIO]:
    """Keep every line of our own loggers, however fine, and the warnings of all others."""
    lines = io.StringIO()
    handler, ours = logging.StreamHandler(lines), logging.getLogger("web")
    before = ours.level
    logging.getLogger().addHandler(handler)
    ours.setLevel(logging.DEBUG)
    yield lines
    logging.getLogger().removeHandler(handler)
    ours.setLevel(before)


@pytest.fixture(scope="module")
def public(world: World) -> Crawl:
    found = crawler(world)
    found.assets = True
    found.run(*STARTS, *_changes())
    return found


@pytest.fixture(scope="module")
def public_without(public: Crawl, without: World) -> Crawl:
    found = crawler(without)
    found.repeat(public.answers)
    return found


def test_the_public_comes_everywhere_and_sees_no_post(public: Crawl, public_without: Crawl) -> None:
    assert public.unasked() <= {"/signin/provider", "/signin/back"}  # there where it is set up
    statuses = {got.status for got in public.answers.values()}
    assert statuses >= {200, 303, 304, 400, 401, 404, 405}
    # Among a province's outlines some number is near a post's by chance, in either register.
    assert public.given_away() == public_without.given_away()
    assert {got.view for got in public.answers.values() if got.traces} <= {"v1.areas"}


def test_to_the_public_it_is_as_if_there_were_no_posts(
    public: Crawl, public_without: Crawl
) -> None:
    assert _unlike(public, public_without) == []


def test_editors_see_no_post(world: World, without: World, public: Crawl) -> None:
    editor, other = (crawler(each, "editor-everywhere") for each in (world, without))
    editor.run(*of_note(public), *_changes(), odd=False)
    other.repeat(editor.answers)
    assert [each for each in editor.given_away() if "/areas" not in each] == []
    assert _unlike(editor, other) == []


def test_planners_see_the_posts_of_their_area(
    world: World, elsewhere: World, public: Crawl
) -> None:
    planner, other = (crawler(each, "planner-here", code="5301") for each in (world, elsewhere))
    planner.run(*of_note(public), *_changes(), odd=False)
    other.repeat(each for each in planner.answers if "/bulletin" not in each.address)
    assert [each for each in planner.given_away() if "/areas" not in each] == []
    assert _unlike(planner, other) == []


def _unlike(one: Crawl, other: Crawl) -> list[str]:
    """Return what is told otherwise, but for what is of the session, the process, the whole.

    A bulletin ends with the checksum of all that is recorded: it is there to differ.
    """
    return [
        each for each in one.unlike(other)
        if not re.search("/metrics|/me/sessions|/me/log|/bulletin", each)
    ]  # fmt: skip


def test_inspectors_and_their_tokens_too(world: World, public: Crawl) -> None:
    inspector = crawler(world, "inspector-there", code="5331")
    inspector.run(*of_note(public), odd=False)
    token = crawler(world, "inspector-there", code="5331", scope="read")
    token.repeat(each for each in inspector.answers if LAYER in each.address)
    for asking in (inspector, token):
        assert [each for each in asking.given_away() if "/areas" not in each] == []
        assert {got.status for got in asking.answers.values()} >= {200, 400, 404}


def test_an_admin_is_told_by_all_that_tells(world: World, public: Crawl) -> None:
    """What finds nothing for the public finds every post where there is one to be found."""
    admin = crawler(world, "admin-everywhere")
    admin.run("/ogc", odd=False)
    admin.repeat(each for each in of_note(public) if LAYER in each.address)
    telling = {got.view for got in admin.answers.values() if got.traces}
    assert telling >= {
        "ogc.collection", "ogc.item", "ogc.items", "ogc.tile", "v1.coverage", "v1.coverage_file",
        "v1.download", "v1.gaps", "v1.sites", "v1.week",
    }  # fmt: skip
    told = {trace.site for got in admin.answers.values() for trace in got.traces}
    assert told == set(sample.posts().index)
    files = {asked.address.split("format=")[-1]: got.traces for asked, got in admin.answers.items()
             if got.view == "v1.coverage_file" and LAYER in asked.address}  # fmt: skip
    files |= {asked.address: got.traces for asked, got in admin.answers.items()
              if got.view == "v1.download" and LAYER in asked.address}  # fmt: skip
    for form in ("xlsx", "gpkg", "geojson", "parquet", "csv"):
        assert any(form in name and traces for name, traces in files.items()), form


def test_long_work_tells_no_more(world: World, without: World, elsewhere: World) -> None:
    assert results(world) == results(without)
    mine = results(world, "planner-here")
    assert mine == results(elsewhere, "planner-here")
    own, others = world.traces("5331"), world.traces("5301")
    for question, body in mine.items():
        said = told(body, "", "")
        assert said.traces(others) == set(), question
        assert bool(said.traces(own)) == (LAYER in question), question


def test_logs_and_metrics_name_no_post(world: World, log: io.StringIO, public: Crawl) -> None:
    client = world.app.test_client()
    client.get("/api/v1/layers/border_posts/SECRET-0?within=97.853214,24.012345")
    client.get("/api/v1/nearest?lon=97.853214&lat=24.012345", headers=sample.STAFF)
    counted = client.get("/metrics").get_data(as_text=True)
    for text in (log.getvalue(), counted):
        assert "v1" in text
        assert LAYER not in text
        assert world.traces().in_text(text) == set()


WRITTEN = {
    "GCJ-02, four decimals": ("gcj02", '{{"lat": {1:.4f}, "lon": {0:.4f}}}'),
    "BD-09, three decimals": ("bd09", "{0:.3f},{1:.3f}"),
    "far apart in columns": ("wgs84", '{{"lon":[1.5,{0:.5f},2.5,3.5,4.5],"lat":[2.5,{1:.5f}]}}'),
    "a latitude alone": ("wgs84", "around {1:.6f}"),
    "the web's metres": ("EPSG:3857", "{0:.1f} {1:.1f}"),
    "a surveyor's metres": ("EPSG:4542", "Y={0:.0f} X={1:.0f}"),
    "degrees, minutes, seconds": ("wgs84", "97°51′11.6″E 24°0′44.4″N"),
    "the name, escaped": ("wgs84", r"\u673a\u5bc6\u54e8\u62400"),
    "the id, in an address": ("wgs84", "/items/SECRET%2D0"),
}


@pytest.mark.parametrize("how", WRITTEN)
def test_what_is_looked_for_is_found(how: str) -> None:
    system, text = WRITTEN[how]
    lon, lat = sample.POST_PLACES[0]
    text = text.format(*(float(each) for each in datum.from_wgs84(lon, lat, system)))
    hidden = Traces({"SECRET-0": ("机密哨所0",)}, [(lon, lat)])
    assert told(text.encode(), "", "").traces(hidden)
    packed = base64.b64encode(gzip.compress(text.encode() + bytes(range(200))))
    assert told(b'{"files": "' + packed + b'"}', "", "").traces(hidden)
    shifted = Traces({"SECRET-9": ()}, [(lon + 0.01, lat - 0.01)])
    assert not told(text.encode(), "", "").traces(shifted)


def test_a_leak_is_found(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    lon, lat = datum.from_wgs84(*sample.POST_PLACES[0], "gcj02")
    about = world.app.view_functions["v1.about"]

    def leaking() -> Any:
        answer: Any = about()
        answer.set_data(answer.get_data() + f"[{lat:.4f},{lon:.4f}]".encode())
        return answer

    drawn = tiles.drawn

    def with_a_post(layer: Any, zoom: int, row: int, column: int) -> bytes:
        side = 1 / 2**zoom
        corner = (column * side, row * side)
        place = tiles._placed(np.array([sample.POST_PLACES[2]]), corner, side)[0]
        if layer.name != "parks" or not ((place >= 0) & (place < tiles.EXTENT)).all():
            return drawn(layer, zoom, row, column)
        feature = {"geometry": Point(place), "properties": {}}
        options = {"y_coord_down": True, "extents": tiles.EXTENT}
        return bytes(encode([{"name": "parks", "features": [feature]}], default_options=options))

    monkeypatch.setitem(world.app.view_functions, "v1.about", leaking)
    monkeypatch.setattr(tiles, "drawn", with_a_post)
    found = crawler(world)
    found.run("/ogc", "/api/v1/register", odd=False)
    told_by = {got.view: {each.site for each in got.traces}
               for got in found.answers.values() if got.traces}  # fmt: skip
    assert told_by == {"v1.about": {"SECRET-0"}, "ogc.tile": {"SECRET-2"}}
