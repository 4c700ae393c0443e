"""Large layers, here: any parts, any chunks, the same figures."""

from __future__ import annotations

import pickle
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyproj
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from geodata import boundaries
from geodata.errors import UsageError
from geodata.geodesy import PointIndex
from stations import large
from stations.large import reading, shapes
from stations.reach import Limit
from tests.stations.large_samples import (
    KINDS,
    by_hour,
    on_paper,
    points,
    same,
    table,
    write,
)

if TYPE_CHECKING:
    from collections.abc import Callable

GEOD = Geod(ellps="WGS84")
CGCS_3_DEGREE_102 = "EPSG:4543"


def counted(path: Path, asked: large.Asked) -> large.Sums:
    return large.count(large.LargeLayer.open(path), asked)


@settings(max_examples=12)
@given(
    st.integers(0, 60),
    st.lists(st.tuples(st.integers(0, 60), st.sampled_from(KINDS), st.integers(1, 9)), max_size=4),
    st.tuples(st.integers(3, 20), st.integers(1, 20)),
    st.sampled_from([on_paper, by_hour]),
)
def test_parts_and_chunks_of_any_kind_give_the_same(
    size: int,
    cuts: list[tuple[int, str, int]],
    rows: tuple[int, int],
    ask: Callable[[], large.Asked],
) -> None:
    lon, lat, workers = points(size)
    asked = ask()
    with tempfile.TemporaryDirectory() as place, pytest.MonkeyPatch.context() as patch:
        folder = Path(place)
        whole = counted(write(folder / "whole.parquet", table("wkb", lon, lat, workers)), asked)
        patch.setattr(reading.points_of, "__defaults__", rows[:1])
        patch.setattr(large.LargeLayer.blocks, "__defaults__", rows[1:])
        ends = [*sorted(min(cut, size) for cut, _, _ in cuts), size]
        kinds = [*((kind, group) for _, kind, group in cuts), ("wkb", 5)]
        begin = 0
        for number, (end, (kind, group)) in enumerate(zip(ends, kinds, strict=True)):
            part = table(kind, lon[begin:end], lat[begin:end], workers[begin:end])
            write(folder / "parts" / f"{number % 2}" / f"{number}.parquet", part, group)
            begin = end
        assert same(counted(folder / "parts", asked), whole)


@settings(max_examples=20)
@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=1, max_size=12),
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=6),
    st.sampled_from([0.0, 900.0, 5_000.0]),
)
def test_figures_are_those_of_plain_loops(
    sites: list[tuple[int, int]], stations: list[tuple[int, int]], within_m: float
) -> None:
    grid = [np.array(cells).reshape(-1, 2) / 200 + (102.6, 24.9) for cells in (sites, stations)]
    (lon, lat), workers = grid[0].T, [None if i % 3 == 2 else i for i in range(len(sites))]
    asked = large.OnPaper(PointIndex(*grid[1].T), large.Reach.of(Limit(within_m)))
    with tempfile.TemporaryDirectory() as place:
        path = write(Path(place) / "a.parquet", table("wkb", lon, lat, workers))
        sums = counted(path, asked)
    near = [any(GEOD.inv(*s, *t)[2] <= within_m for t in grid[1]) for s in grid[0]]
    frame = pd.DataFrame({"code": boundaries.county_of(lon, lat), "near": near})
    frame["workers"] = [count or 0 for count in workers]
    frame["served"] = frame["workers"] * frame["near"]
    wanted = frame.groupby("code").agg(
        sites=("near", "size"), near=("near", "sum"), all=("workers", "sum"), had=("served", "sum")
    )
    found = sums.points
    assert found.codes.tolist() == wanted.index.tolist()
    assert found.sites.tolist() == wanted["sites"].tolist()
    assert found.covered[:, 0, 0].tolist() == wanted["near"].tolist()
    assert found.workers.tolist() == wanted["all"].tolist()
    assert found.workers_covered[:, 0, 0].tolist() == wanted["had"].tolist()
    assert sums.unknown == workers.count(None)


def test_a_file_geopandas_wrote_agrees_with_geopandas(tmp_path: Path) -> None:
    lon, lat, workers = points(4_000)
    frame = gpd.GeoDataFrame({"workers": workers}, geometry=gpd.points_from_xy(lon, lat, crs=4326))
    frame.to_crs(CGCS_3_DEGREE_102).to_parquet(tmp_path / "plane.parquet")
    frame.to_parquet(tmp_path / "native.parquet", geometry_encoding="geoarrow")
    frame.to_crs(4490).to_parquet(tmp_path / "cgcs.parquet")
    asked = on_paper()
    stations = gpd.GeoDataFrame(
        geometry=gpd.points_from_xy(asked.index.lon, asked.index.lat, crs=4326)
    ).to_crs(CGCS_3_DEGREE_102)
    near = gpd.sjoin_nearest(frame.to_crs(CGCS_3_DEGREE_102), stations, distance_col="metres")
    metres = near["metres"][~near.index.duplicated()].to_numpy()
    clear = np.abs(metres - 3_000) > 3  # the plane is off by up to 1 in 1,000 of that
    sums = counted(tmp_path, asked)
    assert sums.points.sites.sum() == 12_000
    assert abs(sums.points.covered.sum() - 3 * (metres <= 3_000).sum()) <= 3 * (~clear).sum()
    one = counted(tmp_path / "native.parquet", asked)
    assert same(one, counted(tmp_path / "cgcs.parquet", asked))
    assert one.points.workers.sum() == workers.sum()


def test_geoarrow_columns_without_geo_metadata_are_read(tmp_path: Path) -> None:
    lon, lat, _ = points(50)
    crs = pyproj.CRS(4326).to_json_dict()
    for kind, name in (("struct", "geoarrow.point"), ("wkb", "geoarrow.wkb")):
        part = table(kind, lon, lat).replace_schema_metadata(None)
        marks = {"ARROW:extension:name": name, "ARROW:extension:metadata": f'{{"crs": {crs!r}}}'}
        marks["ARROW:extension:metadata"] = marks["ARROW:extension:metadata"].replace("'", '"')
        field = part.schema.field("geometry").with_metadata(marks)
        write(tmp_path / f"{kind}.parquet", part.cast(pa.schema([field])))
    sums = [counted(path, on_paper()) for path in sorted(tmp_path.iterdir())]
    assert same(sums[0], sums[1])
    assert sums[0].points.sites.sum() == 50


def test_a_slice_of_a_column_is_read_as_any_other() -> None:
    lon, lat, _ = points(20)
    for kind in KINDS:
        part = table(kind, lon, lat)
        columns = [column.combine_chunks().slice(7, 5) for column in part.columns]
        x, y = shapes.coordinates(columns)
        assert (x.tolist(), y.tolist()) == (lon[7:12].tolist(), lat[7:12].tolist())


def test_a_question_travels_as_arrays_and_answers_alike() -> None:
    lon, lat, workers = points(300)
    for asked in (on_paper(4_000), by_hour(4_000)):
        packed = pickle.dumps(asked)
        assert len(packed) < 4_000 * 30 + 5_000
        there = pickle.loads(packed)  # noqa: S301 - packed above
        one, other = (each.partial(lon, lat, workers) for each in (asked, there))
        assert all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def test_no_point_is_no_share(tmp_path: Path) -> None:
    none = np.zeros(0)
    path = write(tmp_path / "empty.parquet", table("wkb", none, none))
    answer = large.Answer("empty", on_paper(), counted(path, on_paper()), 0, synthetic=False)
    assert answer.rows("county") == []
    assert answer.total()["share"] is None


@pytest.mark.parametrize("asked", [on_paper(), by_hour()], ids=["paper", "hours"])
def test_rows_add_up_and_unknown_workers_are_told(tmp_path: Path, asked: large.Asked) -> None:
    lon, lat, workers = points(2_000)
    lon[:5] = 0.0
    told = [None if n % 7 == 0 else int(n) for n in workers]
    path = write(tmp_path / "a.parquet", table("columns", lon, lat, told))
    answer = large.Answer("a", asked, counted(path, asked), 3, synthetic=False)
    total = answer.total()
    assert total["workers_unknown"] == told.count(None)
    for by in ("county", "prefecture", "province"):
        rows = answer.rows(by)
        assert (rows[0]["code"], rows[0]["sites"]) == ("", 5)
        exact = {"sites", "workers", "site_hours_covered", "worker_hours_covered"}
        for key in exact & total.keys():
            assert sum(row[key] for row in rows) == total[key]
    assert 0 < total["share"] < 1
    if asked.hours > 1:
        assert total["worker_hours_covered"] == sum(total["by_hour"]["workers_covered"])
    with pytest.raises(UsageError, match="county, prefecture, province"):
        answer.rows("site")


def test_shares_are_of_points_where_no_workers_are_known(tmp_path: Path) -> None:
    lon, lat, _ = points(500)
    path = write(tmp_path / "a.parquet", table("wkb", lon, lat))
    told = large.Answer("a", on_paper(), counted(path, on_paper()), 0, synthetic=False)
    document = told.as_dict("county")
    assert document["method"]["share_of"] == "sites"
    assert document["total"]["share"] == document["total"]["covered"] / 500


def test_progress_ends_at_the_last_point_and_may_stop_the_counting(tmp_path: Path) -> None:
    lon, lat, _ = points(5_000)
    for number in range(5):
        part = slice(number * 1_000, (number + 1) * 1_000)
        write(tmp_path / f"{number}.parquet", table("wkb", lon[part], lat[part]))
    layer, told = large.LargeLayer.open(tmp_path), []
    large.count(layer, on_paper(), progress=lambda done, total: told.append((done, total)))
    assert told == [(done, 5_000) for done in range(1_000, 5_001, 1_000)]

    def stop(done: int, _: int) -> None:
        told.append((done, -1))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        large.count(layer, on_paper(), progress=stop)
    assert len(told) < 5 + 4


def test_reach_in_minutes_is_the_estimates_metres() -> None:
    reach: Any = large.Reach.of(Limit(10, "min", "walk"))
    assert reach.described()["estimated"] == "all"
    assert 300 < reach.within_m < 1_000
