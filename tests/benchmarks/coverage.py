"""Points and parks against 200,000 stations, ours beside GeoPandas in the same run.

``scripts/bench coverage``: 1,000,000 points, share within 1 km by county; 10,000,000 points in
chunks (ours alone); 5,000 parks. ``--points N`` and ``--stations N`` change the sizes.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

import geopandas as gpd

from geodata import boundaries
from geodata.geodesy import PointIndex
from stations import coverage
from tests.benchmarks import areas
from tests.benchmarks._common import Line, cloud, peak_mb, seconds, show

if TYPE_CHECKING:
    import pandas as pd

    from geodata.geodesy import FloatArray

    type Points = tuple[FloatArray, FloatArray]

WITHIN_M = 1_000.0
CHUNK = 1_000_000
UTM = "EPSG:32648"
"""One plane for the province, as an analyst would take it; its metres are off by up to 0.6 %."""


def ours(points: Points, stations: Points) -> pd.DataFrame:
    """Index the stations, then count the points by county, in chunks."""
    index = PointIndex(*stations)
    lon, lat = points
    chunks = (
        (lon[start : start + CHUNK], lat[start : start + CHUNK], None)
        for start in range(0, len(lon), CHUNK)
    )
    return coverage.points_by_county(chunks, index, WITHIN_M)


def geopandas_way(points: Points, stations: Points, counties: gpd.GeoDataFrame) -> pd.DataFrame:
    """Do the same with sjoin_nearest on one UTM plane and sjoin with the counties."""
    demand = gpd.GeoDataFrame(geometry=gpd.points_from_xy(*points), crs=4326)
    supply = gpd.GeoDataFrame(geometry=gpd.points_from_xy(*stations), crs=4326)
    near = gpd.sjoin_nearest(demand.to_crs(UTM), supply.to_crs(UTM), distance_col="metres")
    demand["covered"] = near["metres"][~near.index.duplicated()] <= WITHIN_M
    placed = gpd.sjoin(demand, counties, predicate="within", how="left")
    placed = placed[~placed.index.duplicated()]
    codes = placed["county"].fillna("0").astype(int)
    table: pd.DataFrame = placed.groupby(codes)["covered"].agg(sites="size", covered="sum")
    return table


def main() -> None:
    """Print the three comparisons."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, default=1_000_000)
    parser.add_argument("--stations", type=int, default=200_000)
    parser.add_argument("--large", type=int, default=10_000_000)
    sizes, _ = parser.parse_known_args()
    counties = boundaries.areas("county")[["geometry"]].rename_axis("county").reset_index()
    points, stations = cloud(sizes.points, 1), cloud(sizes.stations, 2)
    mine, table = seconds(lambda: ours(points, stations))
    print(f"peak memory of ours, the libraries and polygons included: {peak_mb():,.0f} MB")
    huge, _ = seconds(lambda: ours(cloud(sizes.large, 3), stations), repeat=1)
    what = f"{sizes.large:,} points in chunks of {CHUNK:,}, made and counted"
    print(f"{what}: {huge:.1f} s, peak {peak_mb():,.0f} MB")
    peer, peer_table = seconds(lambda: geopandas_way(points, stations, counties), repeat=1)
    what = f"{sizes.points:,} points, by county"
    show(f"{sizes.stations:,} stations, 1 km", [Line(what, mine, peer, 9)], "geopandas")
    both = table.join(peer_table.add_suffix("_peer"), how="outer").fillna(0)
    aside = (both["sites"] - both["sites_peer"]).abs().sum() / 2
    wrong = (both["covered"] - both["covered_peer"]).abs().sum()
    print(f"the peer: at least {aside:,.0f} points in another county, {wrong:,.0f} within or not")
    areas.main()


if __name__ == "__main__":
    main()
