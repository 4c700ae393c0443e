"""A road network one can compute by hand, for tests: straight roads, a wall, and a trackless spot.

Minutes are the straight metres at 5 km/h times a factor that depends on the two ends alone, so the
nearest by road is often not the nearest in a straight line.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from geodata.geodesy import distance_m
from geodata.roads import Snapped, Ways, costing_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from geodata.geodesy import FloatArray, IntArray
    from geodata.roads import Costing

AREA = shapely.box(102.0, 25.0, 103.0, 26.0)
TRACKLESS = shapely.box(102.4, 25.4, 102.5, 25.5)
WALL_LAT = 25.8
"""No way leads across it."""
M_PER_MIN = 5000 / 60


def factor(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Between 1 and 3, the same for the same two places in that order."""
    mixed = math.sin(a[0] * 9973 + a[1] * 7919 + b[0] * 104_729 + b[1] * 1_299_709)
    return 2 + mixed


def road_minutes(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Minutes from one place to another inside `AREA`, infinite where no way is."""
    lost = any(TRACKLESS.intersects(shapely.Point(place)) for place in (a, b))
    if lost or (a[1] > WALL_LAT) != (b[1] > WALL_LAT):
        return math.inf
    metres = float(distance_m([a[0]], [a[1]], [b[0]], [b[1]])[0])
    return metres / M_PER_MIN * factor(a, b)


@dataclass
class SmallRoads:
    """Stands where a `geodata.roads.RoadNetwork` does, and counts what it is asked."""

    id: str = "small"

    def __post_init__(self) -> None:
        self.info = SimpleNamespace(
            id=self.id,
            engine="hand",
            area=AREA,
            source="small.osm.pbf",
            title="small.osm.pbf",
            built_at=None,
            osm_at=None,
        )
        self.calibrations: dict[str, Any] = {}
        self.asked: list[tuple[float, float, float, float]] = []
        self.snapped = 0

    def costing(self, mode: str) -> Costing:
        return costing_of(mode)

    def snap(self, lon: FloatArray, lat: FloatArray, mode: str) -> Snapped:  # noqa: ARG002
        self.snapped += len(lon)
        inside = shapely.intersects_xy(AREA, lon, lat)
        found = inside & ~shapely.intersects_xy(TRACKLESS, lon, lat)
        lost = np.where(found, 0.0, np.nan)
        return Snapped(lon + lost, lat + lost, lost, inside)

    def pairs(
        self,
        origins: Snapped,
        targets: Snapped,
        origin: IntArray,
        target: IntArray,
        mode: str,  # noqa: ARG002
        *,
        progress: Callable[[int, int], None] | None = None,
    ) -> Ways:
        assert (np.diff(origin) >= 0).all()
        ends = [
            (each.lon[rows], each.lat[rows])
            for each, rows in ((origins, origin), (targets, target))
        ]
        rows = list(zip(*(column.tolist() for end in ends for column in end), strict=True))
        assert np.isfinite(np.array(rows)).all()
        self.asked += rows
        minutes = np.array([road_minutes(row[:2], row[2:]) for row in rows])
        if progress:
            progress(len(rows), len(rows))
        return Ways(minutes, minutes * M_PER_MIN)


def travel(roads: Any) -> Any:
    """Return a `Travel` over it."""
    from stations.travel import Travel  # noqa: PLC0415 - after the module above is made

    return Travel(roads)
