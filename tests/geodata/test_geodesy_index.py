"""The index against measuring every point by pyproj."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
import shapely
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from geodata.errors import PositionError, UsageError
from geodata.geodesy import (
    FloatArray,
    IntArray,
    LonLat,
    PointIndex,
    distance_m,
    ellipsoid,
    share_within,
    share_within_own,
)
from geodata.geodesy import index as index_module
from geodata.geodesy.lonlat import canonical
from geodata.geodesy.visiting import visiting_order

if TYPE_CHECKING:
    from pathlib import Path

Points = list[tuple[float, float]]

lonlats = st.tuples(st.floats(-180, 180), st.floats(-90, 90))
coarse = st.tuples(
    st.integers(-4, 4).map(lambda i: i * 45.0), st.integers(-2, 2).map(lambda i: i * 45.0)
)
town = st.tuples(st.integers(0, 6), st.integers(0, 6)).map(
    lambda cell: (102.7 + cell[0] / 512, 25.0 + cell[1] / 512)
)
polar = st.tuples(st.floats(-180, 180), st.floats(89.9999, 90) | st.just(90.0))
dateline = st.tuples(
    st.sampled_from([180.0, -180.0, 179.9999, -179.9999]), st.floats(-0.001, 0.001)
)
equator = st.tuples(st.floats(0, 180), st.just(0.0))
hair = st.tuples(st.floats(102.7, 102.7 + 1e-12), st.floats(25.0, 25.0 + 1e-12))
clouds = st.one_of(
    *(
        st.lists(kind, max_size=30)
        for kind in (lonlats, coarse, town, polar, dateline, equator, hair)
    ),
    st.lists(st.one_of(lonlats, coarse, town, polar, dateline), max_size=40),
)
origins = st.one_of(lonlats, coarse, town, polar, dateline, equator, hair)


def measure_all(points: Points, origin: tuple[float, float]) -> FloatArray:
    """Metres from the origin to every point: the oracle."""
    lon, lat = canonical(*_columns(points))
    east, north = canonical(*_columns([origin] * len(points)))
    return distance_m(east, north, lon, lat)


def _columns(points: Points) -> tuple[FloatArray, FloatArray]:
    lon, lat = np.array(points, dtype=np.float64).reshape(-1, 2).T
    return lon, lat


def expected(metres: FloatArray, limit: int, within_m: float = math.inf) -> list[int]:
    order = np.lexsort((np.arange(metres.size), metres))
    return [int(row) for row in order if metres[row] <= within_m][:limit]


@st.composite
def limits(draw: st.DrawFn, metres: FloatArray) -> float:
    """Draw a limit, now and then exactly the distance of a point, or a hair beside it."""
    exact = [float(m) for m in metres] or [0.0]
    chosen = draw(st.sampled_from(exact))
    return draw(
        st.sampled_from([chosen, math.nextafter(chosen, -1), math.inf, 0.0, chosen + 1e-8])
        | st.floats(0, 2.1e7)
    )


@settings(max_examples=250, deadline=None)
@given(clouds, origins, st.integers(1, 45), st.data())
def test_agrees_with_measuring_everything(
    points: Points, origin: tuple[float, float], k: int, data: st.DataObject
) -> None:
    metres = measure_all(points, origin)
    within_m = max(data.draw(limits(metres)), 0.0)
    index = PointIndex(*_columns(points))
    wanted = expected(metres, k, within_m)

    rows, found_m = index.nearest_to(LonLat(*origin), k, within_m=within_m)
    assert rows == wanted
    assert found_m == metres[wanted].tolist()

    batch = index.nearest([origin[0]], [origin[1]], k, within_m=within_m)
    assert batch.rows.shape == batch.metres.shape == (1, k)
    assert batch.rows[0].tolist() == wanted + [-1] * (k - len(wanted))
    assert np.allclose(batch.metres[0][: len(wanted)], metres[wanted], rtol=0, atol=5e-4)
    assert np.isinf(batch.metres[0][len(wanted) :]).all()
    assert (np.diff(batch.metres[0][: len(wanted)]) >= 0).all()


@settings(max_examples=150, deadline=None)
@given(clouds, st.lists(origins, max_size=5), st.data())
def test_within_agrees_with_measuring_everything(
    points: Points, queries: Points, data: st.DataObject
) -> None:
    tables = [measure_all(points, origin) for origin in queries]
    radius_m = max(data.draw(limits(np.concatenate([*tables, np.zeros(0)]))), 0.0)
    assume(math.isfinite(radius_m))
    index = PointIndex(*_columns(points))
    found = index.within(*_columns(queries), radius_m)
    wanted = [
        (number, row)
        for number, metres in enumerate(tables)
        for row in expected(metres, metres.size, radius_m)
    ]
    assert list(zip(found.query.tolist(), found.row.tolist(), strict=True)) == wanted
    exact = [tables[number][row] for number, row in wanted]
    assert np.allclose(found.metres, exact, rtol=0, atol=5e-4)
    hit = index.any_within(*_columns(queries), radius_m)
    assert hit.tolist() == [bool((metres <= radius_m).any()) for metres in tables]


@settings(max_examples=150, deadline=None)
@given(clouds, origins, st.integers(1, 10), st.data())
def test_mask_leaves_only_its_rows(
    points: Points, origin: tuple[float, float], limit: int, data: st.DataObject
) -> None:
    where = np.array(
        data.draw(st.lists(st.booleans(), min_size=len(points), max_size=len(points))), bool
    )
    metres = measure_all(points, origin)
    rows, _ = PointIndex(*_columns(points)).nearest_to(LonLat(*origin), limit, where=where)
    assert rows == expected(np.where(where, metres, math.inf), limit, 1e9)


@pytest.fixture(scope="module")
def towns() -> tuple[FloatArray, FloatArray]:
    """Points in towns of several sizes, a fifth of them repeated, one house with 500."""
    draw = np.random.default_rng(1)
    centre = draw.uniform((97.5, 21.2), (106.2, 29.2), (60, 2))[draw.integers(0, 60, 9_000)]
    lonlat = centre + draw.normal(0, 0.05, centre.shape)
    lonlat = np.vstack((lonlat, lonlat[:1_500], np.repeat(lonlat[:1], 500, axis=0)))
    lon, lat = draw.permutation(lonlat).T
    return lon, lat


@pytest.mark.parametrize("k", [1, 2, 5])
def test_batches_equal_single_answers(towns: tuple[FloatArray, FloatArray], k: int) -> None:
    index = PointIndex(*towns)
    draw = np.random.default_rng(2)
    lon, lat = draw.uniform(97, 107, 6_000), draw.uniform(21, 30, 6_000)
    lon[:500], lat[:500] = towns[0][:500], towns[1][:500]
    found = index.nearest(lon, lat, k, within_m=60_000)
    for query in range(0, 6_000, 7):
        rows, metres = index.nearest_to(LonLat(lon[query], lat[query]), k, within_m=60_000)
        assert found.rows[query][: len(rows)].tolist() == rows
        assert (found.rows[query][len(rows) :] == -1).all()
        assert np.allclose(found.metres[query][: len(rows)], metres, rtol=0, atol=5e-4)


def test_big_batches_equal_measuring_everything(towns: tuple[FloatArray, FloatArray]) -> None:
    index = PointIndex(*towns)
    draw = np.random.default_rng(3)
    lon, lat = draw.uniform(97, 107, 5_000), draw.uniform(21, 30, 5_000)
    hit, pairs = index.any_within(lon, lat, 8_000), index.within(lon, lat, 8_000)
    assert (np.bincount(pairs.query, minlength=5_000) > 0).tolist() == hit.tolist()
    assert (np.lexsort((pairs.row, pairs.metres, pairs.query)) == np.arange(pairs.row.size)).all()
    for query in range(0, 5_000, 50):
        metres = distance_m(
            np.full(len(index), lon[query]), np.full(len(index), lat[query]), *towns
        )
        mine = pairs.query == query
        assert pairs.row[mine].tolist() == expected(metres, metres.size, 8_000)
        assert np.allclose(pairs.metres[mine], metres[pairs.row[mine]], rtol=0, atol=5e-4)


@pytest.mark.parametrize("share", [0.5, 0.1, 0.01, 0.001])
def test_masks_of_every_density(towns: tuple[FloatArray, FloatArray], share: float) -> None:
    index = PointIndex(*towns)
    draw = np.random.default_rng(4)
    where = draw.random(len(index)) < share
    far = towns[1] > 27
    for lon, lat in draw.uniform((97, 21), (107, 30), (40, 2)):
        metres = distance_m(np.full(len(index), lon), np.full(len(index), lat), *towns)
        for mask in (where, far, where & far):
            rows, _ = index.nearest_to(LonLat(lon, lat), 5, where=mask)
            assert rows == expected(np.where(mask, metres, math.inf), 5, 1e9)


def test_a_lattice_of_ties_goes_by_pyproj_then_row() -> None:
    axis = np.arange(-8, 9) / 64
    lon, lat = (grid.ravel() for grid in np.meshgrid(axis, axis))
    index = PointIndex(lon, lat)
    queries = lon[:-1] + 1 / 128, lat[:-1]
    found = index.nearest(*queries, 6)
    for query, origin in enumerate(zip(*queries, strict=True)):
        metres = measure_all(list(zip(lon, lat, strict=True)), origin)
        assert found.rows[query].tolist() == expected(metres, 6)
        for limit in range(1, 6):
            rows, _ = index.nearest_to(LonLat(*origin), limit)
            assert rows == expected(metres, limit)


def test_a_pole_and_the_date_line_are_one_place_each() -> None:
    index = PointIndex([50.0, -120.0, 0.0, 180.0, -180.0], [90.0, 90.0, 90.0, 5.0, 5.0])
    assert len(index.places) == 2
    assert index.nearest_to(LonLat(33, 80), 3)[0] == [0, 1, 2]
    assert len(set(index.nearest_to(LonLat(33, 80), 3)[1])) == 1
    assert index.nearest([-180.0, 77.0], [5.0, 90.0], 2).rows.tolist() == [[3, 4], [0, 1]]
    assert index.within([-180.0], [5.0], 0.0).row.tolist() == [3, 4]


def test_everything_around_the_antipode() -> None:
    lon, lat = np.random.default_rng(5).uniform(-0.5, 0.5, (2, 400))
    points = [
        (float(x + 179.7), float(y)) if x < 0.3 else (float(x - 180), float(y))
        for x, y in zip(lon, lat, strict=True)
    ]
    index = PointIndex(*_columns(points))
    metres = measure_all(points, (0.0, 0.0))
    rows, _ = index.nearest_to(LonLat(0, 0), 7)
    assert rows == expected(metres, 7)
    assert index.nearest([0.0], [0.0], 7).rows[0].tolist() == expected(metres, 7)
    radius_m = float(np.median(metres))
    assert index.within([0.0], [0.0], radius_m).row.tolist() == expected(metres, 400, radius_m)


def test_the_antipode_of_the_equator_is_found() -> None:
    index = PointIndex([0.0, 45.0], [0.0, 0.0])
    assert index.nearest([-135.0], [0.0], 2, within_m=20_003_932).rows.tolist() == [[0, 1]]
    assert index.within([-135.0], [0.0], 20_003_932).row.tolist() == [0, 1]
    assert index.any_within([180.0], [0.0], 20_003_931).tolist() == [True]


def test_an_empty_index_finds_nothing() -> None:
    index = PointIndex([], [])
    assert len(index) == 0
    assert index.nearest([1.0], [2.0], 3).rows.tolist() == [[-1, -1, -1]]
    assert index.nearest_to(LonLat(1, 2), 3) == ([], [])
    assert index.within([1.0], [2.0], 1e7).row.size == 0
    assert index.any_within([1.0], [2.0], 1e7).tolist() == [False]
    assert PointIndex([1.0], [2.0]).nearest([], [], 2).rows.shape == (0, 2)


@pytest.mark.parametrize("bad", [math.nan, math.inf, 91.0])
def test_what_is_no_position_is_refused(bad: float) -> None:
    index = PointIndex([0.0, 1.0], [0.0, 1.0])
    for call in (
        lambda: PointIndex([0.0], [bad]),
        lambda: index.nearest([0.0], [bad], 1),
        lambda: index.nearest_to(LonLat(0.0, bad), 1),
        lambda: index.within([0.0], [bad], 1.0),
        lambda: index.any_within([0.0], [bad], 1.0),
    ):
        with pytest.raises(PositionError):
            call()


@pytest.mark.parametrize("bad", [math.nan, -1.0])
def test_limits_must_be_numbers_from_0_up(bad: float) -> None:
    index = PointIndex([0.0, 1.0], [0.0, 1.0])
    for call in (
        lambda: index.nearest([0.0], [0.0], 1, within_m=bad),
        lambda: index.nearest_to(LonLat(0, 0), 1, within_m=bad),
        lambda: index.within([0.0], [0.0], bad),
        lambda: index.any_within([0.0], [0.0], bad),
        lambda: index.nearest_to(LonLat(0, 0), 0),
        lambda: index.nearest([0.0], [0.0], 0),
        lambda: index.nearest_to(LonLat(0, 0), 1, where=np.ones(3, bool)),
    ):
        with pytest.raises(UsageError):
            call()


@settings(max_examples=500, deadline=None)
@given(lonlats, lonlats)
@example((0.0, 90.0), (0.0, -90.0))
@example((0.0, 0.0), (180.0, 0.0))
@example((0.0, 0.0), (179.4, 0.4))
@example((0.0, 0.0), (0.0, 0.3))
@example((0.0, 90.0), (0.0, 89.7))
def test_the_chord_bounds_the_geodesic(
    one: tuple[float, float], other: tuple[float, float]
) -> None:
    metres = measure_all([other], one)[0]
    chord = _chord(one, other)
    _assert_bounds(chord, metres)


@settings(max_examples=300, deadline=None)
@given(st.tuples(st.floats(-180, 180), st.floats(-89, 89)), st.floats(0, 360), st.floats(0, 4e5))
def test_the_chord_bounds_short_geodesics(
    origin: tuple[float, float], azimuth: float, far: float
) -> None:
    lon, lat, _ = ellipsoid.WGS84.fwd(*origin, azimuth, far)
    _assert_bounds(_chord(origin, (lon, lat)), far)


def _chord(one: tuple[float, float], other: tuple[float, float]) -> float:
    return math.dist(ellipsoid.to_ecef_one(*one), ellipsoid.to_ecef_one(*other))


def _assert_bounds(chord: float, metres: float) -> None:
    column = np.array([chord])
    assert ellipsoid.least_m(column)[0] <= metres <= ellipsoid.most_m(column)[0]
    assert ellipsoid.most_one(chord) == pytest.approx(ellipsoid.most_m(column)[0], abs=1e-8)
    assert chord <= ellipsoid.reach_one(metres)
    assert ellipsoid.reach_one(metres) == pytest.approx(ellipsoid.reach_m(np.array([metres]))[0])
    if chord <= ellipsoid.sure_chord(1000.0):
        assert metres <= 1000.0
    if chord <= ellipsoid.MIDPOINT_CHORD_M:
        assert ellipsoid.middle_m(column)[0] == pytest.approx(metres, abs=5e-4)


@settings(max_examples=300, deadline=None)
@given(st.floats(0, 99_999), st.floats(0, 1) | st.floats(0, 1e-4))
def test_columns_that_do_not_overlap_have_bounds_apart(chord: float, gap: float) -> None:
    pair = np.array([[chord, chord + gap]])
    if not ellipsoid.overlap(pair[:, :-1], pair[:, 1:])[0, 0]:
        assert ellipsoid.most_m(pair)[0, 0] < ellipsoid.least_m(pair)[0, 1]


@pytest.mark.shared_data
def test_published_geodesics_hold(shared_data: Path) -> None:
    table = np.loadtxt(shared_data / "vectors" / "GeodTest-100.dat")
    lat1, lon1, lat2, lon2, metres = table[:, [0, 1, 3, 4, 6]].T
    assert np.allclose(distance_m(lon1, lat1, lon2, lat2), metres, rtol=0, atol=2e-8)
    for line in zip(lon1, lat1, lon2, lat2, metres, strict=True):
        _assert_bounds(_chord(line[:2], line[2:4]), line[4])
    for query, far in enumerate(metres):
        rows, found = PointIndex(lon2, lat2).nearest_to(LonLat(lon1[query], lat1[query]), 100)
        assert found[rows.index(query)] == pytest.approx(far, abs=2e-8)


@given(st.lists(lonlats, min_size=1, max_size=50))
def test_every_query_is_visited_once(points: Points) -> None:
    order = visiting_order(*_columns(points))
    assert sorted(order.tolist()) == list(range(len(points)))


@settings(max_examples=150, deadline=None)
@given(clouds, st.lists(origins, max_size=5), st.data())
def test_each_within_hands_over_every_pair_once(
    points: Points, queries: Points, data: st.DataObject
) -> None:
    tables = [measure_all(points, origin) for origin in queries]
    radius_m = max(data.draw(limits(np.concatenate([*tables, np.zeros(0)]))), 0.0)
    assume(math.isfinite(radius_m))
    index = PointIndex(*_columns(points))
    found: list[tuple[int, int]] = []

    def use(part: IntArray, query: IntArray, row: IntArray) -> None:
        assert (np.diff(query) >= 0).all()
        found.extend(zip(part[query].tolist(), row.tolist(), strict=True))

    index.each_within(*_columns(queries), radius_m, use)
    pairs = index.within(*_columns(queries), radius_m)
    assert sorted(found) == sorted(zip(pairs.query.tolist(), pairs.row.tolist(), strict=True))


def test_large_batches_are_handed_over_in_parts(
    towns: tuple[FloatArray, FloatArray], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index_module, "BLOCK_PAIRS", 5_000)
    index, parts = PointIndex(*towns), list[IntArray]()
    pairs: list[IntArray] = []

    def use(part: IntArray, query: IntArray, row: IntArray) -> None:
        parts.append(part)
        pairs.append(part[query] * len(index) + row)

    index.each_within(*towns, 3_000.0, use)
    assert np.sort(np.concatenate(parts)).tolist() == list(range(len(index)))
    assert len(parts) > 10
    wanted = index.within(*towns, 3_000.0)
    keys = np.sort(wanted.query * len(index) + wanted.row)
    assert np.array_equal(np.sort(np.concatenate(pairs)), keys)
    about = index.pairs_about(*towns, 3_000.0)
    assert 0.2 < about / keys.size < 5


@pytest.mark.parametrize("radius_m", [0.0, 300.0, 2_000.0, 40_000.0, 200_000.0])
def test_shares_of_own_points_equal_an_index_each(radius_m: float) -> None:
    """Every area, several times, each time against a few points of its own."""
    draw = np.random.default_rng(5)
    lon, lat = draw.uniform(102, 103, 60), draw.uniform(24.5, 25.5, 60)
    hole = [[(102.5, 24.9), (102.6, 24.9), (102.6, 25.0)]]
    shapes = [
        shapely.box(102.2, 24.7, 102.21, 24.72),
        shapely.box(101.0, 24.0, 104.0, 26.0),
        shapely.Polygon([(102.4, 24.8), (102.7, 24.8), (102.7, 25.1)], hole),
        shapely.MultiPolygon(
            [shapely.box(102, 25, 102.01, 25.01), shapely.box(103, 25, 103.3, 25.2)]
        ),
        shapely.Polygon(),
    ]
    areas = [shapes[number] for number in draw.integers(0, len(shapes), 40)]
    own = [np.sort(draw.choice(60, draw.integers(0, 5), replace=False)) for _ in areas]
    area = np.repeat(np.arange(40), [each.size for each in own])
    found = share_within_own(areas, area, np.concatenate(own), lon, lat, radius_m=radius_m)
    alone = [
        share_within(PointIndex(lon[each], lat[each]), [shape], radius_m)[0]
        for shape, each in zip(areas, own, strict=True)
    ]
    assert np.allclose(found, alone, rtol=0, atol=1e-9)


def test_no_areas_and_nonsense_for_own_points() -> None:
    none = np.zeros(0, dtype=np.int64)
    assert share_within_own([], none, none, [], [], radius_m=1.0).size == 0
    with pytest.raises(UsageError, match="at least 0"):
        share_within_own([], none, none, [], [], radius_m=math.nan)
