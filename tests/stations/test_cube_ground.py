"""The ground of every kind of reach: on paper the cube says what the reach itself says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Point, box

from geodata.errors import UsageError
from stations import cube, reach
from stations.cube import Ground, Question
from stations.reach import Limit
from stations.travel import Travel
from tests.stations.small_roads import SmallRoads
from tests.stations.worlds import register

if TYPE_CHECKING:
    from stations.registry import Registry

places = st.tuples(st.integers(1018, 1032), st.integers(248, 262)).map(
    lambda pair: (pair[0] / 10 + 0.013, pair[1] / 10 + 0.017)
)
"""Some in the network of `SmallRoads`, some beside it, some where no road comes near."""


def made(stations: list[tuple[float, float]], sites: list[tuple[tuple[float, float], bool]]) -> Any:
    shapes: dict[str, Any] = {
        f"p{n}": (box(*place, place[0] + 0.07, place[1] + 0.05) if area else Point(place), {})
        for n, (place, area) in enumerate(sites)
    }
    rows: dict[str, Any] = {f"s{n}": (Point(place), {}) for n, place in enumerate(stations)}
    return register(rows, {"sites": shapes})


def check(registry: Registry, limit: Limit, travel: Travel) -> Ground:
    sites = registry.layer("sites").sites
    related = reach.relate(registry, sites, limit, travel=travel)
    ground = cube.ground_of(related, registry)
    found = cube.measure(registry, sites, ground, Question())
    assert found.share[0].min(axis=1, initial=1).tolist() == pytest.approx(related.share.tolist())
    assert found.share[0].max(axis=1, initial=0).tolist() == pytest.approx(related.share.tolist())
    near = ground.nearest()
    costs = related.costs.tocoo()
    wanted = sorted(
        zip(*(each.tolist() for each in costs.coords), costs.data.tolist(), strict=True)
    )
    column = np.searchsorted(related.station_rows, near.station)
    pairs = sorted(zip(near.spot.tolist(), column.tolist(), near.cost.tolist(), strict=True))
    assert pairs == wanted
    return ground


@settings(max_examples=30, deadline=None)
@given(
    st.lists(places, max_size=5),
    st.lists(st.tuples(places, st.booleans()), max_size=4),
    st.sampled_from([0.0, 90.0, 300.0, 360.0]),
)
def test_on_paper_the_cube_is_the_reach(
    stations: list[tuple[float, float]],
    sites: list[tuple[tuple[float, float], bool]],
    minutes: float,
) -> None:
    registry = made(stations, sites)
    roads: Any = SmallRoads()
    check(registry, Limit(minutes, "min"), Travel(roads))
    check(registry, Limit(minutes, "min"), Travel())
    check(registry, Limit(minutes * 80), Travel())


def test_spots_may_come_in_any_order() -> None:
    spots = np.array([1, 0, 1])
    pairs = (np.array([2, 0, 2, 1]), np.array([5, 1, 3, 4]), np.array([9.0, 1.0, 0.0, 2.0]))
    ground = Ground.of_pairs(spots, pairs, sites=2)
    assert ground.site_of.tolist() == [0, 1, 1]
    assert ground.begins.tolist() == [0, 1, 2, 4]
    assert ground.station.tolist() == [4, 1, 3, 5]
    assert ground.cost.tolist() == [2.0, 1.0, 0.0, 9.0]
    twice = ground.only(np.array([1, 0, 1]))
    assert twice.site_of.tolist() == [0, 0, 1, 2, 2]
    assert twice.station.tolist() == [1, 3, 5, 4, 1, 3, 5]
    assert twice.begins.tolist() == [0, 1, 3, 4, 5, 7]


def test_a_reach_of_another_kind_is_refused() -> None:
    registry = made([], [])
    other: Any = type("Other", (), {"station_rows": registry.active})()
    with pytest.raises(UsageError, match="no ground for a Other"):
        cube.ground_of(other, registry)
