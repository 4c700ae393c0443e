"""Boundaries against brute force on the same polygons, and against places known by name."""

from __future__ import annotations

import csv
import json
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from geodata import boundaries
from geodata.boundaries import source
from geodata.boundaries.locate import CHUNK, Locator
from geodata.errors import MissingError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from geopandas import GeoDataFrame
    from numpy.typing import NDArray

YUNNAN = (97.4, 21.0, 106.3, 29.4)

PLACES = {
    "翠湖": (102.7040, 25.0490, 530102),
    "七甸": (102.9480, 24.8880, 530114),
    "瑞丽": (97.8554, 24.0204, 533102),
    "河口": (103.9375, 22.5325, 532532),
    "磨憨": (101.6877, 21.1908, 532823),
    "天安门": (116.3974, 39.9087, 110101),
    "东莞": (113.7518, 23.0207, 441900),
    "仙桃": (113.4540, 30.3650, 429004),
    "香港中环": (114.1588, 22.2818, 810001),
    "曼德勒": (96.0891, 21.9588, 0),
    "河内": (105.8342, 21.0278, 0),
    "太平洋": (150.0, 20.0, 0),
}


@cache
def every_county() -> GeoDataFrame:
    return boundaries.areas("county")


def brute_force(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.int64]:
    """Ask every county's own polygon, lowest code first come."""
    counties = every_county()
    points = shapely.points(lon, lat)
    point, county = shapely.STRtree(counties.geometry).query(points, predicate="intersects")
    found = np.full(len(points), 10**6)
    np.minimum.at(found, point, counties.index.astype(int).to_numpy()[county])
    return np.where(found == 10**6, 0, found)


@pytest.mark.parametrize(("lon", "lat", "code"), PLACES.values(), ids=PLACES)
def test_a_known_place_is_in_its_county(lon: float, lat: float, code: int) -> None:
    assert boundaries.county_of(lon, lat) == code
    assert boundaries.province_of(lon, lat) == code // 10000


def test_points_all_over_china_agree_with_brute_force() -> None:
    rng = np.random.default_rng(5)
    lon, lat = rng.uniform(73, 136, 20_000), rng.uniform(17, 54, 20_000)
    assert np.array_equal(boundaries.county_of(lon, lat), brute_force(lon, lat))


def test_points_on_and_beside_yunnan_borders_agree_with_brute_force() -> None:
    rng = np.random.default_rng(6)
    corners = shapely.get_coordinates(boundaries.areas("county", "53").geometry)
    corners = corners[rng.choice(len(corners), 4_000, replace=False)]
    step = rng.choice([0.0, 1e-12, 1e-7, 1e-4], (4_000, 1)) * rng.normal(size=(4_000, 2))
    lon, lat = (corners + step).T
    found = boundaries.county_of(lon, lat)
    assert np.array_equal(found, brute_force(lon, lat))
    assert (found[(step == 0).all(axis=1)] > 0).all()


@given(
    west=st.floats(97.4, 106.3), south=st.floats(21.0, 29.4), spread=st.sampled_from([0, 1e-6, 0.1])
)
@settings(max_examples=25, deadline=None)
def test_any_points_in_yunnan_agree_with_brute_force(
    west: float, south: float, spread: float
) -> None:
    lon, lat = np.linspace(west, west + spread, 7), np.linspace(south, south + spread, 7)
    assert np.array_equal(boundaries.county_of(lon, lat), brute_force(lon, lat))


@given(seed=st.integers(0, 10**6), cell=st.sampled_from([0.03, 0.25, 1.0, 7.0]))
@settings(max_examples=40, deadline=None)
def test_locator_agrees_with_brute_force_on_any_coverage(seed: int, cell: float) -> None:
    rng = np.random.default_rng(seed)
    sites = shapely.multipoints(rng.integers(0, 8, (9, 2)))
    cells = shapely.get_parts(shapely.voronoi_polygons(sites, extend_to=shapely.box(0, 0, 8, 8)))
    cells = cells[: max(1, len(cells) - 2)]
    codes = np.arange(1, len(cells) + 1)
    grid = np.arange(-8, 17, 0.5)
    lon, lat = (axis.ravel() for axis in np.meshgrid(grid, grid))
    hits = shapely.intersects_xy(cells[:, None], lon, lat)
    expected = np.where(hits.any(axis=0), codes[hits.argmax(axis=0)], 0)
    assert np.array_equal(Locator(cells, codes, cell).find(lon, lat), expected)


def test_county_of_takes_any_shape_and_no_position() -> None:
    lon = np.array([[102.7040], [np.nan], [np.inf]])
    lat = np.array([[25.0490, 91.0, np.nan, -np.inf]])
    expected = np.zeros((3, 4), dtype=int)
    expected[0, 0] = 530102
    assert np.array_equal(boundaries.county_of(lon, lat), expected)
    assert boundaries.county_of([], []).shape == (0,)
    assert boundaries.county_of(102.7040, 25.0490).shape == ()


def test_more_points_than_are_handled_at_once() -> None:
    lon = np.full(2 * CHUNK + 3, 102.7040)
    lon[-1] = 97.8554
    lat = np.full_like(lon, 25.0490)
    lat[-1] = 24.0204
    found = boundaries.county_of(lon, lat)
    assert (found[:-1] == 530102).all()
    assert found[-1] == 533102


def test_threads_may_ask_at_once() -> None:
    rng = np.random.default_rng(7)
    lon, lat = rng.uniform(97.4, 106.3, (16, 5_000)), rng.uniform(21.0, 29.4, (16, 5_000))
    locator = Locator(*source.county_polygons("53"), cell=0.02)
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(locator.find, lon, lat))
    expected = boundaries.county_of(lon, lat)
    assert np.array_equal(np.where(expected // 10000 == 53, expected, 0), np.array(found))


def test_counties_leave_no_gap_and_no_overlap_and_make_up_their_province() -> None:
    for code in ("53", "54"):
        counties = boundaries.areas("county", code)
        assert shapely.coverage_is_valid(counties.geometry)
        union = shapely.coverage_union_all(counties.geometry)
        province = boundaries.areas("province", code).geometry.iloc[0]
        assert shapely.equals(union, province)


def test_areas_have_codes_names_and_parents() -> None:
    counties = boundaries.areas("county", "53")
    assert len(counties) == 129
    assert counties.index.is_monotonic_increasing
    assert counties.loc["530102", ["name", "prefecture", "province"]].tolist() == [
        "五华区",
        "昆明市",
        "云南省",
    ]
    assert counties.crs == "EPSG:4326"
    assert len(boundaries.areas("county")) == 2877
    assert len(boundaries.areas("province")) == 34
    prefectures = boundaries.areas("prefecture", "53")
    assert len(prefectures) == 16
    assert prefectures.loc["5301", "province"] == "云南省"
    assert set(boundaries.areas("province").index) >= {"71", "81", "82"}


def test_a_prefecture_is_its_counties() -> None:
    for code in ("5301", "4290", "5002"):
        prefecture = boundaries.areas("prefecture", code)
        counties = boundaries.areas("county", code)
        assert prefecture.index.tolist() == [code]
        assert shapely.area(prefecture.geometry).sum() == pytest.approx(
            shapely.area(counties.geometry).sum()
        )


def test_areas_of_an_unknown_prefix_or_level() -> None:
    assert boundaries.areas("county", "99").empty
    assert boundaries.areas("prefecture", "530102").empty
    assert boundaries.areas("province", "99").empty
    with pytest.raises(UsageError, match="county"):
        boundaries.areas("township")  # type: ignore[arg-type]


@pytest.mark.shared_data
def test_the_border_counties_of_yunnan_come_out_of_geometry(shared_data: Path) -> None:
    text = (shared_data / "admin" / "yunnan_border_counties_derived.csv").read_text("utf-8-sig")
    length = {row["adcode"]: float(row["border_km_amap"]) for row in csv.DictReader(text.split())}
    assert boundaries.border_counties("53") == sorted(length)
    geod = Geod(ellps="WGS84")
    for code, km in length.items():
        assert geod.geometry_length(boundaries.border_line(code)) / 1000 == pytest.approx(km, abs=1)


def test_border_counties_of_china() -> None:
    every = boundaries.border_counties()
    assert len(every) == 139
    assert {code[:2] for code in every} == {"15", "21", "22", "23", "45", "53", "54", "62", "65"}
    assert len([code for code in every if code.startswith("53")]) == 25
    assert boundaries.border_counties("44") == []


def test_a_county_has_its_part_of_the_border_line() -> None:
    line = boundaries.border_line("533102")
    outline = boundaries.areas("county", "533102").geometry.iloc[0].boundary
    assert line.within(outline)
    assert 0 < line.length < outline.length
    assert boundaries.border_line("530102").is_empty
    with pytest.raises(MissingError, match="six digits"):
        boundaries.border_line("5331")


def test_outlines_share_their_borders_at_every_level_and_are_small() -> None:
    counties = boundaries.outlines("county")
    assert len(counties) == 129
    assert shapely.coverage_is_valid(counties.geometry)
    assert counties.is_valid.all()
    assert len(json.dumps(json.loads(counties.to_json()), separators=(",", ":"))) < 150_000
    lines = shapely.union_all(counties.boundary)
    levels: list[tuple[boundaries.Level, int]] = [("prefecture", 16), ("province", 1)]
    for level, number in levels:
        coarser = boundaries.outlines(level, "53")
        assert len(coarser) == number
        assert shapely.coverage_is_valid(coarser.geometry)
        assert shapely.union_all(coarser.boundary).within(lines)
    assert boundaries.outlines("county").to_json() == counties.to_json()


def test_outlines_stay_near_the_areas() -> None:
    exact, simple = boundaries.areas("county", "53"), boundaries.outlines("county", "53")
    moved = shapely.hausdorff_distance(exact.geometry, simple.geometry)
    assert moved.max() < 0.06
    assert shapely.area(simple.geometry).sum() == pytest.approx(
        shapely.area(exact.geometry).sum(), rel=0.001
    )


@pytest.mark.parametrize(
    ("code", "today"),
    {
        "530121": "530114",
        "530114": "530114",
        "532502": "532502",
        "532121": "530602",
        "532131": "530681",
        "533422": "533422",
        "532330": "530128",
        "532100": "5306",
        "5321": "5306",
        "530200": "530113",
        "530100": "5301",
        "530000": "53",
        "53": "53",
        "5301": "5301",
        "441900": "441900",
        " 530121 ": "530114",
        "110221": "110114",
        "320625": "320614",
        "532201": None,
        "533221": None,
        "110103": None,
        "999999": None,
        "53010": None,
        "00": None,
        "0000": None,
        "": None,
        "呈贡": None,
    }.items(),
)
def test_current_code(code: str, today: str | None) -> None:
    assert boundaries.current_code(code) == today


def test_every_retired_code_leads_to_codes_in_use() -> None:
    table = resources.files("geodata").joinpath("data", "retired_codes.csv").read_text("utf-8")
    rows = list(csv.DictReader(table.splitlines()))
    assert len({row["code"] for row in rows}) == len(rows) > 2000
    for row in rows:
        assert row["by"] in {"record", "name"}
        assert int(row["retired"]) > 1979
        heirs = boundaries.successors(row["code"])
        assert heirs
        assert row["code"] not in heirs
        assert all(boundaries.name_of(code) for code in heirs)


def test_a_split_county_has_several_successors() -> None:
    assert boundaries.successors("532201") == ("530302", "530303")
    assert boundaries.successors("533322") == ("533301", "533323")
    assert boundaries.successors("530121") == ("530114",)
    assert boundaries.successors("110103") == ()


@pytest.mark.shared_data
def test_every_code_yunnan_ever_had_leads_to_codes_in_use(shared_data: Path) -> None:
    text = (shared_data / "admin" / "yunnan_adcode_history_areacodes.csv").read_text("utf-8-sig")
    rows = list(csv.DictReader(text.splitlines()))
    living = {row["代码"] for row in rows if row["状态"] == "在用" and row["级别"] == "县级"}
    assert living == set(boundaries.areas("county", "53").index)
    for row in rows:
        code = row["代码"]
        heirs = boundaries.successors(code)
        assert heirs, code
        if row["级别"] == "县级":
            assert living.issuperset(heirs), code
            assert (heirs == (code,)) == (code in living)


@pytest.mark.parametrize(
    ("code", "name"),
    {
        "530114": "云南省昆明市呈贡区",
        "5301": "云南省昆明市",
        "530100": "云南省昆明市",
        "53": "云南省",
        "110101": "北京市东城区",
        "1101": "北京市",
        "500101": "重庆市万州区",
        "441900": "广东省东莞市",
        "429004": "湖北省仙桃市",
        "659001": "新疆维吾尔自治区石河子市",
        "810001": "香港特别行政区中西区",
        "710000": "台湾省",
    }.items(),
)
def test_name_of(code: str, name: str) -> None:
    assert boundaries.name_of(code) == name


@pytest.mark.parametrize("code", ["530121", "99", "", "x" * 300])
def test_name_of_no_area_in_use(code: str) -> None:
    with pytest.raises(MissingError, match="530114"):
        boundaries.name_of(code)


def test_county_codes_begin_with_their_parents() -> None:
    table = source.county_table()
    assert (table["county"] // 100 == table["prefecture"]).all()
    assert (table["county"] // 10000 == table["province"]).all()
    assert table["county"].is_monotonic_increasing
    assert table["county"].is_unique
