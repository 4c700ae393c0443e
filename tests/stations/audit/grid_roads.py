"""A road network one can compute by hand: lines every 0.004° of longitude and of latitude."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from geodata.roads import Snapped
from stations.demo.places import Points
from stations.schema import WGS84

if TYPE_CHECKING:
    import geopandas as gpd

    from geodata.geodesy import FloatArray

STEP = 0.004
"""About 400 m: a slip of 360 m lands anywhere between two roads."""


class GridRoads:
    """Stands where a `geodata.roads.RoadNetwork` does, for snapping only."""

    def __init__(self) -> None:
        self.info = SimpleNamespace(area=shapely.box(97, 21, 107, 30))
        self.calibrations: dict[str, Any] = {}

    def snap(self, lon: FloatArray, lat: FloatArray, mode: str) -> Snapped:  # noqa: ARG002
        near_lon, near_lat = np.round(lon / STEP) * STEP, np.round(lat / STEP) * STEP
        east = np.abs(near_lon - lon) * 111_320 * np.cos(np.radians(lat))
        north = np.abs(near_lat - lat) * 110_800
        nearer = east < north
        inside = np.ones(len(lon), dtype=np.bool_)
        metres = np.where(nearer, east, north)
        return Snapped(
            np.where(nearer, near_lon, lon), np.where(nearer, lat, near_lat), metres, inside
        )


def beside_roads(frame: gpd.GeoDataFrame, roads: GridRoads) -> gpd.GeoDataFrame:
    """Move stations to within some tens of metres of a road; entrances are left behind."""
    rng = np.random.default_rng(4)
    lon, lat = frame.geometry.x.to_numpy(), frame.geometry.y.to_numpy()
    snapped = roads.snap(lon, lat, "walk")
    off = rng.exponential(25, (2, len(lon))) * rng.choice([-1, 1], (2, len(lon))) / 111_320
    there = Points((snapped.lon + off[0]).round(6), (snapped.lat + off[1]).round(6))
    moved = frame.copy()
    moved.geometry = shapely.points(there.lon, there.lat)
    moved["position_in"] = [f"{x:.6f},{y:.6f}" for x, y in zip(there.lon, there.lat, strict=True)]
    return moved.set_crs(WGS84, allow_override=True).astype({"position_in": "str"})
