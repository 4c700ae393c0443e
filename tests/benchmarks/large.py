"""Ten million points as GeoParquet: ours in this process and on a cluster, beside their peers.

``scripts/bench large``: 200,000 stations, 1 km, by county. In this process beside GeoPandas'
``sjoin_nearest`` of the same files (of the first ``--sample`` points where those are fewer, scaled
up); then on a Dask cluster of two worker processes beside the ``sjoin_nearest`` of Dask-GeoPandas
on the same cluster, where that is installed; with ``--cube`` the week of eight amenities, too.
``--points`` and ``--stations`` change the sizes.
"""

from __future__ import annotations

import argparse
import tempfile
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np

from geodata import boundaries
from geodata.geodesy import PointIndex
from stations import large
from stations.reach import Limit
from tests.benchmarks._common import Line, cloud, peak_mb, seconds, show
from tests.benchmarks.coverage import UTM
from tests.benchmarks.cube import planes, registry

WITHIN_M = 1_000.0
PART = 1_000_000
REACH = large.Reach.of(Limit(WITHIN_M))


def written(folder: Path, points: int) -> Path:
    """Write points as GeoParquet, a million a part."""
    for number, start in enumerate(range(0, points, PART)):
        lon, lat = cloud(min(PART, points - start), 100 + number)
        workers = np.random.default_rng(number).integers(0, 20, lon.size)
        shapes = gpd.points_from_xy(lon, lat, crs=4326)
        frame = gpd.GeoDataFrame({"workers": workers}, geometry=shapes)
        frame.to_parquet(folder / f"{number:04}.parquet", row_group_size=250_000)
    return folder


def on_paper(stations: int) -> large.OnPaper:
    """Ask about the stations of the benchmark."""
    return large.OnPaper(PointIndex(*cloud(stations, 2)), REACH)


def nearest(points: gpd.GeoDataFrame, stations: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Tell for points on a plane, as GeoPandas does, how far the nearest station is."""
    found = gpd.sjoin_nearest(points, stations, distance_col="metres")
    return found[~found.index.duplicated()]


def geopandas_way(files: list[Path], stations: int) -> tuple[int, int]:
    """Read, put on one UTM plane, join the nearest and the county, and sum up."""
    supply = _supply(stations)
    counties = boundaries.areas("county")[["geometry"]].rename_axis("county").reset_index()
    demand = import_module("pandas").concat([gpd.read_parquet(file) for file in files])
    demand = demand.reset_index(drop=True)
    demand["covered"] = nearest(demand.to_crs(UTM), supply)["metres"] <= WITHIN_M
    placed = gpd.sjoin(demand, counties, predicate="within", how="left")
    table = placed.groupby(placed["county"].fillna("0"))["covered"].agg(["size", "sum"])
    return int(table["size"].sum()), int(table["sum"].sum())


def dask_way(folder: Path, stations: int) -> int:
    """Let Dask-GeoPandas join the nearest, and count those within reach.

    Version 0.5 has no ``sjoin_nearest`` of its own on today's Dask: GeoPandas' own is mapped over
    its partitions, the stations sent once.
    """
    dask_geopandas: Any = import_module("dask_geopandas")
    supply = import_module("dask").delayed(_supply(stations))
    demand = dask_geopandas.read_parquet(str(folder), columns=["geometry"], split_row_groups=True)
    return int(demand.map_partitions(near_count, supply, meta=("near", "i8")).sum().compute())


def near_count(points: gpd.GeoDataFrame, stations: gpd.GeoDataFrame) -> Any:
    """Count the points of a partition with a station within reach on one UTM plane."""
    found = nearest(points.reset_index(drop=True).to_crs(UTM), stations)
    return import_module("pandas").Series([(found["metres"] <= WITHIN_M).sum()])


def _supply(stations: int) -> gpd.GeoDataFrame:
    shapes = gpd.points_from_xy(*cloud(stations, 2), crs=4326)
    return gpd.GeoDataFrame(geometry=shapes).to_crs(UTM)


def in_process(folder: Path, sizes: argparse.Namespace) -> large.Sums:
    """Print ours, then GeoPandas, each with the most memory this process had held until then."""
    took, sums = seconds(lambda: _counted(folder, sizes.stations), 2)
    print(f"peak memory of ours, the libraries and polygons included: {peak_mb():,.0f} MB")
    sample = min(sizes.sample, sizes.points)
    files = sorted(folder.iterdir())[: -(-sample // PART)]
    print(f"GeoPandas, {sample:,} points: ", end="", flush=True)
    peer, _ = seconds(lambda: geopandas_way(files, sizes.stations), 1)
    scale = sizes.points / sample
    print(f"{peer:.1f} s, peak {peak_mb():,.0f} MB" + (f"; × {scale:g}" if scale > 1 else ""))
    what = f"{sizes.points:,} points by county"
    show(f"{sizes.stations:,} stations", [Line(what, took, peer * scale, 10)], "geopandas")
    return sums


def _counted(folder: Path, stations: int) -> large.Sums:
    return large.count(large.LargeLayer.open(folder), on_paper(stations))


def clustered(folder: Path, sizes: argparse.Namespace, here: large.Sums) -> None:
    """Print ours on two worker processes beside Dask-GeoPandas on the same."""
    distributed: Any = import_module("distributed")
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address="127.0.0.1:0", host="127.0.0.1"
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        layer, asked = large.LargeLayer.open(folder), on_paper(sizes.stations)
        took, sums = seconds(lambda: large.count_on(client, layer, asked), 2)
        same = all(np.array_equal(a, b) for a, b in zip(sums.points, here.points, strict=True))
        print(f"on two workers {took:.1f} s; the figures are {'' if same else 'NOT '}the same")
        if find_spec("dask_geopandas") is None:
            print("Dask-GeoPandas is not installed: pip install dask-geopandas")
            return
        peer, covered = seconds(lambda: dask_way(folder, sizes.stations), 1)
        what = f"{sizes.points:,} points"
        show("two workers", [Line(what, took, peer, 5)], "dask-geopandas")
        print(f"covered: {here.points.covered.sum():,}, the peer's plane {covered:,}")


def week(folder: Path, sizes: argparse.Namespace) -> None:
    """Print the cube of the week: eight amenities, 168 hours."""
    supply = planes(registry(sizes.stations))
    asked = large.ByHour(supply, REACH, ())
    took, _ = seconds(lambda: large.count(large.LargeLayer.open(folder), asked), 1)
    hours = f"{supply.planes} × {supply.hours} hours"
    print(f"{sizes.points:,} points × {hours}: {took:.1f} s, peak {peak_mb():,.0f} MB")


def main() -> None:
    """Print the comparisons."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, default=10_000_000)
    parser.add_argument("--stations", type=int, default=200_000)
    parser.add_argument("--sample", type=int, default=10_000_000)
    parser.add_argument("--cube", action="store_true")
    sizes = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = written(Path(place), sizes.points)
        if sizes.cube:
            week(folder, sizes)
        here = in_process(folder, sizes)
        clustered(folder, sizes, here)


if __name__ == "__main__":
    main()
