"""Nearest stations: ours beside ``geopandas.sjoin_nearest`` on UTM-projected frames.

The peer's frames are projected and its spatial index is built before the clock starts; ours takes
longitudes and latitudes.
"""

from __future__ import annotations

import geopandas
import numpy as np

from geodata.geodesy import FloatArray, LonLat, PointIndex
from tests.benchmarks._common import Line, cloud, peak_mb, seconds, show

POINTS, QUERIES, MANY = 200_000, 100_000, 1_000_000
ONES = 500


def main() -> None:
    """Print the table."""
    lon, lat = cloud(POINTS, 1)
    east, north = cloud(MANY, 2)
    build_s, index = seconds(lambda: PointIndex(lon, lat), 1)
    many_s, hit = seconds(lambda: index.any_within(east, north, 1000.0))
    many_1_s, nearest = seconds(lambda: index.nearest(east, north, 1))
    print(
        f"index of {POINTS:,}: {build_s * 1e3:.0f} ms; {MANY:,} queries: any within 1 km"
        f" {many_s:.2f} s, nearest-1 {many_1_s:.2f} s; peak memory so far {peak_mb():.0f} MB"
    )
    assert (hit == (nearest.metres[:, 0] <= 1000)).all()
    _single(index, east, north)
    _batches(index, east[:QUERIES], north[:QUERIES])


def _single(index: PointIndex, east: FloatArray, north: FloatArray) -> None:
    draw = np.random.default_rng(3)
    origins = [LonLat(*pair) for pair in zip(east[:ONES], north[:ONES], strict=True)]
    for share in (None, 0.5, 0.1, 0.01, 0.0001):
        where = None if share is None else draw.random(POINTS) < share
        spent, _ = seconds(lambda w=where: [index.nearest_to(o, 5, where=w) for o in origins])  # type: ignore[misc]
        name = "no mask" if share is None else f"{share:.2%} of the rows allowed"
        print(f"nearest_to, 5 rows, {name}: {spent / ONES * 1e6:.0f} µs")


def _batches(index: PointIndex, east: FloatArray, north: FloatArray) -> None:
    stations = geopandas.GeoSeries.from_xy(index.lon, index.lat, crs=4326)
    utm = stations.estimate_utm_crs()
    right = geopandas.GeoDataFrame(geometry=stations.to_crs(utm))
    left = geopandas.GeoDataFrame(
        geometry=geopandas.GeoSeries.from_xy(east, north, crs=4326).to_crs(utm)
    )
    assert right.sindex.size == len(index)
    peer_s, joined = seconds(lambda: geopandas.sjoin_nearest(left, right, distance_col="metres"))
    one_s, one = seconds(lambda: index.nearest(east, north, 1), 5)
    five_s, _ = seconds(lambda: index.nearest(east, north, 5), 5)
    show(
        f"{QUERIES:,} queries, {POINTS:,} points",
        [
            Line("nearest-1", one_s, peer_s, 5),
            Line("nearest-5 (peer: nearest-1)", five_s, peer_s, 4),
        ],
        "sjoin_nearest",
    )
    joined = joined[~joined.index.duplicated()].sort_index()
    wrong = joined["index_right"].to_numpy() != one.rows[:, 0]
    off = np.abs(joined["metres"].to_numpy() - one.metres[:, 0])
    print(
        f"the peer names another station for {wrong.sum():,} of {QUERIES:,} queries;"
        f" its metres are off by up to {off.max():.1f} m ({_most(off, one.metres[:, 0]):.2%})"
    )


def _most(off: FloatArray, metres: FloatArray) -> float:
    return float((off[metres > 1] / metres[metres > 1]).max())


if __name__ == "__main__":
    main()
