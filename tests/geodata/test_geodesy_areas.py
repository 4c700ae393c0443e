"""Areas, distances to areas and shares in reach, against oracles that share no code with them."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod
from scipy.optimize import minimize_scalar
from shapely import affinity

from geodata.errors import UsageError
from geodata.geodesy import (
    FloatArray,
    PointIndex,
    area_m2,
    areas_within,
    distance_m,
    nearest_to_areas,
    share_within,
)

GEOD = Geod(ellps="WGS84")
KUNMING = (102.712, 25.041)


def box_m(lon: float, lat: float, width_m: float, height_m: float) -> shapely.Polygon:
    """Box about a middle, its sides measured along the meridian and the middle parallel."""
    half_lat = height_m / 2 / distance_m([lon], [lat - 0.5], [lon], [lat + 0.5])[0]
    half_lon = width_m / 2 / distance_m([lon], [lat], [lon + 1e-3], [lat])[0] * 1e-3
    return shapely.box(lon - half_lon, lat - half_lat, lon + half_lon, lat + half_lat)


@st.composite
def stars(draw: st.DrawFn) -> shapely.Polygon:
    """Star-shaped polygons of 100 m to 300 km, some with a hole, in China or at the date line."""
    lon, lat = draw(st.sampled_from([KUNMING, (179.0, -17.0), (0.3, 0.1), (-150.0, 70.0)]))
    radii = draw(st.lists(st.floats(0.3, 1), min_size=3, max_size=9))
    size = draw(st.sampled_from([0.001, 0.02, 0.9]))
    angle = np.linspace(0, 2 * np.pi, len(radii), endpoint=False)
    ring = np.array(radii)[:, None] * np.column_stack((np.cos(angle), np.sin(angle))) * size
    middle = np.array((lon, lat))
    shell = ring + middle
    hole = [0.5 * ring + middle] if draw(st.booleans()) else []
    return shapely.Polygon(shell, hole)


def nearby(area: shapely.Polygon) -> st.SearchStrategy[list[tuple[float, float]]]:
    west, south, east, north = area.bounds
    width, height = east - west, north - south
    corners = st.sampled_from(list(area.exterior.coords))
    around = st.tuples(
        st.floats(max(west - width, -180), min(east + width, 180)),
        st.floats(south - height, north + height),
    )
    return st.lists(around | corners, min_size=1, max_size=6)


def metres_by_search(area: shapely.Polygon, lon: float, lat: float) -> float:
    """Metres to an area by one-dimensional minimisation of the geodesic on every edge."""
    if area.intersects(shapely.Point(lon, lat)):
        return 0.0
    best = math.inf
    for ring in (area.exterior, *area.interiors):
        ends = np.array(ring.coords)
        for one, two in pairwise(ends):

            def along(share: float, one: FloatArray = one, two: FloatArray = two) -> float:
                return float(GEOD.inv(lon, lat, *(one + share * (two - one)))[2])

            found = minimize_scalar(along, bounds=(0, 1), method="bounded", options={"xatol": 1e-9})
            best = min(best, found.fun, along(0), along(1))
    return best


@settings(max_examples=120, deadline=None)
@given(st.data())
def test_nearest_agrees_with_minimising_on_every_edge(data: st.DataObject) -> None:
    area = data.draw(stars())
    points = data.draw(nearby(area))
    rows, metres = nearest_to_areas(PointIndex(*np.array(points).T), [area])
    wanted = [metres_by_search(area, *point) for point in points]
    assert metres[0] == pytest.approx(min(wanted), abs=1e-3)
    assert wanted[rows[0]] == pytest.approx(min(wanted), abs=1e-3)
    if min(wanted) == 0:
        assert metres[0] == 0
        assert rows[0] == wanted.index(0)


def test_nearest_with_many_points_and_areas() -> None:
    draw = np.random.default_rng(1)
    lon, lat = draw.uniform(101, 104, 400), draw.uniform(24, 26, 400)
    areas = [
        box_m(x, y, *draw.uniform(200, 30_000, 2))
        for x, y in draw.uniform((101, 24), (104, 26), (60, 2))
    ]
    rows, metres = nearest_to_areas(PointIndex(lon, lat), areas)
    for number, area in enumerate(areas):
        flat = shapely.distance(area, shapely.points(lon, lat))
        near = np.flatnonzero(flat <= flat.min() * 1.3)
        wanted = [metres_by_search(area, lon[row], lat[row]) for row in near]
        assert rows[number] == near[int(np.argmin(wanted))]
        assert metres[number] == pytest.approx(min(wanted), abs=1e-3)


@settings(max_examples=60)
@given(st.data())
def test_pairs_within_are_those_of_each_point_alone(data: st.DataObject) -> None:
    first, second = data.draw(stars()), data.draw(stars())
    areas = np.array(
        [first, shapely.multipolygons([first, affinity.translate(first, -3, 0.1)]), second]
    )
    points = data.draw(nearby(first)) + data.draw(nearby(second))
    points += points[:2]
    lon, lat = np.array(points).T
    alone = [nearest_to_areas(PointIndex([x], [y]), areas)[1] for x, y in points]
    radius_m = data.draw(st.sampled_from([0.0, 500.0, 30_000.0, *np.array(alone).flat]))
    expected = {
        (query, row): metres
        for row, found in enumerate(alone)
        for query, metres in enumerate(found.tolist())
        if metres <= radius_m
    }
    pairs = areas_within(PointIndex(lon, lat), areas, radius_m)
    query, row, metres = (part.tolist() for part in pairs)
    assert dict(zip(zip(query, row, strict=True), metres, strict=True)) == pytest.approx(expected)
    assert len(query) == len(expected)
    order = list(zip(query, metres, row, strict=True))
    assert order == sorted(order)


def test_nothing_is_within_reach_of_nothing() -> None:
    for found in (
        areas_within(PointIndex([], []), np.array([shapely.box(0, 0, 1, 1)]), 1e6),
        areas_within(PointIndex([0], [0]), np.array([shapely.Polygon()]), 1e6),
    ):
        assert [part.size for part in found] == [0, 0, 0]


def test_an_edge_is_straight_in_degrees_not_on_the_ground() -> None:
    top = shapely.box(100, 39, 104, 40)
    _, metres = nearest_to_areas(PointIndex([102.0], [40.001]), [top])
    assert metres[0] == pytest.approx(distance_m([102], [40.001], [102], [40])[0], abs=1e-3)
    assert nearest_to_areas(PointIndex([102.0], [39.9999]), [top])[1][0] == 0


def test_nearest_goes_the_shorter_way_round_and_to_the_lowest_row() -> None:
    west = shapely.box(-180, 10, -179.9, 10.1)
    both = shapely.MultiPolygon([west, shapely.box(179.9, 10, 180, 10.1)])
    index = PointIndex([179.89, 179.999, -179.8, -179.95, 180.0], [10.05] * 5)
    rows, metres = nearest_to_areas(index, [west, both])
    assert rows.tolist() == [3, 1]
    assert metres.tolist() == [0, 0]
    rows, metres = nearest_to_areas(PointIndex([179.99], [10.05]), [west])
    assert metres[0] == pytest.approx(distance_m([179.99], [10.05], [180], [10.05])[0], abs=1e-3)


def test_equal_distances_and_repeated_points_go_to_the_lower_row() -> None:
    area = shapely.box(102, 24, 102.5, 24.5)
    index = PointIndex([102.75, 102.75, 101.75, 102.75], [24.25, 24.25, 24.25, 24.25])
    assert nearest_to_areas(index, [area])[0].tolist() == [0]


def test_nothing_is_nearest_to_nothing() -> None:
    area = shapely.box(102, 24, 103, 25)
    assert nearest_to_areas(PointIndex([], []), [area])[0].tolist() == [-1]
    rows, metres = nearest_to_areas(PointIndex([1.0], [2.0]), [shapely.Polygon(), area])
    assert rows.tolist() == [-1, 0]
    assert metres[0] == math.inf
    assert 7e6 < metres[1] < 12e6
    assert share_within(PointIndex([], []), [area], 1e3).tolist() == [0]
    assert share_within(PointIndex([1.0], [2.0]), [shapely.Polygon()], 1e3).tolist() == [0]
    assert area_m2([]).shape == (0,)
    assert area_m2([shapely.MultiPolygon()]).tolist() == [0]


@pytest.mark.parametrize("bad", [None, shapely.Point(1, 2), shapely.LineString([(0, 0), (1, 1)])])
def test_what_is_no_polygon_is_refused(bad: shapely.Geometry | None) -> None:
    areas = [shapely.box(0, 0, 1, 1), bad]
    index = PointIndex([0.0], [0.0])
    for call in (
        lambda: area_m2(areas),
        lambda: nearest_to_areas(index, areas),
        lambda: share_within(index, areas, 1.0),
    ):
        with pytest.raises(UsageError, match="area 1 must be a Polygon"):
            call()


@pytest.mark.parametrize("radius_m", [-1.0, math.nan])
def test_a_radius_is_a_number_from_0_up(radius_m: float) -> None:
    with pytest.raises(UsageError, match="radius of at least 0"):
        share_within(PointIndex([0.0], [0.0]), [shapely.box(0, 0, 1, 1)], radius_m)


@settings(max_examples=60, deadline=None)
@given(stars())
def test_area_agrees_with_dense_geodesic_edges(area: shapely.Polygon) -> None:
    dense = shapely.segmentize(area, max(area.bounds[2] - area.bounds[0], 1e-9) / 3000)
    wanted = abs(GEOD.geometry_area_perimeter(shapely.orient_polygons(dense))[0])
    assert area_m2([area])[0] == pytest.approx(wanted, rel=1e-6, abs=0.05)
    assert area_m2([shapely.reverse(area)])[0] == pytest.approx(
        area_m2([area])[0], rel=1e-10, abs=1e-6
    )


def test_areas_known_by_heart() -> None:
    whole = shapely.segmentize(shapely.box(-180, -90, 180, 90), 5)
    square = box_m(*KUNMING, 1_000, 1_000)
    moved = affinity.translate(square, 1)
    holed = shapely.difference(shapely.box(102, 24, 104, 26), square)
    found = area_m2([whole, square, shapely.MultiPolygon([square, moved]), holed])
    assert found[0] == pytest.approx(510_065_621_724_089, rel=1e-9)
    assert found[1] == pytest.approx(1e6, rel=1e-5)
    assert found[2] == pytest.approx(2 * found[1], rel=1e-9)
    assert found[3] == pytest.approx(area_m2([shapely.box(102, 24, 104, 26)])[0] - found[1])


@pytest.mark.parametrize("radius_m", [50.0, 1_000.0, 20_000.0])
def test_a_disc_inside_a_square_covers_pi_r_squared(radius_m: float) -> None:
    square = box_m(*KUNMING, 5 * radius_m, 5 * radius_m)
    share = share_within(PointIndex([KUNMING[0]], [KUNMING[1]]), [square], radius_m)[0]
    assert share == pytest.approx(math.pi * radius_m**2 / area_m2([square])[0], abs=1e-5)


def test_parts_of_a_disc() -> None:
    west, south, east, north = box_m(*KUNMING, 5_000, 5_000).bounds
    square = shapely.box(west, south, east, north)
    disc = math.pi * 1e6 / area_m2([square])[0]
    middle_lon, middle_lat = KUNMING
    for lon, lat, part in (
        (west, south, 0.25),
        (middle_lon, north, 0.5),
        (middle_lon, middle_lat, 1),
    ):
        share = share_within(PointIndex([lon], [lat]), [square], 1_000)[0]
        assert share == pytest.approx(part * disc, abs=1e-4 * disc + 2e-6)


def test_overlapping_and_repeated_discs_count_once() -> None:
    square = box_m(*KUNMING, 6_000, 6_000)
    lon, lat = KUNMING
    east, _, _ = GEOD.fwd(lon, lat, 90, 1_000)
    lens = 2 * math.acos(0.5) - math.sin(2 * math.acos(0.5))
    two = (2 * math.pi - lens) * 1e6 / area_m2([square])[0]
    once = share_within(PointIndex([lon, east], [lat, lat]), [square], 1_000)[0]
    assert once == pytest.approx(two, abs=1e-5)
    shaken = PointIndex(
        [lon, east, lon + 1e-14, east + 2e-13, lon], [lat, lat, lat, lat + 1e-13, lat]
    )
    assert share_within(shaken, [square], 1_000)[0] == pytest.approx(once, abs=1e-9)


def test_all_and_nothing_are_exact() -> None:
    square = box_m(*KUNMING, 1_000, 1_000)
    ring = shapely.difference(box_m(*KUNMING, 3_000, 3_000), box_m(*KUNMING, 2_000, 2_000))
    lon, lat = KUNMING
    index = PointIndex([lon], [lat])
    assert share_within(index, [square, square, ring], 708).tolist()[:2] == [1, 1]
    assert share_within(index, [square, ring], 3_000).tolist() == [1, 1]
    assert share_within(index, [ring, affinity.translate(square, 0.02)], 999).tolist() == [0, 0]
    assert 0.99 < share_within(index, [square], 706)[0] < 1
    west, south, east, north = square.bounds
    corners = PointIndex([west, west, east, east], [south, north, south, north])
    assert share_within(corners, [square], 708).tolist() == [1]


def by_grid(area: shapely.Polygon, index: PointIndex, radius_m: float, cells: int) -> float:
    """Share by asking every cell's middle whether a point is within the radius."""
    west, south, east, north = area.bounds
    step = (np.arange(cells) + 0.5) / cells
    lon, lat = (
        grid.ravel()
        for grid in np.meshgrid(west + step * (east - west), south + step * (north - south))
    )
    inside = shapely.contains_xy(area, lon, lat)
    lon, lat = lon[inside], lat[inside]
    weight = np.cos(np.deg2rad(lat))
    return float((index.any_within(lon, lat, radius_m) * weight).sum() / weight.sum())


@settings(max_examples=25, deadline=None)
@given(stars(), st.integers(0, 10_000), st.floats(0.1, 1.5))
def test_share_agrees_with_a_grid(area: shapely.Polygon, seed: int, relative: float) -> None:
    west, south, east, north = area.bounds
    draw = np.random.default_rng(seed)
    lon = draw.uniform(west - (east - west) / 3, min(east + (east - west) / 3, 180), 12)
    lat = draw.uniform(south - (north - south) / 3, north + (north - south) / 3, 12)
    index = PointIndex(np.round(lon, 4), np.round(lat, 4))
    radius_m = relative * distance_m([west], [south], [west], [north])[0] / 2
    share = share_within(index, [area], radius_m)[0]
    assert share == pytest.approx(by_grid(area, index, radius_m, 400), abs=2e-3)


def test_a_whole_county_with_small_discs() -> None:
    county = shapely.Polygon([(102, 24), (103.4, 24.2), (103.1, 25.3), (102.4, 24.9)])
    draw = np.random.default_rng(6)
    lon, lat = draw.uniform(102, 103.4, 3_000), draw.uniform(24, 25.3, 3_000)
    index = PointIndex(lon, lat)
    share = share_within(index, [county], 1_500)[0]
    assert share == pytest.approx(by_grid(county, index, 1_500, 1_500), abs=1e-4)
    apart = PointIndex(*np.array([(102.3, 24.3), (102.9, 24.5), (103, 24.9), (102.6, 24.7)]).T)
    discs = 4 * math.pi * 5_000**2 / area_m2([county])[0]
    assert share_within(apart, [county], 5_000)[0] == pytest.approx(discs, abs=1e-6)


def test_a_far_circle_cuts_a_park_where_the_geodesic_does() -> None:
    lon, lat, _ = GEOD.fwd(*KUNMING, 40, 300_000)
    park = box_m(lon, lat, 2_000, 2_000)
    index = PointIndex([KUNMING[0]], [KUNMING[1]])
    share = share_within(index, [park], 300_200)[0]
    assert share == pytest.approx(by_grid(park, index, 300_200, 1_000), abs=1e-3)


def test_shares_of_many_areas_are_those_of_each_alone() -> None:
    draw = np.random.default_rng(7)
    index = PointIndex(draw.uniform(102, 103, 300), draw.uniform(24, 25, 300))
    areas = [
        box_m(x, y, *draw.uniform(500, 9_000, 2))
        for x, y in draw.uniform((102, 24), (103, 25), (700, 2))
    ]
    together = share_within(index, areas, 1_000)
    alone = [share_within(index, [area], 1_000)[0] for area in areas[::25]]
    assert np.allclose(together[::25], alone, rtol=0, atol=1e-12)
    assert share_within(index, [shapely.MultiPolygon(areas[:1])], 1_000)[0] == together[0]
