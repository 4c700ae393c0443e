"""The datum shifts against published pairs, against themselves, and on both sides of the border."""

from __future__ import annotations

import csv
import math
import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod, Transformer

from geodata import boundaries, datum, shifts
from geodata.errors import UnknownReferenceError

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

GEOD = Geod(ellps="WGS84")
MILLIMETRE = 0.001
SHIFTED = ["gcj02", "bd09"]

OUTSIDE = {
    "Mandalay": (96.0836, 21.9747),
    "Myitkyina": (97.3956, 25.3830),
    "Hanoi": (105.8542, 21.0285),
    "Vientiane": (102.6331, 17.9757),
    "Lào Cai": (103.9750, 22.4800),
    "Boten": (101.6810, 21.1650),
    "Seoul": (126.9780, 37.5665),
    "Thimphu": (89.6390, 27.4728),
    "香港": (114.1588, 22.2818),
    "澳门": (113.5439, 22.1987),
    "台北": (121.5654, 25.0330),
    "London": (-0.1276, 51.5072),
    "Denver": (-104.9903, 39.7392),
}
INSIDE = {  # metres GCJ-02 lies from WGS 84
    "昆明": (102.7123, 25.0406, 360.0),
    "瑞丽": (97.8518, 24.0128, 330.5),
    "河口": (103.9375, 22.5325, 390.0),
    "磨憨": (101.6877, 21.1908, 325.5),
}


def metres_between(
    a: tuple[NDArray[np.float64], NDArray[np.float64]],
    b: tuple[NDArray[np.float64], NDArray[np.float64]],
) -> NDArray[np.float64]:
    return np.asarray(GEOD.inv(a[0], a[1], b[0], b[1])[2])


def near_the_border(code: str, metres: float, seed: int) -> NDArray[np.float64]:
    """Draw points (2, n) up to some metres to both sides of a county's border line."""
    rng = np.random.default_rng(seed)
    line = boundaries.border_line(code)
    points = shapely.get_coordinates(line.interpolate(rng.uniform(0, 1, 500), normalized=True))
    lon, lat, _ = GEOD.fwd(
        points[:, 0], points[:, 1], rng.uniform(0, 360, 500), rng.uniform(0, metres, 500)
    )
    return np.stack([lon, lat])


@pytest.mark.shared_data
def test_published_gcj02_pairs_hold_to_a_micrometre(shared_data: Path) -> None:
    text = (shared_data / "vectors" / "datum_vectors.csv").read_text("utf-8")
    rows = [row for row in csv.DictReader(text.splitlines()) if row["from_datum"] == "WGS84"]
    assert len(rows) == 3
    for row in rows:
        wgs84 = np.array([float(row["from_lon"])]), np.array([float(row["from_lat"])])
        gcj02 = np.array([float(row["to_lon"])]), np.array([float(row["to_lat"])])
        assert metres_between(datum.from_wgs84(*wgs84, row["to_datum"]), gcj02) < 1e-6
        assert metres_between(datum.to_wgs84(*gcj02, row["to_datum"]), wgs84) < 1e-6


@pytest.mark.shared_data
def test_published_bd09_pairs_come_from_a_wrong_constant(shared_data: Path) -> None:
    """Eviltransform has π where Baidu has 3000 π / 180 (its issue 43): 10 and 41 m off."""
    text = (shared_data / "vectors" / "datum_vectors.csv").read_text("utf-8")
    rows = [row for row in csv.DictReader(text.splitlines()) if row["from_datum"] == "BD09"]
    assert len(rows) == 2
    for row in rows:
        x, y = float(row["from_lon"]) - 0.0065, float(row["from_lat"]) - 0.006
        radius = math.hypot(x, y) - 2e-5 * math.sin(math.pi * y)
        angle = math.atan2(y, x) - 3e-6 * math.cos(math.pi * x)
        gcj02 = np.array([radius * math.cos(angle)]), np.array([radius * math.sin(angle)])
        once = [2 * pair - there for pair, there in zip(gcj02, shifts.gcj02(*gcj02), strict=True)]
        theirs = np.array([float(row["to_lon"])]), np.array([float(row["to_lat"])])
        assert metres_between((once[0], once[1]), theirs) < 1e-6
        ours = datum.to_wgs84([float(row["from_lon"])], [float(row["from_lat"])], "bd09")
        assert 9 < metres_between(ours, theirs)[0] < 42


def test_bd09_agrees_with_a_providers_example() -> None:
    """Aliyun's address service gives this pair, to its sixth decimal, as one place."""
    wgs84 = datum.to_wgs84(120.026268, 30.279164, "gcj02")
    assert datum.from_wgs84(*wgs84, "bd09") == pytest.approx((120.032768, 30.285238), abs=1e-6)
    one_step_off = 2e-5
    assert wgs84 == pytest.approx((120.021519, 30.281543), abs=one_step_off)


@pytest.mark.parametrize(("lon", "lat", "metres"), INSIDE.values(), ids=INSIDE)
def test_places_inside_are_shifted(lon: float, lat: float, metres: float) -> None:
    shifted = datum.from_wgs84(lon, lat, "gcj02")
    there = np.array(lon), np.array(lat)
    assert metres_between(there, shifted) == pytest.approx(metres, abs=1.5)
    assert metres_between(there, datum.to_wgs84(*shifted, "gcj02")) < MILLIMETRE


@pytest.mark.parametrize(("lon", "lat"), OUTSIDE.values(), ids=OUTSIDE)
@pytest.mark.parametrize("reference", SHIFTED)
def test_places_outside_are_not_shifted(lon: float, lat: float, reference: str) -> None:
    assert datum.from_wgs84(lon, lat, reference) == pytest.approx((lon, lat), abs=0)
    if not datum.near_line(lon, lat):
        assert datum.to_wgs84(lon, lat, reference) == pytest.approx((lon, lat), abs=0)


@pytest.mark.parametrize("reference", SHIFTED)
def test_round_trip_over_the_mainland(reference: str) -> None:
    rng = np.random.default_rng(1)
    lon, lat = rng.uniform(73.5, 135.1, 40_000), rng.uniform(18, 53.6, 40_000)
    inside = datum.in_mainland(lon, lat)
    pair = lon[inside], lat[inside]
    assert inside.sum() > 10_000
    shifted = datum.from_wgs84(*pair, reference)
    assert metres_between(datum.to_wgs84(*shifted, reference), pair).max() < 1e-6
    limits = {"gcj02": (15, 705), "bd09": (680, 1520)}[reference]
    moved = metres_between(pair, shifted)
    assert limits[0] < moved.min() < moved.max() < limits[1]


@pytest.mark.parametrize("reference", SHIFTED)
@pytest.mark.parametrize("code", ["533102", "532532", "532823", "533324"])
def test_round_trip_near_the_border_on_both_sides(code: str, reference: str) -> None:
    lon, lat = near_the_border(code, 1000, seed=int(code))
    inside = datum.in_mainland(lon, lat)
    assert 100 < inside.sum() < 400
    pair = datum.from_wgs84(lon, lat, reference)
    back = datum.to_wgs84(*pair, reference)
    off = metres_between(back, (lon, lat))
    assert off[inside].max() < 1e-6
    stays = off < 1e-6
    assert datum.in_mainland(back[0][~stays], back[1][~stays]).all()
    again = datum.from_wgs84(*back, reference)
    assert metres_between(again, pair).max() < 1e-6
    assert datum.near_line(lon, lat).all()


@pytest.mark.parametrize("reference", SHIFTED)
def test_round_trip_on_the_line_itself(reference: str) -> None:
    lon, lat = shapely.get_coordinates(boundaries.border_line("533102")).T
    assert datum.in_mainland(lon, lat).all()
    back = datum.to_wgs84(*datum.from_wgs84(lon, lat, reference), reference)
    assert metres_between(back, (lon, lat)).max() < 1e-6


def test_a_pair_inside_without_a_preimage_is_unshifted_by_the_formula() -> None:
    x, y = near_the_border("533102", 300, seed=2)
    lon, lat = datum.to_wgs84(x, y, "gcj02")
    orphan = datum.in_mainland(x, y) & ~datum.in_mainland(lon, lat)
    assert orphan.any()
    formula = shifts.gcj02(lon[orphan], lat[orphan])
    assert metres_between(formula, (x[orphan], y[orphan])).max() < 1e-6
    assert datum.near_line(lon[orphan], lat[orphan]).all()


@given(lon=st.floats(-180, 180), lat=st.floats(-90, 90), reference=st.sampled_from(SHIFTED))
@settings(max_examples=200, deadline=None)
def test_what_is_shifted_comes_back(lon: float, lat: float, reference: str) -> None:
    pair = datum.from_wgs84(lon, lat, reference)
    back = datum.to_wgs84(*pair, reference)
    again = datum.from_wgs84(*back, reference)
    assert again == pytest.approx(pair, abs=1e-11)
    if not datum.near_line(lon, lat):
        assert back == pytest.approx((lon, lat), abs=1e-11)


def test_near_line_agrees_with_geodesic_distances() -> None:
    lon, lat = near_the_border("533102", 4000, seed=3)[:, :60]
    province = boundaries.areas("province", "53").geometry.iloc[0]
    around = shapely.box(lon.min(), lat.min(), lon.max(), lat.max()).buffer(0.05)
    line = shapely.segmentize(shapely.intersection(province.boundary, around), 0.0002)
    x, y = shapely.get_coordinates(line).T[:, :, None]
    x, y, there_x, there_y = np.broadcast_arrays(x, y, lon, lat)
    metres = GEOD.inv(x, y, there_x, there_y)[2].min(axis=0)
    near = datum.near_line(lon, lat)
    assert near[metres < 0.99 * datum.NEAR_M].all()
    assert not near[metres > 1.01 * datum.NEAR_M].any()
    assert 5 < near.sum() < 55


def test_near_line_of_what_is_far_or_nowhere() -> None:
    lon = np.array([102.7, 96.08, 0.0, np.nan, 150.0])
    lat = np.array([25.0, 21.97, 0.0, 25.0, np.inf])
    assert not datum.near_line(lon, lat).any()
    assert datum.near_line([], []).shape == (0,)
    assert datum.near_line(103.9640, 22.5060)


def test_one_bad_pair_spoils_no_other() -> None:
    lon = np.array([102.7, np.nan, 102.7, np.inf, 1e300, 102.7])
    lat = np.array([25.0, 25.0, np.nan, 25.0, 25.0, 95.0])
    for reference in SHIFTED:
        shifted = datum.from_wgs84(lon, lat, reference)
        back = datum.to_wgs84(*shifted, reference)
        assert np.isnan(back[0][1:4]).all()
        assert np.isnan(back[1][1:4]).all()
        assert (back[0][0], back[1][0]) == pytest.approx((102.7, 25.0), abs=1e-12)
        assert (back[0][5], back[1][5]) == (102.7, 95.0)


@pytest.mark.parametrize("reference", ["wgs84", "cgcs2000", "gcj02", "bd09", "EPSG:4523"])
def test_shapes_are_broadcast_and_inputs_left_alone(reference: str) -> None:
    lon, lat = np.array([[102.7], [103.0]]), np.array([25.0, 25.5, 26.0])
    before = lon.copy(), lat.copy()
    x, y = datum.from_wgs84(lon, lat, reference)
    assert x.shape == y.shape == (2, 3)
    x[:] = 0
    assert np.array_equal(lon, before[0])
    assert np.array_equal(lat, before[1])
    assert datum.to_wgs84([], [], reference)[0].shape == (0,)
    assert datum.from_wgs84(102.7, 25.0, reference)[0].shape == ()


def test_projected_systems_are_easting_first() -> None:
    x, y = datum.from_wgs84(-0.1276, 51.5072, "EPSG:27700")
    assert 529_000 < x < 531_000
    assert 179_000 < y < 182_000
    assert datum.to_wgs84(x, y, "epsg 27700") == pytest.approx((-0.1276, 51.5072), abs=1e-7)
    assert datum.from_wgs84(102.0, 25.0, "EPSG:4522")[0] == pytest.approx(34_500_000, abs=0.01)
    expected = Transformer.from_crs(4326, 32648, always_xy=True).transform(103.0, 25.0)
    assert datum.from_wgs84(103.0, 25.0, "EPSG:32648") == pytest.approx(expected)


def test_what_a_projection_cannot_undo_is_nan() -> None:
    x = np.array([530_000.0, 1e30, np.nan])
    y = np.array([180_000.0, 1e30, 1.0])
    lon, lat = datum.to_wgs84(x, y, "EPSG:27700")
    assert np.isnan(lon).tolist() == np.isnan(lat).tolist() == [False, True, True]
    assert np.isnan(datum.from_wgs84(0.0, 95.0, "EPSG:27700")[0])


@pytest.mark.parametrize(
    ("text", "reference"),
    {
        "wgs84": "wgs84",
        "WGS 84": "wgs84",
        "WGS-84": "wgs84",
        "EPSG:4326": "wgs84",
        "epsg:4326": "wgs84",
        "GPS": "wgs84",
        "CGCS2000": "cgcs2000",
        "cgcs 2000": "cgcs2000",
        "EPSG:4490": "cgcs2000",
        "GCJ-02": "gcj02",
        "gcj02": "gcj02",
        "Gcj 02": "gcj02",
        "高德": "gcj02",
        "国测局": "gcj02",
        "火星坐标": "gcj02",
        "BD09": "bd09",
        "bd-09": "bd09",
        " 百度 ": "bd09",
        "EPSG:27700": "EPSG:27700",
        "epsg 27700": "EPSG:27700",
        "ＥＰＳＧ：４５２３": "EPSG:4523",
        "urn:ogc:def:crs:EPSG::4523": "EPSG:4523",
    }.items(),
)
def test_parse_reference(text: str, reference: str) -> None:
    assert datum.parse_reference(text) == reference
    assert datum.parse_reference(reference) == reference


@pytest.mark.parametrize(
    "text",
    ["", "gcj", "mars", "27700", "EPSG:", "EPSG:1", "EPSG:999999", "EPSG:5773", "EPSG:4978",
     "EPSG:4979", "EPSG:7405", "EPSG:9518", "x" * 300_000],
)  # fmt: skip
def test_an_unknown_reference_is_told_what_would_be_right(text: str) -> None:
    for ask in (
        lambda: datum.parse_reference(text),
        lambda: datum.to_wgs84(0.0, 0.0, text),
        lambda: datum.from_wgs84(0.0, 0.0, text),
    ):
        with pytest.raises(UnknownReferenceError, match=r"gcj02.*bd09.*EPSG:27700") as caught:
            ask()
        assert len(str(caught.value)) < 400


def test_importing_the_package_loads_no_geography() -> None:
    code = (
        "import sys, geodata; assert not {'geopandas', 'shapely', 'frykit'} & set(sys.modules);"
        "from geodata import boundaries; assert 'frykit' in sys.modules;"
        "assert geodata.LonLat is geodata.geodesy.LonLat; assert not hasattr(geodata, 'nothing')"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("reference", ["EPSG:4610", "EPSG:2334"])
def test_no_way_is_no_guess(reference: str) -> None:
    """Xian 80 has no public parameters: passing its pairs on unchanged would be a silent error."""
    with pytest.raises(UnknownReferenceError, match="no exact way"):
        datum.to_wgs84(102.7, 25.0, reference)
