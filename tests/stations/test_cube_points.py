"""The cube of many points against plain loops; any chunking gives the same figures."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from geodata import boundaries
from geodata.errors import UsageError
from stations import cube
from stations.cube import PointSums, PointSupply, Question, bits
from stations.cube.counting import counted, weighed
from tests.stations.test_cube import MONDAY, station_rows, world

GEOD = Geod(ellps="WGS84")
lonlats = st.tuples(st.integers(0, 30), st.integers(0, 30)).map(
    lambda cell: (102.69 + cell[0] / 400, 24.99 + cell[1] / 400)
)
PLANES = [Question(needs=("toilet",), when=MONDAY), Question(when=MONDAY, stay_min=20)]


def same(one: PointSums, other: PointSums) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


@settings(max_examples=40, deadline=None)
@given(
    station_rows,
    st.lists(st.tuples(lonlats, st.integers(0, 50)), max_size=12),
    st.sampled_from([0.0, 700.0, 2_000.0, 50_000.0]),
)
def test_points_agree_with_plain_loops(
    stations: list[dict[str, Any]], points: list[tuple[tuple[float, float], int]], within_m: float
) -> None:
    registry = world(stations, [], within_m).registry
    supply = PointSupply.of(registry, PLANES)
    lon, lat = np.array([place for place, _ in points]).reshape(-1, 2).T
    workers = np.array([count for _, count in points], dtype=np.int64)
    found = cube.cube_of_points([(lon, lat, workers)], supply, within_m)
    codes = boundaries.county_of(lon, lat)
    assert found.sites.sum() == len(points)
    assert found.workers.sum() == workers.sum()
    for plane, question in enumerate(PLANES):
        flags = np.unpackbits(
            cube.Supply.of(registry, question).usable().view(np.uint8),
            axis=1,
            count=168,
            bitorder="little",
        )
        for row, code in enumerate(found.codes):
            wanted = np.zeros((2, 168), dtype=int)
            for (place, count), at in zip(points, codes, strict=True):
                if at != code:
                    continue
                reached = [
                    flags[s]
                    for s, station in enumerate(stations)
                    if GEOD.inv(*place, *station["place"])[2] <= within_m
                ]
                hours = np.array(reached, dtype=int).reshape(-1, 168).any(axis=0)
                wanted += np.outer([1, count], hours)
            assert found.covered[row, plane].tolist() == wanted[0].tolist()
            assert found.workers_covered[row, plane].tolist() == wanted[1].tolist()


def many(size: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    lon, lat = rng.uniform(101.5, 103.5, size), rng.uniform(24, 26, size)
    return lon, lat, rng.integers(0, 90, size)


def supplied(size: int) -> PointSupply:
    lon, lat, _ = many(size, 2)
    lon[: size // 5], lat[: size // 5] = lon[-1], lat[-1]
    rng = np.random.default_rng(3)
    kinds = rng.random((9, 3, 168)) < 0.4
    return PointSupply.from_planes(lon, lat, bits.packed(kinds)[rng.integers(0, 9, size)], 168)


def test_chunks_and_their_order_make_no_difference() -> None:
    lon, lat, workers = many(9_000, 1)
    supply = supplied(800)
    whole = cube.cube_of_points([(lon, lat, workers)], supply, 5_000.0)
    parts = [cube.partial((lon[i::7], lat[i::7], workers[i::7]), supply, 5_000.0) for i in range(7)]
    left = cube.combine(cube.combine(parts[3], parts[1]), parts[0])
    right = cube.combine(parts[6], cube.combine(parts[2], cube.combine(parts[5], parts[4])))
    assert same(whole, cube.combine(right, left))
    assert whole.sites.sum() == 9_000
    assert 0 < whole.covered.sum() < 9_000 * 3 * 168


def test_wide_reach_goes_by_pattern_and_gives_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    lon, lat, workers = many(400, 4)
    supply = supplied(800)
    assert supply.index.pairs_about(lon, lat, 60_000.0) > len(lon) * len(supply.patterns)
    by_pattern = cube.partial((lon, lat, workers), supply, 60_000.0)
    monkeypatch.setattr(type(supply.index), "pairs_about", lambda *_: 0.0)
    assert same(by_pattern, cube.partial((lon, lat, workers), supply, 60_000.0))
    everywhere = cube.partial((lon, lat, workers), supply, 10_000_000.0)
    some = np.bitwise_or.reduce(supply.patterns)
    flags = np.unpackbits(some.view(np.uint8), count=3 * 168, bitorder="little").reshape(3, 168)
    assert (everywhere.covered == everywhere.sites[:, None, None] * flags.astype(int)).all()


@settings(max_examples=60)
@given(st.integers(0, 400), st.integers(1, 5), st.integers(0, 2**32 - 1))
def test_bits_are_counted_in_their_places(size: int, groups: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows = rng.integers(0, 2**63, (size, 2), dtype=np.uint64)
    group, weights = rng.integers(0, groups, size), rng.integers(0, 99, size).astype(float)
    flags = np.unpackbits(rows.view(np.uint8), axis=1, bitorder="little").astype(int)
    wanted = np.stack([flags[group == each].sum(axis=0) for each in range(groups)])
    assert counted(rows, group, groups).tolist() == wanted.tolist()
    wanted = np.stack([weights[group == g] @ flags[group == g] for g in range(groups)])
    assert weighed(rows, group, groups, weights).tolist() == wanted.tolist()


def test_points_without_stations_or_workers_are_counted() -> None:
    lon, lat, _ = many(50, 5)
    none = np.zeros((0, 8, 3), np.uint64)
    nowhere = PointSupply.from_planes(np.zeros(0), np.zeros(0), none, 168)
    found = cube.cube_of_points([(lon, lat, None), (lon[:0], lat[:0], None)], nowhere, 1_000.0)
    assert [int(each.sum()) for each in (found.sites, found.covered, found.workers)] == [50, 0, 0]
    assert found.covered.shape[1:] == (8, 168)
    assert cube.cube_of_points([], nowhere, 1_000.0).sites.sum() == 0


@pytest.mark.parametrize("workers", [np.array([1.5]), np.array([-1]), np.array([1, 2])])
def test_workers_are_whole_numbers(workers: np.ndarray) -> None:
    with pytest.raises(UsageError, match="workers are"):
        cube.partial((np.zeros(1), np.zeros(1), workers), supplied(5), 1.0)


def test_a_supply_travels_to_another_process() -> None:
    lon, lat, workers = many(500, 6)
    supply = supplied(100)
    sent = pickle.loads(pickle.dumps(supply))  # noqa: S301 (our own bytes)
    here, there = (cube.partial((lon, lat, workers), each, 9_000.0) for each in (supply, sent))
    back = pickle.loads(pickle.dumps(there))  # noqa: S301 (our own bytes)
    assert same(here, back)


def test_planes_are_of_the_same_hours() -> None:
    registry = world([], [], 1).registry
    with pytest.raises(UsageError, match="same hours"):
        PointSupply.of(registry, [])
