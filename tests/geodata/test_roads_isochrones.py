"""Isochrones against the matrix: points on the wrong side are few, and most close to the edge."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import shapely

if TYPE_CHECKING:
    from geodata.geodesy import BoolArray, FloatArray
    from geodata.roads import RoadNetwork

pytestmark = pytest.mark.shared_data
VADUZ = (9.5209, 47.1410)
SCALE = np.array([75_700.0, 111_200.0])
"""Metres in a degree there."""


@pytest.fixture(scope="module")
def around() -> FloatArray:
    return np.random.default_rng(1).normal(VADUZ, (0.012, 0.008), (600, 2))


def wrong_m(shape: shapely.Geometry, points: FloatArray, within: BoolArray) -> FloatArray:
    """Give the metres from the edge of each point that is on the wrong side."""
    wrong = shapely.contains_xy(shape, points) != within
    edge = shapely.transform(shape.boundary, lambda lonlat: lonlat * SCALE)
    metres: FloatArray = shapely.distance(edge, shapely.points(points[wrong] * SCALE))
    return metres


@pytest.mark.parametrize(
    ("mode", "minutes", "towards", "share", "metres"),
    [
        ("walk", 10, True, 0.05, 15),
        ("walk", 10, False, 0.05, 15),
        ("ebike", 4, False, 0.08, 25),
        ("ebike", 4, True, 0.10, 150),
    ],
)
def test_contains_what_the_matrix_says(
    liechtenstein_roads: RoadNetwork,
    around: FloatArray,
    mode: str,
    minutes: float,
    towards: bool,  # noqa: FBT001 - a column of the table
    share: float,
    metres: float,
) -> None:
    network = liechtenstein_roads
    (shape,) = network.isochrones([VADUZ[0]], [VADUZ[1]], mode, minutes, towards=towards)
    assert shape.is_valid
    centre = network.snap([VADUZ[0]], [VADUZ[1]], mode)
    points = network.snap(around[:, 0], around[:, 1], mode)
    ends = (points, centre) if towards else (centre, points)
    within = network.matrix(*ends, mode).minutes.ravel() <= minutes
    assert 100 < within.sum() < 500
    off = wrong_m(shape, around, within)
    assert off.size <= share * within.sum()
    assert np.quantile(off, 0.75) <= metres


def test_holes_stay_holes(liechtenstein_roads: RoadNetwork) -> None:
    (shape,) = liechtenstein_roads.isochrones([VADUZ[0]], [VADUZ[1]], "ebike", 8)
    assert shapely.get_num_interior_rings(shapely.get_parts(shape)).sum() > 3


def test_longer_holds_shorter(liechtenstein_roads: RoadNetwork) -> None:
    short, long = (
        liechtenstein_roads.isochrones([VADUZ[0]], [VADUZ[1]], "walk", minutes)[0]
        for minutes in (4, 8)
    )
    assert shapely.area(shapely.difference(short, long)) < 0.02 * shapely.area(short)


def test_no_road_no_polygon(liechtenstein_roads: RoadNetwork) -> None:
    made = liechtenstein_roads.isochrones([9.5560, 0.0], [47.0760, 0.0], "car", 10)
    assert shapely.is_empty(made).all()
