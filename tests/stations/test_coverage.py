"""Coverage against plain loops, and sums that add up."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod
from shapely import Point, box

from geodata import boundaries
from geodata.errors import UsageError
from geodata.geodesy import PointIndex
from stations import coverage
from stations.coverage import Limit, Need
from stations.errors import LayerMissingError
from tests.stations.worlds import register

GEOD = Geod(ellps="WGS84")
lonlats = st.tuples(st.integers(10200, 10300), st.integers(2450, 2550)).map(
    lambda pair: (pair[0] / 100, pair[1] / 100)
)
COUNTS = ("sites", "covered", "workers", "workers_covered")


def _code(place: tuple[float, float]) -> str:
    code = int(boundaries.county_of(np.array([place[0]]), np.array([place[1]]))[0])
    return str(code) if code else ""


@settings(max_examples=40, deadline=None)
@given(
    st.lists(lonlats, max_size=8),
    st.lists(st.tuples(lonlats, st.none() | st.integers(0, 500)), max_size=12),
    st.sampled_from([0.0, 800.0, 5_000.0, 60_000.0]),
)
def test_points_agree_with_plain_loops(
    stations: list[tuple[float, float]],
    sites: list[tuple[tuple[float, float], int | None]],
    within_m: float,
) -> None:
    rows: dict[str, Any] = {
        f"p{n:02}": (Point(place), {"workers": workers, "area_code": _code(place)})
        for n, (place, workers) in enumerate(sites)
    }
    registry = register(
        {f"s{n}": (Point(place), {}) for n, place in enumerate(stations)}, {"points": rows}
    )
    answer = coverage.measure(registry, Need("points", Limit(within_m)))
    metres = [
        min((GEOD.inv(*place, *station)[2] for station in stations), default=math.inf)
        for place, _ in sites
    ]
    reached = [distance <= within_m for distance in metres]
    assert answer.sites["covered"].tolist() == reached
    assert answer.sites["nearest_m"].fillna(math.inf).tolist() == pytest.approx(metres, abs=1e-3)
    total = answer.total()
    assert total["covered"] == sum(reached)
    assert total["workers"] == sum(workers or 0 for _, workers in sites)
    assert total["workers_covered"] == sum(
        workers or 0 for (_, workers), fine in zip(sites, reached, strict=True) if fine
    )
    for by in coverage.GROUPINGS:
        rolled = answer.rows(by)
        assert {name: sum(row[name] for row in rolled) for name in COUNTS} == {
            name: total[name] for name in COUNTS
        }


def test_an_area_half_in_reach_has_half_its_workers_covered() -> None:
    """A park as wide as it is high, cut in the middle by the edge of a huge disc."""
    park = box(102.70, 25.00, 102.71, 25.01)
    far = 200_000.0
    lon, lat, _ = GEOD.fwd(102.705, 25.005, 90.0, far)
    registry = register(
        {"s": (Point(lon, lat), {})}, {"parks": {"park": (park, {"workers": 1_000})}}
    )
    answer = coverage.measure(registry, Need("parks", Limit(far)))
    assert answer.sites["share"].item() == pytest.approx(0.5, abs=2e-3)
    assert answer.total()["covered"] == 1
    assert answer.total()["workers_covered"] == pytest.approx(500, abs=2)
    assert answer.gaps()["workers_left"].item() == 1_000 - answer.total()["workers_covered"]


def test_a_station_inside_an_area_is_no_metres_away() -> None:
    registry = register(
        {"s": (Point(102.705, 25.005), {})},
        {"parks": {"park": (box(102.70, 25.00, 102.71, 25.01), {"workers": 10})}},
    )
    row = coverage.measure(registry, Need("parks", Limit(5_000))).rows("site")[0]
    assert (row["nearest_id"], row["nearest_m"], row["share"]) == ("s", 0.0, 1.0)


def test_a_station_without_what_is_needed_or_not_in_use_does_not_count() -> None:
    here = Point(102.7, 25.0)
    registry = register(
        {
            "dry": (here, {"amenities": "toilet"}),
            "shut": (here, {"amenities": "toilet;water", "status": "closed"}),
        },
        {"posts": {"post": (here, {"workers": 5})}},
    )
    wet = coverage.measure(registry, Need("posts", Limit(10), ("toilet",)))
    assert wet.total()["covered"] == 1
    nothing = coverage.measure(registry, Need("posts", Limit(10), ("toilet", "water")))
    assert nothing.total()["covered"] == 0
    assert nothing.rows("site")[0]["nearest_m"] is None


def test_gaps_come_worst_first() -> None:
    registry = register(
        {"s": (Point(102.0, 25.0), {})},
        {
            "sites": {
                "few": (Point(103.0, 25.0), {"workers": 5}),
                "many": (Point(102.5, 25.0), {"workers": 50}),
                "none-far": (Point(103.9, 25.0), {}),
                "none-near": (Point(102.4, 25.0), {}),
                "fine": (Point(102.0, 25.0), {"workers": 900}),
            }
        },
    )
    gaps = coverage.measure(registry, Need("sites", Limit(1_000))).gaps()
    assert list(gaps.index) == ["many", "few", "none-far", "none-near"]


def test_without_any_workers_the_share_is_of_sites() -> None:
    registry = register(
        {"s": (Point(102.0, 25.0), {})},
        {"sites": {"a": (Point(102.0, 25.0), {}), "b": (Point(104.0, 25.0), {})}},
    )
    answer = coverage.measure(registry, Need("sites", Limit(1_000))).as_dict("county")
    assert answer["method"]["share_of"] == "sites"
    assert answer["total"]["share"] == 0.5
    assert answer["total"]["workers_unknown"] == 2


def test_an_empty_layer_has_no_share() -> None:
    total = coverage.measure(register({}, {"none": {}}), Need("none", Limit(1_000))).total()
    assert total["sites"] == 0
    assert total["share"] is None


def test_many_points_by_county_add_up_whatever_the_chunks() -> None:
    rng = np.random.default_rng(3)
    lon, lat = rng.uniform(99, 106, 20_000), rng.uniform(22, 28, 20_000)
    workers = rng.integers(0, 50, 20_000)
    index = PointIndex(rng.uniform(99, 106, 300), rng.uniform(22, 28, 300))
    whole = coverage.points_by_county([(lon, lat, workers)], index, 10_000.0)
    parts = coverage.points_by_county(
        [(lon[i::7], lat[i::7], workers[i::7]) for i in range(7)], index, 10_000.0
    )
    assert whole.equals(parts)
    reached = index.any_within(lon, lat, 10_000.0)
    codes = boundaries.county_of(lon, lat)
    assert whole["sites"].sum() == len(lon)
    for code, row in whole.iterrows():
        here = codes == code
        assert row["covered"] == (reached & here).sum()
        assert row["workers_covered"] == workers[reached & here].sum()


def test_an_unknown_layer_is_said_so() -> None:
    with pytest.raises(LayerMissingError):
        coverage.measure(register({}), Need("parks", Limit(1_000)))


@pytest.mark.parametrize(
    ("text", "metres"), [("1000m", 1_000), ("1.5km", 1_500), (" 800 M ", 800), ("0m", 0)]
)
def test_limits_are_read(text: str, metres: float) -> None:
    assert coverage.parse_within(text) == Limit(metres)


@pytest.mark.parametrize(
    "text", ["", "1000", "-5m", "nan m", "1e5m", "9999min", "99999km", "1000mm", "9" * 400 + "m"]
)
def test_a_limit_nobody_understands_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        coverage.parse_within(text)
