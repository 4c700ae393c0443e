"""Places to build at: the planner's file, and those generated around the gaps."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Point

from geodata import boundaries, datum, files
from geodata.errors import FaultyDataError, FileFormatError, UsageError
from geodata.geodesy import PointIndex, distance_m
from stations import coverage
from stations.coverage import Need, Terms, parse_hours
from stations.planning import candidates
from stations.planning.candidate_checks import APART_M
from stations.planning.candidate_sources import gathered
from stations.planning.gap_spots import Spots, uncovered
from stations.reach import Limit, parse_within
from stations.reach.samples import samples_of
from stations.travel import Travel
from tests.stations.worlds import register

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from geodata.roads import RoadNetwork
    from stations.registry import Registry

OPEN = {"opening_hours": "24/7", "amenities": "toilet"}
DEG = 1 / 111_000  # a metre of latitude, about


def box(lon: float, lat: float, metres: float) -> shapely.Geometry:
    half = metres * DEG / 2
    return shapely.box(lon - half, lat - half, lon + half, lat + half)


def valley(**more: Any) -> Registry:
    """Make two parks near Kunming, one of them served."""
    parks = {
        "a": (box(102.70, 25.00, 1500), {"workers": 100, "name": "甲园", "area_code": "530111"}),
        "b": (Point(102.80, 25.00), {"workers": 50, "name": "乙地", "area_code": "530111"}),
    }
    stations = {"s": (Point(102.80, 25.001), OPEN)}
    return register(stations, {"parks": parks, **more})


NEAR = Limit(800)


def asked(limit: Limit = NEAR) -> Need:
    return Need("parks", limit, ("toilet",))


def away(frame: gpd.GeoDataFrame, lon: float, lat: float) -> np.ndarray:
    x, y = frame.geometry.x.to_numpy(), frame.geometry.y.to_numpy()
    return distance_m(np.full(len(x), lon), np.full(len(x), lat), x, y)


def test_places_stand_around_the_gaps_and_nowhere_else() -> None:
    found = candidates.generate(valley(), asked(), grid_m=400)
    frame = found.frame
    assert frame.index.is_unique
    assert frame.index.is_monotonic_increasing
    assert list(frame.columns) == [*candidates.COLUMNS, "geometry"]
    assert frame.loc["parks:a:site", "name"] == "甲园（中部）"
    assert "parks:b:site" not in frame.index  # served
    far = away(frame, 102.70, 25.00)
    assert far.max() < 800 + 1500  # within reach of some part of the park
    assert (frame["source"] == "grid").sum() > 20
    assert not frame["restricted"].any()
    assert set(frame["area_code"]) <= {"530111", "530112", "530102", "530114"}
    text = " ".join(note.en for note in found.notes)
    assert "water" in text
    assert "roads are not checked" in text


def test_the_same_question_has_the_same_places() -> None:
    first, second = (candidates.generate(valley(), asked()).frame for _ in range(2))
    assert candidates.fingerprint(first) == candidates.fingerprint(second)
    moved = second.set_geometry(shapely.transform(second.geometry, lambda xy: xy + 1e-6))
    assert candidates.fingerprint(moved) != candidates.fingerprint(first)
    again = candidates.from_records(json.loads(json.dumps(candidates.as_records(first))))
    pd.testing.assert_frame_equal(again, first)


def test_without_a_gap_there_is_no_place() -> None:
    served = register(
        {"s": (Point(102.7, 25), OPEN)}, {"parks": {"a": (Point(102.7, 25), {"workers": 1})}}
    )
    found = candidates.generate(served, asked())
    assert len(found.frame) == 0
    assert "Nobody is left out" in found.notes[0].en
    night = Terms(hours=parse_hours("02:00"))
    day = register(
        {"s": (Point(102.7, 25), {**OPEN, "opening_hours": "08:00-20:00"})},
        {"parks": {"a": (Point(102.7, 25.003), {"workers": 1, "area_code": "530111"})}},
    )
    assert len(candidates.generate(day, asked(), terms=night).frame)
    noon = Terms(hours=parse_hours("12:00"))
    assert not len(candidates.generate(day, asked(), terms=noon).frame)


def test_hosts_their_hours_and_stations_not_in_use() -> None:
    banks: dict[str, Any] = {
        "1": (Point(102.70, 25.001), {
            "name": "农行翠湖支行", "attributes": '{"营业时间": "9:00-17:00", "序": 3}'}),
        "2": (Point(102.70, 25.003), {"name": "建行", "attributes": '{"营业时间": "随缘开门"}'}),
        "3": (Point(102.90, 25.003), {"name": "远处的银行"}),
    }  # fmt: skip
    world = valley(banks=banks)
    frame = candidates.generate(world, asked(), grid_m=400).frame
    assert frame.loc["banks:1", "host"] == "农行翠湖支行"
    assert frame.loc["banks:1", "opening_hours"] == "9:00-17:00"
    assert frame.loc["banks:1", "source"] == "host:banks/1"
    assert frame.loc["banks:2", "opening_hours"] == ""
    assert "banks:3" not in frame.index
    none = candidates.generate(world, asked(), grid_m=400, host_layers=[]).frame
    assert not none["source"].str.startswith("host").any()
    shut = register(
        {
            "s": (
                Point(102.701, 25.0),
                {"status": "suspended", "host": "老张超市", "name": "旧站"},
            ),
            "t": (Point(102.703, 25.0), {"status": "closed"}),
        },
        {"parks": {"a": (Point(102.70, 25.0), {"workers": 9, "area_code": "530111"})}},
    )
    frame = candidates.generate(shut, asked(), grid_m=5000).frame
    assert frame.loc["station:s", "host"] == "老张超市"
    assert "station:t" not in frame.index


def test_entrances_come_in_the_datum_of_their_row() -> None:
    lon, lat = (float(each) for each in datum.from_wgs84(102.702, 25.004, "gcj02"))
    said = json.dumps({"入口经度": str(lon), "入口纬度": str(lat)}, ensure_ascii=False)
    parks: dict[str, Any] = {
        "a": (box(102.70, 25.00, 900), {"attributes": said, "datum_in": "gcj02", "workers": 4}),
        "b": (box(102.75, 25.00, 900), {"attributes": '{"入口经度": "东门"}', "workers": 4}),
    }
    frame = candidates.generate(register({}, {"parks": parks}), asked(), grid_m=5000).frame
    assert away(frame.loc[["parks:a:entrance"]], 102.702, 25.004)[0] < 0.01
    assert "parks:b:entrance" not in frame.index


def test_restricted_layers_mark_their_places() -> None:
    world = register(
        {},
        {"posts": {"p": (Point(98.866, 24.1468), {"area_code": "530523"})}},
        restricted=["posts"],
    )
    frame = candidates.generate(world, Need("posts", Limit(500)), grid_m=300).frame
    assert frame["restricted"].all()
    assert len(frame) > 3


def test_not_in_water_not_in_the_next_province_not_beside_a_station() -> None:
    lake: dict[str, Any] = {"l": (box(102.70, 25.004, 600), {})}
    dry = candidates.generate(valley(), asked(), grid_m=300).frame
    found = candidates.generate(valley(water=lake), asked(), grid_m=300)
    wet = dry.geometry.intersects(lake["l"][0])
    assert wet.any()
    assert sorted(found.frame.index) == sorted(dry.index[~wet])
    assert any(f"{int(wet.sum())} in water" in note.en for note in found.notes)
    border = register({}, {"parks": {"a": (Point(104.35, 24.70), {"area_code": "530324"})}})
    edge = candidates.generate(border, Need("parks", parse_within("30km")), grid_m=5000).frame
    codes = boundaries.county_of(edge.geometry.x, edge.geometry.y)
    assert len(edge) > 30
    assert {str(code)[:2] for code in codes.tolist()} == {"53"}
    beside = register(
        {"s": (Point(102.7, 25.0002), {"opening_hours": ""})},
        {"parks": {"a": (Point(102.7, 25.0), {"area_code": "530111"})}},
    )
    assert "parks:a:site" not in candidates.generate(beside, asked(), grid_m=500).frame.index


places = st.lists(
    st.tuples(st.integers(0, 400), st.integers(0, 400)), min_size=1, max_size=12, unique=True
)


@settings(max_examples=25)
@given(places, st.integers(50, 2_000), st.integers(60, 900))
def test_kept_places_are_apart_and_those_left_out_are_not(
    grid: list[tuple[int, int]], limit: int, step: int
) -> None:
    rows: dict[str, Any] = {
        f"p{n}": (Point(102.6 + x * 1e-3, 24.9 + y * 1e-3), {"workers": 1, "area_code": "530111"})
        for n, (x, y) in enumerate(grid)
    }
    world = register({}, {"parks": rows})
    need = asked(Limit(limit))
    frame = candidates.generate(world, need, grid_m=max(step, limit / 5)).frame
    kept = PointIndex(frame.geometry.x, frame.geometry.y)
    pairs = kept.within(kept.lon, kept.lat, APART_M)
    assert len(pairs.query) == len(frame)  # each only near itself
    lon, lat = (np.array([102.6 + x * 1e-3 for x, _ in grid]), [24.9 + y * 1e-3 for _, y in grid])
    spots = Spots(np.arange(len(grid)), lon, np.array(lat))
    every = gathered(
        world, "parks", spots, host_layers=[], within_m=limit, grid_m=max(step, limit / 5)
    )
    assert kept.any_within(every.geometry.x, every.geometry.y, APART_M).all()
    # every point of the square lattice within reach of a spot is there, by looking at all
    lattice = every[every["kind"] == "grid"]
    assert PointIndex(lon, lat).any_within(lattice.geometry.x, lattice.geometry.y, limit + 1).all()
    size = np.pi * limit**2 / max(step, limit / 5) ** 2
    if len(grid) == 1 and size > 20:
        assert len(lattice) == pytest.approx(size, rel=0.5)


def test_a_grid_of_cells_of_equal_area() -> None:
    world = register({}, {"parks": {"a": (Point(102.7, 25), {}), "b": (Point(98, 21.9), {})}})
    spots = Spots(np.array([0, 1]), np.array([102.7, 98.0]), np.array([25.0, 21.9]))
    rows = gathered(world, "parks", spots, host_layers=[], within_m=20_000, grid_m=1_000)
    lattice = rows[rows["kind"] == "grid"]
    for lon, lat in ((102.7, 25.0), (98.0, 21.9)):
        count = (away(lattice, lon, lat) < 20_000).sum()
        assert count == pytest.approx(np.pi * 400, rel=0.03)


def test_grids_nobody_can_mean() -> None:
    with pytest.raises(UsageError, match="1 to 100,000 m apart"):
        candidates.generate(valley(), asked(), grid_m=float("nan"))
    with pytest.raises(UsageError, match="make it wider"):
        candidates.generate(valley(), asked(), grid_m=2)
    with pytest.raises(LookupError, match="no layer"):
        candidates.generate(valley(), asked(), host_layers=["palaces"])
    posts: dict[str, Any] = {
        str(n): (Point(101 + n % 20 * 0.05, 24.5 + n // 20 * 0.05), {"area_code": "530111"})
        for n in range(300)
    }
    wide = candidates.generate(register({}, {"parks": posts}), asked(Limit(1_000))).frame
    assert 1_000 < (wide["source"] == "grid").sum() <= 2_000


@settings(max_examples=20)
@given(st.integers(0, 30), st.sampled_from(["24/7", "08:00-20:00", ""]), st.integers(100, 1500))
def test_spots_left_out_are_those_no_open_station_is_near(
    shift: int, hours: str, limit: int
) -> None:
    lon, park = 102.7 + shift * 1e-3, box(102.70, 25.00, 1500)
    stations = {
        "s": (Point(lon, 25), {"opening_hours": hours, "amenities": "toilet"}),
        "t": (Point(102.7, 25), {"opening_hours": "24/7"}),  # has no toilet
    }
    world = register(stations, {"parks": {"a": (park, {"workers": 100_000})}})
    spots = uncovered(coverage.truth(world, asked(Limit(limit))), Travel())
    every = samples_of(np.array([park], dtype=object))
    size = every.lon.size
    far = distance_m(np.full(size, lon), np.full(size, 25.0), every.lon, every.lat) > limit
    left = far if hours == "24/7" else np.ones(size, dtype=bool)
    assert spots.lon.tolist() == every.lon[left].tolist()
    assert spots.lat.tolist() == every.lat[left].tolist()
    day = Terms(hours=parse_hours("Mo-Fr 09:00-17:00"))
    spots = uncovered(coverage.truth(world, asked(Limit(limit)), day), Travel())
    assert spots.lon.tolist() == (every.lon if hours == "" else every.lon[far]).tolist()


LINES = (
    "编号,名称,共建单位,经度,纬度,营业时间",
    "1,甲,农行,102.7,25.0,9:00-17:00",
    "2,乙,,102.8,25.1,",
)


def test_a_planners_own_places(tmp_path: Path) -> None:
    path = tmp_path / "候选.csv"
    path.write_text("\n".join(LINES), "utf-8")
    frame = candidates.read(path).frame
    assert frame.index.tolist() == ["1", "2"]
    assert frame["host"].tolist() == ["农行", ""]
    assert frame["opening_hours"].tolist() == ["9:00-17:00", ""]
    assert frame["source"].tolist() == ["file:候选.csv"] * 2
    assert frame["area_code"].tolist() == ["530112", "530103"]
    shifted = candidates.read(path, datum="gcj02").frame
    assert 200 < away(shifted, 102.7, 25.0)[0] < 600
    assert "wgs84 (assumed" in candidates.read(path).notes[0].en
    assert "gcj02 (as you say)" in candidates.read(path, datum="gcj02").notes[0].en
    for suffix in (".gpkg", ".xlsx", ".geojson", ".parquet"):
        other = tmp_path / f"candidates{suffix}"
        files.write(frame.drop(columns="restricted"), other)
        again = candidates.read(other).frame
        assert again.index.tolist() == ["1", "2"]
        assert again.geometry.geom_equals_exact(frame.geometry, 1e-9).all()
        assert again["host"].tolist() == ["农行", ""]
    path.write_text("名称,经度,纬度\n甲,102.7,25.0\n", "utf-8")
    assert len(candidates.read(path).frame.index[0]) == 12


def test_a_mark_of_a_restricted_place_survives_being_edited(tmp_path: Path) -> None:
    path = tmp_path / "候选.csv"
    path.write_text("\n".join(LINES), "utf-8")
    frame = candidates.read(path).frame
    assert not frame["restricted"].any()
    frame["restricted"] = [True, False]
    for suffix in (".csv", ".gpkg", ".xlsx", ".geojson", ".parquet"):
        other = tmp_path / f"again{suffix}"
        files.write(frame, other)
        assert candidates.read(other).frame["restricted"].tolist() == [True, False]


def test_what_is_wrong_with_a_file_is_said_by_row(tmp_path: Path) -> None:
    path = tmp_path / "c.csv"
    path.write_text("编号,名称,经度,纬度\n1,甲,102.7,95\n1,,102.7,25\n", "utf-8")
    with pytest.raises(FaultyDataError, match=r"c.csv: 3 faults; the first: row 2") as caught:
        candidates.read(path)
    assert {fault.row for fault in caught.value.faults} == {2, 3}
    files.write(gpd.GeoDataFrame({"name": ["x"]}, geometry=[box(102, 25, 9)], crs=4326),
                tmp_path / "areas.gpkg")  # fmt: skip
    with pytest.raises(FaultyDataError, match="a point"):
        candidates.read(tmp_path / "areas.gpkg")
    with pytest.raises(FileFormatError):
        candidates.read(tmp_path / "absent.csv")


@pytest.mark.parametrize("records", [[{"id": "a"}], [{"id": "a", "lon": "x", "lat": 1}], [3]])
def test_damaged_records_are_no_candidates(records: Sequence[Any]) -> None:
    with pytest.raises(UsageError, match="no candidates"):
        candidates.from_records(records)


@pytest.mark.shared_data
def test_on_a_real_road_or_not_at_all(liechtenstein_roads: RoadNetwork) -> None:
    sites: dict[str, Any] = {
        "mountain": (Point(9.585, 47.105), {"workers": 5}),
        "town": (Point(9.5215, 47.1411), {"workers": 5}),
    }
    world = register({}, {"parks": sites})
    travel = Travel(liechtenstein_roads)
    need = Need("parks", parse_within("10min", "walk"))
    found = candidates.generate(world, need, travel=travel, grid_m=150)
    frame = found.frame
    assert len(frame) > 10
    snapped = liechtenstein_roads.snap(frame.geometry.x, frame.geometry.y, "walk")
    assert snapped.metres.max() < 0.5
    moved, left_out = map(int, re.findall(r"[0-9]+(?= moved| with no)", found.notes[1].en))
    assert moved > len(frame) / 2
    assert left_out > 10  # the mountain has few roads
    free = candidates.generate(world, need, grid_m=150).frame
    snapped = liechtenstein_roads.snap(free.geometry.x, free.geometry.y, "walk")
    assert not (snapped.metres < 1).all()
