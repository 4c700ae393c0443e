"""A road is closed: who went by it goes round, nobody else notices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from valhalla.midgard.utils import decode_polyline

from geodata import roads
from geodata.errors import UsageError
from geodata.geodesy import distance_m
from geodata.roads.snapping import place_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from geodata.roads import RoadNetwork, Snapped

pytestmark = pytest.mark.shared_data

LON, LAT = np.random.default_rng(8).uniform((9.515, 47.135), (9.525, 47.15), (25, 2)).T
LONG = {"walk": (9.547901, 47.165839), "car": (9.533337, 47.127145)}
"""Places on roads, far from any junction."""


def closing(network: RoadNetwork, place: tuple[float, float], mode: str) -> RoadNetwork:
    return network.closing([place[0]], [place[1]], mode)


def way_of(
    network: RoadNetwork, points: Snapped, pair: tuple[int, int], mode: str
) -> tuple[list[tuple[float, float]], float]:
    """Return where the open way goes as the engine's own routes tell it, and its metres."""
    ends = [place_of(points.lon.item(row), points.lat.item(row)) for row in pair]
    asked = {"locations": ends, **network.costing(mode).request()}
    told = network.ask("route", asked)["trip"]["legs"][0]
    return decode_polyline(told["shape"]), told["summary"]["length"] * 1000


def metre(shape: Iterable[tuple[float, float]]) -> set[tuple[float, float]]:
    """Return vertices rounded to a metre: routes and sections round them differently."""
    return {(round(x, 5), round(y, 5)) for x, y in shape}


def on_road(network: RoadNetwork, mode: str) -> tuple[Any, Any, Snapped]:
    found = network.snap(LON, LAT, mode)
    return LON[found.found], LAT[found.found], found.take(found.found)


@pytest.mark.parametrize("mode", roads.MODES)
def test_only_ways_along_the_closed_section_change(
    liechtenstein_roads: RoadNetwork, mode: str
) -> None:
    lon, lat, points = on_road(liechtenstein_roads, mode)
    open_ = liechtenstein_roads.matrix(points, points, mode)
    before = open_.minutes
    ways: dict[tuple[int, int], list[tuple[float, float]]] = {}
    for a, b in np.argwhere(np.isfinite(before) & (before > 0)).tolist():
        way, metres = way_of(liechtenstein_roads, points, (a, b), mode)
        walked = points.metres[a] + points.metres[b]
        if abs(metres + walked - open_.metres[a, b]) < 1:  # else the matrix went another way
            ways[a, b] = way
    longest = np.array(ways[max(ways, key=lambda pair: float(before[pair]))])
    straight = np.argmax(np.hypot(*np.diff(longest, axis=0).T))
    middle = longest[straight : straight + 2].mean(axis=0)
    closed = closing(liechtenstein_roads, tuple(middle), mode)
    freed = closed.snap(lon, lat, mode)
    after = closed.matrix(freed, freed, mode).minutes
    closures = closed.costing(mode).closures
    assert closures is not None
    sections = [metre(each.shape) for each in closures.sections]
    through = beside = 0
    aside = (freed.lon == points.lon) & (freed.lat == points.lat)
    for (a, b), way in ways.items():
        if not (aside[a] and aside[b]):
            continue
        shared = max(len(each & metre(way)) for each in sections)
        if not shared:
            assert after[a, b] == before[a, b]
            beside += 1
        elif shared > 1:
            through += after[a, b] != before[a, b]
    assert through > 10
    assert beside > 50
    other = "car" if mode != "car" else "walk"
    assert closed.costing(other) == liechtenstein_roads.costing(other)


@pytest.mark.parametrize("mode", LONG)
def test_who_stands_on_it_walks_to_the_end_on_his_side(
    liechtenstein_roads: RoadNetwork, mode: str
) -> None:
    closed = closing(liechtenstein_roads, LONG[mode], mode)
    closures = closed.costing(mode).closures
    assert closures is not None
    (section,) = closures.sections
    assert len(section.edges) == 2
    lon, lat = np.array(section.shape).T
    steps = distance_m(lon[:-1], lat[:-1], lon[1:], lat[1:])
    middle = (np.array(section.shape)[:-1] + np.array(section.shape)[1:]) / 2
    freed = closed.snap(middle[:, 0], middle[:, 1], mode)
    passed = 0.0
    for number, step in enumerate(steps.tolist()):
        here, passed = passed + step / 2, passed + step
        first = here / steps.sum() <= section.cuts[0]
        end = section.shape[0] if first else section.shape[-1]
        assert (freed.lon[number], freed.lat[number]) == end
        along = here if first else steps.sum() - here
        assert freed.metres[number] == pytest.approx(along, abs=3)
    ends = liechtenstein_roads.snap(lon[[0, -1]], lat[[0, -1]], mode)
    before = liechtenstein_roads.matrix(ends, ends, mode).minutes
    freed = closed.snap(lon[[0, -1]], lat[[0, -1]], mode)
    after = closed.matrix(freed, freed, mode).minutes
    assert np.isfinite(after).all()
    assert (after[[0, 1], [1, 0]] > before[[0, 1], [1, 0]] + 1).all()


def test_the_ends_of_a_closed_section_are_junctions(liechtenstein_roads: RoadNetwork) -> None:
    closed = closing(liechtenstein_roads, (9.525328, 47.172348), "walk")
    closures = closed.costing("walk").closures
    assert closures is not None
    (section,) = closures.sections
    lon, lat = np.array([section.shape[0], section.shape[-1]]).T
    ends = closed.snap(lon, lat, "walk")
    lon, lat = np.random.default_rng(8).uniform((9.52, 47.165), (9.53, 47.18), (6, 2)).T
    others = closed.snap(lon, lat, "walk")
    there = closed.matrix(ends, others, "walk").minutes
    back = closed.matrix(others, ends, "walk").minutes
    assert np.isfinite(there).all()
    assert np.abs(back.T - there).max() < 0.2
    across = closed.matrix(ends, ends, "walk").minutes
    assert across[0, 1] == pytest.approx(across[1, 0], abs=0.2)
    assert 29 < across[0, 1] < 31


def test_between_two_closed_places_nobody_gets_out(liechtenstein_roads: RoadNetwork) -> None:
    once = closing(liechtenstein_roads, LONG["walk"], "walk")
    closures = once.costing("walk").closures
    assert closures is not None
    ((_, shape, _),) = closures.sections
    ends = np.array([shape[1], shape[-2]])
    closed = liechtenstein_roads.closing(ends[:, 0], ends[:, 1], "walk")
    between = closed.snap([LONG["walk"][0]], [LONG["walk"][1]], "walk")
    assert between.inside.all()
    assert not between.found.any()


def test_the_same_places_are_the_same_network(liechtenstein_roads: RoadNetwork) -> None:
    closed = closing(liechtenstein_roads, LONG["car"], "car").costing("car")
    assert closed == closing(liechtenstein_roads, LONG["car"], "car").costing("car")
    assert closed != liechtenstein_roads.costing("car")
    assert repr(closed) != repr(liechtenstein_roads.costing("car"))


@pytest.mark.parametrize(
    ("lon", "lat", "said"),
    [
        ([], [], "from 1 to 50"),
        ([9.52] * 51, [47.14] * 51, "from 1 to 50"),
        ([8.0], [47.0], "outside the road network"),
        ([9.52, 9.6067], [47.14, 47.0811], "no road for car within 50 m of 9.6067,47.0811"),
    ],
)
def test_what_cannot_be_closed(
    liechtenstein_roads: RoadNetwork, lon: list[float], lat: list[float], said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        liechtenstein_roads.closing(lon, lat, "car")
