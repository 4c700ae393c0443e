"""Minutes over the real roads of Liechtenstein, asked over HTTP."""

from __future__ import annotations

import copy
import dataclasses
import shutil
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
import shapely
from shapely.geometry import Point, shape

from geodata import roads
from geodata.roads import RoadNetwork, RoadsBrokenError, RoadsMissingError, RoadsServerError
from stations import coverage
from stations.coverage import Limit, Need
from stations.reach import ReachCache
from stations.registry import LiveRegistry
from stations.travel import Travel
from tests.web import sample, valley
from web.api import answers
from web.app import create_app
from web.roads import RETRY_S, LiveTravel
from web.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask.testing import FlaskClient

    from stations.store import Store

pytestmark = pytest.mark.shared_data

SERVER = "http://10.0.0.7:8002"
WALK = {"within": "10min", "mode": "walk"}


@pytest.fixture(scope="module")
def folder(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the country's network once."""
    place = tmp_path_factory.mktemp("roads") / "roads"
    roads.build(shared_data / "osm" / "liechtenstein-latest.osm.pbf", place, progress=None)
    return place


@pytest.fixture(scope="module")
def network(folder: Path) -> RoadNetwork:
    return RoadNetwork.open(folder)


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveRegistry]:
    with valley.filled_store(tmp_path_factory.mktemp("store")) as store:
        yield LiveRegistry(store, 1.0, time.monotonic)


@pytest.fixture
def client(live: LiveRegistry, network: RoadNetwork, tmp_path: Path) -> FlaskClient:
    settings = Settings(staff_token=sample.TOKEN)
    kept = ReachCache(tmp_path / "reach")
    app = create_app(settings, live, lambda: sample.NOW, lambda: Travel(network), kept)
    return app.test_client()


@pytest.fixture
def estimating(live: LiveRegistry) -> FlaskClient:
    return create_app(Settings(), live, lambda: sample.NOW).test_client()


def told(client: FlaskClient, path: str, **query: Any) -> Any:
    answer = client.get(f"/api/v1/{path}", query_string=query)
    assert answer.status_code == 200, answer.get_json()
    return answer.get_json()


@pytest.mark.parametrize("mode", ["walk", "ebike", "car", "truck", "straight"])
@pytest.mark.parametrize("by", ["county", "site"])
def test_coverage_is_the_domain_s_answer(
    client: FlaskClient, live: LiveRegistry, network: RoadNetwork, mode: str, by: str
) -> None:
    answer = told(client, "coverage", layer="parks", within="10min", mode=mode, by=by)
    answers.Coverage.model_validate(answer)
    need = Need("parks", Limit(10, "min", mode))
    assert answer == coverage.measure(live.current(), need, Travel(network)).as_dict(by)
    assert (answer["method"]["roads"] is None) == (mode == "straight")


def test_sites_tell_minutes_and_what_they_are_made_of(client: FlaskClient) -> None:
    for path in ("layers/parks", "gaps"):
        query = WALK if path == "layers/parks" else {**WALK, "layer": "parks"}
        answer = told(client, path, **query)
        answers.Sites.model_validate(answer)
        found = {each["id"]: each["properties"] for each in answer["features"]}
        assert found["BENDERN"]["estimated"] is False
        assert found["BENDERN"]["nearest_min"] > 10
        assert found["ACROSS"]["estimated"] is True
        assert 0 < found["ACROSS"]["nearest_min"] < 30


def test_without_roads_every_figure_is_an_estimate(estimating: FlaskClient) -> None:
    answer = told(estimating, "coverage", layer="parks", by="site", **WALK)
    assert answer["method"]["estimated"] == "all"
    assert answer["method"]["roads"] is None
    assert [row["estimated"] for row in answer["rows"]] == [True] * 3
    area = told(estimating, "stations/VADUZ/area", **WALK)["properties"]
    assert (area["estimated"], area["roads"], area["attribution"]) == (True, None, [])


def test_one_mode_s_answer_is_not_another_s(client: FlaskClient) -> None:
    question = {"layer": "parks", "within": "10min", "by": "site"}
    modes = ["walk", "car", "walk", "straight"]
    shares = [told(client, "coverage", mode=mode, **question)["total"] for mode in modes]
    assert shares[0] == shares[2]
    assert shares[0] != shares[1]
    tags = {
        client.get("/api/v1/coverage", query_string={**question, "mode": mode}).headers["ETag"]
        for mode in modes
    }
    assert len(tags) == 3


def test_a_road_closes(client: FlaskClient) -> None:
    question = {"layer": "parks", "hours": "all", **WALK}
    plain = told(client, "coverage", **question)
    closed = told(
        client, "coverage", what_if="road:9.52098,47.1383 9.5201,47.1383 closed", **question
    )
    assert closed["method"]["what_if"] == ["road:9.52098,47.1383 9.5201,47.1383 closed"]
    assert closed["total"]["steps"]["paper"] < plain["total"]["steps"]["paper"]
    assert told(client, "coverage", **question) == plain
    for what_if, said in [
        ("road:102.7,25.0 closed", "lies outside the road network"),
        ("road:9.5454,47.1538 closed", "no road for walk within 50 m"),
        ("road:25,102.7 closed", "swap longitude and latitude"),
    ]:
        query = {**question, "what_if": what_if}
        for path in ("coverage", "gaps", "coverage/week"):
            answer = client.get(f"/api/v1/{path}", query_string=query)
            assert (answer.status_code, said in answer.get_json()["detail"]) == (400, True)


def test_an_area_holds_who_gets_there_in_time(client: FlaskClient, network: RoadNetwork) -> None:
    answer = told(client, "stations/VADUZ/area", **WALK)
    answers.StationArea.model_validate(answer)
    fields = answer["properties"]
    assert (fields["estimated"], fields["unreachable"]) == (False, False)
    assert fields["roads"]["source"] == "liechtenstein-latest.osm.pbf"
    assert fields["attribution"] == ["© OpenStreetMap contributors"]
    area = shape(answer["geometry"])
    target = network.snap([valley.VADUZ[0]], [valley.VADUZ[1]], "walk")
    east = [valley.VADUZ[0] + 0.001 * step for step in range(-12, 13)]
    origins = network.snap(east, [valley.VADUZ[1]] * len(east), "walk")
    minutes = network.matrix(origins, target, "walk").minutes[:, 0]
    for lon, took in zip(east, minutes, strict=True):
        if not 8.5 < took < 11.5:
            assert area.contains(Point(lon, valley.VADUZ[1])) == (took <= 10), (lon, took)


def test_an_area_without_roads_says_what_it_is(client: FlaskClient) -> None:
    abroad = told(client, "stations/ABROAD/area", within="12min", mode="car")
    assert abroad["properties"]["estimated"] is True
    assert shape(abroad["geometry"]).contains(Point(valley.ABROAD))
    alp = told(client, "stations/ALP/area", **WALK)
    answers.StationArea.model_validate(alp)
    assert (alp["geometry"], alp["properties"]["unreachable"]) == (None, True)
    straight = told(client, "stations/VADUZ/area", within="500m")["properties"]
    assert (straight["unit"], straight["mode"], straight["estimated"]) == ("m", "straight", False)


def test_the_area_of_several_is_all_of_theirs(client: FlaskClient) -> None:
    box = "9.4,47.0,9.7,47.3"
    answer = told(client, "service-area", bbox=box, **WALK)
    answers.ServiceArea.model_validate(answer)
    fields = answer["properties"]
    assert (fields["stations"], fields["unreachable"], fields["estimated"]) == (3, 1, False)
    parts = [told(client, f"stations/{id_}/area", **WALK) for id_ in ("VADUZ", "SCHAAN")]
    shapes = [shape(each["geometry"]) for each in parts]
    union = shape(answer["geometry"])
    assert union.symmetric_difference(shapes[0].union(shapes[1])).area < 1e-9
    night = told(client, "service-area", bbox=box, open_at="2026-11-24T23:00", **WALK)
    assert night["properties"]["stations"] == 2
    assert not shape(night["geometry"]).contains(Point(valley.VADUZ))
    none = told(client, "service-area", bbox=box, needs="shower", **WALK)
    assert (none["geometry"], none["properties"]["stations"]) == (None, 0)


@pytest.mark.parametrize(
    ("path", "query", "said"),
    [
        ("stations/VADUZ/area", {"within": "61min"}, "up to 60 min"),
        ("stations/VADUZ/area", {"within": "101km"}, "up to 100000 m"),
        ("stations/VADUZ/area", {"within": "0min"}, "more than 0"),
        ("stations/VADUZ/area", {"within": "soon"}, "within: a limit"),
        ("stations/VADUZ/area", {"mode": "tram"}, "mode:"),
        ("stations/VADUZ/area", {"bbox": "1,2,3,4"}, "bbox: not a parameter here"),
        ("service-area", {}, "bbox: required"),
        ("service-area", {"bbox": ""}, "bbox: required"),
        ("service-area", {"bbox": "170,0,-170,1"}, "across 180°"),
        ("service-area", {"bbox": "9,47,10,48", "open_at": "soon"}, "open_at:"),
        ("coverage", {"layer": "parks", "within": "721min"}, "over roads at most 360 min"),
    ],
)
def test_bad_questions_are_told_what_is_right(
    client: FlaskClient, path: str, query: Any, said: str
) -> None:
    answer = client.get(f"/api/v1/{path}", query_string=query)
    assert answer.status_code == 400
    assert said in answer.get_json()["detail"]


def test_no_such_station_has_no_area(client: FlaskClient) -> None:
    for unknown in ("nobody", "SECRET-0"):
        assert client.get(f"/api/v1/stations/{unknown}/area").status_code == 404


def test_border_posts_reach_is_for_staff(client: FlaskClient, tmp_path: Path) -> None:
    query = {"layer": "border_posts", "by": "site", **WALK}
    for path in ("coverage", "gaps", "layers/border_posts"):
        asked = {**query} if path == "coverage" else {**WALK, "layer": "border_posts"}
        if path.startswith("layers"):
            asked = WALK
        seen = client.get(f"/api/v1/{path}", query_string=asked, headers=sample.STAFF)
        assert seen.status_code == 200
        assert seen.headers["Cache-Control"] == "private, no-store"
        hidden = client.get(f"/api/v1/{path}", query_string=asked)
        assert hidden.status_code == 404
        text = hidden.get_data(as_text=True)
        assert not [place for place in valley.POST_PLACES.values() if str(place[0]) in text]
    assert list((tmp_path / "reach").iterdir())
    assert (tmp_path / "reach").stat().st_mode & 0o077 == 0


def test_the_service_names_its_network(client: FlaskClient, network: RoadNetwork) -> None:
    for path in ("/healthz", "/api/v1/register"):
        named = client.get(path).get_json()["roads"]
        assert named["source"] == "liechtenstein-latest.osm.pbf"
        assert network.info.id.startswith(named["id"])
        assert str(network.info.where) not in client.get(path).get_data(as_text=True)
    assert client.get("/api/v1/register").get_json()["attribution"]


def test_where_a_road_server_is_is_nobody_s_business(
    live: LiveRegistry, network: RoadNetwork
) -> None:
    remote = copy.copy(network)
    remote.info = dataclasses.replace(network.info, source=SERVER, where=SERVER)
    app = create_app(Settings(), live, lambda: sample.NOW, lambda: Travel(remote))
    client = app.test_client()
    asked: list[tuple[str, dict[str, str]]] = [
        ("/healthz", {}),
        ("/api/v1/register", {}),
        ("/api/v1/coverage", {"layer": "parks", **WALK}),
        ("/api/v1/coverage", {"layer": "parks", "hours": "all", **WALK}),
        ("/api/v1/gaps", {"layer": "parks", **WALK}),
        ("/api/v1/gaps", {"layer": "parks", "hours": "all", **WALK}),
        ("/api/v1/coverage/week", {"layer": "parks", **WALK}),
        ("/api/v1/layers/parks", WALK),
        ("/api/v1/stations/VADUZ/area", WALK),
        ("/api/v1/nearest", {"lon": "9.52", "lat": "47.14"}),
    ]
    for path, query in asked:
        answer = client.get(path, query_string=query)
        assert answer.status_code == 200, path
        assert "10.0.0.7" not in answer.get_data(as_text=True), path
    answer = client.get(*asked[2][:1], query_string=asked[2][1]).get_json()
    assert answer["method"]["roads"]["source"] == "valhalla"


def test_roads_far_from_all_stations_are_not_named(store: Store, network: RoadNetwork) -> None:
    live = LiveRegistry(store, 1.0, time.monotonic)
    app = create_app(Settings(), live, lambda: sample.NOW, lambda: Travel(network))
    client = app.test_client()
    assert told(client, "register")["attribution"] == []
    method = told(client, "coverage", layer="parks", **WALK)["method"]
    assert (method["estimated"], method["roads"]) == ("all", None)
    area = told(client, "stations/S001/area", **WALK)["properties"]
    assert (area["estimated"], area["roads"], area["attribution"]) == (True, None, [])


class Ticks:
    """A clock that is set by hand."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def failure(live: LiveTravel) -> type[Exception] | None:
    return None if live.error is None else type(live.error)


def test_a_network_built_while_the_server_runs_is_used(folder: Path, tmp_path: Path) -> None:
    place, clock = tmp_path / "roads", Ticks()
    live = LiveTravel(str(place), clock, required=False, poll_s=2.0)
    assert live().roads is None
    shutil.copytree(folder, place)
    assert live().roads is None, "not looked at yet"
    clock.now = 2.0
    first = live().roads
    assert first is not None
    clock.now = 4.0
    assert live().roads is first, "nothing new: not opened again"


def test_a_newer_network_that_is_broken_leaves_the_old_one(folder: Path, tmp_path: Path) -> None:
    place, clock = tmp_path / "roads", Ticks()
    shutil.copytree(folder, place)
    live = LiveTravel(str(place), clock, poll_s=2.0)
    before = live().roads
    name = (place / "current").read_text()
    (place / "current").write_text("network-that-is-not-there")
    clock.now = 2.0
    assert live().roads is before
    assert failure(live) is RoadsBrokenError
    (place / "current").write_text(name)
    clock.now = 2.0 + RETRY_S
    assert live().roads is before
    assert failure(live) is None
    shutil.rmtree(place)
    clock.now = 4.0 + RETRY_S
    assert live().roads is before


def test_what_cannot_be_opened_is_told_of_until_it_can(folder: Path, tmp_path: Path) -> None:
    place, clock = tmp_path / "roads", Ticks()
    live = LiveTravel(str(place), clock)
    assert live().roads is None
    assert failure(live) is RoadsMissingError
    assert LiveTravel(str(place), clock, required=False).error is None
    shutil.copytree(folder, place)
    tiles = next(place.glob("network-*/tiles.tar"))
    whole = tiles.read_bytes()
    tiles.write_bytes(whole[:-512])
    clock.now = RETRY_S
    assert live().roads is None
    assert failure(live) is RoadsBrokenError
    tiles.write_bytes(whole)
    clock.now = 2 * RETRY_S
    assert live().roads is not None
    assert live.error is None


def test_tiles_that_are_written_to_are_read_no_more(folder: Path, tmp_path: Path) -> None:
    """The engine has them mapped: to read what is gone would end the process."""
    place, clock = tmp_path / "roads", Ticks()
    shutil.copytree(folder, place)
    live = LiveTravel(str(place), clock)
    tiles = next(place.glob("network-*/tiles.tar"))
    size = tiles.stat().st_size
    for damage in (b"", bytes(range(256)) * (size // 256) + bytes(size % 256)):
        whole = tiles.read_bytes()
        assert live().roads is not None
        tiles.write_bytes(damage)
        clock.now += 2 * RETRY_S
        assert live().roads is None
        assert failure(live) is RoadsBrokenError
        tiles.write_bytes(whole)
        clock.now += 2 * RETRY_S


class Lost:
    """An engine's server that answers nothing while it is lost, and that it is there otherwise."""

    batch, many_origins, intact, lost = 20, False, True, False

    def __init__(self) -> None:
        self.asked = 0

    def ask(self, action: str, _: dict[str, Any]) -> Any:
        self.asked += 1
        if self.lost:
            raise RoadsServerError("no answer")
        assert action == "status"
        return {}


def test_riders_get_estimates_while_a_server_is_lost(
    live: LiveRegistry, network: RoadNetwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, engine = Ticks(), Lost()
    info = dataclasses.replace(network.info, id="a server's")
    remote = RoadNetwork(engine, info, shapely.STRtree([]))
    monkeypatch.setattr(RoadNetwork, "open", lambda *_, **__: remote)
    travel = LiveTravel(SERVER, clock)
    client = create_app(Settings(), live, lambda: sample.NOW, travel).test_client()
    engine.lost = True
    place = {"lon": valley.VADUZ[0], "lat": valley.VADUZ[1], "mode": "walk"}
    for _ in range(3):
        found = told(client, "nearest", **place)["stations"]
        assert found
        assert all(each["estimated"] for each in found)
    assert engine.asked == 1, "nobody waits for what is lost"
    [roads_told] = [each for each in client.get("/readyz").get_json()["checks"]
                    if each["name"] == "roads"]  # fmt: skip
    assert "minutes are estimates" in roads_told["problem"]
    assert travel().roads is remote
    answer = client.get("/api/v1/coverage", query_string={"layer": "parks", **WALK})
    assert answer.status_code == 503, "planners are told instead"
    engine.lost, clock.now = False, RETRY_S
    assert travel.riders().roads is remote
    assert travel.error is None


def test_other_requests_do_not_wait_for_the_roads(
    client: FlaskClient, network: RoadNetwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go = threading.Event(), threading.Event()
    real = RoadNetwork.pairs

    def held(self: RoadNetwork, *asked: Any, **more: Any) -> Any:
        begun.set()
        assert go.wait(30)
        return real(self, *asked, **more)

    monkeypatch.setattr(RoadNetwork, "pairs", held)
    found: list[Any] = []
    ask = {"layer": "parks", "within": "13min", "by": "site"}
    threads = [
        threading.Thread(target=lambda: found.append(told(client, "coverage", **ask)))
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    assert begun.wait(30)
    for path in ("nearest?lon=9.5&lat=47.1", "coverage?layer=parks&within=1km", "stations"):
        assert client.get(f"/api/v1/{path}").status_code == 200
    go.set()
    for thread in threads:
        thread.join()
    assert found[0] == found[1]


def test_a_tag_is_of_one_network(client: FlaskClient, estimating: FlaskClient) -> None:
    for path, query, same in [
        ("coverage", {"layer": "parks", **WALK}, False),
        ("gaps", {"layer": "parks", **WALK}, False),
        ("stations/VADUZ/area", WALK, False),
        ("register", {}, False),
        ("coverage", {"layer": "parks", "within": "1km"}, True),
    ]:
        asked = [each.get(f"/api/v1/{path}", query_string=query) for each in (client, estimating)]
        tags = {answer.headers["ETag"] for answer in asked}
        assert (len(tags) == 1) == same, path
        held = {"If-None-Match": asked[1].headers["ETag"]}
        again = client.get(f"/api/v1/{path}", query_string=query, headers=held)
        assert again.status_code == (304 if same else 200)
