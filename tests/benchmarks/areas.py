"""Parks: distance to the nearest station and share in reach, ours beside geopandas.

The peer does what a careful analyst would: every park in its own UTM zone with the stations near
that zone, ``sjoin_nearest`` for the distance, and for the share the stations within reach (found
by the spatial index) drawn as one buffer per park and cut with it. Both start from longitudes and
latitudes and build their own index.
"""

from __future__ import annotations

import geopandas
import numpy as np
import numpy.typing as npt
import shapely

from geodata.geodesy import FloatArray, PointIndex, area_m2, nearest_to_areas, share_within
from tests.benchmarks._common import Line, cloud, parks, peak_mb, seconds, show

PARKS, POINTS, RADIUS_M = 5_000, 200_000, 1_000.0
MARGIN_DEGREES = 1.0
ROUGH, FINE = 16, 64
"""Corners in a quarter of the peer's circles: what geopandas takes unasked, and four times that."""


def main() -> None:
    """Print the table."""
    lon, lat = cloud(POINTS, 1)
    areas = parks(PARKS, 3)
    frame = geopandas.GeoDataFrame(geometry=areas, crs=4326)
    stations = geopandas.GeoSeries.from_xy(lon, lat, crs=4326)
    ours_s, (metres, share) = seconds(lambda: _ours(lon, lat, areas))
    peer_s, (peer_metres, peer_share) = seconds(lambda: _peers(frame, stations, ROUGH), 3)
    fine_s, (_, fine_share) = seconds(lambda: _peers(frame, stations, FINE), 1)
    index = PointIndex(lon, lat)
    near_s, _ = seconds(lambda: nearest_to_areas(index, areas))
    share_s, _ = seconds(lambda: share_within(index, areas, RADIUS_M))
    area_s, _ = seconds(lambda: area_m2(areas))
    show(
        f"{PARKS:,} parks, {POINTS:,} stations, {RADIUS_M:.0f} m",
        [
            Line("distance, share, index", ours_s, peer_s, 3),
            Line("the same, peer's circles 4 times finer", ours_s, fine_s, 3),
        ],
        "geopandas, UTM",
    )
    print(
        f"alone: distance {near_s * 1e3:.0f} ms, share {share_s * 1e3:.0f} ms,"
        f" area {area_s * 1e3:.0f} ms; peak memory {peak_mb():.0f} MB"
    )
    off, apart = np.abs(peer_metres - metres), np.abs(peer_share - share)
    print(
        f"the peer's metres differ by more than 0.1 m for {(off > 0.1).sum():,} parks (up to"
        f" {off.max():.1f} m), its share by more than 0.0001 for {(apart > 1e-4).sum():,}"
        f" (up to {apart.max():.4f}, with finer circles {np.abs(fine_share - share).max():.4f})"
    )


def _ours(
    lon: FloatArray, lat: FloatArray, areas: npt.NDArray[np.object_]
) -> tuple[FloatArray, FloatArray]:
    index = PointIndex(lon, lat)
    return nearest_to_areas(index, areas)[1], share_within(index, areas, RADIUS_M)


def _peers(
    frame: geopandas.GeoDataFrame, stations: geopandas.GeoSeries, quarter: int
) -> tuple[FloatArray, FloatArray]:
    metres, share = np.full(len(frame), np.inf), np.zeros(len(frame))
    zones = ((frame.geometry.bounds.minx + 180) // 6).astype(int)
    for zone in np.unique(zones):
        members = np.flatnonzero(zones == zone)
        local = frame.iloc[members].to_crs(32601 + zone)
        west, south, east, north = frame.iloc[members].total_bounds
        near = (stations.x > west - MARGIN_DEGREES) & (stations.x < east + MARGIN_DEGREES)
        near &= (stations.y > south - MARGIN_DEGREES) & (stations.y < north + MARGIN_DEGREES)
        points = geopandas.GeoDataFrame(geometry=stations[near].to_crs(32601 + zone))
        joined = geopandas.sjoin_nearest(local, points, distance_col="metres")
        metres[members] = joined[~joined.index.duplicated()]["metres"].sort_index()
        share[members] = _peer_share(local, points, quarter)
    return metres, share


def _peer_share(
    local: geopandas.GeoDataFrame, points: geopandas.GeoDataFrame, quarter: int
) -> FloatArray:
    park, station = points.sindex.query(local.geometry, predicate="dwithin", distance=RADIUS_M)
    order = np.argsort(park, kind="stable")
    reached, group = np.unique(park[order], return_inverse=True)
    shapes = shapely.multipoints(points.geometry.to_numpy()[station[order]], indices=group)
    polygons = local.geometry.to_numpy()
    cut = shapely.intersection(
        polygons[reached], shapely.buffer(shapes, RADIUS_M, quad_segs=quarter)
    )
    share = np.zeros(len(local))
    share[reached] = shapely.area(cut) / shapely.area(polygons[reached])
    return share


if __name__ == "__main__":
    main()
