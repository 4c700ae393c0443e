"""The synthetic Yunnan: exact proportions, true geography, the same bytes every time."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod, Transformer
from scipy.spatial import KDTree

from geodata import boundaries
from geodata.errors import UsageError
from stations import demo
from stations.catalogue import catalogue
from stations.demo.chance import dealt, drawn, serials, shared_out, streams
from stations.demo.facts import facts
from stations.places import read_places
from stations.schema import SITE_COLUMNS, STATION_COLUMNS, empty_frame
from stations.store import check_frame

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd

    from stations.store import Changes

MAY_BE_UNKNOWN = ["ebike_parking", "truck_bays", "entrance_lon", "entrance_lat"]
SEED = 7
STATIONS = 3618
NATIONAL = 186_100
EARTH = Geod(ellps="WGS84")
CHECKOUT = Path(demo.__file__).parents[2]

SPAN = r"\d\d:\d\d-\d\d:\d\d"
DAYS = r"(?:(?:Mo|Tu|We|Th|Fr|Sa|Su)(?:-(?:Mo|Tu|We|Th|Fr|Sa|Su))?|PH) "
RULE = rf"(?:{DAYS})?{SPAN}(?:,{SPAN})*"
OPENING_HOURS = re.compile(rf"24/7|{RULE}(?:; (?:PH off|{RULE}))*")


@pytest.fixture(scope="module")
def built() -> Changes:
    return demo.build(SEED)


@pytest.fixture(scope="module")
def stations(built: Changes) -> gpd.GeoDataFrame:
    return built.stations


@pytest.fixture(scope="module")
def parks(built: Changes) -> gpd.GeoDataFrame:
    return built.sites["parks"]


@pytest.fixture(scope="module")
def posts(built: Changes) -> gpd.GeoDataFrame:
    return built.sites["border_posts"]


def digest(changes: Changes) -> str:
    total = hashlib.sha256()
    for frame in (changes.stations, *changes.sites.values()):
        total.update(frame.drop(columns="geometry").to_csv().encode())
        total.update(b"".join(shapely.to_wkb(frame.geometry.to_numpy())))
    return total.hexdigest()


def follow(frame: gpd.GeoDataFrame, schema: Mapping[str, str]) -> bool:
    expected = empty_frame(schema)
    assert frame.dtypes.to_dict() == expected.dtypes.to_dict()
    assert list(frame.columns) == list(expected.columns)
    assert (frame.index.name, frame.index.dtype) == ("id", expected.index.dtype)
    assert frame.index.is_unique
    assert frame.index.is_monotonic_increasing
    assert frame.crs == "EPSG:4326"
    assert not frame.drop(columns=MAY_BE_UNKNOWN, errors="ignore").isna().any(axis=None)
    return True


def rounded(share: Fraction, count: int = STATIONS) -> int:
    return round(share * count)


def test_same_seed_same_bytes_whatever_the_hash_seed(built: Changes) -> None:
    assert digest(demo.build(SEED)) == digest(built)
    code = (
        "from stations import demo; from tests.stations.test_demo import digest;"
        f"print(digest(demo.build({SEED})))"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "99", "OMP_NUM_THREADS": "1"}
    other = subprocess.run(
        [sys.executable, "-c", code],
        env=environment,
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert other.stdout.strip() == digest(built)


def test_another_seed_is_another_yunnan_with_the_same_counts(built: Changes) -> None:
    other = demo.build(SEED + 1)
    assert digest(other) != digest(built)
    for column in ("kind", "status"):
        ours = built.stations[column].value_counts().to_dict()
        assert other.stations[column].value_counts().to_dict() == ours


def test_a_negative_seed_is_refused() -> None:
    with pytest.raises(UsageError, match="0 or a positive"):
        demo.build(-1)


def test_frames_follow_the_schema(
    stations: gpd.GeoDataFrame, parks: gpd.GeoDataFrame, posts: gpd.GeoDataFrame
) -> None:
    assert follow(stations, STATION_COLUMNS)
    assert follow(parks, SITE_COLUMNS)
    assert follow(posts, SITE_COLUMNS)


def test_the_store_would_take_them(
    stations: gpd.GeoDataFrame, parks: gpd.GeoDataFrame, posts: gpd.GeoDataFrame
) -> None:
    check_frame(stations, STATION_COLUMNS)
    check_frame(parks, SITE_COLUMNS)
    check_frame(posts, SITE_COLUMNS)


def test_mobile_stations_move_within_their_county(stations: gpd.GeoDataFrame) -> None:
    moving = stations[stations["places"] != ""]
    assert set(moving["kind"]) == {"mobile"}
    assert len(moving) == round(0.6 * (stations["kind"] == "mobile").sum())
    for _, row in moving.iterrows():
        first, *others = read_places(row["places"])
        assert (first.lon, first.lat) == (row.geometry.x, row.geometry.y)
        assert others
        assert all(place.name.endswith("（合成）") for place in (first, *others))
        codes = boundaries.county_of(*np.array([(p.lon, p.lat) for p in others]).T)
        assert set(codes.tolist()) == {int(row["area_code"])}


def test_changes_only_add_and_restrict_the_posts(built: Changes) -> None:
    assert not built.removed_stations
    assert not built.removed_sites
    assert {layer.name: layer.restricted for layer in built.layers} == {
        "parks": False,
        "border_posts": True,
    }
    assert list(built.sites) == ["parks", "border_posts"]


def test_every_record_says_it_is_synthetic(
    stations: gpd.GeoDataFrame, parks: gpd.GeoDataFrame, posts: gpd.GeoDataFrame
) -> None:
    for frame in (stations, parks, posts):
        assert frame["synthetic"].all()
        assert frame["name"].str.endswith("（合成）").all()
        assert set(frame["datum_in"]) == {"wgs84"}
        assert set(frame["datum_by"]) == {"file"}
    for frame in (stations, posts):
        came = [f"{point.x:.6f},{point.y:.6f}" for point in frame.geometry]
        assert frame["position_in"].to_list() == came
    assert set(parks["position_in"]) == {""}


def test_the_census_adds_up() -> None:
    assert sum(row.residents for row in facts().prefectures.values()) == 47_209_277
    assert len(facts().prefectures) == 16


def test_stations_follow_the_census(stations: gpd.GeoDataFrame) -> None:
    assert len(stations) == STATIONS
    by_county = stations["area_code"].value_counts()
    assert len(by_county) == 129
    assert by_county.min() >= 5
    by_prefecture = stations["area_code"].str[:4].value_counts()
    for code, row in facts().prefectures.items():
        assert abs(by_prefecture[code] - STATIONS * row.residents / 47_209_277) < 1


def test_stations_lie_in_their_county(stations: gpd.GeoDataFrame) -> None:
    areas = boundaries.areas("county", "53").geometry.loc[stations["area_code"]].to_numpy()
    assert shapely.intersects(areas, stations.geometry.to_numpy()).all()
    codes = boundaries.county_of(stations.geometry.x, stations.geometry.y)
    assert (codes == stations["area_code"].astype(int)).all()
    assert (stations.index.str[2:8] == stations["area_code"]).all()


def test_stations_keep_their_distance(stations: gpd.GeoDataFrame) -> None:
    x, y = stations.geometry.x.to_numpy(), stations.geometry.y.to_numpy()
    to_cube = Transformer.from_crs("EPSG:4979", "EPSG:4978", always_xy=True)
    cube = np.column_stack(to_cube.transform(x, y, np.zeros(len(x))))
    second, _ = KDTree(cube).query(cube, k=[2])
    assert second.min() >= facts().stations.spacing_m - 0.01
    assert np.median(second) < 1500


def test_kinds_and_hours_have_the_national_proportions(stations: gpd.GeoDataFrame) -> None:
    kinds = stations["kind"].value_counts()
    assert kinds["smart"] == rounded(Fraction(11_800, NATIONAL)) == 229
    assert kinds["mobile"] == rounded(Fraction(3, 100)) == 109
    hours = stations["opening_hours"]
    assert (hours == "24/7").sum() == rounded(Fraction(12_100, NATIONAL)) == 235
    longer = facts().extended.expressions
    assert hours.isin(longer).sum() == rounded(Fraction(20_300, NATIONAL)) == 395
    assert (hours == "").sum() == rounded(Fraction(8, 100)) == 289
    assert (hours[stations["kind"] == "smart"] == "24/7").mean() > 0.7


def test_hours_of_a_class_are_not_also_a_hosts_own() -> None:
    classes = {facts().all_day.expression, *facts().extended.expressions, ""}
    assert classes.isdisjoint(hours for host in facts().hosts.values() for hours in host.hours)


def test_hours_are_well_formed(stations: gpd.GeoDataFrame) -> None:
    wrong = [
        text for text in stations["opening_hours"] if text and not OPENING_HOURS.fullmatch(text)
    ]
    assert wrong == []


def test_hosts_have_the_published_proportions(stations: gpd.GeoDataFrame) -> None:
    host = stations["host"]
    self_built = host.str.endswith("总工会").sum()
    assert self_built == rounded(Fraction(8, 292)) == 99
    street = Fraction(62, 100) * Fraction(284, 292) / 1616
    banks = host.str.contains("银行|信用社").sum()
    petrol = host.str.contains("加油站").sum()
    shops = host.str.contains("便利店|药房|营业厅").sum()
    for count, published in ((banks, 1360), (petrol, 132), (shops, 124)):
        assert abs(count - STATIONS * street * published) < 1


def test_amenities_are_counted_not_left_to_chance(stations: gpd.GeoDataFrame) -> None:
    offered = stations["amenities"].str.split(";").explode().value_counts()
    for code, amenity in facts().amenities.items():
        assert offered[code] == round(amenity.share * STATIONS), code
    assert offered["battery_swap"] == rounded(Fraction(2_000, NATIONAL))
    assert offered["first_aid"] == rounded(Fraction(110_000, NATIONAL))
    has_dryer = stations["amenities"].str.contains("dryer")
    assert stations["amenities"][has_dryer].str.contains("washer").all()


def test_every_word_is_in_the_catalogue_and_in_its_order(stations: gpd.GeoDataFrame) -> None:
    words = catalogue()
    assert set(stations["kind"]) == set(words.kinds.terms)
    assert set(stations["access"]) <= {*words.access.terms, ""}
    assert set(stations["status"]) == {"active", "suspended", "planned"}
    for text in stations["amenities"].unique():
        assert text == ";".join(words.amenities.parse(text))


def test_statuses_are_mostly_active(stations: gpd.GeoDataFrame) -> None:
    counts = stations["status"].value_counts()
    assert counts["suspended"] == rounded(Fraction(2, 100))
    assert counts["planned"] == rounded(Fraction(1, 100))


def test_access_goes_by_kind(stations: gpd.GeoDataFrame) -> None:
    for kind, shares in facts().access.items():
        counts = stations.loc[stations["kind"] == kind, "access"].value_counts()
        for access, share in shares.items():
            exact = share * counts.sum()
            assert abs(counts["" if access == "unknown" else access] - exact) < 1


def test_phone_numbers_cannot_be_anybodys(stations: gpd.GeoDataFrame) -> None:
    known = stations["phone"][stations["phone"] != ""]
    assert len(known) == rounded(Fraction(3, 4))
    assert known.str.fullmatch(r"0\d{3}-0000\d{4}").all()


def test_capacity_goes_by_kind(stations: gpd.GeoDataFrame) -> None:
    for kind, (fewest, most) in facts().kind_capacity.items():
        capacity = stations.loc[stations["kind"] == kind, "capacity"]
        assert capacity.between(fewest, most).all()


def test_parks_are_sound_polygons(parks: gpd.GeoDataFrame) -> None:
    assert len(parks) == 68
    assert parks.is_valid.all()
    km2 = np.array([abs(EARTH.geometry_area_perimeter(shape)[0]) / 1e6 for shape in parks.geometry])
    assert 1 <= km2.min() < km2.max() <= 25
    stated = [json.loads(text)["area_km2"] for text in parks["attributes"]]
    assert stated == pytest.approx(km2, rel=0.005)
    assert shapely.get_num_geometries(parks.geometry).tolist().count(2) == 9
    assert shapely.get_num_geometries(parks.geometry).tolist().count(3) == 3
    holes = shapely.get_num_interior_rings(parks.geometry)
    assert holes.tolist().count(1) == 2


def test_parks_lie_in_their_county(parks: gpd.GeoDataFrame) -> None:
    inside = parks.representative_point()
    codes = boundaries.county_of(inside.x, inside.y)
    assert (codes == parks["area_code"].astype(int)).all()
    corners, owner = shapely.get_coordinates(parks.geometry.to_numpy(), return_index=True)
    assert (boundaries.county_of(*corners.T) == codes[owner]).all()


def test_park_workers_have_a_heavy_tail(parks: gpd.GeoDataFrame) -> None:
    workers = parks["workers"]
    assert workers.between(300, 60_000).all()
    assert workers.mean() > 1.4 * workers.median()


def test_the_park_of_qidian_is_there(parks: gpd.GeoDataFrame) -> None:
    park = parks.loc["PK530114"]
    assert park["name"] == "阳宗海七甸产业园区（合成）"
    assert park["area_code"] == "530114"


@pytest.mark.parametrize("seed", [SEED, 2026])
def test_some_parks_are_reached_and_some_are_not(seed: int) -> None:
    changes = demo.build(seed)
    x, y = changes.stations.geometry.x.to_numpy(), changes.stations.geometry.y.to_numpy()
    reached = 0
    for shape in changes.sites["parks"].geometry:
        flat = local_plane(shape.centroid)
        stations = shapely.points(*flat.transform(x, y))
        reached += shapely.distance(projected(shape, flat), stations).min() <= 1000
    assert 0.35 <= reached / len(changes.sites["parks"]) <= 0.65


def test_posts_are_of_the_kinds_reported(posts: gpd.GeoDataFrame) -> None:
    attributes = [json.loads(text) for text in posts["attributes"]]
    kinds = [row["post_kind"] for row in attributes]
    assert {kind: kinds.count(kind) for kind in sorted(set(kinds))} == {
        "抵边警务室": 150,
        "边境联防所": 800,
        "边防检查站": 50,
    }
    assert sum(row["aed"] is True for row in attributes) == 740
    assert sum(row["aed"] is False for row in attributes) == 260
    assert posts["workers"].between(4, 30).all()


def test_posts_lie_in_the_border_counties(posts: gpd.GeoDataFrame) -> None:
    assert sorted(set(posts["area_code"])) == list(boundaries.border_counties("53"))
    assert posts["area_code"].nunique() == 25
    codes = boundaries.county_of(posts.geometry.x, posts.geometry.y)
    assert (codes == posts["area_code"].astype(int)).all()


def test_posts_lie_along_the_border(posts: gpd.GeoDataFrame) -> None:
    lengths = {}
    for code, group in posts.groupby("area_code"):
        line = boundaries.border_line(str(code))
        lengths[code] = EARTH.geometry_length(line)
        flat = local_plane(line.centroid)
        places = shapely.points(*flat.transform(group.geometry.x, group.geometry.y))
        assert shapely.distance(projected(line, flat), places).max() <= 5000
    counts = posts["area_code"].value_counts()
    for code, length_m in lengths.items():
        assert abs(counts[code] - 1 - 975 * length_m / sum(lengths.values())) < 1


def local_plane(centre: shapely.Point) -> Transformer:
    plane = f"+proj=aeqd +lat_0={centre.y} +lon_0={centre.x} +ellps=WGS84"
    return Transformer.from_crs("EPSG:4326", plane, always_xy=True)


def projected(shape: shapely.Geometry, plane: Transformer) -> shapely.Geometry:
    return shapely.transform(shape, plane.transform, interleaved=False)


@given(
    total=st.integers(0, 5000),
    weights=st.lists(st.integers(1, 1000), min_size=1, max_size=30),
    least=st.integers(0, 3),
)
def test_sharing_out_is_exact_and_fair(total: int, weights: list[int], least: int) -> None:
    total += least * len(weights)
    counts = shared_out(total, weights, least=least)
    assert counts.sum() == total
    for count, weight in zip(counts.tolist(), weights, strict=True):
        exact = Fraction((total - least * len(weights)) * weight, sum(weights))
        assert abs(count - least - exact) <= 1


def test_equal_remainders_are_served_in_order() -> None:
    assert shared_out(5, [1, 1, 1]).tolist() == [2, 2, 1]


def test_weight_nothing_is_drawn_last() -> None:
    (rng,) = streams(SEED, 1)
    for _ in range(50):
        assert sorted(drawn(rng, np.array([0.0, 1.0, 0.0, 5.0]), 2)) == [1, 3]


def test_heavier_rows_are_drawn_more_often() -> None:
    (rng,) = streams(SEED, 1)
    first = [int(drawn(rng, np.array([1.0, 4.0]), 1)[0]) for _ in range(2000)]
    assert 0.76 < np.mean(first) < 0.84


def test_dealing_gives_each_word_its_share() -> None:
    (rng,) = streams(SEED, 1)
    words = dealt(rng, 10, {"a": 0.5, "b": 0.3, "c": 0.2}).tolist()
    assert [words.count(word) for word in "abc"] == [5, 3, 2]


def test_serials_restart_with_every_group() -> None:
    assert serials(np.array([5, 5, 5, 9, 9, 5])) == [1, 2, 3, 1, 2, 1]
