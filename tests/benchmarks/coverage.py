"""Points and parks against 200,000 stations, ours beside GeoPandas in the same run.

``scripts/bench coverage``: 1,000,000 points, share within 1 km by county; 10,000,000 points in
chunks (ours alone); 5,000 parks. ``--points N`` and ``--stations N`` change the sizes.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np

from geodata import boundaries
from geodata.geodesy import PointIndex
from stations import coverage
from tests.benchmarks import areas
from tests.benchmarks._common import compare, measured

if TYPE_CHECKING:
    import pandas as pd

    from geodata.geodesy import FloatArray

WITHIN_M = 1_000.0
CHUNK = 1_000_000
YUNNAN = (97.6, 21.2, 106.2, 29.2)
UTM = "EPSG:32648"
"""One plane for the province, as an analyst would take it; its metres are off by up to 0.6 %."""


def cloud(seed: int, size: int) -> tuple[FloatArray, FloatArray]:
    """Make points over Yunnan: half of them spread out, half around 2,000 towns."""
    rng = np.random.default_rng(seed)
    west, south, east, north = YUNNAN
    towns = np.random.default_rng(7).uniform((west, south), (east, north), (2_000, 2))
    near = towns[rng.integers(0, len(towns), size // 2)] + rng.normal(0, 0.03, (size // 2, 2))
    spread = rng.uniform((west, south), (east, north), (size - size // 2, 2))
    lon, lat = np.vstack([near, spread]).T
    return np.ascontiguousarray(lon), np.ascontiguousarray(lat)


def ours(
    points: tuple[FloatArray, FloatArray], stations: tuple[FloatArray, FloatArray]
) -> pd.DataFrame:
    """Index the stations, then count the points by county, in chunks."""
    index = PointIndex(*stations)
    lon, lat = points
    chunks = (
        (lon[start : start + CHUNK], lat[start : start + CHUNK], None)
        for start in range(0, len(lon), CHUNK)
    )
    return coverage.points_by_county(chunks, index, WITHIN_M)


def geopandas_way(
    points: tuple[FloatArray, FloatArray], stations: tuple[FloatArray, FloatArray]
) -> pd.DataFrame:
    """Do the same with sjoin_nearest on one UTM plane and sjoin with the counties."""
    demand = gpd.GeoDataFrame(geometry=gpd.points_from_xy(*points), crs=4326)
    supply = gpd.GeoDataFrame(geometry=gpd.points_from_xy(*stations), crs=4326)
    counties = boundaries.areas("county")[["geometry"]].rename_axis("county").reset_index()
    near = gpd.sjoin_nearest(demand.to_crs(UTM), supply.to_crs(UTM), distance_col="metres")
    demand["covered"] = near["metres"][~near.index.duplicated()] <= WITHIN_M
    placed = gpd.sjoin(demand, counties, predicate="within", how="left")
    placed = placed[~placed.index.duplicated()]
    codes = placed["county"].fillna("0").astype(int)
    return placed.groupby(codes)["covered"].agg(sites="size", covered="sum")


def main() -> None:
    """Print the three comparisons."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, default=1_000_000)
    parser.add_argument("--stations", type=int, default=200_000)
    parser.add_argument("--large", type=int, default=10_000_000)
    sizes = parser.parse_args()
    points, stations = cloud(1, sizes.points), cloud(2, sizes.stations)
    boundaries.county_of(points[0][:1000], points[1][:1000])  # the polygons are read once, before
    table, mine = measured(lambda: ours(points, stations))
    peer_table, peer = measured(lambda: geopandas_way(points, stations))
    compare(
        f"{sizes.points:,} points x {sizes.stations:,} stations within 1 km by county",
        mine,
        peer,
        "geopandas sjoin_nearest + sjoin",
    )
    both = table.join(peer_table, rsuffix="_peer", how="outer").fillna(0)
    wrong = int((both["sites"] - both["sites_peer"]).abs().sum() // 2)
    aside = int((both["covered"] - both["covered_peer"]).abs().sum())
    print(f"  the peer's counts: {wrong:,} points in another county, {aside:,} covered or not")
    large = cloud(3, sizes.large)
    _, huge = measured(lambda: ours(large, stations))
    print(f"{sizes.large:,} points in chunks of {CHUNK:,}: {huge}")
    areas.main()


if __name__ == "__main__":
    main()
