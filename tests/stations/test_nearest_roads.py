"""Nearest by road: against trying every way, on roads computed by hand and on real ones."""

from __future__ import annotations

import math
import multiprocessing
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from shapely import Point

from geodata import osm
from geodata.geodesy import LonLat, distance_m
from geodata.roads import Ways
from stations import nearest
from stations.nearest import roads as by_road
from stations.nearest.nothing import NO_WAY
from stations.travel import Travel, mode_of
from tests.examples import few
from tests.roads import liechtenstein_folder, liechtenstein_roads
from tests.stations import small_roads
from tests.stations.small_roads import AREA, TRACKLESS, SmallRoads
from tests.stations.test_nearest_expected import (
    AT,
    Brute,
    question,
    seeds,
    sized,
    stations,
    world,
)
from tests.stations.worlds import register

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection
    from pathlib import Path
    from random import Random

    from geodata.roads import RoadNetwork, Snapped
    from stations.nearest import Hit
    from stations.registry import Registry

__all__ = ["liechtenstein_folder", "liechtenstein_roads"]

type Place = tuple[float, float]

PLAIN, WALL, BORDER, PATHLESS = (102.6, 25.2), (102.6, 25.77), (101.97, 25.6), (102.47, 25.47)
DAY_MIN = 1440.0


class HandRoads(SmallRoads):
    """Small roads that are asked for tables, too."""

    def matrix(self, origins: Snapped, targets: Snapped, mode: str) -> Ways:
        shape = origins.lon.size, targets.lon.size
        rows, columns = (each.ravel() for each in np.indices(shape))
        found = self.pairs(origins, targets, rows, columns, mode)
        return Ways(found.minutes.reshape(shape), found.metres.reshape(shape))


class SlowRoads(HandRoads):
    """Where every way takes twice as long."""

    def matrix(self, origins: Snapped, targets: Snapped, mode: str) -> Ways:
        found = super().matrix(origins, targets, mode)
        return Ways(2 * found.minutes, found.metres)


def travel(id_: str = "small") -> Travel:
    roads: Any = HandRoads(id_)
    return Travel(roads)


def way(here: Place, there: Place, mode: str) -> tuple[float, bool]:
    """Return minutes, and whether they are an estimate, as README.md words it."""
    inside = [AREA.intersects(Point(place)) for place in (here, there)]
    strayed = [TRACKLESS.intersects(Point(place)) for place in (here, there)]
    if all(inside) and not any(strayed):
        return small_roads.road_minutes(here, there), False
    if strayed[1] and not strayed[0]:
        return math.inf, False
    metres = float(distance_m([here[0]], [here[1]], [there[0]], [there[1]])[0])
    return metres * mode_of(mode).minutes_per_m, True


@dataclass
class Table(Brute):
    """The model with every way measured."""

    way: Callable[[Place, Place, str], tuple[float, bool]] = way

    def __post_init__(self) -> None:
        super().__post_init__()
        ends = self.registry.destinations.wgs84.tolist()
        self.ends = {self.place(row): tuple(end) for row, end in enumerate(ends)}

    def told(self, here: Place, there: Place) -> tuple[float, bool]:
        ends = (self.ends.get(here, here), self.ends.get(there, there))
        return self.way(*ends, self.asked["mode"])

    def minutes(self, here: Place, there: Place) -> float:
        return self.told(here, there)[0]

    def state(self, row: int, after: float) -> str:
        return "no way" if math.isinf(after) else super().state(row, after)


def spread(draw: Random, least: int, most: int) -> tuple[list[dict[str, Any]], Place]:
    """Make stations in one corner of the roads, some with an entrance, and someone who asks."""
    x, y = draw.choice([PLAIN, PLAIN, WALL, BORDER, PATHLESS])

    def place(far: float = 0.06) -> Place:
        return x + draw.random() * far, y + draw.random() * far

    made = stations(draw, least, most)
    for one in made:
        one["place"] = place()
        if draw.random() < 0.3:
            away = (draw.uniform(-0.004, 0.004) for _ in range(2))
            lon, lat = (a + b for a, b in zip(one["place"], away, strict=True))
            one |= {"entrance_lon": lon, "entrance_lat": lat}
    return made, place()


def check(registry: Registry, origin: Place, asked: dict[str, Any], how: Travel) -> list[Hit]:
    table = Table(registry, origin, {**asked, "by": asked.get("by") or "time"})
    hits = nearest.find(registry, LonLat(*origin), at=AT, travel=how, **asked)
    best = table.ranked()[: asked["limit"]]
    assert [registry.position_of(hit.station["id"]) for hit in hits] == [one[1] for one in best]
    for hit, (_, row, _, total, others) in zip(hits, best, strict=True):
        assert hit.visit is not None
        assert hit.visit.expected_minutes == pytest.approx(total, abs=0.006)
        same(hit.said, *table.told(origin, table.place(row)))
        straight = distance_m(*([each] for each in (*origin, *table.place(row))))[0]
        assert hit.distance_m == pytest.approx(straight, abs=1e-3)
        fallback = hit.visit.fallback
        if fallback is None:
            assert not others
        else:
            chosen = registry.position_of(fallback["id"])
            assert others[chosen] == pytest.approx(min(others.values()), abs=1e-6)
            same(fallback, *table.told(table.place(row), table.place(chosen)))
    return hits


def same(said: dict[str, Any], minutes: float, estimated: bool) -> None:  # noqa: FBT001 - a pair
    assert said["estimated"] == estimated
    assert said["minutes"] == pytest.approx(minutes, abs=0.006)
    road_m = None if estimated else pytest.approx(minutes * small_roads.M_PER_MIN, abs=1e-3)
    assert said["road_m"] == road_m


@few(50)
@given(seeds)
def test_order_and_fallback_are_those_of_the_whole_table(draw: Random) -> None:
    made, origin = spread(draw, 0, 12)
    asked = {**question(draw), "mode": draw.choice(["walk", "ebike", "car"])}
    check(world(made), origin, asked, travel())


@settings(deadline=None, max_examples=15)
@given(seeds)
def test_among_many_stations_too_and_step_by_step(draw: Random) -> None:
    made, origin = spread(draw, 60, 80)
    asked = {**question(draw), "mode": draw.choice(["walk", "ebike"])}
    sizes = {"search._FIRST": 2, "search._EACH": 1, "search._AT_ONCE": 2, "onward._DEAR": 1}
    with pytest.MonkeyPatch.context() as patch:
        sized(patch, {**sizes, "BESIDE": 2, "around._MASKED": 20})
        check(world(made), origin, asked, travel())
    check(world(made), origin, asked, travel())


def asked_for(**more: Any) -> dict[str, Any]:
    return {
        "limit": 5,
        "needs": (),
        "open_": "any",
        "by": "time",
        "mode": "walk",
        "stay": 0.0,
        "within_m": np.inf,
        "access": (),
        "ebike": False,
        **more,
    }


def test_few_ways_are_asked_for_and_none_twice() -> None:
    draw = np.random.default_rng(3)
    grid = enumerate(draw.uniform(0, 0.3, (400, 2)))
    places: dict[str, Any] = {f"s{n:03}": (Point(102.2 + x, 25.1 + y), {}) for n, (x, y) in grid}
    registry, how = register(places), travel()
    roads: Any = how.roads
    for number in range(2):
        nearest.find(registry, LonLat(102.35, 25.25), at=AT, travel=how, limit=5, by="time")
        first = {row for row in roads.asked if row[:2] == (102.35, 25.25)}
        assert len(first) < 40
        assert len(roads.asked) == len(set(roads.asked)) + number * len(first)
    assert roads.snapped < 150


def test_the_way_ends_at_the_entrance_however_far_off_the_pin_is() -> None:
    """The one with its door beside the asker and its pin behind all the others."""
    x, y = PLAIN
    door = {"entrance_lon": x + 0.0003, "entrance_lat": y}
    places: dict[str, Any] = {f"s{n:02}": (Point(x + 0.0006, y + n / 1e6), {}) for n in range(30)}
    registry = register({**places, "a": (Point(x + 0.03, y), door)})
    for within_m in (np.inf, 3100.0):
        [hit] = check(registry, PLAIN, asked_for(limit=1, within_m=within_m), travel())
        assert hit.station["id"] == "a"
        assert hit.distance_m > 3000
    [hit] = check(registry, PLAIN, asked_for(limit=1, within_m=2900.0), travel())
    assert hit.station["id"] != "a"


def test_a_door_that_opens_while_one_is_on_the_way_is_open() -> None:
    x, y = PLAIN
    roundabout = next(
        place
        for place in ((x + 0.03 + step / 1e4, y) for step in range(100))
        if 80 < small_roads.road_minutes(PLAIN, place) < 120
    )
    places: dict[str, Any] = {
        "a": (Point(roundabout), {"opening_hours": "14:15-20:00"}),
        "b": (Point(x + 0.01, y), {"opening_hours": "14:15-20:00"}),
        "c": (Point(x + 0.02, y), {"opening_hours": "24/7"}),
    }
    hits = check(register(places), PLAIN, asked_for(open_="arrival"), travel())
    assert [hit.station["id"] for hit in hits] == ["c", "a"]


def test_another_network_gives_other_answers() -> None:
    registry, here = register({"a": (Point(PLAIN), {})}), LonLat(102.61, 25.2)
    slow: Any = SlowRoads("slow")
    one, other = travel("one"), Travel(slow)
    [before] = nearest.find(registry, here, limit=1, travel=one)
    assert before.said["estimated"] is False
    [after] = nearest.find(registry, here, limit=1, travel=other)
    assert after.minutes == pytest.approx(2 * before.minutes, abs=0.02)
    [again] = nearest.find(registry, here, limit=1, travel=one)
    assert again == before


def test_what_no_way_leads_to_is_not_offered_but_said() -> None:
    """A station beside the asker on the other side of the wall, and one far off on this side."""
    lat = small_roads.WALL_LAT
    places: dict[str, Any] = {
        "far": (Point(102.6, lat - 0.05), {}),
        "wall": (Point(102.6, lat + 0.001), {}),
    }
    registry, here = register(places), LonLat(102.6, lat - 0.001)
    ways: list[dict[str, Any]] = [{"by": "time"}, {"by": "distance"}, {"open_": "arrival"}]
    for more in ways:
        [hit] = nearest.find(registry, here, limit=5, at=AT, travel=travel(), **more)
        assert (hit.station["id"], hit.said["estimated"]) == ("far", False)
        assert hit.visit is not None
        assert hit.visit.fallback is None
        assert hit.visit.why[1]["zh"].endswith("没有道路可到")
        assert hit.visit.why[1]["en"].endswith("no way by road")
    assert [
        hit.station["id"] for hit in nearest.find(registry, here, limit=5, travel=travel())
    ] == ["far"]
    straight = nearest.find(registry, here, limit=5, at=AT, travel=travel(), mode="straight")
    assert [hit.station["id"] for hit in straight] == ["wall", "far"]


def test_off_the_roads_minutes_are_estimates_and_say_so() -> None:
    places: dict[str, Any] = {
        "hut": (Point(102.45, 25.451), {}),
        "road": (Point(102.45, 25.39), {}),
    }
    registry = register(places)
    field = nearest.find(registry, LonLat(102.45, 25.45), limit=5, at=AT, travel=travel())
    assert [(hit.station["id"], hit.said["estimated"]) for hit in field] == [
        ("hut", True),
        ("road", True),
    ]
    assert field[0].minutes == pytest.approx(
        field[0].distance_m * mode_of("walk").minutes_per_m, abs=0.006
    )
    outside = nearest.find(registry, LonLat(101.9, 25.45), limit=5, at=AT, travel=travel())
    assert [(hit.station["id"], hit.said["estimated"]) for hit in outside] == [("road", True)]


def test_who_is_cut_off_is_told_so_before_all_stations_are_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(by_road, "MOST", 50)
    lat = small_roads.WALL_LAT + 0.01
    places: dict[str, Any] = {
        f"s{n:03}": (Point(102.3 + n / 1000, lat - 0.05), {}) for n in range(300)
    }
    how = travel()
    asked: list[dict[str, Any]] = [{"at": AT, "by": "time"}, {"at": AT, "open_": "arrival"}, {}]
    for more in asked:
        none = nearest.find(register(places), LonLat(102.4, lat), limit=5, travel=how, **more)
        assert (none, none.why_none) == ([], NO_WAY)
    roads: Any = how.roads
    assert len(roads.asked) <= 3 * (50 + 16)


def test_what_is_prepared_is_not_asked_for_again() -> None:
    places: dict[str, Any] = {
        f"s{n}": (Point(102.6 + n / 500, 25.2), {"opening_hours": "24/7"}) for n in range(8)
    }
    registry, how, here = register(places), travel(), LonLat(102.6003, 25.2003)
    roads: Any = how.roads
    nearest.prepare(registry, how)
    roads.asked, roads.snapped = [], 0
    hits = nearest.find(registry, here, limit=3, at=AT, open_="arrival", travel=how)
    assert all(hit.visit is not None and hit.visit.fallback for hit in hits)
    assert roads.snapped == 1
    assert {each[:2] for each in roads.asked} == {tuple(here)}


def test_an_empty_answer_says_why() -> None:
    lat = small_roads.WALL_LAT
    places: dict[str, Any] = {
        "shut": (Point(102.6, lat - 0.01), {"opening_hours": "off"}),
        "wall": (Point(102.6, lat + 0.01), {"amenities": "shower"}),
    }
    registry, here = register(places), LonLat(102.6, lat - 0.001)

    def why(**more: Any) -> str | None:
        found = nearest.find(registry, here, **{"limit": 5, "at": AT, "travel": travel(), **more})
        assert bool(found) == (found.why_none is None)
        return found.why_none and found.why_none.code

    assert why() is None
    assert why(open_="arrival") == why(open_="now") == "shut"
    for open_ in nearest.OPEN:
        assert why(needs=["shower"], open_=open_) == "no_way"
        assert why(needs=["shower"], open_=open_, mode="straight") is None
        assert why(needs=["washer"], open_=open_) == "none_fits"
        assert why(within_m=10, open_=open_) == "none_fits"
    assert why(at=None, needs=["shower"]) == "no_way"
    assert why(at=None, needs=["shower"], mode="straight") is None
    abroad = {"travel": Travel(), "open_": "arrival", "needs": ["shower"]}
    assert why(**abroad) is None
    far = nearest.find(registry, LonLat(-60, -30), limit=1, at=AT, open_="arrival")
    assert far.why_none is not None
    assert far.why_none.code == "too_far"


POINTS, MODES = 200, ("walk", "ebike", "car")
DIFFER = {"walk": 77, "ebike": 95, "car": 76}
"""Of 200 points, how many are nearest to another station by road than in a straight line."""


def toilets(shared_data: Path) -> Registry:
    wanted = {"toilets": osm.parse_filter("amenity=toilets", "points")}
    found = osm.extract(shared_data / "osm" / "liechtenstein-latest.osm.pbf", wanted)
    shapes = found["toilets"].geometry
    return register(
        {f"s{n:02}": (shape, {"opening_hours": "24/7"}) for n, shape in enumerate(shapes)}
    )


def places(roads: RoadNetwork, mode: str) -> tuple[np.ndarray, np.ndarray]:
    """Return random points of the country with a road near."""
    lon, lat = np.random.default_rng(7).uniform((9.48, 47.06), (9.60, 47.24), (3 * POINTS, 2)).T
    kept = np.flatnonzero(roads.snap(lon, lat, mode).found)[:POINTS]
    return lon[kept], lat[kept]


@pytest.mark.shared_data
@pytest.mark.parametrize("mode", MODES)
def test_real_roads_agree_with_the_full_matrix(
    shared_data: Path, liechtenstein_roads: RoadNetwork, mode: str
) -> None:
    roads, registry = liechtenstein_roads, toilets(shared_data)
    lon, lat = places(roads, mode)
    ends = roads.snap(registry.lon, registry.lat, mode)
    here = roads.matrix(roads.snap(lon, lat, mode), ends, mode)
    between = roads.matrix(ends, ends, mode)
    origins = {place: row for row, place in enumerate(zip(lon.tolist(), lat.tolist(), strict=True))}
    rows = {
        place: row
        for row, place in enumerate(zip(registry.lon.tolist(), registry.lat.tolist(), strict=True))
    }

    def measured(a: Place, b: Place, _mode: str) -> tuple[float, bool]:
        table, row = (between, rows[a]) if a in rows else (here, origins[a])
        return float(table.minutes[row, rows[b]]), False

    differ = 0
    asked = asked_for(mode=mode, limit=3)
    for place, row in origins.items():
        table = Table(registry, place, asked, measured)
        hits = nearest.find(
            registry, LonLat(*place), at=AT, travel=Travel(roads), limit=3, by="time", mode=mode
        )
        best = table.ranked()[:3]
        assert [registry.position_of(hit.station["id"]) for hit in hits] == [e[1] for e in best]
        for hit, (_, station, _, total, others) in zip(hits, best, strict=True):
            assert hit.visit is not None
            assert hit.minutes == round(float(here.minutes[row, station]), 2)
            assert hit.road_m == round(float(here.metres[row, station]), 3)
            assert hit.visit.expected_minutes == pytest.approx(total, abs=0.006)
            assert hit.visit.fallback is not None
            chosen = registry.position_of(hit.visit.fallback["id"])
            assert others[chosen] == pytest.approx(min(others.values()), abs=1e-6)
        [straight] = nearest.find(registry, LonLat(*place), limit=1, mode="straight")
        differ += registry.position_of(straight.station["id"]) != here.minutes[row].argmin()
    assert differ == DIFFER[mode]


EAST_BANK, WEST_BANK = (9.52055, 47.24239), (9.51815, 47.24239)
"""182 m apart, the Rhine between them."""


@pytest.mark.shared_data
def test_the_far_bank_of_the_rhine_is_far(liechtenstein_roads: RoadNetwork) -> None:
    inland = (9.5250, 47.2420)
    rows = {
        "bank": (Point(WEST_BANK), {"opening_hours": "24/7", "name": "对岸站"}),
        "inland": (Point(inland), {"opening_hours": "24/7", "name": "本岸站"}),
    }
    here, how = LonLat(*EAST_BANK), Travel(liechtenstein_roads)
    registry = register(rows)
    first, second = nearest.find(
        registry, here, limit=2, at=AT, open_="arrival", mode="walk", travel=how
    )
    assert (first.station["id"], second.station["id"]) == ("inland", "bank")
    assert second.distance_m < 200 < first.distance_m
    assert first.minutes < 9
    assert 12 < second.minutes < 20
    assert first.visit is not None
    assert f"按道路要 {second.minutes:.0f} 分钟" in first.visit.why[1]["zh"]
    assert f"“对岸站” (182 m): {second.minutes:.0f} minutes by road" in first.visit.why[1]["en"]
    nearest_of_all = nearest.find(registry, here, limit=1, at=AT, mode="walk", travel=how)
    assert nearest_of_all[0].station["id"] == "inland"
    by_distance = nearest.find(
        registry, here, limit=2, at=AT, mode="walk", travel=how, by="distance"
    )
    assert [(hit.station["id"], hit.said["estimated"]) for hit in by_distance] == [
        ("bank", False),
        ("inland", False),
    ]
    assert by_distance[0].road_m == second.road_m
    [straight, _] = nearest.find(registry, here, limit=2, at=AT, open_="arrival", mode="walk")
    assert (straight.station["id"], straight.said["road_m"]) == ("bank", None)


def asking(registry: Registry, how: Travel, origins: list[Place]) -> list[Any]:
    return [
        hit.as_dict()
        for place in origins
        for hit in nearest.find(
            registry, LonLat(*place), limit=3, at=AT, open_="arrival", mode="ebike", travel=how
        )
    ]


def in_threads(registry: Registry, how: Travel, origins: list[Place]) -> list[Any]:
    with ThreadPoolExecutor(4) as pool:
        parts = pool.map(
            lambda part: asking(registry, how, part), [origins[i::4] for i in range(4)]
        )
        return [hit for part in parts for hit in part]


def in_process(registry: Registry, how: Travel, origins: list[Place], into: Connection) -> None:
    into.send(in_threads(registry, how, origins))


@pytest.mark.shared_data
def test_two_processes_with_threads_answer_as_one_does(
    shared_data: Path, liechtenstein_roads: RoadNetwork
) -> None:
    registry, how = toilets(shared_data), Travel(liechtenstein_roads)
    lon, lat = (each[:40].tolist() for each in places(liechtenstein_roads, "ebike"))
    origins = list(zip(lon, lat, strict=True))
    asking(registry, how, origins[:2])  # an engine is running when the processes fork
    fork = multiprocessing.get_context("fork")
    pipes = [fork.Pipe(duplex=False) for _ in range(2)]
    workers = [
        fork.Process(target=in_process, args=(registry, how, origins, into)) for _, into in pipes
    ]
    for worker in workers:
        worker.start()
    told = [out.recv() for out, _ in pipes]
    for worker in workers:
        worker.join()
    alone = asking(toilets(shared_data), how, [each for i in range(4) for each in origins[i::4]])
    assert told[0] == told[1] == alone
    assert in_threads(toilets(shared_data), how, origins) == alone
    assert len(alone) > 2 * len(origins)
