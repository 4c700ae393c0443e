"""Coverage in truth over the real roads of Liechtenstein: a road closes, ways beyond the limit."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import shapely

from geodata.errors import PositionError, UsageError
from geodata.geodesy import LonLat
from stations import coverage
from stations.coverage import (
    ClosedRoad,
    Limit,
    Need,
    ReachCache,
    Terms,
    Travel,
    parse_hours,
    parse_what_if,
)
from stations.coverage.answer import _network
from stations.reach.by_road import RoadReach
from tests.roads import liechtenstein_folder, liechtenstein_roads
from tests.stations.worlds import register

if TYPE_CHECKING:
    from pathlib import Path

    from geodata.roads import RoadNetwork
    from stations.coverage import Truth
    from stations.registry import Registry

__all__ = ["liechtenstein_folder", "liechtenstein_roads"]

MANY = 50
"""Fewer than there are gaps."""
TEN = Need("points", Limit(10, "min", "walk"))
CLOSED = "road:9.520980,47.138300 9.520100,47.138300 closed"


@pytest.fixture(scope="module")
def registry() -> Registry:
    """Make two stations in Vaduz and Schaan, of which one is shut at night, and places about."""
    stations: dict[str, Any] = {
        "vaduz": (shapely.Point(9.5209, 47.1397), {"opening_hours": "Mo-Su 08:00-20:00"}),
        "schaan": (shapely.Point(9.5095, 47.1650), {"opening_hours": "24/7"}),
        "abroad": (shapely.Point(9.80, 47.40), {"opening_hours": "24/7"}),
    }
    places = np.random.default_rng(7).uniform((9.512, 47.130), (9.527, 47.150), (60, 2))
    points: dict[str, Any] = {
        f"p{n:02}": (shapely.Point(place), {"workers": 10}) for n, place in enumerate(places)
    }
    points["beyond"] = (shapely.Point(9.81, 47.41), {"workers": 10})
    points["alp"] = (shapely.Point(9.5454, 47.1538), {"workers": 10})
    x, y = 9.517, 47.133
    parks: dict[str, Any] = {"park": (shapely.box(x - 0.003, y - 0.003, x + 0.003, y + 0.003), {})}
    return register(stations, {"points": points, "parks": parks})


def ask(
    registry: Registry,
    travel: Travel,
    *supposed: str,
    need: Need = TEN,
    cache: ReachCache | None = None,
    hours: str = "all",
) -> Truth:
    changes = tuple(map(parse_what_if, supposed))
    terms = Terms(hours=parse_hours(hours), supposed=changes)
    return coverage.truth(registry, need, terms, travel, cache)


def test_a_closed_road_is_read() -> None:
    road = parse_what_if("  road: 9.52,47.14   9.53,47.15 closed ")
    assert road == ClosedRoad(
        "road: 9.52,47.14 9.53,47.15 closed", (LonLat(9.52, 47.14), LonLat(9.53, 47.15))
    )
    with pytest.raises(PositionError, match="swap"):
        parse_what_if("road:25.0,102.7 closed")
    for wrong in ("road:9.52,47.14", "road:9.52,47.14 shut", "road: closed"):
        with pytest.raises(UsageError, match=r"road:102\.7183,25\.0389 closed"):
            parse_what_if(wrong)


@pytest.mark.shared_data
def test_a_closed_road_shows_in_the_difference(
    registry: Registry, liechtenstein_roads: RoadNetwork, tmp_path: Path
) -> None:
    travel, cache = Travel(liechtenstein_roads), ReachCache(tmp_path)
    plain = ask(registry, travel, cache=cache)
    closed = ask(registry, travel, CLOSED, cache=cache)
    assert closed.method()["what_if"] == [CLOSED]
    points = registry.layer("points").sites
    lon, lat = shapely.get_coordinates(points.geometry.to_numpy()).T
    network = liechtenstein_roads.closing([9.52098, 9.5201], [47.1383, 47.1383], "walk")
    origins, doors = (
        network.snap(x, y, "walk") for x, y in ((lon, lat), ([9.5209, 9.5095], [47.1397, 47.165]))
    )
    best = network.matrix(origins, doors, "walk").minutes.min(axis=1)
    covered = closed.paper.sites["covered"].to_numpy()[origins.inside]
    np.testing.assert_array_equal(covered, best[origins.inside] <= 10)
    assert closed.total()["steps"]["paper"] < plain.total()["steps"]["paper"]
    again = ask(registry, travel, cache=ReachCache(tmp_path))
    assert again.total() == plain.total()
    assert ask(registry, travel, CLOSED, cache=ReachCache(tmp_path)).total() == closed.total()


@pytest.mark.shared_data
def test_a_closed_road_and_a_change_of_stations_add_up(
    registry: Registry, liechtenstein_roads: RoadNetwork
) -> None:
    travel = Travel(liechtenstein_roads)
    both = ask(registry, travel, CLOSED, "station:vaduz open")
    road = ask(registry, travel, CLOSED)
    assert both.total()["steps"]["paper"] == road.total()["steps"]["paper"]
    assert both.total()["steps"]["hours"] > road.total()["steps"]["hours"]


@pytest.mark.shared_data
@pytest.mark.parametrize(
    ("need", "what_if", "said"),
    [
        (Need("points", Limit(800)), CLOSED, "only to minutes, such as 10min, not 800m"),
        (Need("points", Limit(10, "min", "straight")), CLOSED, "only where a road network"),
        (TEN, "road:9.5454,47.1538 closed", "no road for walk within 50 m of 9.5454,47.1538"),
        (TEN, "road:102.7,25.0 closed", "102.7,25 lies outside the road network"),
    ],
)
def test_what_cannot_be_closed_is_said(
    registry: Registry, liechtenstein_roads: RoadNetwork, need: Need, what_if: str, said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        ask(registry, Travel(liechtenstein_roads), what_if, need=need)


def test_without_a_network_no_road_can_be_closed(registry: Registry) -> None:
    with pytest.raises(UsageError, match="only where a road network"):
        ask(registry, Travel(), CLOSED)


@pytest.mark.shared_data
def test_the_nearest_usable_is_told_by_road_beyond_the_limit(
    registry: Registry, liechtenstein_roads: RoadNetwork
) -> None:
    """At night only Schaan's door is open: far beyond ten minutes on foot."""
    answer = ask(registry, Travel(liechtenstein_roads), hours="02:00")
    found = answer.gaps()
    assert len(found) > 50
    points = shapely.get_coordinates(registry.layer("points").sites.loc[found.index].geometry)
    origins = liechtenstein_roads.snap(points[:, 0], points[:, 1], "walk")
    schaan = liechtenstein_roads.snap([9.5095], [47.1650], "walk")
    minutes = liechtenstein_roads.matrix(origins, schaan, "walk").minutes[:, 0]
    for row, place, took in zip(found.itertuples(), points, minutes, strict=True):
        if row.Index == "beyond":
            assert (row.usable_id, row.usable_estimated) == ("abroad", True)
        elif row.Index == "alp":
            assert row.unreachable
            assert np.isnan(row.usable_min)
        else:
            assert (row.usable_id, row.usable_estimated) == ("schaan", False), place
            assert row.usable_min == pytest.approx(took, abs=1e-9)
    estimated = ask(registry, Travel(), hours="02:00").gaps()
    assert estimated["usable_estimated"].all()
    assert estimated["usable_min"].notna().all()
    metres = ask(registry, Travel(), hours="02:00", need=Need("points", Limit(800))).gaps()
    assert metres["usable_min"].isna().all()
    assert not metres["usable_estimated"].any()


@pytest.mark.shared_data
@pytest.mark.parametrize(("samples", "asked"), [(0, 1), (7, 7), (10_000, MANY)])
def test_of_so_many_gaps_only_are_the_roads_asked(
    registry: Registry,
    liechtenstein_roads: RoadNetwork,
    monkeypatch: pytest.MonkeyPatch,
    samples: int,
    asked: int,
) -> None:
    answer = ask(registry, Travel(liechtenstein_roads), hours="02:00")
    every = answer.gaps()
    monkeypatch.setattr("stations.coverage.usable.SAMPLES", samples)
    some = answer.gaps()
    told, known = some["usable_estimated"].to_numpy(), every["usable_estimated"].to_numpy()
    np.testing.assert_array_equal(told[:asked], known[:asked])
    assert told[asked + 2 :].all() or asked == MANY  # what lies outside has no sample
    assert not known[:MANY].all()


@pytest.mark.shared_data
def test_an_area_goes_to_the_usable_station_from_its_best_side(
    registry: Registry, liechtenstein_roads: RoadNetwork
) -> None:
    need = Need("parks", Limit(5, "min", "ebike"))
    answer = ask(registry, Travel(liechtenstein_roads), hours="02:00", need=need)
    reach = answer.reach
    assert isinstance(reach, RoadReach)
    (row,) = answer.gaps().itertuples()
    samples = reach.ways.samples
    origins = liechtenstein_roads.snap(samples.lon, samples.lat, "ebike")
    schaan = liechtenstein_roads.snap([9.5095], [47.1650], "ebike")
    minutes = liechtenstein_roads.matrix(origins, schaan, "ebike").minutes
    assert row.usable_id == "schaan"
    assert row.usable_min == pytest.approx(minutes.min(), abs=1e-9)


@pytest.mark.shared_data
def test_far_from_all_roads_everything_is_said_to_be_estimated(
    liechtenstein_roads: RoadNetwork,
) -> None:
    kunming = register(
        {"s": (shapely.Point(102.7, 25.0), {})},
        {
            "points": {
                "a": (shapely.Point(102.701, 25.0), {}),
                "b": (shapely.Point(9.52, 47.14), {}),
            }
        },
    )
    for answer in (
        coverage.measure(kunming, TEN, Travel(liechtenstein_roads)),
        ask(kunming, Travel(liechtenstein_roads)).paper,
    ):
        method = answer.method()
        assert (method["estimated"], method["roads"]) == ("all", None)
        assert method["distance"] == "minutes estimated from the straight line"


@pytest.mark.shared_data
def test_where_a_server_is_is_not_told(liechtenstein_roads: RoadNetwork) -> None:
    info = replace(liechtenstein_roads.info, source="http://10.0.0.7:8002")
    assert info.title == "valhalla"
    assert "10.0.0.7" not in str(_network(info))
