"""OGC API Features: documents, pages, reference systems, errors, rights, tiles."""

from __future__ import annotations

import itertools
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

import mapbox_vector_tile
import numpy as np
import pytest
import shapely
from openapi_spec_validator import validate
from pyproj import Geod, Transformer

from stations.registry import LiveRegistry
from stations.store import Changes
from tests.web import people, sample
from web.app import create_app
from web.ogc import tiles
from web.ogc.references import SUPPORTED
from web.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from apiflask import APIFlask
    from flask.testing import FlaskClient

ITEMS = "/ogc/collections/stations/items"
EPSG = "http://www.opengis.net/def/crs/EPSG/0/{}"
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"


def got(client: FlaskClient, path: str, **query: object) -> Any:
    asked = {k.replace("_", "-"): v for k, v in query.items()} or None
    answer = client.get(path, query_string=asked)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer.get_json(force=True)


def refused(client: FlaskClient, path: str, **query: object) -> str:
    answer = client.get(path, query_string={k.replace("_", "-"): v for k, v in query.items()})
    assert answer.status_code == 400, answer.get_data(as_text=True)
    assert answer.content_type == "application/problem+json"
    return str(answer.get_json()["detail"])


def ids(told: Any) -> list[str]:
    return [each["id"] for each in told["features"]]


def linked(told: Any, rel: str) -> str | None:
    return next((each["href"] for each in told["links"] if each["rel"] == rel), None)


def relative(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}"


def test_every_link_of_the_documents_leads_somewhere(client: FlaskClient) -> None:
    ahead, seen = ["/ogc"], set[str]()
    while ahead:
        path = ahead.pop()
        if path in seen or "{" in path:
            continue
        seen.add(path)
        answer = client.get(path, headers={"Accept": "application/json"})
        assert answer.status_code == 200, path
        if "json" in answer.content_type and "/items" not in path and "/exports" not in path:
            told = answer.get_json(force=True)
            for part in (told, *told.get("collections", ()), *told.get("tilesets", ())):
                ahead += [
                    relative(each["href"])
                    for each in part.get("links", ())
                    if each["href"].startswith("http://localhost")
                ]
        answer.close()
    assert len(seen) > 20


def test_the_api_document_is_valid_and_names_every_parameter(client: FlaskClient) -> None:
    document = got(client, "/ogc/api")
    validate(document)
    operation = document["paths"]["/collections/stations/items"]["get"]
    shared = document["components"]["parameters"]
    names = [
        shared[each["$ref"].rsplit("/", 1)[1]]["name"] if "$ref" in each else each["name"]
        for each in operation["parameters"]
    ]
    detail = refused(client, ITEMS, nonsense=1)
    assert set(names) | {"f", "lang"} == set(detail.partition("known: ")[2].split(", "))


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(
    "path",
    [
        "", "/conformance", "/api", "/collections", "/collections/stations", ITEMS[4:],
        "/collections/parks/queryables", "/collections/parks/tiles", "/collections/parks/items",
        f"/collections/stations/items/{sample.NASTY_ID}",
    ],
)  # fmt: skip
def test_pages_need_no_script_and_hold_no_markup_of_others(
    client: FlaskClient, path: str, lang: str
) -> None:
    answer = client.get(f"/ogc{path}?lang={lang}", headers={"Accept": "text/html,*/*;q=0.8"})
    text = answer.get_data(as_text=True)
    assert answer.content_type == "text/html; charset=utf-8"
    assert f'<html lang="{"zh-CN" if lang == "zh" else "en"}"' in text
    assert "<script" not in text
    assert "<img src=x" not in text
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_pages_follow_one_another_both_ways(client: FlaskClient) -> None:
    everything = ids(got(client, ITEMS, limit=1000))
    assert everything == sorted(sample.stations().index)
    forth: list[list[str]] = []
    address: str | None = f"{ITEMS}?limit=7&kind=smart"
    last: Any = None
    while address:
        told = got(client, relative(address))
        assert told["numberMatched"] == 20
        assert told["numberReturned"] == len(told["features"])
        forth.append(ids(told))
        last, address = told, linked(told, "next")
    assert list(map(len, forth)) == [7, 7, 6]
    assert sum(forth, []) == [each for each in everything if each in sum(forth, [])]  # noqa: RUF017
    back = []
    while address := linked(last, "prev"):
        last = got(client, relative(address))
        back.append(ids(last))
    assert back == forth[-2::-1]


def test_pages_stay_right_while_the_register_changes(tmp_path: Path) -> None:
    store = sample.filled_store(tmp_path)
    live = LiveRegistry(store, 0.0, time.monotonic)
    client = create_app(Settings(), live, lambda: sample.NOW).test_client()
    first, ordered = got(client, ITEMS, limit=10), got(client, ITEMS, limit=10, sortby="-name")
    added = sample.stations(1).rename(index={sample.NASTY_ID: "S005-B"})
    gone = Changes(stations=added, removed_stations=("S003", "S012"))
    store.commit(gone, who="t", why="x", at=sample.WHEN)
    told, pages = first, [ids(first)]
    while address := linked(told, "next"):
        told = got(client, relative(address))
        pages.append(ids(told))
    read = sum(pages, [])  # noqa: RUF017
    # S003 was told already, S012 was still ahead; what is new came before the first page's end.
    assert len(read) == len(set(read))
    assert set(sample.stations().index) - set(read) == {"S012"}
    moved = client.get(relative(str(linked(ordered, "next"))))
    assert moved.status_code == 409
    assert "begin again" in moved.get_json()["detail"]
    store.close()


BOXES = [
    "102.6,24.9,102.8,25.1",
    "102.6,24.9,-100,102.8,25.1,9000",
    "179,-90,102.7,90",
    "102.7183,25.0389,102.7183,25.0389",
    "-180,-90,180,90",
]


@pytest.mark.parametrize("box", BOXES)
def test_a_box_holds_what_lies_in_it(client: FlaskClient, box: str) -> None:
    numbers = [float(each) for each in box.split(",")]
    west, south, east, north = numbers if len(numbers) == 4 else numbers[:2] + numbers[3:5]
    frame = sample.stations()
    x, y = frame.geometry.x, frame.geometry.y
    across = (x >= west) & (x <= east) if west <= east else (x >= west) | (x <= east)
    expected = frame.index[across & (y >= south) & (y <= north)]
    told = got(client, ITEMS, bbox=box, limit=1000)
    assert ids(told) == [*expected]
    assert expected.size


@pytest.mark.parametrize("uri", [*SUPPORTED[:5], *SUPPORTED[8::9]])
def test_shapes_come_in_every_reference_system(client: FlaskClient, uri: str) -> None:
    """Axes in the order of the system: read back by pyproj they are where they were."""
    answer = client.get(ITEMS, query_string={"crs": uri, "limit": 5})
    assert answer.headers["Content-Crs"] == f"<{uri}>"
    code = "OGC:CRS84" if uri == CRS84 else f"EPSG:{uri.rsplit('/', 1)[1]}"
    way = Transformer.from_crs(code, "OGC:CRS84")
    for each in answer.get_json(force=True)["features"]:
        lon, lat = way.transform(*each["geometry"]["coordinates"])
        point = sample.stations().geometry[each["id"]]
        assert Geod(ellps="WGS84").inv(lon, lat, point.x, point.y)[2] < 0.01


@pytest.mark.parametrize("code", [4326, 4490, 3857, 32648, 4522])
def test_a_box_in_any_reference_system(client: FlaskClient, code: int) -> None:
    west, south, east, north = 102.6, 24.9, 102.8, 25.1
    way = Transformer.from_crs("OGC:CRS84", f"EPSG:{code}")
    first, second = way.transform([west, east], [south, north])
    box = f"{first[0]},{second[0]},{first[1]},{second[1]}"
    found = set(ids(got(client, ITEMS, bbox=box, bbox_crs=EPSG.format(code), limit=1000)))
    plain = set(ids(got(client, ITEMS, bbox="102.6,24.9,102.8,25.1", limit=1000)))
    wide = set(ids(got(client, ITEMS, bbox="102.59,24.89,102.81,25.11", limit=1000)))
    assert plain <= found <= wide
    if code in {4326, 4490}:
        assert found == plain
        lonlat = refused(client, ITEMS, bbox="102,24,103,25", bbox_crs=EPSG.format(code))
        assert "axis order" in lonlat


def test_the_item_is_the_one_of_the_page(client: FlaskClient) -> None:
    for feature in got(client, ITEMS, limit=5)["features"]:
        one = got(client, f"{ITEMS}/{quote(feature['id'])}")
        assert {name: one[name] for name in feature} == feature
        record = got(client, f"/api/v1/stations/{quote(feature['id'])}")
        for name in ("name", "kind", "amenities", "capacity", "status"):
            assert feature["properties"][name] == record[name]
    assert client.get(f"{ITEMS}/nobody").status_code == 404


def test_properties_ask_for_equal_ones(client: FlaskClient) -> None:
    frame = sample.stations()
    smart = frame.index[(frame["kind"] == "smart") & (frame["capacity"] == 12)]
    assert ids(got(client, ITEMS, kind="smart", capacity=12, limit=99)) == [*smart]
    both = frame.index[frame["amenities"].str.split(";").map({"toilet", "water"}.issubset)]
    assert ids(got(client, ITEMS, amenities="water,toilet", limit=99)) == [*both]
    assert ids(got(client, ITEMS, synthetic="true")) == []
    assert ids(got(client, ITEMS, id="S001")) == ["S001"]


def test_the_order_asked_for(client: FlaskClient) -> None:
    told = got(client, ITEMS, sortby="kind,-capacity,-name", limit=1000)["features"]
    keys = [each["properties"] for each in told]
    assert [each["kind"] for each in keys] == sorted(each["kind"] for each in keys)
    for _, group in itertools.groupby(keys, lambda each: (each["kind"], each["capacity"])):
        names = [each["name"] for each in group]
        assert names == sorted(names, reverse=True)
    for _, group in itertools.groupby(keys, lambda each: each["kind"]):
        missing = [each["capacity"] is None for each in group]
        assert missing == sorted(missing)
    pages = [got(client, ITEMS, sortby="name", limit=25)]
    while address := linked(pages[-1], "next"):
        pages.append(got(client, relative(address)))
    assert sum(map(ids, pages), []) == ids(got(client, ITEMS, sortby="name", limit=1000))  # noqa: RUF017


def test_days_choose_the_sites_that_are_there(tmp_path: Path) -> None:
    store = sample.filled_store(tmp_path)
    frame = sample.parks()
    frame["from"] = ["", "2026-01-01", "2026-03-01", "", "2026-05-01"]
    frame["until"] = ["", "2026-02-28", "", "2025-12-31", "2026-06-30"]
    frame = frame.astype({"from": "str", "until": "str"})
    store.commit(Changes(sites={"parks": frame}), who="t", why="x", at=sample.WHEN)
    client = create_app(Settings(), LiveRegistry(store, 1.0, time.monotonic)).test_client()

    def there(when: str) -> list[str]:
        return ids(got(client, "/ogc/collections/parks/items", datetime=when))

    assert there("2026-02-28T15:59:59Z") == ["P0", "P1"]  # 23:59:59 in Beijing
    assert there("2026-02-28T16:00:00Z") == ["P0", "P2"]
    assert there("2026-02-01/2026-05-01") == ["P0", "P1", "P2", "P4"]
    assert there("../2025-12-31") == ["P0", "P3"]
    assert there("2027-01-01T00:00:00Z/") == ["P0", "P2"]
    told = got(client, "/ogc/collections/parks/items", filter="\"until\" < DATE('2026-05-01')")
    assert ids(told) == ["P1", "P3"]
    overlap = "T_INTERSECTS(INTERVAL(\"from\",\"until\"),INTERVAL('2026-02-01','2026-05-01'))"
    assert ids(got(client, "/ogc/collections/parks/items", filter=overlap)) == [
        "P0", "P1", "P2", "P4",
    ]  # fmt: skip
    always = got(client, ITEMS, datetime="1999-01-01T00:00:00Z")
    assert always["numberMatched"] == len(sample.stations())  # no station has days
    store.close()


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"limit": "0"}, "limit"),
        ({"limit": "ten"}, "limit"),
        ({"bbox": "1,2,3"}, "bbox"),
        ({"bbox": "1,2,nan,4"}, "bbox"),
        ({"bbox": "1,25,2,24"}, "bbox"),
        ({"bbox": "1,2,500,4"}, "bbox"),
        ({"bbox": "0,0,1,1", "bbox_crs": "EPSG:2100"}, "bbox-crs"),
        ({"crs": "EPSG:9999"}, "crs"),
        ({"datetime": "yesterday"}, "datetime"),
        ({"datetime": "2026-01-02/2026-01-01"}, "datetime"),
        ({"datetime": "../.."}, "datetime"),
        ({"datetime": "2026-11-24T10:00"}, "datetime"),
        ({"filter": "kind ="}, "filter"),
        ({"filter_lang": "cql2-text"}, "filter"),
        ({"filter": "kind = 'x'", "filter_lang": "ecql"}, "filter-lang"),
        ({"capacity": "many"}, "capacity"),
        ({"synthetic": "maybe"}, "synthetic"),
        ({"sortby": "beauty"}, "sortby"),
        ({"after": "S001", "offset": "3"}, "offset"),
        ({"f": "xml"}, "f"),
        ({"lang": "fr"}, "lang"),
        ({"revision": "-1"}, "revision"),
    ],
)
def test_what_is_wrong_is_named(client: FlaskClient, query: dict[str, str], said: str) -> None:
    assert refused(client, ITEMS, **query).startswith(f"{said}:") or said == "offset"


def test_what_everybody_sees_has_a_tag_and_other_hosts_may_show_it(client: FlaskClient) -> None:
    for path in ("/ogc/collections", ITEMS, f"{ITEMS}/S001", "/ogc/collections/stations/tiles"):
        first = client.get(path)
        tag = first.headers["ETag"]
        assert client.get(path, headers={"If-None-Match": tag}).status_code == 304
        assert client.get(f"{path}?f=html").headers["ETag"] != tag
        assert client.get(path, base_url="http://other.example").headers["ETag"] != tag
        assert first.headers["Access-Control-Allow-Origin"] == "*"
        mine = client.get(path, headers=sample.STAFF)
        assert ("ETag" in mine.headers) == (path != "/ogc/collections")


def mercator(lon: Any, lat: Any) -> Any:
    return Transformer.from_crs("OGC:CRS84", "EPSG:3857").transform(lon, lat)


def test_tiles_hold_the_stations_where_they_are(client: FlaskClient) -> None:
    zoom, column, row = 9, 402, 218
    path = f"/ogc/collections/stations/tiles/WebMercatorQuad/{zoom}/{row}/{column}"
    answer = client.get(path)
    assert answer.content_type == "application/vnd.mapbox-vector-tile"
    layer = mapbox_vector_tile.decode(answer.get_data(), default_options={"y_coord_down": True})
    found = {
        each["properties"]["id"]: each["geometry"]["coordinates"]
        for each in layer["stations"]["features"]
    }
    frame, size = sample.stations(), 40_075_016.685578488 / 2**zoom
    x, y = mercator(frame.geometry.x.to_numpy(), frame.geometry.y.to_numpy())
    across = (x + 20_037_508.342789244) / size - column
    down = (20_037_508.342789244 - y) / size - row
    margin = 64 / 4096
    near = (across > -margin) & (across < 1 + margin) & (down > -margin) & (down < 1 + margin)
    assert set(found) == {*frame.index[near]}
    assert 0 < len(found) < 60
    for id_, expected in zip(frame.index, np.column_stack((across, down)) * 4096, strict=True):
        if id_ in found:
            assert np.abs(np.array(found[id_]) - expected).max() <= 1


def test_crowded_tiles_are_counted(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tiles, "MOST", 10)
    answer = client.get("/ogc/collections/stations/tiles/WebMercatorQuad/3/3/6")
    layer = mapbox_vector_tile.decode(answer.get_data())["stations"]
    assert sum(each["properties"]["count"] for each in layer["features"]) == 60
    parks = client.get("/ogc/collections/parks/tiles/WebMercatorQuad/5/13/25")
    shapes = mapbox_vector_tile.decode(parks.get_data())["parks"]["features"]
    assert {each["geometry"]["type"] for each in shapes} <= {"Polygon", "MultiPolygon"}
    assert client.get("/ogc/collections/parks/tiles/WebMercatorQuad/1/2/0").status_code == 404
    assert client.get("/ogc/collections/parks/tiles/WebMercatorQuad/99/0/0").status_code == 404


@pytest.fixture(scope="module")
def two_areas(tmp_path_factory: pytest.TempPathFactory) -> Iterator[APIFlask]:
    with people.filled_store(tmp_path_factory.mktemp("ogc")) as store:
        yield create_app(
            Settings(staff_token=sample.TOKEN, sign_in_limits="9999 per hour"),
            LiveRegistry(store, 1.0, time.monotonic),
            lambda: sample.NOW,
        )


SEEN = {
    "": [], "editor-here": [], "editor-everywhere": [], "inspector-here": people.HERE,
    "inspector-there": people.THERE, "planner-there": people.THERE, "admin-here": people.HERE,
    "inspector-everywhere": sample.POST_PLACES,
}  # fmt: skip


@pytest.mark.parametrize("name", SEEN)
def test_a_restricted_layer_is_its_part_for_each(two_areas: APIFlask, name: str) -> None:
    client, part = people.Browser(two_areas, name).client, SEEN[name]
    named = [each["id"] for each in got(client, "/ogc/collections")["collections"]]
    assert ("border_posts" in named) == bool(part)
    posts = "/ogc/collections/border_posts"
    nothing = "/ogc/collections/no_such_thing"
    paths = ["", "/items", "/items/SECRET-0", "/queryables", "/tiles",
             "/tiles/WebMercatorQuad/0/0/0"]  # fmt: skip
    if not part:
        for path in paths:
            hidden, missing = (client.get(each + path) for each in (posts, nothing))
            assert hidden.status_code == missing.status_code == 404
            assert hidden.get_json()["detail"] == missing.get_json()["detail"]
        return
    points = shapely.points(part)
    told = got(client, f"{posts}/items")
    assert told["numberMatched"] == len(part)
    assert [tuple(each["geometry"]["coordinates"]) for each in told["features"]] == part
    extent = got(client, posts)["extent"]["spatial"]["bbox"]
    assert extent == [shapely.total_bounds(points).tolist()]
    tile = client.get(f"{posts}/tiles/WebMercatorQuad/0/0/0")
    found = mapbox_vector_tile.decode(tile.get_data())["border_posts"]["features"]
    assert len(found) == len(part)
    assert tile.headers["Cache-Control"] == "private, no-store"
    for other in set(sample.posts().index) - set(ids(told)):
        assert client.get(f"{posts}/items/{other}").status_code == 404
        assert ids(got(client, f"{posts}/items", filter=f"id = '{other}'")) == []
    assert got(client, f"{posts}/items", bbox="-180,-90,180,90")["numberMatched"] == len(part)
