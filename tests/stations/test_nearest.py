"""Nearest stations against measuring every one of them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod
from shapely import Point

from geodata.errors import UsageError
from geodata.geodesy import LonLat
from stations import nearest
from stations.errors import UnknownAmenityError
from tests.examples import few
from tests.stations.worlds import register

GEOD = Geod(ellps="WGS84")
lonlats = st.tuples(st.integers(9750, 10620), st.integers(2110, 2920)).map(
    lambda pair: (pair[0] / 100, pair[1] / 100)
)
stations = st.lists(
    st.tuples(
        lonlats,
        st.sets(st.sampled_from(["toilet", "water", "aed"])),
        st.sampled_from(["active", "active", "suspended"]),
    ),
    max_size=30,
)


def _rows(made: list[tuple[tuple[float, float], set[str], str]]) -> dict[str, Any]:
    return {
        f"s{number:02}": (Point(place), {"amenities": ";".join(sorted(offers)), "status": status})
        for number, (place, offers, status) in enumerate(made)
    }


@few(15)
@given(stations, lonlats, st.integers(1, 40), st.sets(st.sampled_from(["toilet", "aed"])))
def test_agrees_with_measuring_every_station(
    made: list[tuple[tuple[float, float], set[str], str]],
    origin: tuple[float, float],
    limit: int,
    needs: set[str],
) -> None:
    expected = sorted(
        (GEOD.inv(*origin, *place)[2], f"s{number:02}")
        for number, (place, offers, status) in enumerate(made)
        if status == "active" and needs <= offers
    )[:limit]
    found = nearest.find(register(_rows(made)), LonLat(*origin), limit=limit, needs=sorted(needs))
    assert [hit.station["id"] for hit in found] == [id_ for _, id_ in expected]
    assert [hit.distance_m for hit in found] == pytest.approx([m for m, _ in expected], abs=1e-3)


def test_the_limit_is_inclusive() -> None:
    registry = register({"a": (Point(102.7, 25.0), {})})
    origin = LonLat(102.71, 25.0)
    metres = GEOD.inv(*origin, 102.7, 25.0)[2]
    assert len(nearest.find(registry, origin, limit=1, within_m=metres)) == 1
    assert not nearest.find(registry, origin, limit=1, within_m=metres - 1e-6)


@pytest.mark.parametrize(("limit", "within_m"), [(0, 1.0), (1, -1.0), (1, float("nan"))])
def test_a_senseless_limit_is_refused(limit: int, within_m: float) -> None:
    with pytest.raises(UsageError, match="need limit >= 1"):
        nearest.find(register({}), LonLat(102, 25), limit=limit, within_m=within_m)


def test_an_unknown_amenity_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UnknownAmenityError, match="toilet"):
        nearest.find(register({}), LonLat(102, 25), limit=1, needs=["sauna"])
