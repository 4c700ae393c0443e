from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geodata.errors import PositionError, UsageError
from geodata.geodesy import distance_m
from geodata.geodesy.circles import CORNERS, circle


@given(st.floats(-180, 180), st.floats(-75, 75), st.floats(1, 200_000))
def test_every_corner_is_as_far_as_said(lon: float, lat: float, radius_m: float) -> None:
    shape = circle(lon, lat, radius_m)
    corners = shapely.get_coordinates(shape)[:-1]
    assert len(corners) == CORNERS
    east = (corners[:, 0] + 180) % 360 - 180
    away = distance_m(np.full(CORNERS, lon), np.full(CORNERS, lat), east, corners[:, 1])
    assert away == pytest.approx(np.full(CORNERS, radius_m), abs=1e-3)
    assert shape.is_valid
    assert shape.bounds[2] - shape.bounds[0] < 180


def test_none_is_nothing() -> None:
    assert circle(102.7, 25.0, 0).is_empty


@pytest.mark.parametrize("radius_m", [-1.0, float("nan"), 1_000_001.0])
def test_a_radius_is_in_bounds(radius_m: float) -> None:
    with pytest.raises(UsageError, match="radius"):
        circle(102.7, 25.0, radius_m)


def test_a_place_is_on_earth() -> None:
    with pytest.raises(PositionError):
        circle(102.7, 91.0, 10)
