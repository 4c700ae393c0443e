"""Reach in minutes against every pair measured, on roads one can compute by hand."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import Point, box

from geodata.errors import UsageError
from geodata.geodesy import distance_m
from stations import reach
from stations.reach import Limit
from stations.reach.samples import samples_of
from stations.travel import Travel, mode_of
from tests.examples import few
from tests.stations.small_roads import AREA, TRACKLESS, SmallRoads, road_minutes
from tests.stations.worlds import register

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from stations.reach import Reach
    from stations.registry import Registry

    type Place = tuple[float, float]

WALK = mode_of("walk")
places = st.tuples(st.integers(1018, 1032), st.integers(248, 262)).map(
    lambda pair: (pair[0] / 10 + 0.013, pair[1] / 10 + 0.017)
)
"""Some in the network, some beside it, some where no road comes near."""
doors = st.tuples(places, st.none() | st.floats(-0.02, 0.02))
limits = st.sampled_from([0.0, 90.0, 300.0, 360.0])


def world(stations: Sequence[tuple[Place, float | None]], sites: Mapping[str, Any]) -> Registry:
    """Make a register; a station's entrance is some degrees east of it, or unknown."""
    rows: dict[str, Any] = {}
    for n, ((lon, lat), shift) in enumerate(stations):
        entrance = {} if shift is None else {"entrance_lon": lon + shift, "entrance_lat": lat}
        rows[f"s{n}"] = (Point(lon, lat), entrance)
    return register(rows, {"sites": {id_: (shape, {}) for id_, shape in sites.items()}})


def related(
    registry: Registry, minutes: float, roads: SmallRoads | None = None, **more: Any
) -> Reach:
    travel: Any = Travel(roads or SmallRoads())  # type: ignore[arg-type]
    sites = registry.layer("sites").sites
    return reach.relate(registry, sites, Limit(minutes, "min"), travel=travel, **more)


class Way(NamedTuple):
    minutes: float
    station: int
    estimated: bool


def ways(place: Place, registry: Registry) -> list[Way]:
    """Measure every station from a place, one by one, the best first."""
    found = []
    for row, end in enumerate(registry.destinations.wgs84.tolist()):
        pin = (registry.lon[row], registry.lat[row])
        inside = [AREA.intersects(Point(each)) for each in (place, end)]
        lost = any(TRACKLESS.intersects(Point(each)) for each in (place, end))
        if lost:
            minutes = math.inf
        elif all(inside):
            minutes = road_minutes(place, tuple(end))
        else:
            metres = distance_m([place[0]], [place[1]], [pin[0]], [pin[1]])[0]
            minutes = metres * WALK.minutes_per_m
        found.append(Way(minutes, row, not all(inside)))
    return sorted(found)


@few(20)
@given(st.lists(doors, max_size=7), st.lists(places, max_size=8, unique=True), limits)
def test_points_agree_with_measuring_every_pair(
    stations: list[tuple[Place, float | None]], sites: list[Place], minutes: float
) -> None:
    registry = world(stations, {f"p{n}": Point(place) for n, place in enumerate(sites)})
    found = related(registry, minutes)
    for n, place in enumerate(sites):
        every = ways(place, registry)
        within = {way.station: way.minutes for way in every if way.minutes <= minutes}
        row = found.costs[[n]]
        assert dict(zip(row.indices.tolist(), row.data.tolist(), strict=True)) == pytest.approx(
            within
        )
        assert found.covered[n] == bool(within)
        assert found.share[n] == float(bool(within))
        nearest = Nearest(*(each[n] for each in found.nearest))
        best = every[0] if every else Way(math.inf, -1, estimated=False)
        assert nearest.minutes == pytest.approx(best.minutes)
        lost = TRACKLESS.intersects(Point(place)) or (bool(every) and math.isinf(best.minutes))
        assert found.unreachable[n] == lost
        if math.isfinite(best.minutes):
            assert (nearest.column, nearest.estimated) == (best.station, best.estimated)
        if every:
            at = registry.lon[[nearest.column]], registry.lat[[nearest.column]]
            metres = distance_m([place[0]], [place[1]], *at)[0]
            assert nearest.metres == pytest.approx(metres, abs=1e-3)
            if lost:
                assert metres == min(distance_m(*_beside(place, registry)))


class Nearest(NamedTuple):
    column: int
    metres: float
    minutes: float
    estimated: bool


def _beside(place: Place, registry: Registry) -> tuple[Any, ...]:
    count = len(registry.lon)
    return np.full(count, place[0]), np.full(count, place[1]), registry.lon, registry.lat


@few(15)
@given(st.lists(doors, min_size=1, max_size=5), st.lists(places, min_size=1, max_size=4), limits)
def test_areas_agree_with_measuring_every_sample(
    stations: list[tuple[Place, float | None]], corners: list[Place], minutes: float
) -> None:
    shapes = [box(lon, lat, lon + 0.09, lat + 0.04) for lon, lat in corners]
    registry = world(stations, {f"a{n}": shape for n, shape in enumerate(shapes)})
    found = related(registry, minutes)
    samples = samples_of(np.array(shapes))
    for n, shape in enumerate(shapes):
        if not any(AREA.intersects(Point(place)) for place in _of(samples, n)):
            continue  # measured as without a network: tested below
        every = [ways(place, registry) for place in _of(samples, n)]
        reached = [any(way.minutes <= minutes for way in each) for each in every]
        assert found.share[n] == pytest.approx(sum(reached) / len(reached))
        assert found.covered[n] == any(reached)
        best = min((way.minutes, way.station) for each in every for way in each)
        assert found.nearest.minutes[n] == pytest.approx(best[0])
        assert found.unreachable[n] == math.isinf(best[0])
        if math.isfinite(best[0]):
            assert found.nearest.column[n] == best[1]
            expected = min(each[0] for each in every)
            guessed = any(
                next(way for way in each if way.minutes <= minutes).estimated
                and not any(way.minutes <= minutes and not way.estimated for way in each)
                for each, fine in zip(every, reached, strict=True)
                if fine
            )
            assert found.nearest.estimated[n] == (expected.estimated or guessed)
        least: dict[int, float] = {}
        for each in every:
            for way in each:
                if way.minutes <= minutes:
                    least[way.station] = min(way.minutes, least.get(way.station, math.inf))
        row = found.costs[[n]]
        assert dict(zip(row.indices.tolist(), row.data.tolist(), strict=True)) == pytest.approx(
            least
        )
        assert not shape.is_empty


def _of(samples: Any, site: int) -> list[Place]:
    rows = samples.site == site
    return list(zip(samples.lon[rows].tolist(), samples.lat[rows].tolist(), strict=True))


def test_outside_the_network_all_is_as_without_one() -> None:
    stations = [((101.5, 25.2), None), ((102.2, 25.2), 0.01), ((102.43, 25.45), None)]
    sites = {
        "area": box(101.6, 25.2, 101.7, 25.25),
        "far": Point(101.2, 24.2),
        "point": Point(101.72, 25.1),
    }
    registry, minutes = world(stations, sites), 200.0
    found = related(registry, minutes)
    usable = world(stations[:2], sites)  # no road leads to the third
    layer = usable.layer("sites").sites
    guess = reach.relate(usable, layer, Limit(minutes, "min"))
    metres = reach.relate(usable, layer, Limit(minutes / WALK.minutes_per_m))
    for one in (found, guess):
        assert one.nearest.estimated.all()
        assert not one.unreachable.any()
        assert not one.sampled
        assert one.share.tolist() == metres.share.tolist()
        assert one.covered.tolist() == metres.covered.tolist()
        assert one.nearest.column.tolist() == metres.nearest.column.tolist()
        assert one.nearest.minutes == pytest.approx(metres.nearest.metres * WALK.minutes_per_m)
        assert one.costs.toarray()[:, :2] == pytest.approx(
            metres.costs.toarray() * WALK.minutes_per_m
        )
    assert 0 < metres.share[0] < 1
    assert np.isnan(metres.nearest.minutes).all()
    assert not metres.nearest.estimated.any()


def test_the_limit_itself_is_in_reach() -> None:
    place, station = (102.21, 25.2), (102.2, 25.2)
    registry = world([(station, None)], {"p": Point(place)})
    minutes = road_minutes(place, station)
    assert related(registry, minutes).covered.all()
    assert not related(registry, np.nextafter(minutes, 0)).covered.any()


def test_straight_never_takes_a_road() -> None:
    registry = world([((102.2, 25.2), None)], {"p": Point(102.21, 25.2)})
    roads = SmallRoads()
    travel: Any = Travel(roads)  # type: ignore[arg-type]
    sites = registry.layer("sites").sites
    found = reach.relate(registry, sites, Limit(20, "min", "straight"), travel=travel)
    assert found.covered.all()
    assert found.nearest.minutes[0] == pytest.approx(found.nearest.metres[0] / (5000 / 60))
    assert roads.snapped == 0


def test_half_a_day_is_the_most_over_roads() -> None:
    registry = world([], {"p": Point(102.21, 25.2)})
    with pytest.raises(UsageError, match="at most 360 min"):
        related(registry, 721)


def test_few_stations_are_asked_of_the_roads() -> None:
    """The search for the nearest must not end up measuring all."""
    rng = np.random.default_rng(5)
    stations = [((lon, lat), None) for lon, lat in rng.uniform((102.5, 25), (103, 25.4), (400, 2))]
    sites = rng.uniform((102.5, 25), (103, 25.4), (40, 2))
    registry = world(stations, {f"p{n:02}": Point(place) for n, place in enumerate(sites)})
    roads = SmallRoads()
    found = related(registry, 0, roads)
    expected = [ways((lon, lat), registry)[0] for lon, lat in sites.tolist()]
    assert found.nearest.column.tolist() == [way.station for way in expected]
    assert len(roads.asked) < 40 * 40


def test_progress_counts_pairs_to_the_end() -> None:
    registry = world([((102.2, 25.2), None)], {"p": Point(102.21, 25.2), "q": Point(102.9, 25.3)})
    told: list[tuple[int, int]] = []
    related(registry, 60, progress=lambda *now: told.append(now)).nearest.column.tolist()
    assert told[-1] == (2, 2)


@pytest.mark.parametrize(
    "shape",
    [
        box(102.1, 25.1, 102.1001, 25.1001),
        box(102.1, 25.1, 102.2, 25.2),
        box(102.1, 25.1, 102.2, 25.1001),
        box(102.1, 25.1, 102.1001, 25.2),
        Point(102.1, 25.1).buffer(0.02).difference(Point(102.1, 25.1).buffer(0.015)),
        shapely.union(box(102.1, 25.1, 102.11, 25.11), box(102.3, 25.1, 102.31, 25.11)),
        box(20, 70, 20.02, 70.01),
    ],
)
def test_samples_are_spread_evenly_inside(shape: shapely.Geometry) -> None:
    samples = samples_of(np.array([shape, Point(1, 2)]))
    own = samples.site == 0
    assert 50 <= own.sum() <= 440
    assert shapely.intersects_xy(shape, samples.lon[own], samples.lat[own]).all()
    middle = (shape.bounds[0] + shape.bounds[2]) / 2
    west = shape.intersection(box(shape.bounds[0] - 1, -90, middle, 90)).area / shape.area
    assert (samples.lon[own] <= middle).mean() == pytest.approx(west, abs=0.1)
    assert (samples.lon[~own].tolist(), samples.lat[~own].tolist()) == ([1.0], [2.0])
    again = samples_of(np.array([Point(0, 0), shape]))
    assert again.lon[again.site == 1].tolist() == samples.lon[own].tolist()


def test_a_sliver_has_one_sample_and_nothing_has_none() -> None:
    sliver = shapely.Polygon([(102.1, 25.1), (102.1 + 1e-13, 25.1), (102.1, 25.1 + 1e-13)])
    flat = shapely.Polygon([(102.1, 25.1), (102.2, 25.1), (102.1, 25.1)])
    samples = samples_of(np.array([sliver, shapely.Polygon(), Point(3, 4), flat]))
    assert samples.site.tolist() == [0, 2, 3]
